//! The gate that a connection's bytes pass: the same steps however they are cut into reads.

use borderpost::gateway::head::gate::{Gate, GateFault, HeadLimits, Step};
use borderpost::gateway::settings::Limits;

/// The heads and body bytes that pass, and how it ends.
type Passed = (Vec<Vec<u8>>, Vec<u8>, Option<GateFault>);

/// Panics where the cuts make a difference, or where a step goes beyond the bytes at hand.
pub fn check(input: &[u8]) {
    let limits = Limits {
        request_line_bytes_max: 200,
        header_bytes_max: 100,
        headers_bytes_max: 400,
        headers_max: 12,
        chunk_line_bytes_max: 40,
        ..Limits::default()
    };
    let limits = HeadLimits::from(&limits);
    let whole = pass(input, limits, usize::MAX);
    for size in [1, 2, 7, 64] {
        assert_eq!(pass(input, limits, size), whole, "in reads of {size}");
    }
}

fn pass(input: &[u8], limits: HeadLimits, size: usize) -> Passed {
    let mut gate = Gate::new(limits);
    let (mut heads, mut body) = (Vec::new(), Vec::new());
    let (mut from, mut to) = (0, 0);
    while from < to || to < input.len() {
        if from == to {
            to = to.saturating_add(size).min(input.len());
        }
        match gate.step(&input[from..to]) {
            Ok(Step::Wait) if to == input.len() => break,
            Ok(Step::Wait) => to = to.saturating_add(size).min(input.len()),
            Ok(Step::Skip(count)) => from += count,
            Ok(Step::Head(count)) => {
                heads.push(input[from..from + count].to_vec());
                from += count;
            }
            Ok(Step::Body(count)) => {
                body.extend_from_slice(&input[from..from + count]);
                from += count;
            }
            Err(fault) => return (heads, body, Some(fault)),
        }
        assert!(from <= to, "a step beyond what is there");
    }
    (heads, body, None)
}
