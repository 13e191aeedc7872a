//! Coded bodies: undone within bounds.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use borderpost::gateway::coding::decode;
use borderpost::gateway::limit::Limit;
use borderpost::gateway::settings::Limits;
use http::header::{CONTENT_ENCODING, HeaderMap, HeaderValue};

const BYTES_MAX: usize = 64 << 10;

/// The first byte chooses the coding. What comes out is within the bound, each time the same.
pub fn check(input: &[u8]) {
    let Some((choice, body)) = input.split_first() else {
        return;
    };
    let codings = ["gzip", "deflate", "br", "zstd", "identity"];
    let coding = codings[usize::from(*choice) % codings.len()];
    let first = decoded(coding, body);
    assert_eq!(first, decoded(coding, body), "another time");
    if let Some(bytes) = &first {
        assert!(
            coding == "identity" || bytes.len() <= BYTES_MAX,
            "over the bound"
        );
        // With anything behind it, it is not one body in this coding.
        let longer = [body, b"x"].concat();
        assert!(
            coding == "identity" || decoded(coding, &longer).is_none(),
            "bytes behind are lost"
        );
    }
}

fn decoded(coding: &'static str, body: &[u8]) -> Option<Vec<u8>> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
    let limits = Limits::default();
    let bound = (Limit::InspectedBodyBytes, BYTES_MAX);
    let mut decoding = pin!(decode(&headers, body.to_vec(), bound, &limits));
    let mut context = Context::from_waker(Waker::noop());
    loop {
        // All bytes are here, so it never waits for long.
        if let Poll::Ready(outcome) = decoding.as_mut().poll(&mut context) {
            return outcome.ok();
        }
    }
}
