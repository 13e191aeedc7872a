//! A mistake in a file: what, where, and what to do.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// A file's name and text.
#[derive(Debug)]
pub struct Source {
    /// The path as the person gave it.
    pub path: PathBuf,
    /// The text.
    pub text: String,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The file can't be used.
    Error,
    /// It can, but look.
    Warning,
}

/// One mistake.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// How bad.
    pub severity: Severity,
    /// The file, if it could be read.
    pub source: Option<Arc<Source>>,
    /// The path, also where the file could not be read.
    pub path: PathBuf,
    /// Where in it, bytes.
    pub span: Range<usize>,
    /// What is wrong: lower case, no full stop, what the person wrote in backticks.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}
