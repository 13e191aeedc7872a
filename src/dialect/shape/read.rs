//! One shape as written: its paths into a trie, its meanings onto them.

use std::ops::Range;

use super::{Shapes, Trie, TrieIx, inside};
use crate::dialect::names::{self, Names, Word};
use crate::dialect::program::{GraveIx, ListIx, Meaning, ScopeKind, SumIx};
use crate::dialect::selector::{self, Step};
use crate::yaml::{Decoder, Diagnostic, Key, Node, Value};

/// The most paths of all shapes of one dialect.
const PATHS_MAX: usize = 20_000;
/// The most positions on them.
const POSITIONS_MAX: usize = 200_000;

/// A meaning that speaks of another path of its shape, settled when all paths are known.
struct Relation<'d> {
    at: TrieIx,
    sort: RelationSort,
    path: &'d Node,
}

#[derive(Clone, Copy)]
enum RelationSort {
    Page,
    Count,
    Shown,
    Sum,
    Tombstone,
}

impl Shapes {
    /// Reads one entry of `shapes`.
    pub(super) fn read_shape<'d>(
        &mut self,
        ix: usize,
        node: &'d Node,
        names: &Names,
        decoder: &mut Decoder<'d>,
    ) {
        let Some(mut fields) = decoder.mapping(node) else {
            return;
        };
        let scope = fields.optional("scope").and_then(|scope| {
            let table = [("item", ScopeKind::Item), ("person", ScopeKind::Person)];
            decoder.word(scope, &table)
        });
        let has = fields.required(decoder, "has");
        fields.finish(decoder);
        let Some(shape) = self.list.get_mut(ix) else {
            return;
        };
        shape.scope = scope;
        let root = shape.root;
        let mut relations = Vec::new();
        for (key, meaning) in names::entries(has, decoder) {
            self.paths += 1;
            if self.paths > PATHS_MAX {
                decoder.error(
                    &key.span,
                    format!("more than {PATHS_MAX} paths in all shapes"),
                );
                return;
            }
            for (nth, at) in self
                .insert(root, key, names, decoder)
                .into_iter()
                .enumerate()
            {
                let before = decoder.has_errors();
                self.read_meanings(at, meaning, names, &mut relations, decoder);
                // The other readings of the path would only repeat the same faults.
                if nth == 0 && !before && decoder.has_errors() {
                    break;
                }
            }
        }
        for relation in relations {
            self.relate(root, &relation, names, decoder);
        }
    }

    /// The nodes at a path, made where they are missing. There are several where the path goes on
    /// behind a `**`, which may stand for no level at all: `**.action` is `action`, too.
    fn insert(
        &mut self,
        root: TrieIx,
        key: &Key,
        names: &Names,
        decoder: &mut Decoder<'_>,
    ) -> Vec<TrieIx> {
        let steps = match selector::parse(&key.text) {
            Ok(steps) => steps,
            Err(fault) => {
                let at = inside(decoder, &key.span, &fault.at);
                decoder.error(&at, fault.message);
                return Vec::new();
            }
        };
        let mut at = vec![root];
        for (nth, (step, part)) in steps.iter().enumerate() {
            let spot = inside(decoder, &key.span, part);
            let passes = *step == Step::Below && nth + 1 < steps.len();
            let mut next = if passes { at.clone() } else { Vec::new() };
            for from in at {
                match self.step(from, step, &spot, names, decoder) {
                    Some(to) if next.contains(&to) => {}
                    Some(to) => next.push(to),
                    None => return Vec::new(),
                }
            }
            at = next;
        }
        if let Some(end) = at.last().copied() {
            self.mark_end(end, key, decoder);
        }
        at
    }

    fn mark_end(&mut self, end: TrieIx, key: &Key, decoder: &mut Decoder<'_>) {
        let Some(trie) = self.tries.get_mut(end.0) else {
            return;
        };
        if let Some(first) = trie.span.replace(key.span.clone()) {
            let source = &decoder.document().source;
            let message = format!("the path `{}` stands twice in this shape", key.text);
            let twice = Diagnostic::new(source, key.span.clone(), message).also(
                source,
                first,
                "here already",
            );
            decoder.report(twice);
        }
    }

    fn step(
        &mut self,
        from: TrieIx,
        step: &Step,
        spot: &Range<usize>,
        names: &Names,
        decoder: &mut Decoder<'_>,
    ) -> Option<TrieIx> {
        let next = TrieIx(self.tries.len());
        if next.0 >= POSITIONS_MAX {
            if !self.is_too_large {
                self.is_too_large = true;
                decoder.error(
                    spot,
                    format!("more than {POSITIONS_MAX} steps in all paths together"),
                );
            }
            return None;
        }
        let trie = self.tries.get_mut(from.0)?;
        let to = match step {
            Step::Key(key) => *trie.keys.entry(key.clone()).or_insert(next),
            Step::Any => *trie.any.get_or_insert(next),
            Step::Rest => *trie.rest.get_or_insert(next),
            Step::Elements => *trie.elements.get_or_insert(next),
            Step::Below => *trie.below.get_or_insert(next),
            Step::Embedded => *trie.embedded.get_or_insert(next),
            Step::Captured(name) => {
                let Some(meaning) = names.id(name) else {
                    decoder
                        .error(spot, format!("`{name}` names no ids"))
                        .set_help("a place, a thing, `person`, or `{_}` for keys of no meaning");
                    return None;
                };
                match &trie.captured {
                    Some((first, to, _)) if *first == meaning => *to,
                    Some(_) => {
                        decoder.error(spot, "the keys here are ids of something else already");
                        return None;
                    }
                    None => {
                        trie.captured = Some((meaning, next, spot.clone()));
                        next
                    }
                }
            }
        };
        if to == next {
            // What is below a value that is below is below, too.
            let below = (*step == Step::Below).then_some(next);
            self.tries.push(Trie {
                below,
                ..Trie::default()
            });
        }
        Some(to)
    }

    fn read_meanings<'d>(
        &mut self,
        at: TrieIx,
        node: &'d Node,
        names: &Names,
        relations: &mut Vec<Relation<'d>>,
        decoder: &mut Decoder<'d>,
    ) {
        for node in decoder.one_or_many(node) {
            match &node.value {
                Value::Mapping(_) => self.read_described(at, node, names, relations, decoder),
                _ => {
                    let Some(text) = decoder.string(node) else {
                        continue;
                    };
                    match names.word(text) {
                        Some(Word::Means(meaning)) => self.mean(at, meaning),
                        Some(Word::Ignored) => {
                            if let Some(trie) = self.tries.get_mut(at.0) {
                                trie.is_ignored = true;
                            }
                        }
                        Some(Word::Page) => relations.push(Relation {
                            at,
                            sort: RelationSort::Page,
                            path: node,
                        }),
                        None => names.unknown(&node.span, text, decoder),
                    }
                }
            }
        }
    }

    /// A meaning with a word of its own beside it: `{ kind: content }`.
    fn read_described<'d>(
        &mut self,
        at: TrieIx,
        node: &'d Node,
        names: &Names,
        relations: &mut Vec<Relation<'d>>,
        decoder: &mut Decoder<'d>,
    ) {
        let Some(mut fields) = decoder.mapping(node) else {
            return;
        };
        if fields.optional("is").is_some() {
            if let Some(usage) = self.usage(node, decoder)
                && let Some(trie) = self.tries.get_mut(at.0)
            {
                trie.is.push(usage);
            }
            return;
        }
        let mut meant = None;
        if let Some(table) = fields.optional("kind") {
            meant = names.table(table, decoder).map(Meaning::Kind);
        } else if let Some(table) = fields.optional("part") {
            meant = names.part_table(table, decoder).map(Meaning::Part);
        } else if let Some(choice) = fields.optional("only") {
            meant = names.choice(choice, decoder).map(Meaning::Only);
        } else if let Some(choice) = fields.optional("needs") {
            meant = names.choice(choice, decoder).map(Meaning::Needs);
        } else if let Some(kind) = fields.optional("counts_as") {
            meant = names::kind(kind, decoder).map(Meaning::CountsAs);
        } else if let Some(kind) = fields.optional("button") {
            meant = names::kind(kind, decoder).map(Meaning::Button);
        } else if let Some(act) = fields.optional("act") {
            meant = names::act(act, decoder).map(Meaning::ActIs);
        } else {
            let sorts = [
                ("count", RelationSort::Count),
                ("shown", RelationSort::Shown),
                ("sum", RelationSort::Sum),
                ("tombstone", RelationSort::Tombstone),
            ];
            let found = sorts
                .into_iter()
                .find_map(|(key, sort)| fields.optional(key).map(|path| (sort, path)));
            match found {
                Some((sort, path)) => relations.push(Relation { at, sort, path }),
                None => {
                    decoder.error(&node.span, "this says no meaning");
                }
            }
        }
        if let Some(meaning) = meant {
            self.mean(at, meaning);
        }
        fields.finish(decoder);
    }

    fn mean(&mut self, at: TrieIx, meaning: Meaning) {
        if let Some(trie) = self.tries.get_mut(at.0)
            && !trie.meanings.contains(&meaning)
        {
            trie.meanings.push(meaning);
        }
    }

    /// Ties a count to its list, or a sum to its parts.
    fn relate<'d>(
        &mut self,
        root: TrieIx,
        relation: &Relation<'d>,
        names: &Names,
        decoder: &mut Decoder<'d>,
    ) {
        let span = &relation.path.span;
        if let RelationSort::Page = relation.sort {
            let is_list = |trie: &Trie| trie.elements.is_some();
            if self.trie(relation.at).is_some_and(is_list) {
                let page = Meaning::Page(self.list_ix(relation.at));
                self.mean(relation.at, page);
            } else {
                decoder
                    .error(span, "a page is a list")
                    .set_help("name its elements, too: the same path with `[*]` behind");
            }
            return;
        }
        let Some(path) = decoder.string(relation.path) else {
            return;
        };
        let steps = match selector::parse(path) {
            Ok(steps) => steps,
            Err(fault) => {
                let at = inside(decoder, span, &fault.at);
                decoder.error(&at, fault.message);
                return;
            }
        };
        match relation.sort {
            RelationSort::Count | RelationSort::Shown | RelationSort::Page => {
                let list = self
                    .walk(root, &steps)
                    .filter(|at| self.trie(*at).is_some_and(|trie| trie.elements.is_some()));
                let Some(list) = list else {
                    decoder
                        .error(span, format!("`{path}` is no list of this shape"))
                        .set_help(format!(
                            "name a path that this shape has with `[*]` behind: `{path}[*]`"
                        ));
                    return;
                };
                let list = self.list_ix(list);
                let meaning = match relation.sort {
                    RelationSort::Shown => Meaning::Shown(list),
                    _ => Meaning::Count(list),
                };
                self.mean(relation.at, meaning);
            }
            RelationSort::Tombstone => self.dig(root, relation, &steps, names, decoder),
            RelationSort::Sum => {
                let Some(addend) = self.addend(root, &steps, names, decoder) else {
                    decoder
                        .error(span, format!("`{path}` goes through no list of this shape"))
                        .set_help("a sum is of one value in each element: `rooms[*].unread`");
                    return;
                };
                let sum = SumIx(self.sums);
                self.sums = self.sums.saturating_add(1);
                self.mean(addend, Meaning::Addend(sum));
                self.mean(relation.at, Meaning::Sum(sum));
            }
        }
    }

    /// The objects on the way to where tombstones of the items at `at` are put.
    fn dig(
        &mut self,
        root: TrieIx,
        relation: &Relation<'_>,
        steps: &[(Step, Range<usize>)],
        names: &Names,
        decoder: &mut Decoder<'_>,
    ) {
        let grave = GraveIx(u16::try_from(self.graves.len()).unwrap_or(u16::MAX));
        let mut keys: Vec<Box<str>> = Vec::new();
        let mut here = root;
        self.mean(root, Meaning::Grave(grave, 0));
        for (depth, (step, spot)) in (1_u8..).zip(steps) {
            let (Step::Key(key), Some(next)) = (step, self.step(here, step, spot, names, decoder))
            else {
                let at = inside(decoder, &relation.path.span, spot);
                let fault = decoder.error(&at, "a tombstone is put into an object of this shape");
                fault.set_help("name it by its keys: `rooms.leave`");
                return;
            };
            keys.push(key.clone());
            here = next;
            self.mean(here, Meaning::Grave(grave, depth));
        }
        self.graves.push(keys);
        self.mean(relation.at, Meaning::Tombstone(grave));
    }

    /// The node of a sum's parts: behind a list that the shape has.
    fn addend(
        &mut self,
        root: TrieIx,
        steps: &[(Step, Range<usize>)],
        names: &Names,
        decoder: &mut Decoder<'_>,
    ) -> Option<TrieIx> {
        let list = steps
            .iter()
            .rposition(|(step, _)| *step == Step::Elements)?;
        self.walk(root, steps.get(..=list)?)?;
        steps.iter().try_fold(root, |at, (step, spot)| {
            self.step(at, step, spot, names, decoder)
        })
    }

    fn list_ix(&mut self, at: TrieIx) -> ListIx {
        let fresh = ListIx(self.lists);
        let Some(trie) = self.tries.get_mut(at.0) else {
            return fresh;
        };
        let list = *trie.list.get_or_insert(fresh);
        if list == fresh {
            self.lists = self.lists.saturating_add(1);
        }
        list
    }

    fn walk(&self, root: TrieIx, steps: &[(Step, Range<usize>)]) -> Option<TrieIx> {
        steps.iter().try_fold(root, |at, (step, _)| {
            let trie = self.trie(at)?;
            match step {
                Step::Key(key) => trie.keys.get(key).copied(),
                Step::Any => trie.any,
                Step::Rest => trie.rest,
                Step::Elements => trie.elements,
                Step::Below => trie.below,
                Step::Embedded => trie.embedded,
                Step::Captured(_) => trie.captured.as_ref().map(|(_, to, _)| *to),
            }
        })
    }
}
