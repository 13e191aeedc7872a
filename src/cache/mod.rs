//! What is known now: one immutable snapshot of what administrators set, and bounded, expiring
//! memories of what traffic teaches.
//!
//! A decision loads one [`Snapshot`] and keeps it from start to end. Knows no HTTP and no dialect.

pub mod directory;
pub mod kept;
pub mod learnt;
pub mod places;
pub mod pseudonyms;
pub mod snapshot;

pub use directory::{Directory, DirectoryBuilder, Listing};
pub use kept::Kept;
pub use learnt::{Learnt, Memory};
pub use places::PlaceFacts;
pub use pseudonyms::{Audience, Pseudonyms};
pub use snapshot::{Current, Snapshot};
