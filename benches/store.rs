//! What it takes to write and to load the grants of a million members, and to apply one change.
//!
//! `cargo bench --bench store`; with the address of a database in `BORDERPOST_STORE_URL`, there too.

use std::sync::Arc;
use std::time::Duration;

use borderpost::cache::Kept;
use borderpost::clock;
use borderpost::policy::grants::Life;
use borderpost::store::{self, By, Grant, Key, Row, Settings, Store, Url};

const MEMBERS: usize = 1_000_000;
const BATCH: usize = 10_000;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let directory = tempfile::tempdir().expect("a directory");
    let file = Settings::Sqlite(directory.path().join("store.db"));
    runtime.block_on(measure("SQLite", &file));
    if let Ok(url) = std::env::var("BORDERPOST_STORE_URL") {
        let database = Settings::Postgres(Url::new(&url).expect("an address"));
        runtime.block_on(measure("PostgreSQL", &database));
    }
}

async fn measure(name: &str, settings: &Settings) {
    let store = store::open(settings).await.expect("a store");
    let writing = clock::now();
    for start in (0..MEMBERS).step_by(BATCH) {
        grant(&*store, start..start + BATCH).await;
    }
    let wrote = clock::now().duration_since(writing);

    let loading = clock::now();
    let changes = store.since(0).await.expect("an answer");
    assert!(changes.rows.len() >= MEMBERS);
    let mut kept = Kept::default();
    kept.take(changes.revision, &changes.rows);
    let loaded = clock::now().duration_since(loading);
    drop(changes);

    let changing = clock::now();
    grant(&*store, 0..1).await;
    let changes = store.since(kept.revision()).await.expect("an answer");
    let mut next = kept.clone();
    next.take(changes.revision, &changes.rows);
    let next = Arc::new(next);
    let applied = clock::now().duration_since(changing);
    assert_eq!(next.members(), kept.members());

    let seconds = |took: Duration| took.as_secs_f64();
    println!(
        "{name}: {MEMBERS} grants written in {:.1} s, loaded in {:.2} s; one change, until it is in memory: {:.1} ms",
        seconds(wrote),
        seconds(loaded),
        seconds(applied) * 1_000.0,
    );
}

/// Grants something to these members, in one transaction.
async fn grant(store: &dyn Store, members: std::ops::Range<usize>) {
    let keys = members.map(|number| Key {
        company: "acme".into(),
        id: format!("member-{number:08}@acme.example").into(),
    });
    let decide = |row: &Row| {
        Some(Row {
            life: Life::Active,
            since: row.since + 1,
            grants: vec![Grant {
                network: "line".into(),
                since: 0,
                by: By::Auto,
            }],
            ..row.clone()
        })
    };
    store
        .change(keys.collect(), Box::new(decide))
        .await
        .expect("it is written");
}
