//! What a room is, how it looks to whom, and how people come and go.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::call::Asker;
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
    pub(super) const ALL: Self = Self {
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
    pub(super) fn described_room(&self, id: &str, asker: &Asker) -> Result<&RoomRecord, Refusal> {
        let room = self.rooms.get(id);
        room.filter(|it| it.open || asker.is_among(&it.members))
            .ok_or_else(|| Refusal::missing("room"))
    }

    pub(super) fn direct_room(&self, members: &[String]) -> Option<String> {
        let same = |it: &RoomRecord| {
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

    pub(super) fn latest_order(&self, room: &RoomRecord) -> u64 {
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
