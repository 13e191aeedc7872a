//! The commands, a file each: what a person types, and what they see.

mod admin;
mod bench;
mod check;
mod completions;
mod demo;
mod explain;
mod run;
mod schema;
mod test;
mod version;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::config::report::{self, Colour, Format};
use crate::config::{Disk, Files, Loaded};
use crate::yaml::Diagnostic;

/// Exit codes, as conventions for gateways have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// It worked.
    Ok = 0,
    /// It failed while running.
    Failed = 1,
    /// The command line is wrong (clap's own).
    Usage = 2,
    /// The configuration or dialect is wrong.
    Config = 3,
    /// Policy cases failed.
    Cases = 4,
    /// What was to be explained is blocked.
    Blocked = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

#[derive(Parser)]
#[command(
    name = "borderpost",
    version,
    about = "Inline gateway that enforces a company's external messaging policy",
    after_help = "Exit codes: 0 fine, 1 failed while running, 2 wrong usage, 3 configuration wrong, 4 policy cases failed, 5 explained to be blocked."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the gateway in the foreground
    Run(run::Args),
    /// Check the configuration, the policies and the dialect: all mistakes at once
    Check(check::Args),
    /// Say whether an act or a captured request may pass, why not, and what would have to change
    Explain(explain::Args),
    /// Run policy cases written in YAML
    Test(test::Args),
    /// Play a short story against a sandbox message server behind the gateway, and stay up to be tried by hand
    Demo(demo::Args),
    /// Change members and their grants while the gateway runs, and list them
    Admin(admin::Args),
    /// Load a gateway with one request again and again, and say how long the answers took
    Bench(bench::Args),
    /// Print the JSON Schema of a file, for editors
    Schema(schema::Args),
    /// Print a completion script for a shell
    Completions(completions::Args),
    /// Print the version and how it was built
    Version(version::Args),
}

/// Where the configuration is.
#[derive(clap::Args, Clone)]
struct ConfigArgs {
    /// The gateway's settings [default: /etc/borderpost/gateway.yaml, then ./config/gateway.yaml]
    #[arg(
        long,
        short,
        env = "BORDERPOST_CONFIG",
        hide_env_values = true,
        value_name = "PATH"
    )]
    config: Option<PathBuf>,
}

impl ConfigArgs {
    fn path(&self) -> PathBuf {
        const INSTALLED: &str = "/etc/borderpost/gateway.yaml";
        match &self.config {
            Some(path) => path.clone(),
            None if PathBuf::from(INSTALLED).is_file() => INSTALLED.into(),
            None => "config/gateway.yaml".into(),
        }
    }

    /// Loads it, or shows what is wrong.
    fn load(&self) -> Result<Loaded, Exit> {
        self.load_from(&Disk)
    }

    /// [`Self::load`] through something that remembers what was asked for.
    fn load_from(&self, files: &dyn Files) -> Result<Loaded, Exit> {
        crate::config::load_from(files, &self.path(), &environment).map_err(|found| {
            show(&found);
            Exit::Config
        })
    }
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Shows mistakes to a person on standard error.
#[expect(clippy::print_stderr, reason = "the commands speak to a person")]
fn show(found: &[Diagnostic]) {
    let colour = if std::io::stderr().is_terminal() {
        Colour::Ansi
    } else {
        Colour::None
    };
    eprint!("{}", report::render(found, Format::Text(colour)));
}

/// A line for a person on standard output. That nobody reads it any more is no reason to fail.
fn say(line: impl std::fmt::Display) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A complaint on standard error.
fn complain(line: impl std::fmt::Display) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "borderpost: {line}");
}

/// The command line, for its documents.
pub fn command() -> clap::Command {
    Cli::command()
}

/// argv → exit code.
pub fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Run(args) => run::run(&args),
        Command::Check(args) => check::check(&args),
        Command::Explain(args) => explain::explain(&args),
        Command::Test(args) => test::test(&args),
        Command::Demo(args) => demo::demo(&args),
        Command::Admin(args) => admin::admin(&args),
        Command::Bench(args) => bench::bench(&args),
        Command::Schema(args) => schema::schema(&args),
        Command::Completions(args) => completions::completions(&args),
        Command::Version(args) => version::version(&args),
    };
    match done {
        Ok(()) => Exit::Ok.into(),
        Err(exit) => exit.into(),
    }
}
