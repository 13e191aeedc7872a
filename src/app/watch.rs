//! Files that change: their directories are watched, since an editor's rename leaves a watched file
//! for dead; and all are looked at every few seconds, for what no watch tells.
//!
//! INVARIANT: a change is one since the files were last *read*, not since they were last looked at.
//! So none is lost between a reading and a watch, or by a wait that is broken off.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;
use tokio::time::timeout;
use tracing::warn;

use crate::config::{Disk, Files};
use crate::yaml::{Diagnostic, Source};

/// After the first sign of a change, what follows within this time belongs to it.
pub const SETTLE: Duration = Duration::from_millis(200);

/// Who goes on writing is not waited for any longer.
const SETTLE_MAX: Duration = Duration::from_secs(2);

/// How often all files are looked at.
pub const POLL: Duration = Duration::from_secs(5);

/// The disk, remembering what was asked for: as it was just before.
#[derive(Debug, Default)]
pub struct Consulted(RefCell<BTreeMap<PathBuf, Option<Stamp>>>);

/// What tells that a file has changed, or that a directory has another file in it. `None` of it: it
/// is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
    /// Another file under the same name has another number.
    inode: u64,
}

impl Consulted {
    fn note(&self, path: &Path) {
        let mut noted = self.0.borrow_mut();
        if !noted.contains_key(path) {
            noted.insert(path.to_owned(), stamp(path));
        }
    }
}

impl Files for Consulted {
    fn read(&self, path: &Path, bytes_max: usize) -> Result<Arc<Source>, Diagnostic> {
        self.note(path);
        Disk.read(path, bytes_max)
    }

    fn list(&self, directory: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
        self.note(directory);
        Disk.list(directory)
    }

    fn is_file(&self, path: &Path) -> bool {
        self.note(path);
        Disk.is_file(path)
    }

    fn is_directory(&self, path: &Path) -> bool {
        self.note(path);
        Disk.is_directory(path)
    }

    fn is_below(&self, path: &Path, root: &Path) -> bool {
        Disk.is_below(path, root)
    }
}

/// Watches the files of a configuration.
pub struct Watch {
    /// `None` where the system gives no watch: then the looks find what has changed.
    watcher: Option<RecommendedWatcher>,
    watched: BTreeSet<PathBuf>,
    signs: Arc<Notify>,
    /// As they were when they were last read.
    seen: BTreeMap<PathBuf, Option<Stamp>>,
}

impl Watch {
    /// Watches what was consulted.
    pub fn new(consulted: Consulted) -> Self {
        let signs = Arc::new(Notify::new());
        let sign = signs.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|event| !event.kind.is_access()) {
                sign.notify_one();
            }
        });
        let watcher = watcher
            .inspect_err(|fault| warn!(%fault, "files can't be watched; they are looked at"))
            .ok();
        let mut watch = Self {
            watcher,
            watched: BTreeSet::new(),
            signs,
            seen: BTreeMap::new(),
        };
        watch.follow(consulted);
        watch
    }

    /// Watches what was consulted now: the files were read anew.
    pub fn follow(&mut self, consulted: Consulted) {
        self.seen = consulted.0.into_inner();
        let directories = directories_of(self.seen.keys());
        if let Some(watcher) = &mut self.watcher {
            for gone in self.watched.difference(&directories) {
                // One that is not there any more is not watched any more.
                let _ = watcher.unwatch(gone);
            }
            for new in directories.difference(&self.watched) {
                if let Err(fault) = watcher.watch(new, RecursiveMode::NonRecursive) {
                    warn!(directory = %new.display(), %fault, "can't be watched; it is looked at");
                }
            }
        }
        self.watched = directories;
    }

    /// Waits until something differs from when it was read. May be dropped at any time.
    pub async fn changed(&mut self) {
        while !self.differs() {
            // A timeout is a sign as well.
            let _ = timeout(POLL, self.signs.notified()).await;
        }
        // An editor writes in several steps.
        let quiet = async { while timeout(SETTLE, self.signs.notified()).await.is_ok() {} };
        let _ = timeout(SETTLE_MAX, quiet).await;
    }

    fn differs(&self) -> bool {
        self.seen.iter().any(|(path, seen)| stamp(path) != *seen)
    }
}

/// The directories that these paths are in, and those among them.
fn directories_of<'p>(paths: impl Iterator<Item = &'p PathBuf>) -> BTreeSet<PathBuf> {
    let mut directories = BTreeSet::new();
    for path in paths {
        let parent = path.parent().map(|parent| match parent {
            _ if parent == Path::new("") => PathBuf::from("."),
            parent => parent.to_owned(),
        });
        let itself = path.is_dir().then(|| path.clone());
        directories.extend(parent.filter(|parent| parent.is_dir()));
        directories.extend(itself);
    }
    directories
}

fn stamp(file: &Path) -> Option<Stamp> {
    let facts = std::fs::metadata(file).ok()?;
    Some(Stamp {
        bytes: facts.len(),
        modified: facts.modified().ok(),
        inode: facts.ino(),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Waits until the change is seen, or fails.
    async fn sees_it(watch: &mut Watch) {
        timeout(Duration::from_secs(20), watch.changed())
            .await
            .expect("the change is seen");
    }

    fn read(path: &Path) -> Consulted {
        let consulted = Consulted::default();
        let _ = consulted.read(path, 100);
        consulted
    }

    #[tokio::test]
    async fn what_changed_after_it_was_read_is_seen_however_late_it_is_watched() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a");
        fs::write(&file, "1").unwrap();
        let consulted = read(&file);
        fs::write(&file, "22").unwrap();
        let mut watch = Watch::new(consulted);
        sees_it(&mut watch).await;

        let consulted = read(&file);
        fs::write(&file, "333").unwrap();
        watch.follow(consulted);
        sees_it(&mut watch).await;
    }

    #[tokio::test]
    async fn a_wait_that_is_broken_off_loses_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a");
        fs::write(&file, "1").unwrap();
        let mut watch = Watch::new(read(&file));
        fs::write(&file, "22").unwrap();
        // The sign has come, and is settling when the wait is given up.
        let broken_off = timeout(SETTLE / 4, watch.changed()).await;
        assert!(broken_off.is_err());
        sees_it(&mut watch).await;
    }

    #[tokio::test]
    async fn a_file_that_was_missed_is_seen_when_it_comes() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a");
        let mut watch = Watch::new(read(&file));
        fs::write(&file, "1").unwrap();
        sees_it(&mut watch).await;
    }
}
