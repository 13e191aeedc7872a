//! Members and their grants: asked for by name, decided by the policy, written to the store.

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use thiserror::Error;

use crate::cache::Snapshot;
use crate::cache::directory::ID_BYTES_MAX;
use crate::clock;
use crate::policy::grants::{Change, Event, Life, Member, Refusal, after};
use crate::policy::{CompanyIx, NetworkId, NetworkIx, NetworkSet, PersonId, Settings, Side};
use crate::store::{By, Grant, Key, Row, Store, StoreError};

/// How many members are changed in one transaction.
const BATCH: usize = 10_000;

/// What came of a change, member by member.
pub type Outcome = (PersonId, Result<Changed, Refused>);

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It was changed.
    Yes,
    /// It was so already.
    AsItWas,
}

/// Why a member was not changed. Nothing of it keeps others from being changed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Refused {
    /// The files know nobody by this id as a member.
    #[error("is no member of a company here")]
    NoMember,
    /// It conflicts with what somebody has set, in this company.
    #[error("{1}")]
    Conflict(CompanyIx, Refusal),
}

/// Changes members, and says what came of each, in the order asked. An id that is asked twice is
/// changed once. What the files say is taken from `snapshot`, whatever is laid over it.
///
/// # Errors
/// If the store could not: what was done until then is done, in batches of ten thousand.
pub async fn change(
    store: &dyn Store,
    snapshot: &Arc<Snapshot>,
    people: &[PersonId],
    event: Event,
) -> Result<Vec<Outcome>, StoreError> {
    let mut outcomes = Vec::with_capacity(people.len());
    for batch in people.chunks(BATCH) {
        let mut keys: Vec<Key> = batch.iter().filter_map(|id| key(snapshot, id)).collect();
        keys.sort();
        keys.dedup();
        let (files, at) = (snapshot.clone(), now());
        let before = store
            .change(
                keys,
                Box::new(move |row| {
                    let (settings, company) = (files.settings(), company_of(&files, row)?);
                    let change = decide(&files, company, row, event).ok()?;
                    let after = row_after(settings, row, change, at);
                    (after != *row).then_some(after)
                }),
            )
            .await?;
        outcomes.extend(
            batch
                .iter()
                .map(|id| (id.clone(), tell(snapshot, &before, id, event))),
        );
    }
    Ok(outcomes)
}

/// What came of it, by what was there before: the policy is pure, so it says the same once more.
fn tell(
    snapshot: &Snapshot,
    before: &[Row],
    id: &PersonId,
    event: Event,
) -> Result<Changed, Refused> {
    let key = key(snapshot, id).ok_or(Refused::NoMember)?;
    let at = before.binary_search_by(|row| row.key.cmp(&key));
    let row = at.ok().and_then(|at| before.get(at));
    let row = row.ok_or(Refused::NoMember)?;
    let company = company_of(snapshot, row).ok_or(Refused::NoMember)?;
    let change = decide(snapshot, company, row, event)
        .map_err(|refusal| Refused::Conflict(company, refusal))?;
    if change.member == member_of(snapshot.settings(), row) {
        Ok(Changed::AsItWas)
    } else {
        Ok(Changed::Yes)
    }
}

fn decide(
    snapshot: &Snapshot,
    company: CompanyIx,
    row: &Row,
    event: Event,
) -> Result<Change, Refusal> {
    let settings = snapshot.settings();
    let files = snapshot.provisioned(row.key.id.as_str());
    after(settings, company, files, member_of(settings, row), event)
}

/// The row of a member, if the files know one by this id.
pub fn key(snapshot: &Snapshot, id: &PersonId) -> Option<Key> {
    // What can be no member's id would be refused by the store, and others with it.
    let possible = id.as_str().len() <= ID_BYTES_MAX && !id.as_str().contains(char::is_control);
    match snapshot.standing(id.as_str()).side {
        Side::Company(company) if possible => Some(Key {
            company: snapshot.company_id(company).into(),
            id: id.clone(),
        }),
        _ => None,
    }
}

fn company_of(snapshot: &Snapshot, row: &Row) -> Option<CompanyIx> {
    let side = snapshot.standing(row.key.id.as_str()).side;
    side.company()
        .filter(|company| snapshot.company_id(*company) == row.key.company.as_str())
}

/// What the policy must know of a row. A grant for a network that is not declared sleeps.
fn member_of(settings: &Settings, row: &Row) -> Member {
    let grants = row.grants.iter();
    Member {
        life: row.life,
        grants: grants
            .filter_map(|grant| network(settings, &grant.network))
            .collect(),
    }
}

/// The row of what the policy made of it.
fn row_after(settings: &Settings, before: &Row, change: Change, at: i64) -> Row {
    let Change { member, automatic } = change;
    let anew = matches!(before.life, Life::New | Life::Deleted) && member.life != Life::Deleted;
    let forgets = anew || member.life == Life::Deleted;
    let stays = |grant: &&Grant| match network(settings, &grant.network) {
        Some(network) => member.grants.contains(network),
        None => true,
    };
    let mut grants: Vec<Grant> = match forgets {
        true => Vec::new(),
        false => before.grants.iter().filter(stays).cloned().collect(),
    };
    let held: NetworkSet = grants
        .iter()
        .filter_map(|grant| network(settings, &grant.network))
        .collect();
    for new in member.grants.iter().filter(|new| !held.contains(*new)) {
        let by = match automatic.contains(new) {
            true => By::Auto,
            false => By::Administrator,
        };
        if let Some(network) = settings.network(new) {
            let network = network.id.clone();
            grants.push(Grant {
                network,
                since: at,
                by,
            });
        }
    }
    grants.sort_by(|one, other| one.network.cmp(&other.network));
    Row {
        key: before.key.clone(),
        life: member.life,
        since: if anew { at } else { before.since },
        grants,
    }
}

/// A network by its id.
pub fn network(settings: &Settings, id: &NetworkId) -> Option<NetworkIx> {
    let at = settings.networks.iter().position(|one| one.id == *id)?;
    u8::try_from(at).ok().map(NetworkIx)
}

/// Seconds since 1970, for people to read.
fn now() -> i64 {
    let since = clock::wall().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
