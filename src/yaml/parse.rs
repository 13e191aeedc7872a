//! From text to tree, within a budget.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{ErrorKind, Event, Parser, ScanError, Span, StructureStyle};

use super::diagnostic::{Diagnostic, Findings};
use super::measure::show_bytes;
use super::nodes::{Detail, Weight, key, scalar, weigh};
use super::source::Source;
use super::tree::{Document, Key, Node, Value};

/// Bounds on one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The file's size, bytes. What aliases repeat may add as much again.
    pub bytes_max: usize,
    /// Values in it, those that aliases repeat counted each time.
    pub nodes_max: usize,
    /// Mappings and lists inside one another.
    pub depth_max: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            bytes_max: 4 << 20,
            nodes_max: 250_000,
            depth_max: 64,
        }
    }
}

/// Parses one file. Duplicate keys, merge keys, keys that are no text, tags, unknown aliases: all of
/// them are reported. A fault of the syntax, a second document or an exceeded budget ends the
/// reading; what was found before is reported with it. An empty file is [`Value::Null`].
pub fn parse(source: Arc<Source>, budget: Budget) -> Result<Document, Vec<Diagnostic>> {
    let mut builder = Builder::new(&source, budget);
    if let Err(fatal) = builder.read() {
        builder.findings.push(fatal);
    }
    let root = builder.root.take().unwrap_or(Node {
        value: Value::Null,
        span: 0..0,
    });
    let findings = builder.findings;
    if findings.has_errors() {
        return Err(findings.finish());
    }
    Ok(Document { source, root })
}

struct Builder<'s> {
    source: &'s Arc<Source>,
    budget: Budget,
    findings: Findings,
    open: Vec<Frame>,
    root: Option<Node>,
    documents: usize,
    nodes: usize,
    repeated_bytes: usize,
    anchors: HashMap<usize, Anchored>,
}

/// A collection that is being read.
struct Frame {
    start: usize,
    end: usize,
    style: StructureStyle,
    anchor: usize,
    collection: Collection,
}

enum Collection {
    Sequence(Vec<Node>),
    Mapping {
        entries: Vec<(Key, Node)>,
        seen: HashMap<String, Range<usize>>,
        slot: Slot,
    },
}

/// What a mapping waits for.
enum Slot {
    Key,
    Value(Key),
    /// The value of a key that was refused: read for its own faults, then dropped.
    Dropped,
}

/// A value that aliases may repeat, and what each repetition costs.
struct Anchored {
    node: Node,
    weight: Weight,
}

impl<'s> Builder<'s> {
    fn new(source: &'s Arc<Source>, budget: Budget) -> Self {
        Self {
            source,
            budget,
            findings: Findings::default(),
            open: Vec::new(),
            root: None,
            documents: 0,
            nodes: 0,
            repeated_bytes: 0,
            anchors: HashMap::new(),
        }
    }

    fn read(&mut self) -> Result<(), Diagnostic> {
        if self.source.text.len() > self.budget.bytes_max {
            let limit = show_bytes(self.budget.bytes_max as u64);
            let message = format!("the file is larger than {limit}");
            return Err(Diagnostic::of_file(&self.source.path, message));
        }
        self.refuse_control_characters()?;
        let options = granit_parser::options! {
            disallow_directives: true,
            emit_unresolved_aliases: true,
            emit_comments: false,
            flow_nesting_limit: self.budget.depth_max.saturating_add(1),
            block_nesting_limit: self.budget.depth_max.saturating_add(1),
        };
        let source = Arc::clone(self.source);
        for next in Parser::new_from_str_with_options(&source.text, options) {
            let (event, span) = next.map_err(|error| self.syntax(&error))?;
            self.step(event, &span)?;
        }
        Ok(())
    }

    /// The parser takes NUL for the end of its input: what stood behind it would go unread.
    fn refuse_control_characters(&self) -> Result<(), Diagnostic> {
        let text = &self.source.text;
        let found = text
            .char_indices()
            .find(|(_, c)| c.is_control() && !matches!(c, '\t' | '\n' | '\r'));
        match found {
            None => Ok(()),
            Some((at, c)) => Err(self
                .fault(
                    at..at + c.len_utf8(),
                    format!("control character U+{:04X}", u32::from(c)),
                )
                .help("remove it; inside double quotes it can be written as an escape")),
        }
    }

    fn step(&mut self, event: Event<'_>, span: &Span) -> Result<(), Diagnostic> {
        let place = bytes(span);
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(self
                        .fault(place, "a second document begins here")
                        .help("one file holds one document: remove the `---` or make two files"));
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(tag.is_some(), span);
                self.spend(1, &place)?;
                let value = scalar(text.into_owned(), style);
                self.complete(Node { value, span: place }, anchor)?;
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.refuse_tag(tag.is_some(), span);
                self.begin(place, style, anchor, Collection::Sequence(Vec::new()))?;
            }
            Event::MappingStart(style, anchor, tag) => {
                self.refuse_tag(tag.is_some(), span);
                let mapping = Collection::Mapping {
                    entries: Vec::new(),
                    seen: HashMap::new(),
                    slot: Slot::Key,
                };
                self.begin(place, style, anchor, mapping)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(&place)?,
            Event::Alias(id) => self.alias(id, place)?,
            Event::UnresolvedAlias(name) => {
                let unknown = self
                    .fault(place.clone(), format!("`*{name}` has no anchor"))
                    .help(format!(
                        "write `&{name}` before the value it stands for, further up"
                    ));
                self.findings.push(unknown);
                self.place(Node {
                    value: Value::Null,
                    span: place,
                });
            }
            _ => {}
        }
        Ok(())
    }

    fn begin(
        &mut self,
        place: Range<usize>,
        style: StructureStyle,
        anchor: usize,
        collection: Collection,
    ) -> Result<(), Diagnostic> {
        self.spend(1, &place)?;
        if self.open.len() >= self.budget.depth_max {
            return Err(self.too_deep(place));
        }
        self.open.push(Frame {
            start: place.start,
            end: place.end,
            style,
            anchor,
            collection,
        });
        Ok(())
    }

    fn end(&mut self, place: &Range<usize>) -> Result<(), Diagnostic> {
        let Some(frame) = self.open.pop() else {
            return Ok(());
        };
        // A block collection is over when something else begins; it ends where its last value does.
        let end = match frame.style {
            StructureStyle::Flow => place.end,
            StructureStyle::Block => frame.end,
        };
        let value = match frame.collection {
            Collection::Sequence(items) => Value::Sequence(items),
            Collection::Mapping { entries, .. } => Value::Mapping(entries),
        };
        let span = frame.start..end.max(frame.start);
        self.complete(Node { value, span }, frame.anchor)
    }

    /// A value was read in full: keeps it for aliases if it has an anchor, and puts it in its place.
    fn complete(&mut self, node: Node, anchor: usize) -> Result<(), Diagnostic> {
        if anchor != 0 {
            let weight = weigh(&node);
            self.repeat(weight, &node.span)?;
            self.anchors.insert(
                anchor,
                Anchored {
                    node: node.clone(),
                    weight,
                },
            );
        }
        self.place(node);
        Ok(())
    }

    fn alias(&mut self, id: usize, place: Range<usize>) -> Result<(), Diagnostic> {
        let Some(anchored) = self.anchors.get(&id) else {
            // The anchor is known, but its value is still open around us.
            let message = format!(
                "`{}` stands inside its own anchor",
                self.source.slice(&place)
            );
            return Err(self.fault(place, message).help("write the value out"));
        };
        let weight = anchored.weight;
        if self.open.len() + weight.height > self.budget.depth_max {
            return Err(self.too_deep(place));
        }
        // Counted before it is copied: a small file must not grow into a large tree.
        self.repeat(weight, &place)?;
        let value = self
            .anchors
            .get(&id)
            .map_or(Value::Null, |anchored| anchored.node.value.clone());
        self.place(Node { value, span: place });
        Ok(())
    }

    fn place(&mut self, mut node: Node) {
        let detail = match self.findings.is_full() {
            true => Detail::Message,
            false => Detail::Full,
        };
        let Some(frame) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        match &mut frame.collection {
            Collection::Sequence(items) => {
                frame.end = frame.end.max(node.span.end);
                items.push(node);
            }
            Collection::Mapping {
                entries,
                seen,
                slot,
            } => match std::mem::replace(slot, Slot::Key) {
                Slot::Key => {
                    frame.end = frame.end.max(node.span.end);
                    match key(self.source, seen, node, detail) {
                        Ok(key) => *slot = Slot::Value(key),
                        Err(refused) => {
                            *slot = Slot::Dropped;
                            self.findings.push(*refused);
                        }
                    }
                }
                Slot::Value(key) => {
                    if node.span.is_empty() {
                        // A value that is not there: it would have stood behind its key.
                        node.span = key.span.end..key.span.end;
                    }
                    frame.end = frame.end.max(node.span.end);
                    entries.push((key, node));
                }
                Slot::Dropped => {}
            },
        }
    }

    fn spend(&mut self, nodes: usize, place: &Range<usize>) -> Result<(), Diagnostic> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes <= self.budget.nodes_max {
            return Ok(());
        }
        let message = format!(
            "the file holds more than {} values, those that aliases repeat counted each time",
            self.budget.nodes_max
        );
        Err(self
            .fault(self.source.first_line(place), message)
            .help("keep long lists in a text file, one entry a line, and name that file"))
    }

    fn repeat(&mut self, weight: Weight, place: &Range<usize>) -> Result<(), Diagnostic> {
        self.spend(weight.nodes, place)?;
        self.repeated_bytes = self.repeated_bytes.saturating_add(weight.bytes);
        if self.repeated_bytes <= self.budget.bytes_max {
            return Ok(());
        }
        let limit = show_bytes(self.budget.bytes_max as u64);
        Err(self
            .fault(
                self.source.first_line(place),
                format!("aliases repeat more than {limit} of text"),
            )
            .help("write long texts once"))
    }

    fn refuse_tag(&mut self, tagged: bool, span: &Span) {
        if !tagged {
            return;
        }
        let place = span
            .tag_span()
            .map_or_else(|| bytes(span), |tag| bytes(&tag));
        let refused = self
            .fault(
                place.clone(),
                format!("the tag `{}` is not read", self.source.slice(&place)),
            )
            .help("remove it: each key knows what kind of value it takes");
        self.findings.push(refused);
    }

    fn too_deep(&self, place: Range<usize>) -> Diagnostic {
        let limit = self.budget.depth_max;
        self.fault(
            self.source.first_line(&place),
            format!("more than {limit} mappings and lists inside one another"),
        )
        .help("no file of ours is nested that deep: look for a bracket that is not closed")
    }

    fn syntax(&self, error: &ScanError) -> Diagnostic {
        let at = error.marker().byte_offset().unwrap_or(0);
        let at = at.min(self.source.text.len());
        if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
            return self.too_deep(at..at);
        }
        let diagnostic = self.fault(at..at, format!("not YAML: {}", error.info()));
        match syntax_help(error.kind()) {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }

    fn fault(&self, span: Range<usize>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.source, span, message)
    }
}

fn bytes(span: &Span) -> Range<usize> {
    span.byte_range().unwrap_or(0..0)
}

fn syntax_help(kind: &ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar => "indent with spaces, never with tabs",
        ErrorKind::BomInsideDocument => {
            "remove the byte order mark: an invisible U+FEFF stands here"
        }
        ErrorKind::DirectiveDisallowed => "remove the line that begins with `%`",
        ErrorKind::UnclosedQuotedScalar => "close the quotes",
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::MismatchedFlowCollectionEnd { .. } => {
            "close each `[` with `]` and each `{` with `}`"
        }
        ErrorKind::InvalidIndentation
        | ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::SimpleKeyExpected
        | ErrorKind::InvalidSimpleKey => {
            "check the indentation of this line and of the one before, and that a space follows each `:`"
        }
        ErrorKind::MappingValueNotAllowed => "put a value that holds `: ` in quotes",
        ErrorKind::UnknownQuotedScalarEscape => "use single quotes where no escape is meant",
        _ => return None,
    })
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
