//! `dialect`: to come.
