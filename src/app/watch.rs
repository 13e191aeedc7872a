//! Files that change: their directories are watched, since an editor's rename leaves a watched file
//! for dead; and all are looked at every half minute, for what no watch tells.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tracing::warn;

/// After the first sign of a change, what follows within this time belongs to it.
pub const SETTLE: Duration = Duration::from_millis(200);

/// How often all files are looked at.
pub const POLL: Duration = Duration::from_secs(30);

/// Watches the files of a configuration.
pub struct Watch {
    _watcher: Option<RecommendedWatcher>,
    signs: mpsc::Receiver<()>,
    /// The directories among them.
    files: Vec<PathBuf>,
    seen: Vec<Option<Stamp>>,
}

/// What tells that a file has changed, or that a directory has another file in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
    /// Another file under the same name has another number.
    inode: u64,
}

impl Watch {
    /// Watches these files, and these directories for new ones.
    pub fn new(files: Vec<PathBuf>, directories: &[PathBuf]) -> Self {
        let (sign, signs) = mpsc::channel(1);
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|event| !event.kind.is_access()) {
                // A full channel already holds the sign.
                let _ = sign.try_send(());
            }
        });
        let watcher = watcher.and_then(|mut watcher| {
            for directory in all_directories(&files, directories) {
                watcher.watch(&directory, RecursiveMode::NonRecursive)?;
            }
            Ok(watcher)
        });
        let watcher = watcher
            .inspect_err(
                |fault| warn!(%fault, "files can't be watched; they are looked at every 30 s"),
            )
            .ok();
        let files: Vec<PathBuf> = files
            .into_iter()
            .chain(directories.iter().cloned())
            .collect();
        let seen = files.iter().map(|file| stamp(file)).collect();
        Self {
            _watcher: watcher,
            signs,
            files,
            seen,
        }
    }

    /// Watches other files from now on, if they are others.
    pub fn follow(&mut self, files: Vec<PathBuf>, directories: &[PathBuf]) {
        if !files.iter().chain(directories).eq(&self.files) {
            *self = Self::new(files, directories);
        }
    }

    /// Waits for a sign that something has changed.
    pub async fn changed(&mut self) {
        loop {
            let told = tokio::time::timeout(POLL, self.signs.recv()).await;
            match told {
                Ok(Some(())) => {
                    // An editor writes in several steps.
                    while let Ok(Some(())) = tokio::time::timeout(SETTLE, self.signs.recv()).await {
                    }
                    if self.look() {
                        return;
                    }
                }
                Ok(None) => tokio::time::sleep(POLL).await,
                Err(_) => {
                    if self.look() {
                        return;
                    }
                }
            }
        }
    }

    /// Whether something differs from when it was last looked at.
    fn look(&mut self) -> bool {
        let now: Vec<_> = self.files.iter().map(|file| stamp(file)).collect();
        let differs = now != self.seen;
        self.seen = now;
        differs
    }
}

fn all_directories(files: &[PathBuf], directories: &[PathBuf]) -> BTreeSet<PathBuf> {
    let parents = files.iter().filter_map(|file| file.parent()).map(|parent| {
        if parent == Path::new("") {
            PathBuf::from(".")
        } else {
            parent.to_owned()
        }
    });
    parents.chain(directories.iter().cloned()).collect()
}

fn stamp(file: &Path) -> Option<Stamp> {
    let facts = std::fs::metadata(file).ok()?;
    Some(Stamp {
        bytes: facts.len(),
        modified: facts.modified().ok(),
        inode: facts.ino(),
    })
}
