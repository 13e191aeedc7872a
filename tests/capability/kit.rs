//! What the modules share: policies, acts as data, and a witness of what reaches the message server.

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use crate::support::{Client, Event, Events, Reply};
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

/// Somebody by both versions of HTTP.
pub fn both(client: &Client) -> [Client; 2] {
    [client.clone(), client.http2()]
}

/// An act as data.
#[derive(Clone, Debug)]
pub struct Act {
    method: Method,
    path: String,
    body: Payload,
}

#[derive(Clone, Debug)]
enum Payload {
    Nothing,
    Json(Value),
    Bytes(&'static str, &'static [u8]),
}

pub fn post(path: impl Into<String>, body: Value) -> Act {
    Act::new(Method::POST, path, Payload::Json(body))
}

pub fn patch(path: impl Into<String>, body: Value) -> Act {
    Act::new(Method::PATCH, path, Payload::Json(body))
}

pub fn put(path: impl Into<String>, body: Value) -> Act {
    Act::new(Method::PUT, path, Payload::Json(body))
}

pub fn get(path: impl Into<String>) -> Act {
    Act::new(Method::GET, path, Payload::Nothing)
}

/// A `PUT` without a body.
pub fn set(path: impl Into<String>) -> Act {
    Act::new(Method::PUT, path, Payload::Nothing)
}

/// A `POST` without a body.
pub fn call(path: impl Into<String>) -> Act {
    Act::new(Method::POST, path, Payload::Nothing)
}

pub fn delete(path: impl Into<String>) -> Act {
    Act::new(Method::DELETE, path, Payload::Nothing)
}

pub fn upload(path: impl Into<String>, media_type: &'static str, bytes: &'static [u8]) -> Act {
    Act::new(Method::POST, path, Payload::Bytes(media_type, bytes))
}

/// A message with this content.
pub fn send(room: &str, content: Value) -> Act {
    post(
        format!("/v1/rooms/{room}/messages"),
        json!({ "content": content }),
    )
}

/// A message of these words.
pub fn say(room: &str, text: &str) -> Act {
    send(room, json!({"type": "text", "text": text}))
}

impl Act {
    fn new(method: Method, path: impl Into<String>, body: Payload) -> Self {
        Self {
            method,
            path: path.into(),
            body,
        }
    }

    pub async fn by(&self, client: &Client) -> Reply {
        let (media_type, bytes) = match &self.body {
            Payload::Nothing => (None, Bytes::new()),
            Payload::Json(body) => (Some("application/json"), Bytes::from(body.to_string())),
            Payload::Bytes(media_type, bytes) => (Some(*media_type), Bytes::from_static(bytes)),
        };
        let headers: Vec<(&str, &str)> = media_type
            .map(|media_type| ("content-type", media_type))
            .into_iter()
            .collect();
        client
            .send(self.method.clone(), &self.path, &headers, bytes)
            .await
    }

    /// Does it, and expects that it passes.
    #[track_caller]
    pub fn passes<'a>(&'a self, client: &'a Client) -> impl Future<Output = Reply> + 'a {
        let at = std::panic::Location::caller();
        async move {
            let reply = self.by(client).await;
            assert!(
                reply.status.is_success(),
                "{at}: {self:?}: {} {}",
                reply.status,
                reply.text()
            );
            reply
        }
    }

    /// Does it by both versions of HTTP, and expects that it is refused for this reason: with the
    /// sentence, and with the id by which the record is found.
    #[track_caller]
    pub fn is_blocked<'a>(
        &'a self,
        client: &'a Client,
        reason: &'a str,
    ) -> impl Future<Output = Value> + 'a {
        let at = std::panic::Location::caller();
        async move {
            let mut told = Value::Null;
            for client in both(client) {
                let reply = self.by(&client).await;
                let seen = format!("{at}: {:?} {self:?}: {}", client.version, reply.text());
                assert_eq!(reply.status, 403, "{seen}");
                let error = reply.json()["error"].clone();
                assert_eq!(error["code"], reason, "{seen}");
                assert!(
                    error["message"].as_str().is_some_and(|it| it.len() > 10),
                    "{seen}"
                );
                assert!(!reply.header("x-request-id").is_empty(), "{seen}");
                assert_eq!(error["support_id"], reply.header("x-request-id"), "{seen}");
                told = error;
            }
            told
        }
    }

    /// Does it by both versions of HTTP, and expects the answer that is given for what does not exist.
    #[track_caller]
    pub fn is_not_there<'a>(&'a self, client: &'a Client) -> impl Future<Output = ()> + 'a {
        let at = std::panic::Location::caller();
        async move {
            for client in both(client) {
                let reply = self.by(&client).await;
                let seen = format!("{at}: {:?} {self:?}: {}", client.version, reply.text());
                assert_eq!(reply.status, 404, "{seen}");
                assert_eq!(
                    reply.json(),
                    json!({"error": {"code": "not_found", "message": "no such thing"}}),
                    "{seen}"
                );
            }
        }
    }
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
