//! Questions to the upstream: who owns a token, who is in a room, what an id stands for.

use std::sync::Arc;

use super::automaton::Automata;
use super::pattern::{self, Part};
use super::program::Program;
use super::shape::{Shapes, inside};
use super::target;
use crate::yaml::{Decoder, Fields, Node};

/// One question: a target with at most one id in it, and how the answer is read.
#[derive(Clone, Debug)]
pub struct Lookup {
    pieces: Vec<Piece>,
    /// What stands behind the path, around the id if that is there.
    query: Vec<Box<str>>,
    /// How the answer is read.
    pub program: Arc<Program>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(Box<str>),
    Id,
    /// What the upstream calls itself, until [`Lookup::name_upstream`] has put it there.
    Upstream,
}

/// What stands for the upstream's own name.
const UPSTREAM: &str = "upstream";

impl Lookup {
    /// The request target for this id, which is escaped; ignored where the question has no id.
    pub fn path(&self, id: &str) -> String {
        let mut path = String::new();
        for piece in &self.pieces {
            path.push('/');
            match piece {
                Piece::Literal(literal) => path.push_str(literal),
                Piece::Id => path.push_str(&target::encode(id)),
                Piece::Upstream => {}
            }
        }
        for (nth, text) in self.query.iter().enumerate() {
            path.push_str(if nth == 0 { "?" } else { "" });
            if nth > 0 {
                path.push_str(&target::encode(id));
            }
            path.push_str(text);
        }
        path
    }

    /// Whether the upstream's own name must be known to ask.
    pub(super) fn wants_upstream(&self) -> bool {
        self.pieces.contains(&Piece::Upstream)
    }

    /// Puts the upstream's own name where it stands in the question.
    pub(super) fn name_upstream(&mut self, name: &str) {
        for piece in &mut self.pieces {
            if *piece == Piece::Upstream {
                *piece = Piece::Literal(target::encode(name).into());
            }
        }
    }

    /// Reads `{ get: PATH, is: SHAPE }`; `id` is what the capture of the path must be called, if
    /// there is to be one.
    pub(super) fn read<'d>(
        node: &'d Node,
        id: Option<&str>,
        shapes: &Shapes,
        automata: &mut Automata<'_>,
        decoder: &mut Decoder<'d>,
    ) -> Option<Self> {
        let fields = decoder.mapping(node)?;
        Self::read_fields(fields, id, shapes, automata, decoder)
    }

    /// The same, where some of the fields have been read.
    pub(super) fn read_fields<'d>(
        mut fields: Fields<'d>,
        id: Option<&str>,
        shapes: &Shapes,
        automata: &mut Automata<'_>,
        decoder: &mut Decoder<'d>,
    ) -> Option<Self> {
        let get = fields.required(decoder, "get");
        let is = fields.required(decoder, "is");
        fields.finish(decoder);
        let target = get.and_then(|get| question(get, id, decoder));
        let is = shapes.usage(is?, decoder)?;
        let program = automata.program(&is, decoder);
        let (pieces, query) = target?;
        Some(Self {
            pieces,
            query,
            program,
        })
    }
}

type Question = (Vec<Piece>, Vec<Box<str>>);

fn question<'d>(node: &'d Node, id: Option<&str>, decoder: &mut Decoder<'d>) -> Option<Question> {
    let text = decoder.string(node)?;
    let (path, query) = target::split(text);
    let hole = id.map(|id| format!("{{{id}}}"));
    let query: Vec<Box<str>> = match (query, &hole) {
        (None, _) => Vec::new(),
        (Some(query), None) => vec![query.into()],
        (Some(query), Some(hole)) => query.split(hole.as_str()).map(Into::into).collect(),
    };
    if query
        .iter()
        .any(|text| target::parameters(text, 0).is_err())
    {
        decoder
            .error(&node.span, "this query can't be sent as it is")
            .set_help("write what is special in escapes: `%7B` for a brace");
        return None;
    }
    let in_query = query.len() > 1;
    let (variants, captures) = match pattern::parse_path(path, 0) {
        Ok(parsed) => parsed,
        Err(fault) => {
            let at = inside(decoder, &node.span, &fault.at);
            decoder.error(&at, fault.message);
            return None;
        }
    };
    let all: Vec<&str> = captures.iter().map(|(name, _)| &**name).collect();
    let named: Vec<&str> = all
        .iter()
        .copied()
        .filter(|name| *name != UPSTREAM)
        .collect();
    let wanted = if in_query { &[][..] } else { id.as_slice() };
    if named != wanted || variants.len() != 1 || query.len() > 2 {
        let wanted = id.map_or("no id".to_owned(), |id| format!("`{{{id}}}`, once"));
        let fault = decoder.error(&node.span, format!("this question has {wanted}"));
        fault.set_help("the path is asked with exactly that id in it");
        return None;
    }
    let parts = variants.into_iter().next()?;
    let mut names = all.into_iter();
    let piece = |part| match part {
        Part::Literal(literal) => Piece::Literal(literal),
        Part::Capture | Part::Rest if names.next() == Some(UPSTREAM) => Piece::Upstream,
        Part::Capture | Part::Rest => Piece::Id,
    };
    Some((parts.into_iter().map(piece).collect(), query))
}

#[cfg(test)]
impl Lookup {
    /// A question for tests that ask none.
    pub(super) fn for_test(program: Program) -> Self {
        Self {
            pieces: Vec::new(),
            query: Vec::new(),
            program: Arc::new(program),
        }
    }
}
