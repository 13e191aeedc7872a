//! Who is in which recorded room, by which name; and policies to judge them by.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use borderpost::cache::{PlaceFacts, Snapshot};
use borderpost::config::{self, Memory};
use borderpost::gateway::facts::{KnownAs, Learned, Missing};
use borderpost::policy::PersonId;
use serde_json::Value;

use crate::recorded::{LARGEST, big, exchanges};

/// Rooms and names, gathered from everything that was recorded.
#[derive(Default)]
pub struct Town {
    pub rooms: BTreeMap<String, BTreeSet<String>>,
    pub names: BTreeMap<String, BTreeSet<String>>,
}

pub fn town() -> &'static Town {
    static TOWN: OnceLock<Town> = OnceLock::new();
    TOWN.get_or_init(|| {
        let mut town = Town::default();
        for exchange in exchanges() {
            for body in exchange.answer.iter().chain(&exchange.body) {
                town.walk(body, exchange.room.as_deref());
            }
        }
        for name in ["sync-initial-medium-default", LARGEST] {
            let body: Value = serde_json::from_slice(&big(name)).expect("JSON");
            town.walk(&body, None);
        }
        town
    })
}

impl Town {
    fn walk(&mut self, value: &Value, room: Option<&str>) {
        match value {
            Value::Array(list) => list.iter().for_each(|value| self.walk(value, room)),
            Value::Object(members) => {
                let room = members.get("room_id").and_then(Value::as_str).or(room);
                self.note(value, room);
                for (key, value) in members {
                    let inner = if key.starts_with('!') {
                        Some(key.as_str())
                    } else {
                        room
                    };
                    self.walk(value, inner);
                }
            }
            _ => {}
        }
    }

    fn note(&mut self, event: &Value, room: Option<&str>) {
        let Some(room) = room else { return };
        let (kind, content) = (&event["type"], &event["content"]);
        if let Some(sender) = event["sender"].as_str() {
            self.come(room, sender);
        }
        let Some(person) = event["state_key"]
            .as_str()
            .filter(|_| kind == "m.room.member")
        else {
            return;
        };
        if matches!(content["membership"].as_str(), Some("join" | "invite")) {
            self.come(room, person);
        }
        if let Some(name) = content["displayname"].as_str() {
            let names = self.names.entry(person.to_owned()).or_default();
            names.insert(name.to_owned());
        }
    }

    fn come(&mut self, room: &str, person: &str) {
        let people = self.rooms.entry(room.to_owned()).or_default();
        people.insert(person.to_owned());
    }

    /// What a look-up would have told.
    pub fn learn(&self, missing: Missing) -> Learned {
        match missing {
            Missing::Place(key) => {
                let people = self.rooms.get(&*key.id);
                let people =
                    people.map(|people| people.iter().map(|id| PersonId::from(id.as_str())));
                Learned::Place(key, people.map(|people| Arc::new(PlaceFacts::new(people))))
            }
            Missing::Thing(key) => Learned::Thing(key, None),
            Missing::KnownAs(person) => {
                let names = self.names.get(person.as_str());
                let names = names.map(|names| names.iter().cloned().collect());
                Learned::KnownAs(person, names.map(|names| Arc::new(KnownAs(names))))
            }
        }
    }
}

const GATEWAY: &str = "
listeners: [{ address: \"127.0.0.1:0\" }]
upstream: { url: \"http://127.0.0.1:1\" }
dialect: matrix.yaml
networks:
  line: { people: [\"@line_*:acme.localhost:*\"] }
  works: { between_companies: true }
pseudonym_key: a-key-for-tests-that-is-long-enough
";

/// A company that allows everything, or one whose networks are as given.
fn company(id: &str, members: &str, external: &str) -> String {
    format!("company: {id}\nname: {id}\nmembers: {members}\nexternal_messaging: {external}\n")
}

/// Everybody of the servers called acme, and the server itself, but the people of LINE, whom the
/// bridge stands for.
const ACME_MEMBERS: &str = "{ match: [\"@:acme.*\", \"@a*:acme.*\", \"@b*:acme.*\", \"@c*:acme.*\", \"@d*:acme.*\", \"@u*:acme.*\"] }";

const OPEN: &str = "{ connect: allow, permission: all_members, restrict_attachments: false, encrypted_rooms: pass }";
const CLOSED: &str = "{ connect: deny }";
const RESTRICTED: &str = "{ connect: allow, permission: all_members, restrict_attachments: true }";

fn snapshot(acme_line: &str, acme_works: &str) -> Snapshot {
    let globex = format!("{{ line: {OPEN}, works: {OPEN} }}");
    let acme = format!("{{ line: {acme_line}, works: {acme_works} }}");
    let files = Memory::default()
        .with("post/gateway.yaml", GATEWAY)
        .with(
            "post/matrix.yaml",
            include_str!("../../config/dialects/matrix.yaml"),
        )
        .with(
            "post/policy/acme.yaml",
            &company("acme", ACME_MEMBERS, &acme),
        )
        .with(
            "post/policy/globex.yaml",
            &company("globex", "{ match: [\"@*:globex.*\"] }", &globex),
        );
    let loaded = config::load_from(&files, "post/gateway.yaml".as_ref(), &|_| None);
    let loaded = loaded.unwrap_or_else(|faults| panic!("{faults:#?}"));
    Snapshot::new(loaded.policy, loaded.directory)
}

/// Everybody may do everything.
pub fn open() -> Snapshot {
    snapshot(OPEN, OPEN)
}

/// Nobody of acme may talk to anybody outside.
pub fn closed() -> Snapshot {
    snapshot(CLOSED, CLOSED)
}

/// Everybody may talk, and nothing but words may come in or go out.
pub fn restricted() -> Snapshot {
    snapshot(RESTRICTED, RESTRICTED)
}
