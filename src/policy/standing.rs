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
    /// The companies whose members are in the room, each once, by index.
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
    /// Networks that some member here holds a grant for, and is active.
    pub granted_some: NetworkSet,
    /// Networks that every member here holds a grant for, and is active.
    pub granted_all: NetworkSet,
    /// Whether at least one member here is not suspended.
    pub any_active: bool,
    /// Whether every member here is not suspended.
    pub all_active: bool,
}

impl Side {
    /// The company, if it is one of this installation.
    pub const fn company(self) -> Option<CompanyIx> {
        match self {
            Self::Company(company) => Some(company),
            Self::Network(_) | Self::Unclassified => None,
        }
    }

    /// Whether both are on one side of the border. Nobody is known to be on the side of somebody
    /// unclassified, not even somebody else unclassified.
    pub fn is_with(self, other: Self) -> bool {
        self == other && self != Self::Unclassified
    }
}

impl Standing {
    /// Somebody of whom nothing is known.
    pub const UNCLASSIFIED: Self = Self::outside(Side::Unclassified);

    /// An active member of `company` with these grants.
    pub const fn member(company: CompanyIx, grants: NetworkSet) -> Self {
        Self {
            side: Side::Company(company),
            grants,
            suspended: false,
        }
    }

    /// A peer who is reached through `network`.
    pub const fn peer(network: NetworkIx) -> Self {
        Self::outside(Side::Network(network))
    }

    const fn outside(side: Side) -> Self {
        Self {
            side,
            grants: NetworkSet::EMPTY,
            suspended: false,
        }
    }
}

impl RoomStanding {
    /// A room without people: what a room was before it was made.
    pub const NOBODY: Self = Self {
        companies: Vec::new(),
        networks: NetworkSet::EMPTY,
        unclassified: false,
    };

    /// The room of these people.
    pub fn of(people: impl IntoIterator<Item = Standing>) -> Self {
        let mut room = Self::NOBODY;
        people.into_iter().for_each(|person| room.admit(person));
        room
    }

    /// A room of which nothing is known: external and as strict as can be.
    pub fn unknown() -> Self {
        Self {
            unclassified: true,
            ..Self::NOBODY
        }
    }

    /// This room and those people who would come in. Who is in it already changes nothing.
    pub fn with(&self, people: impl IntoIterator<Item = Standing>) -> Self {
        let mut room = self.clone();
        people.into_iter().for_each(|person| room.admit(person));
        room
    }

    /// Whether people of more than one side are here, or somebody unclassified. Each company is a
    /// side, and so are the peers of each network.
    pub fn is_external(&self) -> bool {
        self.unclassified || self.companies.len() + self.networks.len() > 1
    }

    /// Whether nothing at all is known of the people here.
    pub fn is_unknown(&self) -> bool {
        self.unclassified && self.companies.is_empty() && self.networks.is_empty()
    }

    /// The members of `company` here.
    pub fn company(&self, company: CompanyIx) -> Option<&CompanyInRoom> {
        let at = self
            .companies
            .binary_search_by_key(&company, |here| here.company)
            .ok()?;
        self.companies.get(at)
    }

    /// Whether somebody of this side is here. Nobody is known to be on the side of somebody
    /// unclassified.
    pub fn has(&self, side: Side) -> bool {
        match side {
            Side::Company(company) => self.company(company).is_some(),
            Side::Network(network) => self.networks.contains(network),
            Side::Unclassified => false,
        }
    }

    fn admit(&mut self, person: Standing) {
        match person.side {
            Side::Company(company) => self.admit_member(company, person),
            Side::Network(network) => {
                self.networks.insert(network);
                // A network that the set has no room for must not vanish from the room.
                self.unclassified |= !self.networks.contains(network);
            }
            Side::Unclassified => self.unclassified = true,
        }
    }

    fn admit_member(&mut self, company: CompanyIx, member: Standing) {
        let one = CompanyInRoom::of_one(company, member);
        match self
            .companies
            .binary_search_by_key(&company, |here| here.company)
        {
            Ok(at) => {
                if let Some(here) = self.companies.get_mut(at) {
                    here.admit(one);
                }
            }
            Err(at) => self.companies.insert(at, one),
        }
    }
}

impl CompanyInRoom {
    fn of_one(company: CompanyIx, member: Standing) -> Self {
        let active = !member.suspended;
        let grants = if active {
            member.grants
        } else {
            NetworkSet::EMPTY
        };
        Self {
            company,
            granted_some: grants,
            granted_all: grants,
            any_active: active,
            all_active: active,
        }
    }

    fn admit(&mut self, other: Self) {
        self.granted_some = self.granted_some.union(other.granted_some);
        self.granted_all = self.granted_all.intersection(other.granted_all);
        self.any_active |= other.any_active;
        self.all_active &= other.all_active;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACME: CompanyIx = CompanyIx(0);
    const GLOBEX: CompanyIx = CompanyIx(1);
    const LINE: NetworkIx = NetworkIx(0);
    const WORKS: NetworkIx = NetworkIx(1);

    fn member(company: CompanyIx, grants: &[NetworkIx]) -> Standing {
        Standing::member(company, grants.iter().copied().collect())
    }

    fn suspended(company: CompanyIx, grants: &[NetworkIx]) -> Standing {
        Standing {
            suspended: true,
            ..member(company, grants)
        }
    }

    #[test]
    fn a_room_is_external_when_its_people_are_on_two_sides() {
        let acme = member(ACME, &[]);
        let globex = member(GLOBEX, &[]);
        let line = Standing::peer(LINE);
        let works = Standing::peer(WORKS);
        let nobody = Standing::UNCLASSIFIED;
        let past_the_limit = Standing::peer(NetworkIx(16));
        for (people, external) in [
            (vec![], false),
            (vec![acme], false),
            (vec![acme, acme], false),
            (vec![line, line], false),
            (vec![acme, globex], true),
            (vec![acme, line], true),
            (vec![line, works], true),
            (vec![nobody], true),
            (vec![acme, nobody], true),
            (vec![past_the_limit], true),
        ] {
            assert_eq!(
                RoomStanding::of(people.clone()).is_external(),
                external,
                "{people:?}"
            );
        }
        assert!(RoomStanding::unknown().is_external());
    }

    #[test]
    fn only_a_room_of_which_nothing_is_known_is_unknown() {
        let unknown = RoomStanding::unknown();
        assert!(unknown.is_unknown());
        assert!(!unknown.with([member(ACME, &[])]).is_unknown());
        assert!(!unknown.with([Standing::peer(LINE)]).is_unknown());
        assert!(!RoomStanding::NOBODY.is_unknown());
    }

    #[test]
    fn a_company_in_a_room_knows_what_some_and_what_all_of_its_members_hold() {
        let room = RoomStanding::of([
            member(GLOBEX, &[]),
            member(ACME, &[LINE, WORKS]),
            member(ACME, &[LINE]),
        ]);
        let acme = room.company(ACME).unwrap();
        assert_eq!(acme.granted_some, [LINE, WORKS].into_iter().collect());
        assert_eq!(acme.granted_all, [LINE].into_iter().collect());
        assert!(acme.any_active && acme.all_active);
        assert_eq!(
            room.company(GLOBEX).unwrap().granted_some,
            NetworkSet::EMPTY
        );
        assert_eq!(room.company(CompanyIx(2)), None);
    }

    #[test]
    fn a_room_has_the_sides_of_its_people_and_no_other() {
        let room = RoomStanding::of([
            member(ACME, &[]),
            Standing::peer(LINE),
            Standing::UNCLASSIFIED,
        ]);
        for (side, has) in [
            (Side::Company(ACME), true),
            (Side::Company(GLOBEX), false),
            (Side::Network(LINE), true),
            (Side::Network(WORKS), false),
            (Side::Unclassified, false),
        ] {
            assert_eq!(room.has(side), has, "{side:?}");
        }
    }

    #[test]
    fn a_suspended_member_holds_nothing() {
        let one = RoomStanding::of([suspended(ACME, &[LINE])]);
        let acme = one.company(ACME).unwrap();
        assert_eq!(acme.granted_some, NetworkSet::EMPTY);
        assert!(!acme.any_active && !acme.all_active);

        let two = one.with([member(ACME, &[LINE])]);
        let acme = two.company(ACME).unwrap();
        assert_eq!(acme.granted_some, [LINE].into_iter().collect());
        assert_eq!(acme.granted_all, NetworkSet::EMPTY);
        assert!(acme.any_active && !acme.all_active);
    }

    #[test]
    fn the_order_of_people_and_coming_twice_change_nothing() {
        let people = [
            member(GLOBEX, &[WORKS]),
            Standing::peer(LINE),
            member(ACME, &[LINE]),
        ];
        let room = RoomStanding::of(people);
        assert_eq!(room, RoomStanding::of(people.into_iter().rev()));
        assert_eq!(room, room.with(people));
        assert_ne!(room, room.with([Standing::peer(WORKS)]));
    }

    #[test]
    fn nobody_is_on_the_side_of_somebody_unclassified() {
        assert!(Side::Company(ACME).is_with(Side::Company(ACME)));
        assert!(!Side::Company(ACME).is_with(Side::Company(GLOBEX)));
        assert!(!Side::Unclassified.is_with(Side::Unclassified));
    }
}
