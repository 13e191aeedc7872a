//! Finding the words of many people in one pass over a text.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::letters::{Letters, fold};
use crate::dialect::references::Dereferenced;

/// Words that are looked for, and what stands in the place of each. Made once for all texts of a body.
pub struct Search<'m> {
    words: Vec<Word<'m>>,
    /// `None`: the words can't be searched for.
    automaton: Option<AhoCorasick>,
}

struct Word<'m> {
    by: &'m str,
    is_one_letter: bool,
}

/// A stretch of a text, and the word that stands there.
type Found = (Range<usize>, usize);

impl<'m> Search<'m> {
    /// Looks for the first of each pair, which becomes the second. A word is looked for as it stands,
    /// and where that has escapes in it, as they would be read.
    pub(super) fn of(pairs: impl Iterator<Item = (&'m str, &'m str)>) -> Self {
        let mut words = Vec::new();
        let mut spelt: Vec<String> = Vec::new();
        for (word, by) in pairs {
            let has_escapes = word.contains('%');
            for escapes in [false, true] {
                if escapes && !has_escapes {
                    continue;
                }
                let mut folded = String::new();
                let mut places = Vec::new();
                fold(word, escapes, |letter, place| {
                    folded.push(letter);
                    places.push(place);
                });
                places.dedup();
                if !folded.is_empty() {
                    spelt.push(folded);
                    words.push(Word {
                        by,
                        is_one_letter: places.len() == 1,
                    });
                }
            }
        }
        let mut builder = AhoCorasick::builder();
        // Its memory grows with the words, whatever they are.
        builder.kind(Some(AhoCorasickKind::ContiguousNFA));
        let automaton = builder.ascii_case_insensitive(true).build(&spelt).ok();
        Self { words, automaton }
    }

    /// The text with every word replaced, or `None` if it has none. The longest match at a place
    /// wins, so that `Kim Min-su` does not leave `-su` behind. A word is the same in capitals, wide,
    /// taken apart, escaped as in a URL, and in character references of markup.
    pub fn mask(&self, text: &str) -> Option<String> {
        let Some(automaton) = &self.automaton else {
            // What can't be searched is not shown.
            return Some(String::new());
        };
        let mut found = self.found_in(text, automaton);
        if let Some(markup) = Dereferenced::of(text) {
            let inside = self.found_in(markup.text(), automaton);
            found.extend(
                inside
                    .into_iter()
                    .map(|(place, word)| (markup.written(place), word)),
            );
            found.sort_by_key(|(place, word)| (place.start, Reverse(place.end), *word));
        }
        if found.is_empty() {
            return None;
        }
        let mut masked = String::with_capacity(text.len());
        let mut kept = 0;
        for (place, word) in found {
            if place.start >= kept {
                masked.push_str(text.get(kept..place.start).unwrap_or_default());
                masked.push_str(self.words.get(word).map_or("", |word| word.by));
            }
            kept = kept.max(place.end);
        }
        masked.push_str(text.get(kept..).unwrap_or_default());
        Some(masked)
    }

    /// Where words stand, from left to right, none in another.
    fn found_in(&self, text: &str, automaton: &AhoCorasick) -> Vec<Found> {
        if !may_hold(text, automaton) {
            return Vec::new();
        }
        let letters = Letters::of(text);
        // The longest word at each place; of two that are spelt alike the first.
        let mut longest: BTreeMap<usize, (usize, Reverse<usize>, Range<usize>)> = BTreeMap::new();
        for hit in automaton.find_overlapping_iter(letters.folded()) {
            let word = hit.pattern().as_usize();
            let is_one_letter = self.words.get(word).is_some_and(|word| word.is_one_letter);
            let Some(place) = letters.word_at(hit.range(), is_one_letter) else {
                continue;
            };
            let here = (hit.end(), Reverse(word), place);
            match longest.get_mut(&hit.start()) {
                Some(known) if (known.0, known.1) >= (here.0, here.1) => {}
                Some(known) => *known = here,
                None => drop(longest.insert(hit.start(), here)),
            }
        }
        let mut at = 0;
        let mut found = Vec::new();
        for (start, (end, Reverse(word), place)) in longest {
            if start >= at {
                found.push((place, word));
                at = end;
            }
        }
        found
    }
}

/// Whether the letters of a word stand in a text, be it inside another word.
fn may_hold(text: &str, automaton: &AhoCorasick) -> bool {
    if text.is_ascii() && !text.contains('%') {
        return automaton.is_match(text);
    }
    let mut folded = String::with_capacity(text.len());
    fold(text, true, |letter, _| folded.push(letter));
    automaton.is_match(&folded)
}
