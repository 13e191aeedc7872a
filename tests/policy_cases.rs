//! Every case of `tests/cases/policy/*.yaml` is a test with its own name: `file: case`.
//!
//! It is a harness of its own because the tests are data. It prints what the standard one prints,
//! and takes a filter, `--exact`, `--skip` and `--list` as that does.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use borderpost::cases::{self, Case};
use borderpost::clock;
use borderpost::policy::Settings;
use borderpost::yaml::{self, Source};

fn main() -> ExitCode {
    let chosen = Chosen::of(std::env::args().skip(1));
    let tests: Vec<_> = files().iter().flat_map(|file| tests_of(file)).collect();
    let (tests, filtered): (Vec<_>, Vec<_>) =
        tests.into_iter().partition(|test| chosen.wants(&test.name));
    if chosen.lists {
        for test in &tests {
            println!("{}: test", test.name);
        }
        return ExitCode::SUCCESS;
    }
    run(&tests, filtered.len())
}

/// One case under its full name.
struct Test {
    name: String,
    case: Case,
}

fn run(tests: &[Test], filtered: usize) -> ExitCode {
    let started = clock::now();
    let mut failures = Vec::new();
    println!("\nrunning {} tests", tests.len());
    for test in tests {
        let outcome = test.case.run();
        match outcome.mistake {
            None => println!("test {} ... ok", test.name),
            Some(mistake) => {
                println!("test {} ... FAILED", test.name);
                failures.push((test, mistake));
            }
        }
    }
    if !failures.is_empty() {
        println!("\nfailures:\n");
        for (test, mistake) in &failures {
            println!("---- {} ----", test.name);
            println!("expected {}", mistake.expected);
            println!("   found {}\n", mistake.found);
        }
    }
    let (word, code) = if failures.is_empty() {
        ("ok", ExitCode::SUCCESS)
    } else {
        ("FAILED", ExitCode::FAILURE)
    };
    println!(
        "\ntest result: {word}. {} passed; {} failed; 0 ignored; 0 measured; {filtered} filtered out; finished in {}\n",
        tests.len() - failures.len(),
        failures.len(),
        seconds(started.elapsed()),
    );
    code
}

fn seconds(elapsed: Duration) -> String {
    format!("{:.2}s", elapsed.as_secs_f64())
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/policy");
    let entries = std::fs::read_dir(folder).expect("the folder of policy cases is there");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "there are no policy cases");
    files
}

/// The cases of a file, which must have some and be without mistakes.
fn tests_of(path: &Path) -> Vec<Test> {
    let text = std::fs::read_to_string(path).expect("a file of cases can be read");
    let source = Source::new(path, text);
    let story = yaml::parse(source, yaml::Budget::default())
        .and_then(|document| cases::read(&document, &Settings::default()));
    let story = story.unwrap_or_else(|mistakes| {
        for mistake in &mistakes {
            eprintln!("{mistake}");
        }
        panic!("{} has mistakes", path.display());
    });
    assert!(!story.cases.is_empty(), "{} has no cases", path.display());
    let file = path
        .file_stem()
        .expect("a file has a name")
        .to_string_lossy();
    story
        .cases
        .into_iter()
        .map(|case| Test {
            name: format!("{file}: {}", case.name),
            case,
        })
        .collect()
}

/// What the command line asks for.
#[derive(Default)]
struct Chosen {
    filters: Vec<String>,
    skips: Vec<String>,
    exact: bool,
    lists: bool,
    /// Only ignored tests are asked for, and there are none.
    ignored: bool,
}

impl Chosen {
    fn of(mut arguments: impl Iterator<Item = String>) -> Self {
        let mut chosen = Self::default();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--exact" => chosen.exact = true,
                "--list" => chosen.lists = true,
                "--ignored" => chosen.ignored = true,
                "--skip" => chosen.skips.extend(arguments.next()),
                "--format" | "--test-threads" | "--color" | "--logfile" | "-Z" => {
                    arguments.next();
                }
                flag if flag.starts_with('-') => {}
                _ => chosen.filters.push(argument),
            }
        }
        chosen
    }

    fn wants(&self, name: &str) -> bool {
        let fits = |pattern: &String| {
            if self.exact {
                name == pattern
            } else {
                name.contains(pattern.as_str())
            }
        };
        !self.ignored
            && (self.filters.is_empty() || self.filters.iter().any(fits))
            && !self.skips.iter().any(fits)
    }
}
