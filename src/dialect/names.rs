//! The words of one dialect file: those of the language, and those that the file declares.

use std::ops::Range;
use std::sync::Arc;

use super::program::{ChoiceIx, KindTableIx, Mask, Meaning, Part, PartTableIx, PlaceIx, ThingIx};
use super::words::{Table, Words};
use crate::glob::Glob;
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
    ("present", Word::Means(Meaning::Person(Part::Present))),
    ("subject", Word::Means(Meaning::Person(Part::Subject))),
    ("addressee", Word::Means(Meaning::Person(Part::Addressee))),
    ("actor", Word::Means(Meaning::Person(Part::Actor))),
    ("dropped", Word::Means(Meaning::Dropped)),
    ("masked", Word::Means(Meaning::Attribute(Mask::Masked))),
    ("cleared", Word::Means(Meaning::Attribute(Mask::Cleared))),
    ("emptied", Word::Means(Meaning::Attribute(Mask::Emptied))),
    ("removed", Word::Means(Meaning::Attribute(Mask::Removed))),
    ("text", Word::Means(Meaning::Text)),
    ("link", Word::Means(Meaning::Link)),
    ("filename", Word::Means(Meaning::FileName)),
    ("mediatype", Word::Means(Meaning::MediaType)),
    ("fileref", Word::Means(Meaning::FileRef)),
    ("withheld", Word::Means(Meaning::Withheld)),
    ("history_visible", Word::Means(Meaning::HistoryVisible)),
    ("encryption", Word::Means(Meaning::Encryption)),
    ("never", Word::Means(Meaning::Never)),
    ("stripped", Word::Means(Meaning::Stripped)),
    ("own_url", Word::Means(Meaning::OwnUrl)),
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
    ("present", Part::Present),
    ("subject", Part::Subject),
    ("addressee", Part::Addressee),
    ("actor", Part::Actor),
];

/// What a file declares: its places, things and tables, in the order of their indexes.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) places: Vec<String>,
    pub(super) things: Vec<String>,
    kinds: Vec<String>,
    parts: Vec<String>,
    choices: Vec<String>,
    pub(super) words: Arc<Words>,
}

/// The sections that declare names.
#[derive(Clone, Copy)]
pub(super) struct Sections<'d> {
    pub(super) places: Option<&'d Node>,
    pub(super) things: Option<&'d Node>,
    pub(super) kinds: Option<&'d Node>,
    pub(super) parts: Option<&'d Node>,
    pub(super) choices: Option<&'d Node>,
    pub(super) links: Option<&'d Node>,
    pub(super) people: Option<&'d Node>,
}

impl Names {
    /// Takes in the names of `places` and `things` and the tables of `kinds`, `parts`, `choices` and `links`.
    pub(super) fn read<'d>(sections: Sections<'d>, decoder: &mut Decoder<'d>) -> Self {
        let mut names = Self::default();
        let mut words = Words {
            links: links(sections.links, decoder),
            person: sections.people.and_then(id_of_people),
            ..Words::default()
        };
        for (key, _) in entries(sections.places, decoder) {
            if names.declare(key, "places", decoder) {
                names.places.push(key.text.clone());
            }
        }
        for (key, _) in entries(sections.things, decoder) {
            if names.declare(key, "things", decoder) {
                names.things.push(key.text.clone());
            }
        }
        for (key, node) in entries(sections.kinds, decoder) {
            let kinds = table(node, ContentKind::Other, kind, decoder);
            names.kinds.push(key.text.clone());
            words.kinds.push(kinds);
        }
        for (key, node) in entries(sections.parts, decoder) {
            let parts = table(node, Part::Named, part, decoder);
            names.parts.push(key.text.clone());
            words.parts.push(parts);
        }
        for (key, node) in entries(sections.choices, decoder) {
            names.choices.push(key.text.clone());
            let known = decoder.one_or_many(node);
            let known = known.iter().filter_map(|node| decoder.string(node));
            words.choices.push(known.map(Box::from).collect());
        }
        names.words = Arc::new(words);
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

    /// The meaning of a word that stands in a target: also the name of a table of kinds.
    pub(super) fn in_target(&self, text: &str) -> Option<Word> {
        self.word(text).or_else(|| {
            let table = self.kinds.iter().position(|table| table == text)?;
            let table = KindTableIx(u16::try_from(table).ok()?);
            Some(Word::Means(Meaning::Kind(table)))
        })
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
        table_ix(&self.kinds, "kinds", node, decoder).map(KindTableIx)
    }

    /// The table of parts with this name.
    pub(super) fn part_table<'d>(
        &self,
        node: &'d Node,
        decoder: &mut Decoder<'d>,
    ) -> Option<PartTableIx> {
        table_ix(&self.parts, "parts", node, decoder).map(PartTableIx)
    }

    /// The choice with this name.
    pub(super) fn choice<'d>(&self, node: &'d Node, decoder: &mut Decoder<'d>) -> Option<ChoiceIx> {
        table_ix(&self.choices, "choices", node, decoder).map(ChoiceIx)
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

/// A part by its one spelling.
pub(super) fn part<'d>(node: &'d Node, decoder: &mut Decoder<'d>) -> Option<Part> {
    decoder.word(node, PARTS)
}

fn table<'d, T>(
    node: &'d Node,
    otherwise: T,
    read: impl Fn(&'d Node, &mut Decoder<'d>) -> Option<T>,
    decoder: &mut Decoder<'d>,
) -> Table<T> {
    let mut table = Table {
        words: Vec::new(),
        otherwise,
    };
    for (key, value) in entries(Some(node), decoder) {
        let Some(meant) = read(value, decoder) else {
            continue;
        };
        match key.text.as_str() {
            "*" => table.otherwise = meant,
            word => table.words.push((word.into(), meant)),
        }
    }
    table.words.sort_by(|a, b| a.0.cmp(&b.0));
    table
}

fn table_ix<'d>(
    tables: &[String],
    section: &str,
    node: &'d Node,
    decoder: &mut Decoder<'d>,
) -> Option<u16> {
    let name = decoder.string(node)?;
    let found = tables.iter().position(|table| table == name);
    let found = found.and_then(|ix| u16::try_from(ix).ok());
    if found.is_none() {
        let near = suggest(name, tables.iter().map(String::as_str));
        let help = near.map_or(format!("declare it under `{section}`"), |near| {
            format!("did you mean `{near}`?")
        });
        let message = format!("there is no table of {section} `{name}`");
        decoder.error(&node.span, message).set_help(help);
    }
    found
}

/// Beginnings of links and what lies behind them.
fn links<'d>(node: Option<&'d Node>, decoder: &mut Decoder<'d>) -> Vec<(Box<str>, ContentKind)> {
    let mut links = Vec::new();
    for (key, value) in entries(node, decoder) {
        let text = &key.text;
        if !text.contains(':') || text.chars().any(|c| c.is_uppercase() || c.is_whitespace()) {
            decoder
                .error(&key.span, format!("`{text}` is no beginning of a link"))
                .set_help("small letters and a scheme: `https://app.example/camera/`");
        }
        links.extend(kind(value, decoder).map(|kind| (text.as_str().into(), kind)));
    }
    links
}

/// What ids look like stands under `people`, and is read with the rest of it later.
fn id_of_people(people: &Node) -> Option<Glob> {
    let crate::yaml::Value::Mapping(entries) = &people.value else {
        return None;
    };
    let (_, id) = entries.iter().find(|(key, _)| key.text == "id")?;
    id.as_text().map(Glob::new)
}

fn position(names: &[String], text: &str) -> Option<u8> {
    let ix = names.iter().position(|name| name == text)?;
    u8::try_from(ix).ok()
}
