//! The tree: scalars as text with their place, mappings in order without duplicates, sequences.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::source::Source;

/// The longest text repeated in a message, characters.
const SHOWN_CHARS_MAX: usize = 60;

/// One parsed file.
#[derive(Clone, Debug)]
pub struct Document {
    /// The file it came from.
    pub source: Arc<Source>,
    /// Its root.
    pub root: Node,
}

/// A value and where it stands: bytes of the source.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where. For an alias: where the alias stands.
    pub span: Range<usize>,
}

/// A YAML value. Scalars stay text: the reader of a key says what it wants of them.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing, `~` or `null` (plain).
    Null,
    /// A scalar.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping, in the order written. No key stands twice.
    Mapping(Vec<(Key, Node)>),
}

/// A scalar's text and how it was written.
#[derive(Clone)]
pub struct Scalar {
    /// The text, escapes resolved, variables of the environment filled in.
    pub text: String,
    /// Whether it was written without quotes, in one of the plain styles.
    pub plain: bool,
    /// What the file says, where the text was filled in from the environment. It is shown in place
    /// of the text, which may be a secret.
    pub written: Option<String>,
}

/// A key of a mapping and where it stands.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key.
    pub text: String,
    /// Where, bytes.
    pub span: Range<usize>,
}

impl Node {
    /// The scalar, if it is one.
    pub fn as_scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// Whether nothing stands here.
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// A scalar's text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        self.as_scalar().map(|scalar| scalar.text.as_str())
    }

    /// What it is, in words for a message: `` `abc` ``, `a list`, `nothing`. Never a secret.
    pub fn shown(&self) -> String {
        match &self.value {
            Value::Null => "nothing".to_owned(),
            Value::Scalar(scalar) => scalar.shown(),
            Value::Sequence(_) => "a list".to_owned(),
            Value::Mapping(_) => "a mapping".to_owned(),
        }
    }
}

impl Scalar {
    /// The text in backticks and cut to one short line; what the file says where the text came from
    /// the environment.
    pub fn shown(&self) -> String {
        let text = self.written.as_ref().unwrap_or(&self.text);
        let line: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(SHOWN_CHARS_MAX)
            .collect();
        let more = if text.chars().nth(SHOWN_CHARS_MAX).is_some() {
            "…"
        } else {
            ""
        };
        if self.plain {
            format!("`{line}{more}`")
        } else {
            format!("`\"{line}{more}\"`")
        }
    }
}

impl fmt::Debug for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}
