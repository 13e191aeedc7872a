//! Groups: a room, notes, events, tasks, a folder.

use http::Method;
use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::call::{Asker, Call};
use super::content::check_text;
use super::files::Home;
use super::items::{self, ItemKind};
use super::refusal::Refusal;
use super::room::RoomKind;
use super::rooms::{Named, with_first};
use super::shapes;
use super::state::State;

pub(super) struct GroupRecord {
    pub(super) title: String,
    pub(super) owner: String,
    /// The message room; its members are the group's.
    pub(super) room: String,
}

/// `/v1/groups…`
pub(super) fn route(state: &mut State, call: &Call, rest: &[&str]) -> Result<Answer, Refusal> {
    match rest {
        [] => match call.method {
            Method::GET => list(state, call.me()?),
            Method::POST => create(state, call.me()?, call.json()?),
            _ => Err(Refusal::not_allowed("GET, POST")),
        },
        [group, inside @ ..] => {
            state.check_group(group, &call.asker)?;
            within(state, call, group, inside)
        }
    }
}

fn within(state: &mut State, call: &Call, group: &str, inside: &[&str]) -> Result<Answer, Refusal> {
    let home = Home::Group(group.to_owned());
    match inside {
        [] => match call.method {
            Method::GET => Answer::ok(&state.group(group)),
            _ => Err(Refusal::not_allowed("GET")),
        },
        ["members"] => match call.method {
            Method::GET => Answer::list("members", state.persons(&state.people_at(&home))),
            Method::POST => add(state, call.me()?, group, call.json()?),
            _ => Err(Refusal::not_allowed("GET, POST")),
        },
        ["members", person] => match call.method {
            Method::DELETE => remove(state, call.me()?, group, person),
            _ => Err(Refusal::not_allowed("DELETE")),
        },
        ["folder"] => match call.method {
            Method::GET => {
                let files = state.files_where(|it| it.in_folder && it.home == home);
                Answer::list("files", files)
            }
            _ => Err(Refusal::not_allowed("GET, POST")),
        },
        ["files"] => Err(Refusal::not_allowed("POST")),
        ["notes", id @ ..] => items::route(state, call, &home, ItemKind::Note, id),
        ["events", id @ ..] => items::route(state, call, &home, ItemKind::Event, id),
        ["tasks", id @ ..] => items::route(state, call, &home, ItemKind::Task, id),
        _ => Err(Refusal::missing("route")),
    }
}

fn list(state: &State, me: &str) -> Result<Answer, Refusal> {
    let asker = Asker::Person(me.to_owned());
    let mine = state
        .groups
        .keys()
        .filter(|id| state.check_group(id, &asker).is_ok());
    Answer::list("groups", mine.filter_map(|id| state.group(id)).collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewGroup {
    title: String,
    members: Vec<String>,
}

fn create(state: &mut State, me: &str, wanted: NewGroup) -> Result<Answer, Refusal> {
    check_text(&wanted.title)?;
    state.check_people(&wanted.members)?;
    let id = state.add_group(wanted.title, me, &wanted.members);
    if let Some(room) = state.groups.get(&id).map(|it| it.room.clone()) {
        state.tell_room(&room);
        state.say(&room, "created", me, None, "made the group");
    }
    state.tell_group(&id);
    Answer::created(&state.group(&id))
}

fn add(state: &mut State, me: &str, id: &str, named: Named) -> Result<Answer, Refusal> {
    state.check_people([&named.person])?;
    let room = state.group_room(id)?;
    if state.own_room(&room, &named.person).is_ok() {
        return Err(Refusal::conflict("already a member"));
    }
    state.bring_in(&room, &named.person);
    state.say(&room, "added", me, Some(&named.person), "added");
    state.tell_group(id);
    Answer::created(&state.group(id))
}

fn remove(state: &mut State, me: &str, id: &str, person: &str) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct Gone<'a> {
        group: &'a str,
        person: shapes::Person,
    }
    let room = state.group_room(id)?;
    state
        .own_room(&room, person)
        .map_err(|_| Refusal::missing("member"))?;
    let told = state.people_at(&Home::Group(id.to_owned()));
    state.take_out(&room, person);
    if person == me {
        state.say(&room, "left", me, None, "left the group");
    } else {
        state.say(&room, "removed", me, Some(person), "removed");
    }
    let gone = Gone {
        group: id,
        person: state.person(person),
    };
    state.journal.add("group.left", &told, &gone);
    state.tell_group(id);
    Ok(Answer::Nothing)
}

impl State {
    /// Whether the asker may see the group.
    fn check_group(&self, id: &str, asker: &Asker) -> Result<(), Refusal> {
        let known = self.groups.contains_key(id);
        let seen = known && asker.is_among(&self.people_at(&Home::Group(id.to_owned())));
        seen.then_some(()).ok_or_else(|| Refusal::missing("group"))
    }

    fn group_room(&self, id: &str) -> Result<String, Refusal> {
        let group = self.groups.get(id);
        group
            .map(|it| it.room.clone())
            .ok_or_else(|| Refusal::missing("group"))
    }

    pub(super) fn add_group(&mut self, title: String, owner: &str, members: &[String]) -> String {
        let members = with_first(owner, members);
        let room = self.add_room(RoomKind::Room, Some(title.clone()), members);
        let id = self.fresh("g");
        if let Some(record) = self.rooms.get_mut(&room) {
            record.group = Some(id.clone());
        }
        let owner = owner.to_owned();
        let record = GroupRecord { title, owner, room };
        self.groups.insert(id.clone(), record);
        id
    }

    fn tell_group(&mut self, id: &str) {
        let members = self.people_at(&Home::Group(id.to_owned()));
        if let Some(group) = self.group(id) {
            self.journal.add("group", &members, &group);
        }
    }

    fn group(&self, id: &str) -> Option<shapes::Group> {
        let record = self.groups.get(id)?;
        Some(shapes::Group {
            id: id.to_owned(),
            title: record.title.clone(),
            room: record.room.clone(),
            owner: self.person(&record.owner),
            members: self.persons(&self.people_at(&Home::Group(id.to_owned()))),
        })
    }
}
