//! The body of a request, as it comes from a client: bounded in size and in waiting, without trailers.

use std::error::Error as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use http::StatusCode;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use thiserror::Error;
use tokio::time::Instant;

use super::alarm::{Alarm, after, timer_now};
use super::limit::Limit;

/// The body of one request. Nothing is read from the client until it is polled.
#[derive(Debug)]
pub struct ClientBody {
    source: Source,
    /// Bytes that may still come, and which bound says so; more is a fault.
    left: u64,
    limit: Limit,
    idle: Duration,
    /// Since when the client has been silent, while we wait for it.
    silent_since: Option<Instant>,
    alarm: Alarm,
    /// What was taken from the beginning and put back.
    prefix: Option<Bytes>,
}

#[derive(Debug)]
enum Source {
    Wire(Incoming),
    Held(Option<Bytes>),
}

/// Why a request body could not be read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum ClientBodyFault {
    /// It is larger than allowed.
    #[error("the request body is too large")]
    TooLarge(Limit),
    /// The client stopped sending.
    #[error("the request body took too long")]
    Idle,
    /// Its framing is broken.
    #[error("the request body is malformed")]
    Malformed,
    /// The client went away before the end.
    #[error("the client went away")]
    Gone,
}

impl ClientBodyFault {
    /// The status that says it.
    pub fn status(self) -> StatusCode {
        match self {
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Idle => StatusCode::REQUEST_TIMEOUT,
            Self::Malformed | Self::Gone => StatusCode::BAD_REQUEST,
        }
    }

    fn of(error: &hyper::Error) -> Self {
        let mut source = error.source();
        while let Some(cause) = source {
            if let Some(fault) = cause.downcast_ref::<io::Error>() {
                return match fault.kind() {
                    io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Self::Malformed,
                    _ => Self::Gone,
                };
            }
            source = cause.source();
        }
        Self::Gone
    }
}

impl ClientBody {
    pub(crate) fn from_wire(incoming: Incoming, idle: Duration) -> Self {
        Self::new(Source::Wire(incoming), idle)
    }

    /// A body that is already here: for tests, and for requests that the gateway makes up.
    pub fn from_bytes(bytes: Bytes) -> Self {
        let held = Some(bytes).filter(|bytes| !bytes.is_empty());
        Self::new(Source::Held(held), Duration::MAX)
    }

    fn new(source: Source, idle: Duration) -> Self {
        Self {
            source,
            left: u64::MAX,
            limit: Limit::UploadBytes,
            idle,
            silent_since: None,
            alarm: Alarm::default(),
            prefix: None,
        }
    }

    /// The same body, which fails with [`ClientBodyFault::TooLarge`] as soon as it is known to be
    /// longer than `bytes_max`, which `limit` sets; what is declared too long fails before a byte is
    /// read.
    pub fn limited(mut self, limit: Limit, bytes_max: u64) -> Self {
        if bytes_max < self.left {
            (self.left, self.limit) = (bytes_max, limit);
        }
        self
    }

    /// The same body with a part that was taken from its beginning put back.
    pub fn with_prefix(mut self, prefix: Bytes) -> Self {
        self.prefix = Some(prefix).filter(|prefix| !prefix.is_empty());
        self
    }

    /// All of it, if it is not longer than `bytes_max`, which `limit` sets.
    pub async fn collect_within(
        self,
        limit: Limit,
        bytes_max: usize,
    ) -> Result<Bytes, ClientBodyFault> {
        let mut body = self.limited(limit, bytes_max as u64);
        let Some(first) = body.next_data().await? else {
            return Ok(Bytes::new());
        };
        let Some(second) = body.next_data().await? else {
            return Ok(first);
        };
        let declared = body.size_hint().exact().unwrap_or(0) as usize;
        let mut all = BytesMut::with_capacity(first.len() + second.len() + declared);
        all.extend_from_slice(&first);
        all.extend_from_slice(&second);
        while let Some(part) = body.next_data().await? {
            all.extend_from_slice(&part);
        }
        Ok(all.freeze())
    }

    /// The next part of it.
    pub async fn next_data(&mut self) -> Result<Option<Bytes>, ClientBodyFault> {
        loop {
            match std::future::poll_fn(|cx| Pin::new(&mut *self).poll_frame(cx)).await {
                None => return Ok(None),
                Some(Err(fault)) => return Err(fault),
                Some(Ok(frame)) => {
                    if let Ok(bytes) = frame.into_data() {
                        return Ok(Some(bytes));
                    }
                }
            }
        }
    }

    fn poll_source(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.source {
            Source::Wire(incoming) => Pin::new(incoming).poll_frame(cx),
            Source::Held(held) => Poll::Ready(held.take().map(|bytes| Ok(Frame::data(bytes)))),
        }
    }

    fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let since = *self.silent_since.get_or_insert_with(timer_now);
        self.alarm.poll(cx, after(since, self.idle))
    }
}

impl Body for ClientBody {
    type Data = Bytes;
    type Error = ClientBodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ClientBodyFault>>> {
        if let Some(prefix) = self.prefix.take() {
            return Poll::Ready(Some(Ok(Frame::data(prefix))));
        }
        if self.size_hint().lower() > self.left {
            return Poll::Ready(Some(Err(ClientBodyFault::TooLarge(self.limit))));
        }
        loop {
            let Poll::Ready(next) = self.poll_source(cx) else {
                return match self.poll_idle(cx) {
                    Poll::Ready(()) => Poll::Ready(Some(Err(ClientBodyFault::Idle))),
                    Poll::Pending => Poll::Pending,
                };
            };
            self.silent_since = None;
            return match next {
                None => Poll::Ready(None),
                Some(Err(error)) => Poll::Ready(Some(Err(ClientBodyFault::of(&error)))),
                // Trailers end here: nothing of ours reads them, and nothing behind us shall.
                Some(Ok(frame)) if frame.is_trailers() => continue,
                Some(Ok(frame)) => {
                    let bytes = frame.data_ref().map_or(0, Buf::remaining) as u64;
                    match self.left.checked_sub(bytes) {
                        Some(left) => self.left = left,
                        None => {
                            let fault = ClientBodyFault::TooLarge(self.limit);
                            return Poll::Ready(Some(Err(fault)));
                        }
                    }
                    Poll::Ready(Some(Ok(frame)))
                }
            };
        }
    }

    fn is_end_stream(&self) -> bool {
        self.prefix.is_none() && self.source.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = self.source.size_hint();
        let prefix = self.prefix.as_ref().map_or(0, |prefix| prefix.len() as u64);
        match hint.upper() {
            Some(upper) => {
                // The order matters: an upper bound may not be set below the lower one.
                let lower = hint.lower();
                hint.set_upper(upper.saturating_add(prefix));
                hint.set_lower(lower.saturating_add(prefix));
            }
            None => hint.set_lower(hint.lower().saturating_add(prefix)),
        }
        hint
    }
}

impl Source {
    fn is_end_stream(&self) -> bool {
        match self {
            Self::Wire(incoming) => incoming.is_end_stream(),
            Self::Held(held) => held.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Wire(incoming) => incoming.size_hint(),
            Self::Held(held) => {
                SizeHint::with_exact(held.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
        }
    }
}
