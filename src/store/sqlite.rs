//! The store in a file of SQLite, on a thread of its own: SQLite blocks.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use super::rows::{Gathered, life_word};
use super::{Answer, Changes, Decide, Key, Row, Store, StoreError};

/// Marks the file as ours: "bpst".
const APPLICATION: i32 = 0x6270_7374;

/// How the tables came to be, version by version. What was once here stays as it is.
const MIGRATIONS: [&str; 1] = ["
    CREATE TABLE members (
        company TEXT NOT NULL,
        id TEXT NOT NULL,
        life TEXT NOT NULL,
        since INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        PRIMARY KEY (company, id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX members_by_revision ON members (revision);
    CREATE TABLE grants (
        company TEXT NOT NULL,
        id TEXT NOT NULL,
        network TEXT NOT NULL,
        since INTEGER NOT NULL,
        given_by TEXT NOT NULL,
        PRIMARY KEY (company, id, network)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE revision (number INTEGER NOT NULL) STRICT;
    INSERT INTO revision VALUES (0);
"];

/// How often it is looked whether another process has changed something.
const POLL: Duration = Duration::from_millis(250);

/// For how long another process's change is waited for.
const BUSY: Duration = Duration::from_secs(5);

/// How often it is tried again where SQLite does not wait by itself.
const PAUSE: Duration = Duration::from_millis(10);

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A handle of the thread, which ends with it.
pub(super) struct Sqlite {
    jobs: Sender<Job>,
}

impl Sqlite {
    /// Opens the file, or makes it.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let (jobs, queue) = channel();
        let (opened, told) = oneshot::channel();
        let path = path.to_owned();
        std::thread::Builder::new()
            .name("store".into())
            .spawn(move || work(&path, opened, &queue))
            .map_err(|fault| StoreError::Open(fault.to_string()))?;
        told.await.map_err(|_| gone())??;
        Ok(Self { jobs })
    }

    /// Does it on the thread.
    fn call<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Answer<'_, T> {
        let (answer, answered) = oneshot::channel();
        let sent = self.jobs.send(Box::new(move |connection| {
            // Who asked may have gone away.
            let done = job(connection).map_err(|fault| failed(connection, &fault));
            let _ = answer.send(done);
        }));
        async move {
            sent.map_err(|_| gone())?;
            answered.await.map_err(|_| gone())?
        }
        .boxed()
    }
}

impl Store for Sqlite {
    fn since(&self, revision: u64) -> Answer<'_, Changes> {
        self.call(move |connection| since(connection, revision))
    }

    fn change(&self, keys: Vec<Key>, decide: Decide) -> Answer<'_, Vec<Row>> {
        self.call(move |connection| change(connection, keys, decide))
    }

    fn stirred(&self) -> BoxFuture<'_, ()> {
        tokio::time::sleep(POLL).boxed()
    }
}

/// The thread: opens the file, tells so, and does what it is asked until nobody can ask any more.
fn work(path: &Path, opened: oneshot::Sender<Result<(), StoreError>>, queue: &Receiver<Job>) {
    match open(path) {
        Ok(mut connection) => {
            if opened.send(Ok(())).is_ok() {
                while let Ok(job) = queue.recv() {
                    job(&mut connection);
                }
            }
        }
        Err(fault) => drop(opened.send(Err(fault))),
    }
}

fn open(path: &Path) -> Result<Connection, StoreError> {
    let can_t =
        |fault: &dyn std::fmt::Display| StoreError::Open(format!("{}: {fault}", path.display()));
    own_alone(path).map_err(|fault| can_t(&fault))?;
    let mut connection = Connection::open(path).map_err(|fault| can_t(&fault))?;
    migrate(&mut connection, path).map_err(|fault| match fault {
        Migrating::Failed(fault) => can_t(&fault),
        Migrating::Foreign(fault) => fault,
    })?;
    Ok(connection)
}

/// Makes the file, if it is not there, so that no one else on the machine can read who is in it. One
/// that is there is not opened: to close it again would end the locks of this process on it.
fn own_alone(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let made = std::fs::OpenOptions::new()
        .create_new(true)
        .append(true)
        .mode(0o600)
        .open(path);
    match made {
        Err(fault) if fault.kind() != std::io::ErrorKind::AlreadyExists => Err(fault),
        _ => Ok(()),
    }
}

/// Writes ahead, so that readers and a writer do not wait for one another. Others are waited for here,
/// as SQLite itself does not while it changes that.
fn write_ahead(connection: &Connection) -> rusqlite::Result<()> {
    let set = || connection.pragma_update(None, "journal_mode", "WAL");
    let is_busy = |fault: &rusqlite::Error| {
        let code = fault.sqlite_error_code();
        matches!(
            code,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
        )
    };
    for _ in 0..BUSY.as_millis() / PAUSE.as_millis() {
        match set() {
            Err(fault) if is_busy(&fault) => std::thread::sleep(PAUSE),
            done => return done,
        }
    }
    set()
}

enum Migrating {
    Failed(rusqlite::Error),
    Foreign(StoreError),
}

impl From<rusqlite::Error> for Migrating {
    fn from(fault: rusqlite::Error) -> Self {
        Self::Failed(fault)
    }
}

/// Brings the tables up to this version, in one transaction that only one process can be in.
fn migrate(connection: &mut Connection, path: &Path) -> Result<(), Migrating> {
    connection.busy_timeout(BUSY)?;
    let foreign = |what: &str| {
        let path: PathBuf = path.into();
        Migrating::Foreign(StoreError::Foreign(format!("{}: {what}", path.display())))
    };
    // Looked at before anything of somebody else's file is touched; at one moment, since another
    // process may be making the tables.
    let looking = connection.transaction()?;
    let version = version(&looking, &foreign)?;
    drop(looking);
    write_ahead(connection)?;
    // What is committed is on the disk.
    connection.pragma_update(None, "synchronous", "FULL")?;
    if version == MIGRATIONS.len() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version = self::version(&transaction, &foreign)?;
    for migration in MIGRATIONS.iter().skip(version) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    Ok(transaction.commit()?)
}

/// How many migrations the file has seen.
fn version(
    connection: &Connection,
    foreign: &dyn Fn(&str) -> Migrating,
) -> Result<usize, Migrating> {
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get(0));
    let (application, version): (i32, i64) =
        (number("application_id")?, number("user_version")? as i64);
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let is_empty = application == 0 && version == 0 && tables == 0;
    match usize::try_from(version) {
        _ if application != APPLICATION && !is_empty => Err(foreign("another program's database")),
        Ok(version) if version <= MIGRATIONS.len() => Ok(version),
        _ => Err(foreign("made by a later version of borderpost")),
    }
}

fn since(connection: &mut Connection, revision: u64) -> rusqlite::Result<Changes> {
    let transaction = connection.transaction()?;
    let now = number(&transaction)?;
    let mut gathered = Gathered::default();
    if now != revision {
        let mut query = transaction.prepare_cached(
            "SELECT m.company, m.id, m.life, m.since, g.network, g.since, g.given_by
             FROM members m LEFT JOIN grants g ON g.company = m.company AND g.id = m.id
             WHERE m.revision > ?1 ORDER BY m.company, m.id, g.network",
        )?;
        let mut lines = query.query([signed(revision)])?;
        while let Some(line) = lines.next()? {
            gather(line, &mut gathered)?;
        }
    }
    Ok(Changes {
        revision: now,
        rows: gathered.rows,
    })
}

fn gather(line: &rusqlite::Row<'_>, gathered: &mut Gathered) -> rusqlite::Result<()> {
    let text = |at| line.get_ref(at).and_then(|value| Ok(value.as_str()?));
    gathered.member(text(0)?, text(1)?, text(2)?, line.get(3)?);
    if line.get_ref(4)?.as_str_or_null()?.is_some() {
        gathered.grant(text(4)?, line.get(5)?, text(6)?);
    }
    Ok(())
}

fn change(
    connection: &mut Connection,
    keys: Vec<Key>,
    mut decide: Decide,
) -> rusqlite::Result<Vec<Row>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let next = number(&transaction)? + 1;
    let mut before = Vec::with_capacity(keys.len());
    let mut changed = false;
    for key in keys {
        let row = read(&transaction, key)?;
        if let Some(after) = decide(&row) {
            write(&transaction, &after, next)?;
            changed = true;
        }
        before.push(row);
    }
    if changed {
        transaction.execute("UPDATE revision SET number = ?1", [signed(next)])?;
        transaction.commit()?;
    }
    Ok(before)
}

fn number(connection: &Connection) -> rusqlite::Result<u64> {
    let mut query = connection.prepare_cached("SELECT number FROM revision")?;
    query
        .query_row([], |row| row.get::<_, i64>(0))
        .map(i64::unsigned_abs)
}

fn read(transaction: &Transaction<'_>, key: Key) -> rusqlite::Result<Row> {
    let whose = [key.company.as_str(), key.id.as_str()];
    let mut member = transaction
        .prepare_cached("SELECT life, since FROM members WHERE company = ?1 AND id = ?2")?;
    let found: Option<(String, i64)> = member
        .query_row(whose, |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((life, since)) = found else {
        return Ok(Row::absent(key));
    };
    let mut gathered = Gathered::default();
    gathered.member(key.company.as_str(), key.id.as_str(), &life, since);
    let mut grants = transaction.prepare_cached(
        "SELECT network, since, given_by FROM grants
         WHERE company = ?1 AND id = ?2 ORDER BY network",
    )?;
    let mut lines = grants.query(whose)?;
    while let Some(line) = lines.next()? {
        gathered.grant(
            line.get_ref(0)?.as_str()?,
            line.get(1)?,
            line.get_ref(2)?.as_str()?,
        );
    }
    Ok(gathered.rows.pop().unwrap_or_else(|| Row::absent(key)))
}

fn write(transaction: &Transaction<'_>, row: &Row, revision: u64) -> rusqlite::Result<()> {
    let (company, id) = (row.key.company.as_str(), row.key.id.as_str());
    transaction
        .prepare_cached("REPLACE INTO members VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute((
            company,
            id,
            life_word(row.life),
            row.since,
            signed(revision),
        ))?;
    transaction
        .prepare_cached("DELETE FROM grants WHERE company = ?1 AND id = ?2")?
        .execute((company, id))?;
    let mut insert =
        transaction.prepare_cached("INSERT INTO grants VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for grant in &row.grants {
        let (network, by) = (grant.network.as_str(), grant.by.as_str());
        insert.execute((company, id, network, grant.since, by))?;
    }
    Ok(())
}

/// A revision as SQLite has numbers.
fn signed(revision: u64) -> i64 {
    i64::try_from(revision).unwrap_or(i64::MAX)
}

fn failed(connection: &Connection, fault: &rusqlite::Error) -> StoreError {
    match fault.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full,
        _ => StoreError::Gone(format!(
            "{}: {fault}",
            connection.path().unwrap_or_default()
        )),
    }
}

fn gone() -> StoreError {
    StoreError::Gone("its thread has ended".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::grants::Life;

    fn key(number: usize) -> Key {
        Key {
            company: "acme".into(),
            id: format!("member-{number:08}").into(),
        }
    }

    async fn put(store: &Sqlite, number: usize) -> Result<Vec<Row>, StoreError> {
        let decide = |row: &Row| {
            Some(Row {
                life: Life::Active,
                ..row.clone()
            })
        };
        store.change(vec![key(number)], Box::new(decide)).await
    }

    #[tokio::test]
    async fn a_full_store_refuses_keeps_what_it_has_and_heals() {
        let directory = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&directory.path().join("store.db"))
            .await
            .unwrap();
        let pages = |most: i64| {
            store.call(move |connection| connection.pragma_update(None, "max_page_count", most))
        };
        pages(16).await.unwrap();
        let mut written = 0;
        let fault = loop {
            match put(&store, written).await {
                Ok(_) => written += 1,
                Err(fault) => break fault,
            }
        };
        assert_eq!(fault, StoreError::Full);
        let kept = store.since(0).await.unwrap();
        assert_eq!((kept.revision, kept.rows.len()), (written as u64, written));
        pages(1_000).await.unwrap();
        put(&store, written).await.unwrap();
        assert_eq!(store.since(0).await.unwrap().rows.len(), written + 1);
    }

    #[tokio::test]
    async fn what_is_committed_is_on_the_disk() {
        let directory = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&directory.path().join("store.db"))
            .await
            .unwrap();
        let pragmas = store.call(|connection| {
            let mode: String =
                connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
            let level: i64 =
                connection.pragma_query_value(None, "synchronous", |row| row.get(0))?;
            Ok((mode, level))
        });
        assert_eq!(pragmas.await.unwrap(), ("wal".to_owned(), 2), "2 is FULL");
    }
}
