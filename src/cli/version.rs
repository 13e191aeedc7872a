//! `borderpost version`.

use clap::ValueEnum;

use super::{Exit, say};

#[derive(clap::Args)]
pub(super) struct Args {
    /// How it is written
    #[arg(long, short, value_enum, default_value_t = Output::Text)]
    output: Output,
}

#[derive(Clone, Copy, ValueEnum)]
enum Output {
    Text,
    Json,
}

pub(super) fn version(args: &Args) -> Result<(), Exit> {
    let version = env!("CARGO_PKG_VERSION");
    let target = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    match args.output {
        Output::Text => say(format!("borderpost {version} ({target}, TLS by aws-lc)")),
        Output::Json => say(serde_json::json!({
            "version": version,
            "target": target,
            "crypto": "aws-lc",
        })),
    }
    Ok(())
}
