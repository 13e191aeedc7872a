//! The store in PostgreSQL, which several gateways share. One connection, made again when it is lost;
//! over it come also the notices of what others have changed.

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, TryStreamExt as _};
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::{Mutex, Notify};
use tokio::time::timeout;
use tokio_postgres::config::Host;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, Transaction};
use tokio_postgres_rustls::MakeRustlsConnect;
use tracing::debug;

use super::rows::{Gathered, life_word};
use super::settings::Url;
use super::{Answer, Changes, Decide, Key, Row, Store, StoreError};

/// How the tables came to be, version by version. What was once here stays as it is.
const MIGRATIONS: [&str; 1] = ["
    CREATE TABLE borderpost_members (
        company TEXT NOT NULL,
        id TEXT NOT NULL,
        life TEXT NOT NULL,
        since BIGINT NOT NULL,
        revision BIGINT NOT NULL,
        PRIMARY KEY (company, id)
    );
    CREATE INDEX borderpost_members_by_revision ON borderpost_members (revision);
    CREATE TABLE borderpost_grants (
        company TEXT NOT NULL,
        id TEXT NOT NULL,
        network TEXT NOT NULL,
        since BIGINT NOT NULL,
        given_by TEXT NOT NULL,
        PRIMARY KEY (company, id, network),
        FOREIGN KEY (company, id) REFERENCES borderpost_members
    );
    CREATE TABLE borderpost_revision (number BIGINT NOT NULL);
    INSERT INTO borderpost_revision VALUES (0);
"];

/// The lock under which tables are made: those who start at once wait for one another.
const MIGRATING: i64 = 0x6270_7374;

/// The channel of the notices.
const CHANNEL: &str = "borderpost_changed";

/// How often it is looked without a notice, since one may be lost with a connection.
const POLL: Duration = Duration::from_secs(1);

/// For how long a connection is waited for.
const CONNECT: Duration = Duration::from_secs(5);

/// For how long an answer is waited for; the first load of millions takes its time.
const ANSWER: Duration = Duration::from_secs(60);
const LATE: &str = "it did not answer in time";

pub(super) struct Postgres {
    config: Config,
    /// Its hosts and its name, for whoever has to look after it.
    place: String,
    tls: MakeRustlsConnect,
    /// `None` until the first use, and after a fault.
    link: Mutex<Option<Client>>,
    stirred: Arc<Notify>,
}

impl Postgres {
    pub async fn open(url: &Url) -> Result<Self, StoreError> {
        let mut config: Config = url
            .expose()
            .parse()
            .map_err(|_| StoreError::Open("not a URL".into()))?;
        let place = place(&config);
        let can_t = |fault: String| StoreError::Open(format!("{place}: {fault}"));
        config
            .connect_timeout(CONNECT)
            .application_name("borderpost");
        let store = Self {
            config,
            place: place.clone(),
            tls: tls()?,
            link: Mutex::new(None),
            stirred: Arc::new(Notify::new()),
        };
        let mut client = store.connect().await.map_err(can_t)?;
        let version = timeout(ANSWER, make_tables(&mut client))
            .await
            .map_err(|_| can_t(LATE.into()))?
            .map_err(|fault| can_t(told(&fault)))?;
        if usize::try_from(version).is_ok_and(|version| version <= MIGRATIONS.len()) {
            *store.link.lock().await = Some(client);
            Ok(store)
        } else {
            Err(StoreError::Foreign(format!(
                "{place}: made by a later version of borderpost"
            )))
        }
    }

    /// A connection that is ready for use, or why there is none.
    async fn connect(&self) -> Result<Client, String> {
        timeout(CONNECT, self.dial())
            .await
            .map_err(|_| "it could not be reached in time".to_owned())?
            .map_err(|fault| told(&fault))
    }

    async fn dial(&self) -> Result<Client, tokio_postgres::Error> {
        let (client, connection) = self.config.connect(self.tls.clone()).await?;
        tokio::spawn(follow(connection, self.stirred.clone()));
        // Committed is on the disk, and a lock that was waited for shows what was written meanwhile,
        // however the database is set up.
        let begin = format!(
            "SET synchronous_commit = on; SET default_transaction_isolation = 'read committed';
             LISTEN {CHANNEL}"
        );
        client.batch_execute(&begin).await?;
        Ok(client)
    }

    /// Does something on the connection, which is given up when it goes wrong: the next one gets
    /// another.
    async fn with<T>(
        &self,
        work: impl AsyncFnOnce(&mut Client) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, StoreError> {
        let mut link = self.link.lock().await;
        let mut client = match link.take() {
            Some(client) if !client.is_closed() => client,
            _ => self.connect().await.map_err(|fault| self.gone(&fault))?,
        };
        let done = timeout(ANSWER, work(&mut client))
            .await
            .map_err(|_| self.gone(LATE))?
            .map_err(|fault| self.failed(&fault))?;
        *link = Some(client);
        Ok(done)
    }

    fn failed(&self, fault: &tokio_postgres::Error) -> StoreError {
        match fault.code() {
            Some(code) if *code == SqlState::DISK_FULL => StoreError::Full,
            _ => self.gone(&told(fault)),
        }
    }

    fn gone(&self, fault: &str) -> StoreError {
        StoreError::Gone(format!("{}: {fault}", self.place))
    }
}

impl Store for Postgres {
    fn since(&self, revision: u64) -> Answer<'_, Changes> {
        self.with(async move |client| since(client, revision).await)
            .boxed()
    }

    fn change(&self, keys: Vec<Key>, decide: Decide) -> Answer<'_, Vec<Row>> {
        self.with(async move |client| change(client, keys, decide).await)
            .boxed()
    }

    fn stirred(&self) -> BoxFuture<'_, ()> {
        timeout(POLL, self.stirred.notified()).map(drop).boxed()
    }
}

/// Carries a connection, and hears the notices that come over it.
async fn follow<S, T>(mut connection: Connection<S, T>, stirred: Arc<Notify>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio_postgres::tls::TlsStream + Unpin,
{
    while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
        match message {
            Ok(AsyncMessage::Notification(_)) => stirred.notify_one(),
            Ok(_) => {}
            Err(fault) => {
                debug!(%fault, "the connection to the store broke off");
                return;
            }
        }
    }
}

/// The system's authorities; a URL that asks for TLS gets one that is judged by them.
fn tls() -> Result<MakeRustlsConnect, StoreError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|fault| StoreError::Open(fault.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// Brings the tables up to this version, and says which it was.
async fn make_tables(client: &mut Client) -> Result<i32, tokio_postgres::Error> {
    let transaction = client.transaction().await?;
    transaction
        .execute("SELECT pg_advisory_xact_lock($1)", &[&MIGRATING])
        .await?;
    transaction
        .batch_execute("CREATE TABLE IF NOT EXISTS borderpost_schema (version INTEGER NOT NULL)")
        .await?;
    let found = transaction
        .query_opt("SELECT version FROM borderpost_schema", &[])
        .await?;
    let version: i32 = found.map_or(Ok(0), |row| row.try_get(0))?;
    let seen = usize::try_from(version).unwrap_or(usize::MAX);
    if seen < MIGRATIONS.len() {
        for migration in MIGRATIONS.iter().skip(seen) {
            transaction.batch_execute(migration).await?;
        }
        let now = i32::try_from(MIGRATIONS.len()).unwrap_or(i32::MAX);
        transaction
            .batch_execute("DELETE FROM borderpost_schema")
            .await?;
        transaction
            .execute("INSERT INTO borderpost_schema VALUES ($1)", &[&now])
            .await?;
    }
    transaction.commit().await?;
    Ok(version)
}

async fn since(client: &mut Client, revision: u64) -> Result<Changes, tokio_postgres::Error> {
    // The number first: what is changed meanwhile comes now, and once more.
    let now: i64 = client
        .query_one("SELECT number FROM borderpost_revision", &[])
        .await?
        .try_get(0)?;
    let now = now.unsigned_abs();
    let mut gathered = Gathered::default();
    if now != revision {
        let query = "SELECT m.company, m.id, m.life, m.since, g.network, g.since, g.given_by
             FROM borderpost_members m LEFT JOIN borderpost_grants g
             ON g.company = m.company AND g.id = m.id
             WHERE m.revision > $1 ORDER BY m.company, m.id, g.network";
        let lines = client.query_raw(query, [signed(revision)]).await?;
        let mut lines = std::pin::pin!(lines);
        while let Some(line) = lines.try_next().await? {
            gather(&line, &mut gathered)?;
        }
    }
    Ok(Changes {
        revision: now,
        rows: gathered.rows,
    })
}

fn gather(
    line: &tokio_postgres::Row,
    gathered: &mut Gathered,
) -> Result<(), tokio_postgres::Error> {
    gathered.member(
        line.try_get(0)?,
        line.try_get(1)?,
        line.try_get(2)?,
        line.try_get(3)?,
    );
    if let Some(network) = line.try_get(4)? {
        gathered.grant(network, line.try_get(5)?, line.try_get(6)?);
    }
    Ok(())
}

async fn change(
    client: &mut Client,
    keys: Vec<Key>,
    decide: Decide,
) -> Result<Vec<Row>, tokio_postgres::Error> {
    let transaction = client.transaction().await?;
    // Who writes waits here for who is writing: what is read stays true until it is written.
    let number: i64 = transaction
        .query_one("SELECT number FROM borderpost_revision FOR UPDATE", &[])
        .await?
        .try_get(0)?;
    let before = read(&transaction, keys).await?;
    let after: Vec<Row> = before.iter().filter_map(decide).collect();
    if after.is_empty() {
        transaction.rollback().await?;
        return Ok(before);
    }
    write(&transaction, &after, number + 1).await?;
    transaction
        .execute(
            "UPDATE borderpost_revision SET number = $1",
            &[&(number + 1)],
        )
        .await?;
    transaction
        .batch_execute(&format!("NOTIFY {CHANNEL}"))
        .await?;
    transaction.commit().await?;
    Ok(before)
}

async fn read(
    transaction: &Transaction<'_>,
    keys: Vec<Key>,
) -> Result<Vec<Row>, tokio_postgres::Error> {
    let companies: Vec<&str> = keys.iter().map(|key| key.company.as_str()).collect();
    let ids: Vec<&str> = keys.iter().map(|key| key.id.as_str()).collect();
    let query = "SELECT m.company, m.id, m.life, m.since, g.network, g.since, g.given_by
         FROM unnest($1::TEXT[], $2::TEXT[]) AS asked (company, id)
         JOIN borderpost_members m ON m.company = asked.company AND m.id = asked.id
         LEFT JOIN borderpost_grants g ON g.company = m.company AND g.id = m.id
         ORDER BY m.company, m.id, g.network";
    let mut gathered = Gathered::default();
    for line in transaction.query(query, &[&companies, &ids]).await? {
        gather(&line, &mut gathered)?;
    }
    let rows = gathered.rows.into_iter();
    let mut found: HashMap<Key, Row> = rows.map(|row| (row.key.clone(), row)).collect();
    let rows = keys
        .into_iter()
        .map(|key| found.remove(&key).unwrap_or_else(|| Row::absent(key)));
    Ok(rows.collect())
}

async fn write(
    transaction: &Transaction<'_>,
    rows: &[Row],
    revision: i64,
) -> Result<(), tokio_postgres::Error> {
    let companies: Vec<&str> = rows.iter().map(|row| row.key.company.as_str()).collect();
    let ids: Vec<&str> = rows.iter().map(|row| row.key.id.as_str()).collect();
    let lives: Vec<&str> = rows.iter().map(|row| life_word(row.life)).collect();
    let since: Vec<i64> = rows.iter().map(|row| row.since).collect();
    let columns: [&(dyn ToSql + Sync); 5] = [&companies, &ids, &lives, &since, &revision];
    let query = "INSERT INTO borderpost_members
         SELECT company, id, life, since, $5
         FROM unnest($1::TEXT[], $2::TEXT[], $3::TEXT[], $4::BIGINT[])
              AS given (company, id, life, since)
         ON CONFLICT (company, id) DO UPDATE
         SET life = excluded.life, since = excluded.since, revision = excluded.revision";
    transaction.execute(query, &columns).await?;
    let query = "DELETE FROM borderpost_grants g
         USING unnest($1::TEXT[], $2::TEXT[]) AS given (company, id)
         WHERE g.company = given.company AND g.id = given.id";
    transaction.execute(query, &[&companies, &ids]).await?;

    let grants = || {
        rows.iter()
            .flat_map(|row| row.grants.iter().map(move |grant| (row, grant)))
    };
    let companies: Vec<&str> = grants().map(|(row, _)| row.key.company.as_str()).collect();
    let ids: Vec<&str> = grants().map(|(row, _)| row.key.id.as_str()).collect();
    let networks: Vec<&str> = grants().map(|(_, grant)| grant.network.as_str()).collect();
    let since: Vec<i64> = grants().map(|(_, grant)| grant.since).collect();
    let by: Vec<&str> = grants().map(|(_, grant)| grant.by.as_str()).collect();
    let columns: [&(dyn ToSql + Sync); 5] = [&companies, &ids, &networks, &since, &by];
    let query = "INSERT INTO borderpost_grants
         SELECT * FROM unnest($1::TEXT[], $2::TEXT[], $3::TEXT[], $4::BIGINT[], $5::TEXT[])";
    transaction.execute(query, &columns).await?;
    Ok(())
}

/// A revision as PostgreSQL has numbers.
fn signed(revision: u64) -> i64 {
    i64::try_from(revision).unwrap_or(i64::MAX)
}

/// Where the database is, without user and password.
fn place(config: &Config) -> String {
    let hosts = config.get_hosts().iter().map(|host| match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(path) => path.display().to_string(),
    });
    let hosts: Vec<String> = hosts.collect();
    let name = config.get_dbname().or(config.get_user());
    format!(
        "database {} on {}",
        name.unwrap_or_default(),
        hosts.join(", ")
    )
}

/// The fault, and what the database itself said. Neither has a password in it.
fn told(fault: &tokio_postgres::Error) -> String {
    match std::error::Error::source(fault) {
        Some(cause) => format!("{fault}: {cause}"),
        None => fault.to_string(),
    }
}
