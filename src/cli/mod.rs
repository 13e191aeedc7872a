//! `cli`: to come.
