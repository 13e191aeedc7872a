//! The composition root: settings → parts → running; reload, all or nothing.

pub mod admin;
pub mod keeper;
pub mod reload;
pub mod run;
pub mod watch;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use thiserror::Error;
use tokio::sync::mpsc::Sender;

use crate::cache::{Current, Memory, Pseudonyms, Snapshot};
use crate::config::{LearntSettings, Loaded};
use crate::gateway::journey::Journey;
use crate::gateway::legs::{LegError, Plans};
use crate::gateway::limit::{Hits, Limit};
use crate::gateway::parts::{InService, Memories, Parts};
use crate::gateway::server::{Running, Server, StartError};
use crate::policy::PersonId;
use crate::store::StoreError;
use crate::telemetry::{Meters, Name};

/// For how long after they were last made pseudonyms can be found again.
const PSEUDONYMS_STALE_AFTER: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// For how long after its last answer is remembered what a client was shown.
const SHOWN_STALE_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Why the gateway could not start. What is wrong in the files is told by diagnostics instead.
#[derive(Debug, Error)]
pub enum AppError {
    /// A leg can't be made by these settings.
    #[error(transparent)]
    Leg(#[from] LegError),
    /// The listeners can't be opened.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The system gives no randomness.
    #[error("the system gives no random bytes")]
    Random,
    /// The store can't be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The administrator's listener can't be opened.
    #[error("the admin listener can't be opened on {address}: {fault}")]
    Admin {
        /// Where.
        address: std::net::SocketAddr,
        /// Why.
        fault: std::io::Error,
    },
}

/// A gateway that runs.
pub struct App {
    /// What its workers share.
    pub parts: Arc<Parts>,
    /// Its listeners and workers.
    pub server: Running,
}

impl App {
    /// Starts a gateway by settings that were loaded. No store is kept, whatever they say.
    pub fn start(mut loaded: Loaded, meters: Meters) -> Result<Self, AppError> {
        let files = files_of(&mut loaded);
        Self::start_upon(files, None, loaded, meters)
    }

    /// Starts a gateway upon a snapshot that was made of the same settings by [`files_of`].
    pub fn start_upon(
        snapshot: Snapshot,
        first_seen: Option<Sender<PersonId>>,
        loaded: Loaded,
        meters: Meters,
    ) -> Result<Self, AppError> {
        let memories = memories(&loaded);
        let hits = Hits::new(&meters);
        let pseudonyms = Memory {
            facts_max: loaded.gateway.limits.pseudonyms_max,
            stale_after: PSEUDONYMS_STALE_AFTER,
        };
        let key = match &loaded.pseudonym_key {
            Some(secret) => secret.expose().as_bytes().to_vec(),
            None => random_key()?,
        };
        let parts = Arc::new(Parts {
            in_service: ArcSwap::from_pointee(InService::new(
                loaded.dialect,
                loaded.dialect_source.text.as_str().into(),
                loaded.drive_hosts,
                memories,
                (&meters, &hits),
            )),
            current: Arc::new(Current::new(snapshot)),
            pseudonyms: Pseudonyms::new(&key, pseudonyms).counting(hits.counter(Limit::Pseudonyms)),
            meters,
            hits: hits.clone(),
            limits: loaded.gateway.limits.clone(),
            lookup_token: loaded.lookup_token.map(|token| token.expose().to_owned()),
            first_seen,
        });
        let plans = Plans::prepare(&loaded.gateway)?;
        let shared = parts.clone();
        let server = Server::start(loaded.gateway, hits, move |_worker| {
            Rc::new(Journey::new(shared.clone(), plans.legs(&shared.hits)))
        })?;
        parts.meters.gauge(Name::PolicyRevision, vec![]).set(1.0);
        let version = env!("CARGO_PKG_VERSION");
        parts
            .meters
            .gauge(Name::BuildInfo, vec![("version", version.into())])
            .set(1.0);
        Ok(Self { parts, server })
    }

    /// What must be done every few seconds: drop stale facts, drain histograms, tell sizes.
    pub fn upkeep(&self) {
        let parts = &self.parts;
        let service = parts.in_service.load_full();
        service.sweep();
        let sizes = [
            ("owners", service.owners.len()),
            ("places", service.places.len()),
            ("things", service.things.len()),
            ("known_as", service.known_as.len()),
            ("members", parts.current.owned().members()),
            ("kept", parts.current.owned().kept()),
        ];
        for (cache, size) in sizes {
            parts
                .meters
                .gauge(Name::CacheEntries, vec![("cache", cache.into())])
                .set(size as f64);
        }
        parts
            .meters
            .gauge(Name::Connections, vec![])
            .set(self.server.connections() as f64);
        parts.meters.upkeep();
    }
}

/// Takes the policy and the people out of what was loaded.
pub fn files_of(loaded: &mut Loaded) -> Snapshot {
    let policy = std::mem::take(&mut loaded.policy);
    Snapshot::new(policy, std::mem::take(&mut loaded.directory))
}

/// The bounds of what is learnt.
pub fn memories(loaded: &Loaded) -> Memories {
    let memory = |of: LearntSettings| Memory {
        facts_max: of.remembered_max,
        stale_after: of.stale_after,
    };
    Memories {
        owners: memory(loaded.tokens),
        places: memory(loaded.rooms),
        things: memory(loaded.rooms),
        known_as: memory(loaded.rooms),
        shown: Memory {
            stale_after: SHOWN_STALE_AFTER,
            ..memory(loaded.rooms)
        },
    }
}

fn random_key() -> Result<Vec<u8>, AppError> {
    let mut key = vec![0; 32];
    SystemRandom::new()
        .fill(&mut key)
        .map_err(|_| AppError::Random)?;
    tracing::warn!("no `pseudonym_key` is set: the ids of unknown people change with every start");
    Ok(key)
}
