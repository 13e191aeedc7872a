//! The sources under test: the crate's own, or a few lines made up to see a check fail.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;

/// One file below `src/`.
pub struct Source {
    /// Where it is, from the repository's root, with `/`.
    pub path: String,
    /// The module that it is: `["policy", "words"]`; empty for `lib.rs`.
    pub module: Vec<String>,
    /// As written.
    pub text: String,
    /// As the compiler takes it.
    pub tokens: TokenStream,
}

impl Source {
    /// A file that must be Rust.
    pub fn new(path: &str, text: &str) -> Self {
        let tokens = text
            .parse()
            .unwrap_or_else(|fault| panic!("{path} is no Rust: {fault}"));
        Self {
            path: path.to_owned(),
            module: module_of(path),
            text: text.to_owned(),
            tokens,
        }
    }

    /// Whether it holds nothing but unit tests.
    pub fn is_of_tests(&self) -> bool {
        let name = self.module.last().map(String::as_str).unwrap_or_default();
        name == "tests"
            || name.ends_with("_tests")
            || self.module.iter().any(|part| part == "tests")
    }
}

/// All files of the crate, in the order of their paths.
pub fn crate_sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    collect(&root.join("src"), &mut paths);
    paths.sort();
    assert!(paths.len() > 10, "src/ was not found");
    let source = |path: &PathBuf| {
        let text = fs::read_to_string(path).expect("a source is UTF-8");
        let below = path.strip_prefix(root).expect("below the root");
        let parts: Vec<_> = below
            .iter()
            .map(|part| part.to_string_lossy().into_owned())
            .collect();
        Source::new(&parts.join("/"), &text)
    };
    paths.iter().map(source).collect()
}

/// Made-up files.
pub fn sources(files: &[(&str, &str)]) -> Vec<Source> {
    files
        .iter()
        .map(|(path, text)| Source::new(path, text))
        .collect()
}

fn collect(directory: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("a directory of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|end| end == "rs") {
            paths.push(path);
        }
    }
}

fn module_of(path: &str) -> Vec<String> {
    let below = path.strip_prefix("src/").unwrap_or(path);
    let below = below.strip_suffix(".rs").unwrap_or(below);
    let mut parts: Vec<String> = below.split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| last == "mod") || parts == ["lib"] {
        parts.pop();
    }
    parts
}
