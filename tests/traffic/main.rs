//! Traffic of real servers and real clients, replayed through the shipped dialects without sockets;
//! and what such clients could try, through them.
//!
//! What was recorded, how, and where it is from: `tests/traffic/README.md`.

mod border;
#[allow(
    dead_code,
    reason = "the part of the kit that a relay needs is not needed here"
)]
#[path = "../http/kit.rs"]
mod kit;
mod post;
mod recorded;
mod town;

mod answers;
mod around;
mod between;
mod bridge;
mod gone;
mod invited;
mod making;
mod pushed;
mod requests;
mod signed;
