//! What was found in one body, with the place of every find: bytes of that body.

use std::ops::Range;

use super::program::{Meaning, Opens};

/// Everything of interest in one body, in the order it stands there.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The scopes; the first is the whole body.
    pub scopes: Vec<Scope>,
    /// The finds.
    pub finds: Vec<Find>,
    /// What can be dropped.
    pub slots: Vec<Slot>,
    /// Documents inside strings: the string's span, the unescaped text, and what was found in it.
    pub embedded: Vec<Embedded>,
    /// Values of a type that is not due where they stand. Another reader may look into an array
    /// where we look for a word, so a request that has one can't be judged.
    pub misfits: Vec<Misfit>,
}

impl Reading {
    /// With room for what is found in an ordinary body of this size, so that it seldom moves.
    pub fn with_room_for(bytes: usize) -> Self {
        /// Of each. What is not used of it is no memory until it is.
        const ENTRIES_MAX: usize = 1 << 16;
        let one_in = |each: usize| (bytes / each).min(ENTRIES_MAX);
        Self {
            scopes: Vec::with_capacity(one_in(256) + 1),
            finds: Vec::with_capacity(one_in(32)),
            slots: Vec::with_capacity(one_in(128)),
            ..Self::default()
        }
    }

    /// Where the first misfit stands, here or in a document inside a string, where that string
    /// begins.
    pub fn first_misfit(&self) -> Option<usize> {
        let mut inside = self.embedded.iter();
        let inside = || {
            inside
                .find(|inner| inner.reading.first_misfit().is_some())
                .map(|inner| inner.span.start)
        };
        let first = self.misfits.first();
        first.map(|misfit| misfit.span.start).or_else(inside)
    }

    /// Whether an id, a list or an object is something else: then what is told of people and places
    /// is not all.
    pub fn is_odd(&self) -> bool {
        let is_odd = |misfit: &Misfit| misfit.missed == Missed::Structure;
        let mut inside = self.embedded.iter();
        self.misfits.iter().any(is_odd) || inside.any(|inner| inner.reading.is_odd())
    }

    /// Gives back the memory that it has no use for.
    pub fn shrink(&mut self) {
        self.scopes.shrink_to_fit();
        self.finds.shrink_to_fit();
        self.slots.shrink_to_fit();
        self.embedded.shrink_to_fit();
        self.misfits.shrink_to_fit();
    }

    /// Empties it for another body, and keeps its memory.
    pub fn clear(&mut self) {
        self.scopes.clear();
        self.finds.clear();
        self.slots.clear();
        self.embedded.clear();
        self.misfits.clear();
    }
}

/// Where a scope stands in [`Reading::scopes`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScopeIx(pub u32);

/// Where a slot stands in [`Reading::slots`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SlotIx(pub u32);

/// A stretch of the body that is judged or masked as one.
#[derive(Clone, Debug)]
pub struct Scope {
    /// What it is; `None` for the whole body if the program opens nothing there.
    pub opens: Option<Opens>,
    /// The scope around it; its own for the first.
    pub parent: ScopeIx,
    /// The value.
    pub span: Range<usize>,
    /// The element or captured member that the value is, if it can be dropped.
    pub slot: Option<SlotIx>,
}

/// One value with a meaning.
#[derive(Clone, Debug)]
pub struct Find {
    /// The meaning.
    pub meaning: Meaning,
    /// The innermost scope around it.
    pub scope: ScopeIx,
    /// The value as it stands, quotes included.
    pub span: Range<usize>,
    /// What it is in JSON.
    pub json: JsonType,
    /// Whether it is an object's key.
    pub on_key: bool,
    /// For an object's member: from the start of its key to the end of its value.
    pub member: Option<SlotIx>,
    /// The element or captured member that the value itself is, if it can be dropped.
    pub slot: Option<SlotIx>,
}

/// A value of a type that is not due where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The value.
    pub span: Range<usize>,
    /// The scope that it opens, else the innermost around it.
    pub scope: ScopeIx,
    /// What should stand there.
    pub missed: Missed,
}

/// What should stand where a misfit does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missed {
    /// Words that somebody wrote.
    Words,
    /// An attribute of a person.
    Attribute,
    /// What says who, where and how much: an id, a number, a list, an object.
    Structure,
}

/// What a value is in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonType {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number,
    /// A string; whether it holds escapes.
    String {
        /// Whether its bytes differ from its text.
        escaped: bool,
    },
    /// An array; whether it has elements.
    Array {
        /// Whether it has no elements.
        empty: bool,
    },
    /// An object; whether it has members.
    Object {
        /// Whether it has no members.
        empty: bool,
    },
}

/// An element or member that can be dropped, and what a splicer must know of its neighbours.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Which array or object of the body, in order of opening.
    pub container: u32,
    /// Its position there, from 0.
    pub ordinal: u32,
    /// The element, or the member from its key to the end of its value.
    pub span: Range<usize>,
    /// The comma before it, unless it is the first.
    pub comma_before: Option<usize>,
    /// Where the next sibling starts, or the end of `span` if it is the last.
    pub next: usize,
    /// The scope it stands in.
    pub scope: ScopeIx,
    /// The list it is an element of, if a count may follow that list.
    pub list: Option<super::program::ListIx>,
}

/// A document inside a string.
#[derive(Clone, Debug)]
pub struct Embedded {
    /// The string, quotes included.
    pub span: Range<usize>,
    /// The scope around it.
    pub scope: ScopeIx,
    /// The document.
    pub text: String,
    /// What was found in it; its spans are of `text`.
    pub reading: Reading,
}
