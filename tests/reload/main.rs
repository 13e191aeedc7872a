//! Reload is all or nothing: under load, and in the real process.

#[path = "../support/mod.rs"]
mod support;

mod files;
mod load;
#[path = "../support/process.rs"]
mod process;
mod running;
