//! The people and rooms of a story.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::reader::{Reader, get, one_or_more};
use super::setting::{company, network, networks};
use crate::policy::{PersonId, RoomStanding, Settings, Side, Standing};
use crate::yaml::Node;

/// Those that a story is about.
pub(super) struct Town<'d, 'p> {
    /// What the policy is, unless a case has it otherwise.
    pub settings: Arc<Settings>,
    people: BTreeMap<&'d str, Standing>,
    rooms: BTreeMap<&'d str, Room>,
    /// Where the others stand.
    elsewhere: &'p dyn Fn(&str) -> Standing,
}

/// The people of a room, in the order written; `None`: nobody knows.
pub(super) type Room = Option<Vec<(PersonId, Standing)>>;

/// What the people of a room add up to.
pub(super) fn standing_of(room: &Room) -> RoomStanding {
    room.as_ref().map_or_else(RoomStanding::unknown, |people| {
        RoomStanding::of(people.iter().map(|(_, person)| *person))
    })
}

impl<'d, 'p> Town<'d, 'p> {
    /// The people and rooms of the story at `root`. Whom it does not declare is looked up.
    pub fn read(
        reader: &mut Reader<'d>,
        root: &'d Node,
        settings: Settings,
        elsewhere: &'p dyn Fn(&str) -> Standing,
    ) -> Self {
        let mut town = Self {
            settings: Arc::new(settings),
            people: BTreeMap::new(),
            rooms: BTreeMap::new(),
            elsewhere,
        };
        town.read_people(reader, root);
        town.read_rooms(reader, root);
        town
    }

    fn read_people(&mut self, reader: &mut Reader<'d>, root: &'d Node) {
        let Some(people) = get(root, "people") else {
            return;
        };
        for (key, node) in reader.entries(people, "`people`") {
            if let Some(person) = self.read_person(reader, node) {
                self.people.insert(&key.text, person);
            }
        }
    }

    fn read_person(&self, reader: &mut Reader<'d>, node: &'d Node) -> Option<Standing> {
        if node.as_text() == Some("unclassified") {
            return Some(Standing::UNCLASSIFIED);
        }
        reader.only(
            node,
            "a person",
            &["company", "network", "grants", "suspended"],
        );
        let grants = get(node, "grants").map(|node| networks(reader, &self.settings, node));
        let suspended = get(node, "suspended").and_then(|node| {
            reader.choice(node, "`suspended`", &[("true", true), ("false", false)])
        });
        let side = match (get(node, "company"), get(node, "network")) {
            (Some(of), None) => Side::Company(company(reader, &self.settings, of)?),
            (None, Some(on)) => Side::Network(network(reader, &self.settings, on)?),
            _ => {
                let help = "write `company`, or `network`, or `unclassified` in place of both";
                reader.wrong(node, "it is not said where this person stands", help);
                return None;
            }
        };
        Some(Standing {
            side,
            grants: grants.unwrap_or_default(),
            suspended: suspended.unwrap_or(false),
        })
    }

    fn read_rooms(&mut self, reader: &mut Reader<'d>, root: &'d Node) {
        let Some(rooms) = get(root, "rooms") else {
            return;
        };
        for (key, node) in reader.entries(rooms, "`rooms`") {
            let room = self.room(reader, node);
            self.rooms.insert(&key.text, room);
        }
    }

    /// A room by its name, by its people, or `unknown`.
    pub fn room(&self, reader: &mut Reader<'d>, node: &'d Node) -> Room {
        match node.as_text() {
            Some("unknown") => None,
            Some(name) => {
                let room = self.rooms.get(name);
                if room.is_none() {
                    let rooms = self.rooms.keys().copied().chain(["unknown"]);
                    reader.no_such(node, "a room", name, rooms);
                }
                room.cloned().flatten()
            }
            None => Some(self.folk(reader, node)),
        }
    }

    /// The people named in a list, or the one named.
    pub fn folk(&self, reader: &mut Reader<'d>, node: &'d Node) -> Vec<(PersonId, Standing)> {
        let nodes = one_or_more(node).iter();
        nodes
            .filter_map(|node| self.person(reader, node))
            .map(|(name, person)| (name.into(), person))
            .collect()
    }

    /// One of the people, by name. Those of the story come before those elsewhere.
    pub fn person(&self, reader: &mut Reader<'d>, node: &'d Node) -> Option<(&'d str, Standing)> {
        let name = reader.text(node, "a person")?;
        let known = |person: &Standing| person.side != Side::Unclassified;
        let elsewhere = || Some((self.elsewhere)(name)).filter(known);
        let person = self.people.get(name).copied().or_else(elsewhere);
        if person.is_none() && self.people.is_empty() {
            let help =
                "declare them under `people`, or test with the configuration that lists them";
            reader.wrong(node, format!("a person can't be `{name}`"), help);
        } else if person.is_none() {
            reader.no_such(node, "a person", name, self.people.keys().copied());
        }
        Some((name, person?))
    }
}
