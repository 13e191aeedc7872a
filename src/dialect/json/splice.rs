//! Edits as splices: every byte outside them stays as it was.

use std::ops::Range;

use super::super::reading::{Reading, SlotIx};

/// One change to a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// These bytes (a whole value or key) become others (a whole value or key).
    Replace(Range<usize>, Vec<u8>),
    /// This element or member goes.
    Drop(SlotIx),
}

/// The body with the edits made. Edits inside a dropped or replaced stretch are void; of two that
/// overlap otherwise the outer one holds.
pub fn splice(_body: &[u8], _reading: &Reading, _edits: Vec<Edit>) -> Vec<u8> {
    todo!()
}
