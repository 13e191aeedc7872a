//! The words of unknown people, and what stands in their place.

mod letters;
mod search;

use std::collections::HashMap;

pub use search::Search;

use crate::dialect::json::splice::Edit;
use crate::dialect::json::string::quote;
use crate::dialect::program::Mask;
use crate::dialect::reading::Find;
use crate::policy::PersonId;

/// From how many digits on a text is a number by which somebody is reached.
const NUMBER_DIGITS_MIN: usize = 7;

/// Who must be masked in one body, with everything that would tell who they are.
#[derive(Default)]
pub struct Masks {
    masked: Vec<Masked>,
    /// Where each person stands in `masked`.
    at: HashMap<PersonId, usize>,
}

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
        self.masked.is_empty()
    }

    /// Masks somebody, whose id becomes the pseudonym. An empty id stands in every text and names
    /// nobody.
    pub fn add(&mut self, person: PersonId, pseudonym: String) {
        if !person.as_str().is_empty() && !self.at.contains_key(&person) {
            self.at.insert(person.clone(), self.masked.len());
            self.masked.push(Masked {
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
        let masked = self.at.get(person).and_then(|at| self.masked.get_mut(*at));
        if let Some(masked) = masked
            && !masked.names.iter().any(|known| known == name)
        {
            masked.names.push(name.to_owned());
        }
    }

    /// Everybody who is masked.
    pub fn people(&self) -> Vec<PersonId> {
        let people = self.masked.iter().map(|masked| masked.person.clone());
        people.collect()
    }

    /// What finds them in texts: ids, which become pseudonyms, and names, which become `unknown`.
    pub fn search<'m>(&'m self, unknown: &'m str) -> Search<'m> {
        let words = self.masked.iter().flat_map(|masked| {
            let id = (masked.person.as_str(), masked.pseudonym.as_str());
            let names = masked.names.iter().map(|name| (name.as_str(), unknown));
            std::iter::once(id).chain(names)
        });
        Search::of(words)
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

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::dialect::references::Dereferenced;

    fn check(text: &str, expected: Option<&str>) {
        let mut masks = Masks::new();
        let bob = PersonId::from("bob");
        masks.add(bob.clone(), "unknown-x7".into());
        masks.add_name(&bob, "Bob Lee");
        masks.add_name(&bob, "김민수");
        masks.add_name(&bob, "bob@acme.example");
        assert_eq!(
            masks.search("unknown").mask(text).as_deref(),
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
        let masked = |text: &str| masks.search("unknown").mask(text);
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
    fn in_references_of_markup_it_is_the_same_word() {
        check("<b>B&#111;b Lee</b>", Some("<b>unknown</b>"));
        check("&#66ob&nbsp;Lee!", Some("unknown!"));
        check("B&#x6F;&#X42;", Some("unknown-x7"));
        check("bob&commat;acme&period;example", Some("unknown"));
        check("bob&#x40;acme.example", Some("unknown"));
        check("&#44608;&#48124;&#49688;님", Some("unknown님"));
        check("&bopf;&percnt;6fb", Some("unknown-x7"));
        check("&#66;obsled, b&#111;bsled", None);
        // What a reader of plain text takes for the word is masked, too.
        check("&#66;bob &#;Bob", Some("&#66;unknown-x7 &#;unknown-x7"));
        check("&amp;#66;ob Lee", None);
    }

    #[test]
    fn a_name_with_signs_of_markup_is_masked_in_markup() {
        let mut masks = Masks::new();
        let pat = PersonId::from("@pat:acme");
        masks.add(pat.clone(), "unknown-p1".into());
        masks.add_name(&pat, "Pat O'Brien & Sons");
        masks.add_name(&pat, "José");
        let masked = |text: &str| masks.search("unknown").mask(text);
        for (text, expected) in [
            ("Pat O&#39;Brien &amp; Sons", "unknown"),
            ("Pat O&#x27;Brien & Sons came", "unknown came"),
            ("call Jos&eacute; or Jos&eacute", "call unknown or unknown"),
            (
                "Pat O&apos;Brien &amp; Sons, PAT O'BRIEN & SONS",
                "unknown, unknown",
            ),
            (
                "https://m.example/#/&#64;pat&#58;acme",
                "https://m.example/#/unknown-p1",
            ),
        ] {
            assert_eq!(masked(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn of_words_in_each_other_the_longest_is_masked() {
        let mut masks = Masks::new();
        for (id, name) in [
            ("a", "Kim"),
            ("b", "Kim Min"),
            ("c", "Min-su"),
            ("d", "su Lee"),
        ] {
            let person = PersonId::from(id);
            masks.add(person.clone(), format!("<{id}>"));
            masks.add_name(&person, name);
        }
        let masked = |text: &str| masks.search("unknown").mask(text);
        for (text, expected) in [
            ("Kim Min came", "unknown came"),
            // The longer one is no word of its own here, so the shorter one is taken.
            ("Kim Mind", "unknown Mind"),
            ("Kim Min-su Lee", "unknown-unknown"),
            ("Min-su Lee", "unknown Lee"),
            ("Kim Min&#45;su", "unknown&#45;su"),
        ] {
            assert_eq!(masked(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_word_is_masked_by_whole_letters() {
        let mut masks = Masks::new();
        let fi = PersonId::from("f");
        masks.add(fi.clone(), "unknown-z9".into());
        masks.add_name(&fi, "of");
        // The ligature is two letters, and stands in one.
        assert_eq!(masks.search("unknown").mask("o\u{fb01}"), None);
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
        assert_eq!(masks.search("unknown").mask("Mei is here"), None);
    }
    proptest! {
        #[test]
        fn in_references_the_same_words_are_masked(
            parts in vec(select(&["Bob", "bob", " ", "Lee", "김민수", "@", "b", "-", "Ｂ", "é", "sled"][..]), 0..9),
        ) {
            let mut masks = Masks::new();
            let bob = PersonId::from("bob");
            masks.add(bob.clone(), "unknown-x".into());
            masks.add_name(&bob, "Bob Lee");
            masks.add_name(&bob, "김민수");
            let search = masks.search("unknown");
            let text = parts.concat();
            let letters = text.chars();
            let markup: String = letters.map(|c| format!("&#{};", u32::from(c))).collect();
            let masked = search.mask(&markup).unwrap_or(markup);
            let read = Dereferenced::of(&masked).map_or(masked.clone(), |read| read.text().to_owned());
            prop_assert_eq!(read, search.mask(&text).unwrap_or(text));
        }
    }
}
