//! Character references of markup (HTML, 13.5): `&#64;`, `&commat;`.

use std::cmp::Ordering;
use std::ops::Range;

/// The names of HTML, 13.5, sorted: a name with its semicolon, if it needs one, and code points.
const NAMES: &str = include_str!("references.txt");

/// From here on a name must end with a semicolon.
const BARE_NAME_BYTES_MAX: usize = 6;

/// What numbers that are no characters stand for, from 0x80 on: they are taken for bytes of Windows-1252.
const OF_BYTES: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ";

/// A text as a reader of markup takes it: its references read, once.
pub struct Dereferenced {
    text: String,
    /// The references: where each stands in `text`, and where it is written.
    references: Vec<(Range<usize>, Range<usize>)>,
}

impl Dereferenced {
    /// The text as it is read; `None`: it has no references.
    pub fn of(written: &str) -> Option<Self> {
        let mut text = String::new();
        let mut references = Vec::new();
        let (mut kept, mut from) = (0, 0);
        while let Some(ahead) = written.get(from..).and_then(|rest| rest.find('&')) {
            let at = from + ahead;
            from = at + 1;
            let Some(reference) = written.get(at..).and_then(Reference::at_start) else {
                continue;
            };
            text.push_str(written.get(kept..at).unwrap_or_default());
            let start = text.len();
            text.push(reference.letters.0);
            text.extend(reference.letters.1);
            from = at + reference.len;
            references.push((start..text.len(), at..from));
            kept = from;
        }
        if references.is_empty() {
            return None;
        }
        text.push_str(written.get(kept..)?);
        Some(Self { text, references })
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How a stretch of the text is written, by whole references.
    pub fn written(&self, read: Range<usize>) -> Range<usize> {
        let place = |at: usize, is_end: bool| {
            let before = |(read, _): &(Range<usize>, _)| match is_end {
                true => read.start < at,
                false => read.start <= at,
            };
            let count = self.references.partition_point(before);
            let last = count.checked_sub(1).and_then(|ix| self.references.get(ix));
            match last {
                None => at,
                Some((read, written)) if at < read.end && !is_end => written.start,
                Some((read, written)) => written.end + at.saturating_sub(read.end),
            }
        };
        place(read.start, false)..place(read.end, true)
    }
}

/// A reference, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// What it stands for: one letter, and with some names a second.
    pub letters: (char, Option<char>),
    /// How long it is written, bytes.
    pub len: usize,
}

impl Reference {
    /// The reference that a text begins with, if it does.
    pub fn at_start(text: &str) -> Option<Self> {
        let after = text.strip_prefix('&')?;
        match after.strip_prefix('#') {
            Some(number) => numbered(number),
            None => named(after),
        }
    }
}

/// A number needs no semicolon.
fn numbered(number: &str) -> Option<Reference> {
    let (digits, radix) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    let end = digits.find(|c: char| !c.is_digit(radix));
    let (digits, behind) = digits.split_at_checked(end.unwrap_or(digits.len()))?;
    let number_of = u32::from_str_radix(digits, radix).ok()?;
    let letter = char::from_u32(number_of)?;
    let of_byte = number_of.checked_sub(0x80).map(|nth| nth as usize);
    let of_byte = of_byte.and_then(|nth| OF_BYTES.chars().nth(nth));
    let prefix = "&#".len() + number.len() - digits.len() - behind.len();
    Some(Reference {
        letters: (of_byte.unwrap_or(letter), None),
        len: prefix + digits.len() + usize::from(behind.starts_with(';')),
    })
}

/// The longest name that stands here.
fn named(after: &str) -> Option<Reference> {
    let end = after.find(|c: char| !c.is_ascii_alphanumeric());
    let end = end.unwrap_or(after.len());
    let whole = after
        .get(..=end)
        .filter(|name| name.ends_with(';'))
        .and_then(found);
    whole.or_else(|| {
        let lengths = (1..=end.min(BARE_NAME_BYTES_MAX)).rev();
        lengths.filter_map(|len| after.get(..len)).find_map(found)
    })
}

/// What a name stands for, by halving the list.
fn found(name: &str) -> Option<Reference> {
    let mut list = NAMES;
    while !list.is_empty() {
        let middle = list.get(..list.len() / 2).unwrap_or_default();
        let start = middle.rfind('\n').map_or(0, |end| end + 1);
        let (before, rest) = list.split_at_checked(start)?;
        let (line, behind) = rest.split_once('\n')?;
        let (known, points) = line.split_once(' ')?;
        match name.cmp(known) {
            Ordering::Less => list = before,
            Ordering::Greater => list = behind,
            Ordering::Equal => {
                let point = |hex: &str| char::from_u32(u32::from_str_radix(hex, 16).ok()?);
                let mut letters = points.split(' ').filter_map(point);
                return Some(Reference {
                    letters: (letters.next()?, letters.next()),
                    len: "&".len() + name.len(),
                });
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found() {
        let mut count = 0;
        for line in NAMES.lines() {
            let (name, points) = line.split_once(' ').unwrap();
            let found = Reference::at_start(&format!("&{name}")).unwrap();
            let (first, second) = found.letters;
            let letters = [Some(first), second].into_iter().flatten();
            let spelt: Vec<String> = letters.map(|c| format!("{:X}", u32::from(c))).collect();
            assert_eq!(
                (spelt.join(" "), found.len),
                (points.into(), name.len() + 1)
            );
            count += 1;
        }
        assert_eq!(count, 2231);
    }

    #[test]
    fn a_reference_is_as_long_as_it_is_written() {
        let check = |text: &str, letter: char, len: usize| {
            let expected = Reference {
                letters: (letter, None),
                len,
            };
            assert_eq!(Reference::at_start(text), Some(expected), "{text}");
        };
        check("&#58;//b", ':', 5);
        check("&#x3A;", ':', 6);
        check("&#X2f/b", '/', 5);
        check("&#120c&colon;", 'x', 5);
        check("&#154;imun", 'š', 6);
        check("&commat;x", '@', 8);
        check("&ampx", '&', 4);
        check("&notit;", '¬', 4);
        check("&notin;", '∉', 7);
        for text in [
            "",
            "&",
            "a&#58;",
            "& ",
            "&;",
            "&#;",
            "&#x;",
            "&#1114112;",
            "&xyz;",
        ] {
            assert_eq!(Reference::at_start(text), None, "{text}");
        }
    }

    #[test]
    fn references_are_read_once() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(
                Dereferenced::of(text).as_ref().map(Dereferenced::text),
                expected,
                "{text}"
            );
        };
        check("a&#58;//b", Some("a://b"));
        check("a&#x3A;&#X2f/b", Some("a://b"));
        check("m&#120c&colon;&sol;&sol;x", Some("mxc://x"));
        check("drive&period;acme", Some("drive.acme"));
        check("&amp;colon;", Some("&colon;"));
        check("&amp;#58;&#38;colon;", Some("&#58;&colon;"));
        check("x &lt 1 &notx; &fjlig;&", Some("x < 1 ¬x; fj&"));
        check("AT&T & co; &xyz; &#; &#x; &#1114112; &", None);
        check("no reference", None);
    }

    #[test]
    fn what_is_read_stands_where_it_is_written() {
        let written = "a&#66;ob &fjlig;x&amp;";
        let markup = Dereferenced::of(written).unwrap();
        assert_eq!(markup.text(), "aBob fjx&");
        let check = |read: Range<usize>, expected: &str| {
            assert_eq!(&written[markup.written(read)], expected);
        };
        check(0..1, "a");
        check(1..4, "&#66;ob");
        check(2..4, "ob");
        check(4..5, " ");
        check(5..6, "&fjlig;");
        check(6..8, "&fjlig;x");
        check(8..9, "&amp;");
        check(0..9, written);
    }
}
