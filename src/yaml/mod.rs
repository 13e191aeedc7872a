//! YAML as written: a tree whose every key and value knows where it stands, and an accumulating
//! decoder that finds all mistakes at once.
//!
//! Knows nothing of what the files mean. Start at [`parse`], then [`Decoder`].
//!
//! The tree is built on `granit-parser`, an event parser with byte positions. Deserializing with
//! serde stops at the first mistake and loses where a value stood; an administrator who moved a
//! policy wants all mistakes of all files, each with its caret.

mod decode;
mod diagnostic;
mod environment;
mod fields;
mod measure;
mod nodes;
mod parse;
mod schema;
pub mod shape;
mod source;
mod suggest;
mod tree;

pub use decode::Decoder;
pub use diagnostic::{Diagnostic, Findings, Place, Severity};
pub use environment::{Environment, substitute};
pub use fields::Fields;
pub use measure::{parse_bytes, parse_duration, show_bytes, show_duration};
pub use parse::{Budget, parse};
pub use schema::Variables;
pub use source::Source;
pub use suggest::suggest;
pub use tree::{Document, Key, Node, Scalar, Value};
