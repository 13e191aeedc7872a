//! What somebody wrote, as somebody else reads it: between its author and its viewer.
//!
//! What is shown on the viewer's own side is not judged. Across the border, the viewer's company
//! judges it as coming in: the viewer must be permitted. The author's company judges it as going
//! out, by its content alone: what a member posted before losing permission stays, by `unknown`.

use super::content::judge_content;
use super::decide::UNSPOKEN;
use super::permission::may_use;
use super::question::Question;
use super::settings::{Direction, Settings};
use super::standing::{Side, Standing};
use super::unknown::{Between, network_between};
use super::verdict::{Block, First, Reason, Speaker};
use super::words::CompanyIx;

/// Judges what the question's actor wrote, for `viewer`.
pub(super) fn judge_show(
    settings: &Settings,
    question: &Question<'_>,
    viewer: Standing,
    first: &mut First,
) {
    let author = question.actor;
    let Some(between) = network_between(settings, author, viewer) else {
        return;
    };
    match (viewer.side, author.side) {
        (Side::Company(own), _) => {
            first.note(judge_viewer(settings, question, (own, viewer), between));
            let found = judge_author(settings, question, author, between);
            first.note(found.map(Block::of_the_peer_side));
        }
        (Side::Network(_), Side::Company(_)) => {
            first.note(judge_author(settings, question, author, between));
        }
        // Peers of two networks are each judged by the companies of the room they meet in.
        (Side::Network(_), Side::Network(_)) if !question.room.companies.is_empty() => {}
        _ => first.note(Some(UNSPOKEN)),
    }
}

/// Rules 1, 2, 4 and 5 of the viewer's company, inbound.
fn judge_viewer(
    settings: &Settings,
    question: &Question<'_>,
    (own, viewer): (CompanyIx, Standing),
    between: Between,
) -> Option<Block> {
    let mut speaker = Speaker {
        company: Some(own),
        network: None,
    };
    let Between::Network(network) = between else {
        return Some(Block::by(speaker, Reason::ConnectDenied));
    };
    speaker.network = Some(network);
    match may_use(settings, viewer, network) {
        Err(reason) => Some(Block::by(speaker, reason)),
        Ok(()) => judge_content(settings, own, network, question.kinds, Direction::Inbound),
    }
}

/// Rules 4 and 5 of the author's company, outbound.
fn judge_author(
    settings: &Settings,
    question: &Question<'_>,
    author: Standing,
    between: Between,
) -> Option<Block> {
    let (Some(company), Between::Network(network)) = (author.side.company(), between) else {
        return None;
    };
    judge_content(
        settings,
        company,
        network,
        question.kinds,
        Direction::Outbound,
    )
}
