//! What is kept, as whoever asks sees it.

use std::fmt;

use crate::policy::grants::Life;
use crate::policy::{CompanyId, NetworkId, PersonId};

/// Which member.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Of which company.
    pub company: CompanyId,
    /// By which id.
    pub id: PersonId,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Which.
    pub key: Key,
    /// Whether they are there.
    pub life: Life,
    /// When they first appeared, or were created anew: seconds since 1970. Only for people to read:
    /// nothing is decided by it, since clocks jump.
    pub since: i64,
    /// What they were granted, by network.
    pub grants: Vec<Grant>,
}

/// A grant that was given while the gateway ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// For which network.
    pub network: NetworkId,
    /// When, seconds since 1970; only for people.
    pub since: i64,
    /// By whom.
    pub by: By,
}

/// Who gave a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// It came with the first appearance.
    Auto,
    /// An administrator.
    Administrator,
}

/// The members that have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The revision at which they are so.
    pub revision: u64,
    /// They.
    pub rows: Vec<Row>,
}

impl Row {
    /// A member of whom nothing is kept.
    pub const fn absent(key: Key) -> Self {
        Self {
            key,
            life: Life::New,
            since: 0,
            grants: Vec::new(),
        }
    }
}

impl By {
    /// The one spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Administrator => "administrator",
        }
    }

    /// What was written. What this version does not know was somebody's choice.
    pub(super) fn read(word: &str) -> Self {
        match word {
            "auto" => Self::Auto,
            _ => Self::Administrator,
        }
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a life is written.
pub(super) const fn life_word(life: Life) -> &'static str {
    match life {
        Life::New => "new",
        Life::Active => "active",
        Life::Suspended => "suspended",
        Life::Deleted => "deleted",
    }
}

/// What was written. What this version does not know may nothing.
pub(super) fn read_life(word: &str) -> Life {
    match word {
        "new" => Life::New,
        "active" => Life::Active,
        "deleted" => Life::Deleted,
        _ => Life::Suspended,
    }
}

/// Gathers members and their grants, which come line by line, ordered by member.
#[derive(Default)]
pub(super) struct Gathered {
    pub rows: Vec<Row>,
}

impl Gathered {
    /// Whose lines come: makes them the last of the rows, if they are not.
    pub fn member(&mut self, company: &str, id: &str, life: &str, since: i64) {
        let last = self.rows.last().map(|row| &row.key);
        if last.is_some_and(|key| key.id.as_str() == id && key.company.as_str() == company) {
            return;
        }
        // The members of one company share the text of its id.
        let company = match last {
            Some(key) if key.company.as_str() == company => key.company.clone(),
            _ => company.into(),
        };
        self.rows.push(Row {
            key: Key {
                company,
                id: id.into(),
            },
            life: read_life(life),
            since,
            grants: Vec::new(),
        });
    }

    /// A grant of theirs.
    pub fn grant(&mut self, network: &str, since: i64, by: &str) {
        if let Some(row) = self.rows.last_mut() {
            row.grants.push(Grant {
                network: network.into(),
                since,
                by: By::read(by),
            });
        }
    }
}
