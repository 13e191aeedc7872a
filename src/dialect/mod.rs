//! Bytes ⇄ meaning, from tables: what a protocol says, read and written without knowing it.
//!
//! A dialect is a YAML file (`docs/dialects.md`). It is compiled once into a [`Program`] for every
//! body it knows; a body is read in one pass into a [`Reading`]; what must change is spliced.
//! Knows no socket, no setting and no verdict.

pub mod json;
pub mod program;
pub mod reading;

pub use program::Program;
pub use reading::Reading;
