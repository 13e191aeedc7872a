//! Which states of the program hold at the value that is read: none, mostly; now and then one.
//!
//! A stack of states runs along with the nesting; the values that are open own a stretch each.

use super::super::program::{Edge, Node, Program};
use super::keys;

/// The states of the values that are open.
#[derive(Default)]
pub(super) struct States {
    /// How each was reached: the state, and the scope to open.
    edges: Vec<Edge>,
}

/// Where the states of one value stand.
#[derive(Clone, Copy, Default)]
pub(super) struct Span {
    pub(super) from: usize,
    pub(super) to: usize,
}

/// A key that is not one of the program's, and that a reader which folds case takes for one.
pub(super) struct NearName;

impl Span {
    #[inline]
    pub(super) fn is_empty(self) -> bool {
        self.from == self.to
    }
}

impl States {
    pub(super) fn clear(&mut self) {
        self.edges.clear();
    }

    /// Makes room for the states of another value.
    #[inline]
    pub(super) fn start(&self) -> usize {
        self.edges.len()
    }

    /// The states put down since `from`.
    #[inline]
    pub(super) fn since(&self, from: usize) -> Span {
        Span {
            from,
            to: self.edges.len(),
        }
    }

    /// The value that these belong to has been read.
    #[inline]
    pub(super) fn drop_from(&mut self, from: usize) {
        self.edges.truncate(from);
    }

    #[inline]
    pub(super) fn edge(&self, at: usize) -> Option<Edge> {
        self.edges.get(at).copied()
    }

    /// The states of a value.
    pub(super) fn nodes<'p>(
        &self,
        program: &'p Program,
        span: Span,
    ) -> impl Iterator<Item = &'p Node> + use<'p, '_> {
        let edges = self.edges.get(span.from..span.to).unwrap_or_default();
        edges.iter().filter_map(|edge| node(program, *edge))
    }

    /// Adds a state to the value whose states begin at `from`; one that is there already stays as
    /// it is, so that nothing is found twice.
    pub(super) fn add(&mut self, from: usize, edge: Edge) {
        let mut others = self.edges.iter().skip(from);
        if !others.any(|other| other.node == edge.node) {
            self.edges.push(edge);
        }
    }

    /// Steps into an element.
    pub(super) fn step_element(&mut self, program: &Program, span: Span) {
        let from = self.start();
        for at in span.from..span.to {
            if let Some(edge) = self.node_at(program, at).and_then(|node| node.elements) {
                self.add(from, edge);
            }
        }
    }

    /// Steps into the member with this key.
    pub(super) fn step_member(
        &mut self,
        program: &Program,
        span: Span,
        key: &str,
        folds_case: FoldsCase,
    ) -> Result<(), NearName> {
        let from = self.start();
        for at in span.from..span.to {
            let Some(node) = self.node_at(program, at) else {
                continue;
            };
            let step = match named(node, key) {
                Some(edge) => Some(edge),
                None if folds_case == FoldsCase::Yes && resembles_name(node, key) => {
                    return Err(NearName);
                }
                None => node.captured.map(|(_, edge)| edge).or(node.rest),
            };
            if let Some(edge) = step {
                self.add(from, edge);
            }
        }
        Ok(())
    }

    #[inline]
    fn node_at<'p>(&self, program: &'p Program, at: usize) -> Option<&'p Node> {
        node(program, self.edge(at)?)
    }
}

/// Whether a reader of this object could fold the case of its keys.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum FoldsCase {
    Yes,
    No,
}

/// The state that a step leads to. A program without it asks for nothing there.
#[inline]
pub(super) fn node(program: &Program, edge: Edge) -> Option<&Node> {
    program.nodes.get(edge.node.0 as usize)
}

/// The step of a key that the state names.
#[inline]
pub(super) fn named(node: &Node, key: &str) -> Option<Edge> {
    /// Up to here comparing lengths one by one beats a binary search.
    const ONE_BY_ONE_MAX: usize = 8;
    let found = if node.keys.len() <= ONE_BY_ONE_MAX {
        node.keys.iter().find(|(name, _)| **name == *key)
    } else {
        let place = node.keys.binary_search_by(|(name, _)| (**name).cmp(key));
        place.ok().and_then(|place| node.keys.get(place))
    };
    found.map(|(_, edge)| *edge)
}

fn resembles_name(node: &Node, key: &str) -> bool {
    !node.keys.is_empty() && keys::resembles_any(node.keys.iter().map(|(name, _)| &**name), key)
}
