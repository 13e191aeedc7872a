//! Mistakes, shown: to people as frames with a caret, to machines as JSON, to GitHub as annotations.

use std::borrow::Cow;
use std::fmt::{self, Write};
use std::sync::Arc;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents,
    SourceCode, SourceSpan, SpanContents,
};
use serde_json::json;

use crate::yaml::{Diagnostic, Place, Severity, Source};

/// The width of a frame, columns.
const WIDTH: usize = 100;

/// How mistakes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Frames for people.
    Text(Colour),
    /// One JSON array.
    Json,
    /// Workflow commands: an annotation each.
    Github,
}

/// Whether colours may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// On a terminal.
    Ansi,
    /// Anywhere else.
    None,
}

/// Writes mistakes in a format. The text ends with a line that counts them.
pub fn render(diagnostics: &[Diagnostic], format: Format) -> String {
    match format {
        Format::Text(colour) => text(diagnostics, colour),
        Format::Json => {
            let all: Vec<_> = diagnostics.iter().map(json_of).collect();
            format!("{:#}\n", serde_json::Value::from(all))
        }
        Format::Github => diagnostics.iter().map(annotation).collect(),
    }
}

fn text(diagnostics: &[Diagnostic], colour: Colour) -> String {
    let theme = match colour {
        Colour::Ansi => GraphicalTheme::unicode(),
        Colour::None => GraphicalTheme::unicode_nocolor(),
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(WIDTH)
        .with_context_lines(1)
        .without_cause_chain();
    let mut out = String::new();
    for diagnostic in diagnostics {
        // A frame that can't be drawn still leaves the one line that says everything.
        let mut frame = String::new();
        match handler.render_report(&mut frame, &Frame::of(diagnostic)) {
            Ok(()) => out.push_str(&frame),
            Err(_) => out.push_str(&format!("{diagnostic}\n")),
        }
        out.push('\n');
    }
    let errors = diagnostics
        .iter()
        .filter(|one| one.severity == Severity::Error)
        .count();
    let warnings = diagnostics.len() - errors;
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let counted = writeln!(
        out,
        "{errors} error{}, {warnings} warning{}",
        plural(errors),
        plural(warnings)
    );
    debug_assert!(counted.is_ok(), "writing to a string does not fail");
    out
}

/// A diagnostic as the renderer wants it.
#[derive(Debug)]
struct Frame<'d> {
    message: String,
    severity: miette::Severity,
    help: Option<&'d str>,
    source: Option<Named<'d>>,
    labels: Vec<LabeledSpan>,
    /// Places in other files.
    related: Vec<Frame<'d>>,
}

impl<'d> Frame<'d> {
    fn of(diagnostic: &'d Diagnostic) -> Self {
        let source = diagnostic.source.as_ref();
        let (own, other): (Vec<&Place>, Vec<&Place>) = diagnostic
            .also
            .iter()
            .partition(|place| source.is_some_and(|source| Arc::ptr_eq(source, &place.source)));
        let mut labels: Vec<_> = own
            .iter()
            .map(|place| label(&place.source, &place.span, Some(place.note.clone())))
            .collect();
        if let Some(source) = source {
            let line = source.first_line(&diagnostic.span);
            let place = (line.start, line.len());
            labels.insert(0, LabeledSpan::new_primary_with_span(None, place));
        }
        let message = match source {
            Some(_) => diagnostic.message.clone(),
            None => format!("{}: {}", diagnostic.path.display(), diagnostic.message),
        };
        Self {
            message,
            severity: match diagnostic.severity {
                Severity::Error => miette::Severity::Error,
                Severity::Warning => miette::Severity::Warning,
            },
            help: diagnostic.help.as_deref(),
            source: source.map(|source| Named::of(source)),
            labels,
            related: other.into_iter().map(Self::place).collect(),
        }
    }

    fn place(place: &'d Place) -> Self {
        Self {
            message: place.note.clone(),
            severity: miette::Severity::Advice,
            help: None,
            source: Some(Named::of(&place.source)),
            labels: vec![label(&place.source, &place.span, None)],
            related: Vec::new(),
        }
    }
}

impl fmt::Display for Frame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Frame<'_> {}

impl miette::Diagnostic for Frame<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help
            .map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        let related = self.related.iter();
        Some(Box::new(
            related.map(|frame| frame as &dyn miette::Diagnostic),
        ))
    }
}

/// A source with its name, borrowed: a list of people may be long.
#[derive(Debug)]
struct Named<'d> {
    name: String,
    text: Cow<'d, str>,
}

impl<'d> Named<'d> {
    fn of(source: &'d Source) -> Self {
        Self {
            name: source.path.display().to_string(),
            text: without_secrets(&source.text),
        }
    }
}

impl SourceCode for Named<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let found = self
            .text
            .as_ref()
            .read_span(span, lines_before, lines_after)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            found.data(),
            *found.span(),
            found.line(),
            found.column(),
            found.line_count(),
        )))
    }
}

/// The keys whose values are nobody's to read, wherever they stand.
const SECRETS: [&str; 2] = ["pseudonym_key:", "lookup_token:"];

/// The text with each secret struck out, byte for byte, so that places stay where they are.
fn without_secrets(text: &str) -> Cow<'_, str> {
    let mut struck: Option<String> = None;
    for key in SECRETS {
        for (at, _) in text.match_indices(key) {
            let from = at + key.len();
            let value = text.get(from..).unwrap_or_default();
            let value = value.split(['\n', ',', '}']).next().unwrap_or_default();
            if value.trim_start().starts_with("${") {
                continue;
            }
            let stars: String = value
                .bytes()
                .map(|byte| if byte == b' ' { ' ' } else { '*' })
                .collect();
            struck
                .get_or_insert_with(|| text.to_owned())
                .replace_range(from..from + value.len(), &stars);
        }
    }
    struck.map_or(Cow::Borrowed(text), Cow::Owned)
}

fn label(source: &Source, span: &std::ops::Range<usize>, note: Option<String>) -> LabeledSpan {
    let line = source.first_line(span);
    LabeledSpan::new(note, line.start, line.len())
}

fn json_of(diagnostic: &Diagnostic) -> serde_json::Value {
    let place = |source: Option<&Arc<Source>>, span: &std::ops::Range<usize>| {
        source.map(|source| {
            let (line, column) = source.position(span.start);
            let (end_line, end_column) = source.position(span.end);
            json!({ "line": line, "column": column, "end_line": end_line, "end_column": end_column })
        })
    };
    let also: Vec<_> = diagnostic
        .also
        .iter()
        .map(|other| {
            json!({
                "path": other.source.path.display().to_string(),
                "place": place(Some(&other.source), &other.span),
                "note": other.note,
            })
        })
        .collect();
    json!({
        "severity": severity(diagnostic),
        "path": diagnostic.path.display().to_string(),
        "place": place(diagnostic.source.as_ref(), &diagnostic.span),
        "message": diagnostic.message,
        "help": diagnostic.help,
        "also": also,
    })
}

/// A workflow command. See "Workflow commands for GitHub Actions", setting an error message.
fn annotation(diagnostic: &Diagnostic) -> String {
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let path = property(&diagnostic.path.display().to_string());
    let place = diagnostic
        .position()
        .map(|(line, column)| format!(",line={line},col={column}"))
        .unwrap_or_default();
    let help = diagnostic
        .help
        .as_ref()
        .map(|help| format!("\n{help}"))
        .unwrap_or_default();
    let text = data(&format!("{}{help}", diagnostic.message));
    format!("::{} file={path}{place}::{text}\n", severity(diagnostic))
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn severity(diagnostic: &Diagnostic) -> &'static str {
    match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
