//! The words of one dialect file: those of the language, and those that the file declares.

use std::ops::Range;

use super::program::{KindTable, KindTableIx, Mask, Meaning, Part, PlaceIx, ThingIx};
use crate::policy::{Act, ContentKind};
use crate::yaml::{Decoder, Key, Node, suggest};

/// A word of the language that stands for a meaning by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// This meaning.
    Means(Meaning),
    /// None: the value is listed, so that nothing else catches it.
    Ignored,
    /// The list here is a page.
    Page,
}

/// The words of the language that are meanings by themselves.
const WORDS: &[(&str, Word)] = &[
    ("person", Word::Means(Meaning::Person(Part::Named))),
    ("author", Word::Means(Meaning::Person(Part::Author))),
    ("member", Word::Means(Meaning::Person(Part::Member))),
    ("invitee", Word::Means(Meaning::Person(Part::Invitee))),
    ("joiner", Word::Means(Meaning::Person(Part::Joiner))),
    ("leaver", Word::Means(Meaning::Person(Part::Leaver))),
    ("contact", Word::Means(Meaning::Person(Part::Contact))),
    ("masked", Word::Means(Meaning::Attribute(Mask::Masked))),
    ("cleared", Word::Means(Meaning::Attribute(Mask::Cleared))),
    ("emptied", Word::Means(Meaning::Attribute(Mask::Emptied))),
    ("removed", Word::Means(Meaning::Attribute(Mask::Removed))),
    ("text", Word::Means(Meaning::Text)),
    ("link", Word::Means(Meaning::Link)),
    ("filename", Word::Means(Meaning::FileName)),
    ("mediatype", Word::Means(Meaning::MediaType)),
    ("withheld", Word::Means(Meaning::Withheld)),
    ("history_visible", Word::Means(Meaning::HistoryVisible)),
    ("encryption", Word::Means(Meaning::Encryption)),
    ("ignored", Word::Ignored),
    ("page", Word::Page),
];

/// The parts a person can have, as `as:` names them.
pub(super) const PARTS: &[(&str, Part)] = &[
    ("person", Part::Named),
    ("author", Part::Author),
    ("member", Part::Member),
    ("invitee", Part::Invitee),
    ("joiner", Part::Joiner),
    ("leaver", Part::Leaver),
    ("contact", Part::Contact),
];

/// What a file declares: its places, things and tables of kinds, in the order of their indexes.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) places: Vec<String>,
    pub(super) things: Vec<String>,
    tables: Vec<String>,
    pub(super) kinds: Vec<KindTable>,
}

impl Names {
    /// Takes in the names of `places` and `things` and the tables of `kinds`.
    pub(super) fn read<'d>(
        places: Option<&'d Node>,
        things: Option<&'d Node>,
        kinds: Option<&'d Node>,
        decoder: &mut Decoder<'d>,
    ) -> Self {
        let mut names = Self::default();
        for (key, _) in entries(places, decoder) {
            if names.declare(key, "places", decoder) {
                names.places.push(key.text.clone());
            }
        }
        for (key, _) in entries(things, decoder) {
            if names.declare(key, "things", decoder) {
                names.things.push(key.text.clone());
            }
        }
        for (key, table) in entries(kinds, decoder) {
            let table = kind_table(table, decoder);
            names.tables.push(key.text.clone());
            names.kinds.push(table);
        }
        names
    }

    /// The meaning of a word, if it has one.
    pub(super) fn word(&self, text: &str) -> Option<Word> {
        if let Some((_, word)) = WORDS.iter().find(|(name, _)| *name == text) {
            return Some(*word);
        }
        self.id(text).map(Word::Means)
    }

    /// The meaning of a word that can name ids: a place, a thing, a person in some part.
    pub(super) fn id(&self, text: &str) -> Option<Meaning> {
        if let Some(ix) = position(&self.places, text) {
            return Some(Meaning::Place(PlaceIx(ix)));
        }
        if let Some(ix) = position(&self.things, text) {
            return Some(Meaning::Thing(ThingIx(ix)));
        }
        let (_, part) = PARTS.iter().find(|(name, _)| *name == text)?;
        Some(Meaning::Person(*part))
    }

    /// Reports a word that has no meaning.
    pub(super) fn unknown(&self, span: &Range<usize>, text: &str, decoder: &mut Decoder<'_>) {
        let help = match suggest(text, self.all()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "a place, a thing, or a meaning of the language; see docs/dialects.md".into(),
        };
        decoder
            .error(span, format!("`{text}` is no meaning"))
            .set_help(help);
    }

    /// The table of kinds with this name.
    pub(super) fn table<'d>(
        &self,
        node: &'d Node,
        decoder: &mut Decoder<'d>,
    ) -> Option<KindTableIx> {
        let name = decoder.string(node)?;
        let found = self.tables.iter().position(|table| table == name);
        match found.and_then(|ix| u16::try_from(ix).ok()) {
            Some(ix) => Some(KindTableIx(ix)),
            None => {
                let near = suggest(name, self.tables.iter().map(String::as_str));
                let help = near.map_or("declare it under `kinds`".to_owned(), |near| {
                    format!("did you mean `{near}`?")
                });
                decoder
                    .error(&node.span, format!("there is no table of kinds `{name}`"))
                    .set_help(help);
                None
            }
        }
    }

    fn all(&self) -> impl Iterator<Item = &str> {
        let declared = self.places.iter().chain(&self.things).map(String::as_str);
        WORDS.iter().map(|(word, _)| *word).chain(declared)
    }

    fn declare(&self, key: &Key, section: &str, decoder: &mut Decoder<'_>) -> bool {
        let text = &key.text;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let wrong = if text == "_" || text.is_empty() || !text.chars().all(plain) {
            Some("a name is made of small letters, digits and `_`")
        } else if WORDS.iter().any(|(word, _)| word == text) {
            Some("this is a word of the language")
        } else if self.places.contains(text) || self.things.contains(text) {
            Some("this name is taken")
        } else if self.places.len() + self.things.len() >= usize::from(u8::MAX) {
            Some("more than 255 places and things")
        } else {
            None
        };
        if let Some(wrong) = wrong {
            decoder
                .error(&key.span, format!("`{text}` can't be one of `{section}`"))
                .set_help(wrong);
        }
        wrong.is_none()
    }
}

/// The entries of a mapping whose keys the author chooses; none where it is missing.
pub(super) fn entries<'d>(node: Option<&'d Node>, decoder: &mut Decoder<'d>) -> &'d [(Key, Node)] {
    node.filter(|node| !node.is_null())
        .and_then(|node| decoder.entries(node))
        .unwrap_or_default()
}

/// A content kind by its one spelling.
pub(super) fn kind<'d>(node: &'d Node, decoder: &mut Decoder<'d>) -> Option<ContentKind> {
    let table: Vec<_> = ContentKind::ALL.iter().map(|k| (k.as_str(), *k)).collect();
    decoder.word(node, &table)
}

/// An act by its one spelling.
pub(super) fn act<'d>(node: &'d Node, decoder: &mut Decoder<'d>) -> Option<Act> {
    let table: Vec<_> = Act::ALL.iter().map(|a| (a.as_str(), *a)).collect();
    decoder.word(node, &table)
}

fn kind_table<'d>(node: &'d Node, decoder: &mut Decoder<'d>) -> KindTable {
    let mut table = KindTable {
        words: Vec::new(),
        otherwise: ContentKind::Other,
    };
    for (key, value) in entries(Some(node), decoder) {
        let Some(kind) = kind(value, decoder) else {
            continue;
        };
        match key.text.as_str() {
            "*" => table.otherwise = kind,
            word => table.words.push((word.into(), kind)),
        }
    }
    table.words.sort_by(|a, b| a.0.cmp(&b.0));
    table
}

fn position(names: &[String], text: &str) -> Option<u8> {
    let ix = names.iter().position(|name| name == text)?;
    u8::try_from(ix).ok()
}
