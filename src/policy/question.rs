//! What is asked of the policy.

use super::standing::{RoomStanding, Standing};
use super::words::{Act, KindSet};

/// One act to decide: who does what, with which content, where, and who would come in by it.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// Who acts. For something shown: who wrote it.
    pub actor: Standing,
    /// For something shown: who reads it. Else `None`: everyone in the room.
    pub viewer: Option<Standing>,
    /// What is done.
    pub act: Act,
    /// The kinds of content in it.
    pub kinds: KindSet,
    /// The room as it is.
    pub room: &'a RoomStanding,
    /// The room as it would be afterwards, where the act changes who is in it.
    pub after: Option<&'a RoomStanding>,
    /// Whether those who come in could read what was said before they came.
    pub history_visible: bool,
    /// What is known of contacts between the acting side and the other (rule 3).
    pub contact: Contact,
}

/// What is known of the contact between a member and the peers an act is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contact {
    /// There is one.
    Made,
    /// There is none, or nobody knows.
    Missing,
}
