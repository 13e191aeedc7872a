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
        if let Some(entry) = self
            .find(company, id)
            .and_then(|at| self.entries.get_mut(at))
        {
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
            let entry = usize::try_from(*at)
                .ok()
                .and_then(|at| self.entries.get(at));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::settings::{Company, Network};
    use crate::policy::{KindSet, PersonId};
    use crate::store::{By, Grant, Key};

    /// Settings with these networks and companies, in this order.
    fn settings(networks: &[&str], companies: &[&str]) -> Settings {
        let networks = networks.iter().map(|id| Network {
            id: (*id).into(),
            requires_contact: false,
            restricted_kinds: KindSet::EMPTY,
        });
        let companies = companies.iter().map(|id| Company {
            id: (*id).into(),
            name: String::new(),
            rules: Vec::new(),
        });
        Settings {
            networks: networks.collect(),
            companies: companies.collect(),
            between_companies: None,
        }
    }

    fn row(company: &str, id: &str, networks: &[&str]) -> Row {
        let grants = networks.iter().map(|network| Grant {
            network: (*network).into(),
            since: 0,
            by: By::Auto,
        });
        Row {
            key: Key {
                company: company.into(),
                id: PersonId::from(id),
            },
            life: Life::Active,
            since: 0,
            grants: grants.collect(),
        }
    }

    fn kept() -> Kept {
        let mut kept = Kept::default();
        let rows = [
            row("acme", "alice", &["line", "works"]),
            row("globex", "alice", &[]),
        ];
        kept.take(7, &rows);
        kept
    }

    /// Whether alice of a company holds a grant for a network, by their places in the settings.
    fn holds(kept: &Kept, settings: &Settings, company: u16, network: u8) -> Option<bool> {
        let numbers = kept.numbers(settings);
        let member = kept.member(&numbers, CompanyIx(company), "alice")?;
        Some(member.grants.contains(NetworkIx(network)))
    }

    #[test]
    fn a_grant_goes_with_the_network_wherever_the_settings_have_it() {
        let kept = kept();
        for (networks, line) in [(["line", "works"], 0), (["sms", "line"], 1)] {
            let settings = settings(&networks, &["acme"]);
            assert_eq!(holds(&kept, &settings, 0, line), Some(true));
        }
        let other = settings(&["sms", "line"], &["acme"]);
        assert_eq!(holds(&kept, &other, 0, 0), Some(false));
    }

    #[test]
    fn a_member_goes_with_the_company() {
        let kept = kept();
        let settings = settings(&["line"], &["initech", "globex", "acme"]);
        assert_eq!(holds(&kept, &settings, 0, 0), None);
        assert_eq!(holds(&kept, &settings, 1, 0), Some(false));
        assert_eq!(holds(&kept, &settings, 2, 0), Some(true));
    }

    #[test]
    fn the_last_that_is_told_of_a_member_holds() {
        let mut kept = kept();
        kept.take(8, &[row("acme", "alice", &["works"])]);
        let settings = settings(&["line", "works"], &["acme"]);
        assert_eq!((kept.revision(), kept.members()), (8, 2));
        assert_eq!(holds(&kept, &settings, 0, 0), Some(false));
        assert_eq!(holds(&kept, &settings, 0, 1), Some(true));
    }

    #[test]
    fn networks_beyond_the_most_that_are_kept_grant_nothing() {
        let mut kept = Kept::default();
        let names: Vec<String> = (0..=NETWORKS_KEPT_MAX).map(|at| format!("n{at}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        kept.take(1, &[row("acme", "alice", &names)]);
        let last = [names[NETWORKS_KEPT_MAX - 1], names[NETWORKS_KEPT_MAX]];
        let settings = settings(&last, &["acme"]);
        assert_eq!(holds(&kept, &settings, 0, 0), Some(true));
        assert_eq!(holds(&kept, &settings, 0, 1), Some(false));
    }
}
