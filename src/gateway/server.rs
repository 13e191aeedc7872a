//! The running proxy: worker threads with their own listeners, and their orderly end.
//!
//! A connection stays on the thread that accepted it, and so does everything a request touches.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use thiserror::Error;
use tokio::runtime::{LocalOptions, LocalRuntime};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::arrival::Pass;
use super::connection::Shop;
use super::head::gate::HeadLimits;
use super::limit::{Hits, Limit};
use super::listener::{self, Census};
use super::settings::Settings;
use super::tls::{Certificates, TlsError};
use super::worker::Worker;

/// Why the proxy can't start.
#[derive(Debug, Error)]
pub enum StartError {
    /// No listener is set.
    #[error("no listener is set")]
    NoListener,
    /// An address can't be listened on.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// A certificate or key can't be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A thread or its runtime can't be made.
    #[error("cannot start a worker: {0}")]
    Worker(io::Error),
}

/// The proxy, before it runs.
#[derive(Debug)]
pub struct Server;

/// The proxy while it runs. Dropped without [`Running::drain`], it ends at once.
#[derive(Debug)]
pub struct Running {
    addresses: Vec<SocketAddr>,
    certificates: Arc<Certificates>,
    census: Arc<Census>,
    hits: Hits,
    stop: CancellationToken,
    abort: CancellationToken,
    /// Closed when every worker has ended.
    ended: mpsc::Receiver<()>,
    threads: Vec<JoinHandle<()>>,
}

impl Server {
    /// Listens on every address, and serves each request by the journey that `factory` makes for a
    /// worker (its number is the argument). `factory` runs on the worker's thread, where tasks can be
    /// spawned by [`tokio::task::spawn_local`]. Bounds of the transport that are hit are counted by
    /// `hits`.
    pub fn start<J, F>(settings: Settings, hits: Hits, factory: F) -> Result<Running, StartError>
    where
        J: Pass + 'static,
        F: Fn(usize) -> Rc<J> + Send + Sync + 'static,
    {
        let certificates = Arc::new(Certificates::load(&settings.listeners)?);
        let count = settings.workers.unwrap_or_else(cores).max(1);
        let (addresses, sockets) = bind_all(&settings, count)?;
        let census = Census::new(
            connections_max(settings.limits.connections_max),
            settings.limits.connections_per_address_max,
        );
        let (ending, ended) = mpsc::channel(1);
        let mut running = Running {
            addresses,
            certificates: certificates.clone(),
            census: census.clone(),
            hits: hits.clone(),
            stop: CancellationToken::new(),
            abort: CancellationToken::new(),
            ended,
            threads: Vec::with_capacity(count),
        };
        let (settings, factory) = (Arc::new(settings), Arc::new(factory));
        for (number, sockets) in sockets.into_iter().enumerate() {
            let (settings, factory) = (settings.clone(), factory.clone());
            let (certificates, census) = (certificates.clone(), census.clone());
            let hits = hits.clone();
            let (stop, abort) = (running.stop.clone(), running.abort.clone());
            let ending = ending.clone();
            let (begun, has_begun) = std::sync::mpsc::channel();
            let work = move || {
                // A runtime of local tasks must be made on its own thread.
                let runtime = match local_runtime() {
                    Ok(runtime) => runtime,
                    Err(fault) => return drop(begun.send(fault)),
                };
                drop(begun);
                let worker = async {
                    let shop = Rc::new(Shop {
                        journey: factory(number),
                        head_limits: HeadLimits::from(&settings.limits),
                        settings,
                        certificates,
                        hits,
                    });
                    Rc::new(Worker::new(shop, census))
                        .run(sockets, stop, abort)
                        .await
                };
                runtime.block_on(worker);
                drop(ending);
            };
            let thread = std::thread::Builder::new()
                .name(format!("gateway-{number}"))
                .spawn(work)
                .map_err(StartError::Worker)?;
            running.threads.push(thread);
            if let Ok(fault) = has_begun.recv() {
                return Err(StartError::Worker(fault));
            }
        }
        Ok(running)
    }
}

impl Running {
    /// Where the listeners are, in the order of the settings, with the ports that the system chose.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Connections of clients now.
    pub fn connections(&self) -> usize {
        self.census.total()
    }

    /// Reads all certificate files again. New connections use them; on a fault all stays as it was.
    /// Reads files: call it where blocking is allowed.
    pub fn reload_certificates(&self) -> Result<(), TlsError> {
        self.certificates.reload()
    }

    /// Accepts nothing more, lets requests finish for as long as `deadline`, then ends what is left.
    /// Returns how many connections were cut off.
    pub async fn drain(mut self, deadline: Duration) -> usize {
        self.stop.cancel();
        let mut cut_off = 0;
        if timeout(deadline, self.ended.recv()).await.is_err() {
            cut_off = self.census.total();
            self.hits.counter(Limit::Drain).increment(cut_off as u64);
            self.abort.cancel();
            self.ended.recv().await;
        }
        for thread in std::mem::take(&mut self.threads) {
            if thread.join().is_err() {
                tracing::error!("a worker panicked");
            }
        }
        cut_off
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
        self.abort.cancel();
    }
}

/// The sockets of every worker: all of them before the first thread starts, so that a fault starts
/// nothing.
fn bind_all(
    settings: &Settings,
    workers: usize,
) -> Result<(Vec<SocketAddr>, Vec<Vec<std::net::TcpListener>>), StartError> {
    if settings.listeners.is_empty() {
        return Err(StartError::NoListener);
    }
    let mut addresses = Vec::new();
    let mut sockets: Vec<Vec<_>> = (0..workers).map(|_| Vec::new()).collect();
    for listener in &settings.listeners {
        let mut address = listener.address;
        for worker in &mut sockets {
            let fault = |source| StartError::Bind { address, source };
            let socket = listener::bind(address).map_err(fault)?;
            address = socket.local_addr().map_err(fault)?;
            worker.push(socket);
        }
        addresses.push(address);
    }
    Ok((addresses, sockets))
}

fn local_runtime() -> std::io::Result<LocalRuntime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default())
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// What is set, but no more than half of the files that this process may open: each client may need
/// a second one upstream.
fn connections_max(set: usize) -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let files = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))
        .and_then(|rest| rest.split_whitespace().next()?.parse::<usize>().ok());
    files.map_or(set, |files| set.min(files / 2))
}
