//! A connection to what is measured: HTTP/1.1 or HTTP/2, with or without TLS.

use std::io;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Method, Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::gateway::settings::ClientTls;
use crate::gateway::tls::client_config;

/// Where connections lead, and how they speak.
pub(super) struct Target {
    url: Uri,
    host: String,
    port: u16,
    http2: bool,
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
}

impl Target {
    pub fn new(url: &Uri, http2: bool, authorities: Option<&Path>) -> anyhow::Result<Self> {
        let host = url.host().context("the URL has no host")?;
        let host = host.trim_matches(['[', ']']).to_owned();
        let (tls, port) = match url.scheme_str() {
            Some("http") => (None, 80),
            Some("https") => {
                let protocol: &[u8] = if http2 { b"h2" } else { b"http/1.1" };
                let settings = ClientTls {
                    authorities: authorities.map(Path::to_owned),
                    server_name: None,
                    certificate: None,
                };
                let config = client_config(&settings, protocol)?;
                (Some((config, ServerName::try_from(host.clone())?)), 443)
            }
            _ => bail!("the URL must be http:// or https://"),
        };
        Ok(Self {
            url: url.clone(),
            port: url.port_u16().unwrap_or(port),
            host,
            http2,
            tls,
        })
    }

    /// What each request is a copy of.
    pub fn request(&self, method: Method, body: Bytes) -> anyhow::Result<Request<Full<Bytes>>> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = self.url.clone();
        if !self.http2 {
            let path = self.url.path_and_query().map_or("/", |path| path.as_str());
            *request.uri_mut() = path.parse()?;
            let authority = self.url.authority().context("the URL has no host")?;
            let host = HeaderValue::from_str(authority.as_str())?;
            request.headers_mut().insert(HOST, host);
        }
        Ok(request)
    }

    pub async fn open(&self) -> io::Result<Link> {
        let tcp = TcpStream::connect((self.host.as_str(), self.port)).await?;
        tcp.set_nodelay(true)?;
        match &self.tls {
            None => self.speak(tcp).await,
            Some((config, name)) => {
                let connector = TlsConnector::from(config.clone());
                self.speak(connector.connect(name.clone(), tcp).await?)
                    .await
            }
        }
    }

    async fn speak<T>(&self, io: T) -> io::Result<Link>
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let io = TokioIo::new(io);
        if self.http2 {
            let opened = http2::handshake(TokioExecutor::new(), io).await;
            let (sender, connection) = opened.map_err(io::Error::other)?;
            // Its end is told by the sender.
            tokio::spawn(connection);
            return Ok(Link::Http2(sender));
        }
        let (sender, connection) = http1::handshake(io).await.map_err(io::Error::other)?;
        tokio::spawn(connection);
        Ok(Link::Http1(sender))
    }
}

/// An open connection. It closes when this goes.
pub(super) enum Link {
    Http1(http1::SendRequest<Full<Bytes>>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

impl Link {
    /// Waits until a request can be sent. An error: not by this one any more.
    pub async fn ready(&mut self) -> hyper::Result<()> {
        match self {
            Self::Http1(sender) => sender.ready().await,
            Self::Http2(sender) => sender.ready().await,
        }
    }

    /// The head of the answer.
    pub async fn ask(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> hyper::Result<Response<Incoming>> {
        match self {
            Self::Http1(sender) => sender.send_request(request).await,
            Self::Http2(sender) => sender.send_request(request).await,
        }
    }
}
