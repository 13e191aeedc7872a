//! One lazily reset timer: moving the due time costs a store, not a change in the timer wheel.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// Rings at a due time that its owner may move with every poll.
#[derive(Debug, Default)]
pub(crate) struct Alarm {
    /// Made at the first wait; may be set earlier than what is due, and is then set anew.
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Alarm {
    /// Ready once `due` has passed; otherwise the task is woken at the latest then.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, due: Instant) -> Poll<()> {
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if sleep.deadline() > due {
            sleep.as_mut().reset(due);
        }
        loop {
            if sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            if sleep.deadline() >= due {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(due);
        }
    }
}

/// The time that timers go by: the runtime's clock, which tests can pause.
pub(crate) fn timer_now() -> Instant {
    Instant::now()
}

/// So long after `since`; a wait that no clock can hold ends in thirty years.
pub(crate) fn after(since: Instant, wait: Duration) -> Instant {
    const LONG: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    since.checked_add(wait).unwrap_or(since + LONG)
}
