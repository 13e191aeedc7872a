//! The tables of a dialect: the protocol's words, and what each stands for.

use super::plain_text::PlainText;
use super::program::{ChoiceIx, KindTableIx, Part, PartTableIx};
use crate::glob::Glob;
use crate::policy::{ContentKind, KindSet};

/// What the words, ids and links of a protocol stand for.
#[derive(Clone, Debug, Default)]
pub struct Words {
    pub(super) kinds: Vec<Table<ContentKind>>,
    pub(super) parts: Vec<Table<Part>>,
    pub(super) choices: Vec<Vec<Box<str>>>,
    /// Beginnings of links, in small letters, and what lies behind them.
    pub(super) links: Vec<(Box<str>, ContentKind)>,
    /// What a person's id looks like; `None`: anything.
    pub(super) person: Option<Glob>,
}

/// Word → what it stands for.
#[derive(Clone, Debug)]
pub(super) struct Table<T> {
    /// Sorted. Numbers are compared by their text.
    pub(super) words: Vec<(Box<str>, T)>,
    /// Every other word.
    pub(super) otherwise: T,
}

impl<T: Copy> Table<T> {
    fn get(&self, word: &str) -> T {
        let found = self
            .words
            .binary_search_by(|(known, _)| (**known).cmp(word));
        let known = found.ok().and_then(|at| self.words.get(at));
        known.map_or(self.otherwise, |(_, meant)| *meant)
    }
}

impl Words {
    /// The content kind of a word; `None` stands for what is no word.
    pub fn kind(&self, table: KindTableIx, word: Option<&str>) -> ContentKind {
        let table = self.kinds.get(usize::from(table.0));
        table.map_or(ContentKind::Other, |table| match word {
            Some(word) => table.get(word),
            None => table.otherwise,
        })
    }

    /// The part that a word tells.
    pub fn part(&self, table: PartTableIx, word: &str) -> Part {
        let table = self.parts.get(usize::from(table.0));
        table.map_or(Part::Named, |table| table.get(word))
    }

    /// Whether a word is one of a choice.
    pub fn is_choice(&self, choice: ChoiceIx, word: &str) -> bool {
        let words = self.choices.get(usize::from(choice.0));
        words.is_some_and(|words| words.iter().any(|known| **known == *word))
    }

    /// What the links in a text lead to, by the beginnings that the dialect names.
    pub fn links(&self, text: &PlainText<'_>) -> KindSet {
        let leads = |(beginning, _): &&(Box<str>, _)| {
            let mut readings = text.readings();
            readings.any(|reading| reading.contains(&**beginning))
        };
        let links = self.links.iter().filter(leads);
        links.map(|(_, kind)| *kind).collect()
    }

    /// Whether a text could be a person's id.
    pub fn is_person(&self, text: &str) -> bool {
        self.person.as_ref().is_none_or(|glob| glob.matches(text))
    }
}
