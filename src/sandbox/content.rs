//! What a message holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::refusal::Refusal;

/// The longest text that a message, caption or title may have, in characters.
pub(super) const TEXT_CHARS_MAX: usize = 10_000;

/// The content of a message; `type` on the wire says which.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "the keys are those of the protocol's table of contents"
)]
pub enum Content {
    Text {
        text: String,
    },
    Sticker {
        pack: String,
        sticker: String,
    },
    Location {
        latitude: serde_json::Number,
        longitude: serde_json::Number,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        label: Option<String>,
    },
    Link {
        url: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    Image(Attached),
    Video(Attached),
    Voice(Attached),
    File(Attached),
    Contact {
        card: Card,
    },
    Drive {
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
    Template {
        template: String,
        fields: BTreeMap<String, String>,
    },
    Call {
        call: String,
    },
    Encrypted {
        ciphertext: String,
    },
}

/// A file that was uploaded to the message's room.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attached {
    /// The file's id.
    pub file: String,
    /// A line below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
}

/// An address card.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the keys say it")]
pub struct Card {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
}

impl Content {
    /// Plain text.
    pub fn text(text: &str) -> Self {
        Self::Text {
            text: text.to_owned(),
        }
    }

    pub(super) fn attached(&self) -> Option<&Attached> {
        match self {
            Self::Image(it) | Self::Video(it) | Self::Voice(it) | Self::File(it) => Some(it),
            _ => None,
        }
    }

    pub(super) fn attached_mut(&mut self) -> Option<&mut Attached> {
        match self {
            Self::Image(it) | Self::Video(it) | Self::Voice(it) | Self::File(it) => Some(it),
            _ => None,
        }
    }

    /// The words that a person can search for.
    pub(super) fn words(&self) -> Vec<&str> {
        match self {
            Self::Text { text } => vec![text],
            Self::Location { label, .. } => label.iter().map(String::as_str).collect(),
            Self::Link { url, title, text } => [Some(url), title.as_ref(), text.as_ref()]
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect(),
            Self::Image(it) | Self::Video(it) | Self::Voice(it) | Self::File(it) => {
                it.caption.iter().map(String::as_str).collect()
            }
            Self::Contact { card } => vec![&card.name],
            Self::Drive { name, .. } => vec![name],
            Self::Template { fields, .. } => fields.values().map(String::as_str).collect(),
            Self::Sticker { .. } | Self::Call { .. } | Self::Encrypted { .. } => Vec::new(),
        }
    }

    /// Checks what the types can't say.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        for words in self.words() {
            check_text(words)?;
        }
        match self {
            Self::Drive { item, url, .. } if item.is_some() == url.is_some() => Err(
                Refusal::unprocessable("drive content has either `item` or `url`"),
            ),
            _ => Ok(()),
        }
    }
}

/// A text of 1 to `TEXT_CHARS_MAX` characters.
pub(super) fn check_text(text: &str) -> Result<(), Refusal> {
    if text.is_empty() || text.chars().count() > TEXT_CHARS_MAX {
        return Err(Refusal::unprocessable(format!(
            "a text has 1 to {TEXT_CHARS_MAX} characters"
        )));
    }
    Ok(())
}
