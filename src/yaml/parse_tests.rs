use super::*;

fn parsed(text: &str) -> Result<Document, Vec<Diagnostic>> {
    parse(Source::new("f.yaml", text), Budget::default())
}

/// What is wrong with `text`: line, column and message of each mistake.
fn faults(text: &str) -> Vec<(usize, usize, String)> {
    let found = parsed(text).err().unwrap_or_default();
    found
        .into_iter()
        .map(|one| {
            let (line, column) = one.position().unwrap_or((0, 0));
            (line, column, one.message)
        })
        .collect()
}

fn check(text: &str, expected: &[(usize, usize, &str)]) {
    let found = faults(text);
    let found: Vec<_> = found.iter().map(|(l, c, m)| (*l, *c, m.as_str())).collect();
    assert_eq!(found, expected, "{text:?}");
}

/// The tree in one line, each key and scalar by the text its span covers.
fn outline(source: &Source, node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Scalar(_) => source.slice(&node.span).to_owned(),
        Value::Sequence(items) => {
            let items: Vec<_> = items.iter().map(|item| outline(source, item)).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Mapping(entries) => {
            let entries: Vec<_> = entries
                .iter()
                .map(|(key, value)| {
                    format!("{}={}", source.slice(&key.span), outline(source, value))
                })
                .collect();
            format!("{{{}}}", entries.join(" "))
        }
    }
}

#[test]
fn spans_cover_what_was_written() {
    let check = |text: &str, expected: &str| {
        let document = parsed(text).unwrap();
        assert_eq!(
            outline(&document.source, &document.root),
            expected,
            "{text:?}"
        );
    };
    check("a: 1\nb: [x, 'y z']\n", "{a=1 b=[x 'y z']}");
    check(
        "이름: 홍길동\n목록:\n  - 가\n  - \"나\" # 다\n",
        "{이름=홍길동 목록=[가 \"나\"]}",
    );
    check("a: &x {b: 1}\nc: d\n", "{a={b=1} c=d}");
    check("\u{feff}a: é\n", "{a=é}");
    check("a:\nb: ~\nc: null\nd: ''\n", "{a=null b=null c=null d=''}");
    check("- no\n- on\n- 'null'\n", "[no on 'null']");
    check("", "null");
    check("# only a comment\n", "null");
    check("a: 1\r\nb: 2\r\n", "{a=1 b=2}");
}

#[test]
fn collections_end_where_their_last_value_does() {
    let document = parsed("a:\n  b: 1\n  c: [2,\n   3]\n\n\nd: 4\n").unwrap();
    let Value::Mapping(entries) = &document.root.value else {
        panic!()
    };
    assert_eq!(
        document.source.slice(&entries[0].1.span),
        "b: 1\n  c: [2,\n   3]"
    );
}

#[test]
fn duplicate_keys_are_all_found() {
    check(
        "a: 1\na: 2\nb:\n  c: 1\n  'c': {x: 1, y: 2, x: 3}\nb: 4\na: 5\n",
        &[
            (2, 1, "the key `a` stands here a second time"),
            (5, 3, "the key `c` stands here a second time"),
            (5, 21, "the key `x` stands here a second time"),
            (6, 1, "the key `b` stands here a second time"),
            (7, 1, "the key `a` stands here a second time"),
        ],
    );
}

#[test]
fn a_duplicate_key_points_at_the_first() {
    let found = parsed("# c\n키: 1\nb: 2\n키: 2\n").unwrap_err();
    assert_eq!(
        found[0].help.as_deref(),
        Some("keep one of them; the first is on line 2")
    );
    let first = &found[0].also[0];
    assert_eq!(
        (first.source.slice(&first.span), first.note.as_str()),
        ("키", "first here")
    );
}

#[test]
fn what_yaml_has_and_we_do_not_is_refused_with_its_place() {
    check(
        "a: &x {b: 1}\nc:\n  <<: *x\n",
        &[(3, 3, "merge keys (`<<`) are not read")],
    );
    check("a: !secret b\n", &[(1, 4, "the tag `!secret` is not read")]);
    check(
        "a: !!str\n  b: 1\n",
        &[(1, 4, "the tag `!!str` is not read")],
    );
    check(
        "a: 1\n---\nb: 2\n",
        &[(2, 1, "a second document begins here")],
    );
    check(
        "? [a, b]\n: 1\n",
        &[(1, 3, "a list or mapping can't be a key")],
    );
    check("{a: 1}: 2\n", &[(1, 1, "a list or mapping can't be a key")]);
    check(": 1\n", &[(1, 1, "a key is missing before the `:`")]);
    check(
        "%YAML 1.2\n---\na: 1\n",
        &[(1, 1, "not YAML: YAML directives are disallowed")],
    );
    check(
        "a: *b\nc: *d\n",
        &[(1, 4, "`*b` has no anchor"), (2, 4, "`*d` has no anchor")],
    );
    check(
        "a: &x [*x]\n",
        &[(1, 8, "`*x` stands inside its own anchor")],
    );
    check("a: 1\0\nb: 2\n", &[(1, 5, "control character U+0000")]);
}

#[test]
fn a_fault_of_the_syntax_comes_with_what_was_found_before() {
    let found = faults("가: 1\n가: 2\n나: [1, 2\n다: 3\n");
    assert_eq!(
        found[0],
        (2, 1, "the key `가` stands here a second time".to_owned())
    );
    assert_eq!(found.len(), 2);
    assert!(found[1].2.starts_with("not YAML: "), "{found:?}");
}

#[test]
fn tabs_are_named() {
    let found = parsed("a:\n\tb: 1\n").unwrap_err();
    assert_eq!(found[0].position().unwrap().0, 2);
    assert_eq!(
        found[0].help.as_deref(),
        Some("indent with spaces, never with tabs")
    );
}

#[test]
fn anchors_stand_for_whole_values() {
    let document = parsed("a: &x {b: 1}\nc: *x\n").unwrap();
    let Value::Mapping(entries) = &document.root.value else {
        panic!()
    };
    assert!(matches!(&entries[1].1.value, Value::Mapping(inner) if inner[0].0.text == "b"));
    assert_eq!(document.source.slice(&entries[1].1.span), "*x");
}

#[test]
fn a_billion_laughs_are_refused() {
    let mut text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..10 {
        let below = format!("*a{}", level - 1);
        text += &format!("a{level}: &a{level} [{}]\n", [below.as_str(); 9].join(", "));
    }
    let found = faults(&text);
    assert_eq!(found.len(), 1);
    assert!(
        found[0]
            .2
            .starts_with("the file holds more than 250000 values"),
        "{found:?}"
    );
}

#[test]
fn a_long_text_repeated_is_refused() {
    let text = format!(
        "a: &a '{}'\nb: [{}]\n",
        "x".repeat(1 << 20),
        ["*a"; 100].join(", ")
    );
    let found = faults(&text);
    assert_eq!(found[0].2, "aliases repeat more than 4MiB of text");
}

#[test]
fn depth_is_bounded_in_every_style() {
    let check = |text: &str| {
        let found = faults(text);
        assert_eq!(found.len(), 1, "{:.20}", text);
        assert_eq!(
            found[0].2,
            "more than 64 mappings and lists inside one another"
        );
    };
    check(&"[".repeat(10_000));
    check(&"{a: ".repeat(10_000));
    check(&"- ".repeat(10_000));
    let steps: String = (0..10_000)
        .map(|depth| format!("{}a:\n", " ".repeat(depth % 4_000)))
        .collect();
    assert!(!faults(&steps).is_empty());
    let deep: String = (0..100)
        .map(|depth| format!("{}a:\n", " ".repeat(depth)))
        .collect();
    check(&deep);
    let fits = format!("{}{}", "[".repeat(64), "]".repeat(64));
    assert!(parsed(&fits).is_ok());
    check(&format!("[{fits}]"));
    let by_alias = format!("a: &a {}{}\nb: [*a]\n", "[".repeat(63), "]".repeat(63));
    check(&by_alias);
}

#[test]
fn size_and_number_are_bounded_at_the_edge() {
    let budget = Budget {
        bytes_max: 10,
        nodes_max: 4,
        depth_max: 8,
    };
    let fits = |text: &str| parse(Source::new("f", text), budget).is_ok();
    assert!(fits("[1, 2, 3]"));
    assert!(!fits("[1,2,3,4]"));
    assert!(fits("- 34567890"));
    assert!(!fits("- 345678901"));
}

#[test]
fn a_file_of_nothing_but_mistakes_is_read_in_time() {
    // Were each of them located and compared with care, this would take minutes.
    let found = faults(&"key: 1\n".repeat(100_000));
    assert_eq!(found.len(), 101);
    assert!(
        found[100].2.starts_with("99899 more mistakes"),
        "{:?}",
        found[100]
    );
}
