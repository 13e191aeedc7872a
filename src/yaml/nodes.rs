//! What becomes of the parser's events: keys, scalars, and what a node weighs.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::ScalarStyle;

use super::diagnostic::Diagnostic;
use super::source::Source;
use super::tree::{Key, Node, Scalar, Value};

/// What a node costs of the budget.
#[derive(Clone, Copy, Default)]
pub(super) struct Weight {
    pub(super) nodes: usize,
    pub(super) bytes: usize,
    pub(super) height: usize,
}

/// How much is said of a mistake.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    Full,
    Message,
}

/// The key that a node is, if it may be one here.
pub(super) fn key(
    source: &Arc<Source>,
    seen: &mut HashMap<String, Range<usize>>,
    node: Node,
    detail: Detail,
) -> Result<Key, Box<Diagnostic>> {
    let fault = |span: &Range<usize>, message: String| {
        Diagnostic::new(source, source.first_line(span), message)
    };
    let (text, plain) = match node.value {
        Value::Scalar(scalar) => (scalar.text, scalar.plain),
        // `null` and `~` are keys like others; nothing at all is none.
        Value::Null => (source.slice(&node.span).to_owned(), true),
        Value::Sequence(_) | Value::Mapping(_) => {
            let refused = fault(&node.span, "a list or mapping can't be a key".to_owned());
            return Err(Box::new(
                refused.help("a key is a word; put `…` in quotes if it holds brackets"),
            ));
        }
    };
    if text.is_empty() {
        let refused = fault(&node.span, "a key is missing before the `:`".to_owned());
        return Err(Box::new(refused.help("write the key, or remove the line")));
    }
    if text == "<<" && plain {
        let refused = fault(&node.span, "merge keys (`<<`) are not read".to_owned());
        return Err(Box::new(
            refused.help("write the keys out; an alias may stand for a whole value"),
        ));
    }
    if let Some(first) = seen.get(&text) {
        let message = format!("the key `{text}` stands here a second time");
        let mut refused = fault(&node.span, message);
        if detail == Detail::Full {
            // Finding a line reads the file up to it: too slow for thousands of mistakes.
            let (line, _) = source.position(first.start);
            refused = refused
                .help(format!("keep one of them; the first is on line {line}"))
                .also(source, first.clone(), "first here");
        }
        return Err(Box::new(refused));
    }
    seen.insert(text.clone(), node.span.clone());
    Ok(Key {
        text,
        span: node.span,
    })
}

pub(super) fn scalar(text: String, style: ScalarStyle) -> Value {
    let plain = matches!(style, ScalarStyle::Plain);
    if plain && matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL") {
        return Value::Null;
    }
    Value::Scalar(Scalar {
        text,
        plain,
        written: None,
    })
}

/// What one more copy of `node` costs. The depth is bounded before a node gets here.
pub(super) fn weigh(node: &Node) -> Weight {
    let children = |weights: &mut dyn Iterator<Item = Weight>| {
        weights.fold(
            Weight {
                nodes: 1,
                bytes: 0,
                height: 1,
            },
            |sum, one| Weight {
                nodes: sum.nodes.saturating_add(one.nodes),
                bytes: sum.bytes.saturating_add(one.bytes),
                height: sum.height.max(one.height + 1),
            },
        )
    };
    match &node.value {
        Value::Null => Weight {
            nodes: 1,
            bytes: 0,
            height: 0,
        },
        Value::Scalar(scalar) => Weight {
            nodes: 1,
            bytes: scalar.text.len(),
            height: 0,
        },
        Value::Sequence(items) => children(&mut items.iter().map(weigh)),
        Value::Mapping(entries) => children(&mut entries.iter().map(|(key, value)| {
            let weight = weigh(value);
            Weight {
                nodes: weight.nodes + 1,
                bytes: weight.bytes.saturating_add(key.text.len()),
                height: weight.height,
            }
        })),
    }
}
