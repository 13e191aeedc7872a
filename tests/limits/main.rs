//! Every bound at its edge, through the whole gateway: what is one below or at it passes and is not
//! counted, what is one above is held back and counted under the key that sets the bound.
//!
//! `docs/reference/limits.md` names the test of each; `tests/reference/limits.rs` checks that it is there.

#[allow(
    dead_code,
    reason = "the part of the kit that a relay needs is not needed here"
)]
#[path = "../http/kit.rs"]
mod kit;
#[allow(dead_code, reason = "tables of requests are not run here")]
#[path = "../tables/post.rs"]
mod post;
#[path = "../support/process.rs"]
mod process;
#[path = "../http/raw.rs"]
mod raw;
#[path = "../http/second.rs"]
mod second;

mod gate;

mod answers;
mod connections;
mod floods;
mod http2;
mod requests;
mod upstream;
