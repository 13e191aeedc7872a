//! `config`: to come.
