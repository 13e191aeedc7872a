//! `borderpost run`.

use super::{ConfigArgs, Exit, complain, show};
use crate::app::watch::Consulted;
use crate::telemetry::log;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigArgs,
}

pub(super) fn run(args: &Args) -> Result<(), Exit> {
    let consulted = Consulted::default();
    let loaded = args.config.load_from(&consulted)?;
    log::start(&loaded.log);
    if !loaded.warnings.is_empty() {
        show(&loaded.warnings);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|fault| failed(&fault))?;
    runtime
        .block_on(crate::app::run::run(&args.config.path(), loaded, consulted))
        .map_err(|fault| failed(&fault))
}

fn failed(fault: &dyn std::error::Error) -> Exit {
    complain(fault);
    Exit::Failed
}
