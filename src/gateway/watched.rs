//! An HTTP/2 client's bytes on their way to the HTTP library and back, with an eye on what the
//! library neither bounds nor tells: frames that cost work and move nothing, and bounds that it
//! holds by itself.

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::alarm::timer_now;
use super::frames::{Cost, Frames, Struck};
use super::ledger::{Ledger, Order};
use super::limit::{Hits, Limit};
use super::settings::Limits;

/// The time over which frames are counted.
const COUNTED_FOR: Duration = Duration::from_secs(60);

/// An HTTP/2 client's stream whose frames are counted.
pub(super) struct Watched<IO> {
    io: IO,
    from_client: Frames,
    to_client: Frames,
    meter: Meter,
}

/// What was counted, and whom to tell.
struct Meter {
    resets: Rate,
    control: Rate,
    ledger: Rc<Ledger>,
    hits: Hits,
}

/// How many frames of a sort came in the last minute or so.
struct Rate {
    limit: Limit,
    max: usize,
    count: usize,
    since: Instant,
    /// Whether it was counted that there were too many: the library may say so, too.
    is_hit: bool,
}

impl<IO> Watched<IO> {
    pub(super) fn new(io: IO, ledger: Rc<Ledger>, hits: Hits, limits: &Limits) -> Self {
        Self {
            io,
            from_client: Frames::of_client(),
            to_client: Frames::of_server(),
            meter: Meter {
                resets: Rate::new(Limit::Http2Resets, limits.http2_resets_max),
                control: Rate::new(Limit::Http2ControlFrames, limits.http2_control_frames_max),
                ledger,
                hits,
            },
        }
    }

    fn sent(&mut self, bytes: &[u8]) {
        let meter = &mut self.meter;
        self.to_client.pass(bytes, |frame| {
            if let Some(struck) = frame.struck() {
                meter.note(struck);
            }
        });
    }
}

impl Meter {
    fn count(&mut self, cost: Cost) {
        let rate = match cost {
            Cost::Reset => &mut self.resets,
            Cost::Control => &mut self.control,
        };
        let count = rate.count();
        if count == rate.max + 1 {
            rate.hit(&self.hits);
            self.ledger.tell(Order::Drain);
        } else if count > rate.max.saturating_mul(2) {
            // It goes on although it was told to go away.
            self.ledger.tell(Order::Abort);
        }
    }

    /// What the library has said by itself.
    fn note(&mut self, struck: Struck) {
        match struck {
            Struck::Resets => self.resets.hit(&self.hits),
            Struck::Control => self.control.hit(&self.hits),
            Struck::Streams => self.hits.hit(Limit::Http2Streams),
            Struck::HeaderList => self.hits.hit(Limit::Http2HeaderListBytes),
            Struck::StreamWindow => self.hits.hit(Limit::Http2StreamWindow),
            Struck::ConnectionWindow => self.hits.hit(Limit::Http2ConnectionWindow),
        }
    }
}

impl Rate {
    fn new(limit: Limit, max: usize) -> Self {
        Self {
            limit,
            max,
            count: 0,
            since: timer_now(),
            is_hit: false,
        }
    }

    fn hit(&mut self, hits: &Hits) {
        if !std::mem::replace(&mut self.is_hit, true) {
            hits.hit(self.limit);
        }
    }

    fn count(&mut self) -> usize {
        let now = timer_now();
        if now.duration_since(self.since) > COUNTED_FOR {
            (self.since, self.count) = (now, 0);
        }
        self.count += 1;
        self.count
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Watched<IO> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.io).poll_read(cx, buf))?;
        let meter = &mut this.meter;
        let fresh = buf.filled().get(before..).unwrap_or_default();
        this.from_client.pass(fresh, |frame| {
            if let Some(cost) = frame.cost() {
                meter.count(cost);
            }
        });
        Poll::Ready(Ok(()))
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Watched<IO> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(Pin::new(&mut this.io).poll_write(cx, bytes))?;
        this.sent(bytes.get(..written).unwrap_or_default());
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(Pin::new(&mut this.io).poll_write_vectored(cx, parts))?;
        let mut left = written;
        for part in parts {
            let here = left.min(part.len());
            this.sent(part.get(..here).unwrap_or_default());
            left -= here;
        }
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
