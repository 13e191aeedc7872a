//! `borderpost completions`.

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Cli, Exit};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

pub(super) fn completions(args: &Args) -> Result<(), Exit> {
    clap_complete::generate(
        args.shell,
        &mut Cli::command(),
        "borderpost",
        &mut std::io::stdout(),
    );
    Ok(())
}
