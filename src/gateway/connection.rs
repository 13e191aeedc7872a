//! One connection of a client: TLS, the version of HTTP, and each request handed to the journey.

use std::any::Any;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt as _;
use http::header::{CONNECTION, CONTENT_LENGTH};
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::answer_body::AnswerBody;
use super::arrival::{Answer, Arrival, Pass, Scheme, TlsFacts};
use super::canonical::X_REQUEST_ID;
use super::client_body::ClientBody;
use super::delivery::Delivery;
use super::drive::{Watch, drive};
use super::forwarded;
use super::gated::Gated;
use super::head::gate::HeadLimits;
use super::head::meaning::{self, Circumstances};
use super::ledger::{Ledger, Turn};
use super::limit::{Hits, Limit};
use super::settings::Settings;
use super::steady::Steady;
use super::tls::Certificates;
use super::watched::Watched;

/// How an HTTP/2 connection begins (RFC 9113, 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How often a silent HTTP/2 client is asked whether it still lives.
const PING_EVERY: Duration = Duration::from_secs(20);

/// What every connection of a worker needs.
pub(super) struct Shop<J> {
    pub(super) journey: Rc<J>,
    pub(super) settings: Arc<Settings>,
    pub(super) head_limits: HeadLimits,
    pub(super) certificates: Arc<Certificates>,
    pub(super) hits: Hits,
}

impl<J> Shop<J> {
    /// What must be done before the first request can come, within the time for a head.
    async fn within_wait<T>(&self, doing: impl Future<Output = io::Result<T>>) -> io::Result<T> {
        timeout(self.settings.waits.head, doing)
            .await
            .unwrap_or_else(|_| {
                self.hits.hit(Limit::HeadWait);
                Err(io::ErrorKind::TimedOut.into())
            })
    }
}

/// What is known of one connection.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) socket: SocketAddr,
    pub(super) listener: usize,
    pub(super) scheme: Scheme,
    pub(super) tls: Option<Rc<TlsFacts>>,
}

/// Serves one connection until it ends.
pub(super) async fn serve<J: Pass + 'static>(
    shop: Rc<Shop<J>>,
    tcp: TcpStream,
    socket: SocketAddr,
    listener: usize,
    ledger: Rc<Ledger>,
) {
    let opening = open(&shop, tcp, socket, listener, ledger);
    if let Err(error) = opening.await {
        tracing::debug!(%error, "client connection ended");
    }
}

async fn open<J: Pass + 'static>(
    shop: &Rc<Shop<J>>,
    mut tcp: TcpStream,
    socket: SocketAddr,
    listener: usize,
    ledger: Rc<Ledger>,
) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    let mut facts = Facts {
        socket,
        listener,
        scheme: Scheme::Http,
        tls: None,
    };
    let Some(config) = shop.certificates.current(listener) else {
        let http2 = shop
            .settings
            .listeners
            .get(listener)
            .is_some_and(|at| at.http2);
        let (version, first) = if http2 {
            shop.within_wait(spoken(&mut tcp)).await?
        } else {
            (Version::HTTP_11, Bytes::new())
        };
        return speak(shop, tcp, first, version, facts, ledger).await;
    };
    let handshake = TlsAcceptor::from(config).accept(tcp);
    let tls = shop.within_wait(handshake.into_future()).await?;
    let session = tls.get_ref().1;
    let version = match session.alpn_protocol() {
        Some(b"h2") => Version::HTTP_2,
        _ => Version::HTTP_11,
    };
    facts.scheme = Scheme::Https;
    facts.tls = Some(Rc::new(TlsFacts {
        certificate: session
            .peer_certificates()
            .and_then(|chain| chain.first())
            .map(|leaf| leaf.clone().into_owned()),
        server_name: session.server_name().map(str::to_owned),
    }));
    speak(shop, tls, Bytes::new(), version, facts, ledger).await
}

/// Which version a client speaks where it may speak both: told by its first bytes, which are given
/// back.
async fn spoken(tcp: &mut TcpStream) -> io::Result<(Version, Bytes)> {
    let mut first = BytesMut::with_capacity(PREFACE.len());
    let mut space = [0; PREFACE.len()];
    while PREFACE.starts_with(&first) && first.len() < PREFACE.len() {
        let room = space.get_mut(first.len()..).unwrap_or_default();
        let bytes = tcp.read(room).await?;
        if bytes == 0 {
            break;
        }
        let end = first.len() + bytes;
        first.extend_from_slice(space.get(first.len()..end).unwrap_or_default());
    }
    let version = if first == PREFACE {
        Version::HTTP_2
    } else {
        Version::HTTP_11
    };
    Ok((version, first.freeze()))
}

async fn speak<J, IO>(
    shop: &Rc<Shop<J>>,
    io: IO,
    first: Bytes,
    version: Version,
    facts: Facts,
    ledger: Rc<Ledger>,
) -> io::Result<()>
where
    J: Pass + 'static,
    IO: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let hits = shop.hits.clone();
    let steady = Steady::new(io, first, shop.settings.waits.write, hits.clone());
    let (shop, facts) = (shop.clone(), Rc::new(facts));
    let service = {
        let (shop, ledger) = (shop.clone(), ledger.clone());
        service_fn(move |request| {
            let turn = Turn::begin(&ledger);
            let (shop, facts, ledger) = (shop.clone(), facts.clone(), ledger.clone());
            // Boxed, so that a connection that waits for its next request holds none of it; made in
            // its place, since it is large.
            let place = Box::new_uninit();
            Box::into_pin(Box::write(
                place,
                answer(shop, facts, turn, ledger, request),
            ))
        })
    };
    let ended = if version == Version::HTTP_2 {
        let watched = Watched::new(steady, ledger.clone(), hits.clone(), &shop.settings.limits);
        let connection =
            http2_settings(&shop.settings).serve_connection(TokioIo::new(watched), service);
        let watch = Watch::new(&shop.settings.waits, ledger.clone(), hits);
        drive(
            connection,
            |connection| connection.graceful_shutdown(),
            &ledger,
            watch,
        )
        .await
    } else {
        let gated = Gated::new(
            steady,
            ledger.clone(),
            hits,
            shop.head_limits,
            &shop.settings.waits,
        );
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(None);
        if shop.head_limits.headers_max > 100 {
            builder.max_headers(shop.head_limits.headers_max);
        }
        let connection = builder.serve_connection(TokioIo::new(gated), service);
        drive(
            connection,
            |connection| connection.graceful_shutdown(),
            &ledger,
            (),
        )
        .await
    };
    ended.map_err(io::Error::other)
}

fn http2_settings(settings: &Settings) -> http2::Builder<LocalExecutor> {
    let limits = &settings.limits;
    let mut builder = http2::Builder::new(LocalExecutor);
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.http2_streams_max)
        // The library refuses what reaches its bound.
        .max_header_list_size(limits.http2_header_list_bytes_max.saturating_add(1))
        .max_pending_accept_reset_streams(limits.http2_resets_max)
        .max_local_error_reset_streams(limits.http2_resets_max)
        .initial_stream_window_size(limits.http2_stream_window_bytes)
        .initial_connection_window_size(limits.http2_connection_window_bytes)
        .max_send_buf_size(limits.http2_stream_window_bytes as usize)
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(settings.waits.head);
    builder
}

/// Hands one request to the journey.
async fn answer<J: Pass>(
    shop: Rc<Shop<J>>,
    facts: Rc<Facts>,
    turn: Turn,
    ledger: Rc<Ledger>,
    request: Request<Incoming>,
) -> Result<Response<Delivery>, Infallible> {
    let (mut head, incoming) = request.into_parts();
    let http1 = head.version != Version::HTTP_2;
    let checked = if http1 { ledger.take_head() } else { Ok(()) };
    let circumstances = Circumstances {
        scheme: facts.scheme,
        has_body: !incoming.is_end_stream(),
        identity_headers: &shop.settings.identity_headers,
        limits: &shop.head_limits,
    };
    let fault = checked
        .and_then(|()| meaning::judge(&mut head, circumstances))
        .err();
    let client = forwarded::client(&facts, &head.headers, &shop.settings.trusted_proxies);
    let (id, is_head) = (client.request_id.clone(), head.method == Method::HEAD);
    let arrival = Arrival {
        head,
        body: ClientBody::from_wire(incoming, shop.settings.waits.body_idle),
        client,
        fault,
    };
    let passed = AssertUnwindSafe(shop.journey.pass(arrival)).catch_unwind();
    let passed = passed.await;
    let ends = http1 && (fault.is_some() || passed.is_err());
    let mut answer = passed.unwrap_or_else(|panic| stumbled(&panic, &id));
    if ends {
        answer
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    answer.headers_mut().entry(X_REQUEST_ID).or_insert(id);
    if is_head {
        drop_body(&mut answer);
    }
    Ok(answer.map(|body| Delivery::new(body, turn, !http1)))
}

/// The answer when a journey panicked; which it must not, so somebody must look.
fn stumbled(panic: &(dyn Any + Send), id: &HeaderValue) -> Answer {
    let what = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    tracing::error!(request.id = ?id, panic = what, "a request's journey panicked");
    let mut answer = Response::new(AnswerBody::empty());
    *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    answer
}

/// The answer to a HEAD: its head says how long the body would be, and there is none.
fn drop_body(answer: &mut Answer) {
    if let Some(bytes) = answer.body().size_hint().exact().filter(|bytes| *bytes > 0) {
        answer
            .headers_mut()
            .entry(CONTENT_LENGTH)
            .or_insert(HeaderValue::from(bytes));
    }
    *answer.body_mut() = AnswerBody::empty();
}

/// Runs the tasks of a connection on the worker's own thread.
#[derive(Clone, Copy, Debug)]
pub(super) struct LocalExecutor;

impl<F> hyper::rt::Executor<F> for LocalExecutor
where
    F: Future<Output = ()> + 'static,
{
    fn execute(&self, task: F) {
        tokio::task::spawn_local(task);
    }
}
