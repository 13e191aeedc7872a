//! Fuzzing: what is thrown ([`mutate`]), and at what ([`targets`]).
//!
//! To add a target: a file in `targets/` with a function that panics where a promise is broken, a
//! row in [`targets::TARGETS`], and a folder of that name in `corpus/` with a few inputs. The
//! crate's tests replay the corpus; every input that is found to fail becomes a file there.

pub mod mutate;
pub mod targets;
