//! Rules 1 to 3: what a room touches, and who may use it.

use super::question::{Contact, Question};
use super::settings::{Connect, Permission, Rules, Settings};
use super::standing::{CompanyInRoom, RoomStanding, Side, Standing};
use super::verdict::Reason;
use super::words::{CompanyIx, NetworkIx, NetworkSet};

/// Whether `member` may use `network` at all (rules 1 and 2).
///
/// A suspended member is as one without a grant, whoever may use the network. Somebody who is of no
/// company here may use nothing by any company's rules.
pub fn may_use(settings: &Settings, member: Standing, network: NetworkIx) -> Result<(), Reason> {
    let company = member.side.company().ok_or(Reason::NotPermitted)?;
    let rules = open_rules(settings, company, network)?;
    permit(match rules.permission {
        Permission::AllMembers => !member.suspended,
        Permission::ByMember => !member.suspended && member.grants.contains(network),
    })
}

/// Whether some member of a company in a room may use `network`.
pub(super) fn some_may_use(
    settings: &Settings,
    here: &CompanyInRoom,
    network: NetworkIx,
) -> Result<(), Reason> {
    let rules = open_rules(settings, here.company, network)?;
    permit(match rules.permission {
        Permission::AllMembers => here.any_active,
        Permission::ByMember => here.granted_some.contains(network),
    })
}

/// Whether every member of a company in a room may use `network`.
pub(super) fn all_may_use(
    settings: &Settings,
    here: &CompanyInRoom,
    network: NetworkIx,
) -> Result<(), Reason> {
    let rules = open_rules(settings, here.company, network)?;
    permit(match rules.permission {
        Permission::AllMembers => here.all_active,
        Permission::ByMember => here.granted_all.contains(network),
    })
}

/// The members of `company` among `people` who fail rules 1 and 2 for `network`: whom rule 6 names
/// to their own company. Nobody of another company is ever among them.
pub fn who_fails<T>(
    settings: &Settings,
    company: CompanyIx,
    network: NetworkIx,
    people: impl IntoIterator<Item = (T, Standing)>,
) -> impl Iterator<Item = T> {
    people.into_iter().filter_map(move |(name, person)| {
        let fails =
            person.side == Side::Company(company) && may_use(settings, person, network).is_err();
        fails.then_some(name)
    })
}

/// Rule 3: whether `network` wants a contact that is not there.
pub(super) fn lacks_contact(
    settings: &Settings,
    question: &Question<'_>,
    network: NetworkIx,
) -> bool {
    question.act.needs_contact()
        && question.contact == Contact::Missing
        && settings.requires_contact(network)
}

/// Rule 1: the rules of `company` for `network`, where it has any and its switch is on.
fn open_rules(
    settings: &Settings,
    company: CompanyIx,
    network: NetworkIx,
) -> Result<&Rules, Reason> {
    settings
        .rules(company, network)
        .filter(|rules| rules.connect == Connect::Allow)
        .ok_or(Reason::ConnectDenied)
}

/// Rule 2's answer.
const fn permit(permitted: bool) -> Result<(), Reason> {
    if permitted {
        Ok(())
    } else {
        Err(Reason::NotPermitted)
    }
}

/// A room as one person meets it: who acts or looks counts as being in it, also where the room's
/// people as they were learnt do not name them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meeting<'a> {
    /// The room.
    pub room: &'a RoomStanding,
    /// Whose meeting it is.
    pub person: Side,
}

/// What a room touches as one company sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Touched {
    /// The networks of those who are not of the company.
    pub networks: NetworkSet,
    /// Whether there is somebody besides who is reached through no network that is known. It is as
    /// a network that the company says nothing of.
    pub beyond: bool,
}

impl Meeting<'_> {
    /// Whether somebody in it is on another side than the person, or unclassified.
    pub fn is_external(self) -> bool {
        let room = self.room;
        match self.person {
            Side::Company(own) => {
                room.unclassified || !room.networks.is_empty() || self.others(own)
            }
            Side::Network(own) => {
                let mut foreign = room.networks;
                foreign.remove(own);
                room.unclassified || !foreign.is_empty() || !room.companies.is_empty()
            }
            Side::Unclassified => true,
        }
    }

    /// What it touches as `company` sees it: the networks of peers, the network between companies
    /// where another company is in it, and what is beyond all of them. It is not asked for a person
    /// who is unclassified: to them nothing is permitted.
    pub fn touched(self, settings: &Settings, company: CompanyIx) -> Touched {
        let mut touched = Touched {
            networks: self.room.networks,
            beyond: self.room.unclassified,
        };
        if let Side::Network(network) = self.person {
            touched.networks.insert(network);
        }
        if self.others(company) {
            match settings.between_companies {
                Some(network) => touched.networks.insert(network),
                None => touched.beyond = true,
            }
        }
        touched
    }

    /// Whether somebody of a company other than `own` is in it.
    fn others(self, own: CompanyIx) -> bool {
        self.person.company().is_some_and(|company| company != own)
            || self.room.companies.iter().any(|here| here.company != own)
    }
}
