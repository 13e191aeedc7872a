//! What things look like in answers and events: one shape for one thing, everywhere.

use serde::Serialize;

use super::content::Content;
use super::moment::Moment;

#[derive(Clone, Serialize)]
pub(super) struct Person {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) mail: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) picture: Option<String>,
    pub(super) status: Option<String>,
    pub(super) company: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Room {
    pub(super) id: String,
    pub(super) kind: super::room::RoomKind,
    pub(super) title: String,
    pub(super) members: Vec<Person>,
    pub(super) functions: super::room::Functions,
    pub(super) last_message: Option<Message>,
    pub(super) unread: usize,
    pub(super) typing: Vec<String>,
    pub(super) encrypted: bool,
    pub(super) open: bool,
}

/// A room where only its name is needed.
#[derive(Serialize)]
pub(super) struct RoomName {
    pub(super) id: String,
    pub(super) title: String,
}

#[derive(Serialize)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) room: String,
    pub(super) author: Person,
    pub(super) content: Option<Content>,
    pub(super) quote: Option<Box<Message>>,
    pub(super) mentions: Vec<String>,
    pub(super) reactions: Vec<Reaction>,
    pub(super) read_by: Vec<String>,
    pub(super) pinned: bool,
    pub(super) sent_at: Moment,
    pub(super) edited_at: Option<Moment>,
    pub(super) system: Option<System>,
}

#[derive(Clone, Serialize)]
pub(super) struct Reaction {
    pub(super) emoji: String,
    pub(super) people: Vec<String>,
}

/// What a system message tells.
#[derive(Clone, Serialize)]
pub(super) struct System {
    pub(super) event: &'static str,
    pub(super) person: Option<String>,
    pub(super) by: String,
    pub(super) text: String,
}

#[derive(Serialize)]
pub(super) struct File {
    pub(super) id: String,
    pub(super) room: Option<String>,
    pub(super) group: Option<String>,
    pub(super) board: Option<String>,
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) media_type: String,
    pub(super) size: u64,
    pub(super) sha256: String,
    pub(super) author: Person,
    pub(super) url: String,
    pub(super) thumbnail: Option<String>,
    pub(super) created_at: Moment,
}

#[derive(Clone, Serialize)]
pub(super) struct Scheduled {
    pub(super) id: String,
    pub(super) room: String,
    pub(super) author: Person,
    pub(super) content: Content,
    pub(super) quote: Option<String>,
    pub(super) mentions: Vec<String>,
    pub(super) send_at: Moment,
}

#[derive(Serialize)]
pub(super) struct Invitation {
    pub(super) id: String,
    pub(super) room: RoomName,
    pub(super) from: Person,
    pub(super) to: String,
}

#[derive(Serialize)]
pub(super) struct Contact {
    pub(super) person: Person,
    pub(super) since: Moment,
}

#[derive(Serialize)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) room: String,
    pub(super) owner: Person,
    pub(super) members: Vec<Person>,
}

#[derive(Serialize)]
pub(super) struct Board {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) owner: Person,
    pub(super) readers: Vec<Person>,
    pub(super) template: Option<String>,
}

#[derive(Clone, Serialize)]
pub(super) struct Template {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) fields: Vec<String>,
}

/// A note, event, task or post. A key that its kind doesn't have is `None` and left out; one that
/// the kind has and that is empty is `Some(None)`: `null`.
#[derive(Serialize)]
pub(super) struct Item {
    pub(super) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) board: Option<String>,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) author: Person,
    pub(super) attachments: Vec<File>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) template: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) starts_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) assignee: Option<Option<Person>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) due: Option<Option<Moment>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) done: Option<bool>,
    pub(super) created_at: Moment,
    pub(super) edited_at: Option<Moment>,
}
