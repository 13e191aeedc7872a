//! The administrator's side: what is changed while the gateway runs. The command line calls it, and
//! so does the gateway when it sees somebody for the first time.

pub mod grants;
