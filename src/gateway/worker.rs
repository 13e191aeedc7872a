//! One thread's share of the proxy: its listeners, and the connections it accepted.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use futures_util::FutureExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::spawn_local;
use tokio_util::sync::CancellationToken;

use super::arrival::Pass;
use super::connection::{self, Shop};
use super::forwarded::is_trusted;
use super::ledger::{Ledger, Order};
use super::listener::{self, Census, Place};

/// How many clients a worker turns away at once with an answer; more get none.
const TURNED_AWAY_MAX: usize = 64;

/// One thread's share of the proxy.
pub(super) struct Worker<J> {
    shop: Rc<Shop<J>>,
    census: Arc<Census>,
    /// Every connection, to be told when to end. Changed when one begins or ends.
    connections: RefCell<HashMap<u64, Rc<Ledger>>>,
    next_id: Cell<u64>,
    turning_away: Cell<usize>,
    /// Told when the last connection ended.
    empty: Notify,
}

impl<J: Pass + 'static> Worker<J> {
    pub(super) fn new(shop: Rc<Shop<J>>, census: Arc<Census>) -> Self {
        Self {
            shop,
            census,
            connections: RefCell::default(),
            next_id: Cell::new(0),
            turning_away: Cell::new(0),
            empty: Notify::new(),
        }
    }

    /// Serves until told to stop, and then until the last request is answered or `abort` is told.
    pub(super) async fn run(
        self: Rc<Self>,
        sockets: Vec<std::net::TcpListener>,
        stop: CancellationToken,
        abort: CancellationToken,
    ) {
        let accepting: Vec<_> = sockets
            .into_iter()
            .enumerate()
            .map(|(at, socket)| spawn_local(self.clone().accept_all(at, socket, stop.clone())))
            .collect();
        for task in accepting {
            if task.await.is_err() {
                tracing::error!("a listener panicked");
            }
        }
        self.tell_all(Order::Drain);
        let drained = async {
            while !self.connections.borrow().is_empty() {
                self.empty.notified().await;
            }
        };
        tokio::select! {
            () = drained => {}
            () = abort.cancelled() => self.tell_all(Order::Abort),
        }
    }

    async fn accept_all(
        self: Rc<Self>,
        at: usize,
        socket: std::net::TcpListener,
        stop: CancellationToken,
    ) {
        let listener = match TcpListener::from_std(socket) {
            Ok(listener) => listener,
            Err(error) => {
                tracing::error!(%error, "a listener cannot be used");
                return;
            }
        };
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                (tcp, socket) = listener::accept(&listener) => self.clone().take(tcp, socket, at),
            }
        }
        // Who is in the queue already was promised an answer: closing would reset them.
        while let Some((tcp, socket)) = accept_waiting(&listener) {
            self.clone().take(tcp, socket, at);
        }
    }

    fn take(self: Rc<Self>, tcp: TcpStream, socket: SocketAddr, at: usize) {
        let is_proxy = is_trusted(
            socket.ip().to_canonical(),
            &self.shop.settings.trusted_proxies,
        );
        match self.census.enter(socket.ip(), is_proxy) {
            Ok(place) => {
                spawn_local(self.serve(tcp, socket, at, place));
            }
            Err(limit) => {
                self.shop.hits.hit(limit);
                self.turn_away(tcp, at);
            }
        }
    }

    async fn serve(self: Rc<Self>, tcp: TcpStream, socket: SocketAddr, at: usize, place: Place) {
        let entry = Entry::new(self.clone(), place);
        let ledger = entry.ledger.clone();
        connection::serve(self.shop.clone(), tcp, socket, at, ledger).await;
    }

    fn turn_away(self: Rc<Self>, tcp: TcpStream, at: usize) {
        tracing::debug!("a connection over the limit was turned away");
        if self.turning_away.get() >= TURNED_AWAY_MAX {
            return;
        }
        let listeners = &self.shop.settings.listeners;
        let speaks_tls = listeners
            .get(at)
            .is_some_and(|listener| listener.tls.is_some());
        self.turning_away.set(self.turning_away.get() + 1);
        spawn_local(async move {
            listener::turn_away(tcp, speaks_tls).await;
            self.turning_away.set(self.turning_away.get() - 1);
        });
    }

    fn tell_all(&self, order: Order) {
        for ledger in self.connections.borrow().values() {
            ledger.tell(order);
        }
    }
}

/// A connection's entry among its worker's, from its beginning to its end.
struct Entry<J: Pass + 'static> {
    worker: Rc<Worker<J>>,
    id: u64,
    ledger: Rc<Ledger>,
    _place: Place,
}

impl<J: Pass + 'static> Entry<J> {
    fn new(worker: Rc<Worker<J>>, place: Place) -> Self {
        let id = worker.next_id.replace(worker.next_id.get() + 1);
        let ledger = Ledger::new();
        worker.connections.borrow_mut().insert(id, ledger.clone());
        Self {
            worker,
            id,
            ledger,
            _place: place,
        }
    }
}

impl<J: Pass + 'static> Drop for Entry<J> {
    fn drop(&mut self) {
        let mut connections = self.worker.connections.borrow_mut();
        connections.remove(&self.id);
        if connections.is_empty() {
            self.worker.empty.notify_one();
        }
    }
}

/// A connection that waits already, if one does.
fn accept_waiting(listener: &TcpListener) -> Option<(TcpStream, SocketAddr)> {
    listener.accept().now_or_never()?.ok()
}
