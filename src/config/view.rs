//! Reading values of a tree that was checked against its [`Shape`](crate::yaml::shape::Shape).
//!
//! What is missing or wrong reads as nothing: it was reported by the check, or has a default.

use std::time::Duration;

use crate::yaml::{Key, Node, Value, parse_bytes, parse_duration};

/// A value, or nothing.
#[derive(Clone, Copy)]
pub(super) struct View<'d>(pub Option<&'d Node>);

impl<'d> View<'d> {
    pub fn of(node: &'d Node) -> Self {
        Self(Some(node))
    }

    /// The value of a key; nothing where the key has no value.
    pub fn key(self, name: &str) -> Self {
        let found = self.entries().iter().find(|(key, _)| key.text == name);
        Self(
            found
                .map(|(_, value)| value)
                .filter(|value| !value.is_null()),
        )
    }

    pub fn entries(self) -> &'d [(Key, Node)] {
        match self.0.map(|node| &node.value) {
            Some(Value::Mapping(entries)) => entries,
            _ => &[],
        }
    }

    /// The items of a list.
    pub fn items(self) -> &'d [Node] {
        match self.0.map(|node| &node.value) {
            Some(Value::Sequence(items)) => items,
            _ => &[],
        }
    }

    /// The items of a list, or the one value.
    pub fn one_or_many(self) -> &'d [Node] {
        match self.0 {
            Some(node) if !matches!(node.value, Value::Sequence(_)) => std::slice::from_ref(node),
            _ => self.items(),
        }
    }

    /// A text that is not empty.
    pub fn text(self) -> Option<&'d str> {
        self.0
            .and_then(Node::as_text)
            .filter(|text| !text.is_empty())
    }

    pub fn bool(self) -> Option<bool> {
        self.text()?.parse().ok()
    }

    /// A whole number that fits the place it is for.
    pub fn number<T: TryFrom<u64>>(self) -> Option<T> {
        T::try_from(self.text()?.parse().ok()?).ok()
    }

    /// A size in bytes that fits the place it is for.
    pub fn bytes<T: TryFrom<u64>>(self) -> Option<T> {
        T::try_from(parse_bytes(self.text()?)?).ok()
    }

    pub fn duration(self) -> Option<Duration> {
        parse_duration(self.text()?)
    }

    /// What one of a table of words means.
    pub fn word<T: Clone>(self, table: &[(&str, T)]) -> Option<T> {
        let text = self.text()?;
        table
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, meaning)| meaning.clone())
    }
}
