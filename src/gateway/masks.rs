//! The words of unknown people, and what stands in their place.

use std::ops::Range;

use percent_encoding::percent_decode_str;
use unicode_normalization::char::decompose_compatible;

use crate::dialect::json::splice::Edit;
use crate::dialect::json::string::quote;
use crate::dialect::program::Mask;
use crate::dialect::reading::Find;
use crate::policy::PersonId;

/// From how many digits on a text is a number by which somebody is reached.
const NUMBER_DIGITS_MIN: usize = 7;

/// Who must be masked in one body, with everything that would tell who they are.
#[derive(Default)]
pub struct Masks(Vec<Masked>);

struct Masked {
    person: PersonId,
    pseudonym: String,
    names: Vec<String>,
    /// How the id is written, and how the names are.
    id_words: Vec<Folded>,
    name_words: Vec<Folded>,
}

impl Masks {
    /// Nobody yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether nobody is masked.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Masks somebody, whose id becomes the pseudonym. An empty id stands in every text and names
    /// nobody.
    pub fn add(&mut self, person: PersonId, pseudonym: String) {
        if !person.as_str().is_empty() && !self.0.iter().any(|masked| masked.person == person) {
            self.0.push(Masked {
                id_words: Folded::words_of(person.as_str()),
                person,
                pseudonym,
                names: Vec::new(),
                name_words: Vec::new(),
            });
        }
    }

    /// Whether an attribute tells by itself whose it is, wherever it stands: a name, a mail address,
    /// a number, a path. What many can have in common (a company, a status) is only taken out of the
    /// description: in what others write it is a word like any.
    pub fn tells_who(mask: Mask, text: &str) -> bool {
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let is_address = text.contains('@') || text.starts_with('/') || digits >= NUMBER_DIGITS_MIN;
        !text.is_empty() && (mask == Mask::Masked || is_address)
    }

    /// Another text by which that person would be known.
    pub fn add_name(&mut self, person: &PersonId, name: &str) {
        if let Some(masked) = self.0.iter_mut().find(|masked| masked.person == *person)
            && !masked.names.iter().any(|known| known == name)
        {
            masked.names.push(name.to_owned());
            masked.name_words.extend(Folded::words_of(name));
        }
    }

    /// Everybody who is masked.
    pub fn people(&self) -> Vec<PersonId> {
        self.0.iter().map(|masked| masked.person.clone()).collect()
    }

    /// The text with every id, name and address of a masked person replaced, or `None` if it has
    /// none. The longest match at a place wins, so that `Kim Min-su` does not leave `-su` behind.
    /// A word is the same in capitals, wide, taken apart, and escaped as in a URL.
    pub fn mask_text(&self, text: &str, unknown: &str) -> Option<String> {
        let mut words: Vec<(&Folded, &str)> = Vec::new();
        for masked in &self.0 {
            words.extend(
                masked
                    .id_words
                    .iter()
                    .map(|word| (word, &*masked.pseudonym)),
            );
            words.extend(masked.name_words.iter().map(|word| (word, unknown)));
        }
        words.sort_by_key(|(word, _)| std::cmp::Reverse(word.letters.len()));
        let folded = Folded::of_escaped(text);
        let mut masked = String::new();
        let mut kept = 0;
        let mut at = 0;
        while at < folded.letters.len() {
            let found = words.iter().find_map(|(word, by)| {
                let span = folded.span_of(word, at)?;
                Some((span, by, word.letters.len()))
            });
            let Some((span, by, letters)) = found else {
                at += 1;
                continue;
            };
            masked.push_str(text.get(kept..span.start).unwrap_or_default());
            masked.push_str(by);
            kept = span.end;
            at += letters;
        }
        if kept == 0 {
            return None;
        }
        masked.push_str(text.get(kept..).unwrap_or_default());
        Some(masked)
    }

    /// An id becomes the pseudonym, a key too.
    pub fn replace_id(&self, find: &Find, pseudonym: &str) -> Edit {
        Edit::Replace(find.span.clone(), quote(pseudonym))
    }

    /// An attribute becomes what the dialect says.
    pub fn replace_attribute(&self, find: &Find, mask: Mask, unknown: &str) -> Edit {
        match (mask, find.member) {
            (Mask::Masked, _) => Edit::Replace(find.span.clone(), quote(unknown)),
            (Mask::Emptied, _) => Edit::Replace(find.span.clone(), b"\"\"".to_vec()),
            (Mask::Removed, Some(member)) => Edit::Drop(member),
            (Mask::Cleared, _) | (Mask::Removed, None) => {
                Edit::Replace(find.span.clone(), b"null".to_vec())
            }
        }
    }
}

/// A text as letters without case and width, each with where it stands in the text.
struct Folded {
    letters: Vec<(char, Range<usize>)>,
    is_one_letter: bool,
}

impl Folded {
    /// A word as it stands, and where that has escapes in it, as they would be read.
    fn words_of(word: &str) -> Vec<Self> {
        let escaped = word.contains('%').then(|| Self::of_escaped(word));
        let own = Self::read(word, |_| None);
        [own].into_iter().chain(escaped).collect()
    }

    /// Each letter that is escaped as in a URL is taken for what it stands for.
    fn of_escaped(text: &str) -> Self {
        Self::read(text, unescape)
    }

    /// `escape` tells the letter that an escape at the start of a text stands for, and its length.
    fn read(text: &str, escape: impl Fn(&str) -> Option<(char, usize)>) -> Self {
        let mut letters = Vec::with_capacity(text.len());
        let (mut at, mut count) = (0, 0);
        while let Some(rest) = text.get(at..)
            && let Some(raw) = rest.chars().next()
        {
            let (letter, len) = escape(rest).unwrap_or((raw, raw.len_utf8()));
            decompose_compatible(letter, |part| {
                letters.extend(part.to_lowercase().map(|part| (part, at..at + len)));
            });
            (at, count) = (at + len, count + 1);
        }
        let is_one_letter = count == 1;
        Self {
            letters,
            is_one_letter,
        }
    }

    /// Where `word` stands at this letter, by whole letters of the text and as a word of its own.
    fn span_of(&self, word: &Self, at: usize) -> Option<Range<usize>> {
        let end = at + word.letters.len();
        let here = self.letters.get(at..end)?;
        if here.iter().zip(&word.letters).any(|(a, b)| a.0 != b.0) {
            return None;
        }
        let (first, last) = (here.first()?, here.last()?);
        let before = at
            .checked_sub(1)
            .and_then(|before| self.letters.get(before));
        let after = self.letters.get(end);
        let cuts = |side: Option<&(char, Range<usize>)>, span: &Range<usize>| {
            side.is_some_and(|it| it.1 == *span)
        };
        let is_whole = !cuts(before, &first.1) && !cuts(after, &last.1);
        let stands_alone = if word.is_one_letter {
            // A single letter is a name only where it is a word of its own, in any script.
            let is_letter =
                |side: Option<&(char, _)>| side.is_some_and(|it| it.0.is_alphanumeric());
            !is_letter(before) && !is_letter(after)
        } else {
            !tied(before, Some(first)) && !tied(Some(last), after)
        };
        (is_whole && stands_alone).then_some(first.1.start..last.1.end)
    }
}

/// Whether two letters make a word longer: `bob` is in `<@bob>`, not in `bobsled`. Only letters and
/// digits of ASCII tie words together; in Korean and Japanese what follows a name is written next to it.
fn tied(one: Option<&(char, Range<usize>)>, next: Option<&(char, Range<usize>)>) -> bool {
    let is_ascii = |side: Option<&(char, _)>| side.is_some_and(|it| it.0.is_ascii_alphanumeric());
    is_ascii(one) && is_ascii(next)
}

/// The letter that `%EA%B9%80` stands for, and how long it is written.
fn unescape(text: &str) -> Option<(char, usize)> {
    let escaped = text.strip_prefix('%').is_some();
    let bytes: Vec<u8> = percent_decode_str(text.get(..3).filter(|_| escaped)?).collect();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let mut masks = Masks::new();
        let bob = PersonId::from("bob");
        masks.add(bob.clone(), "unknown-x7".into());
        masks.add_name(&bob, "Bob Lee");
        masks.add_name(&bob, "김민수");
        masks.add_name(&bob, "bob@acme.example");
        assert_eq!(
            masks.mask_text(text, "unknown").as_deref(),
            expected,
            "{text}"
        );
    }

    #[test]
    fn names_ids_and_addresses_are_masked() {
        check("Bob Lee invited Mei", Some("unknown invited Mei"));
        check("<@bob> look", Some("<@unknown-x7> look"));
        check("write to bob@acme.example!", Some("write to unknown!"));
        check("김민수님이 초대했습니다", Some("unknown님이 초대했습니다"));
        check("Bob Lee, Bob Lee", Some("unknown, unknown"));
    }

    #[test]
    fn a_name_of_one_letter_is_a_word_of_its_own() {
        let mut masks = Masks::new();
        let li = PersonId::from("li");
        masks.add(li.clone(), "unknown-y8".into());
        masks.add_name(&li, "李");
        let masked = |text: &str| masks.mask_text(text, "unknown");
        assert_eq!(masked("李, Mei").as_deref(), Some("unknown, Mei"));
        assert_eq!(masked("李白").as_deref(), None);
    }

    #[test]
    fn in_other_letters_it_is_the_same_word() {
        check("BOB LEE, bob lee", Some("unknown, unknown"));
        check("<@BOB>", Some("<@unknown-x7>"));
        check("Ｂｏｂ　Ｌｅｅ", Some("unknown"));
        check("\u{1100}\u{1175}\u{11b7}민수님", Some("unknown님"));
        check("/people/Bob%20Lee?x", Some("/people/unknown?x"));
        check("%EA%B9%80%eb%af%bc%EC%88%98", Some("unknown"));
        check("b%6fb%2Dx <%62%6F%62>", Some("unknown-x7%2Dx <unknown-x7>"));
        check(
            "BOBSLED %62obsled 100%bob 50%",
            Some("BOBSLED %62obsled 100%unknown-x7 50%"),
        );
        check("100% 5%2 %zz %EA%B9 %", None);
    }

    #[test]
    fn a_word_is_masked_by_whole_letters() {
        let mut masks = Masks::new();
        let fi = PersonId::from("f");
        masks.add(fi.clone(), "unknown-z9".into());
        masks.add_name(&fi, "of");
        // The ligature is two letters, and stands in one.
        assert_eq!(masks.mask_text("o\u{fb01}", "unknown"), None);
    }

    #[test]
    fn what_many_have_in_common_tells_nobody() {
        for (mask, text, expected) in [
            (Mask::Masked, "Bob Lee", true),
            (Mask::Masked, "", false),
            (Mask::Cleared, "bob@acme.example", true),
            (Mask::Cleared, "+82-10-1000-0001", true),
            (Mask::Cleared, "/v1/people/bob/picture", true),
            (Mask::Cleared, "Acme Corp", false),
            (Mask::Cleared, "at desk 2", false),
        ] {
            assert_eq!(Masks::tells_who(mask, text), expected, "{text}");
        }
    }

    #[test]
    fn other_words_are_left_alone() {
        check("a bobsled for Bobby", None);
        check("", None);
        check("Acme Corp is at lunch", None);
        check("Mei Tanaka 田中", None);
        check("kebob stand", None);
    }

    #[test]
    fn an_empty_id_masks_nothing() {
        let mut masks = Masks::new();
        masks.add(PersonId::from(""), "unknown-x7".into());
        assert_eq!(masks.mask_text("Mei is here", "unknown"), None);
    }
}
