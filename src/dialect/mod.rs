//! Bytes ⇄ meaning, from tables: what a protocol says, read and written without knowing it.
//!
//! A dialect is a YAML file (`docs/dialects.md`). It is compiled once ([`Dialect::compile`]): its
//! routes into a trie, its shapes into a [`Program`] for every body it knows. A body is read in one
//! pass into a [`Reading`]; what must change is spliced.
//! Knows no socket, no setting and no verdict. Start at [`file`].

pub mod file;
pub mod file_kind;
pub mod identity;
pub mod json;
pub mod leg;
pub mod links;
pub mod lookup;
pub mod people;
pub mod program;
pub mod reading;
pub mod references;
pub mod refuse;
pub mod surface;
pub mod words;

mod automaton;
mod compile;
mod names;
mod pattern;
mod plain_text;
mod route;
mod selector;
mod shape;
mod target;
mod template;

pub use file::{
    AskedBy, Capture, Compiled, Dialect, Place, PlaceLookup, QueryDocument, RouteFault, Routed,
    Thing, Unmatched,
};
pub use file_kind::{HEAD_BYTES, kind_of_file, kinds_of_file};
pub use identity::{Credential, CredentialFault, Identity, TokenPlace};
pub use leg::{Claimed, Leg, LegIx, Sender};
pub use links::{DriveHosts, kind_of_link, kinds_of_text};
pub use lookup::Lookup;
pub use people::People;
pub use plain_text::PlainText;
pub use program::Program;
pub use reading::Reading;
pub use refuse::{Refusal, RefusalAnswer, Refuse};
pub use surface::{AnswerForm, Body, EventForms, Required, Surface, SurfaceIx};
pub use target::{PathFault, rewrite_target};
pub use template::Vars;
pub use words::Words;
