//! Rules 1 to 5 of one company for one network: one after the other to decide, all to explain.

use super::content::{judge_attachments, judge_content, judge_encrypted};
use super::permission::lacks_contact;
use super::question::Question;
use super::settings::{Direction, Settings};
use super::verdict::{Block, First, Reason, Speaker};
use super::words::{CompanyIx, ContentKind, NetworkIx};

/// One company that is asked, and the network through which the other side reaches it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair<'a> {
    pub settings: &'a Settings,
    pub question: &'a Question<'a>,
    pub company: CompanyIx,
    pub network: NetworkIx,
    pub direction: Direction,
    /// What rules 1 and 2 came to; `None` where they are not asked.
    pub permitted: Option<Result<(), Reason>>,
    /// Whether rule 3 is asked.
    pub wants_contact: bool,
}

/// What takes in what the rules find.
pub(super) trait Notes {
    /// A company is asked for one network. `whose` turns a block into what the actor's side may be
    /// told of it.
    fn ask(&mut self, pair: Pair<'_>, whose: Whose);

    /// Something else does not allow.
    fn note(&mut self, found: Option<Block>, whose: Whose);

    /// Rule 6 was asked of a company, and this came of it.
    fn note_opening(&mut self, company: CompanyIx, found: Option<Block>, whose: Whose);
}

/// Whether the company that is asked is that of whom the verdict is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    Own,
    Peers,
}

impl Whose {
    /// The block as it may be told.
    pub const fn told(self, block: Block) -> Block {
        match self {
            Self::Own => block,
            Self::Peers => block.of_the_peer_side(),
        }
    }
}

impl Notes for First {
    fn ask(&mut self, pair: Pair<'_>, whose: Whose) {
        self.note(pair.first(), whose);
    }

    fn note(&mut self, found: Option<Block>, whose: Whose) {
        self.keep(found.map(|block| whose.told(block)));
    }

    fn note_opening(&mut self, _: CompanyIx, found: Option<Block>, whose: Whose) {
        self.note(found, whose);
    }
}

/// What one rule says: `None` where it is not asked, else the block, if it does not allow.
pub(super) type Answer = Option<Option<Block>>;

impl Pair<'_> {
    /// The first rule that does not allow.
    pub fn first(&self) -> Option<Block> {
        if let Some(Err(reason)) = self.permitted {
            return Some(self.block(reason));
        }
        if self.lacks_contact() {
            return Some(self.block(Reason::NoContact));
        }
        if !self.question.act.carries_content() {
            return None;
        }
        let whose = (self.company, self.network);
        judge_content(self.settings, whose, self.question.kinds, self.direction)
    }

    /// Each of the rules with what it says by itself, whatever those before it say.
    pub fn all(&self) -> [(Reason, Answer); 5] {
        let denied = self.permitted == Some(Err(Reason::ConnectDenied));
        let connect = self.permitted.map(|_| denied);
        let permission = self.permitted.filter(|_| !denied);
        let contact = self.wants_contact.then(|| self.lacks_contact());
        let kinds = self.question.kinds;
        let content = self.question.act.carries_content() && !kinds.is_empty();
        let opaque = content && kinds.contains(ContentKind::Opaque);
        let whose = (self.company, self.network);
        let broken = |answer: Option<bool>, reason| {
            answer.map(|is_broken| is_broken.then(|| self.block(reason)))
        };
        [
            (
                Reason::ConnectDenied,
                broken(connect, Reason::ConnectDenied),
            ),
            (
                Reason::NotPermitted,
                broken(permission.map(|it| it.is_err()), Reason::NotPermitted),
            ),
            (Reason::NoContact, broken(contact, Reason::NoContact)),
            (
                Reason::Encrypted,
                opaque.then(|| judge_encrypted(self.settings, whose, kinds)),
            ),
            (
                Reason::AttachmentRestricted,
                content.then(|| judge_attachments(self.settings, whose, kinds, self.direction)),
            ),
        ]
    }

    fn lacks_contact(&self) -> bool {
        self.wants_contact && lacks_contact(self.settings, self.question, self.network)
    }

    const fn block(&self, reason: Reason) -> Block {
        Block::by(Speaker::of(self.company, self.network), reason)
    }
}
