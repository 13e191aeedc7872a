//! Heads written anew: what the upstream sees of a request, and what a client sees of an answer.
//!
//! Nothing of the connection between client and gateway crosses (RFC 9110, 7.6.1), and nothing that
//! only the gateway may say. The framing of the body is not said here: it is computed from the body
//! itself when the request is sent, so the two cannot differ.

use std::fmt::Write as _;
use std::net::IpAddr;

use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, EXPECT, FORWARDED, HOST, TE,
    TRAILER, TRANSFER_ENCODING, UPGRADE, VIA,
};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, response};

use super::arrival::Client;
use super::settings::Upstream;

/// The name of the request id, in both directions.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
pub(super) const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
pub(super) const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
pub(super) const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Headers that are about one connection (RFC 9110, 7.6.1, and their forebears).
const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    EXPECT,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("http2-settings"),
    HeaderName::from_static("proxy-connection"),
];

/// Headers of an answer that go no further than the gateway, besides.
const NOT_OF_THE_ANSWER: [HeaderName; 3] = [
    http::header::PROXY_AUTHENTICATE,
    HeaderName::from_static("proxy-authentication-info"),
    X_REQUEST_ID,
];

/// Headers by which proxies speak of a client: only the gateway's own reach the upstream.
const SPOKEN_BY_PROXIES: [HeaderName; 7] = [
    FORWARDED,
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("true-client-ip"),
    HeaderName::from_static("x-client-ip"),
    HeaderName::from_static("x-cluster-client-ip"),
    HeaderName::from_static("x-original-url"),
    HeaderName::from_static("x-rewrite-url"),
];

/// Headers that Connection may not name: taking them away would change what a request means.
const NEVER_OPTIONS: [HeaderName; 3] = [HOST, AUTHORIZATION, CONTENT_LENGTH];

/// The one head that the upstream reads, but for the framing of its body.
#[derive(Clone, Debug)]
pub struct CanonicalHead {
    /// The method, as it came.
    pub method: Method,
    /// The target in origin form, as it came unless the caller replaces it.
    pub target: PathAndQuery,
    /// The headers. A caller may add to them; framing headers are replaced when the head is sent.
    pub headers: HeaderMap,
}

impl CanonicalHead {
    /// Asks the upstream for an answer without a coding, because it must be read.
    pub fn ask_for_identity(&mut self) {
        self.headers
            .insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    }
}

/// How heads are rewritten; the same for every request.
#[derive(Clone, Debug)]
pub struct Canonical {
    /// The Host that the upstream sees.
    host: HeaderValue,
    /// Headers that only the gateway may set.
    identity_headers: Vec<HeaderName>,
}

impl Canonical {
    /// For an upstream; `None` if its host cannot stand in a header.
    pub fn new(upstream: &Upstream, identity_headers: &[HeaderName]) -> Option<Self> {
        let host = match &upstream.host_header {
            Some(host) => HeaderValue::from_str(host).ok()?,
            None => {
                let (default_port, host) = (
                    if upstream.tls.is_some() { 443 } else { 80 },
                    bracketed(&upstream.host),
                );
                let host = if upstream.port == default_port {
                    host
                } else {
                    format!("{host}:{}", upstream.port)
                };
                HeaderValue::from_str(&host).ok()?
            }
        };
        Some(Self {
            host,
            identity_headers: identity_headers.to_vec(),
        })
    }

    /// What the upstream is to read in place of `head`.
    pub fn head(&self, head: &Parts, client: &Client) -> CanonicalHead {
        let named = connection_options(&head.headers);
        let mut headers = HeaderMap::with_capacity(head.headers.len() + 6);
        headers.insert(HOST, self.host.clone());
        for (name, value) in &head.headers {
            if !self.is_dropped(name) && !named.contains(name) {
                headers.append(name, value.clone());
            }
        }
        say_client(&mut headers, head, client);
        CanonicalHead {
            method: head.method.clone(),
            target: head
                .uri
                .path_and_query()
                .cloned()
                .unwrap_or_else(|| PathAndQuery::from_static("/")),
            headers,
        }
    }

    fn is_dropped(&self, name: &HeaderName) -> bool {
        *name == HOST
            || *name == CONTENT_LENGTH
            || *name == X_REQUEST_ID
            || HOP_BY_HOP.contains(name)
            || SPOKEN_BY_PROXIES.contains(name)
            || self.identity_headers.contains(name)
            || name.as_str().starts_with("x-forwarded-")
            || name.as_str().starts_with("proxy-")
    }
}

/// Takes away what an answer's head says of the connection between gateway and upstream. The length
/// stays: an answer whose body is edited must get a new one.
pub fn answer_head(head: &mut response::Parts) {
    let named = connection_options(&head.headers);
    let is_of_the_connection = |name: &HeaderName| {
        HOP_BY_HOP.contains(name) || NOT_OF_THE_ANSWER.contains(name) || named.contains(name)
    };
    // Most answers have none of them, and looking through the names is cheaper than asking for each.
    let gone: Vec<HeaderName> = head
        .headers
        .keys()
        .filter(|name| is_of_the_connection(name))
        .cloned()
        .collect();
    for name in gone {
        head.headers.remove(name);
    }
    head.version = http::Version::HTTP_11;
}

/// The headers that Connection names, but for those without which a request means something else.
fn connection_options(headers: &HeaderMap) -> Vec<HeaderName> {
    headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|option| HeaderName::from_bytes(option.trim().as_bytes()).ok())
        .filter(|name| !NEVER_OPTIONS.contains(name))
        .collect()
}

/// Adds what the gateway says of the client: Forwarded (RFC 7239), its forebears, the request's id
/// and Via.
fn say_client(headers: &mut HeaderMap, head: &Parts, client: &Client) {
    let mut chain = client.address.to_string();
    let mut forwarded = match client.address {
        IpAddr::V4(_) => ["for=", &chain].concat(),
        IpAddr::V6(_) => ["for=\"[", &chain, "]\""].concat(),
    };
    for hop in &client.hops {
        let _ = write!(chain, ", {hop}");
    }
    let host = client
        .forwarded_host
        .as_ref()
        .or_else(|| head.headers.get(HOST));
    if let Some(text) = host.and_then(|host| host.to_str().ok()) {
        forwarded.extend([";host=\"", text, "\""]);
    }
    forwarded.extend([";proto=", client.scheme.as_str()]);
    for hop in &client.hops {
        let _ = write!(forwarded, ", for={}", node(*hop));
    }
    insert_text(headers, X_FORWARDED_FOR, &chain);
    insert_text(headers, FORWARDED, &forwarded);
    headers.insert(
        X_FORWARDED_PROTO,
        HeaderValue::from_static(client.scheme.as_str()),
    );
    if let Some(host) = host {
        headers.insert(X_FORWARDED_HOST, host.clone());
    }
    headers.insert(X_REQUEST_ID, client.request_id.clone());
    let via = match head.version {
        http::Version::HTTP_2 => "2.0 borderpost",
        http::Version::HTTP_10 => "1.0 borderpost",
        _ => "1.1 borderpost",
    };
    headers.append(VIA, HeaderValue::from_static(via));
}

fn insert_text(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}

/// An address as RFC 7239 writes it.
fn node(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("\"[{v6}]\""),
    }
}

/// A host as it stands before a port.
fn bracketed(host: &str) -> String {
    if host.contains(':') && !host.starts_with('[') {
        format!("[{host}]")
    } else {
        host.to_owned()
    }
}
