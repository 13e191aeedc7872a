//! A file's text, and how it is read within bounds.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::diagnostic::Diagnostic;
use super::measure::show_bytes;

/// A file's name and text.
pub struct Source {
    /// The path as the person gave it.
    pub path: PathBuf,
    /// The text.
    pub text: String,
}

impl Source {
    /// A text that is in memory already; `path` is what diagnostics call it.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            path: path.into(),
            text: text.into(),
        })
    }

    /// Reads a file. No more than `bytes_max` bytes are ever held: a larger file is refused, as is
    /// what is no regular file (a pipe could keep us waiting) and what is not UTF-8.
    pub fn read(path: &Path, bytes_max: usize) -> Result<Arc<Self>, Diagnostic> {
        let fault = |error: std::io::Error| Diagnostic::unreadable(path, &error);
        let metadata = std::fs::metadata(path).map_err(fault)?;
        if !metadata.is_file() {
            return Err(Diagnostic::of_file(path, "this is not a regular file")
                .help("name a file that can be read from start to end"));
        }
        let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX);
        if metadata.len() > limit {
            return Err(too_large(path, bytes_max));
        }
        let mut bytes = Vec::new();
        // The file may grow while it is read: one byte more than allowed tells.
        File::open(path)
            .and_then(|file| file.take(limit.saturating_add(1)).read_to_end(&mut bytes))
            .map_err(fault)?;
        Self::from_bytes(path, bytes, bytes_max)
    }

    /// The same for bytes that were read elsewhere.
    pub fn from_bytes(
        path: &Path,
        bytes: Vec<u8>,
        bytes_max: usize,
    ) -> Result<Arc<Self>, Diagnostic> {
        if bytes.len() > bytes_max {
            return Err(too_large(path, bytes_max));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(path, text)),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                // Everything before `at` is valid, so the offset holds in the repaired text too.
                Err(
                    Diagnostic::new(&Self::new(path, text), at..at, "this byte is not UTF-8")
                        .help("save the file as UTF-8"),
                )
            }
        }
    }

    /// Line and column of a byte offset, both from 1; the column counts characters.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let offset = self.floor(offset);
        let before = self.text.get(..offset).unwrap_or_default();
        let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1;
        let start = memchr::memrchr(b'\n', before.as_bytes()).map_or(0, |at| at + 1);
        let column = before.get(start..).unwrap_or_default().chars().count() + 1;
        (line, column)
    }

    /// The text of a span, or nothing where the span is none of this text.
    pub fn slice(&self, span: &Range<usize>) -> &str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    /// `span` cut at the end of its first line, and moved onto character borders.
    pub fn first_line(&self, span: &Range<usize>) -> Range<usize> {
        let start = self.floor(span.start);
        let end = self.floor(span.end).max(start);
        let line = self.slice(&(start..end));
        let length = line.find(['\n', '\r']).unwrap_or(line.len());
        start..start + length
    }

    fn floor(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

impl std::fmt::Debug for Source {
    /// Without the text: it may hold a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source")
            .field("path", &self.path)
            .field("bytes", &self.text.len())
            .finish()
    }
}

fn too_large(path: &Path, bytes_max: usize) -> Diagnostic {
    let limit = show_bytes(u64::try_from(bytes_max).unwrap_or(u64::MAX));
    Diagnostic::of_file(path, format!("the file is larger than {limit}"))
        .help("keep long lists of people in a text file, one id a line, and name that file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_not_bytes() {
        let source = Source::new("a", "이름: 값\n둘째: x\n");
        let at = source.text.find('x').unwrap();
        assert_eq!(source.position(at), (2, 5));
        assert_eq!(source.position(0), (1, 1));
        assert_eq!(source.position(9999), (3, 1));
    }

    #[test]
    fn a_file_at_the_limit_is_read_and_one_byte_more_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f.yaml");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(Source::read(&path, 5).unwrap().text, "12345");
        let refused = Source::read(&path, 4).unwrap_err();
        assert_eq!(refused.message, "the file is larger than 4B");
    }

    #[test]
    fn a_hundred_megabytes_are_refused_without_being_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("huge.yaml");
        File::create(&path).unwrap().set_len(100 << 20).unwrap();
        let refused = Source::read(&path, 4 << 20).unwrap_err();
        assert_eq!(refused.message, "the file is larger than 4MiB");
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let refused = Source::read(directory.path(), 10).unwrap_err();
        assert_eq!(refused.message, "this is not a regular file");
    }

    #[test]
    fn a_byte_that_is_not_utf8_is_pointed_at() {
        let refused = Source::from_bytes(Path::new("a"), b"ab: \xff".to_vec(), 100).unwrap_err();
        assert_eq!(
            (refused.message.as_str(), refused.span.start),
            ("this byte is not UTF-8", 4)
        );
    }
}
