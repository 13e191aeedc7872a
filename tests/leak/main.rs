//! Who is `unknown` stays unknown: unmistakable names are planted wherever the protocol has a place
//! for one, and every byte that a masked viewer is sent is searched for them (threat model 6.9, 7.6).

#[path = "../support/mod.rs"]
mod support;
#[path = "../support/town.rs"]
mod town;

mod canaries;
mod crawl;
mod needles;
mod odd;
mod outsiders;
mod planting;
mod viewers;
