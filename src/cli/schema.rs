//! `borderpost schema`.

use super::{Exit, complain, say};
use crate::config;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Which file: gateway or policy
    name: String,
}

pub(super) fn schema(args: &Args) -> Result<(), Exit> {
    match config::schema(&args.name) {
        Some(schema) => {
            say(schema.trim_end());
            Ok(())
        }
        None => {
            complain(format!(
                "there is no schema `{}`; there is {}",
                args.name,
                config::SCHEMAS.join(", ")
            ));
            Err(Exit::Usage)
        }
    }
}
