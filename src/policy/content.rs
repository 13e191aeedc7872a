//! Rules 4 and 5: what a payload may be.

use super::settings::{Direction, Rules, Settings};
use super::verdict::{Block, Reason, Speaker};
use super::words::{CompanyIx, ContentKind, KindSet, NetworkIx};

/// What `company` says of content of these kinds that goes this way through `network`.
pub(super) fn judge_content(
    settings: &Settings,
    speaker: (CompanyIx, NetworkIx),
    kinds: KindSet,
    direction: Direction,
) -> Option<Block> {
    judge_encrypted(settings, speaker, kinds)
        .or_else(|| judge_attachments(settings, speaker, kinds, direction))
}

/// Rule 4. A company that says nothing of the network refuses what can't be read.
pub(super) fn judge_encrypted(
    settings: &Settings,
    (company, network): (CompanyIx, NetworkIx),
    kinds: KindSet,
) -> Option<Block> {
    let rules = settings.rules(company, network);
    let refused = kinds.contains(ContentKind::Opaque) && rules.is_none_or(Rules::refuses_encrypted);
    refused.then(|| Block::by(Speaker::of(company, network), Reason::Encrypted))
}

/// Rule 5. A company that says nothing of the network is taken to restrict all it could. The worst
/// of the restricted kinds is named. Content that can't be read, where it is passed on purpose, is
/// not held to be an attachment, unless the list of restricted kinds names it.
pub(super) fn judge_attachments(
    settings: &Settings,
    (company, network): (CompanyIx, NetworkIx),
    kinds: KindSet,
    direction: Direction,
) -> Option<Block> {
    let rules = settings.rules(company, network);
    let covered = rules.is_none_or(|rules| rules.restrict_attachments.covers(direction));
    let worst = kinds
        .intersection(settings.restricted_kinds(rules, network))
        .worst()
        .filter(|_| covered)?;
    Some(Block {
        kind: Some(worst),
        ..Block::by(Speaker::of(company, network), Reason::AttachmentRestricted)
    })
}
