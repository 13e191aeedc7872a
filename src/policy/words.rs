//! The words of the policy: ids, acts and content kinds, each with its one spelling.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

pub use super::sets::{KindSet, NETWORKS_MAX, NetworkSet};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id as the protocol or the file spells it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }
        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }
    };
}

text_id!(
    /// A person as the protocol names them: a member of some company, or a peer.
    PersonId
);
text_id!(
    /// A company: the tenant whose administrator sets a policy.
    CompanyId
);
text_id!(
    /// A network: the outside world a peer is reached through (`line`, `works`, …).
    NetworkId
);

/// Where a company stands in [`Settings::companies`](super::Settings).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CompanyIx(pub u16);

/// Where a network stands in [`Settings::networks`](super::Settings).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NetworkIx(pub u8);

/// A word that the policy does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAWord;

impl fmt::Display for NotAWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a word of the policy")
    }
}

impl std::error::Error for NotAWord {}

/// Declares an enum whose every variant has one spelling: in YAML, API, metrics and the audit.
macro_rules! words {
    (
        $(#[$doc:meta])*
        $name:ident {
            $($(#[$variant_doc:meta])* $variant:ident = $spelling:literal,)*
        }
    ) => {
        $(#[$doc])*
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// All of them, in the order declared.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The one spelling.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $spelling,)*
                }
            }
        }

        impl FromStr for $name {
            type Err = NotAWord;

            fn from_str(text: &str) -> Result<Self, NotAWord> {
                match text {
                    $($spelling => Ok(Self::$variant),)*
                    _ => Err(NotAWord),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(super) use words;

words!(
    /// What is done, in the policy's words. A dialect maps each surface to one of them.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    Act {
        /// A new message.
        Send = "send",
        /// Another content for a message that was sent.
        Edit = "edit",
        /// A message sent again in another room.
        Forward = "forward",
        /// A message to be sent later.
        Schedule = "schedule",
        /// A reaction to a message.
        React = "react",
        /// A message is pinned or unpinned.
        Pin = "pin",
        /// A message or another thing is taken away.
        Delete = "delete",
        /// A read mark, a typing notice: presence in a room.
        Mark = "mark",
        /// A room is described: its title, topic or picture; a profile is changed.
        Describe = "describe",
        /// A file's bytes go up.
        Upload = "upload",
        /// A file's bytes come down.
        Download = "download",
        /// A note, event, task, board post or the like is written.
        Write = "write",
        /// A room, group or board is made.
        Create = "create",
        /// Somebody is asked in or added.
        Invite = "invite",
        /// Somebody comes in by themselves.
        Join = "join",
        /// Somebody goes, or is put out.
        Leave = "leave",
        /// A contact is made through a contact URL.
        AddContact = "add_contact",
        /// A call is started or joined.
        Call = "call",
        /// Something is read: a list, a message, a profile, an event of a stream.
        Show = "show",
    }
);

words!(
    /// What a payload is. Declared from harmless to unreadable; the worst in a payload decides.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    #[repr(u8)]
    ContentKind {
        /// Words.
        Text = "text",
        /// A sticker from a set.
        Sticker = "sticker",
        /// A place on a map.
        Location = "location",
        /// A link that is not into a drive.
        Link = "link",
        /// A call's signalling.
        Call = "call",
        /// Any image, video or voice clip: on the wire a fresh photo and a gallery image are the same.
        Camera = "camera",
        /// An address card, in any wrapping.
        Contacts = "contacts",
        /// A file or folder of a drive, or a link to one.
        Drive = "drive",
        /// A form or template.
        Template = "template",
        /// Any other upload.
        File = "file",
        /// Encrypted end to end.
        Opaque = "opaque",
        /// What could not be classified: always as restricted as can be.
        Other = "other",
    }
);

impl Act {
    /// Whether rules 4 and 5, which judge what is in a payload, apply. Calls, reactions, pins, read
    /// marks and deletions follow permission alone, and so does going.
    pub const fn carries_content(self) -> bool {
        !matches!(
            self,
            Self::React | Self::Pin | Self::Delete | Self::Mark | Self::Leave | Self::Call
        )
    }

    /// Whether rule 3 applies: making a contact can't need one.
    pub const fn needs_contact(self) -> bool {
        !matches!(self, Self::AddContact)
    }
}

#[cfg(test)]
mod tests {
    use super::super::verdict::Reason;
    use super::*;

    /// Every word reads back as itself, and is snake case.
    fn check<W>(all: &[W], spell: impl Fn(W) -> &'static str)
    where
        W: FromStr + PartialEq + fmt::Debug + fmt::Display + Copy,
    {
        assert!(!all.is_empty());
        for &word in all {
            let text = spell(word);
            assert_eq!(text.parse::<W>().ok(), Some(word));
            assert_eq!(text, word.to_string());
            assert!(text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
        }
        assert!("nonsense".parse::<W>().is_err() && "".parse::<W>().is_err());
    }

    #[test]
    fn acts_read_back_as_spelled() {
        check(Act::ALL, Act::as_str);
    }

    #[test]
    fn kinds_read_back_as_spelled() {
        check(ContentKind::ALL, ContentKind::as_str);
    }

    #[test]
    fn reasons_read_back_as_spelled() {
        check(Reason::ALL, Reason::as_str);
    }

    #[test]
    fn every_reason_has_its_own_sentence() {
        let sentences: std::collections::HashSet<_> =
            Reason::ALL.iter().map(|reason| reason.sentence()).collect();
        assert_eq!(sentences.len(), Reason::ALL.len());
        assert!(sentences.iter().all(|s| s.ends_with('.') && s.len() > 20));
    }

    #[test]
    fn an_id_is_spelled_as_it_was_given() {
        let id = PersonId::from("@alice:acme");
        assert_eq!(id.as_str(), "@alice:acme");
        assert_eq!(id.to_string(), "@alice:acme");
        assert_eq!(format!("{id:?}"), "\"@alice:acme\"");
        assert_eq!(PersonId::from("x".to_owned()), PersonId::from("x"));
        let borrowed: &str = std::borrow::Borrow::borrow(&id);
        assert_eq!(borrowed, "@alice:acme");
    }

    #[test]
    fn these_acts_follow_permission_alone() {
        let bare = Act::ALL.iter().filter(|act| !act.carries_content());
        assert_eq!(
            bare.map(|act| act.as_str()).collect::<Vec<_>>(),
            ["react", "pin", "delete", "mark", "leave", "call"]
        );
    }

    #[test]
    fn a_word_that_is_none_says_so() {
        assert_eq!(NotAWord.to_string(), "not a word of the policy");
    }
}
