//! The way to the upstream: nothing goes there without the proof that it was judged.

use http::Response;
use http::request::Parts;

use super::arrival::Client;
use super::canonical::{Canonical, CanonicalHead};
use super::enforce::Cleared;
use super::upstream::{OutboundBody, Upstream, UpstreamBody, UpstreamFault};

/// One worker's way to the upstream.
///
/// INVARIANT: the connections are private here, so that a stage can send only what is cleared.
pub struct Way {
    upstream: Upstream,
    canonical: Canonical,
}

impl Way {
    /// A way over these connections, with heads written by `canonical`.
    pub fn new(upstream: Upstream, canonical: Canonical) -> Self {
        Self {
            upstream,
            canonical,
        }
    }

    /// What the upstream is to read in place of `head`.
    pub fn head(&self, head: &Parts, client: &Client) -> CanonicalHead {
        self.canonical.head(head, client)
    }

    /// Sends what was cleared.
    pub async fn send(
        &self,
        _cleared: Cleared,
        head: CanonicalHead,
        body: OutboundBody,
    ) -> Result<Response<UpstreamBody>, UpstreamFault> {
        self.upstream.send(head, body).await
    }
}
