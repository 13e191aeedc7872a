//! Reading a tree by schema, collecting every mistake.

use super::diagnostic::Diagnostic;
use super::tree::{Document, Node};

/// Collects the mistakes of one document while it is read.
pub struct Decoder<'d> {
    document: &'d Document,
    diagnostics: Vec<Diagnostic>,
}

/// The keys of one mapping, taken one by one; what is left over is unknown.
pub struct Fields<'d> {
    node: &'d Node,
    taken: Vec<bool>,
}
