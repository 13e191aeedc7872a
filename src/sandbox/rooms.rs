//! Rooms and who is in them.

use std::collections::BTreeMap;

use http::Method;
use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::call::{Asker, Call};
use super::content::{Content, check_text};
use super::refusal::Refusal;
use super::shapes;
use super::state::State;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RoomKind {
    Direct,
    Room,
}

/// The function buttons that a client may offer in a room.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Functions {
    camera: bool,
    contacts: bool,
    drive: bool,
    template: bool,
    file: bool,
}

impl Functions {
    /// The server itself knows no reason to switch one off.
    const ALL: Self = Self {
        camera: true,
        contacts: true,
        drive: true,
        template: true,
        file: true,
    };
}

pub(super) struct RoomRecord {
    pub(super) kind: RoomKind,
    pub(super) title: Option<String>,
    /// In order of joining.
    pub(super) members: Vec<String>,
    pub(super) typing: Vec<String>,
    pub(super) encrypted: bool,
    pub(super) open: bool,
    /// The group whose room this is.
    pub(super) group: Option<String>,
    /// Ids in order of sending.
    pub(super) messages: Vec<String>,
    /// How far each member has read: the order of a message.
    pub(super) read: BTreeMap<String, u64>,
}

/// `/v1/rooms…`, but for invitations, messages and files.
pub(super) fn route(state: &mut State, call: &Call, rest: &[&str]) -> Result<Answer, Refusal> {
    match rest {
        [] => match call.method {
            Method::GET => list(state, call.me()?),
            Method::POST => create(state, call.me()?, call.json()?),
            _ => Err(Refusal::not_allowed("GET, POST")),
        },
        [room] => match call.method {
            Method::GET => {
                state.described_room(room, &call.asker)?;
                Answer::ok(&state.room(room, call.asker.person()))
            }
            Method::PATCH => change(state, call.me()?, room, call.json()?),
            _ => Err(Refusal::not_allowed("GET, PATCH")),
        },
        [room, "members"] => match call.method {
            Method::GET => {
                let members = &state.described_room(room, &call.asker)?.members;
                Answer::list("members", state.persons(members))
            }
            Method::POST => add(state, call.me()?, room, call.json()?),
            _ => Err(Refusal::not_allowed("GET, POST")),
        },
        [room, "members", person] => match call.method {
            Method::DELETE => remove(state, call.me()?, room, person),
            _ => Err(Refusal::not_allowed("DELETE")),
        },
        [room, "join"] => match call.method {
            Method::POST => join(state, call.me()?, room),
            _ => Err(Refusal::not_allowed("POST")),
        },
        [room, "functions"] => match call.method {
            Method::GET => {
                state.described_room(room, &call.asker)?;
                Answer::ok(&Functions::ALL)
            }
            _ => Err(Refusal::not_allowed("GET")),
        },
        [room, "calls"] => match call.method {
            Method::POST => ring(state, call.me()?, room),
            _ => Err(Refusal::not_allowed("POST")),
        },
        [room, mark @ ("read" | "typing" | "encryption")] => match call.method {
            Method::PUT => put(state, call, room, mark),
            _ => Err(Refusal::not_allowed("PUT")),
        },
        _ => Err(Refusal::missing("route")),
    }
}

fn list(state: &State, me: &str) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct Rooms {
        rooms: Vec<shapes::Room>,
        total: usize,
        unread_total: usize,
    }
    let mut mine: Vec<(&String, u64)> = state
        .rooms
        .iter()
        .filter(|(_, room)| room.members.iter().any(|it| it == me))
        .map(|(id, room)| (id, state.latest_order(room)))
        .collect();
    mine.sort_by_key(|(_, latest)| std::cmp::Reverse(*latest));
    let rooms: Vec<_> = mine
        .into_iter()
        .map(|(id, _)| state.room(id, Some(me)))
        .collect();
    Answer::ok(&Rooms {
        total: rooms.len(),
        unread_total: rooms.iter().map(|it| it.unread).sum(),
        rooms,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRoom {
    members: Vec<String>,
    title: Option<String>,
    kind: Option<RoomKind>,
    open: Option<bool>,
}

fn create(state: &mut State, me: &str, wanted: NewRoom) -> Result<Answer, Refusal> {
    state.check_people(&wanted.members)?;
    if let Some(title) = &wanted.title {
        check_text(title)?;
    }
    let kind = wanted.kind.unwrap_or(RoomKind::Room);
    let members = with_first(me, &wanted.members);
    if kind == RoomKind::Direct {
        if members.len() != 2 || wanted.title.is_some() || wanted.open == Some(true) {
            let message = "a direct room has one other member, no title, and is not open";
            return Err(Refusal::unprocessable(message));
        }
        if let Some(id) = state.direct_room(&members) {
            return Answer::ok(&state.room(&id, Some(me)));
        }
    }
    let id = state.add_room(kind, wanted.title, members);
    if let Some(room) = state.rooms.get_mut(&id) {
        room.open = wanted.open.unwrap_or(false);
    }
    state.tell_room(&id);
    if kind == RoomKind::Room {
        state.say(&id, "created", me, None, "made the room");
    }
    Answer::created(&state.room(&id, Some(me)))
}

/// These people without repetition, `first` first.
pub(super) fn with_first(first: &str, others: &[String]) -> Vec<String> {
    let mut people = vec![first.to_owned()];
    for other in others {
        if !people.contains(other) {
            people.push(other.clone());
        }
    }
    people
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoomChange {
    title: Option<String>,
    open: Option<bool>,
}

fn change(state: &mut State, me: &str, id: &str, change: RoomChange) -> Result<Answer, Refusal> {
    let room = state.own_room(id, me)?;
    if room.kind == RoomKind::Direct {
        let message = "a direct room has no title and is not open";
        return Err(Refusal::unprocessable(message));
    }
    if room.group.is_some() && change.open == Some(true) {
        return Err(Refusal::unprocessable("a group's room is not open"));
    }
    if let Some(title) = &change.title {
        check_text(title)?;
    }
    let renamed = change.title.is_some();
    if let Some(room) = state.rooms.get_mut(id) {
        room.title = change.title.or_else(|| room.title.take());
        room.open = change.open.unwrap_or(room.open);
    }
    state.tell_room(id);
    if renamed {
        state.say(id, "renamed", me, None, "renamed the room");
    }
    Answer::ok(&state.room(id, Some(me)))
}

/// A body that names one person.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    pub(super) person: String,
}

fn add(state: &mut State, me: &str, id: &str, named: Named) -> Result<Answer, Refusal> {
    state.own_room(id, me)?.takes_people()?;
    state.check_people([&named.person])?;
    if state.own_room(id, me)?.members.contains(&named.person) {
        return Err(Refusal::conflict("already a member"));
    }
    state.bring_in(id, &named.person);
    state.say(id, "added", me, Some(&named.person), "added");
    Answer::created(&state.room(id, Some(me)))
}

fn remove(state: &mut State, me: &str, id: &str, person: &str) -> Result<Answer, Refusal> {
    let room = state.own_room(id, me)?;
    if room.group.is_some() {
        let message = "the members of a group's room are the group's";
        return Err(Refusal::unprocessable(message));
    }
    if !room.members.iter().any(|it| it == person) {
        return Err(Refusal::missing("member"));
    }
    state.take_out(id, person);
    if person == me {
        state.say(id, "left", me, None, "left the room");
    } else {
        state.say(id, "removed", me, Some(person), "removed");
    }
    Ok(Answer::Nothing)
}

fn join(state: &mut State, me: &str, id: &str) -> Result<Answer, Refusal> {
    let room = state.described_room(id, &Asker::Person(me.to_owned()))?;
    if !room.open {
        return Err(Refusal::missing("open room"));
    }
    if room.members.iter().any(|it| it == me) {
        return Err(Refusal::conflict("already a member"));
    }
    state.bring_in(id, me);
    state.say(id, "joined", me, None, "joined the room");
    Answer::ok(&state.room(id, Some(me)))
}

fn ring(state: &mut State, me: &str, id: &str) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct Call<'a> {
        call: &'a str,
        room: &'a str,
    }
    state.own_room(id, me)?;
    let call = state.fresh("c");
    let content = Content::Call { call: call.clone() };
    state.add_message(id, me, content, None, Vec::new());
    Answer::created(&Call {
        call: &call,
        room: id,
    })
}

fn put(state: &mut State, call: &Call, id: &str, mark: &str) -> Result<Answer, Refusal> {
    let me = call.me()?;
    state.own_room(id, me)?;
    match mark {
        "read" => read(state, me, id, call.json()?),
        "typing" => {
            let Typing { typing } = call.json()?;
            state.set_typing(id, me, typing);
            Ok(Answer::Nothing)
        }
        _ => {
            let Encryption { enabled } = call.json()?;
            let room = state.rooms.get_mut(id);
            let before = room.map(|it| std::mem::replace(&mut it.encrypted, enabled));
            if before != Some(enabled) {
                state.tell_room(id);
                let (event, text) = match enabled {
                    true => ("encryption_on", "switched encryption on"),
                    false => ("encryption_off", "switched encryption off"),
                };
                state.say(id, event, me, None, text);
            }
            Answer::ok(&state.room(id, Some(me)))
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typing {
    typing: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Encryption {
    enabled: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadMark {
    message: String,
}

fn read(state: &mut State, me: &str, id: &str, mark: ReadMark) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct Read<'a> {
        room: &'a str,
        message: &'a str,
        person: &'a str,
    }
    let message = state.messages.get(&mark.message).filter(|it| it.room == id);
    let order = message
        .ok_or_else(|| Refusal::unprocessable("no such message in the room"))?
        .order;
    let Some(room) = state.rooms.get_mut(id) else {
        return Err(Refusal::missing("room"));
    };
    let reached = room.read.entry(me.to_owned()).or_insert(0);
    if *reached < order {
        *reached = order;
        let read = Read {
            room: id,
            message: &mark.message,
            person: me,
        };
        state.journal.add("read", &room.members, &read);
    }
    Ok(Answer::Nothing)
}

impl RoomRecord {
    /// Whether people can be added and invited.
    pub(super) fn takes_people(&self) -> Result<(), Refusal> {
        match (self.kind, &self.group) {
            (RoomKind::Direct, _) => Err(Refusal::unprocessable("a direct room takes nobody else")),
            (RoomKind::Room, Some(_)) => Err(Refusal::unprocessable(
                "the members of a group's room are the group's",
            )),
            (RoomKind::Room, None) => Ok(()),
        }
    }
}

impl State {
    /// A room that this person is in.
    pub(super) fn own_room(&self, id: &str, me: &str) -> Result<&RoomRecord, Refusal> {
        let room = self.rooms.get(id);
        room.filter(|it| it.members.iter().any(|member| member == me))
            .ok_or_else(|| Refusal::missing("room"))
    }

    /// A room whose messages and files the asker may read.
    pub(super) fn read_room(&self, id: &str, asker: &Asker) -> Result<&RoomRecord, Refusal> {
        let room = self.rooms.get(id);
        room.filter(|it| asker.is_among(&it.members))
            .ok_or_else(|| Refusal::missing("room"))
    }

    /// A room whose description the asker may read.
    fn described_room(&self, id: &str, asker: &Asker) -> Result<&RoomRecord, Refusal> {
        let room = self.rooms.get(id);
        room.filter(|it| it.open || asker.is_among(&it.members))
            .ok_or_else(|| Refusal::missing("room"))
    }

    fn direct_room(&self, members: &[String]) -> Option<String> {
        let same = |it: &super::rooms::RoomRecord| {
            it.kind == RoomKind::Direct
                && it.members.len() == members.len()
                && members.iter().all(|member| it.members.contains(member))
        };
        let (id, _) = self.rooms.iter().find(|(_, it)| same(it))?;
        Some(id.clone())
    }

    pub(super) fn add_room(
        &mut self,
        kind: RoomKind,
        title: Option<String>,
        members: Vec<String>,
    ) -> String {
        let id = self.fresh("r");
        let room = RoomRecord {
            kind,
            title,
            members,
            typing: Vec::new(),
            encrypted: false,
            open: false,
            group: None,
            messages: Vec::new(),
            read: BTreeMap::new(),
        };
        self.rooms.insert(id.clone(), room);
        id
    }

    /// Makes a person a member, and tells.
    pub(super) fn bring_in(&mut self, id: &str, person: &str) {
        let Some(room) = self.rooms.get_mut(id) else {
            return;
        };
        room.members.push(person.to_owned());
        let members = room.members.clone();
        let came = Passing {
            room: id,
            person: self.person(person),
        };
        self.journal.add("member.joined", &members, &came);
        let description = self.room(id, Some(person));
        self.journal.add("room", &[person.to_owned()], &description);
    }

    /// Ends a membership, and tells those who stay and the one who goes.
    pub(super) fn take_out(&mut self, id: &str, person: &str) {
        let Some(room) = self.rooms.get_mut(id) else {
            return;
        };
        let members = room.members.clone();
        room.members.retain(|it| it != person);
        room.typing.retain(|it| it != person);
        room.read.remove(person);
        let gone = Passing {
            room: id,
            person: self.person(person),
        };
        self.journal.add("member.left", &members, &gone);
    }

    pub(super) fn set_typing(&mut self, id: &str, person: &str, typing: bool) {
        #[derive(Serialize)]
        struct Typing<'a> {
            room: &'a str,
            people: &'a [String],
        }
        let Some(room) = self.rooms.get_mut(id) else {
            return;
        };
        if room.typing.iter().any(|it| it == person) == typing {
            return;
        }
        if typing {
            room.typing.push(person.to_owned());
        } else {
            room.typing.retain(|it| it != person);
        }
        let people = &room.typing;
        self.journal
            .add("typing", &room.members, &Typing { room: id, people });
    }

    /// Tells every member how the room looks now, to each as they see it.
    pub(super) fn tell_room(&mut self, id: &str) {
        let members = self.rooms.get(id).map(|it| it.members.clone());
        for member in members.unwrap_or_default() {
            let room = self.room(id, Some(&member));
            self.journal.add("room", &[member], &room);
        }
    }

    /// How a room looks to a person, or to an operator.
    pub(super) fn room(&self, id: &str, viewer: Option<&str>) -> shapes::Room {
        let unread = |room: &RoomRecord, viewer: &str| {
            let reached = room.read.get(viewer).copied().unwrap_or(0);
            let later = room.messages.iter().rev().map_while(|it| {
                let message = self.messages.get(it)?;
                (message.order > reached).then_some(message)
            });
            later.filter(|it| it.author != viewer).count()
        };
        let room = self.rooms.get(id);
        let last = room.and_then(|it| it.messages.last());
        shapes::Room {
            id: id.to_owned(),
            kind: room.map_or(RoomKind::Room, |it| it.kind),
            title: self.room_title(id, viewer),
            members: room.map_or_else(Vec::new, |it| self.persons(&it.members)),
            functions: Functions::ALL,
            last_message: last.and_then(|it| self.message(it)),
            unread: room.zip(viewer).map_or(0, |(it, who)| unread(it, who)),
            typing: room.map_or_else(Vec::new, |it| it.typing.clone()),
            encrypted: room.is_some_and(|it| it.encrypted),
            open: room.is_some_and(|it| it.open),
        }
    }

    /// The title as a person sees it: of a room without one, the names of the others.
    pub(super) fn room_title(&self, id: &str, viewer: Option<&str>) -> String {
        let Some(room) = self.rooms.get(id) else {
            return String::new();
        };
        if let Some(title) = &room.title {
            return title.clone();
        }
        let others = room.members.iter().filter(|it| Some(it.as_str()) != viewer);
        let names: Vec<String> = others.map(|it| self.person(it).name).collect();
        match names.is_empty() {
            true => "Empty room".to_owned(),
            false => names.join(", "),
        }
    }

    pub(super) fn room_name(&self, id: &str, viewer: Option<&str>) -> shapes::RoomName {
        shapes::RoomName {
            id: id.to_owned(),
            title: self.room_title(id, viewer),
        }
    }

    fn latest_order(&self, room: &RoomRecord) -> u64 {
        let latest = room.messages.last().and_then(|it| self.messages.get(it));
        latest.map_or(0, |it| it.order)
    }
}

/// Somebody who comes or goes.
#[derive(Serialize)]
struct Passing<'a> {
    room: &'a str,
    person: shapes::Person,
}
