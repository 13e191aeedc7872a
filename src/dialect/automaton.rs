//! From the tries of shapes to the states that the scanner walks: one state for every set of
//! positions that a value can have at once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use super::names::Names;
use super::program::{Due, Edge, Meaning, Node, NodeIx, Opens, Part, Program, ScopeKind, Unknown};
use super::shape::{Is, ShapeIx, Shapes, Trie, TrieIx};
use crate::yaml::{Decoder, Diagnostic};

/// The most states of all programs of one dialect.
const STATES_MAX: usize = 50_000;

/// Makes the programs of one dialect, each once.
pub(super) struct Automata<'s> {
    shapes: &'s Shapes,
    names: &'s Names,
    made: HashMap<(ShapeIx, Part, bool), Arc<Program>>,
    states: usize,
    used: HashSet<ShapeIx>,
    reported: HashSet<usize>,
}

/// The making of one program.
struct Making<'a, 's> {
    automata: &'a mut Automata<'s>,
    program: Program,
    states: HashMap<Vec<TrieIx>, NodeIx>,
    open: Vec<(NodeIx, Vec<TrieIx>)>,
    /// Where each state's attributes of a person are written, if it has any.
    masks: Vec<Option<Range<usize>>>,
    /// Where the use of the shape stands.
    span: Range<usize>,
    is_too_large: bool,
    faults: Vec<(Range<usize>, String, &'static str)>,
}

impl<'s> Automata<'s> {
    pub(super) fn new(shapes: &'s Shapes, names: &'s Names) -> Self {
        Self {
            shapes,
            names,
            made: HashMap::new(),
            states: 0,
            used: HashSet::new(),
            reported: HashSet::new(),
        }
    }

    /// The program that reads a body of this shape.
    pub(super) fn program(&mut self, is: &Is, decoder: &mut Decoder<'_>) -> Arc<Program> {
        let key = (is.shape, is.part, is.unknown == Unknown::Dropped);
        if let Some(program) = self.made.get(&key) {
            return Arc::clone(program);
        }
        let mut making = Making {
            automata: self,
            program: Program::default(),
            states: HashMap::new(),
            open: Vec::new(),
            masks: Vec::new(),
            span: is.span.clone(),
            is_too_large: false,
            faults: Vec::new(),
        };
        making.run(is);
        making.check_masks();
        let Making {
            mut program,
            faults,
            ..
        } = making;
        program.words = Arc::clone(&self.names.words);
        program.graves.clone_from(&self.shapes.graves);
        for (span, message, help) in faults {
            if self.reported.insert(span.start) {
                let source = &decoder.document().source;
                decoder.report(Diagnostic::new(source, span, message).help(help));
            }
        }
        let program = Arc::new(program);
        self.made.insert(key, Arc::clone(&program));
        program
    }

    /// Warns of shapes that no surface and no look-up leads to.
    pub(super) fn warn_of_unused(&self, decoder: &mut Decoder<'_>) {
        for (ix, shape) in self.shapes.iter() {
            if !self.used.contains(&ix) {
                decoder
                    .warn(
                        &shape.span,
                        format!("the shape `{}` is used nowhere", shape.name),
                    )
                    .set_help("take it out, or name it in a surface");
            }
        }
    }
}

impl Making<'_, '_> {
    fn run(&mut self, is: &Is) {
        let entry = Entry {
            positions: Vec::new(),
            uses: vec![is.clone()],
        };
        self.program.root = self.edge(&entry, None);
        while let Some((at, positions)) = self.open.pop() {
            let node = self.expand(&positions);
            if let Some(slot) = self.program.nodes.get_mut(at.0 as usize) {
                *slot = node;
            }
        }
    }

    /// The step to the values that stand at these positions.
    fn edge(&mut self, entry: &Entry, implied: Option<ScopeKind>) -> Edge {
        let shapes = self.automata.shapes;
        let mut positions = BTreeSet::new();
        let mut opens: Option<Opens> = None;
        let mut uses: Vec<Is> = entry.uses.clone();
        let mut open: Vec<TrieIx> = entry.positions.clone();
        loop {
            while let Some(ix) = open.pop() {
                if let Some(trie) = shapes.trie(ix)
                    && positions.insert(ix)
                {
                    uses.extend(trie.is.iter().cloned());
                }
            }
            let Some(is) = uses.pop() else {
                break;
            };
            let Some(shape) = shapes.shape(is.shape) else {
                continue;
            };
            self.automata.used.insert(is.shape);
            open.push(shape.root);
            if let Some(scope) = shape.scope {
                let new = Opens {
                    scope,
                    part: is.part,
                    unknown: is.unknown,
                };
                match opens {
                    Some(first) if first != new => self.faults.push((
                        is.span.clone(),
                        format!("`{}` opens a second scope on the same value", shape.name),
                        "one value is judged or masked as one: leave `scope` to one of the shapes",
                    )),
                    _ => opens = Some(new),
                }
            }
        }
        // A position that only passes on to one shape adds nothing but a state of its own.
        positions.retain(|ix| !shapes.trie(*ix).is_some_and(Trie::only_passes_on));
        let opens = opens.or(implied.map(|scope| Opens {
            scope,
            part: Part::Named,
            unknown: Unknown::Masked,
        }));
        Edge {
            node: self.state(positions.into_iter().collect()),
            opens,
        }
    }

    fn state(&mut self, positions: Vec<TrieIx>) -> NodeIx {
        if let Some(ix) = self.states.get(&positions) {
            return *ix;
        }
        if self.automata.states >= STATES_MAX {
            self.open.clear();
            if !self.is_too_large {
                self.is_too_large = true;
                self.faults.push((
                    self.span.clone(),
                    format!("with this shape, all shapes make more than {STATES_MAX} states"),
                    "shapes that lie over one another (`.`, `**`) multiply: use fewer of them",
                ));
            }
            return NodeIx(0);
        }
        self.automata.states += 1;
        let ix = NodeIx(u32::try_from(self.program.nodes.len()).unwrap_or(u32::MAX));
        self.program.nodes.push(Node::default());
        self.masks.push(None);
        self.states.insert(positions.clone(), ix);
        self.open.push((ix, positions));
        ix
    }

    /// What a value at these positions means, and where it leads.
    fn expand(&mut self, positions: &[TrieIx]) -> Node {
        let shapes = self.automata.shapes;
        let tries: Vec<(TrieIx, &Trie)> = positions
            .iter()
            .filter_map(|ix| Some((*ix, shapes.trie(*ix)?)))
            .collect();
        let mut node = Node::default();
        for (_, trie) in &tries {
            for meaning in &trie.meanings {
                if !node.meanings.contains(meaning) {
                    node.meanings.push(*meaning);
                }
            }
            node.list = node.list.or(trie.list);
        }
        node.due = due(&tries);
        self.note_masks(positions, &tries);
        self.expand_members(&mut node, &tries);
        let elements = Entry::to(tries.iter().flat_map(|(_, t)| [t.elements, t.below]));
        node.elements = elements.map(|entry| self.edge(&entry, None));
        let embedded = Entry::to(tries.iter().map(|(_, t)| t.embedded));
        node.embedded = embedded.map(|entry| self.edge(&entry, None));
        node
    }

    fn expand_members(&mut self, node: &mut Node, tries: &[(TrieIx, &Trie)]) {
        let groups = self.groups(tries);
        let everywhere = |trie: &Trie| [trie.any, trie.below];
        let mut keys: BTreeMap<&str, ()> = BTreeMap::new();
        for (_, trie) in tries {
            keys.extend(trie.keys.keys().map(|key| (&**key, ())));
        }
        for key in keys.keys() {
            let named: HashSet<usize> = tries
                .iter()
                .zip(&groups)
                .filter(|((_, trie), _)| trie.keys.contains_key(*key))
                .map(|(_, group)| *group)
                .collect();
            let mut to: Vec<Option<TrieIx>> = Vec::new();
            for ((_, trie), group) in tries.iter().zip(&groups) {
                to.push(trie.keys.get(*key).copied());
                to.extend(everywhere(trie));
                if !named.contains(group) {
                    to.push(trie.rest);
                }
            }
            if let Some(entry) = Entry::to(to) {
                let edge = self.edge(&entry, None);
                node.keys.push(((*key).into(), edge));
            }
        }
        let captured = self.captured(tries);
        let mut to: Vec<Option<TrieIx>> = Vec::new();
        for (_, trie) in tries {
            to.push(trie.rest);
            to.push(trie.captured.as_ref().map(|(_, to, _)| *to));
            to.extend(everywhere(trie));
        }
        let Some(entry) = Entry::to(to) else {
            return;
        };
        match captured {
            Some(meaning) => {
                let implied = match meaning {
                    Meaning::Person(_) => ScopeKind::Person,
                    _ => ScopeKind::Item,
                };
                node.captured = Some((meaning, self.edge(&entry, Some(implied))));
            }
            None => node.rest = Some(self.edge(&entry, None)),
        }
    }

    /// What the keys here are ids of.
    fn captured(&mut self, tries: &[(TrieIx, &Trie)]) -> Option<Meaning> {
        let mut found: Option<Meaning> = None;
        for (_, trie) in tries {
            let Some((meaning, _, span)) = &trie.captured else {
                continue;
            };
            match found {
                Some(first) if first != *meaning => self.faults.push((
                    span.clone(),
                    "the keys here are ids of something else in another shape".to_owned(),
                    "two shapes meet in this object: let only one of them capture its keys",
                )),
                _ => found = Some(*meaning),
            }
        }
        found
    }

    /// Which positions belong together: `*` leaves out what is named by any position of its group,
    /// but not what only a `**` from further up names.
    fn groups(&self, tries: &[(TrieIx, &Trie)]) -> Vec<usize> {
        let shapes = self.automata.shapes;
        let mut groups: Vec<usize> = (0..tries.len()).collect();
        for (from, (_, trie)) in tries.iter().enumerate() {
            for is in &trie.is {
                let root = shapes.shape(is.shape).map(|shape| shape.root);
                let to = tries.iter().position(|(ix, _)| Some(*ix) == root);
                let (Some(a), Some(b)) = (
                    groups.get(from).copied(),
                    to.and_then(|to| groups.get(to).copied()),
                ) else {
                    continue;
                };
                for group in &mut groups {
                    if *group == b {
                        *group = a;
                    }
                }
            }
        }
        groups
    }

    fn note_masks(&mut self, positions: &[TrieIx], tries: &[(TrieIx, &Trie)]) {
        let mask = tries.iter().find_map(|(_, trie)| {
            let is_mask = |m: &Meaning| matches!(m, Meaning::Attribute(_));
            trie.meanings.iter().any(is_mask).then(|| trie.span.clone())
        });
        if let (Some(span), Some(ix)) = (mask.flatten(), self.states.get(positions))
            && let Some(slot) = self.masks.get_mut(ix.0 as usize)
        {
            *slot = Some(span);
        }
    }

    /// An attribute of a person must stand inside the description of one.
    fn check_masks(&mut self) {
        let mut seen: HashSet<(NodeIx, bool)> = HashSet::new();
        let inside = |edge: Edge, around: bool| {
            let described = edge.opens.map(|opens| {
                opens.scope == ScopeKind::Person || has_subject(&self.program.nodes, edge.node)
            });
            (edge.node, described.unwrap_or(around))
        };
        let mut open = vec![inside(self.program.root, false)];
        while let Some((ix, in_person)) = open.pop() {
            if !seen.insert((ix, in_person)) {
                continue;
            }
            let at = ix.0 as usize;
            if let (false, Some(Some(span))) = (in_person, self.masks.get(at)) {
                self.faults.push((
                    span.clone(),
                    "this is an attribute of a person, but no person is described here".to_owned(),
                    "give the shape `scope: person`, or use it inside one that has it",
                ));
            }
            let Some(node) = self.program.nodes.get(at) else {
                continue;
            };
            let next: Vec<_> = edges(node).map(|edge| inside(edge, in_person)).collect();
            open.extend(next);
        }
    }
}

/// Where a state leads.
fn edges(node: &Node) -> impl Iterator<Item = Edge> {
    let keys = node.keys.iter().map(|(_, edge)| *edge);
    keys.chain(node.captured.map(|(_, edge)| edge))
        .chain(node.rest)
        .chain(node.elements)
        .chain(node.embedded)
}

/// Whether the scope that opens at this state names whom it describes.
fn has_subject(nodes: &[Node], root: NodeIx) -> bool {
    let mut seen = HashSet::from([root]);
    let mut open = vec![root];
    while let Some(node) = open.pop().and_then(|ix| nodes.get(ix.0 as usize)) {
        if node.meanings.contains(&Meaning::Person(Part::Subject)) {
            return true;
        }
        let inner = edges(node).filter(|edge| edge.opens.is_none());
        open.extend(inner.map(|edge| edge.node).filter(|ix| seen.insert(*ix)));
    }
    false
}

/// What is due at a value: what any of the positions speaks of. A position that speaks of nothing
/// (`ignored`), or of every depth (`**`), leaves it open.
fn due(tries: &[(TrieIx, &Trie)]) -> Due {
    let mut due = Due::NOTHING;
    for (_, trie) in tries {
        if trie.below.is_some() {
            return Due::ANYTHING;
        }
        let meanings = trie.meanings.iter().map(|meaning| meaning.due());
        due.scalar |= trie.embedded.is_some();
        due.array |= trie.elements.is_some();
        due.object |= !trie.keys.is_empty()
            || trie.captured.is_some()
            || trie.any.is_some()
            || trie.rest.is_some();
        for of_meaning in meanings {
            due.scalar |= of_meaning.scalar;
            due.boolean |= of_meaning.boolean;
            due.array |= of_meaning.array;
            due.object |= of_meaning.object;
        }
        let says_nothing = trie.meanings.is_empty()
            && trie.is.is_empty()
            && trie.embedded.is_none()
            && trie.elements.is_none()
            && trie.keys.is_empty()
            && trie.captured.is_none()
            && trie.any.is_none()
            && trie.rest.is_none();
        if says_nothing || trie.is_ignored {
            return Due::ANYTHING;
        }
    }
    if due == Due::NOTHING {
        Due::ANYTHING
    } else {
        due
    }
}

/// What leads to a value: positions of tries, and whole shapes.
struct Entry {
    positions: Vec<TrieIx>,
    uses: Vec<Is>,
}

impl Entry {
    fn to(positions: impl IntoIterator<Item = Option<TrieIx>>) -> Option<Self> {
        let positions: BTreeSet<TrieIx> = positions.into_iter().flatten().collect();
        (!positions.is_empty()).then(|| Self {
            positions: positions.into_iter().collect(),
            uses: Vec::new(),
        })
    }
}
