//! What the parts of one connection must know of each other: which heads passed the check, which
//! requests are under way, and whether the connection is to end.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::rc::Rc;
use std::task::{Context, Waker};

use tokio::time::Instant;

use super::alarm::timer_now;
use super::head::HeadFault;

/// What a connection is told from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Order {
    /// Go on.
    Serve,
    /// Finish what is under way, take nothing new.
    Drain,
    /// End now.
    Abort,
}

/// The shared state of one connection, on one thread.
pub(super) struct Ledger {
    /// Verdicts on heads that were let through and not yet taken by the service, in order. Filled
    /// by [`super::gated::Gated`], emptied by the service; at most one is waiting.
    heads: RefCell<VecDeque<Result<(), HeadFault>>>,
    /// Wakes the reader when a head was taken.
    reader: Cell<Option<Waker>>,
    /// Wakes the connection when it got an order.
    driver: Cell<Option<Waker>>,
    order: Cell<Order>,
    /// Requests that have no whole answer yet.
    under_way: Cell<usize>,
    /// When the last request ended, or the connection began.
    quiet_since: Cell<Instant>,
    served: Cell<u64>,
    /// Answers whose last part the client has not yet made room to follow, since when (HTTP/2).
    stalled: RefCell<HashMap<u64, Instant>>,
}

impl Ledger {
    /// For a connection that begins now.
    pub(super) fn new() -> Rc<Self> {
        Rc::new(Self {
            heads: RefCell::default(),
            reader: Cell::new(None),
            driver: Cell::new(None),
            order: Cell::new(Order::Serve),
            under_way: Cell::new(0),
            quiet_since: Cell::new(timer_now()),
            served: Cell::new(0),
            stalled: RefCell::default(),
        })
    }

    pub(super) fn push_head(&self, verdict: Result<(), HeadFault>) {
        self.heads.borrow_mut().push_back(verdict);
    }

    /// Whether a head waits for the service.
    pub(super) fn head_waits(&self) -> bool {
        !self.heads.borrow().is_empty()
    }

    /// The verdict on the head that the service was called for. A head that nobody checked fails.
    pub(super) fn take_head(&self) -> Result<(), HeadFault> {
        let verdict = self.heads.borrow_mut().pop_front();
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
        verdict.unwrap_or(Err(HeadFault::Unchecked))
    }

    pub(super) fn wake_reader_on_take(&self, cx: &Context<'_>) {
        self.reader.set(Some(cx.waker().clone()));
    }

    /// What the connection is told; `cx` is woken when that changes.
    pub(super) fn poll_order(&self, cx: &Context<'_>) -> Order {
        let waker = match self.driver.take() {
            Some(waker) if waker.will_wake(cx.waker()) => waker,
            _ => cx.waker().clone(),
        };
        self.driver.set(Some(waker));
        self.order.get()
    }

    /// Tells the connection. An order is never taken back for a weaker one.
    pub(super) fn tell(&self, order: Order) {
        self.order.set(self.order.get().max(order));
        if let Some(driver) = self.driver.take() {
            driver.wake();
        }
    }

    /// How long no request has been under way; `None` while one is.
    pub(super) fn quiet_since(&self) -> Option<Instant> {
        (self.under_way.get() == 0).then(|| self.quiet_since.get())
    }

    /// Whether any request was ever served.
    pub(super) fn is_fresh(&self) -> bool {
        self.served.get() == 0
    }

    /// Whether a client has left an answer untouched since before `then`.
    pub(super) fn has_stalled_since(&self, then: Instant) -> bool {
        self.stalled.borrow().values().any(|since| *since <= then)
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger")
            .field("order", &self.order)
            .field("under_way", &self.under_way)
            .field("served", &self.served)
            .finish_non_exhaustive()
    }
}

/// One request under way: from its arrival until its answer was handed over whole, or given up.
#[derive(Debug)]
pub(super) struct Turn {
    ledger: Rc<Ledger>,
    id: u64,
}

impl Turn {
    pub(super) fn begin(ledger: &Rc<Ledger>) -> Self {
        ledger.under_way.set(ledger.under_way.get() + 1);
        let id = ledger.served.get() + 1;
        ledger.served.set(id);
        Self {
            ledger: ledger.clone(),
            id,
        }
    }

    /// A part of the answer was handed over, and the client has to make room for the next.
    pub(super) fn handed(&self) {
        self.ledger
            .stalled
            .borrow_mut()
            .insert(self.id, timer_now());
    }

    /// The client made room.
    pub(super) fn asked(&self) {
        self.ledger.stalled.borrow_mut().remove(&self.id);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.asked();
        self.ledger.under_way.set(self.ledger.under_way.get() - 1);
        self.ledger.quiet_since.set(timer_now());
    }
}
