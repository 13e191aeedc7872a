//! What the server answers when it does not do what it was asked.

use http::StatusCode;

/// Why a request was refused: the `code` of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    Conflict,
    TooLarge,
    UnsupportedMediaType,
    RangeNotSatisfiable,
    Unprocessable,
    Full,
}

impl Cause {
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::RangeNotSatisfiable => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Full => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    pub(super) fn code(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Conflict => "conflict",
            Self::TooLarge => "too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::RangeNotSatisfiable => "range_not_satisfiable",
            Self::Unprocessable => "unprocessable",
            Self::Full => "full",
        }
    }
}

/// A refusal with its sentence, and the header that some causes owe the client.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) cause: Cause,
    pub(super) message: String,
    /// `Allow` of a 405, `Content-Range` of a 416.
    pub(super) header: Option<(http::HeaderName, String)>,
}

impl Refusal {
    pub(super) fn new(cause: Cause, message: impl Into<String>) -> Self {
        Self {
            cause,
            message: message.into(),
            header: None,
        }
    }

    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(Cause::BadRequest, message)
    }

    pub(super) fn missing(what: &str) -> Self {
        Self::new(Cause::NotFound, format!("no such {what}"))
    }

    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(Cause::Forbidden, message)
    }

    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self::new(Cause::Conflict, message)
    }

    pub(super) fn unprocessable(message: impl Into<String>) -> Self {
        Self::new(Cause::Unprocessable, message)
    }

    pub(super) fn not_allowed(methods: &'static str) -> Self {
        Self {
            header: Some((http::header::ALLOW, methods.to_owned())),
            ..Self::new(Cause::MethodNotAllowed, format!("use {methods}"))
        }
    }
}
