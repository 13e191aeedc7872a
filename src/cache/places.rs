//! What is known of a place that holds people: who is in it, and what they add up to.

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use super::snapshot::Snapshot;
use crate::policy::{PersonId, RoomStanding};

/// The people of a room, group or board.
#[derive(Debug)]
pub struct PlaceFacts {
    people: Box<[PersonId]>,
    /// What they add up to, made anew when the policy's revision has changed.
    standing: ArcSwapOption<(u64, RoomStanding)>,
}

impl PlaceFacts {
    /// A place with these people.
    pub fn new(people: impl IntoIterator<Item = PersonId>) -> Self {
        let mut people: Vec<PersonId> = people.into_iter().collect();
        people.sort_unstable();
        people.dedup();
        Self {
            people: people.into(),
            standing: ArcSwapOption::empty(),
        }
    }

    /// Everybody in it, sorted.
    pub fn people(&self) -> &[PersonId] {
        &self.people
    }

    /// The place with these people besides.
    pub fn with(&self, others: impl IntoIterator<Item = PersonId>) -> Self {
        Self::new(self.people.iter().cloned().chain(others))
    }

    /// What its people add up to under this snapshot.
    pub fn standing(&self, snapshot: &Snapshot) -> Arc<(u64, RoomStanding)> {
        if let Some(known) = &*self.standing.load()
            && known.0 == snapshot.revision()
        {
            return known.clone();
        }
        let standing =
            RoomStanding::of(self.people.iter().map(|id| snapshot.standing(id.as_str())));
        let made = Arc::new((snapshot.revision(), standing));
        self.standing.store(Some(made.clone()));
        made
    }
}
