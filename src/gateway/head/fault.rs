//! Why a request is refused before anybody looks at what it wants.

use http::StatusCode;
use thiserror::Error;

use crate::gateway::limit::Limit;

/// What is wrong with a request head. Rules: RFC 9110, 9112, 9113, and stricter ones of our own where
/// two readers could take a head differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum HeadFault {
    /// The head did not arrive in time.
    #[error("the request head took too long")]
    Slow,
    /// The request line is over the limit.
    #[error("the request line is too long")]
    RequestLineTooLong,
    /// One header line is over the limit.
    #[error("a header is too long")]
    HeaderTooLong,
    /// All header lines together are over the limit.
    #[error("the headers are too long")]
    HeadersTooLong,
    /// There are more headers than the limit.
    #[error("there are too many headers")]
    TooManyHeaders,
    /// A line ends in LF without CR.
    #[error("a line ends without a carriage return")]
    BareLineFeed,
    /// A CR stands anywhere but before LF.
    #[error("a carriage return stands within a line")]
    BareCarriageReturn,
    /// The request line is not method, target and version, parted by one space each.
    #[error("the request line is malformed")]
    RequestLine,
    /// The method is not a token.
    #[error("the method is malformed")]
    Method,
    /// The target holds bytes that no URI may hold.
    #[error("the request target is malformed")]
    Target,
    /// The target is not in origin form, nor the listener's own in absolute form.
    #[error("the request target is not a path of this server")]
    TargetForm,
    /// The target has a fragment.
    #[error("the request target has a fragment")]
    Fragment,
    /// The version is neither HTTP/1.0 nor HTTP/1.1.
    #[error("the HTTP version is not supported")]
    Version,
    /// CONNECT, in any form.
    #[error("tunnels are not supported")]
    Connect,
    /// A header name is not a token.
    #[error("a header name is malformed")]
    HeaderName,
    /// White space stands between a header name and its colon.
    #[error("white space stands before a colon")]
    SpaceBeforeColon,
    /// A header goes on in a second line.
    #[error("a header is folded")]
    Folded,
    /// A header value holds a control byte.
    #[error("a header value holds a control byte")]
    ControlByte,
    /// A value begins or ends with white space (HTTP/2).
    #[error("a header value is padded")]
    PaddedValue,
    /// A header that may come once came again.
    #[error("`{0}` may come only once")]
    Duplicate(&'static str),
    /// A header whose name, by an underscore, could be taken for one that has a meaning.
    #[error("a header name imitates another by an underscore")]
    UnderscoreTwin,
    /// Host is missing.
    #[error("`host` is missing")]
    MissingHost,
    /// Host is not a host with an optional port.
    #[error("`host` is malformed")]
    Host,
    /// Host and the target's authority differ.
    #[error("`host` and the request target disagree")]
    HostDisagrees,
    /// Content-Length is not one plain number.
    #[error("`content-length` is malformed")]
    ContentLength,
    /// Content-Length together with Transfer-Encoding.
    #[error("`content-length` and `transfer-encoding` came together")]
    TwoLengths,
    /// Transfer-Encoding is not exactly `chunked`, or came with HTTP/1.0.
    #[error("`transfer-encoding` is not `chunked`")]
    TransferEncoding,
    /// A body where the method has none.
    #[error("the method takes no body")]
    UnexpectedBody,
    /// A header that asks to take the method for another.
    #[error("the method may not be overridden")]
    MethodOverride,
    /// Expect other than `100-continue`.
    #[error("the expectation is not supported")]
    Expectation,
    /// Upgrade to anything but `websocket`.
    #[error("the upgrade is not supported")]
    Upgrade,
    /// A header of the connection, where HTTP/2 has none.
    #[error("a connection header came in HTTP/2")]
    ConnectionHeader,
    /// The check lost count of the heads; never expected.
    #[error("the request was not checked")]
    Unchecked,
}

impl HeadFault {
    /// The status that says it.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::RequestLineTooLong => StatusCode::URI_TOO_LONG,
            Self::HeaderTooLong | Self::HeadersTooLong | Self::TooManyHeaders => {
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE
            }
            Self::Version => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            Self::Connect | Self::Upgrade => StatusCode::NOT_IMPLEMENTED,
            Self::Expectation => StatusCode::EXPECTATION_FAILED,
            Self::Unchecked => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The bound that the head ran into, if that is what is wrong with it.
    pub fn limit(self) -> Option<Limit> {
        match self {
            Self::Slow => Some(Limit::HeadWait),
            Self::RequestLineTooLong => Some(Limit::RequestLineBytes),
            Self::HeaderTooLong => Some(Limit::HeaderBytes),
            Self::HeadersTooLong => Some(Limit::HeadersBytes),
            Self::TooManyHeaders => Some(Limit::Headers),
            _ => None,
        }
    }
}

/// What is wrong with the framing of a request body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum BodyFault {
    /// The size of a chunk is not plain hexadecimal digits, or too many of them.
    #[error("the size of a chunk is malformed")]
    ChunkSize,
    /// The line of a chunk's size, or the trailers, are over the limit.
    #[error("a chunk's line or the trailers are too long")]
    TooLong,
    /// CR and LF do not stand where they must.
    #[error("a chunk does not end as it must")]
    LineEnd,
    /// A control byte in an extension or a trailer.
    #[error("a chunk extension or a trailer holds a control byte")]
    ControlByte,
}
