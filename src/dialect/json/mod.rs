//! Strict JSON in one pass, without a tree: scan, unescape, splice.
//!
//! Start at [`scan::scan`]: it refuses whatever two readers could take differently, follows a
//! [`Program`](super::Program) through the rest, and notes where things stand. Changes are
//! [`splice::Edit`]s on those places. Knows no protocol and no verdict.

mod follow;
mod keys;
mod lexer;
pub mod scan;
mod scanner;
pub mod splice;
pub mod string;
