//! A gateway with chosen bounds before an upstream that takes everything, or before another.

use std::net::SocketAddr;

use borderpost::app::App;
use borderpost::gateway::limit::Limit;
use borderpost::telemetry::Meters;

use super::kit::{self, Client, Read1, Recorder, answer};
use super::post::{self, answer_to};
use super::raw::Raw;

pub struct Gate {
    pub app: App,
    pub address: SocketAddr,
    _taker: Option<Recorder>,
}

impl Gate {
    /// Before an upstream that says yes.
    pub fn with(more: &str) -> Self {
        let taker = Recorder::start(|request, stream| answer(stream, &answer_to(request)));
        let gate = Self::before(taker.address, more);
        Self {
            _taker: Some(taker),
            ..gate
        }
    }

    /// Before this upstream.
    pub fn before(upstream: SocketAddr, more: &str) -> Self {
        Self::before_with_upstream(upstream, "", more)
    }

    /// The same, with these further keys of `upstream`.
    pub fn before_with_upstream(upstream: SocketAddr, keys: &str, more: &str) -> Self {
        let app = post::gateway(upstream, keys, more);
        Self {
            address: app.server.addresses()[0],
            app,
            _taker: None,
        }
    }

    pub fn connect(&self) -> Client {
        Client::connect(self.address)
    }

    pub fn http2(&self) -> Raw {
        Raw::connect(self.address, None)
    }

    /// One request over a connection of its own.
    #[track_caller]
    pub fn ask(&self, request: impl AsRef<[u8]>) -> Read1 {
        self.connect().send(request).read()
    }

    pub fn hits(&self, limit: Limit) -> u64 {
        hits(&self.app.parts.meters, limit)
    }

    /// Something that happens behind an answer comes to be counted.
    #[track_caller]
    pub fn comes_to(&self, limit: Limit, hits: u64) {
        let until = borderpost::clock::now() + kit::PATIENCE;
        while self.hits(limit) != hits {
            assert!(
                borderpost::clock::now() < until,
                "{limit:?}: {} of {hits}",
                self.hits(limit)
            );
            std::thread::yield_now();
        }
    }
}

/// How often this bound was hit, as the metrics tell it.
pub fn hits(meters: &Meters, limit: Limit) -> u64 {
    let series = format!("borderpost_limit_hits_total{{limit=\"{}\"}} ", limit.key());
    let text = meters.render();
    let told = text.lines().find_map(|line| line.strip_prefix(&series));
    told.expect("every bound is told").parse().unwrap()
}

/// `request(bound - 1)` and `request(bound)` pass, `request(bound + 1)` is answered with `told`; only
/// that is counted, as this bound and no other.
#[track_caller]
pub fn check(
    limit: Limit,
    bound: usize,
    more: &str,
    told: u16,
    request: impl Fn(usize) -> Vec<u8>,
) {
    let gate = Gate::with(more);
    for size in [bound - 1, bound] {
        let answer = gate.ask(request(size));
        assert_eq!(answer.status, 200, "{limit:?} {size}: {}", answer.text());
    }
    for limit in Limit::ALL {
        assert_eq!(gate.hits(*limit), 0, "{limit:?} before");
    }
    let answer = gate.ask(request(bound + 1));
    assert_eq!(answer.status, told, "{limit:?} one above");
    for other in Limit::ALL {
        assert_eq!(gate.hits(*other), u64::from(*other == limit), "{other:?}");
    }
}
