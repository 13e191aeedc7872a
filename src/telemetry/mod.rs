//! Sight: logs and metrics. Knows nothing of what is counted.

pub mod log;
pub mod meters;
pub mod names;

pub use meters::Meters;
pub use names::Name;
