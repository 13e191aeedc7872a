//! The journey of a message: a client arrives, the stages follow in order, an answer goes back.
//!
//! The gateway knows surfaces and verdicts, and no setting of a policy. The modules below are the
//! transport: they know HTTP, and neither a dialect nor a verdict. A journey meets them at three
//! places: it is handed an [`arrival::Arrival`], sends through [`upstream::Upstream`], and gives
//! back an [`arrival::Answer`].

pub mod settings;

mod connection;
mod drive;
mod gated;
pub mod head;
mod ledger;
mod listener;
pub mod server;
mod steady;
pub mod tls;
mod worker;

pub mod answer_body;
pub mod arrival;
pub mod client_body;
mod delivery;

pub mod canonical;
pub mod forwarded;
pub mod upstream;

mod alarm;
