//! What every worker shares: the dialect in service with the facts learnt through it, the policy,
//! the pseudonyms, the meters.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::mpsc::Sender;

use super::facts::{KnownAs, PlaceKey, ShownPlaces, ThingFacts, ThingKey};
use super::limit::{Hits, Limit};
use super::making::Making;
use super::settings::Limits;
use super::tally::Requests;
use crate::cache::{Current, Learnt, Memory, PlaceFacts, Pseudonyms};
use crate::dialect::Dialect;
use crate::dialect::links::DriveHosts;
use crate::policy::PersonId;
use crate::telemetry::Meters;

/// The shared parts of the gateway.
pub struct Parts {
    /// The dialect and what was learnt through it: swapped whole when the dialect changes.
    pub in_service: ArcSwap<InService>,
    /// The policy: swapped whole with every reload.
    pub current: Arc<Current>,
    /// Pseudonyms of unknown people.
    pub pseudonyms: Pseudonyms,
    /// Where everything is counted.
    pub meters: Meters,
    /// What counts the bounds that were hit.
    pub hits: Hits,
    /// Bounds on what is read.
    pub limits: Limits,
    /// The gateway's own credential for look-ups, else the actor's is used.
    pub lookup_token: Option<String>,
    /// Where it is told that a member was seen for the first time, if that is kept.
    pub first_seen: Option<Sender<PersonId>>,
}

/// A dialect at work, with the memories that are keyed by its places and things.
pub struct InService {
    /// The dialect.
    pub dialect: Dialect,
    /// The text it was compiled from: by it, a reload sees whether the dialect has changed.
    pub source: Box<str>,
    /// Hosts whose links lead into a drive: what a thing was found to be depends on them.
    pub drive_hosts: DriveHosts,
    /// Whose credential is whose: by a digest, so that no credential is kept.
    pub owners: Learnt<[u8; 32], PersonId>,
    /// Who is in a place.
    pub places: Learnt<PlaceKey, Arc<PlaceFacts>>,
    /// Places that are being made.
    pub making: Making,
    /// What an id stands for.
    pub things: Learnt<ThingKey, Arc<ThingFacts>>,
    /// How people are known.
    pub known_as: Learnt<PersonId, Arc<KnownAs>>,
    /// Which places the clients keep that have been shown them, by their credentials.
    pub shown: Learnt<[u8; 32], Arc<ShownPlaces>>,
    /// What counts the requests to its surfaces.
    pub requests: Requests,
}

/// Bounds of the memories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memories {
    /// Credentials and their owners.
    pub owners: Memory,
    /// Places and their people.
    pub places: Memory,
    /// Things.
    pub things: Memory,
    /// How people are known.
    pub known_as: Memory,
    /// What clients keep.
    pub shown: Memory,
}

impl InService {
    /// Puts a dialect to work with empty memories.
    pub fn new(
        dialect: Dialect,
        source: Box<str>,
        drive_hosts: DriveHosts,
        memories: Memories,
        (meters, hits): (&Meters, &Hits),
    ) -> Self {
        let (tokens, rooms) = (
            hits.counter(Limit::TokensRemembered),
            hits.counter(Limit::RoomsRemembered),
        );
        Self {
            requests: Requests::new(meters.clone(), &dialect),
            dialect,
            source,
            drive_hosts,
            owners: Learnt::new(memories.owners).counting(tokens),
            places: Learnt::new(memories.places).counting(rooms.clone()),
            making: Making::default(),
            things: Learnt::new(memories.things).counting(rooms.clone()),
            known_as: Learnt::new(memories.known_as).counting(rooms.clone()),
            shown: Learnt::new(memories.shown).counting(rooms),
        }
    }

    /// Drops what is stale.
    pub fn sweep(&self) {
        self.owners.sweep();
        self.places.sweep();
        self.things.sweep();
        self.known_as.sweep();
        self.shown.sweep();
    }
}
