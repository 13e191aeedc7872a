//! What the settings page promises, through real sockets: a module for each of its headings.

#[path = "../support/act.rs"]
mod act;
#[path = "../support/every_request.rs"]
mod every_request;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/town.rs"]
mod town;

mod attachments;
mod blocked;
mod contacts;
mod counted;
mod hidden;
mod kit;
mod opening;
mod outsiders;
mod searches;
mod sending;
mod switching;
mod unknown;
