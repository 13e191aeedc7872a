use proptest::prelude::*;

use super::*;
use crate::gateway::settings::Limits;

/// What came of a stream of bytes.
#[derive(Debug, Default, PartialEq)]
struct Outcome {
    /// The length of each head that passed, and how much body followed it.
    requests: Vec<(usize, usize)>,
    passed: Vec<u8>,
    fault: Option<GateFault>,
}

fn limits() -> HeadLimits {
    HeadLimits {
        request_line_bytes_max: 40,
        header_bytes_max: 40,
        headers_bytes_max: 90,
        headers_max: 5,
        ..HeadLimits::from(&Limits::default())
    }
}

/// Feeds the gate these parts one after the other, as a connection would.
fn run<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let mut gate = Gate::new(limits());
    let mut outcome = Outcome::default();
    let mut held = Vec::new();
    for part in parts {
        held.extend_from_slice(part);
        while !held.is_empty() {
            let bytes = match gate.step(&held) {
                Ok(Step::Wait) => break,
                Ok(Step::Skip(bytes)) => {
                    held.drain(..bytes);
                    continue;
                }
                Ok(Step::Head(bytes)) => {
                    outcome.requests.push((bytes, 0));
                    bytes
                }
                Ok(Step::Body(bytes)) => {
                    outcome.requests.last_mut().unwrap().1 += bytes;
                    bytes
                }
                Err(fault) => {
                    outcome.fault = Some(fault);
                    return outcome;
                }
            };
            outcome.passed.extend(held.drain(..bytes));
        }
    }
    outcome
}

/// Pieces of which odd streams are made.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let words: Vec<&'static [u8]> = vec![
        b"GET / HTTP/1.1\r\n",
        b"POST /r HTTP/1.1\r\n",
        b"POST /r HTTP/1.0\r\n",
        b"GET /a-target-that-is-rather-long HTTP/1.1\r\n",
        b"Host: a\r\n",
        b"Content-Length: 3\r\n",
        b"Content-Length: 0\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"X-Header: with a value that is long\r\n",
        b" folded\r\n",
        b"\r\n",
        b"\n",
        b"\r",
        b"abc",
        b"3\r\nabc\r\n",
        b"3;x=y\r\nabc\r\n",
        b"0\r\n\r\n",
        b"0\r\nX: y\r\n\r\n",
    ];
    prop_oneof![
        8 => proptest::sample::select(words).prop_map(<[u8]>::to_vec),
        1 => proptest::collection::vec(any::<u8>(), 0..4),
    ]
}

proptest! {
    /// However a stream is cut into reads, the same requests pass and the same fault is found.
    #[test]
    fn cuts_make_no_difference(
        pieces in proptest::collection::vec(piece(), 0..16),
        cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..8),
    ) {
        let stream = pieces.concat();
        let whole = run([stream.as_slice()]);
        prop_assert_eq!(&whole, &run(stream.chunks(1)), "byte by byte");
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        at.extend([0, stream.len()]);
        at.sort_unstable();
        let parts = at.windows(2).map(|cut| &stream[cut[0]..cut[1]]);
        prop_assert_eq!(&whole, &run(parts));
    }

    /// What passes begins with a head that a lenient parser takes for exactly that long.
    #[test]
    fn a_lenient_parser_sees_the_same_first_head(
        pieces in proptest::collection::vec(piece(), 0..16),
    ) {
        let outcome = run([pieces.concat().as_slice()]);
        if let Some((head, _)) = outcome.requests.first() {
            let mut headers = [httparse::EMPTY_HEADER; 16];
            let parsed = httparse::Request::new(&mut headers).parse(&outcome.passed);
            prop_assert_eq!(parsed, Ok(httparse::Status::Complete(*head)));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(stream in proptest::collection::vec(any::<u8>(), 0..200)) {
        run([stream.as_slice()]);
    }
}

#[test]
fn a_fault_is_final() {
    let mut gate = Gate::new(limits());
    let fault = gate.step(b"GET /\n").unwrap_err();
    assert_eq!(gate.step(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"), Err(fault));
}

#[test]
fn a_size_that_does_not_fit_is_refused() {
    let head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n".as_slice();
    for (size, fits) in [("fffffffffffffff", true), ("1000000000000000", false)] {
        let outcome = run([head, size.as_bytes(), b"\r\n"]);
        assert_eq!(outcome.fault.is_none(), fits, "{size}");
    }
}
