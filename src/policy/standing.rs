//! Where a person stands, and what a room's people add up to.

use super::words::{CompanyIx, NetworkIx, NetworkSet};

/// Which side of the border a person is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// A member of a company of this installation.
    Company(CompanyIx),
    /// A peer who is reached through a network, of no company here.
    Network(NetworkIx),
    /// Nobody knows: treated as the strictest it could be.
    Unclassified,
}

/// What the policy must know of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Standing {
    /// The person's side.
    pub side: Side,
    /// The networks the person holds a grant for.
    pub grants: NetworkSet,
    /// Suspended members are as revoked.
    pub suspended: bool,
}

/// What the people of a room add up to, made once and asked often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomStanding {
    /// The companies whose members are in the room, with the networks that at least one and that
    /// every one of them holds permission-relevant grants for (suspended members hold none).
    pub companies: Vec<CompanyInRoom>,
    /// The networks of peers that are of no company here.
    pub networks: NetworkSet,
    /// Whether someone in the room could not be classified, or the room's people are not known.
    pub unclassified: bool,
}

/// The members of one company in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompanyInRoom {
    /// The company.
    pub company: CompanyIx,
    /// Networks that some active member here holds a grant for.
    pub granted_some: NetworkSet,
    /// Networks that every member here holds a grant for, and is active.
    pub granted_all: NetworkSet,
    /// Whether at least one member here is not suspended.
    pub any_active: bool,
    /// Whether every member here is not suspended.
    pub all_active: bool,
}

impl RoomStanding {
    /// The room of these people.
    pub fn of(_people: impl IntoIterator<Item = Standing>) -> Self {
        todo!()
    }

    /// A room of which nothing is known: external and as strict as can be.
    pub fn unknown() -> Self {
        Self {
            unclassified: true,
            ..Self::default()
        }
    }

    /// This room and those people who would come in.
    pub fn with(&self, _people: impl IntoIterator<Item = Standing>) -> Self {
        todo!()
    }

    /// Whether people of more than one side are here, or somebody unclassified.
    pub fn is_external(&self) -> bool {
        todo!()
    }
}
