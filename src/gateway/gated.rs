//! An HTTP/1 client's bytes as the HTTP library sees them: checked before it sees them.
//!
//! [`Gated`] passes on what [`Gate`] lets through, one request at a time. In place of a head that
//! is refused it passes a made-up one, and leaves the reason in the [`Ledger`] where the service
//! finds it: so the refusal is answered in its turn, in the dialect's own form. A client can't bring
//! that about by sending the made-up head, since the verdict travels beside the bytes.

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::alarm::{Alarm, after, timer_now};
use super::head::gate::{Gate, GateFault, HeadLimits, Step};
use super::head::{BodyFault, HeadFault};
use super::ledger::Ledger;
use super::limit::{Hits, Limit};
use super::settings::Waits;
use super::steady::{Steady, copy_out};

/// What stands in place of a refused head.
const STAND_IN: &[u8] = b"GET / HTTP/1.1\r\nhost: -\r\nconnection: close\r\n\r\n";
/// The same, for a refused HEAD: its answer has no body.
const STAND_IN_HEAD: &[u8] = b"HEAD / HTTP/1.1\r\nhost: -\r\nconnection: close\r\n\r\n";
/// Room made for the rest of a head that came in parts, bytes.
const HEAD_READ_BYTES: usize = 4 << 10;
/// What is read and dropped at most after our last word, so that the client gets to read it, bytes.
const LINGER_BYTES_MAX: usize = 256 << 10;
/// How long that may take.
const LINGER_WAIT: Duration = Duration::from_secs(1);

/// An HTTP/1 client's stream behind the check of its heads.
#[derive(Debug)]
pub(super) struct Gated<IO> {
    io: Steady<IO>,
    gate: Gate,
    ledger: Rc<Ledger>,
    hits: Hits,
    head_wait: Duration,
    keep_alive: Duration,
    /// Bytes that came and may not pass yet; the first `passed` of them may.
    held: BytesMut,
    passed: usize,
    /// The rest of a made-up head; nothing follows it.
    stand_in: Option<&'static [u8]>,
    /// When the head that is being waited for began; before it does, when we began to wait.
    head_since: Option<Instant>,
    alarm: Alarm,
    linger: Linger,
}

/// How far the end of a connection has come.
#[derive(Debug)]
enum Linger {
    /// The write side is open.
    Open,
    /// We said all; the client may be sending still.
    Since(Instant, usize),
    Over,
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Gated<IO> {
    pub(super) fn new(
        io: Steady<IO>,
        ledger: Rc<Ledger>,
        hits: Hits,
        limits: HeadLimits,
        waits: &Waits,
    ) -> Self {
        Self {
            io,
            gate: Gate::new(limits),
            ledger,
            hits,
            head_wait: waits.head,
            keep_alive: waits.keep_alive,
            held: BytesMut::new(),
            passed: 0,
            stand_in: None,
            head_since: None,
            alarm: Alarm::default(),
            linger: Linger::Open,
        }
    }

    /// Lets through as much of `bytes`, which begin where the gate stands, as belongs to one
    /// request. A refused head leaves a stand-in.
    fn admit(&mut self, bytes: &[u8]) -> io::Result<Admitted> {
        let mut admitted = Admitted::default();
        while let Some(rest) = bytes.get(admitted.skipped + admitted.passed..)
            && !rest.is_empty()
        {
            if admitted.passed > 0 && self.gate.is_between() || self.ledger_is_busy() {
                break;
            }
            match self.gate.step(rest) {
                Ok(Step::Wait) => break,
                Ok(Step::Skip(bytes)) => admitted.skipped += bytes,
                Ok(Step::Head(bytes)) => {
                    self.ledger.push_head(Ok(()));
                    self.head_since = None;
                    admitted.passed += bytes;
                    if self.gate.is_between() {
                        break;
                    }
                }
                Ok(Step::Body(bytes)) => admitted.passed += bytes,
                Err(GateFault::Head(fault)) => {
                    self.refuse(fault);
                    break;
                }
                Err(GateFault::Body(fault)) if admitted.passed == 0 => {
                    if fault == BodyFault::TooLong {
                        self.hits.hit(Limit::ChunkLineBytes);
                    }
                    return Err(io::Error::new(io::ErrorKind::InvalidData, fault));
                }
                // What passed before the fault is read first; the gate repeats the fault.
                Err(GateFault::Body(_)) => break,
            }
        }
        Ok(admitted)
    }

    /// Whether the next head must wait for the service to take the one before.
    fn ledger_is_busy(&self) -> bool {
        self.gate.is_between() && self.ledger.head_waits()
    }

    fn refuse(&mut self, fault: HeadFault) {
        self.ledger.push_head(Err(fault));
        self.stand_in = Some(if self.gate.is_head_method() {
            STAND_IN_HEAD
        } else {
            STAND_IN
        });
    }

    /// One attempt to give the library bytes; `None`: try again.
    fn poll_once(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<Option<io::Result<()>>> {
        if self.passed > 0 {
            let bytes = self.passed.min(buf.remaining());
            buf.put_slice(self.held.get(..bytes).unwrap_or_default());
            self.held.advance(bytes);
            self.passed -= bytes;
            return Poll::Ready(Some(Ok(())));
        }
        if let Some(stand_in) = &mut self.stand_in {
            if stand_in.is_empty() {
                return Poll::Pending;
            }
            copy_out(stand_in, buf);
            return Poll::Ready(Some(Ok(())));
        }
        if self.ledger_is_busy() {
            self.ledger.wake_reader_on_take(cx);
            return Poll::Pending;
        }
        if self.held.is_empty() {
            return self.poll_through(cx, buf);
        }
        let held = std::mem::take(&mut self.held);
        let admitted = self.admit(&held);
        self.held = held;
        let admitted = match admitted {
            Ok(admitted) => admitted,
            Err(error) => return Poll::Ready(Some(Err(error))),
        };
        self.held.advance(admitted.skipped);
        self.passed = admitted.passed;
        if admitted.skipped + admitted.passed > 0 || self.stand_in.is_some() {
            return Poll::Ready(None);
        }
        self.poll_more(cx)
    }

    /// Reads straight into the library's buffer, and takes back what may not pass yet.
    fn poll_through(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<Option<io::Result<()>>> {
        let before = buf.filled().len();
        match Pin::new(&mut self.io).poll_read(cx, buf) {
            Poll::Pending => return self.poll_waits(cx),
            Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(error))),
            Poll::Ready(Ok(())) => {}
        }
        let fresh = buf.filled().get(before..).unwrap_or_default();
        if fresh.is_empty() {
            return Poll::Ready(Some(Ok(())));
        }
        let admitted = match self.admit(fresh) {
            Ok(admitted) => admitted,
            Err(error) => {
                buf.set_filled(before);
                return Poll::Ready(Some(Err(error)));
            }
        };
        let kept = if admitted.skipped > 0 {
            0
        } else {
            admitted.passed
        };
        self.held
            .extend_from_slice(fresh.get(admitted.skipped + kept..).unwrap_or_default());
        self.passed = admitted.passed - kept;
        buf.set_filled(before + kept);
        if !self.held.is_empty() && self.gate.is_between() && kept == 0 {
            self.head_since = Some(timer_now());
        }
        Poll::Ready((kept > 0).then_some(Ok(())))
    }

    /// Reads on where a head is incomplete.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<()>>> {
        self.head_since.get_or_insert_with(timer_now);
        match read_more(Pin::new(&mut self.io), cx, &mut self.held) {
            Poll::Pending => self.poll_waits(cx),
            // The client left in the middle of a head: there is nobody to answer.
            Poll::Ready(Ok(0)) => Poll::Ready(Some(Ok(()))),
            Poll::Ready(Ok(_)) => Poll::Ready(None),
            Poll::Ready(Err(error)) => Poll::Ready(Some(Err(error))),
        }
    }

    /// The client is silent: for how long may it be? Within a body, the body itself watches.
    fn poll_waits(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<()>>> {
        if !self.gate.is_between() {
            return Poll::Pending;
        }
        if let Some(since) = self.head_since {
            ready!(self.alarm.poll(cx, after(since, self.head_wait)));
            self.refuse(HeadFault::Slow);
            return Poll::Ready(None);
        }
        let (wait, limit) = if self.ledger.is_fresh() {
            (self.head_wait, Limit::HeadWait)
        } else {
            (self.keep_alive, Limit::KeepAlive)
        };
        // While a request is under way nobody is idle; the alarm is set again when it rings.
        let since = |ledger: &Ledger| ledger.quiet_since().unwrap_or_else(timer_now);
        while self
            .alarm
            .poll(cx, after(since(&self.ledger), wait))
            .is_ready()
        {
            if self.ledger.quiet_since().is_some() {
                self.hits.hit(limit);
                return Poll::Ready(Some(Ok(())));
            }
        }
        Poll::Pending
    }

    /// Reads and drops what the client still sends, so that the end of the connection does not take
    /// our last answer away from it.
    fn poll_linger(
        &mut self,
        cx: &mut Context<'_>,
        since: Instant,
        mut dropped: usize,
    ) -> Poll<()> {
        let mut space = [0; 4096];
        while dropped < LINGER_BYTES_MAX {
            let mut buf = ReadBuf::new(&mut space);
            match Pin::new(&mut self.io).poll_read(cx, &mut buf) {
                Poll::Ready(Ok(())) if !buf.filled().is_empty() => dropped += buf.filled().len(),
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => {
                    self.linger = Linger::Since(since, dropped);
                    return self.alarm.poll(cx, since + LINGER_WAIT);
                }
            }
        }
        Poll::Ready(())
    }
}

/// What of some bytes may go on.
#[derive(Default)]
struct Admitted {
    /// So many at the beginning are nothing.
    skipped: usize,
    /// So many after them may pass.
    passed: usize,
}

fn read_more<IO: AsyncRead>(
    io: Pin<&mut IO>,
    cx: &mut Context<'_>,
    into: &mut BytesMut,
) -> Poll<io::Result<usize>> {
    let mut space = [0; HEAD_READ_BYTES];
    let mut buf = ReadBuf::new(&mut space);
    ready!(io.poll_read(cx, &mut buf))?;
    into.extend_from_slice(buf.filled());
    Poll::Ready(Ok(buf.filled().len()))
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncRead for Gated<IO> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if let Some(read) = ready!(this.poll_once(cx, buf)) {
                return Poll::Ready(read);
            }
        }
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Gated<IO> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            match this.linger {
                Linger::Open => {
                    ready!(Pin::new(&mut this.io).poll_shutdown(cx))?;
                    let clean =
                        this.gate.is_between() && this.held.is_empty() && this.stand_in.is_none();
                    this.linger = if clean {
                        Linger::Over
                    } else {
                        Linger::Since(timer_now(), 0)
                    };
                }
                Linger::Since(since, dropped) => {
                    ready!(this.poll_linger(cx, since, dropped));
                    this.linger = Linger::Over;
                }
                Linger::Over => return Poll::Ready(Ok(())),
            }
        }
    }
}
