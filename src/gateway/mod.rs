//! The journey of a message: a client arrives, the stages follow in order, an answer goes back.
//!
//! The gateway knows surfaces and verdicts, and no setting of a policy.

pub mod settings;
