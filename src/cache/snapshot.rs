//! One consistent view of what administrators set, swapped whole.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::{ArcSwap, Guard};

use super::directory::Directory;
use super::kept::{Kept, Numbers};
use super::pseudonyms::Audience;
use crate::policy::grants::{Member, Provisioned};
use crate::policy::unknown::{self, Between};
use crate::policy::{
    self, CompanyIx, KindSet, NetworkIx, PersonId, Question, Reason, RoomStanding, Settings, Side,
    Standing, Verdict,
};

/// The policy and the people it speaks of, at one revision.
pub struct Snapshot {
    revision: u64,
    files: Arc<FromFiles>,
    kept: Option<Laid>,
}

/// What the files say.
struct FromFiles {
    settings: Settings,
    directory: Directory,
}

/// What the store keeps, laid over it.
#[derive(Clone)]
struct Laid {
    kept: Arc<Kept>,
    numbers: Numbers,
}

impl Snapshot {
    /// A snapshot of the files; its revision is given when it is applied.
    pub fn new(settings: Settings, directory: Directory) -> Self {
        let files = FromFiles {
            settings,
            directory,
        };
        Self {
            revision: 0,
            files: Arc::new(files),
            kept: None,
        }
    }

    /// The same files, with this laid over them.
    pub fn with(&self, kept: Arc<Kept>) -> Self {
        let numbers = kept.numbers(&self.files.settings);
        Self {
            revision: self.revision,
            files: self.files.clone(),
            kept: Some(Laid { kept, numbers }),
        }
    }

    /// Its number, from 1, higher with every change that was applied.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// What the policy must know of somebody.
    pub fn standing(&self, person: &str) -> Standing {
        let listed = self.files.directory.lookup(person);
        match (&self.kept, listed.side) {
            (Some(laid), Side::Company(company)) => {
                let member = laid.member(company, person).unwrap_or_default();
                member.standing(company, listed.into())
            }
            _ => listed,
        }
    }

    /// What the files alone say of a member.
    pub fn provisioned(&self, person: &str) -> Provisioned {
        self.files.directory.lookup(person).into()
    }

    /// Whether somebody is a member whom the store, if there is one, has not seen yet.
    pub fn is_new(&self, person: &str) -> bool {
        match (&self.kept, self.files.directory.lookup(person).side) {
            (Some(laid), Side::Company(company)) => laid.member(company, person).is_none(),
            _ => false,
        }
    }

    /// The members listed in the files, and in which company.
    pub fn listed(&self) -> impl Iterator<Item = (&str, CompanyIx)> {
        self.files.directory.listed()
    }

    /// The members listed in the files whom the store, if there is one, has not seen yet.
    pub fn newly_listed(&self) -> Vec<PersonId> {
        let Some(laid) = &self.kept else {
            return Vec::new();
        };
        self.listed()
            .filter(|(id, company)| laid.member(*company, id).is_none())
            .map(|(id, _)| id.into())
            .collect()
    }

    /// Whether two people have a contact.
    pub fn contact(&self, one: &str, other: &str) -> bool {
        self.files.directory.contact(one, other) || self.files.directory.contact(other, one)
    }

    /// Decides an act.
    pub fn decide(&self, question: &Question<'_>) -> Verdict {
        policy::decide(&self.files.settings, question)
    }

    /// Whether `subject` is shown to `viewer` as unknown.
    pub fn is_unknown_to(&self, subject: Standing, viewer: Standing) -> bool {
        unknown::is_unknown_to(&self.files.settings, subject, viewer)
    }

    /// Whether nobody in the room is unknown to `viewer`.
    pub fn all_are_known(&self, room: &RoomStanding, viewer: Standing) -> bool {
        unknown::all_are_known(&self.files.settings, room, viewer)
    }

    /// Whether `viewer` may not learn that there is such a person as `subject`.
    pub fn is_concealed_from(&self, subject: Standing, viewer: Standing) -> bool {
        unknown::is_concealed_from(&self.files.settings, subject, viewer)
    }

    /// Why the room is not there for `viewer`, if it isn't.
    pub fn is_hidden_from(&self, room: &RoomStanding, viewer: Standing) -> Option<Reason> {
        unknown::is_hidden_from(&self.files.settings, room, viewer)
    }

    /// The members of `company` among `people` who may not use `network`.
    pub fn who_fails<'s, T: 's>(
        &'s self,
        company: CompanyIx,
        network: NetworkIx,
        people: impl IntoIterator<Item = (T, Standing)> + 's,
    ) -> impl Iterator<Item = T> + 's {
        unknown::who_fails(&self.files.settings, company, network, people)
    }

    /// The kinds whose function buttons are off for `viewer`.
    pub fn buttons_off(&self, room: &RoomStanding, viewer: Standing) -> KindSet {
        unknown::buttons_off(&self.files.settings, room, viewer)
    }

    /// The audience that `viewer` belongs to when `subject` is shown under a pseudonym.
    pub fn audience(&self, subject: Standing, viewer: Standing) -> Audience {
        let through = match unknown::network_between(&self.files.settings, subject, viewer) {
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
        let networks = || self.files.settings.networks.iter().map(|it| it.id.as_str());
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
        self.files
            .settings
            .companies
            .get(usize::from(company.0))
            .map_or("", |found| found.id.as_str())
    }

    /// The id of a network of this snapshot.
    pub fn network_id(&self, network: NetworkIx) -> &str {
        self.files
            .settings
            .networks
            .get(usize::from(network.0))
            .map_or("", |found| found.id.as_str())
    }

    /// How many members are listed.
    pub fn members(&self) -> usize {
        self.files.directory.people_count()
    }

    /// How many members the store keeps.
    pub fn kept(&self) -> usize {
        self.kept.as_ref().map_or(0, |laid| laid.kept.members())
    }

    /// The settings, for explaining.
    pub fn settings(&self) -> &Settings {
        &self.files.settings
    }
}

impl Laid {
    fn member(&self, company: CompanyIx, person: &str) -> Option<Member> {
        self.kept.member(&self.numbers, company, person)
    }
}

fn audience(company: &str, network: &str) -> Audience {
    Audience {
        company: company.into(),
        network: network.into(),
    }
}

/// The snapshot that decisions are made on. One pointer: readers never wait for a writer.
pub struct Current {
    now: ArcSwap<Snapshot>,
    /// Held while the next one is made of the running one: files and the store both change it.
    next: Mutex<()>,
}

impl Current {
    /// Starts with a first snapshot, revision 1.
    pub fn new(mut first: Snapshot) -> Self {
        first.revision = 1;
        Self {
            now: ArcSwap::from_pointee(first),
            next: Mutex::new(()),
        }
    }

    /// The snapshot for one decision. Not to be held across an await: see [`Current::owned`].
    pub fn load(&self) -> Guard<Arc<Snapshot>> {
        self.now.load()
    }

    /// The snapshot, to be held across an await.
    pub fn owned(&self) -> Arc<Snapshot> {
        self.now.load_full()
    }

    /// Puts new files in place, under what the store keeps, and gives the revision. Every decision
    /// that starts afterwards is made on it. The old one is handed back: freeing a million members
    /// takes a while, and belongs on a thread of its own.
    pub fn apply(&self, files: Snapshot) -> (u64, Arc<Snapshot>) {
        self.put(|running| match &running.kept {
            Some(laid) => files.with(laid.kept.clone()),
            None => files,
        })
    }

    /// Lays what the store keeps now over the files: the same.
    pub fn keep(&self, kept: Arc<Kept>) -> (u64, Arc<Snapshot>) {
        self.put(|running| running.with(kept))
    }

    fn put(&self, make: impl FnOnce(&Snapshot) -> Snapshot) -> (u64, Arc<Snapshot>) {
        let _next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let running = self.now.load_full();
        let mut next = make(&running);
        next.revision = running.revision + 1;
        (next.revision, self.now.swap(Arc::new(next)))
    }
}
