//! `borderpost check`.

use std::path::PathBuf;

use clap::ValueEnum;

use super::{ConfigArgs, Exit, environment, say};
use crate::config;
use crate::config::report::{self, Format};
use crate::yaml::Diagnostic;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The gateway's settings, instead of --config
    path: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigArgs,
    /// How mistakes are written
    #[arg(long, value_enum, default_value_t = Output::Text)]
    format: Output,
    /// Take warnings for errors
    #[arg(long)]
    strict: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Output {
    Text,
    Json,
    Github,
}

pub(super) fn check(args: &Args) -> Result<(), Exit> {
    let path = args.path.clone().unwrap_or_else(|| args.config.path());
    match config::load(&path, &environment) {
        Ok(loaded) => {
            show(args, &loaded.warnings);
            if args.strict && !loaded.warnings.is_empty() {
                return Err(Exit::Config);
            }
            if matches!(args.format, Output::Text) {
                say(format!(
                    "{} is fine: {} files, dialect `{}` with {} surfaces, {} companies, {} people",
                    path.display(),
                    loaded.files.len(),
                    loaded.dialect.name,
                    loaded.dialect.surfaces.len(),
                    loaded.policy.companies.len(),
                    loaded.directory.people_count(),
                ));
            }
            Ok(())
        }
        Err(found) => {
            show(args, &found);
            Err(Exit::Config)
        }
    }
}

/// Frames go to standard error, forms for machines to standard output.
fn show(args: &Args, found: &[Diagnostic]) {
    match args.format {
        Output::Text if found.is_empty() => {}
        Output::Text => super::show(found),
        Output::Json => say(report::render(found, Format::Json).trim_end()),
        Output::Github => say(report::render(found, Format::Github).trim_end()),
    }
}
