//! What the bytes of an HTTP/1 connection are: where heads end, whether they are well formed, and
//! which bytes belong to the body in between. No socket, no clock: bytes in, steps out.

use super::chunked::Chunked;
use super::fault::{BodyFault, HeadFault};
use super::lines::{self, Field, RequestLine};
use crate::gateway::settings::Limits;

/// Bounds on a head, from [`Limits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadLimits {
    /// The request line, bytes.
    pub request_line_bytes_max: usize,
    /// One header line, bytes.
    pub header_bytes_max: usize,
    /// All header lines, bytes.
    pub headers_bytes_max: usize,
    /// How many headers.
    pub headers_max: usize,
    /// The line of one chunk's size; the trailers; bytes.
    pub chunk_line_bytes_max: usize,
}

impl From<&Limits> for HeadLimits {
    fn from(limits: &Limits) -> Self {
        Self {
            request_line_bytes_max: limits.request_line_bytes_max,
            header_bytes_max: limits.header_bytes_max,
            headers_bytes_max: limits.headers_bytes_max,
            headers_max: limits.headers_max,
            chunk_line_bytes_max: limits.chunk_line_bytes_max,
        }
    }
}

/// What to do with the bytes at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// They are the beginning of a head: keep them, and come again with more behind them.
    Wait,
    /// The first so many are nothing: drop them.
    Skip(usize),
    /// The first so many are a whole head that may pass.
    Head(usize),
    /// The first so many belong to a body and may pass.
    Body(usize),
}

/// Why nothing more of a connection may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateFault {
    /// In a head.
    Head(HeadFault),
    /// In a body.
    Body(BodyFault),
}

/// The check of one connection, head after head.
#[derive(Debug)]
pub struct Gate {
    limits: HeadLimits,
    phase: Phase,
    /// Whether the last head began with HEAD.
    head_method: bool,
}

#[derive(Debug)]
enum Phase {
    /// In a head, or before it.
    Head(Scan),
    Length(u64),
    Chunked(Chunked),
    /// After a fault.
    Shut(GateFault),
}

/// What was seen of a head so far. Positions count from its first byte.
#[derive(Debug, Default)]
struct Scan {
    /// The beginning of the line that is being read.
    line_at: usize,
    /// The first byte that no line end was looked for in.
    seen_to: usize,
    /// Where the header lines begin, once the request line is read.
    headers_at: Option<usize>,
    headers: usize,
    request: Option<RequestLine>,
    length: Option<u64>,
    chunked: bool,
    /// Whether the empty line that may stand before a head was there.
    blank: bool,
}

impl Gate {
    /// For a connection that begins.
    pub fn new(limits: HeadLimits) -> Self {
        Self {
            limits,
            phase: Phase::Head(Scan::default()),
            head_method: false,
        }
    }

    /// Whether the next byte begins a request, or goes on with its head.
    pub fn is_between(&self) -> bool {
        matches!(self.phase, Phase::Head(_))
    }

    /// Whether the request that was let through last, or refused, is a HEAD.
    pub fn is_head_method(&self) -> bool {
        self.head_method
    }

    /// What to do with `bytes`, which must not be empty: those that came and were not yet dropped or
    /// passed. After a fault every further step is the same fault.
    pub fn step(&mut self, bytes: &[u8]) -> Result<Step, GateFault> {
        let step = match &mut self.phase {
            Phase::Shut(fault) => return Err(*fault),
            Phase::Head(scan) => scan.step(bytes, &self.limits).map_err(GateFault::Head),
            Phase::Length(left) => {
                let here = (*left).min(bytes.len() as u64);
                *left -= here;
                Ok(Step::Body(here as usize))
            }
            Phase::Chunked(chunked) => chunked.take(bytes).map(Step::Body).map_err(GateFault::Body),
        };
        self.advance(step)
    }

    fn advance(&mut self, step: Result<Step, GateFault>) -> Result<Step, GateFault> {
        let next = match (&step, &self.phase) {
            (Err(fault), Phase::Head(scan)) => {
                self.head_method = scan.request.is_some_and(|request| request.head);
                Some(Phase::Shut(*fault))
            }
            (Err(fault), _) => Some(Phase::Shut(*fault)),
            (Ok(Step::Head(_)), Phase::Head(scan)) => {
                self.head_method = scan.request.is_some_and(|request| request.head);
                Some(scan.body(&self.limits))
            }
            (Ok(Step::Skip(_)), _) => Some(Phase::Head(Scan {
                blank: true,
                ..Scan::default()
            })),
            (Ok(Step::Body(_)), Phase::Length(0)) => Some(Phase::Head(Scan::default())),
            (Ok(Step::Body(_)), Phase::Chunked(chunked)) if chunked.is_done() => {
                Some(Phase::Head(Scan::default()))
            }
            _ => None,
        };
        if let Some(next) = next {
            self.phase = next;
        }
        step
    }
}

impl Scan {
    fn step(&mut self, bytes: &[u8], limits: &HeadLimits) -> Result<Step, HeadFault> {
        while let Some(fresh) = bytes.get(self.seen_to..) {
            let Some(found) = memchr::memchr(b'\n', fresh) else {
                self.seen_to = bytes.len();
                self.check_limits(bytes.len(), limits)?;
                return Ok(Step::Wait);
            };
            let end = self.seen_to + found;
            self.seen_to = end + 1;
            // The limits come first, so that a head fails alike however it is cut.
            self.check_limits(end + 1, limits)?;
            let line = bytes.get(self.line_at..end).unwrap_or_default();
            let Some(line) = line.strip_suffix(b"\r") else {
                return Err(HeadFault::BareLineFeed);
            };
            if line.is_empty() {
                return self.empty_line(end + 1);
            }
            self.line(line, limits)?;
            self.line_at = end + 1;
            self.headers_at.get_or_insert(end + 1);
        }
        Ok(Step::Wait)
    }

    /// Which limit the first `seen` bytes of the head break first, if any. The CRLF of a line does
    /// not count as part of it, but for headers in all.
    fn check_limits(&self, seen: usize, limits: &HeadLimits) -> Result<(), HeadFault> {
        let (line_max, fault) = match self.headers_at {
            None => (limits.request_line_bytes_max, HeadFault::RequestLineTooLong),
            Some(_) => (limits.header_bytes_max, HeadFault::HeaderTooLong),
        };
        let line_limit = self.line_at.saturating_add(line_max).saturating_add(2);
        let all_limit = self
            .headers_at
            .unwrap_or(usize::MAX)
            .saturating_add(limits.headers_bytes_max)
            .saturating_add(2);
        if seen <= line_limit.min(all_limit) {
            Ok(())
        } else if line_limit <= all_limit {
            Err(fault)
        } else {
            Err(HeadFault::HeadersTooLong)
        }
    }

    fn line(&mut self, line: &[u8], limits: &HeadLimits) -> Result<(), HeadFault> {
        if self.request.is_none() {
            self.request = Some(lines::request_line(line)?);
            return Ok(());
        }
        self.headers += 1;
        if self.headers > limits.headers_max {
            return Err(HeadFault::TooManyHeaders);
        }
        self.framing(lines::field(line)?)
    }

    /// Notes the headers that say how long the body is.
    fn framing(&mut self, field: Field<'_>) -> Result<(), HeadFault> {
        if field.name.eq_ignore_ascii_case(b"content-length") {
            if self.chunked {
                return Err(HeadFault::TwoLengths);
            }
            if self.length.is_some() {
                return Err(HeadFault::Duplicate("content-length"));
            }
            self.length = Some(lines::length(field.value)?);
        } else if field.name.eq_ignore_ascii_case(b"transfer-encoding") {
            if self.length.is_some() {
                return Err(HeadFault::TwoLengths);
            }
            let http10 = self.request.is_some_and(|request| request.http10);
            if self.chunked || http10 || !field.value.eq_ignore_ascii_case(b"chunked") {
                return Err(HeadFault::TransferEncoding);
            }
            self.chunked = true;
        }
        Ok(())
    }

    /// The end of a head; or the one empty line that may stand before it (RFC 9112, 2.2).
    fn empty_line(&mut self, end: usize) -> Result<Step, HeadFault> {
        let Some(request) = self.request else {
            return if self.blank {
                Err(HeadFault::RequestLine)
            } else {
                Ok(Step::Skip(end))
            };
        };
        if request.bodiless && (self.chunked || self.length.is_some_and(|bytes| bytes > 0)) {
            return Err(HeadFault::UnexpectedBody);
        }
        Ok(Step::Head(end))
    }

    fn body(&self, limits: &HeadLimits) -> Phase {
        match self.length {
            _ if self.chunked => Phase::Chunked(Chunked::new(limits.chunk_line_bytes_max)),
            Some(bytes) if bytes > 0 => Phase::Length(bytes),
            _ => Phase::Head(Scan::default()),
        }
    }
}

#[cfg(test)]
mod tests;
