//! A page of the documentation, taken apart: prose, code spans, links, blocks.

use std::fs;
use std::path::{Path, PathBuf};

/// One page.
pub struct Page {
    /// Where it is, from the repository's root.
    pub path: String,
    /// Lines outside blocks, each with its number.
    pub prose: Vec<(usize, String)>,
    /// The blocks between fences.
    pub blocks: Vec<Block>,
}

/// A block between fences.
pub struct Block {
    /// The line of its opening fence, from 1.
    pub line: usize,
    /// What stands behind the fence: `yaml`, `yaml sketch`, `console`.
    pub kind: String,
    /// What is in it.
    pub text: String,
}

impl Page {
    /// Takes a page apart.
    pub fn new(path: &str, text: &str) -> Self {
        let mut page = Page {
            path: path.to_owned(),
            prose: Vec::new(),
            blocks: Vec::new(),
        };
        let mut open: Option<Block> = None;
        for (number, line) in (1..).zip(text.lines()) {
            match (&mut open, line.trim_start().strip_prefix("```")) {
                (Some(_), Some(_)) => page.blocks.extend(open.take()),
                (Some(block), None) => block.text.extend([line, "\n"]),
                (None, Some(kind)) => {
                    open = Some(Block {
                        line: number,
                        kind: kind.trim().to_owned(),
                        text: String::new(),
                    });
                }
                (None, None) => page.prose.push((number, line.to_owned())),
            }
        }
        assert!(open.is_none(), "{path}: a fence is not closed");
        page
    }

    /// What stands in backticks, each with its line.
    pub fn code_spans(&self) -> impl Iterator<Item = (usize, &str)> {
        self.prose.iter().flat_map(|(number, line)| {
            let spans = line.split('`').skip(1).step_by(2);
            spans.map(|span| (*number, span))
        })
    }

    /// Where links lead, each with its line.
    pub fn links(&self) -> impl Iterator<Item = (usize, &str)> {
        self.prose.iter().flat_map(|(number, line)| {
            let targets = line.split("](").skip(1);
            targets.filter_map(|rest| Some((*number, rest.split_once(')')?.0)))
        })
    }

    /// The anchors of its headings, as forges make them.
    pub fn anchors(&self) -> Vec<String> {
        let headings = self
            .prose
            .iter()
            .filter_map(|(_, line)| line.starts_with('#').then_some(line));
        headings
            .map(|line| {
                let title = line.trim_start_matches('#').trim().to_lowercase();
                let kept = title.chars().filter_map(|c| match c {
                    ' ' => Some('-'),
                    c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
                    _ => None,
                });
                kept.collect()
            })
            .collect()
    }
}

/// The repository's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All pages: those of the root, and everything below `docs/`.
pub fn pages() -> Vec<Page> {
    let names = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
    ];
    let mut paths: Vec<PathBuf> = names.iter().map(|name| root().join(name)).collect();
    collect(&root().join("docs"), "md", &mut paths);
    let page = |path: &PathBuf| {
        let text =
            fs::read_to_string(path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
        let below = path.strip_prefix(root()).expect("below the root");
        Page::new(&below.to_string_lossy(), &text)
    };
    paths.iter().map(page).collect()
}

/// The files below a directory whose names end so, in order.
pub fn collect(directory: &Path, end: &str, paths: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    found.sort();
    for path in found {
        if path.is_dir() {
            collect(&path, end, paths);
        } else if path.extension().is_some_and(|own| own == end) {
            paths.push(path);
        }
    }
}
