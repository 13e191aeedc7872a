//! Reload: all or nothing. On any fault the running policy stays as it was.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use tracing::{error, info, warn};

use super::{App, files_of, memories};
use crate::clock;
use crate::config::{self, Files, Loaded};
use crate::gateway::parts::InService;
use crate::gateway::settings::Settings;
use crate::store;
use crate::telemetry::Name;
use crate::yaml::{Diagnostic, Severity};

/// Where the configuration is, and what of it can't be changed while the gateway runs.
pub struct Reloader {
    path: PathBuf,
    running: Settings,
    store: Option<store::Settings>,
}

/// Why a reload was not applied.
#[derive(Debug)]
pub enum ReloadFault {
    /// The files have mistakes.
    Files(Vec<Diagnostic>),
    /// The files are right, but what they name can't be used: certificates.
    Start(String),
}

/// A reload that was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The revision of the policy now.
    pub revision: u64,
    /// Listed members.
    pub members: usize,
}

impl Reloader {
    /// For a gateway that was started from the files at `path` with these settings and this store.
    pub fn new(path: PathBuf, running: Settings, store: Option<store::Settings>) -> Self {
        Self {
            path,
            running,
            store,
        }
    }

    /// Where the upstream is.
    pub fn upstream(&self) -> (&str, u16) {
        (&self.running.upstream.host, self.running.upstream.port)
    }

    /// Loads all files anew and applies them. Blocks while it reads: not for an event loop.
    pub fn reload(&self, app: &App, files: &dyn Files) -> Result<Applied, ReloadFault> {
        let started = clock::now();
        let result = self.load_and_apply(app, files);
        let meters = &app.parts.meters;
        let (label, successful) = match &result {
            Ok(_) => ("applied", 1.0),
            Err(_) => ("refused", 0.0),
        };
        meters
            .counter(Name::Reloads, vec![("result", label.into())])
            .increment(1);
        meters.gauge(Name::ReloadSuccessful, vec![]).set(successful);
        let took = clock::now().duration_since(started);
        match &result {
            Ok(applied) => {
                let now = clock::wall().duration_since(UNIX_EPOCH).unwrap_or_default();
                meters
                    .gauge(Name::ReloadApplied, vec![])
                    .set(now.as_secs_f64());
                meters
                    .gauge(Name::ReloadSeconds, vec![])
                    .set(took.as_secs_f64());
                meters
                    .gauge(Name::PolicyRevision, vec![])
                    .set(applied.revision as f64);
                let (revision, members) = (applied.revision, applied.members);
                info!(
                    revision,
                    members,
                    took_ms = took.as_millis() as u64,
                    "reload applied"
                );
            }
            Err(ReloadFault::Files(found)) => {
                let errors = || found.iter().filter(|one| one.severity == Severity::Error);
                let first = errors().next().map(ToString::to_string).unwrap_or_default();
                error!(
                    faults = errors().count(),
                    first, "reload refused: the running policy stays"
                );
            }
            Err(ReloadFault::Start(fault)) => {
                error!(fault, "reload refused: the running policy stays");
            }
        }
        result
    }

    fn load_and_apply(&self, app: &App, files: &dyn Files) -> Result<Applied, ReloadFault> {
        let environment = |name: &str| std::env::var(name).ok();
        let loaded =
            config::load_from(files, &self.path, &environment).map_err(ReloadFault::Files)?;
        for warning in &loaded.warnings {
            warn!(%warning, "in the configuration");
        }
        self.note_what_needs_a_restart(&loaded);
        // Certificates are all or nothing themselves, and the last thing that can fail.
        app.server
            .reload_certificates()
            .map_err(|fault| ReloadFault::Start(fault.to_string()))?;
        Ok(apply(app, loaded))
    }

    fn note_what_needs_a_restart(&self, loaded: &Loaded) {
        if loaded.gateway != self.running || loaded.store != self.store {
            warn!(
                "listeners, upstream, limits, waits, workers or the store have changed: they need a restart"
            );
        }
    }
}

/// Puts loaded settings in place of the running ones.
pub fn apply(app: &App, mut loaded: Loaded) -> Applied {
    let parts = &app.parts;
    let next = files_of(&mut loaded);
    let memories = memories(&loaded);
    let running = parts.in_service.load_full();
    if *running.source != *loaded.dialect_source.text || running.drive_hosts != loaded.drive_hosts {
        let source = loaded.dialect_source.text.as_str().into();
        let next = InService::new(
            loaded.dialect,
            source,
            loaded.drive_hosts,
            memories,
            (&parts.meters, &parts.hits),
        );
        parts.in_service.store(Arc::new(next));
    }
    let members = next.members();
    let (revision, old) = parts.current.apply(next);
    // Freeing a million members takes a tenth of a second: not on anybody's way, and so not before
    // everybody who still decides on them is done.
    drop(
        std::thread::Builder::new()
            .name("free-old-policy".into())
            .spawn(move || {
                while Arc::strong_count(&old) > 1 {
                    std::thread::sleep(Duration::from_millis(10));
                }
            }),
    );
    Applied { revision, members }
}
