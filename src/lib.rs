//! Borderpost: the inline gateway that enforces a company's external messaging policy.
//!
//! It stands between chat clients and a message server, reads every message and attachment in both
//! directions, and decides by a policy what may cross. The modules below stand in reading order:
//! the pure decision first, then what is known, then how bytes become meaning, then the journey.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::print_stdout,
        clippy::print_stderr
    )
)]

pub mod admin;
pub mod app;
pub mod cache;
pub mod cases;
pub mod cli;
pub mod clock;
pub mod config;
pub mod dialect;
pub mod gateway;
pub mod glob;
pub mod policy;
pub mod sandbox;
pub mod store;
pub mod telemetry;
pub mod yaml;
