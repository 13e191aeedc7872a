//! Patterns on ids: `*` for any text, `?` for one character.

/// A pattern with `*` for any text and `?` for any one character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob(Vec<char>);

impl Glob {
    pub(super) fn new(pattern: &str) -> Self {
        Self(pattern.chars().collect())
    }

    /// The pattern as written.
    pub(super) fn pattern(&self) -> String {
        self.0.iter().collect()
    }

    /// Whether the whole text fits. Linear in the text for each star: only the last star is ever taken back.
    pub(super) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let (mut at, mut read) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        while read < text.len() {
            match self.0.get(at) {
                Some('*') => {
                    star = Some((at, read));
                    at += 1;
                }
                Some(c) if *c == '?' || text.get(read) == Some(c) => {
                    at += 1;
                    read += 1;
                }
                _ => match star {
                    Some((star_at, star_read)) => {
                        at = star_at + 1;
                        read = star_read + 1;
                        star = Some((star_at, read));
                    }
                    None => return false,
                },
            }
        }
        self.0.iter().skip(at).all(|c| *c == '*')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_matches_the_whole_text() {
        let check = |pattern: &str, text: &str, expected: bool| {
            assert_eq!(
                Glob::new(pattern).matches(text),
                expected,
                "{pattern} {text}"
            );
        };
        check("*", "", true);
        check("*", "alice", true);
        check("@*:*", "@alice:acme.example", true);
        check("@*:*", "alice", false);
        check("@*:*", "@alice", false);
        check("U????", "U1234", true);
        check("U????", "U123", false);
        check("U????", "U12345", false);
        check("a*b*c", "aXbYbZc", true);
        check("a*b*c", "aXbYbZ", false);
        check("", "", true);
        check("", "x", false);
        check("*a", "aaaa", true);
    }
}
