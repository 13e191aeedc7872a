//! The body of a request on its way to the upstream, and what is known of its progress.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Method, Version};
use http_body::{Body, Frame, SizeHint};
use tokio::time::Instant;

use crate::gateway::alarm::timer_now;
use crate::gateway::client_body::{ClientBody, ClientBodyFault};

/// The body of one request to the upstream.
#[derive(Debug)]
pub struct OutboundBody {
    source: Source,
    pub(super) progress: Rc<Progress>,
}

#[derive(Debug)]
enum Source {
    Held(Option<Bytes>),
    Client(ClientBody),
}

/// How far a body has got; the sender looks at it while the connection writes the body.
#[derive(Debug)]
pub(super) struct Progress {
    /// When the upstream last took, or asked for, a part.
    pub(super) at: Cell<Instant>,
    /// Whether we wait for the client, and the upstream for us.
    pub(super) awaits_client: Cell<bool>,
    /// Whether the whole body was handed over.
    pub(super) complete: Cell<bool>,
    /// Why the client's part of it failed.
    pub(super) fault: Cell<Option<ClientBodyFault>>,
}

impl OutboundBody {
    /// No body.
    pub fn empty() -> Self {
        Self::new(Source::Held(None))
    }

    /// These bytes: a body that was read and judged, or edited.
    pub fn full(bytes: impl Into<Bytes>) -> Self {
        Self::new(Source::Held(
            Some(bytes.into()).filter(|bytes| !bytes.is_empty()),
        ))
    }

    fn new(source: Source) -> Self {
        let mut body = Self {
            source,
            progress: Rc::new(Progress {
                at: Cell::new(timer_now()),
                awaits_client: Cell::new(false),
                complete: Cell::new(false),
                fault: Cell::new(None),
            }),
        };
        if body.is_end_stream() {
            body.progress.complete.set(true);
        }
        if let Source::Client(client) = &body.source
            && client.is_end_stream()
        {
            body.source = Source::Held(None);
        }
        body
    }

    /// Writes the one framing header that is true of this body (RFC 9112, 6).
    pub(super) fn frame(&self, method: &Method, version: Version, headers: &mut HeaderMap) {
        headers.remove(CONTENT_LENGTH);
        headers.remove(TRANSFER_ENCODING);
        let takes_body = !matches!(
            *method,
            Method::GET | Method::HEAD | Method::OPTIONS | Method::DELETE
        );
        match self.size_hint().exact() {
            Some(0) if !takes_body => {}
            Some(bytes) => {
                headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes));
            }
            None if version == Version::HTTP_2 => {}
            None => {
                headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(self.source, Source::Held(None))
    }
}

impl From<ClientBody> for OutboundBody {
    /// The client's body, streamed as it comes.
    fn from(body: ClientBody) -> Self {
        Self::new(Source::Client(body))
    }
}

impl Body for OutboundBody {
    type Data = Bytes;
    type Error = ClientBodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ClientBodyFault>>> {
        self.progress.at.set(timer_now());
        let next = match &mut self.source {
            Source::Held(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Source::Client(body) => Pin::new(body).poll_frame(cx),
        };
        self.progress.awaits_client.set(next.is_pending());
        if let Poll::Ready(next) = &next {
            match next {
                Some(Err(fault)) => self.progress.fault.set(Some(*fault)),
                Some(Ok(_)) if self.is_end_stream() => self.progress.complete.set(true),
                None => self.progress.complete.set(true),
                Some(Ok(_)) => {}
            }
        }
        next
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Held(bytes) => bytes.is_none(),
            Source::Client(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Held(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Source::Client(body) => body.size_hint(),
        }
    }
}
