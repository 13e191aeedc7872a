//! The built-in message server: the other side of the gateway, for demonstrations and tests.
//!
//! It speaks the protocol of `docs/plain-protocol.md` over real sockets, HTTP/1.1 and HTTP/2 with
//! prior knowledge, and keeps its state in memory. It knows no policy and shares no code with the
//! gateway, so that it cannot share the gateway's mistakes. Start at `server.rs`, then
//! `exchange.rs` (one request) and `routes.rs`; each resource has a file of its own.

mod server;

mod answer;
mod call;
mod exchange;
mod refusal;
mod routes;

mod boards;
mod contacts;
mod content;
mod files;
mod groups;
mod invitations;
mod items;
mod messages;
mod people;
mod room;
mod rooms;
mod scheduled;
mod search;
mod upload;

mod journal;
mod moment;
mod seed;
mod shapes;
mod state;
mod stream;
mod world;

pub use self::content::{Attached, Card, Content};
pub use self::server::{Running, Sandbox};
pub use self::world::World;
