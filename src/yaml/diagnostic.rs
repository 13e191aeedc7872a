//! A mistake in a file: what, where, and what to do.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::source::Source;

/// The most mistakes shown of one file; the rest are counted.
const SHOWN_MAX: usize = 100;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The file can't be used.
    Error,
    /// It can, but look.
    Warning,
}

/// One mistake.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// How bad.
    pub severity: Severity,
    /// The file, if it could be read.
    pub source: Option<Arc<Source>>,
    /// The path, also where the file could not be read.
    pub path: PathBuf,
    /// Where in it, bytes.
    pub span: Range<usize>,
    /// What is wrong: lower case, no full stop, what the person wrote in backticks.
    pub message: String,
    /// What to do.
    pub help: Option<Box<str>>,
    /// Other places that belong to it: where the key stood first, the other file.
    pub also: Vec<Place>,
}

/// Another place that a mistake is about.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file.
    pub source: Arc<Source>,
    /// Where in it, bytes.
    pub span: Range<usize>,
    /// What is there, in a few words.
    pub note: String,
}

impl Diagnostic {
    /// An error at a place of a file.
    pub fn new(source: &Arc<Source>, span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            path: source.path.clone(),
            source: Some(Arc::clone(source)),
            span,
            message: message.into(),
            help: None,
            also: Vec::new(),
        }
    }

    /// An error about a file as a whole, or about one that could not be read.
    pub fn of_file(path: &Path, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            source: None,
            path: path.to_owned(),
            span: 0..0,
            message: message.into(),
            help: None,
            also: Vec::new(),
        }
    }

    /// An error about a file that the system would not give.
    pub fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        let message = match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
            std::io::ErrorKind::PermissionDenied => "this file may not be read".to_owned(),
            _ => format!("this file can't be read: {error}"),
        };
        Self::of_file(path, message)
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into().into_boxed_str());
        self
    }

    /// Says what to do, in place.
    pub fn set_help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into().into_boxed_str());
        self
    }

    /// Names another place that belongs to it.
    #[must_use]
    pub fn also(
        mut self,
        source: &Arc<Source>,
        span: Range<usize>,
        note: impl Into<String>,
    ) -> Self {
        self.also.push(Place {
            source: Arc::clone(source),
            span,
            note: note.into(),
        });
        self
    }

    /// Makes it a warning.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// Line and column, from 1, if the file could be read.
    pub fn position(&self) -> Option<(usize, usize)> {
        Some(self.source.as_ref()?.position(self.span.start))
    }
}

impl fmt::Display for Diagnostic {
    /// One line, `path:line:column: error: message (help)`, as compilers write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some((line, column)) = self.position() {
            write!(f, ":{line}:{column}")?;
        }
        let word = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, ": {word}: {}", self.message)?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

/// What was found wrong so far. Bounded: past 100 of one file the rest are only counted.
#[derive(Debug)]
pub struct Findings {
    shown_max: usize,
    found: Vec<Diagnostic>,
    /// The newest, still open to be completed.
    last: Option<Diagnostic>,
    left_out: usize,
    errors: usize,
}

impl Default for Findings {
    fn default() -> Self {
        Self::showing(SHOWN_MAX)
    }
}

impl Findings {
    /// Shows no more than `shown_max`.
    pub fn showing(shown_max: usize) -> Self {
        Self {
            shown_max,
            found: Vec::new(),
            last: None,
            left_out: 0,
            errors: 0,
        }
    }

    /// Takes one in, and hands it back to be completed.
    pub fn push(&mut self, diagnostic: Diagnostic) -> &mut Diagnostic {
        self.errors += usize::from(diagnostic.severity == Severity::Error);
        self.keep_last();
        self.last.insert(diagnostic)
    }

    /// Takes in what another reader found.
    pub fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        for diagnostic in diagnostics {
            self.push(diagnostic);
        }
    }

    /// Whether one more would only be counted: what makes it helpful is not worth the time then.
    pub fn is_full(&self) -> bool {
        self.found.len() >= self.shown_max
    }

    /// Whether there is an error among them.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// All of them, in the order of the file; what was left out is said at the end.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        self.keep_last();
        self.found.sort_by_key(|found| found.span.start);
        if let (Some(last), true) = (self.found.last(), self.left_out > 0) {
            let mut rest = last.clone();
            rest.message = format!("{} more mistakes are not shown", self.left_out);
            rest.help = Some("correct the ones shown and check again".into());
            rest.also.clear();
            if self.errors > 0 {
                rest.severity = Severity::Error;
            }
            self.found.push(rest);
        }
        self.found
    }

    fn keep_last(&mut self) {
        let Some(last) = self.last.take() else {
            return;
        };
        if self.found.len() < self.shown_max {
            self.found.push(last);
        } else {
            self.left_out += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(source: &Arc<Source>, at: usize) -> Diagnostic {
        Diagnostic::new(source, at..at, format!("fault {at}"))
    }

    #[test]
    fn one_line_says_where_what_and_what_to_do() {
        let source = Source::new("a.yaml", "x: 1\ny: 2\n");
        let diagnostic = fault(&source, 5).help("do this");
        assert_eq!(
            diagnostic.to_string(),
            "a.yaml:2:1: error: fault 5 (do this)"
        );
    }

    #[test]
    fn findings_come_in_the_order_of_the_file_and_are_bounded() {
        let source = Source::new("a.yaml", "x".repeat(500));
        let mut findings = Findings::default();
        findings.extend((0..250).rev().map(|at| fault(&source, at)));
        let shown = findings.finish();
        assert_eq!(shown.len(), 101);
        assert_eq!(shown[0].message, "fault 150");
        assert_eq!(shown[100].message, "150 more mistakes are not shown");
    }
}
