//! What the headers of a request say, in any version of HTTP: whether they contradict each other,
//! imitate each other, or ask for what this gateway does not do.

use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HOST, TE,
    TRANSFER_ENCODING, UPGRADE,
};
use http::request::Parts;
use http::uri::{Authority, PathAndQuery};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, Version};

use super::fault::HeadFault;
use super::gate::HeadLimits;
use crate::gateway::arrival::Scheme;

/// Headers that may come once. (Their names stand beside them for the message.)
const ONCE: [(HeaderName, &str); 8] = [
    (HOST, "host"),
    (AUTHORIZATION, "authorization"),
    (CONTENT_TYPE, "content-type"),
    (CONTENT_LENGTH, "content-length"),
    (CONTENT_ENCODING, "content-encoding"),
    (UPGRADE, "upgrade"),
    (EXPECT, "expect"),
    (TRANSFER_ENCODING, "transfer-encoding"),
];

/// Headers that ask to take the method for another.
const METHOD_OVERRIDES: [&str; 3] = [
    "x-http-method-override",
    "x-http-method",
    "x-method-override",
];

/// Names that some server takes for another if `_` stands for `-`; those of prefixes are added.
const IMITATED: [&str; 12] = [
    "content-length",
    "content-type",
    "content-encoding",
    "transfer-encoding",
    "accept-encoding",
    "keep-alive",
    "x-real-ip",
    "x-request-id",
    "x-http-method-override",
    "x-http-method",
    "x-method-override",
    "http2-settings",
];
const IMITATED_PREFIXES: [&str; 2] = ["x-forwarded-", "proxy-"];

/// Headers that HTTP/2 has no place for (RFC 9113, 8.2.2).
const CONNECTION_HEADERS: [HeaderName; 5] = [
    CONNECTION,
    TRANSFER_ENCODING,
    UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// What the check must know beside the head.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// The listener's scheme.
    pub scheme: Scheme,
    /// Whether a body follows.
    pub has_body: bool,
    /// Headers that only the gateway may set: imitating them is refused.
    pub identity_headers: &'a [HeaderName],
    /// Bounds; HTTP/1 heads were held to them already.
    pub limits: &'a HeadLimits,
}

/// Checks a parsed head, and brings it into the one form that a journey sees: a target in origin
/// form, and a Host (but for HTTP/1.0 without one).
pub fn judge(head: &mut Parts, circumstances: Circumstances<'_>) -> Result<(), HeadFault> {
    if head.method == Method::CONNECT {
        return Err(HeadFault::Connect);
    }
    let has_twins = head.headers.keys_len() < head.headers.len();
    for (name, text) in ONCE.iter().filter(|_| has_twins) {
        if head.headers.get_all(name).iter().nth(1).is_some() {
            return Err(HeadFault::Duplicate(text));
        }
    }
    for name in head.headers.keys() {
        check_name(name.as_str(), circumstances.identity_headers)?;
    }
    if head.version == Version::HTTP_2 {
        judge_translated(head, circumstances)?;
    }
    check_upgrade(&head.headers)?;
    if let Some(expectation) = head.headers.get(EXPECT)
        && !expectation.as_bytes().eq_ignore_ascii_case(b"100-continue")
    {
        return Err(HeadFault::Expectation);
    }
    settle_host(head, circumstances.scheme)
}

/// The checks that the raw bytes of HTTP/1 make good for, and those of HTTP/2 alone.
fn judge_translated(head: &Parts, circumstances: Circumstances<'_>) -> Result<(), HeadFault> {
    let limits = circumstances.limits;
    if head.headers.len() > limits.headers_max {
        return Err(HeadFault::TooManyHeaders);
    }
    let target = head.uri.path_and_query().map_or("", PathAndQuery::as_str);
    if target.len() > limits.request_line_bytes_max {
        return Err(HeadFault::RequestLineTooLong);
    }
    if !target.starts_with('/') {
        return Err(HeadFault::TargetForm);
    }
    if !target.is_ascii() {
        return Err(HeadFault::Target);
    }
    let mut all = 0;
    for (name, value) in &head.headers {
        let bytes = name.as_str().len() + value.len() + 2;
        all += bytes;
        if bytes > limits.header_bytes_max {
            return Err(HeadFault::HeaderTooLong);
        }
        if is_padded(value.as_bytes()) {
            return Err(HeadFault::PaddedValue);
        }
    }
    if all > limits.headers_bytes_max {
        return Err(HeadFault::HeadersTooLong);
    }
    let te_is_strange = head
        .headers
        .get(TE)
        .is_some_and(|te| !te.as_bytes().eq_ignore_ascii_case(b"trailers"));
    if te_is_strange
        || CONNECTION_HEADERS
            .iter()
            .any(|name| head.headers.contains_key(name))
    {
        return Err(HeadFault::ConnectionHeader);
    }
    let bodiless = matches!(head.method, Method::GET | Method::HEAD | Method::TRACE);
    if bodiless && circumstances.has_body {
        return Err(HeadFault::UnexpectedBody);
    }
    match head.headers.get(CONTENT_LENGTH) {
        Some(length) => super::lines::length(length.as_bytes()).map(drop),
        None => Ok(()),
    }
}

fn check_name(name: &str, identity_headers: &[HeaderName]) -> Result<(), HeadFault> {
    if METHOD_OVERRIDES.contains(&name) {
        return Err(HeadFault::MethodOverride);
    }
    if !name.contains('_') {
        return Ok(());
    }
    let folded = name.replace('_', "-");
    let imitates = IMITATED.contains(&folded.as_str())
        || IMITATED_PREFIXES
            .iter()
            .any(|prefix| folded.starts_with(prefix))
        || identity_headers.iter().any(|identity| {
            *identity.as_str() != *name && identity.as_str().replace('_', "-") == folded
        });
    if imitates {
        Err(HeadFault::UnderscoreTwin)
    } else {
        Ok(())
    }
}

/// WebSocket is left to the journey; everything else would change the protocol behind its back.
fn check_upgrade(headers: &HeaderMap) -> Result<(), HeadFault> {
    match headers.get(UPGRADE) {
        Some(protocol) if !protocol.as_bytes().eq_ignore_ascii_case(b"websocket") => {
            Err(HeadFault::Upgrade)
        }
        None if headers.contains_key("http2-settings") => Err(HeadFault::Upgrade),
        _ => Ok(()),
    }
}

/// Holds Host and the target's authority against each other, then leaves only Host.
fn settle_host(head: &mut Parts, scheme: Scheme) -> Result<(), HeadFault> {
    let host = head.headers.get(HOST);
    if host.is_some_and(|host| !is_host(host.as_bytes())) {
        return Err(HeadFault::Host);
    }
    let Some(authority) = head.uri.authority() else {
        return match host {
            None if head.version != Version::HTTP_10 => Err(HeadFault::MissingHost),
            _ => Ok(()),
        };
    };
    if !is_host(authority.as_str().as_bytes()) {
        return Err(HeadFault::Host);
    }
    match host {
        Some(host) if !is_same_host(host, authority, scheme) => {
            return Err(HeadFault::HostDisagrees);
        }
        None if head.version != Version::HTTP_2 => return Err(HeadFault::MissingHost),
        _ => {}
    }
    if head.version != Version::HTTP_2 && head.uri.scheme_str() != Some(scheme.as_str()) {
        return Err(HeadFault::TargetForm);
    }
    if host.is_none() {
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| HeadFault::Host)?;
        head.headers.insert(HOST, host);
    }
    let target = head
        .uri
        .path_and_query()
        .cloned()
        .unwrap_or_else(|| PathAndQuery::from_static("/"));
    head.uri = Uri::from(target);
    Ok(())
}

fn is_same_host(host: &HeaderValue, authority: &Authority, scheme: Scheme) -> bool {
    let default_port = match scheme {
        Scheme::Http => ":80",
        Scheme::Https => ":443",
    };
    let bare = |text: &str| {
        text.strip_suffix(default_port)
            .unwrap_or(text)
            .to_ascii_lowercase()
    };
    host.to_str()
        .is_ok_and(|host| bare(host) == bare(authority.as_str()))
}

/// Whether this is a host with an optional port (RFC 3986, 3.2.2), without user, escapes or strange
/// characters.
pub fn is_host(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else {
        return false;
    };
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((inner, port)) if inner.parse::<std::net::Ipv6Addr>().is_ok() => ("v6", port),
            _ => return false,
        },
        None => match text.find(':') {
            Some(at) => text.split_at(at),
            None => (text, ""),
        },
    };
    let name = !host.is_empty()
        && host.len() <= 255
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    let port = match port.strip_prefix(':') {
        None => port.is_empty(),
        Some(digits) => {
            digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok()
        }
    };
    name && port
}

fn is_padded(value: &[u8]) -> bool {
    let blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    blank(value.first()) || blank(value.last())
}
