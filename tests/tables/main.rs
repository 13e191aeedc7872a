//! Raw bytes on real sockets against the whole gateway with the plain dialect: what two readers
//! could take differently is refused and reaches nobody; its legal neighbours arrive byte for byte.

#[allow(
    dead_code,
    reason = "the part of the kit that a relay needs is not needed here"
)]
#[path = "../http/kit.rs"]
mod kit;
mod post;
#[path = "../http/second.rs"]
mod second;

mod asking;
mod bodies;
mod codings;
mod content;
mod paths;
mod targets;
mod words;

/// About how many rows of `tests/http` are refusals, and how many pass.
const ON_THE_TRANSPORT: (usize, usize) = (250, 120);

#[test]
fn for_two_attacks_at_least_one_legal_neighbour() {
    let refused = [
        ON_THE_TRANSPORT.0,
        paths::REFUSED.len() + targets::REFUSED.len(),
        bodies::refused().len() + codings::refused().len(),
        content::refused().len() + asking::REFUSED.len(),
    ];
    let passed = [
        ON_THE_TRANSPORT.1,
        paths::PASSED.len() + targets::PASSED.len(),
        bodies::passed().len() + codings::passed().len(),
        content::passed().len() + asking::PASSED.len(),
        words::TEXTS.len() + words::documents().len(),
    ];
    let (refused, passed): (usize, usize) = (refused.iter().sum(), passed.iter().sum());
    assert!(
        passed * 2 >= refused,
        "{passed} pass, {refused} are refused"
    );
}
