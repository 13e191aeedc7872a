//! The rules, in their order.
//!
//! Each rule that does not allow is a finding, and the first of them is the verdict: reasons are
//! ordered as the rules are, so "the first" is a minimum, and neither the order of networks nor that
//! of companies matters. A decision costs companies × networks, whatever the number of people, and
//! allocates nothing.
//!
//! The readings of the design that the code rests on:
//! - Who acts counts as being in the room.
//! - A company judges its member's act (*outbound*) for every network that the room touches. It
//!   judges an outsider's act (*inbound*) for the network through which the outsider reaches it, and
//!   lets it in if some of its members in the room may use that network.
//! - An outsider's act in a room where somebody is unclassified is denied: nobody knows whose rules
//!   would have to be asked.
//! - Where an act changes who is in the room, the room before and the room after are both judged.
//! - Where no company is in an external room, no policy speaks for it, and nothing is permitted.
//! - Going is always possible.

use super::pair::{Notes, Pair, Whose};
use super::permission::{Meeting, Touched, all_may_use, may_use, some_may_use};
use super::question::Question;
use super::settings::{Direction, History, Settings};
use super::show::judge_show;
use super::standing::{CompanyInRoom, RoomStanding, Side};
use super::verdict::{Block, First, Obligations, Reason, Speaker, Verdict};
use super::words::{Act, CompanyIx, NetworkIx};

/// Nobody's policy speaks for it.
pub(super) const UNSPOKEN: Block = Block {
    reason: Reason::NotPermitted,
    network: None,
    company: None,
    kind: None,
};

/// Decides one act: the first rule that matches.
///
/// Something shown or downloaded with a viewer given is judged between its author and that viewer.
/// Without one it is shown to everyone in the room, which is as sending it there.
pub fn decide(settings: &Settings, question: &Question<'_>) -> Verdict {
    let mut first = First::default();
    judge(settings, question, &mut first);
    first.or_allow(|| Obligations {
        record: Rooms::of(question).are_external(question),
        greet: greeting(settings, question),
    })
}

/// Asks every rule of everyone concerned.
pub(super) fn judge(settings: &Settings, question: &Question<'_>, notes: &mut impl Notes) {
    let rooms = Rooms::of(question);
    match (question.act, question.viewer) {
        (Act::Leave, _) => {}
        (Act::Show | Act::Download, Some(viewer)) => {
            judge_show(settings, question, viewer, notes);
        }
        _ => {
            judge_room(settings, question, rooms.before, notes);
            if let Some(after) = rooms.after {
                judge_room(settings, question, after, notes);
                judge_opening(settings, question, rooms.before, after, notes);
            }
        }
    }
}

/// The room before an act, and after it where the act changes who is in it.
#[derive(Clone, Copy)]
struct Rooms<'a> {
    before: &'a RoomStanding,
    after: Option<&'a RoomStanding>,
}

impl<'a> Rooms<'a> {
    /// A room that is made had nobody in it before.
    fn of(question: &Question<'a>) -> Self {
        let (before, after) = match (question.act, question.after) {
            (Act::Create, None) => (const { &RoomStanding::NOBODY }, Some(question.room)),
            (_, after) => (question.room, after),
        };
        Self { before, after }
    }

    /// Whether the act crosses the border: the actor meets an external room, or is shown to somebody
    /// on another side.
    fn are_external(self, question: &Question<'_>) -> bool {
        let person = question.actor.side;
        let meets = |room| Meeting { room, person }.is_external();
        meets(self.before)
            || self.after.is_some_and(meets)
            || question
                .viewer
                .is_some_and(|viewer| !viewer.side.is_with(person))
    }
}

/// Rules 1 to 5 for an act in a room as it stands: the actor's own company, then every other.
fn judge_room(
    settings: &Settings,
    question: &Question<'_>,
    room: &RoomStanding,
    notes: &mut impl Notes,
) {
    let person = question.actor.side;
    let meeting = Meeting { room, person };
    if !meeting.is_external() {
        return;
    }
    match person {
        Side::Company(own) => {
            let touched = meeting.touched(settings, own);
            judge_outbound(settings, question, own, touched, notes);
            let others = room.companies.iter().filter(|here| here.company != own);
            for here in others {
                let through = settings.between_companies;
                judge_inbound(settings, question, here, through, Whose::Peers, notes);
            }
        }
        Side::Network(network) => {
            if room.companies.is_empty() {
                notes.note(Some(UNSPOKEN), Whose::Own);
            }
            for here in &room.companies {
                let through = (!room.unclassified).then_some(network);
                judge_inbound(settings, question, here, through, Whose::Own, notes);
            }
        }
        Side::Unclassified => notes.note(Some(UNSPOKEN), Whose::Own),
    }
}

/// Rules 1 to 5 of the actor's own company, for every network that the room touches.
fn judge_outbound(
    settings: &Settings,
    question: &Question<'_>,
    own: CompanyIx,
    touched: Touched,
    notes: &mut impl Notes,
) {
    if touched.beyond {
        notes.note(Some(beyond(own, Reason::ConnectDenied)), Whose::Own);
    }
    for network in touched.networks.iter() {
        let pair = Pair {
            settings,
            question,
            company: own,
            network,
            direction: Direction::Outbound,
            permitted: Some(may_use(settings, question.actor, network)),
            wants_contact: true,
        };
        notes.ask(pair, Whose::Own);
    }
}

/// Rules 1 to 5 of a company in the room, for an act that reaches it through this network, or
/// through none that is known.
fn judge_inbound(
    settings: &Settings,
    question: &Question<'_>,
    here: &CompanyInRoom,
    through: Option<NetworkIx>,
    whose: Whose,
    notes: &mut impl Notes,
) {
    let Some(network) = through else {
        return notes.note(Some(beyond(here.company, Reason::ConnectDenied)), whose);
    };
    let pair = Pair {
        settings,
        question,
        company: here.company,
        network,
        direction: Direction::Inbound,
        permitted: Some(some_may_use(settings, here, network)),
        wants_contact: true,
    };
    notes.ask(pair, whose);
}

/// Rule 6: an internal room becomes external. One that stays internal touches no network, and
/// nothing is found.
///
/// All members of the actor's own company who would be in it must be permitted, and so must all of
/// another company's who are in it already: it is their room that is opened. What those who are in
/// it already have said stays inside, unless their company says otherwise.
fn judge_opening(
    settings: &Settings,
    question: &Question<'_>,
    before: &RoomStanding,
    after: &RoomStanding,
    notes: &mut impl Notes,
) {
    if before.is_external() {
        return;
    }
    let person = question.actor.side;
    let meeting = Meeting {
        room: after,
        person,
    };
    let own = person.company();
    // Who acts was in the room, unless the act is to come in, or to make it.
    let was_there = !matches!(question.act, Act::Join | Act::Create);
    let has_past =
        |company| question.history_visible && (was_there || before.company(company).is_some());
    let opened = own.and_then(|own| after.company(own));
    for here in opened.into_iter().chain(&before.companies) {
        let found = fails_to_open(settings, here, meeting, has_past(here.company));
        let whose = match own {
            Some(own) if own != here.company => Whose::Peers,
            _ => Whose::Own,
        };
        notes.note_opening(here.company, found, whose);
    }
}

/// Rule 6 for the members of one company, who may have a past in the room that newcomers can read.
fn fails_to_open(
    settings: &Settings,
    here: &CompanyInRoom,
    meeting: Meeting<'_>,
    has_past: bool,
) -> Option<Block> {
    let touched = meeting.touched(settings, here.company);
    if touched.beyond {
        return Some(beyond(here.company, Reason::WouldBecomeExternal));
    }
    let kept_inside = |network| {
        let rules = settings.rules(here.company, network);
        has_past && rules.map(|rules| rules.history_on_external) != Some(History::Allow)
    };
    let failing = touched
        .networks
        .iter()
        .find(|&network| all_may_use(settings, here, network).is_err() || kept_inside(network))?;
    let speaker = Speaker {
        company: Some(here.company),
        network: Some(failing),
    };
    Some(Block::by(speaker, Reason::WouldBecomeExternal))
}

/// A block of `company` for people who are reached through no network that is known.
const fn beyond(company: CompanyIx, reason: Reason) -> Block {
    let speaker = Speaker {
        company: Some(company),
        network: None,
    };
    Block::by(speaker, reason)
}

/// The network on which a greeting is due for a contact that is made: that of the company whose
/// member was added. Where a peer and a member are the two, that is the member's, whoever acted.
fn greeting(settings: &Settings, question: &Question<'_>) -> Option<NetworkIx> {
    if question.act != Act::AddContact {
        return None;
    }
    let person = question.actor.side;
    let room = question.room;
    let own = person.company();
    let added = room
        .companies
        .iter()
        .map(|here| here.company)
        .find(|&company| Some(company) != own)
        .or(own)?;
    let touched = Meeting { room, person }.touched(settings, added);
    touched.networks.iter().find(|&network| {
        settings
            .rules(added, network)
            .is_some_and(|rules| !rules.greeting.is_empty())
    })
}
