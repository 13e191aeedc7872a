//! Strict JSON in one pass, without a tree: scan, unescape, splice.

pub mod scan;
pub mod splice;
pub mod string;
