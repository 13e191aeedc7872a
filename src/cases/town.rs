//! The people and rooms of a story.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::reader::{Reader, get, one_or_more};
use super::setting::{company, network, networks};
use crate::policy::grants::{Life, Member, Provisioned};
use crate::policy::{CompanyIx, PersonId, RoomStanding, Settings, Side, Standing};
use crate::yaml::Node;

/// Those that a story is about.
#[derive(Clone)]
pub(super) struct Town<'d, 'p> {
    /// What the policy is, unless a case has it otherwise.
    pub settings: Arc<Settings>,
    people: BTreeMap<&'d str, Standing>,
    /// The members among the people: what the files say of them, and what is kept.
    pub members: BTreeMap<&'d str, (CompanyIx, Provisioned, Member)>,
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
            members: BTreeMap::new(),
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
            self.read_person(reader, &key.text, node);
        }
        self.look_again();
    }

    fn read_person(&mut self, reader: &mut Reader<'d>, name: &'d str, node: &'d Node) {
        if node.as_text() == Some("unclassified") {
            self.people.insert(name, Standing::UNCLASSIFIED);
            return;
        }
        match (get(node, "company"), get(node, "network")) {
            (Some(of), None) => {
                let keys = ["company", "grants", "provisioned", "suspended", "new"];
                reader.only(node, "a member", &keys);
                if let Some(company) = company(reader, &self.settings, of) {
                    let member = self.read_member(reader, node, company);
                    self.members.insert(name, member);
                }
            }
            (None, Some(on)) => {
                reader.only(node, "a peer", &["network"]);
                if let Some(network) = network(reader, &self.settings, on) {
                    self.people.insert(name, Standing::peer(network));
                }
            }
            _ => {
                let help = "write `company`, or `network`, or `unclassified` in place of both";
                reader.wrong(node, "it is not said where this person stands", help);
            }
        }
    }

    fn read_member(
        &self,
        reader: &mut Reader<'d>,
        node: &'d Node,
        company: CompanyIx,
    ) -> (CompanyIx, Provisioned, Member) {
        let settings = &self.settings;
        let mut grants = |key| {
            let named = get(node, key).map(|node| networks(reader, settings, node));
            named.unwrap_or_default()
        };
        let (grants, provisioned) = (grants("grants"), grants("provisioned"));
        let mut is = |key: &str| {
            let words = [("true", true), ("false", false)];
            get(node, key).and_then(|node| reader.choice(node, &format!("`{key}`"), &words))
                == Some(true)
        };
        let life = match (is("new"), is("suspended")) {
            (true, _) => Life::New,
            (false, true) => Life::Suspended,
            (false, false) => Life::Active,
        };
        let files = Provisioned {
            grants: provisioned,
            suspended: false,
        };
        (company, files, Member { life, grants })
    }

    /// Takes down anew where the members stand, also in the rooms.
    pub fn look_again(&mut self) {
        for (name, (company, files, member)) in &self.members {
            self.people.insert(name, member.standing(*company, *files));
        }
        for (id, standing) in self.rooms.values_mut().flatten().flatten() {
            if let Some(now) = self.people.get(id.as_str()) {
                *standing = *now;
            }
        }
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
