//! The command line: what each command prints, and the code it ends with.

use std::path::Path;

use assert_cmd::Command;

const CONFIG: &str = "config/gateway.yaml";

/// The program, at the root of the repository, without a configuration of the environment.
fn borderpost(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("borderpost").expect("the program is built");
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("BORDERPOST_CONFIG")
        .args(arguments);
    command
}

/// Standard output, of a command that ends with this code.
fn printed(arguments: &[&str], code: i32) -> String {
    let done = borderpost(arguments).assert().code(code);
    String::from_utf8(done.get_output().stdout.clone()).expect("output is text")
}

/// Standard error, likewise.
fn complained(arguments: &[&str], code: i32) -> String {
    let done = borderpost(arguments).assert().code(code);
    String::from_utf8(done.get_output().stderr.clone()).expect("output is text")
}

/// A directory with files.
fn files(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    for (name, text) in files {
        std::fs::write(directory.path().join(name), text).expect("a file");
    }
    directory
}

fn shown(path: &Path) -> &str {
    path.to_str().expect("a path is text")
}

#[test]
fn every_command_has_a_help_with_its_options() {
    let all = printed(&["--help"], 0);
    let commands: Vec<&str> = all
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.len() >= 8, "{commands:?}");
    for command in commands.iter().filter(|command| **command != "help") {
        let help = printed(&[command, "--help"], 0);
        assert!(
            help.contains(&format!("Usage: borderpost {command}")),
            "{help}"
        );
        assert!(
            help.lines().next().is_some_and(|line| line.len() > 10),
            "{help}"
        );
    }
}

#[test]
fn exit_codes_are_told() {
    assert!(printed(&["--help"], 0).contains("Exit codes: 0 fine"));
}

#[test]
fn a_wrong_command_line_ends_with_2() {
    for arguments in [
        &["frobnicate"][..],
        &["check", "--colour", "red"],
        &["explain"],
        &["explain", "--who", "alice", "--does", "dance"],
        &["explain", "--who", "alice", "--request", "x"],
        &["schema", "cookbook"],
    ] {
        let said = complained(arguments, 2);
        assert!(!said.is_empty(), "{arguments:?}");
    }
}

#[test]
fn version_names_the_build() {
    let text = printed(&["version"], 0);
    assert!(
        text.starts_with(concat!("borderpost ", env!("CARGO_PKG_VERSION"))),
        "{text}"
    );
    let json: serde_json::Value =
        serde_json::from_str(&printed(&["version", "--output", "json"], 0)).expect("JSON");
    assert_eq!(json["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn schemas_are_those_that_ship() {
    for name in ["gateway", "policy"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("config/schema/{name}.json"));
        let shipped = std::fs::read_to_string(path).expect("a schema");
        assert_eq!(
            printed(&["schema", name], 0).trim_end(),
            shipped.trim_end(),
            "{name}"
        );
    }
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "fish", "zsh"] {
        let script = printed(&["completions", shell], 0);
        assert!(
            script.contains("explain") && script.contains("check"),
            "{shell}"
        );
    }
}

#[test]
fn the_shipped_configuration_is_fine() {
    let said = printed(&["check", CONFIG], 0);
    assert!(said.starts_with("config/gateway.yaml is fine"), "{said}");
}

#[test]
fn a_faulty_configuration_ends_with_3_and_tells_all() {
    let directory = files(&[("gateway.yaml", "listeners: []\nupstreem: {}\n")]);
    let path = directory.path().join("gateway.yaml");
    let said = complained(&["check", shown(&path)], 3);
    for part in ["upstreem", "there is no listener", "gateway.yaml:2:1"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    for command in ["explain", "test"] {
        let arguments = match command {
            "explain" => vec!["explain", "--who", "alice", "--config", shown(&path)],
            _ => vec!["test", "config/tests", "--config", shown(&path)],
        };
        assert!(complained(&arguments, 3).contains("upstreem"), "{command}");
    }
}

#[test]
fn the_cases_of_the_shipped_policies_hold() {
    let said = printed(&["test", "config/tests", "--config", CONFIG], 0);
    insta::assert_snapshot!(said);
}

/// A story with a case that holds and one that doesn't.
const STORY: &str = "\
story: Two <cases>
networks:
  line: {}
companies:
  acme: { line: { connect: allow } }
people:
  bob: { company: acme }
  mei: { network: line }
cases:
  - { name: Mei is told nothing, who: mei, in: [bob, mei], expect: { block: not_permitted } }
  - { name: Bob may write, who: bob, in: [bob, mei], expect: allow }
";

fn story_outcome(arguments: &[&str], code: i32) -> String {
    let directory = files(&[("a.test.yaml", STORY), ("other.yaml", "story: none\n")]);
    let all: Vec<&str> = ["test", "."].iter().chain(arguments).copied().collect();
    let done = borderpost(&all)
        .current_dir(directory.path())
        .assert()
        .code(code);
    String::from_utf8(done.get_output().stdout.clone()).expect("output is text")
}

#[test]
fn a_case_that_does_not_hold_ends_with_4() {
    insta::assert_snapshot!(story_outcome(&[], 4));
}

#[test]
fn cases_are_told_to_programs() {
    let json: serde_json::Value =
        serde_json::from_str(&story_outcome(&["--output", "json"], 4)).expect("JSON");
    assert_eq!((&json["cases"], &json["failed"]), (&2.into(), &1.into()));
    assert_eq!(json["files"][0]["cases"][0]["ok"], true);
}

#[test]
fn cases_are_told_to_build_servers() {
    insta::assert_snapshot!(story_outcome(&["--output", "junit"], 4));
}

#[test]
fn a_filter_chooses_cases_by_name() {
    let said = story_outcome(&["--filter", "told nothing"], 0);
    assert!(said.contains("1 cases: 1 ok, 0 failed"), "{said}");
}

#[test]
fn that_nothing_was_tested_is_no_success() {
    story_outcome(&["--filter", "no such case"], 2);
    let empty = tempfile::tempdir().expect("a directory");
    borderpost(&["test"])
        .current_dir(empty.path())
        .assert()
        .code(2);
}

#[test]
fn faulty_cases_end_with_3_and_all_faults_are_told() {
    let directory = files(&[
        (
            "a.test.yaml",
            "cases:\n  - { name: a, who: zoe, expect: maybe }\n",
        ),
        ("b.test.yaml", "cases: 7\n"),
    ]);
    let said = complained(&["test", shown(directory.path())], 3);
    for part in ["`zoe`", "`maybe`", "b.test.yaml"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

fn explained(arguments: &[&str], code: i32) -> String {
    let all = ["explain", "--config", CONFIG].iter().chain(arguments);
    printed(&all.copied().collect::<Vec<_>>(), code)
}

#[test]
fn a_blocked_act_is_explained_by_file_and_line() {
    let room = [
        "--who",
        "alice",
        "--kind",
        "camera",
        "--room",
        "alice,bob,line:mei",
    ];
    insta::assert_snapshot!(explained(&room, 5));
}

#[test]
fn an_allowed_act_is_explained() {
    let room = [
        "--who",
        "grace",
        "--kind",
        "file",
        "--room",
        "heidi,alice",
        "--shown-to",
        "alice",
    ];
    let said = explained(&room, 0);
    assert!(said.starts_with("grace may show file here."), "{said}");
}

#[test]
fn a_room_that_would_become_external_names_for_whom_not() {
    let room = [
        "--who", "alice", "--does", "invite", "--room", "bob,dave", "--brings", "line:ken",
    ];
    let said = explained(&room, 5);
    assert!(said.contains("`dave` may not use `line`"), "{said}");
    assert!(
        said.contains("Room: internal (company acme); external afterwards"),
        "{said}"
    );
}

#[test]
fn somebody_of_whom_nothing_is_known_is_told() {
    let said = explained(&["--who", "alice", "--room", "alice,stranger"], 5);
    assert!(
        said.contains("nobody knows where `stranger` stand"),
        "{said}"
    );
}

#[test]
fn a_network_that_a_company_is_silent_of_is_told() {
    let said = explained(
        &[
            "--who",
            "heidi",
            "--room",
            "heidi,line:mei",
            "--output",
            "json",
        ],
        5,
    );
    let json: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(json["block"]["reason"], "connect_denied");
    assert_eq!(json["rules"][0]["at"], "config/policy/globex.yaml:10");
}

/// A captured request with a photo and a quote.
const REQUEST: &str = "POST /v1/rooms/r3/messages HTTP/1.1\nHost: chat\n\
Authorization: Bearer secret-token\nContent-Type: application/json\n\n\
{\"content\":{\"type\":\"image\",\"file\":\"f1\"},\"quote\":\"m7\"}";

const FACTS: [&str; 4] = [
    "--thing",
    "file:f1=room:r3,author:alice,kind:camera",
    "--thing",
    "message:m7=room:r3,author:alice",
];

fn request(text: &str, arguments: &[&str], code: i32) -> String {
    let directory = files(&[("captured.http", text)]);
    let path = directory.path().join("captured.http");
    let capture = ["--request", shown(&path)];
    let arguments = capture.iter().chain(arguments);
    explained(&arguments.copied().collect::<Vec<_>>(), code)
}

#[test]
fn a_captured_request_is_explained() {
    let facts = ["--as", "alice", "--place", "room:r3=alice,line:mei"];
    let said = request(REQUEST, &[&facts[..], &FACTS[..]].concat(), 5);
    assert!(!said.contains("secret-token"));
    insta::assert_snapshot!(said);
}

#[test]
fn the_same_request_passes_in_an_internal_room() {
    let facts = ["--as", "alice", "--place", "room:r3=alice,bob"];
    let said = request(REQUEST, &[&facts[..], &FACTS[..]].concat(), 0);
    assert!(
        said.starts_with("POST /v1/rooms/r3/messages passes."),
        "{said}"
    );
}

#[test]
fn what_is_missing_is_listed_with_its_flag() {
    let said = request(REQUEST, &["--as", "alice"], 2);
    for flag in [
        "--place room:r3=",
        "--thing file:f1=",
        "--thing message:m7=",
    ] {
        assert!(said.contains(flag), "{flag}: {said}");
    }
    assert!(request(REQUEST, &[], 2).contains("--as ID"));
}

#[test]
fn a_capture_is_read_the_same_with_either_line_end() {
    let crlf = REQUEST.replace('\n', "\r\n");
    let flags = ["--as", "alice"];
    assert_eq!(request(REQUEST, &flags, 2), request(&crlf, &flags, 2));
}

#[test]
fn a_request_that_is_refused_before_a_decision_shows_why() {
    for (text, cause) in [
        ("GET /v1/nowhere HTTP/1.1\nHost: chat\n\n", "no_surface"),
        (
            "GET /v1/rooms/%72ooms/../x HTTP/1.1\nHost: chat\n\n",
            "path",
        ),
        ("GET /v1/rooms HTTP/1.1\n\n", "head"),
        ("GET /v1/rooms HTTP/1.1\nHost: chat\n\n", "unauthenticated"),
        (
            &REQUEST.replace("\"quote\"", "\"content\":1,\"quote\""),
            "unreadable",
        ),
        (
            &REQUEST.replace("application/json", "text/plain"),
            "media_type",
        ),
    ] {
        let said = request(text, &["--as", "alice"], 5);
        assert!(
            said.contains(&format!("cause: {cause})")),
            "{cause}: {said}"
        );
    }
}
