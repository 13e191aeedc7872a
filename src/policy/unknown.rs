//! Who is `unknown` to whom, and which rooms vanish for whom.

use super::decide::decide;
use super::permission::{Meeting, all_may_use};
pub use super::permission::{may_use, who_fails};
use super::question::{Contact, Question};
use super::settings::Settings;
use super::standing::{CompanyInRoom, RoomStanding, Side, Standing};
use super::verdict::Reason;
use super::words::{Act, ContentKind, KindSet, NetworkIx};

/// The network through which `a` sees `b`: `None` when both stand on the same side.
pub fn network_between(settings: &Settings, a: Standing, b: Standing) -> Option<Between> {
    if a.side.is_with(b.side) {
        return None;
    }
    let network = match (a.side, b.side) {
        (Side::Company(_), Side::Company(_)) => settings.between_companies,
        (Side::Company(_), Side::Network(network)) | (Side::Network(network), Side::Company(_)) => {
            Some(network)
        }
        _ => None,
    };
    Some(network.map_or(Between::Nothing, Between::Network))
}

/// How two sides reach one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// Through this network.
    Network(NetworkIx),
    /// Through none that is known.
    Nothing,
}

/// Whether `subject` is shown as `unknown` to `viewer`: they stand on different sides, and one of
/// the two may not talk to the other's.
///
/// Where no network is known between them (peers of two networks, somebody unclassified, companies
/// that no network joins), each is `unknown` to the other.
pub fn is_unknown_to(settings: &Settings, subject: Standing, viewer: Standing) -> bool {
    match network_between(settings, subject, viewer) {
        None => false,
        Some(Between::Nothing) => true,
        Some(Between::Network(network)) => {
            let bars = |person: Standing| {
                person.side.company().is_some() && may_use(settings, person, network).is_err()
            };
            bars(subject) || bars(viewer)
        }
    }
}

/// Whether nobody in a room is unknown to `viewer` ([`is_unknown_to`]): asked of the room as a whole,
/// whatever the number of people.
pub fn all_are_known(settings: &Settings, room: &RoomStanding, viewer: Standing) -> bool {
    let may_use_it = |network| may_use(settings, viewer, network).is_ok();
    let members_are_known = |here: &CompanyInRoom| match viewer.side {
        Side::Company(own) if own == here.company => true,
        Side::Company(_) => settings.between_companies.is_some_and(|network| {
            may_use_it(network) && all_may_use(settings, here, network).is_ok()
        }),
        Side::Network(network) => all_may_use(settings, here, network).is_ok(),
        Side::Unclassified => false,
    };
    let peers_are_known = |network| match viewer.side {
        Side::Company(_) => may_use_it(network),
        Side::Network(own) => own == network,
        Side::Unclassified => false,
    };
    !room.unclassified
        && room.companies.iter().all(members_are_known)
        && room.networks.iter().all(peers_are_known)
}

/// Whether `subject` is unknown to `viewer` for a reason that is not the viewer's own company's: then
/// nothing may tell the viewer that there is such a person, not even a refusal.
pub fn is_concealed_from(settings: &Settings, subject: Standing, viewer: Standing) -> bool {
    let own_fault = match (network_between(settings, subject, viewer), viewer.side) {
        (Some(Between::Network(network)), Side::Company(_)) => {
            may_use(settings, viewer, network).is_err()
        }
        _ => false,
    };
    !own_fault && is_unknown_to(settings, subject, viewer)
}

/// Whether a room is there for `viewer`: an external room vanishes when the viewer may use none of
/// the networks that it reaches. The reason is the first rule that hides it.
///
/// Peers keep seeing their rooms (members they may not talk with are `unknown` there), unless
/// nothing is known of the room. For somebody unclassified there is no room.
pub fn is_hidden_from(
    settings: &Settings,
    room: &RoomStanding,
    viewer: Standing,
) -> Option<Reason> {
    match viewer.side {
        Side::Company(company) => hidden_from_member(settings, room, viewer, company),
        Side::Network(_) => room.is_unknown().then_some(Reason::NotPermitted),
        Side::Unclassified => Some(Reason::NotPermitted),
    }
}

fn hidden_from_member(
    settings: &Settings,
    room: &RoomStanding,
    viewer: Standing,
    company: super::words::CompanyIx,
) -> Option<Reason> {
    let person = viewer.side;
    let touched = Meeting { room, person }.touched(settings, company);
    let mut hidden = touched.beyond.then_some(Reason::ConnectDenied);
    for network in touched.networks.iter() {
        let reason = may_use(settings, viewer, network).err()?;
        hidden = Some(hidden.map_or(reason, |held| held.min(reason)));
    }
    hidden
}

/// The kinds that `viewer` could not send into `room`: their function buttons are off. All of them,
/// where the viewer may not send there at all; none in an internal room.
///
/// Contacts are left out of it: a button is not what tells a person that they are none.
pub fn buttons_off(settings: &Settings, room: &RoomStanding, viewer: Standing) -> KindSet {
    let blocked = |kind: &ContentKind| {
        let question = Question {
            contact: Contact::Made,
            ..Question::new(viewer, Act::Send, KindSet::of(*kind), room)
        };
        decide(settings, &question).block().is_some()
    };
    ContentKind::ALL.iter().copied().filter(blocked).collect()
}
