//! What the modules share: policies, acts as data, and a witness of what reaches the message server.

use serde_json::Value;

pub use crate::act::*;
use crate::support::{Client, Event, Events};
use crate::town::Town;

/// Rules of one network that let everything pass.
pub const OPEN: &str = "connect: allow, permission: all_members, restrict_attachments: false";
/// Rules that let everybody talk, and no attachment cross.
pub const RESTRICTED: &str = "connect: allow, permission: all_members, restrict_attachments: true";
/// The switch is off.
pub const DENIED: &str = "connect: deny";

/// Only those may talk; attachments cross.
pub fn only(members: &str) -> String {
    format!(
        "connect: allow, permission: by_member, connected_members: [{members}], restrict_attachments: false"
    )
}

/// Acme's policy with these rules for its two networks.
pub fn acme(line: &str, works: &str) -> String {
    format!(
        "company: acme
name: Acme Corp
members: [alice, bob, carol, dave]
external_messaging: {{ line: {{ {line} }}, works: {{ {works} }} }}
"
    )
}

/// Globex's policy, likewise.
pub fn globex(line: &str, works: &str) -> String {
    format!(
        "company: globex
name: Globex
members: [grace, heidi]
external_messaging: {{ line: {{ {line} }}, works: {{ {works} }} }}
"
    )
}

/// A town with these two policies.
pub async fn town_of(acme: &str, globex: &str) -> Town {
    Town::new(&[acme, globex]).await
}

/// Sees whether anything has changed behind the gateway: every change is an event there, numbered
/// over the whole server. It tells by what carol says in a room of her own.
pub struct Witness {
    carol: Client,
    events: Events,
    latest: u64,
    step: u64,
}

impl Witness {
    pub async fn of(town: &Town) -> Self {
        let carol = town.behind("carol");
        let events = carol.events().await;
        let mut witness = Self {
            carol,
            events,
            latest: 0,
            step: 0,
        };
        let first = witness.mark().await;
        witness.latest = witness.mark().await;
        witness.step = witness.latest - first;
        witness
    }

    async fn mark(&mut self) -> u64 {
        let marked = say("r6", "mark").passes(&self.carol).await.json();
        let id = marked["id"].clone();
        self.events
            .until(|event| event.data["id"] == id)
            .await
            .last()
            .map_or(0, |event| event.id)
    }

    /// How many changes there were since it was last asked.
    pub async fn changes(&mut self) -> u64 {
        let now = self.mark().await;
        let changes = now - self.latest - self.step;
        self.latest = now;
        changes
    }

    #[track_caller]
    pub fn saw_nothing(&mut self) -> impl Future<Output = ()> + '_ {
        let at = std::panic::Location::caller();
        async move {
            assert_eq!(
                self.changes().await,
                0,
                "{at}: something reached the upstream"
            )
        }
    }
}

/// A list of an answer, by one key of its elements.
pub fn keys_of(answer: &Value, list: &str, key: &str) -> Vec<String> {
    let found = answer[list]
        .as_array()
        .unwrap_or_else(|| panic!("{list} in {answer}"));
    found
        .iter()
        .map(|it| it[key].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// Whether a text gives somebody of the seeded world away: by id, name, mail, phone or picture.
pub fn gives_away(text: &str, id: &str, name: &str) -> bool {
    let text = text.to_lowercase();
    let id = id.to_lowercase();
    let marks = [
        format!("\"{id}\""),
        format!("<@{id}>"),
        format!("people/{id}"),
        format!("people/{}", id.replace(':', "%3a")),
        format!("{}.mail@", id.replace(':', ".")),
        name.to_lowercase(),
    ];
    marks.iter().any(|mark| text.contains(mark))
}

/// A GET's body.
pub async fn read(client: &Client, path: &str) -> Value {
    client.get(path).await.expect(200).json()
}

/// What an open stream brings until carol, bob or alice says `last` there; with that one.
pub async fn events_until(events: &mut Events, last: &str) -> Vec<Event> {
    events
        .until(|event| event.data["content"]["text"] == last)
        .await
}
