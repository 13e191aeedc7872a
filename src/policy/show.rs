//! What somebody wrote, as somebody else reads it: between its author and its viewer.
//!
//! What is shown on the viewer's own side is not judged. Across the border, the viewer's company
//! judges it as coming in: the viewer must be permitted. The author's company judges it as going
//! out, by its content alone: what a member posted before losing permission stays, by `unknown`.

use super::decide::UNSPOKEN;
use super::pair::{Notes, Pair, Whose};
use super::permission::may_use;
use super::question::Question;
use super::settings::{Direction, Settings};
use super::standing::{Side, Standing};
use super::unknown::{Between, network_between};
use super::verdict::{Block, Reason, Speaker};
use super::words::CompanyIx;

/// Judges what the question's actor wrote, for `viewer`.
pub(super) fn judge_show(
    settings: &Settings,
    question: &Question<'_>,
    viewer: Standing,
    notes: &mut impl Notes,
) {
    let author = question.actor;
    let Some(between) = network_between(settings, author, viewer) else {
        return;
    };
    match (viewer.side, author.side) {
        (Side::Company(own), _) => {
            judge_viewer(settings, question, (own, viewer), between, notes);
            judge_author(settings, question, between, Whose::Peers, notes);
        }
        (Side::Network(_), Side::Company(_)) => {
            judge_author(settings, question, between, Whose::Own, notes);
        }
        // Peers of two networks are each judged by the companies of the room they meet in.
        (Side::Network(_), Side::Network(_)) if !question.room.companies.is_empty() => {}
        _ => notes.note(Some(UNSPOKEN), Whose::Own),
    }
}

/// Rules 1, 2, 4 and 5 of the viewer's company, inbound.
fn judge_viewer(
    settings: &Settings,
    question: &Question<'_>,
    (own, viewer): (CompanyIx, Standing),
    between: Between,
    notes: &mut impl Notes,
) {
    let Between::Network(network) = between else {
        let speaker = Speaker {
            company: Some(own),
            network: None,
        };
        let found = Block::by(speaker, Reason::ConnectDenied);
        return notes.note(Some(found), Whose::Own);
    };
    let pair = Pair {
        settings,
        question,
        company: own,
        network,
        direction: Direction::Inbound,
        permitted: Some(may_use(settings, viewer, network)),
        wants_contact: false,
    };
    notes.ask(pair, Whose::Own);
}

/// Rules 4 and 5 of the author's company, outbound.
fn judge_author(
    settings: &Settings,
    question: &Question<'_>,
    between: Between,
    whose: Whose,
    notes: &mut impl Notes,
) {
    let author = question.actor.side.company();
    let (Some(company), Between::Network(network)) = (author, between) else {
        return;
    };
    let pair = Pair {
        settings,
        question,
        company,
        network,
        direction: Direction::Outbound,
        permitted: None,
        wants_contact: false,
    };
    notes.ask(pair, whose);
}
