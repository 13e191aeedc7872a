//! The check of request heads: what the bytes are ([`gate`]), then what the headers say
//! ([`meaning`]). It knows no socket and no policy; the same bytes are judged the same however they
//! are cut into reads.

mod chunked;
mod fault;
pub mod gate;
mod lines;
pub mod meaning;

pub use fault::{BodyFault, HeadFault};
