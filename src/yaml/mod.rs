//! YAML as written: a tree whose every key and value knows where it stands, and an accumulating
//! decoder that finds all mistakes at once.
//!
//! Knows nothing of what the files mean.

mod decode;
mod diagnostic;
mod tree;

pub use decode::{Decoder, Fields};
pub use diagnostic::{Diagnostic, Severity, Source};
pub use tree::{Budget, Document, Node, Value, parse};
