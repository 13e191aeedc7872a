//! The body of an answer: held bytes, the upstream's own stream, or a stream that a journey makes.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::upstream::UpstreamBody;

/// Why an answer broke off. It is logged, never shown: the client sees a stream that was cut.
pub type AnswerFault = Box<dyn std::error::Error + Send + Sync>;

/// The body of one answer.
pub struct AnswerBody(Source);

enum Source {
    Held(Option<Bytes>),
    Upstream(UpstreamBody),
    Stream(Pin<Box<dyn Body<Data = Bytes, Error = AnswerFault>>>),
}

impl AnswerBody {
    /// No body.
    pub fn empty() -> Self {
        Self(Source::Held(None))
    }

    /// These bytes.
    pub fn full(bytes: impl Into<Bytes>) -> Self {
        Self(Source::Held(
            Some(bytes.into()).filter(|bytes| !bytes.is_empty()),
        ))
    }

    /// A stream: an edited answer, or events.
    pub fn stream(body: impl Body<Data = Bytes, Error = AnswerFault> + 'static) -> Self {
        Self(Source::Stream(Box::pin(body)))
    }
}

impl From<UpstreamBody> for AnswerBody {
    /// The upstream's body, untouched.
    fn from(body: UpstreamBody) -> Self {
        Self(Source::Upstream(body))
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = AnswerFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, AnswerFault>>> {
        match &mut self.0 {
            Source::Held(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Source::Upstream(body) => Pin::new(body)
                .poll_frame(cx)
                .map(|next| next.map(|frame| frame.map_err(Into::into))),
            Source::Stream(body) => body.as_mut().poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Source::Held(bytes) => bytes.is_none(),
            Source::Upstream(body) => body.is_end_stream(),
            Source::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Source::Held(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Source::Upstream(body) => body.size_hint(),
            Source::Stream(body) => body.size_hint(),
        }
    }
}

impl fmt::Debug for AnswerBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Source::Held(_) => "AnswerBody(held)",
            Source::Upstream(_) => "AnswerBody(upstream)",
            Source::Stream(_) => "AnswerBody(stream)",
        })
    }
}
