//! The shapes of a dialect file, as a trie of their paths each.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::names::{self, Names, PARTS};
use super::program::{ListIx, Meaning, Part, ScopeKind, Unknown};
use crate::yaml::{Decoder, Node, suggest};

mod read;

/// The most shapes of one dialect.
const SHAPES_MAX: usize = 1_000;

/// All shapes of one file.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    pub(super) list: Vec<Shape>,
    pub(super) tries: Vec<Trie>,
    by_name: HashMap<String, ShapeIx>,
    /// Where tombstones are put: keys from the root of their shape.
    pub(super) graves: Vec<Vec<Box<str>>>,
    lists: u16,
    sums: u16,
    paths: usize,
    is_too_large: bool,
}

/// Where a shape stands in [`Shapes::list`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ShapeIx(usize);

/// Where a trie node stands in [`Shapes::tries`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct TrieIx(pub(super) usize);

/// One shape.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) name: String,
    pub(super) span: Range<usize>,
    pub(super) scope: Option<ScopeKind>,
    pub(super) root: TrieIx,
}

/// One position on the paths of a shape.
#[derive(Debug, Default)]
pub(super) struct Trie {
    /// The path that ends here, if one does.
    pub(super) span: Option<Range<usize>>,
    pub(super) meanings: Vec<Meaning>,
    pub(super) is: Vec<Is>,
    pub(super) keys: BTreeMap<Box<str>, TrieIx>,
    pub(super) captured: Option<(Meaning, TrieIx, Range<usize>)>,
    pub(super) any: Option<TrieIx>,
    pub(super) rest: Option<TrieIx>,
    pub(super) elements: Option<TrieIx>,
    pub(super) below: Option<TrieIx>,
    pub(super) embedded: Option<TrieIx>,
    pub(super) list: Option<ListIx>,
    /// Whether it is said that the value is of no interest here, whatever it is.
    pub(super) is_ignored: bool,
}

impl Trie {
    /// Whether the position has nothing of its own but one shape that stands there.
    pub(super) fn only_passes_on(&self) -> bool {
        self.is.len() == 1
            && self.meanings.is_empty()
            && self.keys.is_empty()
            && self.captured.is_none()
            && self.list.is_none()
            && !self.is_ignored
            && [
                self.any,
                self.rest,
                self.elements,
                self.below,
                self.embedded,
            ]
            .iter()
            .all(Option::is_none)
    }
}

/// A use of a shape.
#[derive(Clone, Debug)]
pub(super) struct Is {
    pub(super) shape: ShapeIx,
    pub(super) part: Part,
    pub(super) unknown: Unknown,
    pub(super) span: Range<usize>,
}

impl Shapes {
    /// Reads the section `shapes`.
    pub(super) fn read<'d>(
        node: Option<&'d Node>,
        names: &Names,
        decoder: &mut Decoder<'d>,
    ) -> Self {
        let mut shapes = Self::default();
        let entries = names::entries(node, decoder);
        if let Some((key, _)) = entries.get(SHAPES_MAX) {
            decoder.error(&key.span, format!("more than {SHAPES_MAX} shapes"));
            return shapes;
        }
        for (key, _) in entries {
            let root = shapes.node();
            let ix = ShapeIx(shapes.list.len());
            shapes.by_name.insert(key.text.clone(), ix);
            shapes.list.push(Shape {
                name: key.text.clone(),
                span: key.span.clone(),
                scope: None,
                root,
            });
        }
        for (ix, (_, node)) in entries.iter().enumerate() {
            shapes.read_shape(ix, node, names, decoder);
        }
        shapes.refuse_circles(decoder);
        shapes
    }

    /// The shape at `ix`.
    pub(super) fn shape(&self, ix: ShapeIx) -> Option<&Shape> {
        self.list.get(ix.0)
    }

    /// The node at `ix`.
    pub(super) fn trie(&self, ix: TrieIx) -> Option<&Trie> {
        self.tries.get(ix.0)
    }

    /// A use of a shape: its name, or `{ is: NAME, as: PART, unknown: dropped }`.
    pub(super) fn usage<'d>(&self, node: &'d Node, decoder: &mut Decoder<'d>) -> Option<Is> {
        if node.as_text().is_some() {
            return self.named(node, decoder);
        }
        let mut fields = decoder.mapping(node)?;
        let is = fields.required(decoder, "is");
        let part = fields.optional("as");
        let unknown = fields.optional("unknown");
        fields.finish(decoder);
        let mut usage = self.named(is?, decoder)?;
        if let Some(part) = part {
            usage.part = decoder.word(part, PARTS)?;
        }
        if let Some(unknown) = unknown {
            usage.unknown = decoder.word(
                unknown,
                &[("masked", Unknown::Masked), ("dropped", Unknown::Dropped)],
            )?;
        }
        let is_item =
            self.shape(usage.shape).and_then(|shape| shape.scope) == Some(ScopeKind::Item);
        if is_item && part.is_some() {
            decoder
                .error(&node.span, "`as` speaks of a person")
                .set_help("use it with a shape of `scope: person`");
        }
        Some(usage)
    }

    fn named<'d>(&self, node: &'d Node, decoder: &mut Decoder<'d>) -> Option<Is> {
        let name = decoder.string(node)?;
        let Some(shape) = self.by_name.get(name) else {
            let near = suggest(name, self.list.iter().map(|shape| shape.name.as_str()));
            let help = near.map_or("declare it under `shapes`".to_owned(), |near| {
                format!("did you mean `{near}`?")
            });
            decoder
                .error(&node.span, format!("there is no shape `{name}`"))
                .set_help(help);
            return None;
        };
        Some(Is {
            shape: *shape,
            part: Part::Named,
            unknown: Unknown::Masked,
            span: node.span.clone(),
        })
    }

    /// All shapes with their indexes.
    pub(super) fn iter(&self) -> impl Iterator<Item = (ShapeIx, &Shape)> {
        let indexed = self.list.iter().enumerate();
        indexed.map(|(ix, shape)| (ShapeIx(ix), shape))
    }

    fn node(&mut self) -> TrieIx {
        self.tries.push(Trie::default());
        TrieIx(self.tries.len() - 1)
    }

    /// A shape that is itself by way of `.` says nothing.
    fn refuse_circles(&self, decoder: &mut Decoder<'_>) {
        for (ix, shape) in self.list.iter().enumerate() {
            let mut seen = vec![false; self.list.len()];
            let mut open = vec![ShapeIx(ix)];
            while let Some(next) = open.pop() {
                let Some(trie) = self.shape(next).and_then(|shape| self.trie(shape.root)) else {
                    continue;
                };
                for is in &trie.is {
                    if is.shape.0 == ix {
                        decoder
                            .error(&shape.span, format!("the shape `{}` is itself", shape.name))
                            .set_help("follow `.` from shape to shape: it leads back here");
                        return;
                    }
                    if let Some(seen) = seen.get_mut(is.shape.0)
                        && !std::mem::replace(seen, true)
                    {
                        open.push(is.shape);
                    }
                }
            }
        }
    }
}

/// The place of a part of a scalar's text: inside the quotes, if there are any.
pub(super) fn inside(
    decoder: &Decoder<'_>,
    span: &Range<usize>,
    part: &Range<usize>,
) -> Range<usize> {
    let written = decoder.document().source.slice(span);
    let quote = usize::from(written.starts_with(['"', '\'']));
    let end = span.end.max(span.start);
    let start = (span.start + quote + part.start).min(end);
    start..(span.start + quote + part.end).clamp(start, end)
}
