//! One consistent view of what administrators set, swapped whole.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};

use super::directory::Directory;
use super::pseudonyms::Audience;
use crate::policy::unknown::{self, Between};
use crate::policy::{
    self, CompanyIx, KindSet, NetworkIx, Question, Reason, RoomStanding, Settings, Side, Standing,
    Verdict,
};

/// The policy and the people it speaks of, at one revision.
pub struct Snapshot {
    revision: u64,
    settings: Settings,
    directory: Directory,
}

impl Snapshot {
    /// A snapshot; its revision is given when it is applied.
    pub fn new(settings: Settings, directory: Directory) -> Self {
        Self {
            revision: 0,
            settings,
            directory,
        }
    }

    /// Its number, from 1, higher with every reload that was applied.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// What the policy must know of somebody.
    pub fn standing(&self, person: &str) -> Standing {
        self.directory.lookup(person)
    }

    /// Whether two people have a contact.
    pub fn contact(&self, one: &str, other: &str) -> bool {
        self.directory.contact(one, other) || self.directory.contact(other, one)
    }

    /// Decides an act.
    pub fn decide(&self, question: &Question<'_>) -> Verdict {
        policy::decide(&self.settings, question)
    }

    /// Whether `subject` is shown to `viewer` as unknown.
    pub fn is_unknown_to(&self, subject: Standing, viewer: Standing) -> bool {
        unknown::is_unknown_to(&self.settings, subject, viewer)
    }

    /// Whether nobody in the room is unknown to `viewer`.
    pub fn all_are_known(&self, room: &RoomStanding, viewer: Standing) -> bool {
        unknown::all_are_known(&self.settings, room, viewer)
    }

    /// Whether `viewer` may not learn that there is such a person as `subject`.
    pub fn is_concealed_from(&self, subject: Standing, viewer: Standing) -> bool {
        unknown::is_concealed_from(&self.settings, subject, viewer)
    }

    /// Why the room is not there for `viewer`, if it isn't.
    pub fn is_hidden_from(&self, room: &RoomStanding, viewer: Standing) -> Option<Reason> {
        unknown::is_hidden_from(&self.settings, room, viewer)
    }

    /// The members of `company` among `people` who may not use `network`.
    pub fn who_fails<'s, T: 's>(
        &'s self,
        company: CompanyIx,
        network: NetworkIx,
        people: impl IntoIterator<Item = (T, Standing)> + 's,
    ) -> impl Iterator<Item = T> + 's {
        unknown::who_fails(&self.settings, company, network, people)
    }

    /// The kinds whose function buttons are off for `viewer`.
    pub fn buttons_off(&self, room: &RoomStanding, viewer: Standing) -> KindSet {
        unknown::buttons_off(&self.settings, room, viewer)
    }

    /// The audience that `viewer` belongs to when `subject` is shown under a pseudonym.
    pub fn audience(&self, subject: Standing, viewer: Standing) -> Audience {
        let through = match unknown::network_between(&self.settings, subject, viewer) {
            Some(Between::Network(network)) => self.network_id(network),
            Some(Between::Nothing) | None => "",
        };
        match viewer.side {
            Side::Company(company) => audience(self.company_id(company), through),
            // Also of those whom no network joins to them: no two networks can link pseudonyms.
            Side::Network(own) => audience("", self.network_id(own)),
            Side::Unclassified => audience("", through),
        }
    }

    /// Every audience that somebody can belong to, whoever is shown.
    pub fn audiences(&self, viewer: Standing) -> Vec<Audience> {
        let networks = || self.settings.networks.iter().map(|it| it.id.as_str());
        match viewer.side {
            Side::Company(company) => {
                let company = self.company_id(company);
                let all = networks().chain([""]);
                all.map(|network| audience(company, network)).collect()
            }
            Side::Network(own) => vec![audience("", self.network_id(own))],
            Side::Unclassified => vec![audience("", "")],
        }
    }

    /// The id of a company of this snapshot.
    pub fn company_id(&self, company: CompanyIx) -> &str {
        self.settings
            .companies
            .get(usize::from(company.0))
            .map_or("", |found| found.id.as_str())
    }

    /// The id of a network of this snapshot.
    pub fn network_id(&self, network: NetworkIx) -> &str {
        self.settings
            .networks
            .get(usize::from(network.0))
            .map_or("", |found| found.id.as_str())
    }

    /// How many members are listed.
    pub fn members(&self) -> usize {
        self.directory.people_count()
    }

    /// The settings, for explaining.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }
}

fn audience(company: &str, network: &str) -> Audience {
    Audience {
        company: company.into(),
        network: network.into(),
    }
}

/// The snapshot that decisions are made on. One pointer: readers never wait for a writer.
pub struct Current(ArcSwap<Snapshot>);

impl Current {
    /// Starts with a first snapshot, revision 1.
    pub fn new(mut first: Snapshot) -> Self {
        first.revision = 1;
        Self(ArcSwap::from_pointee(first))
    }

    /// The snapshot for one decision. Not to be held across an await: see [`Current::owned`].
    pub fn load(&self) -> Guard<Arc<Snapshot>> {
        self.0.load()
    }

    /// The snapshot, to be held across an await.
    pub fn owned(&self) -> Arc<Snapshot> {
        self.0.load_full()
    }

    /// Puts a new snapshot in place and gives its revision. Every decision that starts afterwards
    /// is made on it. The old one is handed back: freeing a million members takes a while, and
    /// belongs on a thread of its own.
    pub fn apply(&self, mut next: Snapshot) -> (u64, Arc<Snapshot>) {
        next.revision = self.0.load().revision + 1;
        let revision = next.revision;
        (revision, self.0.swap(Arc::new(next)))
    }
}
