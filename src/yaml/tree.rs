//! The tree: scalars as text with their place, mappings in order without duplicates, sequences.

use std::ops::Range;
use std::sync::Arc;

use super::diagnostic::{Diagnostic, Source};

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
    /// Where.
    pub span: Range<usize>,
}

/// A YAML value. Scalars stay text: the reader of a key says what it wants of them.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing, `~` or `null` (plain).
    Null,
    /// A scalar's text, and whether it was written plain (`true`) or quoted.
    Scalar(String, bool),
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping, in the order written: each key (a scalar) with its place, and its value.
    Mapping(Vec<(Node, Node)>),
}

/// Bounds on one file.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// The file's size, bytes.
    pub bytes_max: usize,
    /// Values in it, aliases expanded.
    pub nodes_max: usize,
    /// Nesting.
    pub depth_max: usize,
}

/// Parses one file. Duplicate keys, merge keys, several documents, tags, and aliases past the
/// budget are faults; all that can be found at once are.
pub fn parse(_source: Arc<Source>, _budget: Budget) -> Result<Document, Vec<Diagnostic>> {
    todo!()
}
