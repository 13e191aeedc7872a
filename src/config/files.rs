//! Where files come from: the disk, or memory for tests and fuzzing. And where they may come from:
//! nothing outside the configuration's directory.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::yaml::{Diagnostic, Source};

/// Reads files.
pub trait Files {
    /// A file's text, if it is no larger than `bytes_max`.
    fn read(&self, path: &Path, bytes_max: usize) -> Result<Arc<Source>, Diagnostic>;

    /// The files of a directory whose names end in `.yaml` or `.yml`, by name; hidden ones left out.
    fn list(&self, directory: &Path) -> Result<Vec<PathBuf>, Diagnostic>;

    /// Whether there is such a file.
    fn is_file(&self, path: &Path) -> bool;

    /// Whether there is such a directory.
    fn is_directory(&self, path: &Path) -> bool;

    /// Whether `path`, links followed, lies below `root`. A file that is not there does: that it
    /// is missing is found when it is read.
    fn is_below(&self, path: &Path, root: &Path) -> bool;
}

/// The file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path, bytes_max: usize) -> Result<Arc<Source>, Diagnostic> {
        Source::read(path, bytes_max)
    }

    fn list(&self, directory: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
        let fault = |error: std::io::Error| Diagnostic::unreadable(directory, &error);
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(directory).map_err(fault)? {
            let path = entry.map_err(fault)?.path();
            if is_policy_name(&path) {
                paths.push(path);
            }
        }
        paths.sort();
        Ok(paths)
    }

    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn is_directory(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn is_below(&self, path: &Path, root: &Path) -> bool {
        match (path.canonicalize(), root.canonicalize()) {
            (Ok(path), Ok(root)) => path.starts_with(root),
            _ => !path.exists(),
        }
    }
}

/// Files in memory.
#[derive(Clone, Debug, Default)]
pub struct Memory(pub BTreeMap<PathBuf, Vec<u8>>);

impl Memory {
    /// Adds a file.
    #[must_use]
    pub fn with(mut self, path: &str, text: &str) -> Self {
        self.0.insert(PathBuf::from(path), text.as_bytes().to_vec());
        self
    }
}

impl Files for Memory {
    fn read(&self, path: &Path, bytes_max: usize) -> Result<Arc<Source>, Diagnostic> {
        let bytes = self.0.get(path).ok_or_else(|| {
            Diagnostic::unreadable(path, &std::io::Error::from(std::io::ErrorKind::NotFound))
        })?;
        Source::from_bytes(path, bytes.clone(), bytes_max)
    }

    fn list(&self, directory: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
        let within = |path: &&PathBuf| path.parent() == Some(directory) && is_policy_name(path);
        Ok(self.0.keys().filter(within).cloned().collect())
    }

    fn is_file(&self, path: &Path) -> bool {
        self.0.contains_key(path)
    }

    fn is_directory(&self, path: &Path) -> bool {
        self.0
            .keys()
            .any(|file| file.starts_with(path) && file != path)
    }

    fn is_below(&self, path: &Path, root: &Path) -> bool {
        path.starts_with(root)
    }
}

/// Joins what a file of ours says to its directory, `.` and `..` taken out. `None` where that leaves
/// `root`, the configuration's directory, or is an absolute path.
pub(super) fn join_within(root: &Path, directory: &Path, written: &str) -> Option<PathBuf> {
    let mut joined = directory.to_owned();
    for component in Path::new(written).components() {
        match component {
            Component::Normal(name) => joined.push(name),
            Component::CurDir => {}
            Component::ParentDir if joined != root && joined.pop() => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    joined.starts_with(root).then_some(joined)
}

fn is_policy_name(path: &Path) -> bool {
    let hidden = path
        .file_name()
        .and_then(|name| name.to_str())
        .is_none_or(|name| name.starts_with('.'));
    let yaml = path
        .extension()
        .is_some_and(|extension| extension == "yaml" || extension == "yml");
    yaml && !hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_within_the_directory() {
        let check = |root: &str, directory: &str, written: &str, expected: Option<&str>| {
            let joined = join_within(Path::new(root), Path::new(directory), written);
            assert_eq!(joined.as_deref(), expected.map(Path::new), "{written}");
        };
        check("c", "c", "policy/a.yaml", Some("c/policy/a.yaml"));
        check("c", "c/policy", "../people/a.txt", Some("c/people/a.txt"));
        check("c", "c/policy", "./a.txt", Some("c/policy/a.txt"));
        check("c", "c/policy", "../../a.txt", None);
        check("c", "c", "a/../../c/b", None);
        check("c", "c", "/etc/passwd", None);
        check("", "", "../a", None);
        check("", "", "a", Some("a"));
    }
}
