//! What the settings page promises, through real sockets: a module for each of its headings.

#[path = "../support/mod.rs"]
mod support;
#[path = "../support/town.rs"]
mod town;

mod sending;
