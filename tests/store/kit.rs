//! Members and what is done to them, for both stores.

use std::sync::Arc;

use borderpost::policy::grants::Life;
use borderpost::store::{self, By, Grant, Key, Row, Settings, Store};
use tempfile::TempDir;

use crate::postgres;

/// A store that is new, and what it stands in.
pub struct Place {
    pub settings: Settings,
    _directory: Option<TempDir>,
}

impl Place {
    pub fn sqlite() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        Self {
            settings: Settings::Sqlite(directory.path().join("store.db")),
            _directory: Some(directory),
        }
    }

    /// `None`, if PostgreSQL is not installed.
    pub fn postgres() -> Option<Self> {
        Some(Self {
            settings: postgres::shared()?.database(),
            _directory: None,
        })
    }

    pub async fn open(&self) -> Arc<dyn Store> {
        store::open(&self.settings).await.expect("a store")
    }
}

pub fn key(id: &str) -> Key {
    Key {
        company: "acme".into(),
        id: id.into(),
    }
}

/// An active member with grants for these networks.
pub fn member(id: &str, networks: &[&str]) -> Row {
    let grants = networks.iter().map(|network| Grant {
        network: (*network).into(),
        since: 1_700_000_000,
        by: By::Administrator,
    });
    Row {
        key: key(id),
        life: Life::Active,
        since: 1_600_000_000,
        grants: grants.collect(),
    }
}

/// Writes a row as it is given, and gives the one that was there.
pub async fn put(store: &dyn Store, row: Row) -> Row {
    let after = row.clone();
    let before = store
        .change(vec![row.key], Box::new(move |_| Some(after.clone())))
        .await;
    before.expect("it is written").remove(0)
}

/// Everybody, by id.
pub async fn all(store: &dyn Store) -> Vec<Row> {
    let mut rows = store.since(0).await.expect("it is read").rows;
    rows.sort_by(|one, other| one.key.cmp(&other.key));
    rows
}
