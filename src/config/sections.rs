//! The settings of parts that have no module of their own yet.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

pub use crate::telemetry::log::{Format as LogFormat, Level as LogLevel, Settings as LogSettings};

/// The administrator's listener: health, metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminSettings {
    /// Where it listens; loopback unless said otherwise.
    pub address: SocketAddr,
}

/// How long something that traffic taught is believed, and how much of it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LearntSettings {
    /// After this it is asked for again.
    pub stale_after: Duration,
    /// The most that are kept.
    pub remembered_max: usize,
}

/// A secret text: `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Default for AdminSettings {
    fn default() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 9901)),
        }
    }
}

impl Default for LearntSettings {
    fn default() -> Self {
        Self {
            stale_after: Duration::from_secs(60),
            remembered_max: 100_000,
        }
    }
}

impl Secret {
    /// Wraps a text.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text, for whoever computes with it. Never for a log.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
