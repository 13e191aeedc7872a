//! The journey of a message: a client arrives, the stages follow in order, an answer goes back.
//!
//! The gateway knows surfaces and verdicts, and no setting of a policy. The modules below are the
//! transport: they know HTTP, and neither a dialect nor a verdict. A journey meets them at three
//! places: it is handed an [`arrival::Arrival`], sends through [`upstream::Upstream`], and gives
//! back an [`arrival::Answer`].

pub mod settings;

pub mod journey;
pub mod parts;

pub mod about;
pub mod answer;
pub mod classify;
pub mod coding;
pub mod enforce;
pub mod events;
pub mod facts;
pub mod identify;
pub mod items;
pub mod lookup;
pub mod masks;
pub mod pseudonym;
pub mod read;
pub mod refusal;
pub mod show;
pub mod upload;

pub mod connection;
pub mod gated;
pub mod head;
pub mod ledger;
pub mod listener;
pub mod server;
pub mod tls;

pub mod answer_body;
pub mod arrival;
pub mod client_body;

pub mod canonical;
pub mod forwarded;
pub mod upstream;

mod alarm;
