//! A path of a shape, as written: `rooms.join.{room}.timeline.events[*]`.

use std::ops::Range;

/// The most steps of one path: deeper than any body that is read.
const STEPS_MAX: usize = 32;
/// The most `**` of one path: each doubles what the path can stand for.
const BELOW_MAX: usize = 2;

/// One step from a value towards a value inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The member with this key.
    Key(Box<str>),
    /// Every member whose key is not named; the keys are ids with this meaning (`{room}`).
    Captured(Box<str>),
    /// Every member, whatever its key (`{_}`).
    Any,
    /// Every member whose key is not named (`*`).
    Rest,
    /// Every element (`[*]`).
    Elements,
    /// Every value below, at any depth (`**`).
    Below,
    /// The document that the string here holds (`!json`).
    Embedded,
}

/// What is wrong with a path, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SelectorFault {
    /// Bytes of the path.
    pub(super) at: Range<usize>,
    /// What.
    pub(super) message: &'static str,
}

/// Reads a path; the steps with their places in it. `.` is no step at all.
pub(super) fn parse(path: &str) -> Result<Vec<(Step, Range<usize>)>, SelectorFault> {
    let mut reader = Reader {
        text: path,
        at: 0,
        steps: Vec::new(),
    };
    if path.is_empty() {
        return Err(reader.fault(0, "an empty path: `.` is the value itself"));
    }
    if path == "." {
        return Ok(reader.steps);
    }
    if path.starts_with(".[") || path.starts_with(".!") {
        reader.at = 1;
        reader.suffixes()?;
    } else {
        reader.key()?;
    }
    while reader.at < path.len() {
        if reader.peek() != Some('.') {
            return Err(reader.fault(reader.at, "expected `.`, `[*]` or `!json` here"));
        }
        reader.at += 1;
        reader.key()?;
    }
    if reader.steps.len() > STEPS_MAX {
        return Err(SelectorFault {
            at: 0..path.len(),
            message: "more than 32 steps: give the inner object a shape of its own",
        });
    }
    let is_below = |(step, _): &&(Step, Range<usize>)| *step == Step::Below;
    if let Some((_, at)) = reader.steps.iter().filter(is_below).nth(BELOW_MAX) {
        return Err(SelectorFault {
            at: at.clone(),
            message: "more than two `**` in one path",
        });
    }
    Ok(reader.steps)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    steps: Vec<(Step, Range<usize>)>,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn fault(&self, from: usize, message: &'static str) -> SelectorFault {
        let width = self
            .text
            .get(from..)
            .and_then(|rest| rest.chars().next())
            .map_or(0, char::len_utf8);
        SelectorFault {
            at: from..from + width,
            message,
        }
    }

    fn push(&mut self, step: Step, length: usize) {
        self.steps.push((step, self.at..self.at + length));
        self.at += length;
    }

    /// One key and what follows it up to the next dot.
    fn key(&mut self) -> Result<(), SelectorFault> {
        match self.peek() {
            Some('"') => self.quoted()?,
            Some('{') => self.braces()?,
            Some('*') if self.rest().starts_with("**") => self.push(Step::Below, 2),
            Some('*') => self.push(Step::Rest, 1),
            _ => self.bare()?,
        }
        self.suffixes()
    }

    fn bare(&mut self) -> Result<(), SelectorFault> {
        let rest = self.rest();
        let length = rest.find(['.', '[', '!']).unwrap_or(rest.len());
        let key = rest.get(..length).unwrap_or_default();
        if key.is_empty() {
            return Err(self.fault(self.at, "a key is missing here"));
        }
        let wrong = key.find(|c: char| c.is_whitespace() || "\"{}]*".contains(c));
        if let Some(offset) = wrong {
            return Err(self.fault(
                self.at + offset,
                "not in a bare key: write the key in quotes",
            ));
        }
        self.push(Step::Key(key.into()), length);
        Ok(())
    }

    fn quoted(&mut self) -> Result<(), SelectorFault> {
        let mut key = String::new();
        let mut escaped = false;
        for (offset, c) in self.rest().char_indices().skip(1) {
            match c {
                _ if escaped => {
                    key.push(c);
                    escaped = false;
                }
                '\\' => escaped = true,
                '"' => {
                    self.push(Step::Key(key.into()), offset + 1);
                    return Ok(());
                }
                _ => key.push(c),
            }
        }
        Err(self.fault(self.at, "this quote is not closed"))
    }

    fn braces(&mut self) -> Result<(), SelectorFault> {
        let Some(length) = self.rest().find('}') else {
            return Err(self.fault(self.at, "this brace is not closed"));
        };
        let name = self.rest().get(1..length).unwrap_or_default();
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(word) {
            return Err(SelectorFault {
                at: self.at..self.at + length + 1,
                message: "braces hold a place, a thing, `person` or `_`",
            });
        }
        let step = match name {
            "_" => Step::Any,
            _ => Step::Captured(name.into()),
        };
        self.push(step, length + 1);
        Ok(())
    }

    fn suffixes(&mut self) -> Result<(), SelectorFault> {
        loop {
            match self.peek() {
                Some('[') if self.rest().starts_with("[*]") => self.push(Step::Elements, 3),
                Some('[') => {
                    return Err(
                        self.fault(self.at, "only `[*]`, every element, can stand in brackets")
                    );
                }
                Some('!') if self.rest().starts_with("!json") => self.push(Step::Embedded, 5),
                Some('!') => {
                    return Err(self.fault(self.at, "only `!json` can follow a key here"));
                }
                _ => return Ok(()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The steps, written back in one canonical way.
    fn check(path: &str, expected: &str) {
        let shown = match parse(path) {
            Ok(steps) => steps
                .iter()
                .map(|(step, _)| match step {
                    Step::Key(key) => format!("<{key}>"),
                    Step::Captured(name) => format!("{{{name}}}"),
                    Step::Any => "{_}".to_owned(),
                    Step::Rest => "*".to_owned(),
                    Step::Elements => "[*]".to_owned(),
                    Step::Below => "**".to_owned(),
                    Step::Embedded => "!json".to_owned(),
                })
                .collect::<Vec<_>>()
                .join(" "),
            Err(fault) => format!("{}..{} {}", fault.at.start, fault.at.end, fault.message),
        };
        assert_eq!(shown, expected, "{path}");
    }

    #[test]
    fn a_path_reads_as_its_steps() {
        check(".", "");
        check("id", "<id>");
        check(".[*]", "[*]");
        check("rows[*][*].type", "<rows> [*] [*] <type>");
        check(
            "rooms.join.{room}.events[*]",
            "<rooms> <join> {room} <events> [*]",
        );
        check("data.post!json.channel", "<data> <post> !json <channel>");
        check("\"m.heroes\"[*]", "<m.heroes> [*]");
        check("a.\"b\\\"[\".c", "<a> <b\"[> <c>");
        check("*", "*");
        check("fields.*", "<fields> *");
        check("**.action", "** <action>");
        check("by.{_}.x", "<by> {_} <x>");
        check("이름", "<이름>");
    }

    #[test]
    fn a_fault_points_at_its_spot() {
        check("", "0..0 an empty path: `.` is the value itself");
        check("a..b", "2..3 a key is missing here");
        check("a.", "2..2 a key is missing here");
        check(
            "a[0].b",
            "1..2 only `[*]`, every element, can stand in brackets",
        );
        check("a[*]b", "4..5 expected `.`, `[*]` or `!json` here");
        check("a b", "1..2 not in a bare key: write the key in quotes");
        check("x.{room", "2..3 this brace is not closed");
        check("x.{}", "2..4 braces hold a place, a thing, `person` or `_`");
        check("\"open", "0..1 this quote is not closed");
        check("a!yaml", "1..2 only `!json` can follow a key here");
    }

    #[test]
    fn a_path_has_two_depths_at_most() {
        check("**.a.**.b", "** <a> ** <b>");
        check("**.a.**.b.**", "10..12 more than two `**` in one path");
    }

    #[test]
    fn a_path_has_32_steps_at_most() {
        let path = |steps: usize| vec!["a"; steps].join(".");
        assert!(parse(&path(32)).is_ok());
        assert!(parse(&path(33)).is_err());
    }
}
