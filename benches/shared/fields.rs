//! What a gateway of chats asks of a message: six of its fields.

use borderpost::dialect::program::{
    Edge, KindTableIx, Meaning, Node, NodeIx, Opens, Part, PlaceIx, Program, ScopeKind, ThingIx,
    Unknown,
};

/// Asks for the message, its room, its author, its kind, its words, and what it answers.
pub fn six_fields() -> Program {
    let asked = |meaning| Node {
        meanings: vec![meaning],
        ..Node::default()
    };
    let object = |keys: &[(&str, u32)]| Node {
        keys: keys
            .iter()
            .map(|(key, node)| ((*key).into(), step(*node)))
            .collect(),
        ..Node::default()
    };
    let nodes = vec![
        object(&[
            ("author", 1),
            ("content", 2),
            ("id", 3),
            ("reply_to", 3),
            ("room", 4),
        ]),
        object(&[("id", 5)]),
        object(&[("text", 6), ("type", 7)]),
        asked(Meaning::Thing(ThingIx(0))),
        asked(Meaning::Place(PlaceIx(0))),
        asked(Meaning::Person(Part::Author)),
        asked(Meaning::Text),
        asked(Meaning::Kind(KindTableIx(0))),
    ];
    let item = Opens {
        scope: ScopeKind::Item,
        part: Part::Named,
        unknown: Unknown::Masked,
    };
    Program {
        nodes,
        root: Edge {
            opens: Some(item),
            ..step(0)
        },
        ..Program::default()
    }
}

fn step(node: u32) -> Edge {
    Edge {
        node: NodeIx(node),
        opens: None,
    }
}
