//! A client's byte stream that never waits without end for the client to take bytes.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::alarm::{Alarm, after, timer_now};
use super::limit::{Hits, Limit};

/// A stream that fails when the other end takes no bytes for too long.
#[derive(Debug)]
pub(super) struct Steady<IO> {
    io: IO,
    /// Bytes that were read before, to see which protocol is spoken.
    first: Bytes,
    wait: Duration,
    /// Since when a write has been waiting.
    stuck_since: Option<Instant>,
    alarm: Alarm,
    /// Counts it, once a connection.
    hits: Option<Hits>,
}

impl<IO> Steady<IO> {
    pub(super) fn new(io: IO, first: Bytes, wait: Duration, hits: Hits) -> Self {
        Self {
            io,
            first,
            wait,
            stuck_since: None,
            alarm: Alarm::default(),
            hits: Some(hits),
        }
    }

    fn watch<T>(
        &mut self,
        cx: &mut Context<'_>,
        write: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if write.is_ready() {
            self.stuck_since = None;
            return write;
        }
        let since = *self.stuck_since.get_or_insert_with(timer_now);
        ready!(self.alarm.poll(cx, after(since, self.wait)));
        if let Some(hits) = self.hits.take() {
            hits.hit(Limit::Write);
        }
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Steady<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.first.is_empty() {
            return Pin::new(&mut self.io).poll_read(cx, buf);
        }
        copy_out(&mut self.first, buf);
        Poll::Ready(Ok(()))
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Steady<IO> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let write = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.watch(cx, write)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let write = Pin::new(&mut self.io).poll_write_vectored(cx, parts);
        self.watch(cx, write)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flush = Pin::new(&mut self.io).poll_flush(cx);
        self.watch(cx, flush)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shutdown = Pin::new(&mut self.io).poll_shutdown(cx);
        self.watch(cx, shutdown)
    }
}

/// Moves bytes into a reader's buffer, as many as fit.
pub(super) fn copy_out(from: &mut impl Buf, to: &mut ReadBuf<'_>) {
    let bytes = from.chunk().len().min(to.remaining());
    to.put_slice(from.chunk().get(..bytes).unwrap_or_default());
    from.advance(bytes);
}
