//! The transport of the gateway, held to its promises through real sockets: what is refused, what
//! must pass, what the upstream sees, and what happens when a peer misbehaves.

mod kit;
#[allow(
    dead_code,
    reason = "the bounds on control frames have tests of their own"
)]
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
