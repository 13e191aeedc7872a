//! The decision: words, settings, a question in, a verdict out.
//!
//! Pure: no I/O, no clock, no protocol, no async. The same input gives the same verdict. Start at
//! [`decide()`].

pub mod decide;
pub mod question;
pub mod settings;
pub mod standing;
pub mod unknown;
pub mod verdict;
pub mod words;

pub use decide::decide;
pub use question::Question;
pub use settings::Settings;
pub use standing::{RoomStanding, Side, Standing};
pub use verdict::{Block, Reason, Verdict};
pub use words::{
    Act, CompanyId, CompanyIx, ContentKind, KindSet, NetworkId, NetworkIx, NetworkSet, PersonId,
};
