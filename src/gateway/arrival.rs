//! What the transport hands to a journey, and what it takes back.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

use http::HeaderValue;
use rustls_pki_types::CertificateDer;

use super::answer_body::AnswerBody;
use super::client_body::ClientBody;
use super::head::HeadFault;

/// One request that arrived, its head already checked.
#[derive(Debug)]
pub struct Arrival {
    /// The head. The target is in origin form, its bytes as they came; Host is there, once, unless
    /// an HTTP/1.0 client sent none.
    pub head: http::request::Parts,
    /// The body, still with the client.
    pub body: ClientBody,
    /// Who sent it, as far as the transport can tell.
    pub client: Client,
    /// Why the head is refused, if it is. The rest is then not to be believed: the journey answers
    /// with [`HeadFault::status`] in its own form, and an HTTP/1 connection ends after that.
    pub fault: Option<HeadFault>,
}

/// Where a request came from.
#[derive(Clone, Debug)]
pub struct Client {
    /// The client's own address: the socket's, or what trusted proxies said.
    pub address: IpAddr,
    /// Proxies that the request passed after the client, nearest to it first; each is trusted.
    /// Empty where the client itself is connected.
    pub hops: Vec<IpAddr>,
    /// The other end of the socket.
    pub socket: SocketAddr,
    /// The scheme that the client used: the listener's, or what a trusted proxy said.
    pub scheme: Scheme,
    /// The host that the client asked a trusted proxy for, if one said so.
    pub forwarded_host: Option<HeaderValue>,
    /// The id under which the request is logged: a new one, or a trusted proxy's.
    pub request_id: HeaderValue,
    /// What TLS told, where it is spoken.
    pub tls: Option<Rc<TlsFacts>>,
    /// Which of the configured listeners was reached, counted from 0.
    pub listener: usize,
}

/// The scheme of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `http`
    Http,
    /// `https`
    Https,
}

impl Scheme {
    /// As it stands in a URI.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// What a TLS handshake told of a client.
#[derive(Debug)]
pub struct TlsFacts {
    /// The client's own certificate, verified against the configured authorities.
    pub certificate: Option<CertificateDer<'static>>,
    /// The name that the client asked for (SNI).
    pub server_name: Option<String>,
}

/// An answer on its way to a client.
pub type Answer = http::Response<AnswerBody>;

/// Everything between an arrival and its answer.
pub trait Pass {
    /// Answers one request. Must not panic; if it does, the client gets 500 and the connection ends.
    fn pass(&self, arrival: Arrival) -> impl Future<Output = Answer>;
}
