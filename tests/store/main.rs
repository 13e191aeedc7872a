//! What lasts: both stores held to one another, and the gateway and the command line upon them.
//!
//! PostgreSQL is Debian's own, started for these tests. Where it is not installed, its half is left
//! out, and says so.

mod conformance;
mod crash;
#[path = "../reload/files.rs"]
#[expect(dead_code, reason = "the tests of reload need the rest")]
mod files;
mod kit;
mod postgres;
#[path = "../support/process.rs"]
mod process;
mod running;
#[path = "../support/mod.rs"]
mod support;
