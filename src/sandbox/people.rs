//! Signing in, profiles, the directory.

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde::{Deserialize, Deserializer, Serialize};

use super::answer::{Answer, Blob, Source};
use super::call::{self, Asker, Call};
use super::content::check_text;
use super::files::digest;
use super::refusal::{Cause, Refusal};
use super::shapes;
use super::state::State;

const DIRECTORY_PAGE_MAX: usize = 100;

pub(super) struct PersonRecord {
    /// `picture` stays empty here: it follows from `PersonRecord::picture`.
    pub(super) profile: shapes::Person,
    pub(super) password: String,
    pub(super) picture: Option<Picture>,
}

pub(super) struct Picture {
    pub(super) media_type: String,
    pub(super) bytes: Bytes,
}

/// `POST /v1/login`
pub(super) fn login(
    state: &mut State,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Answer, Refusal> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Login {
        person: String,
        password: String,
    }
    #[derive(Serialize)]
    struct LoggedIn {
        token: String,
        person: shapes::Person,
    }
    let login: Login = call::json(headers, body)?;
    let known = state.people.get(&login.person);
    if known.is_none_or(|it| it.password != login.password) {
        let message = "no such person, or another password";
        return Err(Refusal::new(Cause::Unauthorized, message));
    }
    if state.is_full() {
        return Err(Refusal::new(Cause::Full, "the sandbox is full"));
    }
    let token = state.fresh_code("x");
    let asker = Asker::Person(login.person.clone());
    state.tokens.insert(token.clone(), asker);
    let person = state.person(&login.person);
    Answer::ok(&LoggedIn { token, person })
}

/// `/v1/me…` and `/v1/logout`
pub(super) fn me(
    state: &mut State,
    call: &Call,
    resource: &str,
    rest: &[&str],
) -> Result<Answer, Refusal> {
    let me = call.me()?;
    match (resource, rest) {
        ("logout", []) => match call.method {
            Method::POST => {
                state.tokens.remove(&call.token);
                Ok(Answer::Nothing)
            }
            _ => Err(Refusal::not_allowed("POST")),
        },
        ("me", []) => match call.method {
            Method::GET => Answer::ok(&state.person(me)),
            Method::PATCH => change(state, me, call.json()?),
            _ => Err(Refusal::not_allowed("GET, PATCH")),
        },
        ("me", ["picture"]) => match call.method {
            Method::PUT => set_picture(state, me, call),
            _ => Err(Refusal::not_allowed("PUT")),
        },
        _ => Err(Refusal::missing("route")),
    }
}

/// `/v1/people…`
pub(super) fn people(state: &mut State, call: &Call, rest: &[&str]) -> Result<Answer, Refusal> {
    if call.method != Method::GET {
        return match rest {
            [] | [_] | [_, "picture"] => Err(Refusal::not_allowed("GET")),
            _ => Err(Refusal::missing("route")),
        };
    }
    match rest {
        [] => directory(state, call),
        [id] => {
            state.known_person(id)?;
            Answer::ok(&state.person(id))
        }
        [id, "picture"] => {
            let picture = state.known_person(id)?.picture.as_ref();
            let picture = picture.ok_or_else(|| Refusal::missing("picture"))?;
            Ok(Answer::Blob(Blob {
                tag: digest(&picture.bytes),
                source: Source::Kept(picture.bytes.clone()),
                media_type: picture.media_type.clone(),
                name: None,
            }))
        }
        _ => Err(Refusal::missing("route")),
    }
}

fn directory(state: &State, call: &Call) -> Result<Answer, Refusal> {
    let wanted = call.query.text("q").unwrap_or_default().to_lowercase();
    let fits = |text: &str| text.to_lowercase().contains(&wanted);
    let limit = call.query.limit(DIRECTORY_PAGE_MAX)?;
    let found: Vec<&String> = state
        .people
        .iter()
        .filter(|(id, it)| {
            let optional = [&it.profile.mail, &it.profile.phone];
            fits(id)
                || fits(&it.profile.name)
                || optional.into_iter().flatten().any(|text| fits(text))
        })
        .map(|(id, _)| id)
        .collect();
    let total = found.len();
    let people = found.into_iter().take(limit);
    Answer::part("people", people.map(|id| state.person(id)).collect(), total)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileChange {
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    status: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    phone: Option<Option<String>>,
}

/// A key that was given, be it with `null`.
pub(super) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

fn change(state: &mut State, me: &str, change: ProfileChange) -> Result<Answer, Refusal> {
    if let Some(name) = &change.name {
        check_text(name)?;
    }
    if let Some(record) = state.people.get_mut(me) {
        let profile = &mut record.profile;
        profile.name = change.name.unwrap_or_else(|| profile.name.clone());
        profile.status = change.status.unwrap_or_else(|| profile.status.clone());
        profile.phone = change.phone.unwrap_or_else(|| profile.phone.clone());
    }
    tell_profile(state, me);
    Answer::ok(&state.person(me))
}

fn set_picture(state: &mut State, me: &str, call: &Call) -> Result<Answer, Refusal> {
    let media_type = call::media_type(&call.headers).unwrap_or_default();
    if !media_type.starts_with("image/") {
        let message = "a picture is image/*";
        return Err(Refusal::new(Cause::UnsupportedMediaType, message));
    }
    if let Some(record) = state.people.get_mut(me) {
        record.picture = Some(Picture {
            media_type: media_type.to_owned(),
            bytes: call.body.clone(),
        });
    }
    tell_profile(state, me);
    Answer::ok(&state.person(me))
}

fn tell_profile(state: &mut State, me: &str) {
    let person = state.person(me);
    let around = state.people_around(me);
    state.journal.add("person", &around, &person);
}

impl State {
    pub(super) fn known_person(&self, id: &str) -> Result<&PersonRecord, Refusal> {
        self.people
            .get(id)
            .ok_or_else(|| Refusal::missing("person"))
    }

    /// People named in a body: all must exist.
    pub(super) fn check_people<'a>(
        &self,
        ids: impl IntoIterator<Item = &'a String>,
    ) -> Result<(), Refusal> {
        for id in ids {
            if !self.people.contains_key(id) {
                return Err(Refusal::unprocessable(format!("no person `{id}`")));
            }
        }
        Ok(())
    }

    /// How a person is shown.
    pub(super) fn person(&self, id: &str) -> shapes::Person {
        match self.people.get(id) {
            Some(record) => shapes::Person {
                picture: record
                    .picture
                    .is_some()
                    .then(|| format!("/v1/people/{id}/picture")),
                ..record.profile.clone()
            },
            // A world can be built that names people who are not in it.
            None => shapes::Person {
                id: id.to_owned(),
                name: id.to_owned(),
                mail: None,
                phone: None,
                picture: None,
                status: None,
                company: None,
            },
        }
    }

    pub(super) fn persons(&self, ids: &[String]) -> Vec<shapes::Person> {
        ids.iter().map(|id| self.person(id)).collect()
    }

    /// The person and everybody who shares a room, group, board or contact with them.
    fn people_around(&self, id: &str) -> Vec<String> {
        let me = [id.to_owned()];
        let circles = self
            .rooms
            .values()
            .map(|it| it.members.as_slice())
            .chain(self.boards.values().map(|it| it.readers.as_slice()))
            .filter(|people| people.iter().any(|it| it == id));
        let mut around: Vec<String> = circles.flatten().cloned().chain(me).collect();
        around.extend(self.contacts.of(id).map(|(other, _)| other.to_owned()));
        around.sort();
        around.dedup();
        around
    }
}
