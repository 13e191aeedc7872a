//! What goes wrong behind the gateway, and what a client gets then (threat model 6.12).

#[path = "../support/mod.rs"]
mod support;
#[path = "../support/town.rs"]
mod town;

mod backend;
mod memory;
mod odd;
#[path = "../support/process.rs"]
mod process;
mod quiet;
mod upstream;
