//! The journey of a message: a client arrives, the stages follow in order, an answer goes back.
//!
//! Start at [`journey`], which has the stages in their order. The gateway knows surfaces and
//! verdicts, and no setting of a policy. What stands below the stages is the transport: it knows
//! HTTP, and neither a dialect nor a verdict; a journey is handed an [`arrival::Arrival`], sends
//! through [`upstream::Upstream`], and gives back an [`arrival::Answer`].

pub mod limit;
pub mod settings;

pub mod journey;
pub mod legs;
pub mod parts;
pub mod tally;

// The stages, and what they work on.
pub mod about;
pub mod classify;
pub mod coding;
pub mod enforce;
pub mod facts;
pub mod identify;
pub mod items;
pub mod lookup;
pub mod making;
pub mod pseudonym;
pub mod read;
pub mod upload;
pub mod way;

// The way back.
pub mod answer;
pub mod events;
pub mod masks;
pub mod refusal;
pub mod show;

// A client arrives.
mod connection;
mod drive;
mod frames;
mod gated;
pub mod head;
mod ledger;
mod listener;
pub mod server;
mod steady;
pub mod tls;
mod watched;
mod worker;

pub mod answer_body;
pub mod arrival;
pub mod client_body;
mod delivery;

// The upstream.
pub mod canonical;
pub mod forwarded;
pub mod upstream;

mod alarm;
