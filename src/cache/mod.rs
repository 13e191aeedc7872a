//! What is known now: the directory of people, built from the files and swapped whole.

pub mod directory;
pub mod glob;

pub use directory::{Directory, DirectoryBuilder, Listing};
pub use glob::Glob;
