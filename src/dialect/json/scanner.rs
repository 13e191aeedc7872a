//! The walk through one document: tokens, states of the program and twins of keys, in step.

mod containers;

use std::borrow::Cow;
use std::mem;
use std::ops::Range;

use super::super::program::{Edge, Meaning, Program};
use super::super::reading::{
    Embedded, Find, JsonType, Misfit, Missed, Reading, Scope, ScopeIx, SlotIx,
};
use super::follow::{FoldsCase, NearName, Span, States, named};
use super::keys::{Frame, Key, OpenKeys};
use super::lexer::{Lexer, Stopped, Token};
use super::scan::{DEPTH_MAX, Manners, ScanFault, ScanFaultKind, Twins, scan_text};
use super::string;
use containers::Container;

/// What a scan needs besides its result; used again and again.
#[derive(Default)]
pub(super) struct Scratch {
    states: States,
    keys: OpenKeys,
    /// The text of a key that holds escapes.
    key: String,
}

/// A scan under way.
pub(super) struct Scanner<'a> {
    lexer: Lexer<'a>,
    program: &'a Program,
    manners: &'a Manners,
    /// How many arrays, objects and documents are open.
    depth: usize,
    /// How many arrays and objects have been opened.
    containers: u32,
    scratch: Scratch,
    reading: &'a mut Reading,
}

/// Where a value stands: what is around it.
#[derive(Clone, Copy, Default)]
struct Spot {
    scope: ScopeIx,
    slot: Option<SlotIx>,
    member: Option<SlotIx>,
}

impl Scratch {
    pub(super) fn cleared(mut self) -> Self {
        self.states.clear();
        self.keys.clear();
        self.key.clear();
        self
    }

    /// Gives back what one unusual document needed.
    pub(super) fn shrunk_to(mut self, entries: usize) -> Self {
        self.keys.shrink_to(entries);
        self.key.shrink_to(entries);
        self
    }
}

impl<'a> Scanner<'a> {
    pub(super) fn new(
        text: &'a str,
        program: &'a Program,
        manners: &'a Manners,
        depth: usize,
        scratch: Scratch,
        reading: &'a mut Reading,
    ) -> Self {
        Self {
            lexer: Lexer::new(text, manners),
            program,
            manners,
            depth,
            containers: 0,
            scratch,
            reading,
        }
    }

    /// Reads the document from these steps; what is to be used again, and why it was refused.
    pub(super) fn read(mut self, roots: &[Edge]) -> (Scratch, Result<(), ScanFault>) {
        let outcome = self.document(roots).map_err(|Stopped| {
            let unknown = ScanFault::new(self.lexer.at, ScanFaultKind::Syntax);
            self.lexer.take_fault().unwrap_or(unknown)
        });
        (self.scratch, outcome)
    }

    /// One value and the space around it. Of several roots the first that opens a scope says what
    /// the whole document is.
    fn document(&mut self, roots: &[Edge]) -> Result<(), Stopped> {
        let from = self.scratch.states.start();
        for root in roots {
            let root = Edge {
                opens: None,
                ..*root
            };
            self.scratch.states.add(from, root);
        }
        self.reading.scopes.push(Scope {
            opens: roots.iter().find_map(|root| root.opens),
            parent: ScopeIx::default(),
            span: 0..0,
            slot: None,
        });
        self.lexer.skip_space();
        let start = self.lexer.at;
        let states = self.scratch.states.since(from);
        self.value(states, Spot::default())?;
        let end = self.lexer.at;
        if let Some(whole) = self.reading.scopes.first_mut() {
            whole.span = start..end;
        }
        self.lexer.skip_space();
        if self.lexer.is_at_end() {
            Ok(())
        } else {
            Err(self.lexer.fault(ScanFaultKind::Syntax))
        }
    }

    /// A value in these states; the innermost scope that it opens.
    fn value(&mut self, states: Span, spot: Spot) -> Result<Option<ScopeIx>, Stopped> {
        if states.is_empty() {
            self.bare_value(states, spot.scope)?;
            return Ok(None);
        }
        let start = self.lexer.at;
        let finds = self.note_meanings(states, spot);
        let scopes = self.open_scopes(states, spot);
        let opened = scopes.clone().next_back().map(|last| ScopeIx(last as u32));
        let inner = opened.unwrap_or(spot.scope);
        let json = self.bare_value(states, inner)?;
        let end = self.lexer.at;
        for find in self.reading.finds.get_mut(finds).unwrap_or_default() {
            find.span = start..end;
            find.json = json;
        }
        for scope in self.reading.scopes.get_mut(scopes).unwrap_or_default() {
            scope.span = start..end;
        }
        if !self.is_due(states, json) {
            self.reading.misfits.push(Misfit {
                span: start..end,
                scope: inner,
                missed: self.missed(states),
            });
        }
        if let JsonType::String { .. } = json {
            self.embedded(states, start, inner)?;
        }
        Ok(opened)
    }

    /// Whether any of the states speaks of values of this type.
    #[inline]
    fn is_due(&self, states: Span, json: JsonType) -> bool {
        let mut nodes = self.scratch.states.nodes(self.program, states);
        nodes.any(|node| match json {
            JsonType::Null => true,
            JsonType::Array { .. } => node.due.array,
            JsonType::Object { .. } => node.due.object,
            JsonType::Bool(_) => node.due.boolean,
            JsonType::Number | JsonType::String { .. } => node.due.scalar,
        })
    }

    /// What should have stood where none of the states speaks of a value of its type.
    fn missed(&self, states: Span) -> Missed {
        let nodes = || self.scratch.states.nodes(self.program, states);
        let meanings = || nodes().flat_map(|node| &node.meanings);
        if nodes().any(|node| node.due.array || node.due.object || node.embedded.is_some()) {
            Missed::Structure
        } else if meanings().all(|meaning| meaning.is_words()) {
            Missed::Words
        } else if meanings().all(|m| m.is_words() || matches!(m, Meaning::Attribute(_))) {
            Missed::Attribute
        } else {
            Missed::Structure
        }
    }

    /// Finds for what the value means, to be completed when it has been read; which they are.
    fn note_meanings(&mut self, states: Span, spot: Spot) -> Range<usize> {
        let first = self.reading.finds.len();
        for node in self.scratch.states.nodes(self.program, states) {
            let finds = node.meanings.iter().map(|meaning| Find {
                meaning: *meaning,
                scope: spot.scope,
                span: 0..0,
                json: JsonType::Null,
                on_key: false,
                member: spot.member,
                slot: spot.slot,
            });
            self.reading.finds.extend(finds);
        }
        first..self.reading.finds.len()
    }

    /// The scopes that open at the value that begins here, each in the one before, to be completed
    /// when it has been read; which they are.
    fn open_scopes(&mut self, states: Span, spot: Spot) -> Range<usize> {
        let first = self.reading.scopes.len();
        let opens_any = matches!(self.lexer.peek(), b'{' | b'[' | b'"');
        let mut parent = spot.scope;
        for at in states.from..states.to {
            let edge = self.scratch.states.edge(at).filter(|_| opens_any);
            let Some(opens) = edge.and_then(|edge| edge.opens) else {
                continue;
            };
            let scope = ScopeIx(self.reading.scopes.len() as u32);
            self.reading.scopes.push(Scope {
                opens: Some(opens),
                parent,
                span: 0..0,
                slot: spot.slot,
            });
            parent = scope;
        }
        first..self.reading.scopes.len()
    }

    /// A value, by its first byte.
    fn bare_value(&mut self, states: Span, scope: ScopeIx) -> Result<JsonType, Stopped> {
        match self.lexer.peek() {
            b'"' => self
                .lexer
                .string()
                .map(|escaped| JsonType::String { escaped }),
            b'{' => self.object(states, scope),
            b'[' => self.array(states, scope),
            b'-' | b'0'..=b'9' => self.lexer.number().map(|()| JsonType::Number),
            b't' => self.lexer.literal("true").map(|()| JsonType::Bool(true)),
            b'f' => self.lexer.literal("false").map(|()| JsonType::Bool(false)),
            b'n' => self.lexer.literal("null").map(|()| JsonType::Null),
            _ => Err(self.lexer.fault(ScanFaultKind::Syntax)),
        }
    }

    fn array(&mut self, states: Span, scope: ScopeIx) -> Result<JsonType, Stopped> {
        self.deepen()?;
        let mut array = self.open(states, scope);
        let mut has_slots = false;
        for node in self.scratch.states.nodes(self.program, states) {
            has_slots |= node.elements.is_some();
            array.list = array.list.or(node.list);
        }
        let empty = self.lexer.peek() == b']';
        if empty {
            self.lexer.at += 1;
        } else {
            while self.element(&mut array, has_slots)? {}
        }
        self.close();
        Ok(JsonType::Array { empty })
    }

    /// An element and what follows it; whether another one comes.
    fn element(&mut self, array: &mut Container, has_slots: bool) -> Result<bool, Stopped> {
        self.count(array)?;
        if array.states.is_empty() {
            self.bare_value(Span::default(), array.scope)?;
            return self.next_sibling(array, b']', None);
        }
        let from = self.scratch.states.start();
        self.scratch.states.step_element(self.program, array.states);
        let states = self.scratch.states.since(from);
        let slot = has_slots.then(|| self.note_slot(array, self.lexer.at));
        let spot = Spot {
            scope: array.scope,
            slot,
            member: None,
        };
        self.value(states, spot)?;
        self.scratch.states.drop_from(from);
        self.next_sibling(array, b']', slot)
    }

    fn object(&mut self, states: Span, scope: ScopeIx) -> Result<JsonType, Stopped> {
        self.deepen()?;
        let mut object = self.open(states, scope);
        let twins = self.twins_among(states);
        let frame = self.scratch.keys.open();
        let empty = self.lexer.peek() == b'}';
        if empty {
            self.lexer.at += 1;
        } else {
            while self.member(&mut object, &frame, twins)? {}
        }
        self.scratch.keys.close(&frame);
        self.close();
        Ok(JsonType::Object { empty })
    }

    /// Ids that differ by case alone are different ids, so an object whose keys are ids may hold
    /// both.
    fn twins_among(&self, states: Span) -> Twins {
        let mut nodes = self.scratch.states.nodes(self.program, states);
        if nodes.any(|node| node.captured.is_some()) {
            Twins::Exact
        } else {
            self.manners.twins
        }
    }

    /// A member and what follows it; whether another one comes.
    fn member(
        &mut self,
        object: &mut Container,
        frame: &Frame,
        twins: Twins,
    ) -> Result<bool, Stopped> {
        self.count(object)?;
        let start = self.lexer.at;
        let escaped = self.lexer.string()?;
        let key = Token {
            start,
            end: self.lexer.at,
            escaped,
        };
        if object.states.is_empty() {
            self.key(object, frame, twins, key)?;
            self.colon()?;
            self.bare_value(Span::default(), object.scope)?;
            return self.next_sibling(object, b'}', None);
        }
        let from = self.scratch.states.start();
        let first_find = self.reading.finds.len();
        self.key(object, frame, twins, key)?;
        let on_key = first_find..self.reading.finds.len();
        self.colon()?;
        let states = self.scratch.states.since(from);
        let is_captured = !on_key.is_empty();
        let slot =
            (is_captured || self.has_meaning(states)).then(|| self.note_slot(object, key.start));
        let spot = Spot {
            scope: object.scope,
            slot: slot.filter(|_| is_captured),
            member: slot,
        };
        let opened = self.value(states, spot)?;
        for find in self.reading.finds.get_mut(on_key).unwrap_or_default() {
            find.scope = opened.unwrap_or(object.scope);
            find.member = spot.member;
            find.slot = spot.slot;
        }
        self.scratch.states.drop_from(from);
        self.next_sibling(object, b'}', slot)
    }

    #[inline]
    fn colon(&mut self) -> Result<(), Stopped> {
        self.lexer.skip_space();
        self.lexer.expect(b':')?;
        self.lexer.skip_space();
        Ok(())
    }

    /// A key: refused if it has a twin, else a step from the object's states. The
    /// finds of a key that is an id are to be completed when its value has been read.
    #[inline]
    fn key(
        &mut self,
        object: &Container,
        frame: &Frame,
        twins: Twins,
        token: Token,
    ) -> Result<(), Stopped> {
        let document = self.lexer.text();
        let inner = document
            .get(token.start + 1..token.end - 1)
            .unwrap_or_default();
        if !token.escaped {
            return self.step(object, frame, twins, token, inner);
        }
        let mut text = mem::take(&mut self.scratch.key);
        text.clear();
        if string::unescape_inner(inner, &mut text).is_none() {
            return Err(self.lexer.fault_at(token.start, ScanFaultKind::Syntax));
        }
        let stepped = self.step(object, frame, twins, token, &text);
        self.scratch.key = text;
        stepped
    }

    /// The same, for a key of this text.
    #[inline]
    fn step(
        &mut self,
        object: &Container,
        frame: &Frame,
        twins: Twins,
        token: Token,
        text: &str,
    ) -> Result<(), Stopped> {
        let key = Key {
            text,
            span: token.start..token.end,
        };
        let document = self.lexer.text();
        if !self.scratch.keys.insert(frame, document, key, twins) {
            return Err(self.lexer.fault_at(token.start, ScanFaultKind::TwinKeys));
        }
        if object.states.is_empty() {
            return Ok(());
        }
        let folds_case = match self.manners.twins {
            Twins::Folded => FoldsCase::Yes,
            Twins::Exact => FoldsCase::No,
        };
        let states = &mut self.scratch.states;
        if let Err(NearName) = states.step_member(self.program, object.states, text, folds_case) {
            return Err(self.lexer.fault_at(token.start, ScanFaultKind::TwinKeys));
        }
        self.note_key(object, token, text);
        Ok(())
    }

    /// Finds for the ids that a key is.
    fn note_key(&mut self, object: &Container, token: Token, text: &str) {
        for node in self.scratch.states.nodes(self.program, object.states) {
            let Some((meaning, _)) = node.captured else {
                continue;
            };
            if named(node, text).is_none() {
                self.reading.finds.push(Find {
                    meaning,
                    scope: object.scope,
                    span: token.start..token.end,
                    json: JsonType::String {
                        escaped: token.escaped,
                    },
                    on_key: true,
                    member: None,
                    slot: None,
                });
            }
        }
    }

    fn has_meaning(&self, states: Span) -> bool {
        let mut nodes = self.scratch.states.nodes(self.program, states);
        nodes.any(|node| !node.meanings.is_empty())
    }

    /// The document in the string that began at `start`, if its states say that there is one.
    fn embedded(&mut self, states: Span, start: usize, scope: ScopeIx) -> Result<(), Stopped> {
        let nodes = self.scratch.states.nodes(self.program, states);
        let mut steps = nodes.filter_map(|node| node.embedded);
        let Some(first) = steps.next() else {
            return Ok(());
        };
        let roots: Vec<Edge> = std::iter::once(first).chain(steps).collect();
        let span = start..self.lexer.at;
        if self.depth >= self.manners.depth_max.min(DEPTH_MAX) {
            return Err(self.lexer.fault_at(start, ScanFaultKind::Depth));
        }
        let raw = self.lexer.text().as_bytes().get(span.clone());
        let Some(text) = raw.and_then(string::unescape).map(Cow::into_owned) else {
            return Err(self.lexer.fault_at(start, ScanFaultKind::Syntax));
        };
        let mut reading = Reading::default();
        let depth = self.depth + 1;
        let (program, manners) = (self.program, self.manners);
        scan_text(&text, program, &roots, manners, depth, &mut reading)
            .map_err(|fault| self.lexer.fault_at(start, fault.kind))?;
        self.reading.embedded.push(Embedded {
            span,
            scope,
            text,
            reading,
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests;
