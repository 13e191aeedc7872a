//! Grants over time: what an event makes of a member, or why it may not be.
//!
//! Pure as everything here: an event and what is known in, what is then true or a [`Refusal`] out.
//! What the files say (*provisioned*) is never copied into what is kept, so it ends with the files.

use std::fmt;

use super::settings::{Permission, Settings};
use super::standing::{Side, Standing};
use super::words::{CompanyIx, NetworkIx, NetworkSet};

/// What is kept of a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// Whether they are there.
    pub life: Life,
    /// The grants that they were given while the gateway ran. They are facts: a setting that makes
    /// them sleep does not take them.
    pub grants: NetworkSet,
}

/// Whether a member is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Life {
    /// They have not appeared yet.
    #[default]
    New,
    /// They have.
    Active,
    /// They are as revoked, until they are resumed.
    Suspended,
    /// They are as revoked for good. Only being created anew makes a member of the same id.
    Deleted,
}

/// What the files say of a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Provisioned {
    /// Grants by `connected_members`.
    pub grants: NetworkSet,
    /// Whether they stand under `suspended`.
    pub suspended: bool,
}

/// What happens to a member. Each but `Create` makes somebody appear who had not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// They are seen: in the files, or as the owner of a credential. Who was deleted is not
    /// brought back by that.
    Appear,
    /// An administrator or a directory makes them. After a deletion they are a new member.
    Create,
    /// An administrator gives a grant.
    Grant(NetworkIx),
    /// An administrator takes a grant.
    Revoke(NetworkIx),
    /// An administrator suspends them.
    Suspend,
    /// An administrator ends that.
    Resume,
    /// An administrator deletes them.
    Delete,
}

/// What an event has made of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The member afterwards.
    pub member: Member,
    /// Those of the grants that are new and were nobody's choice: they came with the appearance.
    pub automatic: NetworkSet,
}

/// Why an event may not be. Each is a conflict with what somebody has set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Refusal {
    /// Everyone may use this network: grants sleep, and single ones are neither given nor taken.
    AllMembers(NetworkIx),
    /// This grant stands in the files.
    Provisioned(NetworkIx),
    /// The suspension stands in the files.
    SuspendedByFile,
    /// The member was deleted.
    Deleted,
}

/// What `event` makes of a member of `company`.
///
/// # Errors
/// If it conflicts with the settings, the files, or a deletion.
pub fn after(
    settings: &Settings,
    company: CompanyIx,
    files: Provisioned,
    before: Member,
    event: Event,
) -> Result<Change, Refusal> {
    let mut change = match (before.life, event) {
        (Life::New, _) | (Life::Deleted, Event::Create) => {
            first_appearance(settings, company, files)
        }
        _ => Change::none(before),
    };
    let member = &mut change.member;
    match (event, member.life) {
        (Event::Appear | Event::Create, _) | (Event::Delete, Life::Deleted) => {}
        (_, Life::Deleted) => return Err(Refusal::Deleted),
        (Event::Grant(network), _) => {
            changeable(settings, company, files, network)?;
            member.grants.insert(network);
            change.automatic.remove(network);
        }
        (Event::Revoke(network), _) => {
            changeable(settings, company, files, network)?;
            member.grants.remove(network);
            change.automatic.remove(network);
        }
        (Event::Suspend, _) => member.life = Life::Suspended,
        (Event::Resume, _) if files.suspended => return Err(Refusal::SuspendedByFile),
        (Event::Resume, _) => member.life = Life::Active,
        (Event::Delete, _) => {
            *member = Member {
                life: Life::Deleted,
                grants: NetworkSet::EMPTY,
            };
            change.automatic = NetworkSet::EMPTY;
        }
    }
    Ok(change)
}

/// The grants that a member gets at their first appearance, and never later.
fn first_appearance(settings: &Settings, company: CompanyIx, files: Provisioned) -> Change {
    let networks = (0_u8..).map(NetworkIx).zip(&settings.networks);
    let automatic = networks
        .map(|(network, _)| network)
        .filter(|network| !files.grants.contains(*network))
        .filter(|network| {
            settings.rules(company, *network).is_some_and(|rules| {
                rules.auto_grant_new_members && rules.permission == Permission::ByMember
            })
        })
        .collect();
    Change {
        member: Member {
            life: Life::Active,
            grants: automatic,
        },
        automatic,
    }
}

/// Whether a single grant can be given or taken at all.
fn changeable(
    settings: &Settings,
    company: CompanyIx,
    files: Provisioned,
    network: NetworkIx,
) -> Result<(), Refusal> {
    let rules = settings.rules(company, network);
    if rules.is_some_and(|rules| rules.permission == Permission::AllMembers) {
        Err(Refusal::AllMembers(network))
    } else if files.grants.contains(network) {
        Err(Refusal::Provisioned(network))
    } else {
        Ok(())
    }
}

impl Change {
    /// Nothing happens.
    const fn none(member: Member) -> Self {
        Self {
            member,
            automatic: NetworkSet::EMPTY,
        }
    }
}

impl Member {
    /// What this adds up to with what the files say of a member of `company`.
    pub fn standing(self, company: CompanyIx, files: Provisioned) -> Standing {
        let grants = match self.life {
            Life::Deleted => NetworkSet::EMPTY,
            Life::New | Life::Active | Life::Suspended => files.grants.union(self.grants),
        };
        Standing {
            side: Side::Company(company),
            grants,
            suspended: files.suspended || matches!(self.life, Life::Suspended | Life::Deleted),
        }
    }
}

impl From<Standing> for Provisioned {
    /// What the files say, if `standing` is what they say.
    fn from(standing: Standing) -> Self {
        Self {
            grants: standing.grants,
            suspended: standing.suspended,
        }
    }
}

impl Refusal {
    /// One word for it: in cases, and for machines.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AllMembers(_) => "all_members",
            Self::Provisioned(_) => "provisioned",
            Self::SuspendedByFile => "suspended_by_file",
            Self::Deleted => "deleted",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AllMembers(_) => "all members may use this network: single grants sleep",
            Self::Provisioned(_) => "this grant stands in a file, and is changed there",
            Self::SuspendedByFile => "this suspension stands in a file, and is ended there",
            Self::Deleted => "this member was deleted",
        })
    }
}

impl std::error::Error for Refusal {}
