//! The documents, held to the code: what they name exists, what they show can be read and run.

#[path = "documents/checks.rs"]
mod checks;
#[path = "documents/first_minutes.rs"]
mod first_minutes;
#[path = "documents/markdown.rs"]
mod markdown;
#[path = "documents/matrix_guide.rs"]
mod matrix_guide;
#[path = "support/process.rs"]
mod process;
#[path = "documents/self_tests.rs"]
mod self_tests;
#[path = "support/mod.rs"]
mod support;
#[path = "support/town.rs"]
mod town;

use std::fs;
use std::path::Path;
use std::process::Command;

use borderpost::config::{Memory, load_from};
use markdown::{Page, collect, pages, root};

/// The most lines of ARCHITECTURE.md: a map that is longer is not read.
const MAP_LINES_MAX: usize = 200;

/// The page on which every promise stands beside what proves it.
const EFFECTS: &str = "docs/concepts/effects.md";

fn check(judge: impl Fn(&Page) -> Vec<String>) {
    let faults: Vec<String> = pages().iter().flat_map(judge).collect();
    assert!(
        faults.is_empty(),
        "{} found:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn files_that_are_named_exist() {
    check(|page| checks::missing_files(page, root()));
}

#[test]
fn links_lead_somewhere() {
    check(|page| checks::broken_links(page, root()));
}

#[test]
fn yaml_can_be_read() {
    check(checks::unreadable_yaml);
}

#[test]
fn the_first_policy_of_the_readme_loads() {
    let pages = pages();
    let readme = pages.iter().find(|page| page.path == "README.md");
    let blocks = &readme.expect("a README").blocks;
    let with = |key: &str| {
        let found = blocks.iter().find(|block| block.text.starts_with(key));
        &found.expect("a block that starts so").text
    };
    let dialect = fs::read_to_string(root().join("config/dialects/plain.yaml"));
    let files = Memory::default()
        .with("config/gateway.yaml", with("listeners:"))
        .with("config/policy/acme.yaml", with("company:"))
        .with("config/dialects/plain.yaml", &dialect.expect("a dialect"));
    let loaded = load_from(&files, Path::new("config/gateway.yaml"), &|_| None)
        .unwrap_or_else(|faults| panic!("{faults:?}"));
    assert_eq!(loaded.policy.companies.len(), 1);
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
}

#[test]
fn commands_that_are_named_exist() {
    let program = Command::new(env!("CARGO_BIN_EXE_borderpost"))
        .arg("--help")
        .output()
        .expect("the program starts");
    let commands = checks::commands_of(&String::from_utf8_lossy(&program.stdout));
    assert!(!commands.is_empty(), "`borderpost --help` lists no command");
    check(|page| checks::missing_commands(page, &commands, root()));
}

#[test]
fn the_map_names_what_the_sources_have() {
    let mut paths = Vec::new();
    collect(&root().join("src"), "rs", &mut paths);
    let without_comments = |text: String| {
        let lines = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        lines.collect::<Vec<_>>().join("\n")
    };
    let sources: Vec<String> = paths
        .iter()
        .map(|path| without_comments(fs::read_to_string(path).expect("a source")))
        .collect();
    check(|page| match page.path.as_str() {
        "ARCHITECTURE.md" | EFFECTS => checks::missing_items(page, &sources),
        _ => Vec::new(),
    });
}

#[test]
fn the_proofs_that_are_named_exist() {
    let mut paths = Vec::new();
    collect(&root().join("tests"), "rs", &mut paths);
    let tests: Vec<(String, String)> = paths
        .iter()
        .map(|path| {
            let module = path.file_stem().expect("a name").to_string_lossy();
            let text = fs::read_to_string(path).expect("a test");
            (module.into_owned(), text)
        })
        .collect();
    check(|page| match page.path.as_str() {
        EFFECTS => checks::missing_tests(page, &tests),
        _ => Vec::new(),
    });
}

#[test]
fn the_map_can_be_read_in_one_sitting() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the map");
    assert!(map.lines().count() <= MAP_LINES_MAX);
}

#[test]
fn the_changelog_has_a_place_for_what_comes() {
    let changelog = fs::read_to_string(root().join("CHANGELOG.md")).expect("a changelog");
    assert!(changelog.lines().any(|line| line == "## [Unreleased]"));
}
