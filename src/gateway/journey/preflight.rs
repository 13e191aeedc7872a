//! What a browser asks before it lets a page of another origin speak (Fetch, 3.2).

use http::{Method, StatusCode};

use crate::dialect::Dialect;
use crate::gateway::answer_body::AnswerBody;
use crate::gateway::arrival::Answer;

/// Whether a browser asks what it may ask, and the dialect says how that is answered.
pub(super) fn is_one(head: &http::request::Parts, dialect: &Dialect) -> bool {
    head.method == Method::OPTIONS && !dialect.cors.is_empty()
}

/// It says nothing of what is there, and needs no credential: it does not reach the upstream.
pub(super) fn answer(dialect: &Dialect) -> Answer {
    let mut answer = Answer::new(AnswerBody::empty());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    answer.headers_mut().extend(dialect.cors.iter().cloned());
    answer
}
