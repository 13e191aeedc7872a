//! What one request has had to learn before it could be decided.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::cache::PlaceFacts;
use crate::dialect::program::{PlaceIx, ThingIx};
use crate::policy::{KindSet, PersonId};

/// A room, group or board, by the dialect's sort and the protocol's id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlaceKey {
    /// The sort.
    pub sort: PlaceIx,
    /// The id, decoded.
    pub id: Box<str>,
}

/// A message, file or the like.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ThingKey {
    /// The sort.
    pub sort: ThingIx,
    /// The id, decoded.
    pub id: Box<str>,
}

/// What an id stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThingFacts {
    /// Where it is.
    pub place: Option<PlaceKey>,
    /// Who wrote it.
    pub author: Option<PersonId>,
    /// Who stands behind it, for a contact URL.
    pub contact: Option<PersonId>,
    /// Whom it invites.
    pub invitees: Vec<PersonId>,
    /// What it is.
    pub kinds: KindSet,
}

/// How somebody is known to others: what must not appear where that person is unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownAs(pub Vec<String>);

/// Which places a client was shown, and keeps.
#[derive(Clone, Debug, Default)]
pub struct ShownPlaces {
    /// The policy's revision by which they were last judged.
    pub revision: u64,
    /// The places.
    pub places: HashSet<PlaceKey>,
}

/// The most places that are remembered of one client.
const SHOWN_PLACES_MAX: usize = 2_000;

impl ShownPlaces {
    /// After an answer that showed `had` and told that `gone` are gone.
    pub fn with(&self, revision: u64, had: Vec<PlaceKey>, gone: &[PlaceKey]) -> Self {
        let gone: HashSet<&PlaceKey> = gone.iter().collect();
        let kept = self.places.iter().filter(|place| !gone.contains(place));
        let places = kept.cloned().chain(had).take(SHOWN_PLACES_MAX);
        Self {
            revision,
            places: places.collect(),
        }
    }
}

/// A fact that is not there yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Missing {
    /// Who is in the place.
    Place(PlaceKey),
    /// What the id stands for.
    Thing(ThingKey),
    /// How the person is known.
    KnownAs(PersonId),
}

/// The facts at hand. `None` stands for "the upstream says there is no such thing, or not for us".
#[derive(Default)]
pub struct Facts {
    places: Map<PlaceKey, PlaceFacts>,
    things: Map<ThingKey, ThingFacts>,
    known_as: Map<PersonId, KnownAs>,
}

/// Small, and gone with its request: a quick hash is enough, though clients can invent the keys.
type Map<K, V> = HashMap<K, Option<Arc<V>>, foldhash::quality::RandomState>;

/// Collects what is missing, so that all of it can be learnt at once.
#[derive(Default)]
pub struct Wanted {
    /// In the order in which they came to be wanted.
    missing: Vec<Missing>,
    known: HashSet<Missing>,
}

impl Facts {
    /// The place, if it is known to exist; what is not learnt yet is put down as wanted.
    pub fn place(&self, key: &PlaceKey, wanted: &mut Wanted) -> Option<&Arc<PlaceFacts>> {
        match self.places.get(key) {
            Some(known) => known.as_ref(),
            None => wanted.add(Missing::Place(key.clone())),
        }
    }

    /// The thing, likewise.
    pub fn thing(&self, key: &ThingKey, wanted: &mut Wanted) -> Option<&Arc<ThingFacts>> {
        match self.things.get(key) {
            Some(known) => known.as_ref(),
            None => wanted.add(Missing::Thing(key.clone())),
        }
    }

    /// How the person is known, likewise.
    pub fn known_as(&self, person: &PersonId, wanted: &mut Wanted) -> Option<&Arc<KnownAs>> {
        match self.known_as.get(person) {
            Some(known) => known.as_ref(),
            None => wanted.add(Missing::KnownAs(person.clone())),
        }
    }

    /// Puts others in for places that are known.
    pub fn amend_places(&mut self, amended: impl Fn(&PlaceFacts) -> Option<Arc<PlaceFacts>>) {
        for place in self.places.values_mut().flatten() {
            if let Some(other) = amended(place) {
                *place = other;
            }
        }
    }

    /// Puts in what was learnt.
    pub fn learn(&mut self, learnt: Learned) {
        match learnt {
            Learned::Place(key, facts) => drop(self.places.insert(key, facts)),
            Learned::Thing(key, facts) => drop(self.things.insert(key, facts)),
            Learned::KnownAs(person, facts) => drop(self.known_as.insert(person, facts)),
        }
    }
}

/// A fact that came.
pub enum Learned {
    /// Who is in the place.
    Place(PlaceKey, Option<Arc<PlaceFacts>>),
    /// What the id stands for.
    Thing(ThingKey, Option<Arc<ThingFacts>>),
    /// How the person is known.
    KnownAs(PersonId, Option<Arc<KnownAs>>),
}

impl Wanted {
    fn add<T>(&mut self, missing: Missing) -> Option<T> {
        if self.known.insert(missing.clone()) {
            self.missing.push(missing);
        }
        None
    }

    /// Whether nothing is wanted.
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty()
    }

    /// What is wanted.
    pub fn into_inner(self) -> Vec<Missing> {
        self.missing
    }
}

impl Wanted {
    /// Wants what another wants, too.
    pub fn extend(&mut self, more: Wanted) {
        for missing in more.missing {
            self.add::<()>(missing);
        }
    }
}
