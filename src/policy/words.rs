//! The words of the policy: ids, acts and content kinds, each with its one spelling.

use std::fmt;
use std::sync::Arc;

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

/// The most networks an installation may declare: one bit each in a [`NetworkSet`].
pub const NETWORKS_MAX: usize = 16;

/// A set of networks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NetworkSet(pub u16);

/// What is done, in the policy's words. A dialect maps each surface to one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Act {
    /// A new message.
    Send,
    /// Another content for a message that was sent.
    Edit,
    /// A message sent again in another room.
    Forward,
    /// A message to be sent later.
    Schedule,
    /// A reaction to a message.
    React,
    /// A message is pinned or unpinned.
    Pin,
    /// A message or another thing is taken away.
    Delete,
    /// A read mark, a typing notice: presence in a room.
    Mark,
    /// A room is described: its title, topic or picture; a profile is changed.
    Describe,
    /// A file's bytes go up.
    Upload,
    /// A file's bytes come down.
    Download,
    /// A note, event, task, board post or the like is written.
    Write,
    /// A room, group or board is made.
    Create,
    /// Somebody is asked in or added.
    Invite,
    /// Somebody comes in by themselves.
    Join,
    /// Somebody goes, or is put out.
    Leave,
    /// A contact is made through a contact URL.
    AddContact,
    /// A call is started or joined.
    Call,
    /// Something is read: a list, a message, a profile, an event of a stream.
    Show,
}

/// What a payload is. Declared from harmless to unreadable; the worst in a payload decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum ContentKind {
    /// Words.
    Text,
    /// A sticker from a set.
    Sticker,
    /// A place on a map.
    Location,
    /// A link that is not into a drive.
    Link,
    /// A call's signalling.
    Call,
    /// Any image, video or voice clip: on the wire a fresh photo and a gallery image are the same.
    Camera,
    /// An address card, in any wrapping.
    Contacts,
    /// A file or folder of a drive, or a link to one.
    Drive,
    /// A form or template.
    Template,
    /// Any other upload.
    File,
    /// Encrypted end to end.
    Opaque,
    /// What could not be classified: always as restricted as can be.
    Other,
}

/// A set of content kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct KindSet(pub u16);
