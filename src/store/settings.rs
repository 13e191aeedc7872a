//! Where it is kept, as an operator sets it.

use std::fmt;
use std::path::PathBuf;

/// Which store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settings {
    /// A file, for one gateway.
    Sqlite(PathBuf),
    /// A database, for one gateway or several.
    Postgres(Url),
}

/// Where a database is, and by which password it is entered: `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Url(Box<str>);

/// What is wrong with the address of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlFault {
    /// It is none.
    NotAUrl,
    /// What is written to the store would pass a network in clear text.
    InClearText,
    /// This program was built without PostgreSQL.
    NotBuilt,
}

impl Url {
    /// Takes an address, if a database may be reached by it.
    ///
    /// # Errors
    /// If it is none, or leads over a network without TLS.
    pub fn new(text: &str) -> Result<Self, UrlFault> {
        check(text)?;
        Ok(Self(text.into()))
    }

    /// The address, for whoever opens it. Never for a log.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(feature = "postgres")]
fn check(text: &str) -> Result<(), UrlFault> {
    use tokio_postgres::config::{Host, SslMode};
    let config: tokio_postgres::Config = text.parse().map_err(|_| UrlFault::NotAUrl)?;
    let is_here = |host: &Host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            let address = name.parse::<std::net::IpAddr>();
            name == "localhost" || address.is_ok_and(|address| address.is_loopback())
        }
    };
    let hosts = config.get_hosts();
    if hosts.is_empty() {
        Err(UrlFault::NotAUrl)
    } else if hosts.iter().all(is_here) || config.get_ssl_mode() == SslMode::Require {
        Ok(())
    } else {
        Err(UrlFault::InClearText)
    }
}

#[cfg(not(feature = "postgres"))]
fn check(_text: &str) -> Result<(), UrlFault> {
    Err(UrlFault::NotBuilt)
}
