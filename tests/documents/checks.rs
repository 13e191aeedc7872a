//! What a page may promise. Each check gives its faults as `page:line: what`.

use std::path::Path;

use borderpost::yaml::{Budget, Source, parse};

use super::markdown::Page;

/// Directories whose files a page may name.
const DIRECTORIES: [&str; 8] = [
    ".ci/", "benches/", "config/", "docs/", "fuzz/", "scripts/", "src/", "tests/",
];

/// Files that are named and are not there. A `*` stands for any part of a name.
pub fn missing_files(page: &Page, root: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    for (line, span) in page.code_spans() {
        let in_directory = DIRECTORIES.iter().any(|start| span.starts_with(start));
        let at_root = [".md", ".toml"].iter().any(|end| span.ends_with(end)) && !span.contains('/');
        let is_path = !span.contains(char::is_whitespace) && !span.contains(['{', '<', '…']);
        if (in_directory || at_root) && is_path && !exists(root, span) {
            faults.push(format!("{}:{line}: there is no `{span}`", page.path));
        }
    }
    faults
}

fn exists(root: &Path, path: &str) -> bool {
    let mut at = vec![root.to_path_buf()];
    for part in path.split('/').filter(|part| !part.is_empty()) {
        at = match part.split_once('*') {
            None => at.iter().map(|path| path.join(part)).collect(),
            Some((start, end)) => at
                .iter()
                .filter_map(|directory| directory.read_dir().ok())
                .flat_map(|entries| entries.flatten())
                .filter(|entry| {
                    let name = entry.file_name();
                    let name = name.to_string_lossy();
                    name.starts_with(start) && name.ends_with(end)
                })
                .map(|entry| entry.path())
                .collect(),
        };
    }
    at.iter().any(|path| path.exists())
}

/// Types, and functions written `so()`, that no source has. `sources` are without comments.
pub fn missing_items(page: &Page, sources: &[String]) -> Vec<String> {
    let mut faults = Vec::new();
    for (line, span) in page.code_spans() {
        let plain = span.strip_suffix("()").unwrap_or(span);
        let is_name = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        let parts: Vec<&str> = plain.split("::").collect();
        let is_type = plain.starts_with(|c: char| c.is_ascii_uppercase())
            && plain.contains(|c: char| c.is_ascii_lowercase());
        let is_item = is_type || span.ends_with("()") || (parts.len() > 1 && !is_test(span));
        let has_all = |source: &String| {
            let mut words = parts.iter();
            words.all(|part| has_word(source, part))
        };
        if is_item && parts.iter().all(|part| is_name(part)) && !sources.iter().any(has_all) {
            faults.push(format!("{}:{line}: no source has `{span}`", page.path));
        }
    }
    faults
}

/// Tests written `module::name` that are not there. `tests` are modules with their texts.
pub fn missing_tests(page: &Page, tests: &[(String, String)]) -> Vec<String> {
    let mut faults = Vec::new();
    for (line, span) in page.code_spans() {
        let Some((module, name)) = span.split_once("::").filter(|_| is_test(span)) else {
            continue;
        };
        let starts = format!("fn {name}(");
        let has = |(own, text): &(String, String)| own == module && text.contains(&starts);
        if !tests.iter().any(has) {
            faults.push(format!("{}:{line}: there is no test `{span}`", page.path));
        }
    }
    faults
}

/// Whether a path is that of a test: types and their functions have a capital.
fn is_test(span: &str) -> bool {
    span.contains("::")
        && span
            .chars()
            .all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_' | ':'))
}

fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        !before.ends_with(is_part) && !after.starts_with(is_part)
    })
}

/// Links within the repository that lead nowhere, to a file or to a heading.
pub fn broken_links(page: &Page, root: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    let own = root.join(&page.path);
    for (line, target) in page.links() {
        if target.contains("://") || target.starts_with("mailto:") {
            continue;
        }
        let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
        let path = match file {
            "" => own.clone(),
            file => own.parent().unwrap_or(root).join(file),
        };
        if !path.exists() {
            faults.push(format!(
                "{}:{line}: the link to `{target}` leads nowhere",
                page.path
            ));
        } else if !anchor.is_empty()
            && file.is_empty()
            && !page.anchors().iter().any(|a| a == anchor)
        {
            faults.push(format!("{}:{line}: no heading is `#{anchor}`", page.path));
        }
    }
    faults
}

/// YAML that the gateway's own reader refuses. A `yaml sketch` is for eyes only.
pub fn unreadable_yaml(page: &Page) -> Vec<String> {
    let mut faults = Vec::new();
    for block in page.blocks.iter().filter(|block| block.kind == "yaml") {
        let source = Source::new(&page.path, block.text.as_str());
        if let Err(diagnostics) = parse(source, Budget::default()) {
            for diagnostic in diagnostics {
                let line = diagnostic.position().map_or(0, |(line, _)| line) + block.line;
                let what = &diagnostic.message;
                faults.push(format!("{}:{line}: {what}", page.path));
            }
        }
    }
    faults
}

/// Commands of ours that are not there: in consoles, and in backticks.
pub fn missing_commands(page: &Page, commands: &[String], root: &Path) -> Vec<String> {
    let mut written: Vec<(usize, &str)> = Vec::new();
    for block in page.blocks.iter().filter(|block| block.kind == "console") {
        for (number, line) in (block.line + 1..).zip(block.text.lines()) {
            written.extend(line.strip_prefix("$ ").map(|line| (number, line)));
        }
    }
    written.extend(page.code_spans());
    let mut faults = Vec::new();
    for (line, text) in written {
        let mut words = text.split_whitespace();
        let first = words.next().unwrap_or_default();
        let command = match first {
            "borderpost" => words.next(),
            "cargo" => words.skip_while(|word| *word != "--").nth(1),
            script if script.starts_with("scripts/") && !exists(root, script) => {
                faults.push(format!("{}:{line}: there is no `{script}`", page.path));
                None
            }
            _ => None,
        };
        let is_run = first == "borderpost" || text.starts_with("cargo run");
        let named = command.filter(|word| is_run && word.chars().all(|c| c.is_ascii_lowercase()));
        if let Some(name) = named.filter(|name| !commands.iter().any(|known| known == name)) {
            faults.push(format!(
                "{}:{line}: there is no command `{name}`",
                page.path
            ));
        }
    }
    faults
}

/// The commands that a `--help` lists.
pub fn commands_of(help: &str) -> Vec<String> {
    help.lines()
        .skip_while(|line| line.trim() != "Commands:")
        .skip(1)
        .take_while(|line| !line.trim().is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| Some(line.split_whitespace().next()?.to_owned()))
        .collect()
}
