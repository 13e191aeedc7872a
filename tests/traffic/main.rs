//! Traffic of real servers and real clients, replayed through the shipped dialects without sockets.
//!
//! What was recorded, how, and where it is from: `tests/traffic/README.md`.

mod answers;
mod recorded;
mod requests;
mod town;
