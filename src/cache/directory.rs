//! The people that the files name: who is a member of which company, with which grants.
//!
//! Immutable once built; a reload builds another and swaps it in whole. A million members take
//! some 40 bytes each and their ids.

use std::fmt;
use std::hash::BuildHasher;

use foldhash::quality::RandomState;
use hashbrown::HashTable;

use crate::glob::Glob;
use crate::policy::{CompanyIx, NetworkIx, NetworkSet, Side, Standing};

/// The most people that the files may name.
pub const PEOPLE_MAX: usize = 10_000_000;

/// The longest id, bytes.
pub const ID_BYTES_MAX: usize = 255;

/// Who is who.
#[derive(Default)]
pub struct Directory {
    ids: Box<str>,
    people: Box<[Person]>,
    by_id: HashTable<u32>,
    pairs: Box<str>,
    contacts: HashTable<Pair>,
    globs: Vec<(Glob, Side)>,
    hasher: RandomState,
}

/// A listed member; the id stands in the directory's one long text.
#[derive(Clone, Copy)]
struct Person {
    id: Slice,
    company: CompanyIx,
    grants: NetworkSet,
    suspended: bool,
}

#[derive(Clone, Copy)]
struct Slice {
    start: u32,
    length: u16,
}

/// A contact: the member's id, and behind it the peer's.
#[derive(Clone, Copy)]
struct Pair {
    member: Slice,
    peer_length: u16,
}

impl Directory {
    /// Where a person stands. A listed member as listed; else a member without grants of a company,
    /// or a peer of a network, by the closest pattern that fits: `@line_*:acme.example` is closer than
    /// `@*:acme.example`. Whoever fits two that are as close, or none, is unclassified.
    pub fn lookup(&self, id: &str) -> Standing {
        if let Some(person) = self.person(id) {
            return Standing {
                side: Side::Company(person.company),
                grants: person.grants,
                suspended: person.suspended,
            };
        }
        let side = best(&self.globs, id).unwrap_or(Side::Unclassified);
        Standing {
            side,
            grants: NetworkSet::default(),
            suspended: false,
        }
    }

    /// Whether the files declare a contact between a member and a peer.
    pub fn contact(&self, member: &str, peer: &str) -> bool {
        let hash = self.hasher.hash_one((member, peer));
        self.contacts
            .find(hash, |pair| pair.texts(&self.pairs) == Some((member, peer)))
            .is_some()
    }

    /// Everybody who is listed by id, and in which company.
    pub fn listed(&self) -> impl Iterator<Item = (&str, CompanyIx)> {
        let people = self.people.iter();
        people.filter_map(|person| Some((person.id.text(&self.ids)?, person.company)))
    }

    /// How many people are listed by id.
    pub fn people_count(&self) -> usize {
        self.people.len()
    }

    /// How many contacts are declared.
    pub fn contact_count(&self) -> usize {
        self.contacts.len()
    }

    fn person(&self, id: &str) -> Option<&Person> {
        let hash = self.hasher.hash_one(id);
        let found = |at: &u32| {
            let person = usize::try_from(*at).ok().and_then(|at| self.people.get(at));
            person.and_then(|person| person.id.text(&self.ids)) == Some(id)
        };
        let at = usize::try_from(*self.by_id.find(hash, found)?).ok()?;
        self.people.get(at)
    }
}

impl fmt::Debug for Directory {
    /// Sizes only: no log holds a company's members.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory")
            .field("people", &self.people_count())
            .field("contacts", &self.contact_count())
            .finish_non_exhaustive()
    }
}

impl Slice {
    fn of(arena: &mut String, text: &str) -> Option<Self> {
        let slice = Self {
            start: u32::try_from(arena.len()).ok()?,
            length: u16::try_from(text.len()).ok()?,
        };
        arena.push_str(text);
        Some(slice)
    }

    fn text(self, arena: &str) -> Option<&str> {
        let start = usize::try_from(self.start).ok()?;
        arena.get(start..start + usize::from(self.length))
    }
}

impl Pair {
    fn texts(self, arena: &str) -> Option<(&str, &str)> {
        let behind = Slice {
            start: self.member.start + u32::from(self.member.length),
            length: self.peer_length,
        };
        Some((self.member.text(arena)?, behind.text(arena)?))
    }
}

/// What fits an id best: a pattern that covers another one is the looser of the two. Several that differ,
/// of which none is the looser, fit nobody.
fn best(globs: &[(Glob, Side)], id: &str) -> Option<Side> {
    let fitting = || globs.iter().filter(|(glob, _)| glob.matches(id));
    let mut all = fitting();
    let (_, only) = all.next()?;
    if all.next().is_none() {
        return Some(*only);
    }
    let is_loose =
        |glob: &Glob| fitting().any(|(other, _)| glob.covers(other) && !other.covers(glob));
    let mut sides = fitting().filter(|(glob, _)| !is_loose(glob));
    let (_, side) = sides.next()?;
    sides.all(|(_, other)| other == side).then_some(*side)
}

/// Where a member was listed: which of the files read, and the byte in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The file's number, in the builder's caller's count.
    pub file: u32,
    /// The byte.
    pub at: u32,
}

/// What came of listing a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// New.
    Added,
    /// Listed before, in the same company.
    Again(Origin),
    /// Listed before, in another company.
    Elsewhere(CompanyIx, Origin),
    /// There is no room for more people, or the id is too long.
    Full,
}

/// Builds a [`Directory`].
#[derive(Default)]
pub struct DirectoryBuilder {
    ids: String,
    people: Vec<Person>,
    origins: Vec<Origin>,
    by_id: HashTable<u32>,
    pairs: String,
    contacts: HashTable<Pair>,
    globs: Vec<(Glob, Side)>,
    hasher: RandomState,
}

impl DirectoryBuilder {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lists a member.
    pub fn member(&mut self, id: &str, company: CompanyIx, origin: Origin) -> Listing {
        if let Some(at) = self.find(id) {
            let before = self.origins.get(at).copied().unwrap_or(origin);
            return match self.people.get(at) {
                Some(person) if person.company != company => {
                    Listing::Elsewhere(person.company, before)
                }
                _ => Listing::Again(before),
            };
        }
        let number = u32::try_from(self.people.len()).ok();
        let (Some(number), true) = (number, self.has_room(id)) else {
            return Listing::Full;
        };
        let Some(slice) = Slice::of(&mut self.ids, id) else {
            return Listing::Full;
        };
        self.people.push(Person {
            id: slice,
            company,
            grants: NetworkSet::default(),
            suspended: false,
        });
        self.origins.push(origin);
        let (hasher, people, ids) = (&self.hasher, &self.people, &self.ids);
        let rehash = |at: &u32| {
            let person = usize::try_from(*at).ok().and_then(|at| people.get(at));
            hasher.hash_one(
                person
                    .and_then(|person| person.id.text(ids))
                    .unwrap_or_default(),
            )
        };
        self.by_id
            .insert_unique(hasher.hash_one(id), number, rehash);
        Listing::Added
    }

    /// Whether somebody is listed as a member of `company`.
    pub fn is_listed(&self, id: &str, company: CompanyIx) -> bool {
        let person = self.find(id).and_then(|at| self.people.get(at));
        person.is_some_and(|person| person.company == company)
    }

    /// Gives a listed member of `company` a grant. `false`: no such member.
    pub fn grant(&mut self, id: &str, company: CompanyIx, network: NetworkIx) -> bool {
        let Some(person) = self.listed(id, company) else {
            return false;
        };
        person.grants.insert(network);
        true
    }

    /// Suspends a listed member of `company`. `false`: no such member.
    pub fn suspend(&mut self, id: &str, company: CompanyIx) -> bool {
        let Some(person) = self.listed(id, company) else {
            return false;
        };
        person.suspended = true;
        true
    }

    /// Declares a contact. `false`: there is no room for more.
    pub fn contact(&mut self, member: &str, peer: &str) -> bool {
        let hash = self.hasher.hash_one((member, peer));
        let known = |pair: &Pair| pair.texts(&self.pairs) == Some((member, peer));
        if self.contacts.find(hash, known).is_some() {
            return true;
        }
        if self.contacts.len() >= PEOPLE_MAX {
            return false;
        }
        let Some(slice) = Slice::of(&mut self.pairs, member) else {
            return false;
        };
        let Some(behind) = Slice::of(&mut self.pairs, peer) else {
            return false;
        };
        let pair = Pair {
            member: slice,
            peer_length: behind.length,
        };
        let (hasher, pairs) = (&self.hasher, &self.pairs);
        self.contacts.insert_unique(hash, pair, |pair| {
            hasher.hash_one(pair.texts(pairs).unwrap_or_default())
        });
        true
    }

    /// Whoever fits `pattern` and is not listed is a member of `company`, without grants.
    pub fn company_pattern(&mut self, pattern: Glob, company: CompanyIx) {
        self.globs.push((pattern, Side::Company(company)));
    }

    /// Whoever fits `pattern` and is not listed is a peer of `network`.
    pub fn network_pattern(&mut self, pattern: Glob, network: NetworkIx) {
        self.globs.push((pattern, Side::Network(network)));
    }

    /// The directory.
    pub fn finish(self) -> Directory {
        Directory {
            ids: self.ids.into_boxed_str(),
            people: self.people.into_boxed_slice(),
            by_id: self.by_id,
            pairs: self.pairs.into_boxed_str(),
            contacts: self.contacts,
            globs: self.globs,
            hasher: self.hasher,
        }
    }

    fn has_room(&self, id: &str) -> bool {
        self.people.len() < PEOPLE_MAX && id.len() <= ID_BYTES_MAX
    }

    fn listed(&mut self, id: &str, company: CompanyIx) -> Option<&mut Person> {
        let at = self.find(id)?;
        self.people
            .get_mut(at)
            .filter(|person| person.company == company)
    }

    fn find(&self, id: &str) -> Option<usize> {
        let hash = self.hasher.hash_one(id);
        let found = |at: &u32| {
            let person = usize::try_from(*at).ok().and_then(|at| self.people.get(at));
            person.and_then(|person| person.id.text(&self.ids)) == Some(id)
        };
        usize::try_from(*self.by_id.find(hash, found)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACME: CompanyIx = CompanyIx(0);
    const GLOBEX: CompanyIx = CompanyIx(1);
    const LINE: NetworkIx = NetworkIx(0);
    const WORKS: NetworkIx = NetworkIx(1);

    fn origin(at: u32) -> Origin {
        Origin { file: 0, at }
    }

    fn built() -> Directory {
        let mut builder = DirectoryBuilder::new();
        builder.member("alice", ACME, origin(1));
        builder.member("grace", GLOBEX, origin(2));
        builder.grant("alice", ACME, WORKS);
        builder.suspend("grace", GLOBEX);
        builder.contact("alice", "line:mei");
        builder.company_pattern(Glob::new("*@acme"), ACME);
        builder.company_pattern(Glob::new("boss@*"), GLOBEX);
        builder.network_pattern(Glob::new("line:*"), LINE);
        builder.network_pattern(Glob::new("*:both"), WORKS);
        builder.finish()
    }

    #[test]
    fn people_stand_where_they_are_listed_or_fit() {
        let directory = built();
        let check = |id: &str, side: Side| assert_eq!(directory.lookup(id).side, side, "{id}");
        check("alice", Side::Company(ACME));
        check("grace", Side::Company(GLOBEX));
        check("new@acme", Side::Company(ACME));
        check("boss@acme", Side::Unclassified);
        check("line:mei", Side::Network(LINE));
        check("line:both", Side::Unclassified);
        check("nobody", Side::Unclassified);
        check("", Side::Unclassified);
    }

    #[test]
    fn the_closest_pattern_says_where_somebody_stands() {
        let mut builder = DirectoryBuilder::new();
        builder.company_pattern(Glob::new("@*:acme.example"), ACME);
        builder.network_pattern(Glob::new("@line_*:acme.example"), LINE);
        builder.network_pattern(Glob::new("@*:*"), WORKS);
        builder.company_pattern(Glob::new("@*:globex.example"), GLOBEX);
        builder.company_pattern(Glob::new("@*:globex.example"), ACME);
        builder.network_pattern(Glob::new("@*_bot:acme.example"), WORKS);
        builder.member("@line_manager:acme.example", ACME, origin(1));
        let directory = builder.finish();
        let check = |id: &str, side: Side| assert_eq!(directory.lookup(id).side, side, "{id}");
        check("@alice:acme.example", Side::Company(ACME));
        check("@line_mei:acme.example", Side::Network(LINE));
        check("@line_manager:acme.example", Side::Company(ACME));
        check("@xavier:elsewhere.example", Side::Network(WORKS));
        check("@zoe:globex.example", Side::Unclassified);
        check("@line_bot:acme.example", Side::Unclassified);
    }

    #[test]
    fn grants_and_suspensions_are_the_listed_ones() {
        let directory = built();
        let alice = directory.lookup("alice");
        assert!(alice.grants.contains(WORKS) && !alice.grants.contains(LINE));
        assert!(!alice.suspended && directory.lookup("grace").suspended);
        assert_eq!(directory.lookup("new@acme").grants, NetworkSet::default());
    }

    #[test]
    fn a_member_is_listed_once() {
        let mut builder = DirectoryBuilder::new();
        assert_eq!(builder.member("alice", ACME, origin(7)), Listing::Added);
        assert_eq!(
            builder.member("alice", ACME, origin(8)),
            Listing::Again(origin(7))
        );
        assert_eq!(
            builder.member("alice", GLOBEX, origin(9)),
            Listing::Elsewhere(ACME, origin(7))
        );
        assert!(
            !builder.grant("alice", GLOBEX, LINE),
            "another company can't grant"
        );
        assert!(!builder.suspend("bob", ACME));
    }

    #[test]
    fn ids_have_a_longest() {
        let mut builder = DirectoryBuilder::new();
        assert_eq!(
            builder.member(&"x".repeat(255), ACME, origin(0)),
            Listing::Added
        );
        assert_eq!(
            builder.member(&"x".repeat(256), ACME, origin(0)),
            Listing::Full
        );
    }

    #[test]
    fn contacts_are_pairs_in_order() {
        let directory = built();
        assert!(directory.contact("alice", "line:mei"));
        assert!(!directory.contact("line:mei", "alice"));
        assert!(!directory.contact("alicel", "ine:mei"));
        assert_eq!(directory.contact_count(), 1);
    }

    #[test]
    fn a_hundred_thousand_are_all_found_again() {
        let mut builder = DirectoryBuilder::new();
        for number in 0..100_000 {
            builder.member(&format!("user{number}"), ACME, origin(number));
            if number % 2 == 0 {
                builder.grant(&format!("user{number}"), ACME, LINE);
            }
        }
        let directory = builder.finish();
        assert_eq!(directory.people_count(), 100_000);
        for number in 0..100_000 {
            let standing = directory.lookup(&format!("user{number}"));
            assert_eq!(standing.side, Side::Company(ACME));
            assert_eq!(standing.grants.contains(LINE), number % 2 == 0);
        }
        assert_eq!(directory.lookup("user100000").side, Side::Unclassified);
    }

    #[test]
    fn a_listed_member_takes_at_most_72_bytes_and_the_id() {
        // The index: 4 bytes and one of control a slot, at least 7 of 16 slots taken.
        let slots = (std::mem::size_of::<u32>() + 1) * 16_usize.div_ceil(7);
        assert!(std::mem::size_of::<Person>() + slots <= 72);
    }
}
