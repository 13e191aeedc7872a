//! The listener: connections come in, and each is served until it ends or the server stops.

use std::convert::Infallible;
use std::io::{self, Cursor};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::answer::Body;
use super::exchange;
use super::state::Shared;
use super::world::World;

/// How many connections may be open at once.
const CONNECTIONS_MAX: usize = 4_096;
/// How long a client may take to say what it speaks, and to send a request head.
const HEAD_TIME_MAX: Duration = Duration::from_secs(30);
/// How often what was scheduled is looked at when nobody asks.
const TICK: Duration = Duration::from_secs(1);
/// How long to wait after the operating system refused to hand out a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How long requests may go on once the server stops.
const DRAIN_TIME_MAX: Duration = Duration::from_secs(1);

/// A message server, not started yet.
pub struct Sandbox {
    world: World,
}

impl Sandbox {
    /// A server that starts with this world.
    pub fn new(world: World) -> Self {
        Self { world }
    }

    /// A server with the world of `docs/plain-protocol.md`, section 11.
    pub fn seeded() -> Self {
        Self::new(World::seeded())
    }

    /// Starts to listen on `address`; port 0 takes any free one. Needs a tokio runtime.
    ///
    /// # Errors
    /// Those of the operating system when the address can't be listened on.
    pub async fn start(self, address: SocketAddr) -> io::Result<Running> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let shared = Arc::new(Shared::new(self.world.into_state()));
        let task = tokio::spawn(accept(listener, shared, stop.clone()));
        Ok(Running {
            address,
            stop,
            task: Some(task),
        })
    }
}

/// A server that listens. It stops when it is dropped; `shutdown` also waits for the end.
pub struct Running {
    address: SocketAddr,
    stop: CancellationToken,
    /// Taken by `shutdown`.
    task: Option<JoinHandle<()>>,
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops listening, ends the event streams and waits until every connection is gone.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        if let Some(task) = self.task.take() {
            // The task ends by itself; that it panicked has been reported by the panic already.
            let _ = task.await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, stop: CancellationToken) {
    let connections = TaskTracker::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut tick = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = tick.tick() => shared.with(|_| ()),
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else {
                    // Out of file descriptors, most likely: asking again at once would only spin.
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                };
                let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                    continue;
                };
                let (shared, stop) = (Arc::clone(&shared), stop.clone());
                connections.spawn(async move {
                    // How a connection ends is between the client and its network.
                    let _ = serve(stream, shared, stop).await;
                    drop(place);
                });
            }
        }
    }
    connections.close();
    connections.wait().await;
}

async fn serve(
    stream: TcpStream,
    shared: Arc<Shared>,
    stop: CancellationToken,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    stream.set_nodelay(true)?;
    let (mut reader, writer) = stream.into_split();
    let first = tokio::select! {
        () = stop.cancelled() => return Ok(()),
        first = tokio::time::timeout(HEAD_TIME_MAX, first_bytes(&mut reader)) => first??,
    };
    let is_http2 = first == HTTP2_START;
    let io = tokio::io::join(Cursor::new(first).chain(reader), writer);
    if is_http2 {
        serve_http2(io, shared, stop).await
    } else {
        serve_http1(io, shared, stop).await
    }
}

/// How HTTP/2 with prior knowledge starts (RFC 9113, 3.4), and no request of HTTP/1.1 does.
const HTTP2_START: &[u8] = b"PRI";

/// Reads until it is clear whether HTTP/2 is spoken.
async fn first_bytes(reader: &mut OwnedReadHalf) -> io::Result<Vec<u8>> {
    let mut first = Vec::with_capacity(HTTP2_START.len());
    while first.len() < HTTP2_START.len() && HTTP2_START.starts_with(&first) {
        match reader.read_u8().await {
            Ok(byte) => first.push(byte),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error),
        }
    }
    Ok(first)
}

/// Answers each request of one connection.
fn service(
    shared: Arc<Shared>,
    stop: CancellationToken,
) -> impl HttpService<Incoming, ResBody = Body, Error = Infallible, Future: Send> {
    service_fn(move |request| {
        let answer = exchange::answer(Arc::clone(&shared), stop.clone(), request);
        async move { Ok::<_, Infallible>(answer.await) }
    })
}

async fn serve_http1<I: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    io: I,
    shared: Arc<Shared>,
    stop: CancellationToken,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME_MAX)
            .serve_connection(TokioIo::new(io), service(shared, stop.clone()))
    );
    tokio::select! {
        ended = connection.as_mut() => return Ok(ended?),
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    Ok(tokio::time::timeout(DRAIN_TIME_MAX, connection).await??)
}

async fn serve_http2<I: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    io: I,
    shared: Arc<Shared>,
    stop: CancellationToken,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut connection = pin!(
        http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(io), service(shared, stop.clone()))
    );
    tokio::select! {
        ended = connection.as_mut() => return Ok(ended?),
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    Ok(tokio::time::timeout(DRAIN_TIME_MAX, connection).await??)
}
