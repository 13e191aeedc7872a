//! What the store keeps of members, in memory: laid over what the files say.
//!
//! Companies and networks stand in it by its own numbers, since those of the settings change when
//! files are reloaded. It is copied whole when the store has changed: a million members take some
//! 20 bytes each and their ids.

use std::hash::BuildHasher;

use foldhash::quality::RandomState;
use hashbrown::HashTable;

use crate::policy::grants::{Life, Member};
use crate::policy::{CompanyId, CompanyIx, NetworkId, NetworkIx, NetworkSet, Settings};
use crate::store::Row;

/// The most networks for which grants are kept in memory, whether they are declared or not.
const NETWORKS_KEPT_MAX: usize = 32;

/// Members as the store has them, at one revision.
#[derive(Clone, Default)]
pub struct Kept {
    revision: u64,
    companies: Vec<CompanyId>,
    networks: Vec<NetworkId>,
    /// The ids of all, one behind the other.
    ids: String,
    entries: Vec<Entry>,
    by_key: HashTable<u32>,
    hasher: RandomState,
}

#[derive(Clone, Copy)]
struct Entry {
    id_start: u32,
    id_length: u16,
    company: u16,
    life: Life,
    /// A bit for each of [`Kept::networks`].
    grants: u32,
}

/// How the numbers of some settings go with those of what is kept.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    /// By the index of a company: its number here, if any of its members is kept.
    companies: Vec<Option<u16>>,
    /// By the number of a network: its index in the settings, if it is declared.
    networks: Vec<Option<NetworkIx>>,
}

impl Kept {
    /// The revision of the store at which this was so.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// How many members are kept.
    pub fn members(&self) -> usize {
        self.entries.len()
    }

    /// Takes down what has changed in the store.
    pub fn take(&mut self, revision: u64, rows: &[Row]) {
        for row in rows {
            self.put(row);
        }
        self.revision = revision;
    }

    /// What is kept of a member, in the numbers of these settings.
    pub fn member(&self, numbers: &Numbers, company: CompanyIx, id: &str) -> Option<Member> {
        let company = (*numbers.companies.get(usize::from(company.0))?)?;
        let entry = self.entries.get(self.find(company, id)?)?;
        let networks = (0_u32..).zip(&numbers.networks);
        let grants = networks.filter_map(|(bit, network)| {
            network.filter(|_| entry.grants.checked_shr(bit).unwrap_or(0) & 1 == 1)
        });
        Some(Member {
            life: entry.life,
            grants: grants.collect::<NetworkSet>(),
        })
    }

    /// How these settings' numbers go with those here.
    pub fn numbers(&self, settings: &Settings) -> Numbers {
        let company = |id: &CompanyId| self.companies.iter().position(|one| one == id);
        let network = |id: &NetworkId| settings.networks.iter().position(|one| one.id == *id);
        Numbers {
            companies: settings
                .companies
                .iter()
                .map(|one| u16::try_from(company(&one.id)?).ok())
                .collect(),
            networks: self
                .networks
                .iter()
                .map(|id| u8::try_from(network(id)?).ok().map(NetworkIx))
                .collect(),
        }
    }

    fn put(&mut self, row: &Row) {
        let grants = row.grants.iter();
        let grants = grants
            .filter_map(|grant| number(&mut self.networks, &grant.network))
            .filter(|bit| *bit < NETWORKS_KEPT_MAX)
            .fold(0_u32, |bits, bit| bits | 1 << bit);
        let company = number(&mut self.companies, &row.key.company);
        let Some(company) = company.and_then(|number| u16::try_from(number).ok()) else {
            return;
        };
        let id = row.key.id.as_str();
        if let Some(entry) = self.find(company, id).and_then(|at| self.entries.get_mut(at)) {
            (entry.life, entry.grants) = (row.life, grants);
            return;
        }
        let (Ok(at), Ok(id_start), Ok(id_length)) = (
            u32::try_from(self.entries.len()),
            u32::try_from(self.ids.len()),
            u16::try_from(id.len()),
        ) else {
            return;
        };
        self.ids.push_str(id);
        self.entries.push(Entry {
            id_start,
            id_length,
            company,
            life: row.life,
            grants,
        });
        let hash = self.hasher.hash_one((company, id));
        let (hasher, entries, ids) = (&self.hasher, &self.entries, &self.ids);
        self.by_key.insert_unique(hash, at, |at| {
            let entry = usize::try_from(*at).ok().and_then(|at| entries.get(at));
            hasher.hash_one(entry.map_or((0, ""), |entry| entry.key(ids)))
        });
    }

    fn find(&self, company: u16, id: &str) -> Option<usize> {
        let hash = self.hasher.hash_one((company, id));
        let is_it = |at: &u32| {
            let entry = usize::try_from(*at).ok().and_then(|at| self.entries.get(at));
            entry.is_some_and(|entry| entry.key(&self.ids) == (company, id))
        };
        usize::try_from(*self.by_key.find(hash, is_it)?).ok()
    }
}

impl Entry {
    fn key(self, ids: &str) -> (u16, &str) {
        let start = usize::try_from(self.id_start).unwrap_or(usize::MAX);
        let end = start.saturating_add(usize::from(self.id_length));
        (self.company, ids.get(start..end).unwrap_or_default())
    }
}

/// The number of an id, which it is given if it has none.
fn number<T: Clone + PartialEq>(all: &mut Vec<T>, id: &T) -> Option<usize> {
    let found = all.iter().position(|one| one == id);
    found.or_else(|| {
        all.push(id.clone());
        all.len().checked_sub(1)
    })
}
