//! Patterns on ids: `*` stands for any characters or none, `?` for exactly one; everything else for
//! itself. No classes, no escapes: an administrator knows all of it after one sentence.

/// A pattern on whole ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob {
    pattern: Box<str>,
    /// What stands before the first `*` or `?`; all of a pattern without them.
    head: usize,
    /// Where what stands behind the last of them begins.
    tail: usize,
}

impl Glob {
    /// Every text is a pattern.
    pub fn new(pattern: &str) -> Self {
        Self {
            head: pattern.find(['*', '?']).unwrap_or(pattern.len()),
            tail: pattern.rfind(['*', '?']).map_or(pattern.len(), |at| at + 1),
            pattern: pattern.into(),
        }
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.pattern
    }

    /// Whether whatever fits `other` fits this one, as far as their texts tell: `*` of one is `*` of
    /// the other.
    pub fn covers(&self, other: &Self) -> bool {
        self.matches(&other.pattern)
    }

    /// Whether all of `text` fits. Most patterns are one `*` between fixed ends, which two
    /// comparisons tell.
    pub fn matches(&self, text: &str) -> bool {
        let part = |range| self.pattern.get(range).unwrap_or_default();
        let within = text
            .strip_prefix(part(0..self.head))
            .and_then(|rest| rest.strip_suffix(part(self.tail..self.pattern.len())));
        match (within, part(self.head..self.tail)) {
            (None, _) => false,
            (Some(within), "") => within.is_empty(),
            (Some(_), "*") => true,
            (Some(within), wild) => fits(wild, within),
        }
    }
}

/// Whether all of `text` fits. At most length of text times length of pattern steps: only the last
/// `*` is ever tried again, because what an earlier one took can stay as it is.
fn fits(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut rest) = (pattern.chars(), text.chars());
    let mut retry: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    loop {
        let left = rest.clone();
        match (pattern.next(), rest.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                rest = left;
                retry = Some((pattern.clone(), rest.clone()));
            }
            (Some('?'), Some(_)) => {}
            (Some(wanted), Some(found)) if wanted == found => {}
            _ => {
                let Some((after_star, from)) = &mut retry else {
                    return false;
                };
                if from.next().is_none() {
                    return false;
                }
                (pattern, rest) = (after_star.clone(), from.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn star_is_any_and_question_mark_is_one() {
        let check = |pattern: &str, text: &str, expected: bool| {
            assert_eq!(
                Glob::new(pattern).matches(text),
                expected,
                "{pattern} {text}"
            );
        };
        check("line:*", "line:mei", true);
        check("line:*", "line:", true);
        check("line:*", "online:mei", false);
        check("@*:acme.example", "@alice:acme.example", true);
        check("@*:acme.example", "@alice:acme.example.net", false);
        check("*a*b", "xaxbxab", true);
        check("*a*b", "xaxbxabc", false);
        check("u?", "u1", true);
        check("u?", "u", false);
        check("u?", "u한", true);
        check("?", "한글", false);
        check("", "", true);
        check("", "x", false);
        check("**", "", true);
        check("A", "a", false);
        check("[ab]", "a", false);
        check("ab*ba", "aba", false);
        check("ab*ba", "abba", true);
        check("@*:*", "@alice", false);
        check("U????", "U12345", false);
        check("a*b*c", "aXbYbZc", true);
        check("a*b*c", "aXbYbZ", false);
        check("*a", "aaaa", true);
    }

    #[test]
    fn a_looser_pattern_covers_a_closer_one() {
        let check = |looser: &str, closer: &str| {
            let (looser, closer) = (Glob::new(looser), Glob::new(closer));
            assert!(
                looser.covers(&closer) && !closer.covers(&looser),
                "{looser:?}"
            );
        };
        check("@*:acme", "@line_*:acme");
        check("@*:*", "@*:acme");
        check("*", "a?");
        assert!(!Glob::new("@a*:*").covers(&Glob::new("@*:acme")));
        assert!(
            Glob::new("a?").covers(&Glob::new("a*")) && Glob::new("a*").covers(&Glob::new("a?"))
        );
    }

    #[test]
    fn a_hostile_pattern_takes_no_longer_than_the_product() {
        let pattern = Glob::new(&"*a".repeat(100));
        let text = "a".repeat(200) + "b";
        assert!(!pattern.matches(&text));
    }
}
