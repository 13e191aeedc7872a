//! The same, with readers that speak HTTP/2.

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

#[test]
fn no_module_is_left_out() {
    let modules = |text: &'static str| text.lines().filter(|line| line.starts_with("mod "));
    let own: Vec<&str> = modules(include_str!("over_http2.rs")).collect();
    assert_eq!(own, modules(include_str!("main.rs")).collect::<Vec<_>>());
}
