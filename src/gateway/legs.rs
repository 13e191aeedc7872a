//! The legs of one worker: to which of them a listener belongs, and where each leads.

use std::rc::Rc;
use std::sync::Arc;

use thiserror::Error;

use super::canonical::Canonical;
use super::limit::Hits;
use super::settings::{self, Settings};
use super::upstream::{Target, TargetError, Upstream};
use super::way::Way;
use crate::policy::PersonId;

/// Why a leg can't be made by its settings.
#[derive(Debug, Error)]
pub enum LegError {
    /// Its upstream can't be spoken to.
    #[error("the upstream can't be used: {0}")]
    Target(#[from] TargetError),
    /// Its upstream's host can't stand in a header.
    #[error("the upstream's host can't be sent in a header")]
    Host,
}

/// What all workers' legs are made from. Opens no connection.
pub struct Plans {
    /// Which leg arrives at each listener: one of `others`, or the clients' own.
    of_listeners: Arc<[Option<usize>]>,
    clients: Destination,
    others: Vec<Plan>,
}

/// Where an upstream is, and how heads are written for it.
type Destination = (Arc<Target>, Canonical);

struct Plan {
    name: Box<str>,
    reader: Option<PersonId>,
    /// `None`: where the clients' own leads.
    upstream: Option<Destination>,
}

/// The legs of one worker.
pub struct Legs {
    of_listeners: Arc<[Option<usize>]>,
    clients: Leg,
    others: Vec<Leg>,
}

/// One leg.
pub struct Leg {
    /// Which of the dialect's it is; `None`: the clients' own.
    pub name: Option<Box<str>>,
    /// By whose eyes it is read, where the dialect leaves that open.
    pub reader: Option<PersonId>,
    /// The way that its requests go.
    pub way: Rc<Way>,
}

impl Plans {
    /// By these settings.
    pub fn prepare(settings: &Settings) -> Result<Self, LegError> {
        let destination = |upstream: &settings::Upstream| {
            let target = Target::prepare(upstream, &settings.waits)?;
            let canonical = Canonical::new(upstream, &settings.identity_headers);
            Ok::<_, LegError>((target, canonical.ok_or(LegError::Host)?))
        };
        let plan = |leg: &settings::Leg| {
            Ok::<_, LegError>(Plan {
                name: leg.name.clone(),
                reader: leg.reader.as_deref().map(PersonId::from),
                upstream: leg.upstream.as_ref().map(destination).transpose()?,
            })
        };
        Ok(Self {
            of_listeners: settings.listeners.iter().map(|at| at.leg).collect(),
            clients: destination(&settings.upstream)?,
            others: settings.legs.iter().map(plan).collect::<Result<_, _>>()?,
        })
    }

    /// One worker's own, with its own connections.
    pub fn legs(&self, hits: &Hits) -> Legs {
        let way = |(target, canonical): &Destination| {
            let upstream = Upstream::new(target.clone(), hits.clone());
            Rc::new(Way::new(upstream, canonical.clone()))
        };
        let to_the_server = way(&self.clients);
        let other = |plan: &Plan| Leg {
            name: Some(plan.name.clone()),
            reader: plan.reader.clone(),
            way: plan
                .upstream
                .as_ref()
                .map_or_else(|| to_the_server.clone(), way),
        };
        Legs {
            of_listeners: self.of_listeners.clone(),
            others: self.others.iter().map(other).collect(),
            clients: Leg {
                name: None,
                reader: None,
                way: to_the_server,
            },
        }
    }
}

impl Legs {
    /// The leg that arrives at a listener.
    pub fn at(&self, listener: usize) -> &Leg {
        let other = self.of_listeners.get(listener).copied().flatten();
        other
            .and_then(|at| self.others.get(at))
            .unwrap_or(&self.clients)
    }

    /// The way to the message server, which is asked what must be learnt.
    pub fn questions(&self) -> &Rc<Way> {
        &self.clients.way
    }
}
