//! What is asked of the policy.

use super::standing::{RoomStanding, Standing};
use super::words::{Act, KindSet};

/// One act to decide: who does what, with which content, where, and who would come in by it.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// Who acts. For something shown: who wrote it.
    pub actor: Standing,
    /// For something shown or downloaded: who reads it. Else `None`: everyone in the room.
    pub viewer: Option<Standing>,
    /// What is done.
    pub act: Act,
    /// The kinds of content in it.
    pub kinds: KindSet,
    /// The room as it is.
    pub room: &'a RoomStanding,
    /// The room as it would be afterwards, where the act changes who is in it. A room that is made
    /// can stand here, or in [`Question::room`].
    pub after: Option<&'a RoomStanding>,
    /// Whether those who come in could read what was said before they came.
    pub history_visible: bool,
    /// What is known of contacts between the acting side and the other (rule 3). For a room of many:
    /// made, if every peer whom the act is for is a contact of the member who acts, or is acted for.
    pub contact: Contact,
}

impl<'a> Question<'a> {
    /// A plain act in a room, with the strictest of everything else: no contact is known, and what
    /// was said before can be read.
    pub const fn new(actor: Standing, act: Act, kinds: KindSet, room: &'a RoomStanding) -> Self {
        Self {
            actor,
            viewer: None,
            act,
            kinds,
            room,
            after: None,
            history_visible: true,
            contact: Contact::Missing,
        }
    }
}

/// What is known of the contact between a member and the peers an act is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contact {
    /// There is one.
    Made,
    /// There is none, or nobody knows.
    Missing,
}
