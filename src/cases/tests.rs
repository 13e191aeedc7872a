use std::sync::Arc;

use super::{Mistake, Outcome, Story, read};
use crate::policy::Settings;
use crate::yaml::{Budget, Diagnostic, Source, parse};

/// A town in which everything has a name; `{}` stands for the cases.
const TOWN: &str = "\
networks:
  line: { requires_contact: true, restricted_kinds: [file] }
companies:
  acme:
    line: { connect: allow, permission: by_member, greeting: { messages: [\"Hello.\"] } }
people:
  alice: { company: acme, grants: [line] }
  bob: { company: acme }
  lin: { network: line }
rooms:
  tea: [alice, bob, lin]
cases:
";

fn read_text(text: &str, base: &Settings) -> Result<Story, Vec<Diagnostic>> {
    let source = Source::new("story.yaml", text);
    read(&parse(source, Budget::default())?, base)
}

fn story(cases: &str) -> Story {
    read_text(&format!("{TOWN}{cases}"), &Settings::default()).unwrap()
}

/// What is wrong with a town of these cases.
fn mistakes(cases: &str) -> Vec<String> {
    let wrong = read_text(&format!("{TOWN}{cases}"), &Settings::default()).unwrap_err();
    wrong.into_iter().map(|mistake| mistake.message).collect()
}

fn outcome(case: &str) -> Option<Mistake> {
    let story = story(&format!("  - {{ name: it, {case} }}\n"));
    let [Outcome { mistake, .. }] = <[_; 1]>::try_from(story.run()).unwrap();
    mistake
}

/// The case fails, and says so in these words.
fn check_fails(case: &str, expected: &str, found: &str) {
    let mistake = outcome(case).expect("the case fails");
    assert_eq!(
        (&*mistake.expected, &*mistake.found),
        (expected, found),
        "{case}"
    );
}

#[test]
fn a_case_that_holds_has_no_mistake() {
    for case in [
        "who: alice, in: tea, expect: allow",
        "who: alice, in: tea, expect: { allow: recorded, greet: nobody }",
        "who: bob, in: tea, expect: { block: not_permitted }",
        "who: bob, in: tea, expect: { block: not_permitted, network: line, company: acme, kind: nobody }",
        "who: bob, shown_to: lin, expect: unknown",
        "who: alice, shown_to: lin, expect: known",
        "who: bob, in: tea, expect: hidden",
        "who: bob, in: tea, expect: { hidden: not_permitted }",
        "who: alice, in: tea, expect: visible",
        "who: bob, in: tea, expect: { buttons_off: all }",
        "who: alice, in: tea, expect: { fails: [bob], network: line }",
    ] {
        assert_eq!(outcome(case), None, "{case}");
    }
}

#[test]
fn a_case_that_does_not_hold_says_what_was_found() {
    let found_block = "{ block: not_permitted, network: line, company: acme, kind: nobody }";
    let found_allow = "{ allow: recorded, greet: nobody }";
    check_fails(
        "who: bob, in: tea, expect: allow",
        "{ allow: either way }",
        found_block,
    );
    check_fails(
        "who: alice, in: tea, expect: { block: no_contact, kind: file }",
        "{ block: no_contact, kind: file }",
        found_allow,
    );
    check_fails(
        "who: alice, in: tea, expect: { allow: unrecorded, greet: line }",
        "{ allow: unrecorded, greet: line }",
        found_allow,
    );
    check_fails("who: bob, shown_to: lin, expect: known", "known", "unknown");
    check_fails("who: alice, in: tea, expect: hidden", "hidden", "visible");
    check_fails(
        "who: bob, in: tea, expect: { hidden: connect_denied }",
        "{ hidden: connect_denied }",
        "{ hidden: not_permitted }",
    );
    check_fails(
        "who: alice, in: [alice], expect: { buttons_off: [camera, file] }",
        "{ buttons_off: [camera, file] }",
        "{ buttons_off: [] }",
    );
    check_fails(
        "who: alice, in: tea, expect: { fails: [], network: line }",
        "{ fails: [], network: line }",
        "{ fails: [bob], network: line }",
    );
}

#[test]
fn each_part_that_is_named_is_compared() {
    for part in ["network: nobody", "company: nobody", "kind: file"] {
        let case = format!("who: bob, in: tea, expect: {{ block: not_permitted, {part} }}");
        assert!(outcome(&case).is_some(), "{part}");
    }
}

#[test]
fn a_case_that_lists_makes_one_of_each() {
    let story = story(
        "  - { name: it, who: alice, does: [send, edit], each_kind: [text, file], in: tea, expect: allow }\n",
    );
    let names: Vec<_> = story.cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "it (send, text)",
            "it (send, file)",
            "it (edit, text)",
            "it (edit, file)"
        ]
    );
    let failed: Vec<_> = story.run().iter().map(|it| it.mistake.is_some()).collect();
    assert_eq!(failed, [false, true, false, true]);
}

#[test]
fn settings_stand_upon_those_that_are_running() {
    let running = story("  - { name: it, who: alice, in: tea, expect: allow }\n");
    let running = Arc::clone(&running.cases[0].settings);
    let text = "
people:
  zoe: { company: acme, grants: [line] }
  lin: { network: line }
cases:
  - { name: it, who: zoe, in: [zoe, lin], expect: allow }
";
    let outcomes = read_text(text, &running).unwrap().run();
    assert_eq!(outcomes[0].mistake, None);
    assert!(read_text(text, &Settings::default()).is_err());
}

#[test]
fn all_mistakes_are_told_at_once() {
    let wrong = mistakes(
        "  - { name: a, whom: alice, who: zoe, in: attic, expect: allow }
  - { name: b, who: alice, does: dance, kinds: [smell], in: tea, expect: maybe }
  - { who: alice, in: tea, after: tea, brings: [bob] }
",
    );
    assert_eq!(
        wrong,
        [
            "a case has no `whom`",
            "a person can't be `zoe`",
            "a room can't be `attic`",
            "`expect` can't be `maybe`",
            "a kind can't be `smell`",
            "`does` can't be `dance`",
            "this case has no `name`",
            "this case has no `expect`",
            "`brings` and `after` say the same thing",
        ]
    );
}

#[test]
fn a_mistake_stands_where_it_was_written() {
    let wrong = read_text("cases: 7\n", &Settings::default()).unwrap_err();
    assert_eq!(
        wrong[0].to_string(),
        "story.yaml:1:8: error: `cases` is not a list (write `[one, two]`)"
    );
}

#[test]
fn what_could_be_misread_is_a_mistake() {
    let it = "who: alice, in: tea, expect";
    for (cases, message) in [
        (
            format!("  - {{ name: it, {it}: [] }}\n"),
            "it is not said what is expected",
        ),
        (
            format!("  - {{ name: it, {it}: {{ block: [] }} }}\n"),
            "a reason is not a text",
        ),
        (
            format!("  - {{ name: it, {it}: {{ block: no_contact, kid: file }} }}\n"),
            "a block has no `kid`",
        ),
        (
            format!("  - {{ name: it, {it}: allow }}\n  - {{ name: it, {it}: allow }}\n"),
            "two cases have the name `it`",
        ),
        (
            format!("  - {{ name: it, given: {{ initech: {{}} }}, {it}: allow }}\n"),
            "there is no company `initech`",
        ),
        (
            format!(
                "  - {{ name: it, given: {{ acme: {{ line: {{ conect: deny }} }} }}, {it}: allow }}\n"
            ),
            "there is no setting `conect`",
        ),
        (
            format!("  - {{ name: it, given: {{ acme: {{ sea: nothing }} }}, {it}: allow }}\n"),
            "a network can't be `sea`",
        ),
        (
            format!("  - {{ name: it, each_kind: [], {it}: allow }}\n"),
            "`each_kind` lists nothing, so nothing would be asked",
        ),
        ("  []\nrooms2: {}\n".to_owned(), "a story has no `rooms2`"),
    ] {
        assert_eq!(mistakes(&cases), [message], "{cases}");
    }
}
