//! The only reader of time.

use std::time::{Instant, SystemTime};

/// Now, for measuring and expiring: never goes back.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the clock"
)]
pub fn now() -> Instant {
    Instant::now()
}

/// The time of day, for people and records. It may jump; nothing is decided by it.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the clock"
)]
pub fn wall() -> SystemTime {
    SystemTime::now()
}
