//! The store at work: what it keeps is laid over the files, what changes in it is applied at once,
//! and who is seen for the first time is written to it. Nothing here is on a request's way.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tracing::{error, info};

use super::admin::State;
use crate::admin::grants;
use crate::cache::{Current, Kept, Snapshot};
use crate::policy::PersonId;
use crate::policy::grants::Event;
use crate::store::{self, Settings, Store, StoreError};
use crate::telemetry::{Meters, Name};

/// How many are waited for who were seen for the first time. Who finds no room is seen again.
const FIRST_SEEN_MAX: usize = 10_000;

/// After a fault of the store, how long it is left alone.
const RETRY: Duration = Duration::from_secs(1);

/// Minds the store.
pub struct Keeper {
    store: Arc<dyn Store>,
    kept: Arc<Kept>,
    seen: Receiver<PersonId>,
    seen_by: Sender<PersonId>,
    /// Told when the files may list members who are new.
    listed: Arc<Notify>,
    /// Who has appeared, and is not written yet.
    unwritten: Vec<PersonId>,
}

impl Keeper {
    /// Opens the store, and gives the files with what it keeps laid over them.
    pub async fn open(
        settings: &Settings,
        files: Snapshot,
    ) -> Result<(Self, Snapshot), StoreError> {
        let store = store::open(settings).await?;
        let (seen_by, seen) = channel(FIRST_SEEN_MAX);
        let mut keeper = Self {
            store,
            kept: Arc::default(),
            seen,
            seen_by,
            listed: Arc::default(),
            unwritten: Vec::new(),
        };
        keeper.read().await?;
        let snapshot = Arc::new(files.with(keeper.kept.clone()));
        keeper.unwritten = snapshot.newly_listed();
        if let Err(fault) = keeper.write(&snapshot).await {
            // What it keeps is known, so nothing is decided wrongly: who is new waits.
            error!(%fault, "the store can't be written to");
        }
        keeper.read().await?;
        let snapshot = snapshot.with(keeper.kept.clone());
        Ok((keeper, snapshot))
    }

    /// Where it is told that somebody was seen for the first time.
    pub fn first_seen(&self) -> Sender<PersonId> {
        self.seen_by.clone()
    }

    /// What tells it that the files have changed.
    pub fn listed(&self) -> Arc<Notify> {
        self.listed.clone()
    }

    /// Works until its task is ended.
    pub async fn run(mut self, current: Arc<Current>, meters: Meters, state: Arc<State>) {
        let up = meters.gauge(Name::StoreUp, vec![]);
        let mut was = Ok(());
        loop {
            let now = self.turn(&current, &meters).await;
            up.set(if now.is_ok() { 1.0 } else { 0.0 });
            state.store_failing.store(now.is_err(), Ordering::Relaxed);
            if now != was {
                match &now {
                    Ok(()) => info!("the store is well again"),
                    Err(fault) => error!(%fault, "the store fails: what is known stays in force"),
                }
            }
            if now.is_err() {
                tokio::time::sleep(RETRY).await;
            }
            was = now;
            self.wait(&current).await;
        }
    }

    /// Waits for something to do.
    async fn wait(&mut self, current: &Current) {
        let room = FIRST_SEEN_MAX.saturating_sub(self.unwritten.len()).max(1);
        tokio::select! {
            _ = self.seen.recv_many(&mut self.unwritten, room) => {}
            () = self.listed.notified() => {
                // While the store fails, the same people come with every reload.
                self.unwritten.extend(current.owned().newly_listed());
                self.unwritten.sort();
                self.unwritten.dedup();
            }
            () = self.store.stirred() => {}
        }
    }

    /// Applies what has changed in the store, and writes who has appeared.
    async fn turn(&mut self, current: &Current, meters: &Meters) -> Result<(), StoreError> {
        self.apply(current, meters).await?;
        if !self.unwritten.is_empty() {
            self.write(&current.owned()).await?;
            self.apply(current, meters).await?;
        }
        Ok(())
    }

    async fn apply(&mut self, current: &Current, meters: &Meters) -> Result<(), StoreError> {
        if let Some(members) = self.read().await? {
            let (revision, _) = current.keep(self.kept.clone());
            meters
                .gauge(Name::PolicyRevision, vec![])
                .set(revision as f64);
            info!(revision, members, "permissions changed");
        }
        Ok(())
    }

    /// Reads what has changed: of how many members.
    async fn read(&mut self) -> Result<Option<usize>, StoreError> {
        let mut changes = self.store.since(self.kept.revision()).await?;
        if changes.revision == self.kept.revision() {
            return Ok(None);
        }
        let mut kept = Kept::clone(&self.kept);
        if changes.revision < kept.revision() {
            // A copy was put back: what has been known since is not so any more.
            changes = self.store.since(0).await?;
            kept = Kept::default();
        }
        kept.take(changes.revision, &changes.rows);
        self.kept = Arc::new(kept);
        Ok(Some(changes.rows.len()))
    }

    async fn write(&mut self, snapshot: &Arc<Snapshot>) -> Result<(), StoreError> {
        self.unwritten.retain(|id| snapshot.is_new(id.as_str()));
        if !self.unwritten.is_empty() {
            grants::change(&*self.store, snapshot, &self.unwritten, Event::Appear).await?;
            self.unwritten.clear();
        }
        Ok(())
    }
}
