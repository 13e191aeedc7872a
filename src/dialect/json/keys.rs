//! Twins: keys of one object that two readers could take for the same.
//!
//! Some readers keep the first of two equal keys, some the last; some ignore case, by rules of
//! their own. What is refused here is therefore wider than any one of them.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use super::scan::Twins;
use super::string;

/// How many keys of an object are compared one by one. Above it a table keeps the time linear.
const ONE_BY_ONE_MAX: usize = 16;

/// The keys of the objects that are open now: a stack, the innermost object's on top.
pub(super) struct OpenKeys {
    /// Secret, so that nobody can make keys whose hashes are the same.
    seed: Seed,
    hashes: Vec<u64>,
    spans: Vec<Range<usize>>,
    /// Places of keys among those of their object, from 1, at their hashes; 0 is free.
    table: Vec<u32>,
}

/// Where the keys of one object begin.
pub(super) struct Frame {
    first: usize,
    table: usize,
}

/// A key that is looked at: its text, and where it stands in the document, quotes included.
pub(super) struct Key<'t> {
    pub(super) text: &'t str,
    pub(super) span: Range<usize>,
}

impl Default for OpenKeys {
    fn default() -> Self {
        let random = RandomState::new();
        Self {
            seed: Seed {
                start: random.hash_one(0),
                multiplier: random.hash_one(1) | 1,
            },
            hashes: Vec::new(),
            spans: Vec::new(),
            table: Vec::new(),
        }
    }
}

impl OpenKeys {
    pub(super) fn clear(&mut self) {
        self.hashes.clear();
        self.spans.clear();
        self.table.clear();
    }

    /// Gives back what one unusual document needed.
    pub(super) fn shrink_to(&mut self, keys: usize) {
        self.hashes.shrink_to(keys);
        self.spans.shrink_to(keys);
        self.table.shrink_to(keys);
    }

    /// An object opens.
    pub(super) fn open(&self) -> Frame {
        Frame {
            first: self.hashes.len(),
            table: self.table.len(),
        }
    }

    /// The innermost object closes.
    pub(super) fn close(&mut self, frame: &Frame) {
        self.hashes.truncate(frame.first);
        self.spans.truncate(frame.first);
        self.table.truncate(frame.table);
    }

    /// Adds a key to the innermost object; `false` if it has a twin there.
    pub(super) fn insert(
        &mut self,
        frame: &Frame,
        document: &str,
        key: Key<'_>,
        twins: Twins,
    ) -> bool {
        let hash = self.hash(key.text, twins);
        let seen = self.hashes.len() - frame.first;
        let has_twin = if seen <= ONE_BY_ONE_MAX {
            let hashes = self.hashes.get(frame.first..).unwrap_or_default();
            hashes.contains(&hash) && self.has_twin(frame, document, &key, hash, twins)
        } else {
            self.probe(frame, hash)
                .any(|span| is_twin(document, span, key.text, twins))
        };
        if has_twin {
            return false;
        }
        self.hashes.push(hash);
        self.spans.push(key.span);
        if seen >= ONE_BY_ONE_MAX {
            self.index_last(frame, seen + 1, hash);
        }
        true
    }

    /// Whether one of the keys with this hash is really a twin.
    #[cold]
    fn has_twin(
        &self,
        frame: &Frame,
        document: &str,
        key: &Key<'_>,
        hash: u64,
        twins: Twins,
    ) -> bool {
        let keys = self.hashes.iter().zip(&self.spans).skip(frame.first);
        keys.filter(|(other, _)| **other == hash)
            .any(|(_, span)| is_twin(document, span, key.text, twins))
    }

    /// The keys of the object whose hash is this, by its table.
    fn probe(&self, frame: &Frame, hash: u64) -> impl Iterator<Item = &Range<usize>> {
        let table = self.table.get(frame.table..).unwrap_or_default();
        let first = frame.first;
        let mut at = hash as usize;
        std::iter::from_fn(move || {
            let place = *table.get(at & table.len().wrapping_sub(1))?;
            at = at.wrapping_add(1);
            (place != 0).then(|| first + place as usize - 1)
        })
        .filter(move |index| self.hashes.get(*index) == Some(&hash))
        .filter_map(|index| self.spans.get(index))
    }

    /// Puts the last key, which is the `count`th of its object, into the table.
    fn index_last(&mut self, frame: &Frame, count: usize, hash: u64) {
        let length = self.table.len() - frame.table;
        if count * 2 <= length {
            self.place(frame, hash, count as u32);
            return;
        }
        self.table.truncate(frame.table);
        self.table
            .resize(frame.table + (count * 4).next_power_of_two(), 0);
        for place in 1..=count {
            if let Some(hash) = self.hashes.get(frame.first + place - 1).copied() {
                self.place(frame, hash, place as u32);
            }
        }
    }

    fn place(&mut self, frame: &Frame, hash: u64, place: u32) {
        let table = self.table.get_mut(frame.table..).unwrap_or_default();
        let mask = table.len().wrapping_sub(1);
        let mut at = hash as usize;
        // At most half of the table is taken, so a free place comes.
        while let Some(entry) = table.get_mut(at & mask) {
            if *entry == 0 {
                *entry = place;
                return;
            }
            at = at.wrapping_add(1);
        }
    }

    /// The same for twins.
    fn hash(&self, key: &str, twins: Twins) -> u64 {
        match twins {
            Twins::Exact => self.seed.hash(key.as_bytes(), |word| word),
            Twins::Folded if key.is_ascii() => self.seed.hash(key.as_bytes(), lower),
            Twins::Folded => self.seed.hash(fold(key).as_bytes(), |word| word),
        }
    }
}

fn is_twin(document: &str, span: &Range<usize>, key: &str, twins: Twins) -> bool {
    let raw = document.as_bytes().get(span.clone()).unwrap_or_default();
    match (string::unescape(raw), twins) {
        (Some(other), Twins::Exact) => other == key,
        (Some(other), Twins::Folded) => fold(&other) == fold(key),
        // Can't be: it was scanned. Then it is no key to build on.
        (None, _) => true,
    }
}

/// Whether a reader that folds case could take `key` for one of these names, which it is not.
pub(super) fn resembles_any<'n>(mut names: impl Iterator<Item = &'n str>, key: &str) -> bool {
    if key.is_ascii() {
        return names.any(|name| {
            name.eq_ignore_ascii_case(key)
                || (!name.is_ascii() && fold(name).eq_ignore_ascii_case(key))
        });
    }
    let folded = fold(key);
    names.any(|name| fold(name) == folded)
}

/// The text without its case, width, and other differences that only look (NFKC). Full case mapping
/// to lower, upper and lower case again, so that also `ſ`, `K` (Kelvin), `ς`, `ẞ` and `ı` fold as
/// the most generous readers do; `İ` counts as `i`, which readers that map character by character make of it.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkc()
        .map(|c| if c == 'İ' { 'i' } else { c })
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfkc()
        .collect()
}

/// What a hash starts from and multiplies by.
#[derive(Clone, Copy)]
struct Seed {
    start: u64,
    multiplier: u64,
}

impl Seed {
    /// A hash by folded multiplication, eight bytes at a time, each word mapped first.
    #[inline]
    fn hash(self, bytes: &[u8], map: impl Fn(u64) -> u64) -> u64 {
        let mut hash = self.start ^ bytes.len() as u64;
        let mut rest = bytes;
        while let Some((word, after)) = rest.split_first_chunk::<8>() {
            hash = self.mix(hash ^ map(u64::from_le_bytes(*word)));
            rest = after;
        }
        self.mix(hash ^ map(tail(rest)))
    }

    #[inline]
    fn mix(self, word: u64) -> u64 {
        let product = u128::from(word) * u128::from(self.multiplier);
        (product as u64) ^ ((product >> 64) as u64)
    }
}

/// Fewer than eight bytes as a word. Some may stand in it twice; together with how many they are, no
/// two of them make the same.
#[inline]
fn tail(bytes: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        return u64::from(first) | u64::from(last) << 32;
    }
    let byte = |at: usize| bytes.get(at).map_or(0, |byte| u64::from(*byte));
    byte(0) | byte(1) << 8 | byte(2) << 16
}

/// Eight ASCII characters in lower case.
#[inline]
fn lower(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let from_a = word.wrapping_add(ONES * (0x80 - b'A' as u64));
    let past_z = word.wrapping_add(ONES * (0x80 - b'Z' as u64 - 1));
    word | ((from_a & !past_z & (ONES * 0x80)) >> 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_folds_like_its_cases_and_its_compatible_form() {
        for character in '\0'..=char::MAX {
            let text = character.to_string();
            let compatible: String = text.nfkc().collect();
            for other in [text.to_lowercase(), text.to_uppercase(), compatible] {
                // By characters, some readers make `i` of `İ`, and not `i` with a dot above.
                if other != text && other != "i\u{307}" {
                    assert_eq!(fold(&text), fold(&other), "{character:?}");
                }
            }
        }
    }

    #[test]
    fn a_fold_has_no_case_left() {
        for (text, folded) in [
            ("Type_1@[`{", "type_1@[`{"),
            ("i\u{17f} \u{212a}", "is k"),
            ("ＴＹＰＥ", "type"),
            ("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
            ("Straße", "strasse"),
        ] {
            assert_eq!(fold(text), folded);
        }
    }

    #[test]
    fn words_are_lowered_as_bytes_are() {
        for byte in 0..0x80_u8 {
            let word = [byte, b'A', 0x7f, byte, b'Z', 0, b'z', byte];
            let lowered = word.map(|byte| byte.to_ascii_lowercase());
            assert_eq!(lower(u64::from_le_bytes(word)).to_le_bytes(), lowered);
        }
    }
}
