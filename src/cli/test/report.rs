//! What came of the cases, for people, programs and build servers.

use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::path::Path;

use serde_json::json;

use crate::cases::{Outcome, Story};

/// What came of one file.
pub(super) struct Told {
    file: String,
    title: String,
    pub outcomes: Vec<Outcome>,
}

impl Told {
    /// Asks the cases of a story that the filter lets through.
    pub fn run(path: &Path, story: &Story, filter: Option<&str>) -> Self {
        let file = path.display().to_string();
        let wanted =
            |name: &str| filter.is_none_or(|filter| name.contains(filter) || file.contains(filter));
        let cases = story.cases.iter().filter(|case| wanted(&case.name));
        let outcomes = cases.map(crate::cases::Case::run).collect();
        Self {
            title: story.title.clone(),
            outcomes,
            file,
        }
    }

    /// How many do not hold.
    pub fn failed(&self) -> usize {
        let outcomes = self.outcomes.iter();
        outcomes.filter(|outcome| outcome.mistake.is_some()).count()
    }
}

/// A line a case, and what was expected and found where the two differ.
pub(super) fn tree(told: &[Told]) -> String {
    let paint = Paint {
        on: std::io::stdout().is_terminal(),
    };
    let mut out = String::new();
    for told in told {
        let title = if told.title.is_empty() {
            String::new()
        } else {
            format!(": {}", told.title)
        };
        line(&mut out, &format!("{}{title}", told.file));
        for outcome in &told.outcomes {
            match &outcome.mistake {
                None => line(
                    &mut out,
                    &format!("  {}    {}", paint.good("ok"), outcome.name),
                ),
                Some(mistake) => {
                    line(
                        &mut out,
                        &format!("  {}  {}", paint.bad("FAIL"), outcome.name),
                    );
                    line(&mut out, &format!("        expected {}", mistake.expected));
                    line(&mut out, &format!("           found {}", mistake.found));
                }
            }
        }
        line(&mut out, "");
    }
    let (all, failed) = counted(told);
    let passed = all - failed;
    let _ = write!(out, "{all} cases: {passed} ok, {failed} failed");
    out
}

/// One document.
pub(super) fn json(told: &[Told]) -> String {
    let (all, failed) = counted(told);
    let files: Vec<_> = told
        .iter()
        .map(|told| {
            let cases: Vec<_> = told.outcomes.iter().map(json_of).collect();
            json!({ "file": told.file, "story": told.title, "cases": cases })
        })
        .collect();
    format!(
        "{:#}",
        json!({ "cases": all, "failed": failed, "files": files })
    )
}

fn json_of(outcome: &Outcome) -> serde_json::Value {
    match &outcome.mistake {
        None => json!({ "name": outcome.name, "ok": true }),
        Some(mistake) => json!({
            "name": outcome.name,
            "ok": false,
            "expected": mistake.expected,
            "found": mistake.found,
        }),
    }
}

/// JUnit's XML: a suite each file.
pub(super) fn junit(told: &[Told]) -> String {
    let (all, failed) = counted(told);
    let mut out = String::new();
    line(&mut out, r#"<?xml version="1.0" encoding="UTF-8"?>"#);
    line(
        &mut out,
        &format!(r#"<testsuites tests="{all}" failures="{failed}">"#),
    );
    for told in told {
        let (file, tests, failed) = (xml(&told.file), told.outcomes.len(), told.failed());
        line(
            &mut out,
            &format!(r#"  <testsuite name="{file}" tests="{tests}" failures="{failed}">"#),
        );
        for outcome in &told.outcomes {
            let name = xml(&outcome.name);
            let case = format!(r#"    <testcase classname="{file}" name="{name}""#);
            match &outcome.mistake {
                None => line(&mut out, &format!("{case}/>")),
                Some(mistake) => {
                    let (expected, found) = (xml(&mistake.expected), xml(&mistake.found));
                    line(&mut out, &format!("{case}>"));
                    line(
                        &mut out,
                        &format!(
                            r#"      <failure message="expected {expected}, found {found}"/>"#
                        ),
                    );
                    line(&mut out, "    </testcase>");
                }
            }
        }
        line(&mut out, "  </testsuite>");
    }
    out.push_str("</testsuites>");
    out
}

/// A text as the value of an attribute. What XML 1.0 has no place for becomes a question mark.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('?'),
            c => out.push(c),
        }
    }
    out
}

fn counted(told: &[Told]) -> (usize, usize) {
    let all = told.iter().map(|told| told.outcomes.len()).sum();
    (all, told.iter().map(Told::failed).sum())
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

/// Colours, on a terminal.
struct Paint {
    on: bool,
}

impl Paint {
    fn good(&self, word: &str) -> String {
        self.with("32", word)
    }

    fn bad(&self, word: &str) -> String {
        self.with("31;1", word)
    }

    fn with(&self, code: &str, word: &str) -> String {
        if self.on {
            format!("\u{1b}[{code}m{word}\u{1b}[0m")
        } else {
            word.to_owned()
        }
    }
}
