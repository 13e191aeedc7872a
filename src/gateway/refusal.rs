//! Why a request does not pass, and the one place where that becomes an answer.

use http::header::{ALLOW, CACHE_CONTROL, RETRY_AFTER};
use http::{HeaderValue, StatusCode};

use super::answer_body::AnswerBody;
use super::arrival::Answer;
use super::client_body::ClientBodyFault;
use super::head::HeadFault;
use super::limit::Limit;
use super::lookup::bound_of;
use super::upstream::{UpstreamFault, UpstreamFaultKind};
use crate::dialect::json::scan::ScanFault;
use crate::dialect::{CredentialFault, Dialect, Refusal, RouteFault, Vars};
use crate::policy::Block;

/// A request that got no answer of the upstream, or none that may be shown.
#[derive(Debug)]
pub enum Refused {
    /// Its head is not what it must be.
    Head(HeadFault),
    /// No surface of the dialect is there, or its path can't be read.
    Route(RouteFault),
    /// An upgrade that no surface allows.
    Upgrade,
    /// No credential, or none that the upstream knows.
    Unauthenticated,
    /// Credentials that differ.
    TwoCredentials,
    /// A media type or coding that is not read here.
    UnsupportedMedia,
    /// The body is not of the coding that it claims.
    MalformedBody,
    /// The body can't be read as one document that all readers agree on.
    Unreadable(ScanFault),
    /// A body where none is due.
    UnexpectedBody,
    /// Over this limit.
    TooLarge(Limit),
    /// The client's body broke off.
    BodyFault(ClientBodyFault),
    /// The policy blocks it, and the one who asks may be told why.
    Blocked {
        /// The verdict.
        block: Block,
        /// The own members for whom the room may not become external (rule 6).
        failed_for: Vec<String>,
    },
    /// The policy blocks it, and the one who asks is an outsider.
    Neutral,
    /// It is not there for the one who asks.
    Hidden,
    /// The upstream gave no answer.
    Upstream(UpstreamFault),
    /// A fact that the decision needs could not be learnt.
    LookupFailed,
    /// The upstream's answer can't be shown: it could not be read in full and unambiguously.
    UnreadableAnswer,
    /// Something here went wrong.
    Internal,
}

impl From<CredentialFault> for Refused {
    fn from(fault: CredentialFault) -> Self {
        match fault {
            CredentialFault::None => Refused::Unauthenticated,
            CredentialFault::Conflict => Refused::TwoCredentials,
        }
    }
}

impl From<UpstreamFault> for Refused {
    fn from(fault: UpstreamFault) -> Self {
        match fault.kind {
            UpstreamFaultKind::Client(fault) => fault.into(),
            _ => Refused::Upstream(fault),
        }
    }
}

impl Refused {
    /// The cause, as a metric's label.
    pub fn cause(&self) -> &'static str {
        match self {
            Refused::Head(_) => "head",
            Refused::Route(RouteFault::Malformed(_)) => "path",
            Refused::Route(RouteFault::Query { .. }) => "query",
            Refused::Route(RouteFault::Never { .. }) => "never",
            Refused::Route(RouteFault::Method { .. }) => "method",
            Refused::Route(_) => "no_surface",
            Refused::Upgrade => "upgrade",
            Refused::Unauthenticated => "unauthenticated",
            Refused::TwoCredentials => "two_credentials",
            Refused::UnsupportedMedia => "media_type",
            Refused::MalformedBody | Refused::BodyFault(_) => "body",
            Refused::Unreadable(_) => "unreadable",
            Refused::UnexpectedBody => "unexpected_body",
            Refused::TooLarge(_) => "too_large",
            Refused::Blocked { .. } | Refused::Neutral => "policy",
            Refused::Hidden => "hidden",
            Refused::Upstream(_) => "upstream",
            Refused::LookupFailed => "lookup",
            Refused::UnreadableAnswer => "unreadable_answer",
            Refused::Internal => "internal",
        }
    }

    /// The bound that the client hit, if it was one. (What the upstream hits is counted where it is
    /// met.)
    pub fn limit(&self) -> Option<Limit> {
        match self {
            Refused::Head(fault) => fault.limit(),
            Refused::TooLarge(limit) => Some(*limit),
            Refused::BodyFault(ClientBodyFault::Idle) => Some(Limit::BodyIdle),
            Refused::Unreadable(fault) => bound_of(fault.kind),
            _ => None,
        }
    }

    /// Which of the dialect's forms says it.
    fn form(&self) -> Refusal {
        match self {
            Refused::Head(fault) => Refusal::Head(fault.status().as_u16()),
            Refused::Route(fault) => match fault {
                RouteFault::Malformed(_) | RouteFault::Query { .. } => Refusal::Malformed,
                RouteFault::Method { .. } => Refusal::Method,
                _ => Refusal::NoSurface,
            },
            Refused::Unauthenticated => Refusal::Unauthenticated,
            Refused::Upgrade
            | Refused::TwoCredentials
            | Refused::MalformedBody
            | Refused::Unreadable(_)
            | Refused::UnexpectedBody => Refusal::Malformed,
            Refused::BodyFault(fault) => Refusal::Head(fault.status().as_u16()),
            Refused::UnsupportedMedia => Refusal::UnsupportedMedia,
            Refused::TooLarge(_) => Refusal::TooLarge,
            Refused::Blocked { .. } | Refused::Neutral => Refusal::Blocked,
            Refused::Hidden => Refusal::Hidden,
            Refused::Upstream(fault) => match fault.status() {
                StatusCode::GATEWAY_TIMEOUT => Refusal::Timeout,
                StatusCode::SERVICE_UNAVAILABLE => Refusal::Overloaded,
                _ => Refusal::Upstream,
            },
            Refused::LookupFailed | Refused::UnreadableAnswer => Refusal::Upstream,
            Refused::Internal => Refusal::Internal,
        }
    }

    /// What the client is told: the reason in a word, and a sentence.
    fn told(&self) -> (&'static str, String) {
        match self {
            Refused::Head(fault) => ("bad_request", fault.to_string()),
            Refused::Route(RouteFault::Malformed(fault)) => ("bad_path", fault.to_string()),
            Refused::Route(RouteFault::Query { .. }) => (
                "bad_query",
                "a query parameter is not taken here, stands twice, or is out of range".into(),
            ),
            Refused::Route(RouteFault::Method { .. }) => {
                ("method_not_allowed", "this method is not taken here".into())
            }
            Refused::Route(RouteFault::Never { .. }) => (
                "not_available",
                "this is not available through the gateway".into(),
            ),
            Refused::Route(_) => ("not_found", "there is no such path".into()),
            Refused::Upgrade => ("bad_request", "this connection can't be upgraded".into()),
            Refused::Unauthenticated => ("unauthenticated", "sign in first".into()),
            Refused::TwoCredentials => ("bad_request", "the credentials differ".into()),
            Refused::UnsupportedMedia => (
                "unsupported_media_type",
                "this type or coding of body is not read here".into(),
            ),
            Refused::MalformedBody => ("bad_body", "the body does not match its coding".into()),
            Refused::Unreadable(fault) => (
                "bad_body",
                format!(
                    "the body can't be read: {} at byte {}",
                    fault.kind, fault.at
                ),
            ),
            Refused::UnexpectedBody => ("bad_body", "no body is taken here".into()),
            Refused::TooLarge(_) => ("too_large", "the body is over the limit".into()),
            Refused::BodyFault(fault) => ("bad_body", fault.to_string()),
            Refused::Blocked { block, failed_for } => {
                let sentence = block.reason.sentence();
                let whom = if failed_for.is_empty() {
                    String::new()
                } else {
                    format!(" ({})", failed_for.join(", "))
                };
                (block.reason.as_str(), format!("{sentence}{whom}"))
            }
            Refused::Neutral => ("not_available", "this is not available".into()),
            Refused::Hidden => ("not_found", "there is no such thing".into()),
            Refused::Upstream(fault) => match fault.status() {
                StatusCode::GATEWAY_TIMEOUT => {
                    ("timeout", "the message server took too long".into())
                }
                StatusCode::SERVICE_UNAVAILABLE => {
                    ("overloaded", "too busy; try again soon".into())
                }
                _ => ("unavailable", "the message server can't be reached".into()),
            },
            Refused::LookupFailed | Refused::UnreadableAnswer => (
                "unavailable",
                "the message server's answer can't be used".into(),
            ),
            Refused::Internal => ("internal", "something went wrong here".into()),
        }
    }

    /// What the one who asks is told of it.
    pub fn sentence(&self) -> String {
        self.told().1
    }

    /// The answer, in the dialect's words. `id` finds the record of it.
    pub fn answer(&self, dialect: &Dialect, id: &str) -> Answer {
        let form = self.form();
        let (reason, sentence) = self.told();
        let kind = match self {
            Refused::Blocked { block, .. } => block.kind.map(|kind| kind.as_str()),
            _ => None,
        };
        let vars = Vars {
            reason: Some(reason),
            sentence: Some(&sentence),
            id: Some(id),
            kind,
            ..Vars::default()
        };
        let told = dialect.refuse.answer(form, &vars);
        let mut answer = Answer::new(AnswerBody::full(told.body));
        *answer.status_mut() =
            StatusCode::from_u16(told.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = answer.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.extend(told.headers);
        headers.extend(dialect.cors.iter().cloned());
        if let Refused::Route(RouteFault::Method { allow }) = self
            && let Ok(allow) = HeaderValue::try_from(allow)
        {
            headers.insert(ALLOW, allow);
        }
        if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
            answer
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        answer
    }
}

/// What a placeholder may say of a block: the reason only to the own company.
pub fn placeholder_vars<'v>(block: &Block, own: bool, id: &'v str) -> Vars<'v> {
    let (reason, sentence) = if own {
        (block.reason.as_str(), block.reason.sentence())
    } else {
        ("not_available", "this is not available")
    };
    Vars {
        reason: Some(reason),
        sentence: Some(sentence),
        id: Some(id),
        kind: block.kind.map(|kind| kind.as_str()),
        ..Vars::default()
    }
}
