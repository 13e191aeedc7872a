//! `sandbox`: to come.
