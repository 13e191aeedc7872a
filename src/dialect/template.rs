//! JSON with holes: the answers a dialect gives in its own words.

use super::json::string::escape_into;
use crate::yaml::{Decoder, Node, Scalar, Value};

/// The most bytes of one template, values left out.
const TEMPLATE_BYTES_MAX: usize = 16 << 10;

/// What can stand in a hole. What is `None` is an empty string inside a text, and `null` where the
/// hole is the whole value.
#[derive(Clone, Copy, Debug, Default)]
pub struct Vars<'v> {
    /// The reason code of the own company's rule.
    pub reason: Option<&'v str>,
    /// A sentence for the person.
    pub sentence: Option<&'v str>,
    /// The support id that finds the audit record.
    pub id: Option<&'v str>,
    /// The content kind.
    pub kind: Option<&'v str>,
    /// The time of day, RFC 3339.
    pub time: Option<&'v str>,
    /// The time of day in milliseconds since 1970, as JSON writes a number.
    pub now_ms: Option<&'v str>,
    /// Who reads.
    pub viewer: Option<&'v str>,
    /// An id that nothing else has.
    pub fresh: Option<&'v str>,
}

/// A value that fills a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hole {
    Reason,
    Sentence,
    Id,
    Kind,
    Time,
    NowMs,
    Viewer,
    Fresh,
    /// The refusal's own fixed word, filled in when the file is read.
    Code,
}

const HOLES: &[(&str, Hole)] = &[
    ("reason", Hole::Reason),
    ("sentence", Hole::Sentence),
    ("id", Hole::Id),
    ("kind", Hole::Kind),
    ("time", Hole::Time),
    ("now_ms", Hole::NowMs),
    ("viewer", Hole::Viewer),
    ("fresh", Hole::Fresh),
    ("code", Hole::Code),
];

/// A JSON document with holes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Template {
    pieces: Vec<Piece>,
    bytes: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Bytes(Vec<u8>),
    /// Inside a string.
    Inside(Hole),
    /// In place of a value.
    Whole(Hole),
}

/// What is fixed for one refusal before its template is filled.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fixed<'f> {
    pub(super) code: Option<&'f str>,
    pub(super) sentence: Option<&'f str>,
}

impl Template {
    /// The template that a YAML value spells: plain `true`, `12` and `null` are those values in
    /// JSON, everything else is a string with `{holes}`.
    pub(super) fn read<'d>(node: &'d Node, decoder: &mut Decoder<'d>) -> Self {
        let mut template = Self::default();
        template.value(node, decoder);
        if template.bytes > TEMPLATE_BYTES_MAX {
            let span = decoder.first_line(&node.span);
            decoder.error(&span, "this template is larger than 16KiB");
        }
        template
    }

    /// The document, its holes filled.
    pub(super) fn fill(&self, fixed: Fixed<'_>, vars: &Vars<'_>) -> Vec<u8> {
        let mut document = Vec::with_capacity(self.bytes + 128);
        for piece in &self.pieces {
            match piece {
                Piece::Bytes(bytes) => document.extend_from_slice(bytes),
                Piece::Inside(hole) => {
                    escape_into(hole.value(fixed, vars).unwrap_or_default(), &mut document);
                }
                Piece::Whole(hole) => match hole.value(fixed, vars) {
                    None => document.extend_from_slice(b"null"),
                    Some(number) if *hole == Hole::NowMs => {
                        document.extend_from_slice(number.as_bytes());
                    }
                    Some(value) => {
                        document.push(b'"');
                        escape_into(value, &mut document);
                        document.push(b'"');
                    }
                },
            }
        }
        document
    }

    fn value<'d>(&mut self, node: &'d Node, decoder: &mut Decoder<'d>) {
        match &node.value {
            Value::Null => self.bytes(b"null"),
            Value::Scalar(scalar) => self.scalar(node, scalar, decoder),
            Value::Sequence(items) => {
                self.bytes(b"[");
                for (nth, item) in items.iter().enumerate() {
                    if nth > 0 {
                        self.bytes(b",");
                    }
                    self.value(item, decoder);
                }
                self.bytes(b"]");
            }
            Value::Mapping(entries) => {
                self.bytes(b"{");
                for (nth, (key, value)) in entries.iter().enumerate() {
                    if nth > 0 {
                        self.bytes(b",");
                    }
                    self.string(&key.text);
                    self.bytes(b":");
                    self.value(value, decoder);
                }
                self.bytes(b"}");
            }
        }
    }

    fn scalar<'d>(&mut self, node: &'d Node, scalar: &Scalar, decoder: &mut Decoder<'d>) {
        let text = &scalar.text;
        let is_number = || {
            text.starts_with(|c: char| c == '-' || c.is_ascii_digit())
                && serde_json::from_str::<serde_json::Number>(text).is_ok()
        };
        if scalar.plain && (text == "true" || text == "false" || is_number()) {
            self.bytes(text.as_bytes());
            return;
        }
        let whole = text.strip_prefix('{').and_then(|t| t.strip_suffix('}'));
        if let Some((_, hole)) = HOLES.iter().find(|(name, _)| Some(*name) == whole) {
            self.pieces.push(Piece::Whole(*hole));
            return;
        }
        self.bytes(b"\"");
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            self.escaped(before);
            let hole = after.split_once('}').and_then(|(name, after)| {
                let (_, hole) = HOLES.iter().find(|(known, _)| *known == name)?;
                Some((*hole, after))
            });
            match hole {
                Some((hole, after)) => {
                    self.pieces.push(Piece::Inside(hole));
                    rest = after;
                }
                None => {
                    let holes: Vec<_> = HOLES
                        .iter()
                        .map(|(name, _)| format!("{{{name}}}"))
                        .collect();
                    decoder
                        .error(&node.span, "no value of this name can stand here")
                        .set_help(format!("known here: {}", holes.join(", ")));
                    rest = after;
                }
            }
        }
        self.escaped(rest);
        self.bytes(b"\"");
    }

    fn string(&mut self, text: &str) {
        self.bytes(b"\"");
        self.escaped(text);
        self.bytes(b"\"");
    }

    fn escaped(&mut self, text: &str) {
        let mut bytes = Vec::new();
        escape_into(text, &mut bytes);
        self.bytes(&bytes);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len();
        match self.pieces.last_mut() {
            Some(Piece::Bytes(last)) => last.extend_from_slice(bytes),
            _ => self.pieces.push(Piece::Bytes(bytes.to_vec())),
        }
    }
}

impl Hole {
    fn value<'v>(self, fixed: Fixed<'v>, vars: &Vars<'v>) -> Option<&'v str> {
        match self {
            Self::Reason => vars.reason,
            Self::Sentence => fixed.sentence.or(vars.sentence),
            Self::Id => vars.id,
            Self::Kind => vars.kind,
            Self::Time => vars.time,
            Self::NowMs => vars.now_ms,
            Self::Viewer => vars.viewer,
            Self::Fresh => vars.fresh,
            Self::Code => fixed.code.or(vars.reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::yaml::{Budget, Source, parse};
    use super::*;

    fn filled(yaml: &str, vars: &Vars<'_>) -> String {
        let document = parse(Source::new("t", yaml), Budget::default()).unwrap();
        let mut decoder = Decoder::new(&document);
        let template = Template::read(&document.root, &mut decoder);
        assert!(!decoder.has_errors(), "{:?}", decoder.finish());
        let fixed = Fixed {
            code: Some("x"),
            sentence: None,
        };
        String::from_utf8(template.fill(fixed, vars)).unwrap()
    }

    #[test]
    fn a_filled_template_is_the_json_that_the_yaml_says() {
        let vars = Vars {
            reason: Some("not_permitted"),
            sentence: Some("say \"no\"\n\u{1}"),
            now_ms: Some("1764000000000"),
            viewer: Some("@a:b"),
            ..Vars::default()
        };
        let check = |yaml: &str, expected: &str| {
            let json = filled(yaml, &vars);
            assert_eq!(json, expected, "{yaml}");
            serde_json::from_str::<serde_json::Value>(&json).unwrap();
        };
        check(
            "{ a: 403, b: \"403\", c: true, d: null, e: [1, x] }",
            r#"{"a":403,"b":"403","c":true,"d":null,"e":[1,"x"]}"#,
        );
        check(
            "{ code: '{code}', reason: '{reason}' }",
            r#"{"code":"x","reason":"not_permitted"}"#,
        );
        check("'why: {reason}.'", r#""why: not_permitted.""#);
        check("'{sentence}'", r#""say \"no\"\n\u0001""#);
        check("'{id}'", "null");
        check(
            "{ who: '{viewer}', at: '{now_ms}' }",
            r#"{"who":"@a:b","at":1764000000000}"#,
        );
        check("'{fresh}'", "null");
        check("'<{id}>'", r#""<>""#);
        check("a\"b: 1.50", r#"{"a\"b":1.50}"#);
        check("01", r#""01""#);
    }
}
