//! Sockets that clients come to, and how many clients may be there at once.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::limit::Limit;

/// Connections that wait to be accepted.
const BACKLOG: i32 = 4096;
/// The first pause after an accept that failed for want of something; it doubles up to the second.
const PAUSE_MIN: Duration = Duration::from_millis(10);
const PAUSE_MAX: Duration = Duration::from_secs(1);
/// What a client reads that is one too many, where there is no TLS to say it in.
const TOO_MANY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
/// How long we see to it that it can be read.
const TURN_AWAY_WAIT: Duration = Duration::from_secs(1);

/// Opens a listening socket that other workers' sockets may share the address with.
pub(super) fn bind(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// The next connection. What ails one client is passed over; want of file descriptors or memory is
/// waited out.
pub(super) async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    let mut pause = PAUSE_MIN;
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_the_clients(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "accepting connections pauses");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(PAUSE_MAX);
            }
        }
    }
}

fn is_the_clients(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

/// Tells a client that there are too many, as far as it can be told.
pub(super) async fn turn_away(mut tcp: TcpStream, speaks_tls: bool) {
    if speaks_tls {
        return;
    }
    let telling = async {
        tcp.write_all(TOO_MANY).await?;
        tcp.shutdown().await?;
        // What the client has sent must be read, or the end of the connection takes our word away.
        let mut space = [0; 4096];
        while tcp.read(&mut space).await? > 0 {}
        io::Result::Ok(())
    };
    let _ = timeout(TURN_AWAY_WAIT, telling).await;
}

/// Who is connected, over all workers.
#[derive(Debug)]
pub(super) struct Census {
    total: AtomicUsize,
    total_max: usize,
    /// Connections by address. Locked at the beginning and the end of a connection, never while a
    /// request is served.
    by_address: Mutex<HashMap<IpAddr, usize>>,
    per_address_max: usize,
}

/// A place in the census; free again when dropped.
#[derive(Debug)]
pub(super) struct Place {
    census: Arc<Census>,
    address: Option<IpAddr>,
}

impl Census {
    pub(super) fn new(total_max: usize, per_address_max: usize) -> Arc<Self> {
        Arc::new(Self {
            total: AtomicUsize::new(0),
            total_max,
            by_address: Mutex::default(),
            per_address_max,
        })
    }

    /// A place for one more connection, or the bound that leaves none. A trusted proxy has many clients behind one
    /// address, so only the total counts for it.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr, is_proxy: bool) -> Result<Place, Limit> {
        let before = self.total.fetch_add(1, Ordering::Relaxed);
        let mut place = Place {
            census: self.clone(),
            address: None,
        };
        if before >= self.total_max {
            return Err(Limit::Connections);
        }
        if !is_proxy {
            let key = household(address);
            let mut by_address = self
                .by_address
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let count = by_address.entry(key).or_default();
            if *count >= self.per_address_max {
                return Err(Limit::ConnectionsPerAddress);
            }
            *count += 1;
            place.address = Some(key);
        }
        Ok(place)
    }

    /// Connections now.
    pub(super) fn total(&self) -> usize {
        self.total.load(Ordering::Relaxed)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.census.total.fetch_sub(1, Ordering::Relaxed);
        let Some(address) = self.address else { return };
        let mut by_address = self
            .census
            .by_address
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = by_address.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                by_address.remove(&address);
            }
        }
    }
}

/// The address that is counted: of IPv6 the network that one subscriber has (/64).
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let network = v6.to_bits() >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_its_connection_ends() {
        let census = Census::new(3, 2);
        let (one, two): (IpAddr, IpAddr) =
            ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        let first = census.enter(one, false).unwrap();
        let _second = census.enter(one, false).unwrap();
        let refused = census.enter(one, false).unwrap_err();
        assert_eq!(refused, Limit::ConnectionsPerAddress, "two for one address");
        let _third = census.enter(one, true).unwrap();
        let refused = census.enter(two, false).unwrap_err();
        assert_eq!(refused, Limit::Connections, "three in all");
        drop(first);
        assert_eq!(census.total(), 2);
        assert!(census.enter(two, false).is_ok());
    }

    #[test]
    fn an_ipv6_subscriber_is_one_address() {
        let at = |text: &str| household(text.parse().unwrap());
        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:2"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        assert_eq!(at("::ffff:10.0.0.1"), at("10.0.0.1"));
    }
}
