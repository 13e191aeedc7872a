//! `cache`: to come.
