//! What holds for any JSON: all readers take what is taken alike, and a splice changes what it
//! names and nothing else.

/// The fuzzer's targets.
#[path = "../fuzz/src/targets"]
mod targets {
    pub mod oracle;
    pub mod programs;
    pub mod reader;
    pub mod splice;
}

use proptest::prelude::*;

fn space() -> impl Strategy<Value = String> {
    prop_oneof![4 => Just(String::new()), 1 => "[ \t\r\n]{0,3}"]
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,5})?([eE][+-]?[0-9]{1,2})?",
        "-?[0-9]{1,4}(\\.[0-9]{0,2})?([eE][+-]?[0-9]{0,3})?",
        "[1-9][0-9]{305,312}",
    ]
}

fn string() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => "[a-zA-Z0-9 ,:{}\\[\\]]{0,12}",
        2 => any::<char>().prop_filter("escaped", |c| *c >= ' ' && *c != '"' && *c != '\\').prop_map(String::from),
        2 => prop::sample::select(vec!["\\\"", "\\\\", "\\/", "\\n", "\\u0041", "\\u00e9", "\\ud83d\\ude00", "말"])
            .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

/// Keys that some reader could confuse, and others.
fn key() -> impl Strategy<Value = String> {
    let known = vec![
        "type",
        "Type",
        "\\u0074ype",
        "t\\u0079pe",
        "text",
        "is",
        "i\u{17f}",
        "k",
        "\u{212a}",
        "events",
        "rooms",
        "post",
        "é",
        "e\\u0301",
        "",
    ];
    prop_oneof![
        1 => prop::sample::select(known).prop_map(|key| format!("\"{key}\"")),
        2 => "\"[a-z]{3,6}\"",
        1 => string(),
    ]
}

fn document() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec!["null", "true", "false", "\"{\\\"text\\\":[1]}\""]);
    let leaf = prop_oneof![word.prop_map(str::to_owned), number(), string()];
    let value = leaf.prop_recursive(5, 48, 6, |inner| {
        let spaced = (space(), inner, space())
            .prop_map(|(a, value, b)| a + &value + &b)
            .boxed();
        let member = (space(), key(), space(), spaced.clone())
            .prop_map(|(a, key, b, value)| format!("{a}{key}{b}:{value}"));
        prop_oneof![
            prop::collection::vec(spaced, 0..6).prop_map(|list| format!("[{}]", list.join(","))),
            prop::collection::vec(member, 0..6).prop_map(|list| format!("{{{}}}", list.join(","))),
        ]
    });
    (space(), value, space()).prop_map(|(a, value, b)| a + &value + &b)
}

/// One change to some bytes.
fn mutation() -> impl Strategy<Value = (prop::sample::Index, u8, Option<u8>)> {
    let byte = prop_oneof![
        prop::sample::select(b"{}[],:\"\\ 0e-.u\0\n".to_vec()),
        any::<u8>()
    ];
    (
        any::<prop::sample::Index>(),
        0..3_u8,
        prop::option::of(byte),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_readers_take_what_is_taken_alike(document in document()) {
        targets::reader::check(document.as_bytes());
    }

    #[test]
    fn damaged_documents_are_refused_as_others_refuse_them(
        document in document(),
        mutations in prop::collection::vec(mutation(), 1..5),
    ) {
        let mut body = document.into_bytes();
        for (index, removed, added) in mutations {
            let at = index.index(body.len() + 1);
            let end = (at + usize::from(removed)).min(body.len());
            body.splice(at..end, added);
        }
        targets::reader::check(&body);
        targets::splice::check(&body);
    }

    #[test]
    fn a_splice_changes_what_it_names_and_nothing_else(document in document(), seed: u64) {
        targets::splice::check_with(document.as_bytes(), seed);
    }
}
