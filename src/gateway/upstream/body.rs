//! The body of an answer, as it comes from the upstream.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::Instant;

use super::fault::{UpstreamFault, UpstreamFaultKind};
use super::pool::Lease;
use crate::gateway::alarm::{Alarm, after, timer_now};
use crate::gateway::limit::{Hits, Limit};

/// The body of one answer. Nothing is read from the upstream until it is polled; once it was read
/// to its end, its connection may serve another request. Trailers are not passed on.
pub struct UpstreamBody {
    incoming: Incoming,
    /// The connection, until the end.
    lease: Option<Lease>,
    /// How long the upstream may be silent; `None`: as long as it likes.
    idle: Option<Duration>,
    silent_since: Option<Instant>,
    alarm: Alarm,
    hits: Hits,
}

impl UpstreamBody {
    pub(super) fn new(
        incoming: Incoming,
        lease: Option<Lease>,
        idle: Duration,
        hits: Hits,
    ) -> Self {
        let mut body = Self {
            incoming,
            lease,
            idle: Some(idle),
            silent_since: None,
            alarm: Alarm::default(),
            hits,
        };
        body.settle();
        body
    }

    /// Lets the upstream be silent for as long as the answer lasts: an event stream, a long poll.
    pub fn without_idle_limit(mut self) -> Self {
        self.idle = None;
        self
    }

    /// Gives the connection back once the answer is whole.
    fn settle(&mut self) {
        if self.incoming.is_end_stream()
            && let Some(lease) = self.lease.take()
        {
            lease.give_back();
        }
    }

    fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<UpstreamFault> {
        let Some(idle) = self.idle else {
            return Poll::Pending;
        };
        let since = *self.silent_since.get_or_insert_with(timer_now);
        self.alarm.poll(cx, after(since, idle)).map(|()| {
            self.hits.hit(Limit::UpstreamIdle);
            UpstreamFault::new(
                UpstreamFaultKind::IdleTimeout,
                format_args!("after {idle:?}"),
            )
        })
    }
}

impl Body for UpstreamBody {
    type Data = Bytes;
    type Error = UpstreamFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UpstreamFault>>> {
        loop {
            let Poll::Ready(next) = Pin::new(&mut self.incoming).poll_frame(cx) else {
                return self.poll_idle(cx).map(|fault| {
                    self.lease = None;
                    Some(Err(fault))
                });
            };
            self.silent_since = None;
            return Poll::Ready(match next {
                Some(Ok(frame)) if frame.is_trailers() => continue,
                Some(Ok(frame)) => {
                    self.settle();
                    Some(Ok(frame))
                }
                Some(Err(error)) => {
                    self.lease = None;
                    Some(Err(UpstreamFault::of(&error)))
                }
                None => {
                    if let Some(lease) = self.lease.take() {
                        lease.give_back();
                    }
                    None
                }
            });
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

impl fmt::Debug for UpstreamBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpstreamBody")
            .field("incoming", &self.incoming)
            .finish_non_exhaustive()
    }
}
