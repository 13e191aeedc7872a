//! The transport of the gateway, held to its promises through real sockets: what is refused, what
//! must pass, what the upstream sees, and what happens when a peer misbehaves.

mod kit;
mod raw;
mod second;

mod bodies;
mod connections;
mod heads_passed;
mod heads_refused;
mod http2;
mod reuse;
mod smuggling;
mod tls;
mod upstream;
