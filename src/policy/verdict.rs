//! What the policy answers.

use super::words::{CompanyIx, ContentKind, NetworkIx};

/// Why something is blocked, in the order of the rules: the first that does not allow is the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// Rule 1: the company's switch for the network is `deny`, or it says nothing of the network.
    ConnectDenied,
    /// Rule 2: the member holds no grant.
    NotPermitted,
    /// Rule 3: the network requires contacts, and there is none.
    NoContact,
    /// Rule 4: content that can't be read.
    Encrypted,
    /// Rule 5: a restricted kind.
    AttachmentRestricted,
    /// Rule 6: an internal room would become external.
    WouldBecomeExternal,
    /// Another company does not allow it; which of its settings says so is not told.
    PeerSideDenied,
}

/// The policy's word on one act.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may pass, with what is owed for it.
    Allow(Obligations),
    /// It may not.
    Block(Block),
}

/// What an allowed act owes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Obligations {
    /// The decision is of an external room: it is recorded.
    pub record: bool,
    /// A contact was made: the greeting goes out, once.
    pub greet: Option<NetworkIx>,
}

/// A blocked act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The first reason that does not allow.
    pub reason: Reason,
    /// The network whose rules said so, if one did.
    pub network: Option<NetworkIx>,
    /// The company whose rules said so. Never shown to people of another company.
    pub company: Option<CompanyIx>,
    /// The kind that was restricted, for [`Reason::AttachmentRestricted`].
    pub kind: Option<ContentKind>,
}
