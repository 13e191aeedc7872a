//! The events of the server in order, and how far back they are remembered.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::Serialize;

/// One event, as it goes out to each of its recipients.
struct Entry {
    id: u64,
    recipients: Vec<String>,
    frame: Arc<str>,
}

/// A bounded history of events.
pub(super) struct Journal {
    entries: VecDeque<Entry>,
    entries_max: usize,
    latest: u64,
}

/// What somebody who has seen everything up to some id has to be told.
pub(super) enum News {
    /// Ids up to this one are forgotten: what follows can't be told completely.
    Forgotten(u64),
    /// The frames since then, and the id that they reach to.
    Frames(Vec<Arc<str>>, u64),
}

impl Journal {
    pub(super) fn new(entries_max: usize) -> Self {
        Self {
            entries: VecDeque::new(),
            entries_max,
            latest: 0,
        }
    }

    pub(super) fn latest(&self) -> u64 {
        self.latest
    }

    /// Records an event for these people.
    pub(super) fn add(&mut self, name: &str, recipients: &[String], payload: &impl Serialize) {
        // The shapes have string keys and finite numbers only: they always serialize.
        let Ok(payload) = serde_json::to_string(payload) else {
            return;
        };
        self.latest += 1;
        let id = self.latest;
        self.entries.push_back(Entry {
            id,
            recipients: recipients.to_vec(),
            frame: format!("event: {name}\nid: {id}\ndata: {payload}\n\n").into(),
        });
        while self.entries.len() > self.entries_max {
            self.entries.pop_front();
        }
    }

    /// What `person` has to be told after event `seen`.
    pub(super) fn after(&self, seen: u64, person: &str) -> News {
        if seen > self.latest {
            // An id of another life of the server.
            return News::Forgotten(self.latest);
        }
        let oldest = self.entries.front().map_or(self.latest + 1, |it| it.id);
        if seen + 1 < oldest {
            return News::Forgotten(oldest - 1);
        }
        let frames = self
            .entries
            .iter()
            .rev()
            .take_while(|it| it.id > seen)
            .filter(|it| it.recipients.iter().any(|who| who == person))
            .map(|it| Arc::clone(&it.frame))
            .collect::<Vec<_>>();
        News::Frames(frames.into_iter().rev().collect(), self.latest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal(events: usize, entries_max: usize) -> Journal {
        let mut journal = Journal::new(entries_max);
        for number in 1..=events {
            journal.add("message", &["alice".to_owned()], &number);
        }
        journal
    }

    #[test]
    fn news_are_what_follows_in_order() {
        let News::Frames(frames, latest) = journal(4, 4).after(2, "alice") else {
            panic!("all four are remembered");
        };
        assert_eq!(latest, 4);
        let ids: Vec<bool> = frames
            .iter()
            .zip(["id: 3\n", "id: 4\n"])
            .map(|(frame, id)| frame.contains(id))
            .collect();
        assert_eq!(ids, [true, true]);
    }

    #[test]
    fn a_reader_that_missed_forgotten_events_is_told() {
        assert!(matches!(
            journal(5, 4).after(0, "alice"),
            News::Forgotten(1)
        ));
        assert!(matches!(
            journal(5, 4).after(1, "alice"),
            News::Frames(frames, 5) if frames.len() == 4
        ));
    }

    #[test]
    fn others_events_are_not_told() {
        assert!(matches!(
            journal(5, 4).after(3, "bob"),
            News::Frames(frames, 5) if frames.is_empty()
        ));
    }
}
