//! The scanner: reads a whole document strictly, and notes what the program asks for.

use super::super::program::Program;
use super::super::reading::Reading;

/// Bounds and manners of one reading.
#[derive(Clone, Debug)]
pub struct Manners {
    /// Nesting.
    pub depth_max: usize,
    /// Members of an object, elements of an array.
    pub members_max: usize,
    /// A string, bytes as written.
    pub string_bytes_max: usize,
    /// Digits of a number.
    pub number_digits_max: usize,
    /// Which keys of one object are twins.
    pub twins: Twins,
}

/// Which keys of one object count as the same, and are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twins {
    /// Equal after unescaping.
    Exact,
    /// Equal after unescaping, ignoring case and Unicode compatibility (requests).
    Folded,
}

/// Why a body can't be read as one document that all readers agree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanFault {
    /// Where, in bytes.
    pub at: usize,
    /// What.
    pub kind: ScanFaultKind,
}

/// What is wrong with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScanFaultKind {
    /// Not RFC 8259 (also a byte order mark, or bytes after the document).
    Syntax,
    /// Not UTF-8.
    Utf8,
    /// Half of a surrogate pair.
    LoneSurrogate,
    /// Two keys of an object that readers could take for the same.
    TwinKeys,
    /// A number that readers round or refuse differently.
    Number,
    /// Nested too deeply.
    Depth,
    /// Too many members or elements.
    Members,
    /// A string too long.
    StringLength,
}

/// Reads the whole document.
pub fn scan(_body: &[u8], _program: &Program, _manners: &Manners) -> Result<Reading, ScanFault> {
    todo!()
}
