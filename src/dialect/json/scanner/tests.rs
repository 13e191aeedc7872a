//! What is found where, and in which scope: programs as a dialect's compiler makes them.

use super::super::scan::scan;
use super::*;
use crate::dialect::program::{
    ListIx, Mask, Meaning, Node, NodeIx, Opens, Part, PlaceIx, ScopeKind, ThingIx, Unknown,
};
use crate::policy::ContentKind;

const ITEM: Option<Opens> = Some(Opens {
    scope: ScopeKind::Item,
    part: Part::Named,
    unknown: Unknown::Masked,
});
const PERSON: Option<Opens> = Some(Opens {
    scope: ScopeKind::Person,
    part: Part::Author,
    unknown: Unknown::Dropped,
});
const ROOM: Meaning = Meaning::Place(PlaceIx(0));

/// A program of these nodes; the first is the root.
fn program(nodes: Vec<Node>) -> Program {
    Program {
        words: Default::default(),
        graves: Vec::new(),
        nodes,
        root: to(0),
    }
}

fn to(node: u32) -> Edge {
    Edge {
        node: NodeIx(node),
        opens: None,
    }
}

fn opening(node: u32, opens: Option<Opens>) -> Edge {
    Edge {
        node: NodeIx(node),
        opens,
    }
}

fn means(meanings: &[Meaning]) -> Node {
    Node {
        meanings: meanings.to_vec(),
        ..Node::default()
    }
}

fn keys(keys: &[(&str, Edge)]) -> Node {
    let mut keys: Vec<_> = keys
        .iter()
        .map(|(key, edge)| ((*key).into(), *edge))
        .collect();
    keys.sort_by(|a: &(Box<str>, Edge), b| a.0.cmp(&b.0));
    Node {
        keys,
        ..Node::default()
    }
}

fn manners(twins: Twins) -> Manners {
    Manners {
        depth_max: 8,
        members_max: 100,
        string_bytes_max: 200,
        number_digits_max: 64,
        twins,
    }
}

fn read(nodes: Vec<Node>, body: &str) -> Reading {
    scan(body.as_bytes(), &program(nodes), &manners(Twins::Folded)).unwrap()
}

/// The finds, one a line: text, meaning, scope, and what can go with it.
fn finds(body: &str, reading: &Reading) -> Vec<String> {
    let slot = |slot: Option<SlotIx>| match slot {
        Some(slot) => &body[reading.slots[slot.0 as usize].span.clone()],
        None => "-",
    };
    let line = |find: &Find| {
        format!(
            "{} {:?} in {} member {} slot {}",
            &body[find.span.clone()],
            find.meaning,
            find.scope.0,
            slot(find.member),
            slot(find.slot)
        )
    };
    reading.finds.iter().map(line).collect()
}

/// The scopes, one a line: text, the scope around, and the slot.
fn scopes(body: &str, reading: &Reading) -> Vec<String> {
    let line = |scope: &Scope| {
        let slot = scope.slot.map(|slot| slot.0);
        format!(
            "{} in {} slot {slot:?}",
            &body[scope.span.clone()],
            scope.parent.0
        )
    };
    reading.scopes.iter().map(line).collect()
}

#[test]
fn members_are_found_by_their_unescaped_names() {
    let nodes = vec![
        keys(&[("text", to(1)), ("n", to(2)), ("gone", to(1))]),
        means(&[Meaning::Text]),
        means(&[Meaning::Link, Meaning::FileName]),
    ];
    let body = r#" {"other":[1,{"text":2}], "te\u0078t" : "a\n" ,"n":-1.50 } "#;
    let reading = read(nodes, body);
    assert_eq!(
        finds(body, &reading),
        [
            r#""a\n" Text in 0 member "te\u0078t" : "a\n" slot -"#,
            r#"-1.50 Link in 0 member "n":-1.50 slot -"#,
            r#"-1.50 FileName in 0 member "n":-1.50 slot -"#,
        ]
    );
    assert_eq!(reading.finds[0].json, JsonType::String { escaped: true });
    assert_eq!(reading.finds[1].json, JsonType::Number);
    assert_eq!(reading.scopes[0].span, 1..body.len() - 1);
    assert_eq!(reading.slots.len(), 2);
}

#[test]
fn every_json_type_is_told() {
    for (value, json) in [
        ("null", JsonType::Null),
        ("true", JsonType::Bool(true)),
        ("false", JsonType::Bool(false)),
        ("0", JsonType::Number),
        (r#""""#, JsonType::String { escaped: false }),
        (r#""\"""#, JsonType::String { escaped: true }),
        ("[ ]", JsonType::Array { empty: true }),
        ("[[]]", JsonType::Array { empty: false }),
        ("{ }", JsonType::Object { empty: true }),
        (r#"{"a":{}}"#, JsonType::Object { empty: false }),
    ] {
        let reading = read(vec![means(&[Meaning::CountsAs(ContentKind::File)])], value);
        assert_eq!(reading.finds.len(), 1, "{value}");
        assert_eq!(reading.finds[0].json, json, "{value}");
        assert_eq!(reading.finds[0].span, 0..value.len());
    }
}

#[test]
fn elements_have_slots_that_know_their_neighbours() {
    let nodes = vec![
        Node {
            elements: Some(to(1)),
            list: Some(ListIx(3)),
            ..Node::default()
        },
        means(&[Meaning::Person(Part::Named)]),
    ];
    let body = r#"[ "a" , "b","c" ]"#;
    let reading = read(nodes, body);
    let slots: Vec<_> = reading
        .slots
        .iter()
        .map(|slot| {
            (
                slot.ordinal,
                slot.span.clone(),
                slot.comma_before,
                slot.next,
            )
        })
        .collect();
    assert_eq!(
        slots,
        [
            (0, 2..5, None, 8),
            (1, 8..11, Some(6), 12),
            (2, 12..15, Some(11), 15)
        ]
    );
    assert!(
        reading
            .slots
            .iter()
            .all(|slot| slot.list == Some(ListIx(3)))
    );
    assert_eq!(reading.finds[1].slot, Some(SlotIx(1)));
    assert_eq!(reading.finds[1].member, None);
}

#[test]
fn a_scope_holds_what_is_below_and_not_what_the_value_itself_means() {
    let mut content = keys(&[("text", to(4))]);
    content.meanings = vec![Meaning::Withheld];
    let nodes = vec![
        Node {
            elements: Some(opening(1, ITEM)),
            ..Node::default()
        },
        keys(&[
            ("id", to(2)),
            ("by", opening(3, PERSON)),
            ("content", opening(5, ITEM)),
        ]),
        means(&[Meaning::Thing(ThingIx(0))]),
        keys(&[("name", to(6))]),
        means(&[Meaning::Text]),
        content,
        means(&[Meaning::Attribute(Mask::Masked)]),
    ];
    let body = r#"[{"id":1,"by":{"name":"x"},"content":{"text":"t"}},{"by":null,"id":2}]"#;
    let reading = read(nodes, body);
    assert_eq!(
        finds(body, &reading),
        [
            r#"1 Thing(ThingIx(0)) in 1 member "id":1 slot -"#,
            r#""x" Attribute(Masked) in 2 member "name":"x" slot -"#,
            r#"{"text":"t"} Withheld in 1 member "content":{"text":"t"} slot -"#,
            r#""t" Text in 3 member "text":"t" slot -"#,
            r#"2 Thing(ThingIx(0)) in 4 member "id":2 slot -"#,
        ]
    );
    assert_eq!(
        scopes(body, &reading)[1..],
        [
            r#"{"id":1,"by":{"name":"x"},"content":{"text":"t"}} in 0 slot Some(0)"#,
            r#"{"name":"x"} in 1 slot None"#,
            r#"{"text":"t"} in 1 slot None"#,
            r#"{"by":null,"id":2} in 0 slot Some(5)"#,
        ]
    );
    assert_eq!(reading.slots[0].scope, ScopeIx(0));
    assert_eq!(reading.slots[1].scope, ScopeIx(1));
}

#[test]
fn the_root_opens_the_first_scope() {
    let mut program = program(vec![means(&[Meaning::Text])]);
    program.root.opens = ITEM;
    let reading = scan(b" {} ", &program, &manners(Twins::Exact)).unwrap();
    assert_eq!(reading.scopes.len(), 1);
    assert_eq!(reading.scopes[0].opens, ITEM);
    assert_eq!(reading.scopes[0].span, 1..3);
    assert_eq!(reading.finds[0].scope, ScopeIx(0));
}

#[test]
fn a_key_that_is_an_id_belongs_to_the_scope_that_its_value_opens() {
    let rooms = Node {
        captured: Some((ROOM, opening(1, ITEM))),
        ..keys(&[("total", to(2))])
    };
    let nodes = vec![rooms, keys(&[]), means(&[Meaning::Text])];
    let body = r#"{"!a":{},"total":7,"!\u0062":null,"!A" : [] }"#;
    let reading = read(nodes, body);
    assert_eq!(
        finds(body, &reading),
        [
            r#""!a" Place(PlaceIx(0)) in 1 member "!a":{} slot "!a":{}"#,
            r#"7 Text in 0 member "total":7 slot -"#,
            r#""!\u0062" Place(PlaceIx(0)) in 0 member "!\u0062":null slot "!\u0062":null"#,
            r#""!A" Place(PlaceIx(0)) in 2 member "!A" : [] slot "!A" : []"#,
        ]
    );
    assert!(reading.finds[0].on_key);
    assert!(!reading.finds[1].on_key);
    assert_eq!(reading.finds[2].json, JsonType::String { escaped: true });
    assert_eq!(reading.scopes[1].slot, Some(SlotIx(0)));
}

#[test]
fn ids_are_twins_only_if_equal() {
    let rooms = Node {
        captured: Some((ROOM, to(1))),
        ..Node::default()
    };
    let program = program(vec![rooms, Node::default()]);
    let fault = |body: &str| scan(body.as_bytes(), &program, &manners(Twins::Folded)).err();
    assert_eq!(fault(r#"{"!a":1,"!A":1}"#), None);
    let twins = ScanFault::new(8, ScanFaultKind::TwinKeys);
    assert_eq!(fault(r#"{"!a":1,"\u0021a":1}"#), Some(twins.clone()));
    assert_eq!(
        fault(r#"{"!a":{"b":1,"B":1}}"#),
        Some(ScanFault { at: 13, ..twins })
    );
}

#[test]
fn a_key_that_a_folding_reader_takes_for_a_name_is_refused_in_requests() {
    let program = program(vec![
        keys(&[("type", to(1)), ("größe", to(1))]),
        Node::default(),
    ]);
    let read = |body: &str, twins| scan(body.as_bytes(), &program, &manners(twins)).err();
    for key in [
        "Type",
        "TYPE",
        "\u{ff54}ype",
        r"\u0054ype",
        "GRÖSSE",
        "GROSSE",
    ] {
        let body = format!("{{\"{key}\":1}}");
        let near = key != "GROSSE";
        let fault = near.then_some(ScanFault::new(1, ScanFaultKind::TwinKeys));
        assert_eq!(read(&body, Twins::Folded), fault, "{body}");
        assert_eq!(read(&body, Twins::Exact), None, "{body}");
    }
    assert_eq!(
        read(r#"{"type":1,"größe":{"Type":1}}"#, Twins::Folded),
        None
    );
}

#[test]
fn the_rest_is_every_key_that_is_not_named() {
    let nodes = vec![
        Node {
            rest: Some(to(1)),
            ..keys(&[("type", to(2)), ("more", to(2))])
        },
        means(&[Meaning::CountsAs(ContentKind::File)]),
        Node::default(),
    ];
    let body = r#"{"type":1,"poll":{"type":2},"more":3}"#;
    let reading = read(nodes, body);
    assert_eq!(
        finds(body, &reading),
        [r#"{"type":2} CountsAs(File) in 0 member "poll":{"type":2} slot -"#]
    );
}

#[test]
fn many_names_are_found_too() {
    let names: Vec<String> = (0..30).map(|n| format!("k{n}")).collect();
    let named: Vec<_> = names.iter().map(|name| (name.as_str(), to(1))).collect();
    let nodes = vec![keys(&named), means(&[Meaning::Text])];
    let members: Vec<String> = (0..60).rev().map(|n| format!("\"k{n}\":0")).collect();
    let body = format!("{{{}}}", members.join(","));
    assert_eq!(read(nodes, &body).finds.len(), 30);
}

#[test]
fn a_program_may_go_in_circles() {
    let nodes = vec![
        keys(&[("quote", opening(0, ITEM)), ("text", to(1))]),
        means(&[Meaning::Text]),
    ];
    let body = r#"{"text":1,"quote":{"quote":{"text":2},"text":3}}"#;
    let reading = read(nodes, body);
    let scopes: Vec<u32> = reading.finds.iter().map(|find| find.scope.0).collect();
    assert_eq!(scopes, [0, 2, 1]);
    assert_eq!(reading.scopes[2].parent, ScopeIx(1));
}

fn with_document() -> Vec<Node> {
    vec![
        keys(&[("post", to(1)), ("text", to(3))]),
        Node {
            embedded: Some(opening(2, ITEM)),
            ..Node::default()
        },
        keys(&[("text", to(3)), ("post", to(1))]),
        means(&[Meaning::Text]),
    ]
}

#[test]
fn a_document_in_a_string_is_read_as_one() {
    let body = r#"{"text":0,"post":"{\"text\":\"a\\nb\"}"}"#;
    let reading = read(with_document(), body);
    let [embedded] = &reading.embedded[..] else {
        panic!("{reading:?}");
    };
    assert_eq!(embedded.text, r#"{"text":"a\nb"}"#);
    assert_eq!(&body[embedded.span.clone()], r#""{\"text\":\"a\\nb\"}""#);
    assert_eq!(embedded.reading.scopes[0].opens, ITEM);
    let inner = finds(&embedded.text, &embedded.reading);
    assert_eq!(inner, [r#""a\nb" Text in 0 member "text":"a\nb" slot -"#]);
    assert_eq!(reading.finds.len(), 1);
}

#[test]
fn a_string_that_should_hold_a_document_and_does_not_is_refused() {
    let program = program(with_document());
    let fault = |body: &str| {
        let fault = scan(body.as_bytes(), &program, &manners(Twins::Folded)).err();
        fault.map(|fault| (fault.at, fault.kind))
    };
    assert_eq!(fault(r#"{"post":"{}"}"#), None);
    assert_eq!(fault(r#"{"post":null}"#), None);
    assert_eq!(fault(r#"{"post":""}"#), Some((8, ScanFaultKind::Syntax)));
    assert_eq!(
        fault(r#"{"post":"{} x"}"#),
        Some((8, ScanFaultKind::Syntax))
    );
    assert_eq!(
        fault(r#"{"post":"\"\\ud800\""}"#),
        Some((8, ScanFaultKind::LoneSurrogate))
    );
    assert_eq!(
        fault(r#"{"post":"{\"a\":1,\"A\":1}"}"#),
        Some((8, ScanFaultKind::TwinKeys))
    );
}

#[test]
fn documents_in_documents_count_as_nesting() {
    let nest = |levels: usize| {
        (0..levels).fold("{}".to_owned(), |inner, _| {
            let quoted = String::from_utf8(string::quote(&inner)).unwrap();
            format!("{{\"post\":{quoted}}}")
        })
    };
    let program = program(with_document());
    let roomy = Manners {
        string_bytes_max: 10_000,
        ..manners(Twins::Exact)
    };
    // A document and its object are two levels; the innermost object makes it odd.
    assert!(scan(nest(3).as_bytes(), &program, &roomy).is_ok());
    let fault = scan(nest(4).as_bytes(), &program, &roomy).err();
    assert_eq!(fault.map(|fault| fault.kind), Some(ScanFaultKind::Depth));
}
