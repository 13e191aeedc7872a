//! What a configuration says, at hand for explaining.

use std::path::PathBuf;

use crate::cache::Snapshot;
use crate::config::{Loaded, Origin, Origins};
use crate::dialect::{Dialect, DriveHosts};
use crate::gateway::settings::Settings as Gateway;
use crate::policy::settings::Rules;
use crate::policy::{CompanyIx, NetworkIx, PersonId, Side, Standing};

/// A configuration that was loaded.
pub(super) struct World {
    /// `gateway.yaml`.
    pub path: PathBuf,
    pub snapshot: Snapshot,
    pub origins: Origins,
    pub dialect: Dialect,
    pub drive_hosts: DriveHosts,
    pub gateway: Gateway,
}

impl World {
    pub fn new(path: PathBuf, loaded: Loaded) -> Self {
        Self {
            path,
            snapshot: Snapshot::new(loaded.policy, loaded.directory),
            origins: loaded.origins,
            dialect: loaded.dialect,
            drive_hosts: loaded.drive_hosts,
            gateway: loaded.gateway,
        }
    }

    pub fn standing(&self, person: &PersonId) -> Standing {
        self.snapshot.standing(person.as_str())
    }

    pub fn company(&self, company: CompanyIx) -> &str {
        self.snapshot.company_id(company)
    }

    pub fn network(&self, network: NetworkIx) -> &str {
        self.snapshot.network_id(network)
    }

    pub fn rules(&self, company: CompanyIx, network: NetworkIx) -> Option<&Rules> {
        self.snapshot.settings().rules(company, network)
    }

    /// Where somebody stands, in words.
    pub fn stands(&self, person: &PersonId) -> String {
        let standing = self.standing(person);
        let suspended = if standing.suspended {
            ", suspended"
        } else {
            ""
        };
        match standing.side {
            Side::Company(company) => {
                let grants: Vec<_> = standing
                    .grants
                    .iter()
                    .map(|network| self.network(network))
                    .collect();
                let grants = match grants.as_slice() {
                    [] => "no grants".to_owned(),
                    grants => format!("grants: {}", grants.join(", ")),
                };
                format!("member of {}; {grants}{suspended}", self.company(company))
            }
            Side::Network(network) => format!("peer on {}", self.network(network)),
            Side::Unclassified => "unclassified: of no company and on no network".to_owned(),
        }
    }

    /// Where a company's setting for a network stands; where it would, if it is not written.
    pub fn at(&self, company: CompanyIx, network: NetworkIx, key: &str) -> Option<String> {
        let written = self
            .origins
            .setting(company, network, key)
            .map(Origin::to_string);
        written.or_else(|| {
            let near = self.origins.rules(company, network)?;
            Some(format!("{near}, by default"))
        })
    }

    /// Where a key of a company's file stands; else where the file begins to speak of it.
    pub fn at_company(&self, company: CompanyIx, key: &str) -> Option<String> {
        let origins = &self.origins;
        let found = origins
            .company(company, key)
            .or_else(|| origins.company(company, "company"));
        found.map(Origin::to_string)
    }

    /// Where a setting of a network stands; else the file in which it would.
    pub fn at_network(&self, network: NetworkIx, key: &str) -> String {
        let written = self.origins.network(network, key);
        written.map_or_else(|| self.path.display().to_string(), Origin::to_string)
    }
}
