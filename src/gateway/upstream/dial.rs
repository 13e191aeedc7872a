//! Opening connections to the upstream.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Uri};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::spawn_local;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::fault::{UpstreamFault, UpstreamFaultKind};
use super::pool::Open;
use super::shared::OpenHttp2;
use crate::gateway::connection::LocalExecutor;
use crate::gateway::settings::{Upstream, UpstreamHttp, Waits};
use crate::gateway::tls::{self, TlsError};

/// How often a silent HTTP/2 upstream is asked whether it still lives.
const PING_EVERY: Duration = Duration::from_secs(20);
/// How long it may take to say so.
const PING_WAIT: Duration = Duration::from_secs(10);

/// Where the upstream is and how it is spoken to. Prepared once, shared by all workers.
#[derive(Debug)]
pub struct Target {
    host: String,
    port: u16,
    authority: Authority,
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    pub(super) http: UpstreamHttp,
    pub(super) connections_max: usize,
    pub(super) connect: Duration,
    pub(super) first_byte: Duration,
    pub(super) idle: Duration,
    pub(super) keep_alive: Duration,
}

/// Why the settings of the upstream can't be used.
#[derive(Debug, Error)]
pub enum TargetError {
    /// The host is neither a name nor an address.
    #[error("`{0}` is not a host")]
    Host(String),
    /// A certificate or key file.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl Target {
    /// Reads what the settings name. Opens no connection.
    pub fn prepare(upstream: &Upstream, waits: &Waits) -> Result<Arc<Self>, TargetError> {
        let not_a_host = || TargetError::Host(upstream.host.clone());
        let bare = upstream.host.trim_start_matches('[').trim_end_matches(']');
        let authority = if bare.contains(':') {
            format!("[{bare}]:{}", upstream.port)
        } else {
            format!("{bare}:{}", upstream.port)
        };
        let tls = match &upstream.tls {
            None => None,
            Some(tls) => {
                let protocol: &[u8] = match upstream.http {
                    UpstreamHttp::Http1 => b"http/1.1",
                    UpstreamHttp::Http2 => b"h2",
                };
                let name = tls.server_name.as_deref().unwrap_or(bare).to_owned();
                let name = ServerName::try_from(name).map_err(|_| not_a_host())?;
                Some((tls::client_config(tls, protocol)?, name))
            }
        };
        Ok(Arc::new(Self {
            host: bare.to_owned(),
            port: upstream.port,
            authority: authority.parse().map_err(|_| not_a_host())?,
            tls,
            http: upstream.http,
            connections_max: upstream.connections_max.max(1),
            connect: waits.upstream_connect,
            first_byte: waits.upstream_first_byte,
            idle: waits.upstream_idle,
            keep_alive: waits.upstream_keep_alive,
        }))
    }

    /// The URI that an HTTP/2 request names: its authority is the Host that the upstream sees.
    pub(super) fn absolute(&self, target: PathAndQuery, host: Option<HeaderValue>) -> Uri {
        let scheme = if self.tls.is_some() {
            Scheme::HTTPS
        } else {
            Scheme::HTTP
        };
        let authority = host
            .and_then(|host| Authority::try_from(host.as_bytes()).ok())
            .unwrap_or_else(|| self.authority.clone());
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(scheme);
        parts.authority = Some(authority);
        parts.path_and_query = Some(target);
        Uri::from_parts(parts).unwrap_or_default()
    }

    pub(super) async fn open_http1(&self) -> Result<Open, UpstreamFault> {
        self.within_wait(async {
            let tcp = self.tcp().await?;
            match &self.tls {
                None => http1_over(tcp).await,
                Some(_) => http1_over(self.tls(tcp).await?).await,
            }
        })
        .await
    }

    pub(super) async fn open_http2(&self) -> Result<OpenHttp2, UpstreamFault> {
        self.within_wait(async {
            let tcp = self.tcp().await?;
            match &self.tls {
                None => http2_over(tcp).await,
                Some(_) => {
                    let tls = self.tls(tcp).await?;
                    if tls.get_ref().1.alpn_protocol() != Some(b"h2") {
                        return Err(UpstreamFault::new(
                            UpstreamFaultKind::Tls,
                            "it does not speak HTTP/2",
                        ));
                    }
                    http2_over(tls).await
                }
            }
        })
        .await
    }

    async fn within_wait<T>(
        &self,
        opening: impl Future<Output = Result<T, UpstreamFault>>,
    ) -> Result<T, UpstreamFault> {
        timeout(self.connect, opening).await.unwrap_or_else(|_| {
            Err(UpstreamFault::new(
                UpstreamFaultKind::ConnectTimeout,
                format_args!("after {:?}", self.connect),
            ))
        })
    }

    async fn tcp(&self) -> Result<TcpStream, UpstreamFault> {
        let refused = |error: io::Error| UpstreamFault::new(UpstreamFaultKind::Refused, error);
        let tcp = TcpStream::connect((self.host.as_str(), self.port))
            .await
            .map_err(refused)?;
        tcp.set_nodelay(true).map_err(refused)?;
        Ok(tcp)
    }

    async fn tls(
        &self,
        tcp: TcpStream,
    ) -> Result<tokio_rustls::client::TlsStream<TcpStream>, UpstreamFault> {
        let fault =
            |detail: &dyn std::fmt::Display| UpstreamFault::new(UpstreamFaultKind::Tls, detail);
        let Some((config, name)) = &self.tls else {
            return Err(fault(&"it is not set"));
        };
        TlsConnector::from(config.clone())
            .connect(name.clone(), tcp)
            .await
            .map_err(|error| fault(&error))
    }
}

async fn http1_over<T>(io: T) -> Result<Open, UpstreamFault>
where
    T: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let (sender, connection) = http1::handshake(TokioIo::new(io))
        .await
        .map_err(|error| UpstreamFault::of(&error))?;
    let task = spawn_local(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "upstream connection ended");
        }
    });
    Ok(Open::new(sender, task.abort_handle()))
}

async fn http2_over<T>(io: T) -> Result<OpenHttp2, UpstreamFault>
where
    T: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let (sender, connection) = http2::Builder::new(LocalExecutor)
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_WAIT)
        .handshake(TokioIo::new(io))
        .await
        .map_err(|error| UpstreamFault::of(&error))?;
    let task = spawn_local(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "upstream connection ended");
        }
    });
    Ok(OpenHttp2::new(sender, task.abort_handle()))
}
