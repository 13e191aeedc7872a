//! What a person's id looks like, and how an unknown person is shown.

use std::ops::Range;

use memchr::memmem::{self, Finder};

use super::automaton::Automata;
use super::lookup::Lookup;
use super::shape::Shapes;
use crate::glob::Glob;
use crate::yaml::{Decoder, Node};

/// The longest hash that is looked for in a text, bytes: that of every pseudonym is shorter.
const HASH_BYTES_MAX: usize = 64;

/// What a dialect says of people.
#[derive(Clone, Debug)]
pub struct People {
    id: Glob,
    /// What stands in place of an unknown person's name.
    pub unknown_name: String,
    prefix: String,
    /// Finds it.
    prefixes: Finder<'static>,
    suffix: String,
    /// How a person's profile is asked for, where the dialect can.
    pub profile: Option<Lookup>,
}

impl People {
    /// Whether a text could be a person's id.
    pub fn is_id(&self, text: &str) -> bool {
        self.id.matches(text)
    }

    /// What ids look like, as the dialect writes it.
    pub fn id_pattern(&self) -> &str {
        self.id.as_str()
    }

    /// The id that stands in place of an unknown person's. `hash` is of ASCII letters and digits.
    pub fn pseudonym_id(&self, hash: &str) -> String {
        format!("{}{hash}{}", self.prefix, self.suffix)
    }

    /// Whether an id looks like one that [`People::pseudonym_id`] makes.
    pub fn is_pseudonym(&self, id: &str) -> bool {
        self.pseudonym_hash(id).is_some()
    }

    /// The hash in a pseudonym.
    pub fn pseudonym_hash<'i>(&self, id: &'i str) -> Option<&'i str> {
        id.strip_prefix(self.prefix.as_str())?
            .strip_suffix(self.suffix.as_str())
            .filter(|hash| !hash.is_empty() && hash.bytes().all(|b| b.is_ascii_alphanumeric()))
    }

    /// Whether a pseudonym could stand in a string of JSON: told before the string is read, and
    /// `false` only where it stands in no reading of it.
    pub fn could_stand_in(&self, raw: &[u8]) -> bool {
        // What an escape without a code can stand for.
        let may_be_escaped = |byte: u8| byte < 0x20 || matches!(byte, b'"' | b'\\' | b'/');
        self.prefixes.find(raw).is_some()
            || memmem::find(raw, b"\\u").is_some()
            || self.prefix.bytes().any(may_be_escaped)
    }

    /// What looks like a pseudonym within a text: where it stands, and the hash in it.
    pub fn pseudonyms_in<'t>(
        &'t self,
        text: &'t str,
    ) -> impl Iterator<Item = (Range<usize>, &'t str)> + 't {
        self.prefixes
            .find_iter(text.as_bytes())
            .filter_map(move |start| {
                let hash_at = start + self.prefix.len();
                let rest = text.get(hash_at..)?;
                let alphanumeric = |byte: &u8| byte.is_ascii_alphanumeric();
                let run = rest
                    .bytes()
                    .take(HASH_BYTES_MAX)
                    .take_while(alphanumeric)
                    .count();
                let ends = |length: &usize| {
                    rest.get(*length..)
                        .is_some_and(|rest| rest.starts_with(self.suffix.as_str()))
                };
                let length = (1..=run).rev().find(ends)?;
                let hash = rest.get(..length)?;
                Some((start..hash_at + length + self.suffix.len(), hash))
            })
    }

    /// Reads the section `people`.
    pub(super) fn read<'d>(
        node: &'d Node,
        shapes: &Shapes,
        automata: &mut Automata<'_>,
        decoder: &mut Decoder<'d>,
    ) -> Option<Self> {
        let mut fields = decoder.mapping(node)?;
        let id = fields.optional("id");
        let unknown = fields.required(decoder, "unknown");
        let profile = fields.optional("profile");
        fields.finish(decoder);
        let id = match id {
            Some(id) => Glob::new(decoder.string(id)?),
            None => Glob::new("*"),
        };
        let profile =
            profile.and_then(|node| Lookup::read(node, Some("person"), shapes, automata, decoder));
        let mut fields = decoder.mapping(unknown?)?;
        let name = fields.required(decoder, "name");
        let pseudonym = fields.required(decoder, "id");
        fields.finish(decoder);
        let unknown_name = decoder.string(name?)?.to_owned();
        let (prefix, suffix) = pseudonym_parts(pseudonym?, &id, decoder)?;
        Some(Self {
            id,
            unknown_name,
            prefixes: Finder::new(&prefix).into_owned(),
            prefix,
            suffix,
            profile,
        })
    }
}

fn pseudonym_parts<'d>(
    node: &'d Node,
    id: &Glob,
    decoder: &mut Decoder<'d>,
) -> Option<(String, String)> {
    let text = decoder.string(node)?;
    let parts = text.split_once("{pseudonym}");
    let wrong = match parts {
        None => Some("it needs `{pseudonym}`, which differs from person to person"),
        Some((prefix, suffix)) if prefix.is_empty() && suffix.is_empty() => {
            Some("put something around `{pseudonym}`, so that no real id looks like one")
        }
        Some((prefix, suffix)) if !id.matches(&format!("{prefix}a1{suffix}")) => {
            Some("it must look like an id: `people.id` says how those look")
        }
        Some(_) => None,
    };
    if let Some(wrong) = wrong {
        decoder
            .error(&node.span, "this can't stand in place of an id")
            .set_help(wrong);
        return None;
    }
    parts.map(|(prefix, suffix)| (prefix.to_owned(), suffix.to_owned()))
}
