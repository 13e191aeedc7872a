//! Everything that the server knows, in one place behind one lock.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::watch;

use super::boards::BoardRecord;
use super::call::Asker;
use super::contacts::Contacts;
use super::files::FileRecord;
use super::groups::GroupRecord;
use super::invitations::InvitationRecord;
use super::items::ItemRecord;
use super::journal::Journal;
use super::messages::MessageRecord;
use super::moment::Clock;
use super::people::PersonRecord;
use super::room::RoomRecord;
use super::scheduled::ScheduledRecord;
use super::shapes;

/// The server's limits and switches.
#[derive(Clone)]
pub(super) struct Settings {
    /// Answers are compressed for clients that take gzip.
    pub(super) gzip: bool,
    /// The start of contact URLs.
    pub(super) public_url: String,
    /// The largest upload, in bytes.
    pub(super) file_bytes_max: u64,
    /// The largest file whose bytes are kept.
    pub(super) kept_file_bytes_max: usize,
    /// All kept bytes together.
    pub(super) kept_total_bytes_max: usize,
    /// Things with an id: beyond, nothing more is made.
    pub(super) objects_max: u64,
    pub(super) clock: Clock,
}

/// The state of the server.
pub(super) struct State {
    pub(super) settings: Settings,
    pub(super) people: BTreeMap<String, PersonRecord>,
    pub(super) tokens: BTreeMap<String, Asker>,
    pub(super) rooms: BTreeMap<String, RoomRecord>,
    pub(super) messages: BTreeMap<String, MessageRecord>,
    pub(super) scheduled: BTreeMap<String, ScheduledRecord>,
    pub(super) invitations: BTreeMap<String, InvitationRecord>,
    pub(super) files: BTreeMap<String, FileRecord>,
    pub(super) contacts: Contacts,
    pub(super) groups: BTreeMap<String, GroupRecord>,
    pub(super) boards: BTreeMap<String, BoardRecord>,
    pub(super) items: BTreeMap<String, ItemRecord>,
    pub(super) templates: Vec<shapes::Template>,
    pub(super) journal: Journal,
    counters: BTreeMap<&'static str, u64>,
    objects: u64,
}

impl State {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            settings,
            people: BTreeMap::new(),
            tokens: BTreeMap::new(),
            rooms: BTreeMap::new(),
            messages: BTreeMap::new(),
            scheduled: BTreeMap::new(),
            invitations: BTreeMap::new(),
            files: BTreeMap::new(),
            contacts: Contacts::default(),
            groups: BTreeMap::new(),
            boards: BTreeMap::new(),
            items: BTreeMap::new(),
            templates: Vec::new(),
            journal: Journal::new(1_000),
            counters: BTreeMap::new(),
            objects: 0,
        }
    }

    /// The next id of a kind: `r1`, `r2`.
    pub(super) fn fresh(&mut self, prefix: &'static str) -> String {
        format!("{prefix}{}", self.count(prefix))
    }

    /// An id that is not the next number: for tokens and codes. No secret; the sandbox has none.
    pub(super) fn fresh_code(&mut self, prefix: &'static str) -> String {
        let number = self.count(prefix);
        let mixed = (number ^ 0x5bd1_e995).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        format!("{prefix}{number}-{mixed:08x}")
    }

    fn count(&mut self, prefix: &'static str) -> u64 {
        self.objects += 1;
        let counter = self.counters.entry(prefix).or_insert(0);
        *counter += 1;
        *counter
    }

    pub(super) fn is_full(&self) -> bool {
        self.objects >= self.settings.objects_max
    }

    /// How many things have been made: a number that grows with every message.
    pub(super) fn made(&self) -> u64 {
        self.objects
    }

    /// Keeps the bytes of a file if they fit, for `add_file`.
    pub(super) fn kept(&self, bytes: Bytes) -> Option<Bytes> {
        let held: usize = self
            .files
            .values()
            .filter_map(|it| it.bytes.as_ref())
            .map(Bytes::len)
            .sum();
        (held + bytes.len() <= self.settings.kept_total_bytes_max).then_some(bytes)
    }
}

/// The state with its lock, and the bell that wakes event streams.
pub(super) struct Shared {
    state: Mutex<State>,
    bell: watch::Sender<u64>,
}

impl Shared {
    pub(super) fn new(state: State) -> Self {
        Self {
            state: Mutex::new(state),
            bell: watch::Sender::new(0),
        }
    }

    /// Works on the state, with what fell due delivered before and the bell rung after.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        state.deliver_due();
        let tokens = state.tokens.len();
        let result = work(&mut state);
        let latest = state.journal.latest();
        let rung = *self.bell.borrow();
        if latest != rung || tokens != state.tokens.len() {
            self.bell.send_replace(latest);
        }
        result
    }

    pub(super) fn bell(&self) -> watch::Receiver<u64> {
        self.bell.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No work on the state can leave it half done in a way that the next could not live with.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
