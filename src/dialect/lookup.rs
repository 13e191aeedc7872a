//! Questions to the upstream: who owns a token, who is in a room, what an id stands for.

use std::sync::Arc;

use super::automaton::Automata;
use super::pattern::{self, Part};
use super::program::Program;
use super::shape::{Shapes, inside};
use super::target;
use crate::yaml::{Decoder, Node};

/// One question: a path with at most one id in it, and how the answer is read.
#[derive(Clone, Debug)]
pub struct Lookup {
    pieces: Vec<Piece>,
    /// How the answer is read.
    pub program: Arc<Program>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(Box<str>),
    Id,
}

impl Lookup {
    /// The request target for this id, which is escaped; ignored where the question has no id.
    pub fn path(&self, id: &str) -> String {
        let mut path = String::new();
        for piece in &self.pieces {
            path.push('/');
            match piece {
                Piece::Literal(literal) => path.push_str(literal),
                Piece::Id => path.push_str(&target::encode(id)),
            }
        }
        path
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
        let mut fields = decoder.mapping(node)?;
        let get = fields.required(decoder, "get");
        let is = fields.required(decoder, "is");
        fields.finish(decoder);
        let pieces = get.and_then(|get| pieces(get, id, decoder));
        let is = shapes.usage(is?, decoder)?;
        let program = automata.program(&is, decoder);
        Some(Self {
            pieces: pieces?,
            program,
        })
    }
}

fn pieces<'d>(node: &'d Node, id: Option<&str>, decoder: &mut Decoder<'d>) -> Option<Vec<Piece>> {
    let text = decoder.string(node)?;
    let (variants, captures) = match pattern::parse_path(text, 0) {
        Ok(parsed) => parsed,
        Err(fault) => {
            let at = inside(decoder, &node.span, &fault.at);
            decoder.error(&at, fault.message);
            return None;
        }
    };
    let named: Vec<&str> = captures.iter().map(|(name, _)| &**name).collect();
    if named != id.as_slice() || variants.len() != 1 {
        let wanted = id.map_or("no id".to_owned(), |id| format!("`{{{id}}}`, once"));
        let fault = decoder.error(&node.span, format!("this question has {wanted}"));
        fault.set_help("the path is asked with exactly that id in it");
        return None;
    }
    let parts = variants.into_iter().next()?;
    let piece = |part| match part {
        Part::Literal(literal) => Piece::Literal(literal),
        Part::Capture | Part::Rest => Piece::Id,
    };
    Some(parts.into_iter().map(piece).collect())
}

#[cfg(test)]
impl Lookup {
    /// A question for tests that ask none.
    pub(super) fn for_test(program: Program) -> Self {
        Self {
            pieces: Vec::new(),
            program: Arc::new(program),
        }
    }
}
