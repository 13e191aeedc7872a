//! The keys of one mapping, taken one by one; what is left over is unknown.

use std::ops::Range;

use super::decode::Decoder;
use super::tree::{Key, Node};

/// The keys of one mapping. Ask for each key that may stand here, then call [`Fields::finish`],
/// which reports the others.
pub struct Fields<'d> {
    entries: &'d [(Key, Node)],
    span: Range<usize>,
    taken: Vec<bool>,
    known: Vec<&'static str>,
}

impl<'d> Fields<'d> {
    pub(super) fn new(entries: &'d [(Key, Node)], span: Range<usize>) -> Self {
        Self {
            taken: vec![false; entries.len()],
            entries,
            span,
            known: Vec::new(),
        }
    }

    /// The value of a key that may be missing. A key without a value counts as missing.
    pub fn optional(&mut self, key: &'static str) -> Option<&'d Node> {
        self.entry(key)
            .map(|(_, value)| value)
            .filter(|value| !value.is_null())
    }

    /// The value of a key that must be there; reported if it is not.
    pub fn required(&mut self, decoder: &mut Decoder<'d>, key: &'static str) -> Option<&'d Node> {
        match self.entry(key) {
            Some((_, value)) if !value.is_null() => Some(value),
            Some((written, _)) => {
                let span = written.span.clone();
                decoder.error(&span, format!("`{key}` has no value"));
                None
            }
            None => {
                let span = decoder.first_line(&self.span);
                decoder
                    .error(&span, format!("the key `{key}` is missing here"))
                    .set_help(format!("add `{key}: …` to this mapping"));
                None
            }
        }
    }

    /// Key and value, also where the value is nothing.
    pub fn entry(&mut self, key: &'static str) -> Option<(&'d Key, &'d Node)> {
        self.known.push(key);
        let at = self
            .entries
            .iter()
            .position(|(written, _)| written.text == key)?;
        if let Some(taken) = self.taken.get_mut(at) {
            *taken = true;
        }
        self.entries.get(at).map(|(key, value)| (key, value))
    }

    /// The keys that nobody asked for so far, as they stand: for mappings that have some fixed keys
    /// and else arbitrary ones. They count as known afterwards.
    pub fn rest(&mut self) -> Vec<&'d (Key, Node)> {
        let rest = self
            .entries
            .iter()
            .zip(&mut self.taken)
            .filter_map(|(entry, taken)| (!std::mem::replace(taken, true)).then_some(entry));
        rest.collect()
    }

    /// Where the mapping stands.
    pub fn span(&self) -> &Range<usize> {
        &self.span
    }

    /// Reports every key that nobody asked for, with the nearest known one.
    pub fn finish(self, decoder: &mut Decoder<'d>) {
        let unknown = self
            .entries
            .iter()
            .zip(&self.taken)
            .filter(|(_, taken)| !**taken);
        for ((key, _), _) in unknown {
            let shown = decoder.shorten(&key.text);
            let help = match decoder.suggest(&key.text, self.known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if self.known.is_empty() => "no key may stand here".to_owned(),
                None => format!("known here: {}", self.known.join(", ")),
            };
            decoder
                .error(&key.span, format!("unknown key `{shown}`"))
                .set_help(help);
        }
    }
}
