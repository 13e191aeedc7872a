//! One description of what a file may hold, used twice: to check it and to write its JSON Schema.
//!
//! Because both come from the same table, the schema that an editor completes from can't drift from
//! what is accepted. What a table can't say (an address, a contradiction) is checked where
//! the settings are made.

use std::time::Duration;

use super::decode::Decoder;
use super::tree::{Node, Value};

/// The keys of one mapping.
#[derive(Debug)]
pub struct Shape {
    /// What it is, as a title.
    pub title: &'static str,
    /// The keys.
    pub fields: &'static [Field],
}

/// One key.
#[derive(Debug)]
pub struct Field {
    /// The key.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Whether it must be there.
    pub presence: Presence,
    /// What it does, for the person who writes it.
    pub doc: &'static str,
}

/// Whether a key must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It must.
    Required,
    /// It may be missing.
    Optional,
    /// It may be missing, and then means this, as it would be written.
    Default(&'static str),
}

/// What a value is.
#[derive(Debug)]
pub enum Kind {
    /// A text that is not empty.
    Text,
    /// The path of a file or directory.
    Path,
    /// `true` or `false`.
    Bool,
    /// A whole number from the first to the second.
    Integer(u64, u64),
    /// A length of time, from and to in milliseconds.
    Duration(u64, u64),
    /// A size, from and to in bytes.
    Bytes(u64, u64),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A mapping with these keys.
    Mapping(&'static Shape),
    /// A mapping with keys of the person's choice; the text says what they are.
    Named(&'static str, &'static Kind),
    /// A list.
    List(&'static Kind),
    /// A list, or one value in place of a list of one.
    OneOrMany(&'static Kind),
    /// A list, or a mapping.
    ListOr(&'static Kind, &'static Shape),
}

impl Field {
    /// One row of a table.
    pub const fn new(
        name: &'static str,
        kind: Kind,
        presence: Presence,
        doc: &'static str,
    ) -> Self {
        Self {
            name,
            kind,
            presence,
            doc,
        }
    }
}

impl Kind {
    /// Reports everything that is wrong with `node`, at every depth.
    pub fn check<'d>(&self, decoder: &mut Decoder<'d>, node: &'d Node) {
        match self {
            Self::Text => drop(decoder.string(node)),
            Self::Path => drop(decoder.path(node)),
            Self::Bool => drop(decoder.bool(node)),
            Self::Integer(least, most) => drop(decoder.integer(node, *least..=*most)),
            Self::Duration(least, most) => {
                let range = Duration::from_millis(*least)..=Duration::from_millis(*most);
                decoder.duration(node, range);
            }
            Self::Bytes(least, most) => drop(decoder.bytes(node, *least..=*most)),
            Self::Word(words) => {
                let table: Vec<_> = words.iter().map(|word| (*word, ())).collect();
                decoder.word(node, &table);
            }
            Self::Mapping(shape) => shape.check(decoder, node),
            Self::Named(_, value) => {
                for (_, node) in decoder.entries(node).unwrap_or_default() {
                    value.check(decoder, node);
                }
            }
            Self::List(item) => {
                for node in decoder.list(node).unwrap_or_default() {
                    item.check(decoder, node);
                }
            }
            Self::OneOrMany(item) => {
                for node in decoder.one_or_many(node) {
                    item.check(decoder, node);
                }
            }
            Self::ListOr(item, shape) => match &node.value {
                Value::Sequence(items) => items.iter().for_each(|node| item.check(decoder, node)),
                Value::Mapping(_) => shape.check(decoder, node),
                _ => {
                    decoder.mismatch(node, "a list or a mapping");
                }
            },
        }
    }
}

impl Shape {
    /// Reports everything that is wrong with `node`: unknown and missing keys, and their values.
    pub fn check<'d>(&self, decoder: &mut Decoder<'d>, node: &'d Node) {
        let Some(mut fields) = decoder.mapping(node) else {
            return;
        };
        for field in self.fields {
            let value = match field.presence {
                Presence::Required => fields.required(decoder, field.name),
                Presence::Optional | Presence::Default(_) => fields.optional(field.name),
            };
            if let Some(value) = value {
                field.kind.check(decoder, value);
            }
        }
        fields.finish(decoder);
    }
}
