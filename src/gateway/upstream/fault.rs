//! Why a request could not be answered by the upstream.

use std::fmt;

use http::StatusCode;

use crate::gateway::client_body::ClientBodyFault;
use crate::gateway::limit::Limit;

/// A request that did not get its answer. `detail` is for the log, never for a client.
#[derive(Debug)]
pub struct UpstreamFault {
    /// What happened.
    pub kind: UpstreamFaultKind,
    detail: String,
}

/// What happened on the way to the upstream or back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UpstreamFaultKind {
    /// Nobody listens, or the name is unknown.
    Refused,
    /// No connection within the wait.
    ConnectTimeout,
    /// All connections are taken, and none came free within the wait.
    Busy,
    /// The certificate or the handshake is not what it must be.
    Tls,
    /// No answer within the wait after the request.
    FirstByteTimeout,
    /// The answer stopped for longer than the wait.
    IdleTimeout,
    /// The connection ended before the answer did.
    Closed,
    /// The answer is not HTTP, or not an answer to what was asked.
    Garbage,
    /// The head of the answer is over the limit.
    TooBig,
    /// The request's own body failed: the client's fault, not the upstream's.
    Client(ClientBodyFault),
}

impl UpstreamFault {
    pub(super) fn new(kind: UpstreamFaultKind, detail: impl fmt::Display) -> Self {
        Self {
            kind,
            detail: detail.to_string(),
        }
    }

    pub(super) fn of(error: &hyper::Error) -> Self {
        let kind = if error.is_parse_too_large() {
            UpstreamFaultKind::TooBig
        } else if error.is_parse() {
            UpstreamFaultKind::Garbage
        } else {
            UpstreamFaultKind::Closed
        };
        let mut detail = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            detail.push_str(": ");
            detail.push_str(&cause.to_string());
            source = cause.source();
        }
        Self { kind, detail }
    }

    /// The status that says it.
    pub fn status(&self) -> StatusCode {
        self.kind.status()
    }
}

impl UpstreamFaultKind {
    /// Its one word, for counting.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::ConnectTimeout => "connect_timeout",
            Self::Busy => "busy",
            Self::Tls => "tls",
            Self::FirstByteTimeout => "first_byte_timeout",
            Self::IdleTimeout => "idle_timeout",
            Self::Closed => "closed",
            Self::Garbage => "garbage",
            Self::TooBig => "too_big",
            Self::Client(_) => "client",
        }
    }

    /// The bound that it ran into, if that is what happened.
    pub(super) fn limit(self) -> Option<Limit> {
        match self {
            Self::ConnectTimeout => Some(Limit::UpstreamConnect),
            Self::Busy => Some(Limit::UpstreamConnections),
            Self::FirstByteTimeout => Some(Limit::UpstreamFirstByte),
            Self::IdleTimeout => Some(Limit::UpstreamIdle),
            _ => None,
        }
    }

    /// The status that says it.
    pub fn status(self) -> StatusCode {
        match self {
            Self::ConnectTimeout | Self::FirstByteTimeout | Self::IdleTimeout => {
                StatusCode::GATEWAY_TIMEOUT
            }
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Client(fault) => fault.status(),
            Self::Refused | Self::Tls | Self::Closed | Self::Garbage | Self::TooBig => {
                StatusCode::BAD_GATEWAY
            }
        }
    }
}

impl fmt::Display for UpstreamFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            UpstreamFaultKind::Refused => "the upstream refused the connection",
            UpstreamFaultKind::ConnectTimeout => "the upstream took too long to connect",
            UpstreamFaultKind::Busy => "all upstream connections are taken",
            UpstreamFaultKind::Tls => "TLS with the upstream failed",
            UpstreamFaultKind::FirstByteTimeout => "the upstream took too long to answer",
            UpstreamFaultKind::IdleTimeout => "the upstream stopped answering",
            UpstreamFaultKind::Closed => "the upstream closed the connection",
            UpstreamFaultKind::Garbage => "the upstream answered with something else than HTTP",
            UpstreamFaultKind::TooBig => "the head of the upstream's answer is too long",
            UpstreamFaultKind::Client(_) => "the request body failed",
        };
        write!(f, "{what}: {}", self.detail)
    }
}

impl std::error::Error for UpstreamFault {}
