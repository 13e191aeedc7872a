//! What the policy answers.

use std::fmt;
use std::str::FromStr;

use super::words::{CompanyIx, ContentKind, NetworkIx, NotAWord, words};

words!(
    /// Why something is blocked, in the order of the rules: the first that does not allow is the least.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    Reason {
        /// Rule 1: the company's switch for the network is `deny`, or it says nothing of the network.
        ConnectDenied = "connect_denied",
        /// Rule 2: the member holds no grant.
        NotPermitted = "not_permitted",
        /// Rule 3: the network requires contacts, and there is none.
        NoContact = "no_contact",
        /// Rule 4: content that can't be read.
        Encrypted = "encrypted",
        /// Rule 5: a restricted kind.
        AttachmentRestricted = "attachment_restricted",
        /// Rule 6: an internal room would become external.
        WouldBecomeExternal = "would_become_external",
        /// Another company does not allow it; which of its settings says so is not told.
        PeerSideDenied = "peer_side_denied",
    }
);

impl Reason {
    /// What the person who is refused is told: nothing of another company's settings, and nothing of
    /// what another person may do.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::ConnectDenied => "Your company does not allow messages with people outside here.",
            Self::NotPermitted => {
                "You do not have permission to exchange messages with people outside here."
            }
            Self::NoContact => {
                "You are not a contact of the person outside; they have to add you first."
            }
            Self::Encrypted => "Encrypted messages can't be exchanged with people outside.",
            Self::AttachmentRestricted => {
                "Attachments of this kind can't be exchanged with people outside."
            }
            Self::WouldBecomeExternal => "This room can't be opened to people outside.",
            Self::PeerSideDenied => "The other side does not accept this.",
        }
    }
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

impl Verdict {
    /// The block, if it is one.
    pub const fn block(&self) -> Option<&Block> {
        match self {
            Self::Allow(_) => None,
            Self::Block(block) => Some(block),
        }
    }
}

/// Whose rules said it, and for which network.
#[derive(Clone, Copy, Debug)]
pub(super) struct Speaker {
    /// The company; `None` where no company's rules speak, or they must not be told.
    pub company: Option<CompanyIx>,
    /// The network; `None` where none is known.
    pub network: Option<NetworkIx>,
}

impl Speaker {
    /// The rules of `company` for `network`.
    pub(super) const fn of(company: CompanyIx, network: NetworkIx) -> Self {
        Self {
            company: Some(company),
            network: Some(network),
        }
    }
}

impl Block {
    /// A block without a kind.
    pub(super) const fn by(speaker: Speaker, reason: Reason) -> Self {
        Self {
            reason,
            network: speaker.network,
            company: speaker.company,
            kind: None,
        }
    }

    /// The same block as a member of another company may learn of it.
    pub(super) const fn of_the_peer_side(self) -> Self {
        Self {
            reason: Reason::PeerSideDenied,
            network: self.network,
            company: None,
            kind: None,
        }
    }
}

/// Keeps, of all the blocks that are found, the one to report: that of the first rule; among
/// attachments the worst kind; else the one found first.
#[derive(Debug, Default)]
pub(super) struct First(Option<Block>);

impl First {
    /// Takes what a rule found.
    pub(super) fn keep(&mut self, found: Option<Block>) {
        let Some(found) = found else { return };
        let rank = |block: &Block| (block.reason, std::cmp::Reverse(block.kind));
        if self.0.as_ref().is_none_or(|held| rank(&found) < rank(held)) {
            self.0 = Some(found);
        }
    }

    /// The verdict: the block, or that it may pass with what is owed for it.
    pub(super) fn or_allow(self, owed: impl FnOnce() -> Obligations) -> Verdict {
        match self.0 {
            Some(block) => Verdict::Block(block),
            None => Verdict::Allow(owed()),
        }
    }
}
