//! The words of unknown people, and what stands in their place.

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
                person,
                pseudonym,
                names: Vec::new(),
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
        }
    }

    /// Everybody who is masked.
    pub fn people(&self) -> Vec<PersonId> {
        self.0.iter().map(|masked| masked.person.clone()).collect()
    }

    /// The text with every id, name and address of a masked person replaced, or `None` if it has
    /// none. The longest match at a place wins, so that `Kim Min-su` does not leave `-su` behind.
    pub fn mask_text(&self, text: &str, unknown: &str) -> Option<String> {
        let mut words: Vec<(&str, &str)> = Vec::new();
        for masked in &self.0 {
            words.push((masked.person.as_str(), &masked.pseudonym));
            words.extend(masked.names.iter().map(|name| (name.as_str(), unknown)));
        }
        words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        let mut masked = String::new();
        let mut kept = 0;
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let found = words
                .iter()
                .find(|(word, _)| rest.starts_with(word) && stands_alone(text, at, word));
            match found {
                Some((word, by)) => {
                    masked.push_str(text.get(kept..at).unwrap_or_default());
                    masked.push_str(by);
                    at += word.len();
                    kept = at;
                }
                None => at += rest.chars().next().map_or(1, char::len_utf8),
            }
        }
        if kept == 0 && masked.is_empty() {
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

/// Whether a word is not a part of a longer one: `bob` is in `<@bob>`, not in `bobsled`. Only
/// letters and digits of ASCII tie words together; in Korean and Japanese what follows a name is
/// written next to it.
fn stands_alone(text: &str, at: usize, word: &str) -> bool {
    let bytes = text.as_bytes();
    let tied = |a: Option<&u8>, b: Option<&u8>| {
        a.is_some_and(u8::is_ascii_alphanumeric) && b.is_some_and(u8::is_ascii_alphanumeric)
    };
    if word.chars().nth(1).is_none() {
        // A single letter is a name only where it is a word of its own, in any script.
        let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let (before, after) = (text.get(..at), text.get(at + word.len()..));
        return !letter(before.and_then(|text| text.chars().next_back()))
            && !letter(after.and_then(|text| text.chars().next()));
    }
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    let after = bytes.get(at + word.len());
    !tied(before, word.as_bytes().first()) && !tied(word.as_bytes().last(), after)
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
