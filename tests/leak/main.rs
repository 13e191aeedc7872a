//! Who is `unknown` stays unknown: unmistakable names are planted wherever the protocol has a place
//! for one, and every byte that a masked viewer is sent is searched for them (threat model 6.9, 7.6).

#[path = "../support/act.rs"]
mod act;
#[path = "../support/every_request.rs"]
mod every_request;
#[allow(
    dead_code,
    reason = "the part of the kit that a relay needs is not needed here"
)]
#[path = "../http/kit.rs"]
mod kit;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/town.rs"]
mod town;

mod canaries;
mod changes;
mod colleagues;
mod crawl;
mod needles;
mod odd;
mod outsiders;
mod planting;
mod pushed;
mod viewers;
