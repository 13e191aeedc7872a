//! `borderpost demo`.

use super::Exit;

#[derive(clap::Args)]
pub(super) struct Args {}

pub(super) fn demo(_args: &Args) -> Result<(), Exit> {
    Ok(())
}
