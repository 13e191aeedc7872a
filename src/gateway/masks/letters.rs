//! A text as letters without case and width: `Bob`, `ＢＯＢ` and `%42ob` are the same.

use std::ops::Range;

use percent_encoding::percent_decode_str;
use unicode_normalization::char::decompose_compatible;

/// Hands out the letters of a text, each with where it stands there. With `escapes`, what is escaped
/// as in a URL is taken for what it stands for.
pub(super) fn fold(text: &str, escapes: bool, mut letter: impl FnMut(char, Range<usize>)) {
    let mut at = 0;
    while let Some(rest) = text.get(at..)
        && let Some(raw) = rest.chars().next()
    {
        let escaped = (escapes && raw == '%').then(|| unescape(rest)).flatten();
        let (read, len) = escaped.unwrap_or((raw, raw.len_utf8()));
        decompose_compatible(read, |part| {
            part.to_lowercase()
                .for_each(|part| letter(part, at..at + len));
        });
        at += len;
    }
}

/// The letter that `%EA%B9%80` stands for, and how long it is written.
fn unescape(text: &str) -> Option<(char, usize)> {
    let bytes: Vec<u8> = percent_decode_str(text.get(..3)?).collect();
    let letters = match bytes.first()? {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => 1,
    };
    let written = text.get(..3 * letters)?;
    let letter = percent_decode_str(written).decode_utf8().ok()?;
    let mut letters = letter.chars();
    let letter = letters.next().filter(|_| letters.next().is_none())?;
    Some((letter, written.len()))
}

/// A folded text in which something was found.
pub(super) struct Letters {
    folded: String,
    /// Where each letter begins in `folded`, and where it stands in the text.
    places: Vec<(usize, Range<usize>)>,
}

impl Letters {
    pub(super) fn of(text: &str) -> Self {
        let mut letters = Self {
            folded: String::with_capacity(text.len()),
            places: Vec::with_capacity(text.len()),
        };
        fold(text, true, |letter, place| {
            letters.places.push((letters.folded.len(), place));
            letters.folded.push(letter);
        });
        letters
    }

    pub(super) fn folded(&self) -> &str {
        &self.folded
    }

    /// Where in the text a stretch of the folded text stands, if that is by whole letters of the text
    /// and as a word of its own.
    pub(super) fn word_at(&self, found: Range<usize>, is_one_letter: bool) -> Option<Range<usize>> {
        let from = self.places.partition_point(|place| place.0 < found.start);
        let to = self.places.partition_point(|place| place.0 < found.end);
        let first = self.places.get(from)?;
        let last = self.places.get(to.checked_sub(1)?)?;
        let before = from.checked_sub(1).and_then(|ix| self.places.get(ix));
        let behind = self.places.get(to);
        let cuts = |side: Option<&(usize, Range<usize>)>, place: &Range<usize>| {
            side.is_some_and(|side| side.1 == *place)
        };
        if cuts(before, &first.1) || cuts(behind, &last.1) {
            return None;
        }
        let letters = |from: &str, to: &str| (from.chars().next_back(), to.chars().next());
        let (left, word) = self.folded.split_at_checked(found.start)?;
        let (word, right) = word.split_at_checked(found.end - found.start)?;
        let sides = [letters(left, word), letters(word, right)];
        let runs_on = if is_one_letter {
            // A single letter is a name only where it is a word of its own, in any script.
            let outside = [sides.first()?.0, sides.last()?.1];
            outside.into_iter().flatten().any(char::is_alphanumeric)
        } else {
            sides.into_iter().any(tied)
        };
        (!runs_on).then_some(first.1.start..last.1.end)
    }
}

/// Whether two letters make a word longer: `bob` is in `<@bob>`, not in `bobsled`. Only letters and
/// digits of ASCII tie words together; in Korean and Japanese what follows a name is written next to it.
fn tied((one, next): (Option<char>, Option<char>)) -> bool {
    let is_ascii = |side: Option<char>| side.is_some_and(|it| it.is_ascii_alphanumeric());
    is_ascii(one) && is_ascii(next)
}
