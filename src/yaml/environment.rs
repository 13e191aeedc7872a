//! Variables of the environment in plain scalars: `${NAME}`, `${NAME:-default}`, `${NAME:?why}`.
//!
//! They are filled in after parsing, so a value can't change the structure of a file. Quoted text
//! stays as it is; in plain text `$${` stands for `${`. What was filled in never appears in a
//! diagnostic or in `Debug`: it may be a secret.

use std::ops::Range;
use std::sync::Arc;

use super::diagnostic::{Diagnostic, Findings};
use super::source::Source;
use super::tree::{Document, Node, Scalar, Value};

/// Names that may be read without being listed begin so.
const PREFIX: &str = "BORDERPOST_";

/// The longest text that variables may make, bytes.
const FILLED_BYTES_MAX: usize = 64 << 10;

/// The environment as a file may see it.
pub struct Environment<'e> {
    read: &'e dyn Fn(&str) -> Option<String>,
    allowed: Vec<String>,
}

impl<'e> Environment<'e> {
    /// Variables come from `read`; of those whose names don't begin with `BORDERPOST_` only the
    /// `allowed` ones may be named.
    pub fn new(read: &'e dyn Fn(&str) -> Option<String>, allowed: Vec<String>) -> Self {
        Self { read, allowed }
    }

    fn allows(&self, name: &str) -> bool {
        name.starts_with(PREFIX) || self.allowed.iter().any(|allowed| allowed == name)
    }
}

/// Fills in the variables of a document. All that can't be filled in are reported.
pub fn substitute(document: &mut Document, environment: &Environment<'_>) -> Vec<Diagnostic> {
    let mut filler = Filler {
        source: &document.source,
        environment,
        findings: Findings::default(),
    };
    filler.node(&mut document.root);
    filler.findings.finish()
}

struct Filler<'f, 'e> {
    source: &'f Arc<Source>,
    environment: &'f Environment<'e>,
    findings: Findings,
}

impl Filler<'_, '_> {
    fn node(&mut self, node: &mut Node) {
        match &mut node.value {
            Value::Null => {}
            Value::Scalar(scalar) => self.scalar(scalar, &node.span),
            Value::Sequence(items) => items.iter_mut().for_each(|item| self.node(item)),
            Value::Mapping(entries) => entries.iter_mut().for_each(|(_, value)| self.node(value)),
        }
    }

    fn scalar(&mut self, scalar: &mut Scalar, span: &Range<usize>) {
        if !scalar.plain || !scalar.text.contains("${") {
            return;
        }
        match self.filled(&scalar.text) {
            Ok(text) => {
                scalar.written = Some(std::mem::replace(&mut scalar.text, text));
            }
            Err((message, help)) => {
                let fault = Diagnostic::new(self.source, self.source.first_line(span), message);
                self.findings.push(fault.help(help));
            }
        }
    }

    fn filled(&self, text: &str) -> Result<String, (String, String)> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            if let Some(escaped) = before.strip_suffix('$') {
                filled.push_str(escaped);
                filled.push_str("${");
                rest = after;
                continue;
            }
            filled.push_str(before);
            let Some((inside, behind)) = after.split_once('}') else {
                return Err((
                    "`${` is not closed".to_owned(),
                    "write `${NAME}`, or `$${` where no variable is meant".to_owned(),
                ));
            };
            filled.push_str(&self.variable(inside)?);
            if filled.len() > FILLED_BYTES_MAX {
                return Err((
                    "variables make this text longer than 64KiB".to_owned(),
                    "put long texts into files".to_owned(),
                ));
            }
            rest = behind;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn variable(&self, inside: &str) -> Result<String, (String, String)> {
        let name_end = inside
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(inside.len());
        let (name, otherwise) = inside.split_at_checked(name_end).unwrap_or((inside, ""));
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return Err((
                format!("`${{{inside}}}` names no variable"),
                "write `${NAME}`, `${NAME:-default}` or `${NAME:?why it is needed}`".to_owned(),
            ));
        }
        if !self.environment.allows(name) {
            return Err((
                format!("the variable `{name}` may not be read"),
                format!("list it under `env_allow` in the gateway's file, or call it `{PREFIX}…`"),
            ));
        }
        let set = (self.environment.read)(name);
        let filled = set.clone().filter(|value| !value.is_empty());
        if otherwise.is_empty() {
            let help = format!("set it, or write `${{{name}:-default}}`");
            return set.ok_or_else(|| (format!("the variable `{name}` is not set"), help));
        }
        if let Some(default) = otherwise.strip_prefix(":-") {
            return Ok(filled.unwrap_or_else(|| default.to_owned()));
        }
        if let Some(why) = otherwise.strip_prefix(":?") {
            let message = format!("the variable `{name}` is not set: {why}");
            return filled.ok_or_else(|| (message, format!("set `{name}` before starting")));
        }
        Err((
            format!("`${{{inside}}}` can't be read"),
            "write `${NAME}`, `${NAME:-default}` or `${NAME:?why it is needed}`".to_owned(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Budget, parse};
    use super::*;

    fn filled(text: &str) -> (Document, Vec<Diagnostic>) {
        let mut document = parse(Source::new("f", text), Budget::default()).unwrap();
        let read = |name: &str| match name {
            "BORDERPOST_KEY" => Some("s3cret: {}".to_owned()),
            "BORDERPOST_EMPTY" => Some(String::new()),
            "HOME" | "SHELL" => Some("/home".to_owned()),
            "BORDERPOST_LONG" => Some("x".repeat(40 << 10)),
            _ => None,
        };
        let found = substitute(&mut document, &Environment::new(&read, vec!["HOME".into()]));
        (document, found)
    }

    #[test]
    fn variables_are_filled_in_plain_scalars_only() {
        let check = |text: &str, expected: &str| {
            let (document, found) = filled(text);
            assert!(found.is_empty(), "{text}: {found:?}");
            assert_eq!(document.root.as_text(), Some(expected), "{text}");
        };
        check("${BORDERPOST_KEY}", "s3cret: {}");
        check("a-${HOME}-${BORDERPOST_NONE:-b c}", "a-/home-b c");
        check("${BORDERPOST_EMPTY}", "");
        check("${BORDERPOST_EMPTY:-x}", "x");
        check("${BORDERPOST_KEY:?why}", "s3cret: {}");
        check("$${HOME}", "${HOME}");
        check("'${HOME}'", "${HOME}");
        check("\"$${HOME}\"", "$${HOME}");
        check("$HOME", "$HOME");
    }

    #[test]
    fn what_can_not_be_filled_in_is_said() {
        let check = |text: &str, expected: &str| {
            let (_, found) = filled(text);
            assert_eq!(
                found.first().map(|one| one.message.as_str()),
                Some(expected),
                "{text}"
            );
        };
        check(
            "${BORDERPOST_NONE}",
            "the variable `BORDERPOST_NONE` is not set",
        );
        check(
            "${BORDERPOST_NONE:?sign ids}",
            "the variable `BORDERPOST_NONE` is not set: sign ids",
        );
        check(
            "${BORDERPOST_EMPTY:?x}",
            "the variable `BORDERPOST_EMPTY` is not set: x",
        );
        check("${SHELL}", "the variable `SHELL` may not be read");
        let long = "variables make this text longer than 64KiB";
        check("${BORDERPOST_LONG}${BORDERPOST_LONG}", long);
        check("${}", "`${}` names no variable");
        check("${HOME", "`${` is not closed");
        check("${HOME+x}", "`${HOME+x}` can't be read");
    }

    #[test]
    fn all_that_are_missing_are_found_at_once() {
        let (_, found) = filled("a: ${BORDERPOST_A}\nb: [x]\nd: ${BORDERPOST_B\nc: ${HOME}\n");
        let lines: Vec<_> = found.iter().map(|one| one.position().unwrap().0).collect();
        assert_eq!(lines, [1, 3]);
    }

    #[test]
    fn what_was_filled_in_is_never_shown() {
        let (document, _) = filled("key: ${BORDERPOST_KEY}\n");
        assert!(!format!("{document:?}").contains("s3cret"));
        let Value::Mapping(entries) = &document.root.value else {
            panic!()
        };
        assert_eq!(entries[0].1.shown(), "`${BORDERPOST_KEY}`");
    }
}
