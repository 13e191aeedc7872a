//! Reading a tree by schema, collecting every mistake.

use std::ops::{Range, RangeInclusive};
use std::path::PathBuf;
use std::time::Duration;

use super::diagnostic::{Diagnostic, Findings};
use super::fields::Fields;
use super::measure::{parse_bytes, parse_duration, show_bytes, show_duration};
use super::suggest::suggest;
use super::tree::{Document, Key, Node, Scalar, Value};

/// The longest key or word repeated in a message, characters.
const SHOWN_CHARS_MAX: usize = 60;

/// Collects the mistakes of one document while it is read.
///
/// Every reader returns `None` after it has reported what is wrong; go on with a default and report
/// the next mistake too. At the end, [`Decoder::finish`].
pub struct Decoder<'d> {
    document: &'d Document,
    findings: Findings,
}

impl<'d> Decoder<'d> {
    /// A decoder for one document.
    pub fn new(document: &'d Document) -> Self {
        Self {
            document,
            findings: Findings::default(),
        }
    }

    /// The document.
    pub fn document(&self) -> &'d Document {
        self.document
    }

    /// Everything found, errors and warnings, in the order of the file.
    pub fn finish(self) -> Vec<Diagnostic> {
        self.findings.finish()
    }

    /// Whether an error was found so far.
    pub fn has_errors(&self) -> bool {
        self.findings.has_errors()
    }

    /// Reports a mistake: what is wrong, lower case, no full stop. Add to the result what to do, by
    /// [`Diagnostic::set_help`]. Show values by [`Node::shown`]: a text may be a secret.
    pub fn error(&mut self, span: &Range<usize>, message: impl Into<String>) -> &mut Diagnostic {
        self.report(Diagnostic::new(
            &self.document.source,
            span.clone(),
            message,
        ))
    }

    /// Reports something that can be used, but should be looked at.
    pub fn warn(&mut self, span: &Range<usize>, message: impl Into<String>) -> &mut Diagnostic {
        self.report(Diagnostic::new(&self.document.source, span.clone(), message).warning())
    }

    /// Takes in a diagnostic that was made elsewhere.
    pub fn report(&mut self, diagnostic: Diagnostic) -> &mut Diagnostic {
        self.findings.push(diagnostic)
    }

    /// A mapping with a fixed set of keys.
    pub fn mapping(&mut self, node: &'d Node) -> Option<Fields<'d>> {
        let entries = self.entries(node)?;
        Some(Fields::new(entries, node.span.clone()))
    }

    /// A mapping with arbitrary keys, in the order written.
    pub fn entries(&mut self, node: &'d Node) -> Option<&'d [(Key, Node)]> {
        match &node.value {
            Value::Mapping(entries) => Some(entries),
            _ => self.wrong(node, "a mapping"),
        }
    }

    /// A list.
    pub fn list(&mut self, node: &'d Node) -> Option<&'d [Node]> {
        match &node.value {
            Value::Sequence(items) => Some(items),
            _ => self.wrong(node, "a list"),
        }
    }

    /// A list, or one value in place of a list of one.
    pub fn one_or_many(&mut self, node: &'d Node) -> &'d [Node] {
        match &node.value {
            Value::Sequence(items) => items,
            _ => std::slice::from_ref(node),
        }
    }

    /// A list of which each item is read by `read`; the faulty ones are left out.
    pub fn list_of<T>(
        &mut self,
        node: &'d Node,
        mut read: impl FnMut(&mut Self, &'d Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = self.list(node)?;
        Some(items.iter().filter_map(|item| read(self, item)).collect())
    }

    /// A text, in any style, not empty. `no`, `on` and `12` are texts where a text is wanted.
    pub fn string(&mut self, node: &'d Node) -> Option<&'d str> {
        let scalar = self.scalar(node, "a text")?;
        if scalar.text.is_empty() {
            self.error(&node.span, "this text is empty");
            return None;
        }
        Some(&scalar.text)
    }

    /// A text that may be empty.
    pub fn text(&mut self, node: &'d Node) -> Option<&'d str> {
        self.scalar(node, "a text")
            .map(|scalar| scalar.text.as_str())
    }

    /// The path of a file, as written.
    pub fn path(&mut self, node: &'d Node) -> Option<PathBuf> {
        self.scalar(node, "the path of a file")?;
        self.string(node).map(PathBuf::from)
    }

    /// `true` or `false`, without quotes.
    pub fn bool(&mut self, node: &'d Node) -> Option<bool> {
        match self.plain(node, "`true` or `false`")? {
            "true" => Some(true),
            "false" => Some(false),
            other => {
                let meant = match other.to_ascii_lowercase().as_str() {
                    "true" | "yes" | "on" | "y" => Some("true"),
                    "false" | "no" | "off" | "n" => Some("false"),
                    _ => None,
                };
                let fault = self.mismatch(node, "`true` or `false`");
                if let Some(word) = meant {
                    fault.set_help(format!("write `{word}`"));
                }
                None
            }
        }
    }

    /// A whole number in a range, without quotes.
    pub fn integer(&mut self, node: &'d Node, range: RangeInclusive<u64>) -> Option<u64> {
        let (least, most) = (*range.start(), *range.end());
        let wanted = match most {
            u64::MAX => format!("a whole number from {least}"),
            _ => format!("a whole number from {least} to {most}"),
        };
        let text = self.plain(node, &wanted)?;
        // A leading zero means octal to some readers of YAML and nothing to others.
        let canonical = text.bytes().all(|byte| byte.is_ascii_digit())
            && (text == "0" || !text.starts_with('0'));
        let number = text.parse().ok().filter(|_| canonical);
        match number.filter(|number| range.contains(number)) {
            Some(number) => Some(number),
            None => {
                self.mismatch(node, &wanted);
                None
            }
        }
    }

    /// A length of time in a range: `500ms`, `10s`, `5m`, `2h`, `1d`.
    pub fn duration(
        &mut self,
        node: &'d Node,
        range: RangeInclusive<Duration>,
    ) -> Option<Duration> {
        let wanted = format!(
            "a length of time from {} to {}",
            show_duration(*range.start()),
            show_duration(*range.end())
        );
        let text = self.plain(node, &wanted)?;
        let duration = parse_duration(text);
        match duration.filter(|duration| range.contains(duration)) {
            Some(duration) => Some(duration),
            None => {
                let fault = self.mismatch(node, &wanted);
                if duration.is_none() {
                    fault.set_help(
                        "write a whole number and a unit: `500ms`, `10s`, `5m`, `2h`, `1d`",
                    );
                }
                None
            }
        }
    }

    /// A size in a range, bytes: `100B`, `64KiB`, `1MiB`, `2GiB`.
    pub fn bytes(&mut self, node: &'d Node, range: RangeInclusive<u64>) -> Option<u64> {
        let wanted = format!(
            "a size from {} to {}",
            show_bytes(*range.start()),
            show_bytes(*range.end())
        );
        let text = self.plain(node, &wanted)?;
        let bytes = parse_bytes(text);
        match bytes.filter(|bytes| range.contains(bytes)) {
            Some(bytes) => Some(bytes),
            None => {
                let fault = self.mismatch(node, &wanted);
                if bytes.is_none() {
                    fault.set_help(
                        "write a whole number and a unit: `100B`, `64KiB`, `1MiB`, `2GiB`",
                    );
                }
                None
            }
        }
    }

    /// One of a table of words, and what it means.
    pub fn word<T: Clone>(&mut self, node: &'d Node, table: &[(&str, T)]) -> Option<T> {
        let words = || table.iter().map(|(word, _)| *word);
        let wanted = one_of(words());
        let written = &self.scalar(node, &wanted)?.text;
        let found = table.iter().find(|(word, _)| word == written);
        if let Some((_, meaning)) = found {
            return Some(meaning.clone());
        }
        let near = self.suggest(written, words());
        let fault = self.mismatch(node, &wanted);
        if let Some(near) = near {
            fault.set_help(format!("did you mean `{near}`?"));
        }
        None
    }

    /// Reports that `node` is not what was wanted: "found …, wanted …".
    pub fn mismatch(&mut self, node: &Node, wanted: &str) -> &mut Diagnostic {
        let span = self.first_line(&node.span);
        self.error(&span, format!("found {}, wanted {wanted}", node.shown()))
    }

    /// The known word nearest to what was written. A file with thousands of unknown words gets no
    /// suggestions for those that are only counted.
    pub fn suggest<'k>(
        &self,
        written: &str,
        known: impl IntoIterator<Item = &'k str>,
    ) -> Option<&'k str> {
        if self.findings.is_full() {
            return None;
        }
        suggest(written, known)
    }

    /// The first line of a span: a caret under ten lines helps nobody.
    pub fn first_line(&self, span: &Range<usize>) -> Range<usize> {
        self.document.source.first_line(span)
    }

    pub(super) fn shorten(&self, text: &str) -> String {
        text.chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(SHOWN_CHARS_MAX)
            .collect()
    }

    fn scalar(&mut self, node: &'d Node, wanted: &str) -> Option<&'d Scalar> {
        match node.as_scalar() {
            Some(scalar) => Some(scalar),
            None => self.wrong(node, wanted),
        }
    }

    /// A scalar without quotes: in quotes, `"true"` and `"10"` are texts to every reader of YAML.
    fn plain(&mut self, node: &'d Node, wanted: &str) -> Option<&'d str> {
        let scalar = self.scalar(node, wanted)?;
        if scalar.plain {
            return Some(&scalar.text);
        }
        self.mismatch(node, wanted).set_help("remove the quotes");
        None
    }

    fn wrong<T>(&mut self, node: &Node, wanted: &str) -> Option<T> {
        self.mismatch(node, wanted);
        None
    }
}

fn one_of<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let words: Vec<_> = words.map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Budget, Source, parse};
    use super::*;

    /// Reads `text` by `read`; what was found wrong, one line each.
    fn faults(text: &str, read: impl for<'d> Fn(&mut Decoder<'d>, &'d Node)) -> Vec<String> {
        let document = parse(Source::new("f", text), Budget::default()).unwrap();
        let mut decoder = Decoder::new(&document);
        read(&mut decoder, &document.root);
        decoder.finish().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_mistake_of_a_mapping_is_found_at_once() {
        let found = faults(
            "이름: x\nconect: allow\nlimit: ten\nwait: 10\nlist: a\nname: [1]\nempty:\n",
            |decoder, root| {
                let mut fields = decoder.mapping(root).unwrap();
                fields.required(decoder, "connect");
                fields.required(decoder, "empty");
                let limit = fields.optional("limit").unwrap();
                decoder.integer(limit, 1..=9);
                let wait = fields.optional("wait").unwrap();
                decoder.duration(wait, Duration::from_secs(1)..=Duration::from_secs(60));
                let list = fields.optional("list").unwrap();
                decoder.list(list);
                let name = fields.optional("name").unwrap();
                decoder.string(name);
                fields.finish(decoder);
            },
        );
        assert_eq!(
            found,
            [
                "f:1:1: error: the key `connect` is missing here (add `connect: …` to this mapping)",
                "f:1:1: error: unknown key `이름` (known here: connect, empty, limit, wait, list, name)",
                "f:2:1: error: unknown key `conect` (did you mean `connect`?)",
                "f:3:8: error: found `ten`, wanted a whole number from 1 to 9",
                "f:4:7: error: found `10`, wanted a length of time from 1s to 1m \
                 (write a whole number and a unit: `500ms`, `10s`, `5m`, `2h`, `1d`)",
                "f:5:7: error: found `a`, wanted a list",
                "f:6:7: error: found a list, wanted a text",
                "f:7:1: error: `empty` has no value",
            ]
        );
    }

    #[test]
    fn scalars_are_read_by_what_is_wanted() {
        let check = |text: &str, expected: &str| {
            let found = faults(text, |decoder, root| {
                let table = [("allow", 1), ("deny", 2)];
                let mut fields = decoder.mapping(root).unwrap();
                if let Some(node) = fields.optional("bool") {
                    decoder.bool(node);
                }
                if let Some(node) = fields.optional("word") {
                    decoder.word(node, &table);
                }
                if let Some(node) = fields.optional("bytes") {
                    decoder.bytes(node, 1..=1 << 20);
                }
                if let Some(node) = fields.optional("integer") {
                    decoder.integer(node, 0..=u64::MAX);
                }
                if let Some(node) = fields.optional("string") {
                    decoder.string(node);
                }
            });
            let found: Vec<_> = found
                .iter()
                .filter_map(|line| line.split_once("error: "))
                .collect();
            assert_eq!(
                found.first().map_or("", |found| found.1),
                expected,
                "{text}"
            );
        };
        check("bool: true", "");
        check("bool: false", "");
        check(
            "bool: yes",
            "found `yes`, wanted `true` or `false` (write `true`)",
        );
        check(
            "bool: 'true'",
            "found `\"true\"`, wanted `true` or `false` (remove the quotes)",
        );
        check("word: deny", "");
        check("word: 'deny'", "");
        check(
            "word: dney",
            "found `dney`, wanted `allow` or `deny` (did you mean `deny`?)",
        );
        check("word: {}", "found a mapping, wanted `allow` or `deny`");
        check("bytes: 1MiB", "");
        check("bytes: 2MiB", "found `2MiB`, wanted a size from 1B to 1MiB");
        check("integer: 12", "");
        check("integer: 0", "");
        check("integer: 012", "found `012`, wanted a whole number from 0");
        check("integer: -1", "found `-1`, wanted a whole number from 0");
        check(
            "integer: 1_000",
            "found `1_000`, wanted a whole number from 0",
        );
        check("string: no", "");
        check("string: 12", "");
        check("string: ''", "this text is empty");
    }
}
