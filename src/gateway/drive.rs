//! Keeps a connection going, and ends it when it is told to or when its client stalls.

use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Instant;

use super::alarm::{Alarm, timer_now};
use super::ledger::{Ledger, Order};
use super::limit::{Hits, Limit};
use super::settings::Waits;

/// A connection that is younger than this when a drain begins may still bring its first request.
const NEWCOMER_AGE: Duration = Duration::from_secs(1);
/// How often an HTTP/2 connection is looked after, at most.
const TICK: Duration = Duration::from_secs(1);

/// Polls a connection, and obeys what it is told.
pub(super) async fn drive<C>(
    connection: C,
    wind_down: impl Fn(Pin<&mut C>),
    ledger: &Ledger,
    mut watch: impl Watcher,
) -> hyper::Result<()>
where
    C: Future<Output = hyper::Result<()>>,
{
    let mut connection = pin!(connection);
    let newcomer_until = timer_now() + NEWCOMER_AGE;
    let mut alarm = Alarm::default();
    let mut winding_down = false;
    std::future::poll_fn(|cx| {
        loop {
            let order = ledger.poll_order(cx).max(watch.poll(cx));
            if order == Order::Abort {
                // Its last word is that it ends, as far as there is room for it.
                wind_down(connection.as_mut());
                let _ = connection.as_mut().poll(cx);
                return Poll::Ready(Ok(()));
            }
            let mut newcomer = || ledger.is_fresh() && alarm.poll(cx, newcomer_until).is_pending();
            if order == Order::Drain && !winding_down && !newcomer() {
                winding_down = true;
                wind_down(connection.as_mut());
            }
            let fresh = ledger.is_fresh();
            let polled = connection.as_mut().poll(cx);
            let came = fresh && !ledger.is_fresh() && order == Order::Drain && !winding_down;
            if polled.is_ready() || !came {
                return polled;
            }
        }
    })
    .await
}

/// Looks after a connection beside what the HTTP library does.
pub(super) trait Watcher {
    fn poll(&mut self, cx: &mut Context<'_>) -> Order;
}

/// HTTP/1 needs nothing: its waits are on the stream of bytes.
impl Watcher for () {
    fn poll(&mut self, _: &mut Context<'_>) -> Order {
        Order::Serve
    }
}

/// Looks after an HTTP/2 connection, where a client can stall each stream by itself.
pub(super) struct Watch {
    ledger: Rc<Ledger>,
    write: Duration,
    keep_alive: Duration,
    hits: Hits,
    next: Instant,
    alarm: Alarm,
    order: Order,
}

impl Watch {
    pub(super) fn new(waits: &Waits, ledger: Rc<Ledger>, hits: Hits) -> Self {
        Self {
            ledger,
            write: waits.write,
            keep_alive: waits.keep_alive,
            hits,
            next: timer_now(),
            alarm: Alarm::default(),
            order: Order::Serve,
        }
    }

    /// What becomes of the connection, and the wait that says so.
    fn look(&self, now: Instant) -> (Order, Limit) {
        let stalled = now
            .checked_sub(self.write)
            .is_some_and(|then| self.ledger.has_stalled_since(then));
        let quiet = self
            .ledger
            .quiet_since()
            .map_or(Duration::ZERO, |since| now.duration_since(since));
        if stalled {
            (Order::Abort, Limit::Write)
        } else if quiet >= self.keep_alive.saturating_mul(2) {
            (Order::Abort, Limit::KeepAlive)
        } else if quiet >= self.keep_alive {
            (Order::Drain, Limit::KeepAlive)
        } else {
            (Order::Serve, Limit::KeepAlive)
        }
    }
}

impl Watcher for Watch {
    fn poll(&mut self, cx: &mut Context<'_>) -> Order {
        while self.alarm.poll(cx, self.next).is_ready() {
            let now = timer_now();
            let (order, limit) = self.look(now);
            if self.order == Order::Serve && order > Order::Serve {
                self.hits.hit(limit);
            }
            self.order = self.order.max(order);
            self.next = now + (self.write.min(self.keep_alive) / 4).clamp(TICK / 100, TICK);
        }
        self.order
    }
}
