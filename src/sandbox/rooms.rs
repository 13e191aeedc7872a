//! The routes of rooms.

use http::Method;
use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::call::{Asker, Call};
use super::content::{Content, check_text};
use super::refusal::Refusal;
use super::room::{Functions, RoomKind};
use super::shapes;
use super::state::State;

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
