//! Reading a tree of YAML: each mistake is kept with its place, and reading goes on.

use std::str::FromStr;
use std::sync::Arc;

use crate::yaml::{Diagnostic, Document, Key, Node, Source, Value};

/// Reads the nodes of one document, and keeps what is wrong with them.
pub(super) struct Reader<'d> {
    source: &'d Arc<Source>,
    mistakes: Vec<Diagnostic>,
}

/// The value of a key, if a mapping has it.
pub(super) fn get<'d>(node: &'d Node, key: &str) -> Option<&'d Node> {
    let Value::Mapping(entries) = &node.value else {
        return None;
    };
    let (_, value) = entries.iter().find(|(name, _)| name.text == key)?;
    Some(value)
}

/// The items of a list, or the one that stands there.
pub(super) fn one_or_more(node: &Node) -> &[Node] {
    match &node.value {
        Value::Sequence(items) => items,
        _ => std::slice::from_ref(node),
    }
}

/// Whether nothing is written there.
pub(super) fn is_nothing(node: &Node) -> bool {
    matches!(node.value, Value::Null)
}

impl<'d> Reader<'d> {
    pub fn new(document: &'d Document) -> Self {
        Self {
            source: &document.source,
            mistakes: Vec::new(),
        }
    }

    /// What was read, unless something was wrong.
    pub fn finish<T>(self, read: T) -> Result<T, Vec<Diagnostic>> {
        if self.mistakes.is_empty() {
            Ok(read)
        } else {
            Err(self.mistakes)
        }
    }

    /// Keeps a mistake.
    pub fn wrong(&mut self, at: &Node, message: impl Into<String>, help: impl Into<String>) {
        let mistake = Diagnostic::new(self.source, at.span.clone(), message).help(help);
        self.mistakes.push(mistake);
    }

    /// The entries of a mapping whose keys are names.
    pub fn entries<'n>(&mut self, node: &'n Node, what: &str) -> &'n [(Key, Node)] {
        match &node.value {
            Value::Mapping(entries) => entries,
            _ => {
                self.wrong(
                    node,
                    format!("{what} is not a mapping"),
                    "write `key: value`",
                );
                &[]
            }
        }
    }

    /// Checks that a mapping has no keys but these.
    pub fn only(&mut self, node: &Node, what: &str, known: &[&str]) {
        for (key, _) in self.entries(node, what) {
            if !known.contains(&key.text.as_str()) {
                let message = format!("{what} has no `{}`", key.text);
                let help = format!("it may have {}", listed(known.iter().copied()));
                let mistake = Diagnostic::new(self.source, key.span.clone(), message).help(help);
                self.mistakes.push(mistake);
            }
        }
    }

    /// The items of a list.
    pub fn list<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        match &node.value {
            Value::Sequence(items) => items,
            _ => {
                self.wrong(node, format!("{what} is not a list"), "write `[one, two]`");
                &[]
            }
        }
    }

    /// A text.
    pub fn text<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        let text = node.as_text();
        if text.is_none() {
            self.wrong(node, format!("{what} is not a text"), "write a text");
        }
        text
    }

    /// One of the words of a closed list.
    pub fn word<W: FromStr>(&mut self, node: &Node, what: &str, all: &[&str]) -> Option<W> {
        let text = self.text(node, what)?;
        let word = text.parse().ok();
        if word.is_none() {
            self.no_such(node, what, text, all.iter().copied());
        }
        word
    }

    /// One of a few words, each with what it means.
    pub fn choice<T: Copy>(&mut self, node: &Node, what: &str, of: &[(&str, T)]) -> Option<T> {
        let text = self.text(node, what)?;
        let chosen = of.iter().find(|(word, _)| *word == text);
        if chosen.is_none() {
            self.no_such(node, what, text, of.iter().map(|(word, _)| *word));
        }
        chosen.map(|(_, meaning)| *meaning)
    }

    /// Keeps that a name or word is not among those that there are.
    pub fn no_such<'a>(
        &mut self,
        node: &Node,
        what: &str,
        text: &str,
        all: impl Iterator<Item = &'a str>,
    ) {
        let help = format!("it may be {}", listed(all));
        self.wrong(node, format!("{what} can't be `{text}`"), help);
    }
}

fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<_> = words.map(|word| format!("`{word}`")).collect();
    words.join(", ")
}
