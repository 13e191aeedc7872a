//! `borderpost test`.

mod report;

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::{ConfigArgs, Exit, complain, say, show};
use crate::cases::{self, Story};
use crate::config::Loaded;
use crate::policy::{Settings, Standing};
use crate::yaml::{self, Budget, Diagnostic, Source};
use report::Told;

/// Where cases are looked for if no place is named.
const DIRECTORY: &str = "tests";

/// What the names of files of cases end in.
const ENDING: &str = ".test.yaml";

#[derive(clap::Args)]
#[command(after_help = "\
A file is a story: its own networks, companies and people, or with --config those of the \
configuration, to which it may add; then cases that say who does what, where, and what must come \
of it. A directory stands for its *.test.yaml files, or for all its *.yaml if it has none of these.

Exit codes: 0 all cases hold, 3 a file is faulty, 4 a case does not hold.")]
pub(super) struct Args {
    /// Files of cases, or directories of them [default: tests/*.test.yaml]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    config: ConfigArgs,
    /// Only cases whose name, or whose file's name, contains this
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// How the outcome is written
    #[arg(long, short, value_enum, default_value_t = Output::Tree)]
    output: Output,
}

#[derive(Clone, Copy, ValueEnum)]
enum Output {
    /// A line a case
    Tree,
    /// One document, for programs
    Json,
    /// The form that build servers read
    Junit,
}

pub(super) fn test(args: &Args) -> Result<(), Exit> {
    // Without a configuration, stories stand for themselves.
    let loaded = match args.config.config {
        Some(_) => Some(args.config.load()?),
        None => None,
    };
    let files = files(&args.paths).map_err(|fault| {
        show(&[fault]);
        Exit::Config
    })?;
    if files.is_empty() {
        complain(format!(
            "there are no cases: no {DIRECTORY}/*{ENDING} is here, and no other file is named"
        ));
        return Err(Exit::Usage);
    }
    let stories = read(&files, loaded.as_ref()).map_err(|found| {
        show(&found);
        Exit::Config
    })?;
    let told: Vec<Told> = stories
        .iter()
        .map(|(path, story)| Told::run(path, story, args.filter.as_deref()))
        .filter(|told| !told.outcomes.is_empty())
        .collect();
    if told.is_empty() {
        complain("no case has such a name");
        return Err(Exit::Usage);
    }
    match args.output {
        Output::Tree => say(report::tree(&told)),
        Output::Json => say(report::json(&told)),
        Output::Junit => say(report::junit(&told)),
    }
    if told.iter().any(|told| told.failed() > 0) {
        return Err(Exit::Cases);
    }
    Ok(())
}

/// Every story, or everything that is wrong in any of the files.
fn read(
    files: &[PathBuf],
    loaded: Option<&Loaded>,
) -> Result<Vec<(PathBuf, Story)>, Vec<Diagnostic>> {
    let nothing = Settings::default();
    let base = loaded.map_or(&nothing, |loaded| &loaded.policy);
    let people =
        |id: &str| loaded.map_or(Standing::UNCLASSIFIED, |loaded| loaded.directory.lookup(id));
    let mut stories = Vec::new();
    let mut found = Vec::new();
    for path in files {
        let budget = Budget::default();
        let story = Source::read(path, budget.bytes_max)
            .map_err(|fault| vec![fault])
            .and_then(|source| yaml::parse(source, budget))
            .and_then(|document| cases::read_among(&document, base, &people));
        match story {
            Ok(story) => stories.push((path.clone(), story)),
            Err(faults) => found.extend(faults),
        }
    }
    if found.is_empty() {
        Ok(stories)
    } else {
        Err(found)
    }
}

/// The files that are named, those of the directories that are named, or those at hand.
fn files(named: &[PathBuf]) -> Result<Vec<PathBuf>, Diagnostic> {
    if named.is_empty() {
        let at_hand = Path::new(DIRECTORY);
        return match at_hand.is_dir() {
            true => Ok(ending(&entries(at_hand)?, ENDING)),
            false => Ok(Vec::new()),
        };
    }
    let mut files = Vec::new();
    for path in named {
        if path.is_dir() {
            let entries = entries(path)?;
            let cases = ending(&entries, ENDING);
            files.extend(if cases.is_empty() {
                ending(&entries, ".yaml")
            } else {
                cases
            });
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    let fault = |error: std::io::Error| Diagnostic::unreadable(directory, &error);
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(fault)? {
        paths.push(entry.map_err(fault)?.path());
    }
    paths.sort();
    Ok(paths)
}

fn ending(paths: &[PathBuf], end: &str) -> Vec<PathBuf> {
    let ends = |path: &&PathBuf| path.to_string_lossy().ends_with(end);
    paths.iter().filter(ends).cloned().collect()
}
