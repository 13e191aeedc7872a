//! Contacts, and the URLs by which people become contacts.

use std::collections::BTreeMap;

use http::Method;
use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::call::{Asker, Call};
use super::moment::Moment;
use super::refusal::Refusal;
use super::shapes;
use super::state::State;

/// Who knows whom, and who answers to which code.
#[derive(Default)]
pub(super) struct Contacts {
    /// Each pair once, the smaller id first.
    since: BTreeMap<(String, String), Moment>,
    /// Code of each person who has asked for theirs.
    codes: BTreeMap<String, String>,
}

impl Contacts {
    /// The contacts of a person and since when.
    pub(super) fn of<'a>(&'a self, id: &'a str) -> impl Iterator<Item = (&'a str, Moment)> {
        self.since.iter().filter_map(move |((one, two), since)| {
            if one == id {
                Some((two.as_str(), *since))
            } else {
                (two == id).then_some((one.as_str(), *since))
            }
        })
    }

    fn owner(&self, code: &str) -> Option<&str> {
        let (owner, _) = self.codes.iter().find(|(_, known)| *known == code)?;
        Some(owner)
    }
}

fn pair(one: &str, two: &str) -> (String, String) {
    let (first, second) = if one < two { (one, two) } else { (two, one) };
    (first.to_owned(), second.to_owned())
}

/// `/v1/me/contact-url…`
pub(super) fn own_url(state: &mut State, call: &Call, rest: &[&str]) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct ContactUrl {
        url: String,
        code: String,
    }
    let me = call.me()?;
    match rest {
        [_] if call.method == Method::GET => {}
        [_] => return Err(Refusal::not_allowed("GET")),
        [_, "reset"] if call.method == Method::POST => {
            state.contacts.codes.remove(me);
        }
        [_, "reset"] => return Err(Refusal::not_allowed("POST")),
        _ => return Err(Refusal::missing("route")),
    }
    let code = state.contact_code(me);
    let url = format!("{}/add/{code}", state.settings.public_url);
    Answer::ok(&ContactUrl { url, code })
}

/// `GET /v1/people/{person}/contacts`
pub(super) fn of(state: &mut State, call: &Call, person: &str) -> Result<Answer, Refusal> {
    if call.method != Method::GET {
        return Err(Refusal::not_allowed("GET"));
    }
    if matches!(&call.asker, Asker::Person(me) if me != person) {
        return Err(Refusal::forbidden("only one's own contacts"));
    }
    state.known_person(person)?;
    Answer::list("contacts", state.contact_list(person))
}

/// `/v1/contacts…` and `/v1/contact-urls/{code}`
pub(super) fn route(
    state: &mut State,
    call: &Call,
    resource: &str,
    rest: &[&str],
) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct Owner {
        owner: shapes::Person,
    }
    match (resource, rest) {
        ("contact-urls", [code]) => match call.method {
            Method::GET => {
                let owner = state.contacts.owner(code);
                let owner = owner.ok_or_else(|| Refusal::missing("contact URL"))?;
                Answer::ok(&Owner {
                    owner: state.person(owner),
                })
            }
            _ => Err(Refusal::not_allowed("GET")),
        },
        ("contacts", []) => match call.method {
            Method::GET => Answer::list("contacts", state.contact_list(call.me()?)),
            Method::POST => add(state, call.me()?, call.json()?),
            _ => Err(Refusal::not_allowed("GET, POST")),
        },
        ("contacts", [person]) => match call.method {
            Method::DELETE => remove(state, call.me()?, person),
            _ => Err(Refusal::not_allowed("DELETE")),
        },
        _ => Err(Refusal::missing("route")),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewContact {
    code: String,
}

fn add(state: &mut State, me: &str, wanted: NewContact) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct Added {
        contact: shapes::Person,
    }
    let owner = state.contacts.owner(&wanted.code);
    let owner = owner
        .ok_or_else(|| Refusal::missing("contact URL"))?
        .to_owned();
    if owner == me {
        return Err(Refusal::unprocessable("this is your own contact URL"));
    }
    if state.contacts.since.contains_key(&pair(me, &owner)) {
        return Err(Refusal::conflict("already a contact"));
    }
    state.add_contact(me, &owner);
    let contact = state.person(&owner);
    Answer::created(&Added { contact })
}

fn remove(state: &mut State, me: &str, person: &str) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct Removed<'a> {
        person: &'a str,
    }
    let known = state.contacts.since.remove(&pair(me, person));
    known.ok_or_else(|| Refusal::missing("contact"))?;
    for (to, other) in [(me, person), (person, me)] {
        let removed = Removed { person: other };
        state
            .journal
            .add("contact.removed", &[to.to_owned()], &removed);
    }
    Ok(Answer::Nothing)
}

impl State {
    /// The person's code; made when it is first asked for.
    pub(super) fn contact_code(&mut self, person: &str) -> String {
        if let Some(code) = self.contacts.codes.get(person) {
            return code.clone();
        }
        let code = self.fresh_code("u");
        self.contacts.codes.insert(person.to_owned(), code.clone());
        code
    }

    /// Makes two people contacts, and tells both.
    pub(super) fn add_contact(&mut self, one: &str, two: &str) {
        let since = self.settings.clock.now();
        self.contacts.since.insert(pair(one, two), since);
        for (to, other) in [(one, two), (two, one)] {
            let person = self.person(other);
            let contact = shapes::Contact { person, since };
            self.journal.add("contact", &[to.to_owned()], &contact);
        }
    }

    fn contact_list(&self, person: &str) -> Vec<shapes::Contact> {
        let contacts = self.contacts.of(person);
        contacts
            .map(|(other, since)| shapes::Contact {
                person: self.person(other),
                since,
            })
            .collect()
    }
}
