//! Idle HTTP/1 connections: the one used last is used next, so that the others can age and close.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use hyper::client::conn::http1::SendRequest;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, timeout};

use super::dial::Target;
use super::fault::{UpstreamFault, UpstreamFaultKind};
use super::outbound::{OutboundBody, Progress};
use crate::gateway::alarm::{Alarm, timer_now};
use crate::gateway::limit::{Hits, Limit};

/// The connections of one worker.
///
/// INVARIANT: a connection is opened only by who holds a permit, and only when none is idle, so there
/// are never more connections than permits.
pub(super) struct Pool {
    /// The oldest first. Changed at the start and the end of a request.
    idle: RefCell<Vec<Idle>>,
    permits: Arc<Semaphore>,
    /// How long an idle connection is kept.
    keep_alive: Duration,
    /// How long a request waits for a permit.
    wait: Duration,
    /// Whether a task is closing what has been idle too long.
    sweeping: Cell<bool>,
    hits: Hits,
}

struct Idle {
    open: Open,
    since: Instant,
}

/// An open connection; it closes when this is dropped.
pub(super) struct Open {
    pub(super) sender: SendRequest<OutboundBody>,
    /// Rings when an answer is late; moved with every request.
    pub(super) late: Alarm,
    task: AbortHandle,
}

impl Open {
    pub(super) fn new(sender: SendRequest<OutboundBody>, task: AbortHandle) -> Self {
        Self {
            sender,
            late: Alarm::default(),
            task,
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Pool {
    pub(super) fn new(target: &Target, hits: Hits) -> Self {
        Self {
            idle: RefCell::default(),
            permits: Arc::new(Semaphore::new(target.connections_max)),
            keep_alive: target.keep_alive,
            wait: target.connect,
            sweeping: Cell::new(false),
            hits,
        }
    }

    /// Leave to use one connection.
    pub(super) async fn permit(&self) -> Result<OwnedSemaphorePermit, UpstreamFault> {
        if let Ok(permit) = self.permits.clone().try_acquire_owned() {
            return Ok(permit);
        }
        match timeout(self.wait, self.permits.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(UpstreamFault::new(
                UpstreamFaultKind::Busy,
                format_args!("none came free in {:?}", self.wait),
            )),
        }
    }

    /// The connection that was used last.
    pub(super) fn take(&self) -> Option<Open> {
        let mut idle = self.idle.borrow_mut();
        while let Some(Idle { open, since }) = idle.pop() {
            if timer_now().duration_since(since) >= self.keep_alive {
                // All the others are older still.
                self.aged(1 + idle.len());
                idle.clear();
                return None;
            }
            if !open.sender.is_closed() {
                return Some(open);
            }
        }
        None
    }

    pub(super) fn idle(&self) -> usize {
        self.idle.borrow().len()
    }

    /// So many were idle too long.
    fn aged(&self, connections: usize) {
        let counter = self.hits.counter(Limit::UpstreamKeepAlive);
        counter.increment(connections as u64);
    }

    fn put(self: Rc<Self>, open: Open) {
        if open.sender.is_closed() {
            return;
        }
        self.idle.borrow_mut().push(Idle {
            open,
            since: timer_now(),
        });
        if !self.sweeping.replace(true) {
            tokio::task::spawn_local(sweep(Rc::downgrade(&self), self.keep_alive));
        }
    }
}

/// Closes what has been idle too long, until nothing is idle.
async fn sweep(pool: std::rc::Weak<Pool>, keep_alive: Duration) {
    loop {
        sleep(keep_alive).await;
        let Some(pool) = pool.upgrade() else { return };
        let mut idle = pool.idle.borrow_mut();
        let now = timer_now();
        let before = idle.len();
        idle.retain(|entry| now.duration_since(entry.since) < keep_alive);
        pool.aged(before - idle.len());
        idle.retain(|entry| !entry.open.sender.is_closed());
        if idle.is_empty() {
            pool.sweeping.set(false);
            return;
        }
    }
}

/// A connection in use by one request. Dropped, it closes; only [`Lease::give_back`] keeps it.
pub(super) struct Lease {
    pool: Rc<Pool>,
    open: Open,
    _permit: OwnedSemaphorePermit,
    /// Whether the answer came before the request was sent whole.
    early: bool,
}

impl Lease {
    /// Made when the head of the answer is here.
    pub(super) fn new(
        pool: &Rc<Pool>,
        open: Open,
        permit: OwnedSemaphorePermit,
        progress: &Progress,
    ) -> Self {
        Self {
            pool: pool.clone(),
            open,
            _permit: permit,
            early: !progress.complete.get(),
        }
    }

    /// The answer was read whole: the connection may serve another request, unless the answer had
    /// not waited for this one.
    pub(super) fn give_back(self) {
        if !self.early {
            self.pool.put(self.open);
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("idle", &self.idle())
            .finish_non_exhaustive()
    }
}
