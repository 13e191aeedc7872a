//! One worker's counters. Each series is resolved when it first counts; after that counting takes no
//! lock, no allocation and no label.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use foldhash::fast::RandomState;
use http::StatusCode;
use metrics::{Counter, Histogram};

use super::limit::{Hits, Limit};
use crate::cache::Snapshot;
use crate::clock;
use crate::dialect::{Dialect, SurfaceIx};
use crate::policy::{Act, Block, CompanyIx, ContentKind, KindSet, NetworkIx, Reason};
use crate::telemetry::{Meters, Name};

/// How often at most it is said that the gateway's own token is refused.
const WARN_EVERY: Duration = Duration::from_secs(60);

/// One decision, as it is counted. Company and network are those of the snapshot that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decided {
    /// The company of the actor, or the one that blocked, as far as one is named.
    pub company: Option<CompanyIx>,
    /// The network, likewise.
    pub network: Option<NetworkIx>,
    act: Act,
    kind: Option<ContentKind>,
    /// `None`: allowed.
    reason: Option<Reason>,
}

impl Decided {
    /// A decision on these kinds; it names whom the block names.
    pub fn new(act: Act, kinds: KindSet, block: Option<&Block>) -> Self {
        Self {
            company: block.and_then(|block| block.company),
            network: block.and_then(|block| block.network),
            act,
            kind: block.and_then(|block| block.kind).or_else(|| kinds.worst()),
            reason: block.map(|block| block.reason),
        }
    }
}

/// One worker's counters.
pub struct Tally {
    meters: Meters,
    hits: Hits,
    request_seconds: Histogram,
    upstream_seconds: Histogram,
    /// Series with one label whose words are the code's own. Grows to their number.
    plain: RefCell<HashMap<(&'static str, &'static str), Counter, RandomState>>,
    decisions: RefCell<Decisions>,
    /// When it was last said that the gateway's own token is refused.
    warned_at: Cell<Option<Instant>>,
}

/// What was decided under one revision, whose numbers of companies and networks the keys hold.
#[derive(Default)]
struct Decisions {
    revision: u64,
    counters: HashMap<Decided, Counter, RandomState>,
}

impl Tally {
    /// For one worker.
    pub fn new(meters: Meters, hits: Hits) -> Self {
        let seconds = |stage: &'static str| {
            meters.histogram(Name::StageSeconds, vec![("stage", stage.into())])
        };
        Self {
            request_seconds: seconds("request"),
            upstream_seconds: seconds("upstream"),
            meters,
            hits,
            plain: RefCell::default(),
            decisions: RefCell::default(),
            warned_at: Cell::new(None),
        }
    }

    /// A bound was hit.
    pub fn hit(&self, limit: Limit) {
        self.hits.hit(limit);
    }

    /// How long a request took in all.
    pub fn request_took(&self, time: Duration) {
        self.request_seconds.record(time.as_secs_f64());
    }

    /// How long the upstream took to begin its answer.
    pub fn upstream_took(&self, time: Duration) {
        self.upstream_seconds.record(time.as_secs_f64());
    }

    /// A request that was refused, by its cause.
    pub fn refused(&self, cause: &'static str) {
        self.count(Name::Refusals, "cause", cause, 1);
    }

    /// A fault of the upstream, by its kind.
    pub fn upstream_failed(&self, kind: &'static str) {
        self.count(Name::UpstreamFaults, "kind", kind, 1);
    }

    /// A question of our own to the upstream, by what is asked for.
    pub fn looked_up(&self, what: &'static str) {
        self.count(Name::Lookups, "what", what, 1);
    }

    /// The answer to a question with the gateway's own token. One that it may not ask is told to the
    /// operator, since without it less is known.
    pub fn own_token_answered(&self, status: u16) {
        let word = match status {
            401 => "401",
            403 => "403",
            _ => return,
        };
        self.count(Name::LookupsRefused, "status", word, 1);
        let now = clock::now();
        let is_due = |last: Instant| now.duration_since(last) >= WARN_EVERY;
        if self.warned_at.get().is_none_or(is_due) {
            self.warned_at.set(Some(now));
            tracing::warn!(
                status,
                "the upstream refuses the gateway's own `lookup_token`: rooms are known only as far as those who act in them may ask"
            );
        }
    }

    /// Items that an answer or event was changed by.
    pub fn changed(&self, effect: &'static str, times: u64) {
        if times > 0 {
            self.count(Name::Effects, "effect", effect, times);
        }
    }

    fn count(&self, name: Name, label: &'static str, word: &'static str, times: u64) {
        let mut plain = self.plain.borrow_mut();
        let counter = plain
            .entry((name.as_str(), word))
            .or_insert_with(|| self.meters.counter(name, vec![(label, word.into())]));
        counter.increment(times);
    }

    /// Decisions that were made on `snapshot`.
    pub fn decided(&self, snapshot: &Snapshot, decisions: &[Decided]) {
        let mut known = self.decisions.borrow_mut();
        if known.revision != snapshot.revision() {
            known.revision = snapshot.revision();
            known.counters.clear();
        }
        for decided in decisions {
            known
                .counters
                .entry(*decided)
                .or_insert_with(|| self.decision(snapshot, decided))
                .increment(1);
        }
    }

    fn decision(&self, snapshot: &Snapshot, decided: &Decided) -> Counter {
        let company = decided.company.map_or("", |ix| snapshot.company_id(ix));
        let network = decided.network.map_or("", |ix| snapshot.network_id(ix));
        let labels = vec![
            ("company", company.to_owned().into()),
            ("network", network.to_owned().into()),
            ("act", decided.act.as_str().into()),
            (
                "kind",
                decided.kind.map_or("none", ContentKind::as_str).into(),
            ),
            (
                "verdict",
                decided.reason.map_or("allow", Reason::as_str).into(),
            ),
        ];
        self.meters.counter(Name::Decisions, labels)
    }
}

/// The counters of requests by surface and class of status. They belong to a dialect, and all
/// workers share them.
pub struct Requests {
    meters: Meters,
    /// By [`SurfaceIx`].
    surfaces: Vec<Classes>,
    /// Of what is on no surface.
    none: Classes,
}

/// One surface's counters, by class of status.
type Classes = [OnceLock<Counter>; 4];

const CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];

impl Requests {
    /// Of requests to the surfaces of `dialect`.
    pub fn new(meters: Meters, dialect: &Dialect) -> Self {
        Self {
            meters,
            surfaces: dialect
                .surfaces
                .iter()
                .map(|_| Classes::default())
                .collect(),
            none: Classes::default(),
        }
    }

    /// A request on this surface of `dialect` was answered.
    pub fn answered(&self, dialect: &Dialect, surface: Option<SurfaceIx>, status: StatusCode) {
        let at = surface.map(|ix| usize::from(ix.0));
        let classes = at
            .and_then(|at| self.surfaces.get(at))
            .unwrap_or(&self.none);
        let class = usize::from(status.as_u16() / 100).saturating_sub(2).min(3);
        let (Some(counter), Some(label)) = (classes.get(class), CLASSES.get(class)) else {
            return;
        };
        let resolve = || {
            let surface = at.and_then(|at| dialect.surfaces.get(at));
            let name = surface.map_or_else(|| "none".into(), |surface| surface.name.clone());
            let labels = vec![("surface", name.into()), ("status", (*label).into())];
            self.meters.counter(Name::Requests, labels)
        };
        counter.get_or_init(resolve).increment(1);
    }
}
