//! What lasts: members that were seen, their grants, and a revision that goes up with every change.
//!
//! One trait, [`Store`], and two implementations: a file of SQLite, and PostgreSQL for several
//! gateways. Nothing else speaks SQL. A store knows rows and no rule: what becomes of a row is
//! decided by who calls, inside the transaction that has read it.

#[cfg(feature = "postgres")]
mod postgres;
mod rows;
mod settings;
mod sqlite;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use thiserror::Error;

pub use rows::{By, Changes, Grant, Key, Row};
pub use settings::{Settings, Url, UrlFault};

/// What a store answers, when it has.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// Decides what becomes of a row; `None`: it stays. A member who is not kept yet comes as
/// [`Row::absent`].
pub type Decide = Box<dyn FnMut(&Row) -> Option<Row> + Send>;

/// Where it lasts.
pub trait Store: Send + Sync {
    /// The members that have changed after `revision`, and the revision at which that is so. After
    /// 0, these are all.
    fn since(&self, revision: u64) -> Answer<'_, Changes>;

    /// Reads these members and writes what `decide` makes of them: all of it, durably, or nothing.
    /// Gives them as they were before, in the order of the keys. No other change comes between.
    fn change(&self, keys: Vec<Key>, decide: Decide) -> Answer<'_, Vec<Row>>;

    /// Waits until something may have been changed by somebody, for a second at most.
    fn stirred(&self) -> BoxFuture<'_, ()>;
}

/// Why a store can't do what it was asked.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum StoreError {
    /// It is not to be had.
    #[error("the store can't be opened: {0}")]
    Open(String),
    /// It is of another program, or of a later version of this one.
    #[error("this is no store of this version: {0}; `store` must name another")]
    Foreign(String),
    /// There is no room in it, so nothing was changed.
    #[error("the store is full: nothing was changed")]
    Full,
    /// It was not reached, or broke off. Whether the last change has come to pass, it will tell.
    #[error("the store is gone: {0}")]
    Gone(String),
    /// This program was built without it.
    #[error("this program was built without the feature `postgres`")]
    NotBuilt,
}

/// Opens a store, and brings its tables up to this version. Several may do so at once.
///
/// # Errors
/// If it can't be opened, or is not ours.
pub async fn open(settings: &Settings) -> Result<Arc<dyn Store>, StoreError> {
    match settings {
        Settings::Sqlite(path) => Ok(Arc::new(sqlite::Sqlite::open(path).await?)),
        #[cfg(feature = "postgres")]
        Settings::Postgres(url) => Ok(Arc::new(postgres::Postgres::open(url).await?)),
        #[cfg(not(feature = "postgres"))]
        Settings::Postgres(_) => Err(StoreError::NotBuilt),
    }
}
