//! The decision: words, settings, a question in, a verdict out.
//!
//! Pure: no I/O, no clock, no protocol, no async. The same input gives the same verdict. Start at
//! [`decide()`], whose page says how the rules are read.

pub mod decide;
pub mod findings;
pub mod grants;
pub mod question;
pub mod settings;
pub mod standing;
pub mod unknown;
pub mod verdict;
pub mod words;

mod content;
mod pair;
mod permission;
mod sets;
mod show;

pub use decide::decide;
pub use findings::{Finding, findings};
pub use question::{Contact, Question};
pub use settings::Settings;
pub use standing::{RoomStanding, Side, Standing};
pub use verdict::{Block, Obligations, Reason, Verdict};
pub use words::{
    Act, CompanyId, CompanyIx, ContentKind, KindSet, NetworkId, NetworkIx, NetworkSet, PersonId,
};
