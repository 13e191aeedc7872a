//! Programs that ask for much, so that a scan has something to do.

use borderpost::dialect::json::scan::{Manners, Twins};
use borderpost::dialect::program::{
    Edge, ListIx, Meaning, Node, NodeIx, Opens, Part, PlaceIx, Program, ScopeKind, Unknown,
};

/// Bounds that no input of a fuzzer meets, but the nesting's.
pub fn roomy(twins: Twins) -> Manners {
    Manners {
        depth_max: 100,
        members_max: usize::MAX,
        string_bytes_max: usize::MAX,
        number_digits_max: usize::MAX,
        twins,
    }
}

/// Every value has a meaning and every element and member can go.
pub fn everything() -> Program {
    let node = Node {
        meanings: vec![Meaning::Text],
        captured: Some((Meaning::Place(PlaceIx(0)), step(0))),
        elements: Some(step(0)),
        ..Node::default()
    };
    Program {
        nodes: vec![node],
        root: step(0),
        ..Program::default()
    }
}

/// Names, ids as keys, scopes, circles, keys of no name and documents in strings.
pub fn busy() -> Program {
    let mut root = Node {
        meanings: vec![Meaning::Withheld],
        keys: vec![
            ("events".into(), step(1)),
            ("post".into(), step(2)),
            ("rooms".into(), step(3)),
            ("text".into(), step(4)),
            ("type".into(), step(4)),
        ],
        elements: Some(opening(0)),
        ..Node::default()
    };
    let events = Node {
        elements: Some(opening(0)),
        list: Some(ListIx(0)),
        ..Node::default()
    };
    let post = Node {
        embedded: Some(opening(0)),
        ..Node::default()
    };
    let rooms = Node {
        captured: Some((Meaning::Place(PlaceIx(0)), opening(0))),
        rest: Some(step(5)),
        ..Node::default()
    };
    let text = Node {
        meanings: vec![Meaning::Text, Meaning::Link],
        ..Node::default()
    };
    let more = Node {
        keys: vec![("is".into(), opening(4))],
        ..text.clone()
    };
    root.rest = Some(step(4));
    Program {
        nodes: vec![root, events, post, rooms, text, more],
        root: opening(0),
        ..Program::default()
    }
}

fn step(node: u32) -> Edge {
    Edge {
        node: NodeIx(node),
        opens: None,
    }
}

fn opening(node: u32) -> Edge {
    Edge {
        opens: Some(Opens {
            scope: ScopeKind::Item,
            part: Part::Named,
            unknown: Unknown::Masked,
        }),
        ..step(node)
    }
}
