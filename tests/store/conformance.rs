//! What every store promises. Each test is held against both.

use std::time::Duration;

use borderpost::policy::grants::Life;
use borderpost::store::{self, Row, Settings, StoreError};
use futures_util::future::join_all;

use crate::kit::{Place, all, key, member, put};

macro_rules! on_both {
    ($($name:ident,)*) => {
        mod sqlite {
            use super::Place;
            $(#[tokio::test]
            async fn $name() {
                super::$name(Place::sqlite()).await;
            })*
        }
        mod postgres {
            use super::Place;
            $(#[tokio::test]
            async fn $name() {
                let place = tokio::task::spawn_blocking(Place::postgres).await.unwrap();
                if let Some(place) = place {
                    super::$name(place).await;
                }
            })*
        }
    };
}

on_both! {
    what_is_written_is_there_after_it_was_closed,
    a_row_is_replaced_whole,
    only_what_has_changed_is_told,
    a_decision_for_nothing_changes_nothing,
    a_change_of_many_is_one,
    who_changes_the_same_member_comes_one_after_the_other,
    several_may_open_it_at_once,
    one_hears_of_another_s_change_within_a_second,
    ids_are_kept_as_they_are,
    a_clock_that_jumps_changes_no_order,
}

async fn what_is_written_is_there_after_it_was_closed(place: Place) {
    let rows = [member("alice", &["line", "works"]), member("bob", &[])];
    let store = place.open().await;
    for row in &rows {
        assert_eq!(
            put(&*store, row.clone()).await,
            Row::absent(row.key.clone())
        );
    }
    drop(store);
    assert_eq!(all(&*place.open().await).await, rows);
}

async fn a_row_is_replaced_whole(place: Place) {
    let store = place.open().await;
    let before = member("alice", &["line", "works"]);
    put(&*store, before.clone()).await;
    let gone = Row {
        life: Life::Deleted,
        ..member("alice", &[])
    };
    assert_eq!(put(&*store, gone.clone()).await, before);
    assert_eq!(all(&*store).await, [gone]);
}

async fn only_what_has_changed_is_told(place: Place) {
    let store = place.open().await;
    put(&*store, member("alice", &[])).await;
    put(&*store, member("bob", &[])).await;
    let before = store.since(0).await.unwrap();
    assert_eq!(before.rows.len(), 2);
    let unchanged = store.since(before.revision).await.unwrap();
    assert_eq!(
        (unchanged.revision, unchanged.rows),
        (before.revision, vec![])
    );
    put(&*store, member("bob", &["line"])).await;
    let after = store.since(before.revision).await.unwrap();
    assert!(after.revision > before.revision);
    assert_eq!(after.rows, [member("bob", &["line"])]);
}

async fn a_decision_for_nothing_changes_nothing(place: Place) {
    let store = place.open().await;
    put(&*store, member("alice", &[])).await;
    let before = store.since(0).await.unwrap();
    let told = store
        .change(vec![key("alice"), key("bob")], Box::new(|_| None))
        .await
        .unwrap();
    assert_eq!(told, [member("alice", &[]), Row::absent(key("bob"))]);
    assert_eq!(store.since(0).await.unwrap(), before);
}

async fn a_change_of_many_is_one(place: Place) {
    let store = place.open().await;
    let ids: Vec<String> = (0..500).map(|number| format!("m{number:03}")).collect();
    let keys = ids.iter().map(|id| key(id)).collect();
    let decide = |row: &Row| Some(member(row.key.id.as_str(), &["line"]));
    store.change(keys, Box::new(decide)).await.unwrap();
    let told = store.since(0).await.unwrap();
    assert_eq!((told.revision, told.rows.len()), (1, 500));
    assert!(told.rows.iter().all(|row| row.grants.len() == 1));
}

async fn who_changes_the_same_member_comes_one_after_the_other(place: Place) {
    let stores = [place.open().await, place.open().await];
    let more = |row: &Row| {
        Some(Row {
            life: Life::Active,
            since: row.since + 1,
            ..row.clone()
        })
    };
    let changes =
        (0..40).map(|number| stores[number % 2].change(vec![key("alice")], Box::new(more)));
    for changed in join_all(changes).await {
        changed.unwrap();
    }
    assert_eq!(all(&*stores[0]).await[0].since, 40, "none was lost");
}

async fn several_may_open_it_at_once(place: Place) {
    let opened = join_all((0..8).map(|_| store::open(&place.settings))).await;
    for (number, store) in opened.into_iter().enumerate() {
        put(&*store.unwrap(), member(&format!("m{number}"), &[])).await;
    }
    assert_eq!(all(&*place.open().await).await.len(), 8);
}

async fn one_hears_of_another_s_change_within_a_second(place: Place) {
    let (one, other) = (place.open().await, place.open().await);
    let heard = async {
        while other.since(0).await.unwrap().rows.is_empty() {
            other.stirred().await;
        }
    };
    let (_, heard) = tokio::join!(
        put(&*one, member("alice", &[])),
        tokio::time::timeout(Duration::from_secs(1), heard)
    );
    heard.expect("within a second");
}

async fn ids_are_kept_as_they_are(place: Place) {
    let store = place.open().await;
    for id in [
        "@김민수:acme",
        "o'hara\\;--",
        "%_\"",
        "田中 太郎",
        "😀",
        " x ",
    ] {
        put(&*store, member(id, &["li'ne"])).await;
        assert_eq!(put(&*store, member(id, &[])).await, member(id, &["li'ne"]));
    }
    assert_eq!(all(&*store).await.len(), 6);
}

async fn a_clock_that_jumps_changes_no_order(place: Place) {
    let store = place.open().await;
    for since in [i64::MAX, i64::MIN, 0, -1] {
        let before = store.since(0).await.unwrap().revision;
        let row = Row {
            since,
            ..member("alice", &[])
        };
        put(&*store, row.clone()).await;
        assert_eq!(store.since(before).await.unwrap().rows, [row]);
    }
}

#[tokio::test]
async fn a_file_of_another_program_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("theirs.db");
    let theirs = rusqlite::Connection::open(&path).unwrap();
    theirs.execute_batch("CREATE TABLE mine (x)").unwrap();
    drop(theirs);
    let before = std::fs::read(&path).unwrap();
    let opened = store::open(&Settings::Sqlite(path.clone())).await;
    assert!(matches!(opened.err(), Some(StoreError::Foreign(_))));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_file_of_a_later_version_is_left_alone() {
    let place = Place::sqlite();
    drop(place.open().await);
    let Settings::Sqlite(path) = &place.settings else {
        panic!("a file");
    };
    let later = rusqlite::Connection::open(path).unwrap();
    later.pragma_update(None, "user_version", 99).unwrap();
    drop(later);
    let opened = store::open(&place.settings).await;
    assert!(matches!(opened.err(), Some(StoreError::Foreign(_))));
}

#[tokio::test]
async fn what_can_t_be_opened_says_where() {
    let path = std::path::PathBuf::from("/nowhere/at/all.db");
    let opened = store::open(&Settings::Sqlite(path)).await;
    let said = opened.err().expect("it can't").to_string();
    assert!(said.contains("/nowhere/at/all.db"), "{said}");
}

#[tokio::test]
async fn nobody_else_on_the_machine_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::sqlite();
    let store = place.open().await;
    put(&*store, member("alice", &[])).await;
    let Settings::Sqlite(path) = &place.settings else {
        panic!("a file");
    };
    for entry in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        let facts = entry.unwrap().metadata().unwrap();
        assert_eq!(facts.permissions().mode() & 0o077, 0);
    }
    drop(store);
}
