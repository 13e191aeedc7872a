//! Configuration: faulty files and what is said of them, good files and what they mean, and the
//! schemas that editors complete from.

use std::path::Path;
use std::time::Duration;

use borderpost::config::report::{Colour, Format, render};
use borderpost::config::{self, Disk, Files, Loaded, LogFormat, Memory, load_from};
use borderpost::gateway::settings::{Limits, UpstreamHttp, Waits};
use borderpost::policy::settings::{Connect, Permission, Restrict};
use borderpost::policy::{CompanyIx, ContentKind, NetworkIx, Side};
use borderpost::store::{Settings, Url};
use borderpost::yaml::shape::{Field, Kind, Presence, Shape};
use borderpost::yaml::{
    Budget, Decoder, Diagnostic, Source, Variables, parse, show_bytes, show_duration,
};

/// The dialect that ships.
const PLAIN: &str = include_str!("../config/dialects/plain.yaml");
const MATRIX: &str = include_str!("../config/dialects/matrix.yaml");

const GATEWAY: &str = "\
listeners:
  - address: 127.0.0.1:7700
upstream:
  url: http://127.0.0.1:7800
dialect: dialects/plain.yaml
";

const ACME: &str = "\
company: acme
members: [alice, bob]
external_messaging:
  line:
    connect: allow
    connected_members: [alice]
";

/// Legs that the shipped dialect has not.
const LEGS: &str = "
legs:
  bridge: { identity: reader, surfaces: {} }
  servers: { identity: { scheme: X-Sig, parameter: origin, people: '*:{claim}' }, surfaces: {} }
";

/// Files that load without a word.
fn good() -> Memory {
    Memory::default()
        .with("c/gateway.yaml", GATEWAY)
        .with("c/dialects/plain.yaml", PLAIN)
        .with("c/policy/acme.yaml", ACME)
}

fn environment(name: &str) -> Option<String> {
    match name {
        "BORDERPOST_SHORT" => Some("hunter2".to_owned()),
        "BORDERPOST_KEY" => Some("0123456789abcdef0123456789abcdef".to_owned()),
        "BORDERPOST_PORT" => Some("7711".to_owned()),
        "BORDERPOST_DRAIN" => Some("45s".to_owned()),
        _ => None,
    }
}

fn loaded(files: &Memory) -> Result<Loaded, Vec<Diagnostic>> {
    load_from(files, Path::new("c/gateway.yaml"), &environment)
}

/// What is said of a configuration, one line each.
fn said(files: &Memory) -> Vec<String> {
    let found = match loaded(files) {
        Ok(loaded) => loaded.warnings,
        Err(found) => found,
    };
    found.iter().map(ToString::to_string).collect()
}

/// `files` are good but for one file, of which exactly this is said.
fn check(path: &str, text: &str, expected: &[&str]) {
    assert_eq!(said(&good().with(path, text)), expected, "{text}");
}

#[test]
fn ids_that_the_dialect_does_not_know_are_told() {
    let gateway = GATEWAY.replace("plain.yaml", "matrix.yaml");
    let files = good()
        .with("c/gateway.yaml", &gateway)
        .with("c/dialects/matrix.yaml", MATRIX)
        .with(
            "c/policy/acme.yaml",
            "company: acme\nmembers: ['@bob:acme', alice]\n",
        );
    assert_eq!(
        said(&files),
        [
            "c/policy/acme.yaml:2:24: warning: `alice` is nobody's id in this dialect (they look like `@*:*`)"
        ]
    );
}

#[test]
fn good_files_load_without_a_word() {
    assert_eq!(said(&good()), Vec::<String>::new());
}

#[test]
fn a_store_is_named_and_not_opened() {
    let store = |more: &str| {
        let files = good().with("c/gateway.yaml", &format!("{GATEWAY}{more}"));
        loaded(&files).expect("it loads").store
    };
    let file = |path: &str| Some(Settings::Sqlite(path.into()));
    assert_eq!(store(""), None);
    assert_eq!(store("store: {sqlite: a.db}"), file("c/a.db"));
    assert_eq!(
        store("store: {sqlite: /nowhere/a.db}"),
        file("/nowhere/a.db")
    );
    for url in [
        "postgres://user@127.0.0.1/a",
        "host=/run/postgresql user=a",
        "postgres://db.example/a?sslmode=require",
    ] {
        let named = store(&format!("store: {{postgres: {{url: \"{url}\"}}}}"));
        assert_eq!(named, Some(Settings::Postgres(Url::new(url).unwrap())));
        assert!(!format!("{named:?}").contains("postgres://"));
    }
}

#[test]
fn faults_of_the_gateway_file() {
    let gateway = |more: &str| format!("{GATEWAY}{more}");
    let check = |more: &str, expected: &str| {
        check(
            "c/gateway.yaml",
            &gateway(more),
            &[&format!("c/gateway.yaml:{expected}")],
        );
    };
    check(
        "limts: {}",
        "6:1: error: unknown key `limts` (did you mean `limits`?)",
    );
    check(
        "workers: many",
        "6:10: error: found `many`, wanted a whole number from 1 to 1024",
    );
    check(
        "workers: 0",
        "6:10: error: found `0`, wanted a whole number from 1 to 1024",
    );
    check(
        "dialect: x",
        "6:1: error: the key `dialect` stands here a second time (keep one of them; the first is on line 5)",
    );
    check(
        "limits: {headers_max: 1, header_max: 2}",
        "6:26: error: unknown key `header_max` (did you mean `headers_max`?)",
    );
    check(
        "waits: {head: 10}",
        "6:15: error: found `10`, wanted a length of time from 1ms to 1h (write a whole number and a unit: `500ms`, `10s`, `5m`, `2h`, `1d`)",
    );
    check(
        "admin: {address: localhost}",
        "6:18: error: found `localhost`, wanted an address and a port, such as `127.0.0.1:7700`",
    );
    check(
        "admin: {address: 127.0.0.1:7700}",
        "6:18: error: a listener and `admin` have the same address (give the administrator's listener its own port)",
    );
    check(
        "trusted_proxies: [10.0.0.0/8, 10.0.0.0/33]",
        "6:31: error: found `10.0.0.0/33`, wanted an address or a net, such as `10.0.0.0/8`",
    );
    check(
        "store: {}",
        "6:8: error: it is not said which store it is (write `sqlite: borderpost.db`, or `postgres` with its `url`)",
    );
    check(
        "store: {sqlite: a.db, postgres: {url: postgres://localhost/a}}",
        "6:8: error: there are two stores (write `sqlite` or `postgres`, whichever it is)",
    );
    check(
        "store: {postgres: {}}",
        "6:19: error: the key `url` is missing here (add `url: …` to this mapping)",
    );
    check(
        "store: {postgres: {url: http}}",
        "6:25: error: this is no address of a database (write `postgres://user@host/database`)",
    );
    check(
        "store: {postgres: {url: postgres://db.example/a}}",
        "6:25: error: this database would be spoken to in clear text (add `?sslmode=require`: only on this machine TLS can be left out)",
    );
    check(
        "store: {postgres: {url: \"postgres://a:b@localhost/a\"}}",
        "6:25: warning: a password stands in the file (write `${BORDERPOST_STORE_URL}` and set that variable)",
    );
    check(
        "pseudonym_key: ${BORDERPOST_SHORT}",
        "6:16: error: this secret is shorter than 32 characters (make one by `openssl rand -hex 32`)",
    );
    check(
        "pseudonym_key: ${BORDERPOST_NONE:?it is needed}",
        "6:16: error: the variable `BORDERPOST_NONE` is not set: it is needed (set `BORDERPOST_NONE` before starting)",
    );
    check(
        "workers: ${BORDERPOST_SHORT}",
        "6:10: error: found `${BORDERPOST_SHORT}`, wanted a whole number from 1 to 1024",
    );
    check(
        "policy: ../policy",
        "6:9: error: `../policy` lies outside the configuration's directory (move the file below the directory of gateway.yaml)",
    );
    check(
        "policy: /etc/passwd",
        "6:9: error: `/etc/passwd` lies outside the configuration's directory (move the file below the directory of gateway.yaml)",
    );
    check(
        "policy: polices",
        "6:9: error: there is no file `polices` (it was looked for at `c/polices`)",
    );
    check(
        "log: {level: warning}",
        "6:14: error: found `warning`, wanted `error`, `warn`, `info`, `debug` or `trace`",
    );
    check(
        "networks: {line: {between_companies: true}, works: {between_companies: true}}",
        "6:72: error: a second network `between_companies` (members of two companies meet through one network)",
    );
}

#[test]
fn faults_of_legs() {
    let dialect = format!("{}{LEGS}", PLAIN.replace("id: \"*\"", "id: \"*:*\""));
    let dialect = dialect.replace("unknown-{pseudonym}", "unknown:{pseudonym}");
    let files = good().with("c/dialects/plain.yaml", &dialect);
    let said_of = |legs: &str, token: &str| {
        let upstream = format!("  url: http://127.0.0.1:7800\n{token}");
        let text = GATEWAY.replace("  url: http://127.0.0.1:7800\n", &upstream);
        let files = files.clone();
        let mut said = said(&files.with("c/gateway.yaml", &format!("{text}legs:\n{legs}")));
        // Whom the companies list has ids of another form, which is told, too.
        said.retain(|one| one.starts_with("c/gateway.yaml:"));
        said
    };
    let token = "  lookup_token: t\n";
    let check = |leg: &str, expected: &[&str]| {
        let listed = format!("  - {{{leg}}}\n");
        let found = said_of(&listed, token);
        let expected: Vec<String> = expected
            .iter()
            .map(|fault| format!("c/gateway.yaml:{fault}"))
            .collect();
        assert_eq!(found, expected, "{leg}");
    };
    let at = "listeners: [{address: 127.0.0.1:7701}]";
    check(&format!("leg: bridge, {at}, reader: 'line:mei'"), &[]);
    check(&format!("leg: servers, {at}"), &[]);
    check(
        &format!("leg: server, {at}"),
        &["8:11: error: the dialect `plain` has no leg `server` (did you mean `servers`?)"],
    );
    check(
        &format!("leg: push, {at}"),
        &[
            "8:11: error: the dialect `plain` has no leg `push` (its legs stand under `legs` in the dialect's file)",
        ],
    );
    check(
        &format!("leg: bridge, {at}"),
        &[
            "8:11: error: by whose eyes `bridge` is read is not said (say `reader`: the id of a person of the network behind it)",
        ],
    );
    check(
        &format!("leg: bridge, {at}, reader: mei"),
        &[
            "8:67: error: `mei` is no id of a person in this dialect (such as those that stand in the companies' files)",
        ],
    );
    check(
        &format!("leg: servers, {at}, reader: 'line:mei'"),
        &["8:68: error: `servers` tells by itself who reads it (remove `reader`)"],
    );
    check(
        &format!("leg: servers, {at}, upstream: {{url: 'http://h:1', lookup_token: t}}"),
        &["8:104: error: what must be learnt is asked of the message server, not here (remove it)"],
    );
    check(
        "leg: servers, listeners: [{address: 127.0.0.1:7700}]",
        &["8:42: error: two listeners have the address `127.0.0.1:7700` (give each its own port)"],
    );
    check(
        "leg: servers, listeners: []",
        &["8:31: error: there is no listener (add `- address: 127.0.0.1:7700`)"],
    );
    assert_eq!(
        said_of(&format!("  - {{leg: servers, {at}}}\n"), ""),
        [
            "c/gateway.yaml:7:11: error: who is in a room can't be learnt on `servers` (say `lookup_token` under `upstream`: nobody who asks here has a token)"
        ]
    );
}

#[test]
fn faults_of_listeners_and_upstream() {
    let check = |listener: &str, upstream: &str, expected: &str| {
        let text = format!(
            "listeners: [{listener}]\nupstream: {upstream}\ndialect: dialects/plain.yaml\n"
        );
        let found = said(&good().with("c/gateway.yaml", &text));
        assert_eq!(found, [format!("c/gateway.yaml:{expected}")]);
    };
    let (listener, upstream) = ("{address: 127.0.0.1:1}", "{url: http://h:1}");
    check(
        "",
        upstream,
        "1:12: error: there is no listener (add `- address: 127.0.0.1:7700`)",
    );
    check(
        "{}",
        upstream,
        "1:13: error: the key `address` is missing here (add `address: …` to this mapping)",
    );
    check(
        &format!("{listener}, {listener}"),
        upstream,
        "1:47: error: two listeners have the address `127.0.0.1:1` (give each its own port)",
    );
    check(
        "{address: 127.0.0.1:1, tls: {certificate: a.crt, key: dialects/plain.yaml}}",
        upstream,
        "1:55: error: there is no file `a.crt` (it was looked for at `c/a.crt`)",
    );
    for url in [
        "h:1",
        "ftp://h",
        "http://a@h",
        "http://h/x",
        "http://h:99999",
        "http://h:0",
        "http://h?x",
    ] {
        check(
            listener,
            &format!("{{url: '{url}'}}"),
            &format!(
                "2:17: error: found `\"{url}\"`, wanted `http://host:port` or `https://host:port` (without user, path or query)"
            ),
        );
    }
    check(
        listener,
        "{url: http://h, tls: {}}",
        "2:32: error: `tls` without an `https` url (write `https://` in the url, or remove `tls`)",
    );
    check(
        listener,
        "{url: https://h, tls: {key: dialects/plain.yaml}}",
        "2:39: error: `certificate` and `key` belong together (name both, or neither)",
    );
}

/// Whoever reads for a network is one of its people, and stays it.
#[test]
fn faults_of_readers() {
    let leg = "legs: { bridge: { identity: reader, surfaces: {} } }\n";
    let files = good().with("c/dialects/plain.yaml", &format!("{PLAIN}{leg}"));
    let check = |token: &str, reader: &str, expected: &[&str]| {
        let upstream = format!("upstream:\n{token}");
        let gateway = GATEWAY.replace("upstream:\n", &upstream);
        let leg =
            format!("legs: [{{ leg: bridge, listeners: [{{ address: 127.0.0.1:1 }}], {reader} }}]");
        let files = files.clone();
        let found = said(&files.with("c/gateway.yaml", &format!("{gateway}{leg}")));
        let expected = expected.iter().map(|it| format!("c/gateway.yaml:{it}"));
        assert_eq!(found, expected.collect::<Vec<_>>(), "{reader}");
    };
    let token = "  lookup_token: token\n";
    check(token, "reader: 'line:bot'", &[]);
    check(
        token,
        "reader: alice",
        &[
            "7:70: error: `alice` is a company's member, of no network (name somebody whose id is one of a network's `people`)",
        ],
    );
    check(
        token,
        "reader: bot",
        &[
            "7:70: error: `bot` is of no network (name somebody whose id is one of a network's `people`)",
        ],
    );
    check(
        "",
        "reader: 'line:bot'",
        &[
            "6:15: error: who is in a room can't be learnt on `bridge` (say `lookup_token` under `upstream`: nobody who asks here has a token)",
        ],
    );
}

#[test]
fn faults_of_a_policy_file() {
    let check = |text: &str, expected: &[&str]| {
        let expected: Vec<_> = expected
            .iter()
            .map(|one| format!("c/policy/acme.yaml:{one}"))
            .collect();
        let expected: Vec<_> = expected.iter().map(String::as_str).collect();
        check("c/policy/acme.yaml", text, &expected);
    };
    let rules = |rules: &str| {
        format!(
            "company: acme\nmembers: [alice]\nexternal_messaging: {{line: {{connect: allow, {rules}}}}}\n"
        )
    };
    check(
        "members: [alice]\n",
        &["1:1: error: the key `company` is missing here (add `company: …` to this mapping)"],
    );
    check(
        "company: acme\n",
        &[
            "1:10: warning: this company has no members (name them under `members`: a list, a file or a pattern)",
        ],
    );
    check(
        "company: a b\n",
        &[
            "1:10: error: a company's id is one word of 64 bytes at most (the name for people stands under `name`)",
        ],
    );
    check(
        "company: acme\nmembers: alice\n",
        &["2:10: error: found `alice`, wanted a list or a mapping"],
    );
    check(
        "company: acme\nmembers: [a b]\n",
        &["2:11: error: an id with white space: `a b` (one id stands on a line, without a comma)"],
    );
    check(
        "company: acme\nmembers: {file: none.txt}\n",
        &["2:17: error: there is no file `none.txt` (it was looked for at `c/policy/none.txt`)"],
    );
    check(
        "company: acme\nmembers: {file: ../../x.txt}\n",
        &[
            "2:17: error: `../../x.txt` lies outside the configuration's directory (move the file below the directory of gateway.yaml)",
        ],
    );
    check(
        "company: acme\nmembers: [alice, alice]\n",
        &["2:18: warning: `alice` is listed a second time (remove one of them)"],
    );
    check(
        "company: acme\nmembers: [alice]\nsuspended: [bob]\n",
        &[
            "3:13: warning: `bob` is no member of `acme`, so there is nobody to suspend (list them under `members`, or remove them here)",
        ],
    );
    check(
        "company: acme\nmembers: [alice]\nexternal_messaging: {lines: {connect: deny}}\n",
        &["3:22: error: there is no network `lines` (did you mean `line`?)"],
    );
    check(
        "company: acme\nmembers: [alice]\nexternal_messaging: {chat: {connect: deny}}\n",
        &[
            "3:22: error: there is no network `chat` (declare it under `networks` in gateway.yaml; declared there: line, works)",
        ],
    );
    check(
        "company: acme\nmembers: [alice]\nexternal_messaging: {line: {permission: by_member}}\n",
        &["3:28: error: the key `connect` is missing here (add `connect: …` to this mapping)"],
    );
    check(
        &rules("connected_members: [bob]"),
        &[
            "3:65: warning: `bob` is no member of `acme`, so this grant has no effect (list them under `members`, or remove them here)",
        ],
    );
    check(
        &rules("permission: all_members, connected_members: [alice]"),
        &[
            "3:89: warning: these grants sleep under `permission: all_members` (they wake when the permission returns to `by_member`)",
        ],
    );
    check(
        &rules("permission: all_members, auto_grant_new_members: true"),
        &[
            "3:94: error: `auto_grant_new_members: true` contradicts `permission: all_members` (under `all_members` nobody needs a grant: remove this line, or write `permission: by_member`)",
        ],
    );
    check(
        &rules("restrict_attachments: yes"),
        &["3:67: error: found `yes`, wanted `true`, `false` or `outbound`"],
    );
    check(
        &rules("restricted_kinds: [photo]"),
        &[
            "3:64: error: found `photo`, wanted `sticker`, `location`, `link`, `camera`, `contacts`, `drive`, `template` or `file`",
        ],
    );
    check(
        &rules("greeting: {messages: [a, b, c, d, e, f]}"),
        &["3:82: error: more than 5 greeting messages (remove this one and those behind it)"],
    );
    check(
        &rules("greeting: {messages: ['{peer} {membr} { {x y} }']}"),
        &[
            "3:67: error: unknown placeholder `{membr}` (did you mean `{member}`?)",
            "3:67: error: unknown placeholder `{x y}` (known here: `{member}`, `{company}`, `{peer}`)",
        ],
    );
    check(
        &rules("greeting: {enabled: true}"),
        &[
            "3:55: warning: this greeting has no message, so none is sent (add `messages`, or write `enabled: false`)",
        ],
    );
    check(
        "company: acme\nmembers: [alice]\ncontacts: [[alice]]\n",
        &["3:12: error: a contact is two ids (write `[member, peer]`)"],
    );
    check(
        "company: acme\nmembers: [alice]\ncontacts: [[bob, line:x]]\n",
        &[
            "3:13: warning: `bob` is no member of `acme`, so this contact has no effect (list them under `members`, or remove them here)",
        ],
    );
}

#[test]
fn all_mistakes_of_all_files_are_found_at_once() {
    let files = good()
        .with(
            "c/gateway.yaml",
            &GATEWAY
                .replace("upstream:", "upstrem:")
                .replace("7700", "x"),
        )
        .with(
            "c/policy/acme.yaml",
            "company: acme\nmembers: {list: [alice, bob], file: more.txt}\nsuspended: 3\n",
        )
        .with("c/policy/more.txt", "carol\nd e\n\nalice\n")
        .with(
            "c/policy/globex.yaml",
            "company: globex\nmembers: [grace, alice]\nname:\n  a: 1\n   b: 2\n",
        )
        .with("c/policy/initech.yaml", "company: acme\nmembers: [carol]\n")
        .with(
            "c/policy/umbrella.yaml",
            "company: umbrella\nmembers: [carol]\n",
        )
        .with("c/dialects/plain.yaml", "a: 1\na: 2\n");
    let found = said(&files);
    let places: Vec<_> = found
        .iter()
        .map(|one| one.split(": ").take(2).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        places,
        [
            "c/gateway.yaml:1:1 error",
            "c/gateway.yaml:2:14 error",
            "c/gateway.yaml:3:1 error",
            "c/dialects/plain.yaml:2:1 error",
            "c/policy/acme.yaml:3:12 error",
            "c/policy/more.txt:2:1 error",
            "c/policy/more.txt:4:1 warning",
            "c/policy/globex.yaml:5:5 error",
            "c/policy/initech.yaml:1:10 error",
            "c/policy/umbrella.yaml:2:11 error",
        ],
        "{found:#?}"
    );
}

#[test]
fn frames_show_the_place_and_what_to_do() {
    let files = good()
        .with("c/policy/acme.yaml", "company: acme\nname: 회사 # 이름\nmembers: {file: people.txt}\nexternal_messaging:\n  line: {connect: alow, permission: all_members, auto_grant_new_members: true}\n")
        .with("c/policy/people.txt", "# everybody\nalice\n")
        .with("c/policy/globex.yaml", "company: globex\nmembers:\n  - alice\n");
    let found = loaded(&files).unwrap_err();
    insta::assert_snapshot!("frames", render(&found, Format::Text(Colour::None)));
    insta::assert_snapshot!("github", render(&found, Format::Github));
    insta::assert_snapshot!("json", render(&found, Format::Json));
}

#[test]
fn a_file_that_is_missing_is_named() {
    let found = load_from(&Disk, Path::new("no/such/gateway.yaml"), &environment).unwrap_err();
    let text = render(&found, Format::Text(Colour::None));
    assert!(
        text.contains("no/such/gateway.yaml: there is no such file"),
        "{text}"
    );
    let github = render(&found, Format::Github);
    assert_eq!(
        github,
        "::error file=no/such/gateway.yaml::there is no such file\n"
    );
}

#[test]
fn bombs_and_huge_files_are_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        bomb += &format!(
            "a{level}: &a{level} [{}]\n",
            vec![format!("*a{}", level - 1); 10].join(", ")
        );
    }
    let found = said(&good().with("c/policy/bomb.yaml", &bomb));
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("more than 250000 values"), "{found:?}");

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("gateway.yaml");
    std::fs::File::create(&path)
        .unwrap()
        .set_len(100 << 20)
        .unwrap();
    let found = config::load(&path, &environment).unwrap_err();
    assert_eq!(found[0].message, "the file is larger than 4MiB");
}

#[test]
fn a_link_that_leads_outside_is_refused() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("acme.yaml"), ACME).unwrap();
    let inside = tempfile::tempdir().unwrap();
    let root = inside.path();
    std::fs::create_dir_all(root.join("policy")).unwrap();
    std::fs::create_dir_all(root.join("dialects")).unwrap();
    std::fs::write(root.join("gateway.yaml"), GATEWAY).unwrap();
    std::fs::write(root.join("dialects/plain.yaml"), PLAIN).unwrap();
    std::fs::write(root.join("policy/inside.yaml"), ACME).unwrap();
    let load = || config::load(&root.join("gateway.yaml"), &environment);
    assert!(load().is_ok());
    std::os::unix::fs::symlink("inside.yaml", root.join("policy/.hidden.yaml")).unwrap();
    assert!(load().is_ok(), "hidden files are not read");
    std::os::unix::fs::symlink(
        outside.path().join("acme.yaml"),
        root.join("policy/other.yaml"),
    )
    .unwrap();
    let found = load().unwrap_err();
    assert_eq!(
        found[0].message,
        "this file leads outside the configuration's directory"
    );
}

#[test]
fn the_gateway_file_means_what_it_says() {
    let text = "\
listeners:
  - address: 127.0.0.1:${BORDERPOST_PORT}
    http2: false
  - address: '[::1]:0'
    tls: {certificate: tls/a.crt, key: /etc/key.pem}
upstream: {url: 'https://chat.example', http: http2, host: inner, connections_max: 3}
dialect: dialects/plain.yaml
limits: {headers_max: 7, upload_bytes_max: 2GiB, http2_streams_max: 9}
waits:
  drain: ${BORDERPOST_DRAIN}
workers: 2
trusted_proxies: [10.0.0.0/8, '::1']
identity_headers: [X-Forwarded-User]
log: {format: json}
rooms: {stale_after: 5s, remembered_max: 10}
pseudonym_key: ${BORDERPOST_KEY}
";
    let files = good()
        .with("c/gateway.yaml", text)
        .with("c/tls/a.crt", "")
        .with("/etc/key.pem", "");
    let loaded = loaded(&files).unwrap();
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    let gateway = &loaded.gateway;
    assert_eq!(gateway.listeners[0].address.port(), 7711);
    assert!(!gateway.listeners[0].http2 && gateway.listeners[1].http2);
    let tls = gateway.listeners[1].tls.as_ref().unwrap();
    assert_eq!(tls.certificate, Path::new("c/tls/a.crt"));
    assert_eq!(tls.key, Path::new("/etc/key.pem"));
    let upstream = &gateway.upstream;
    assert!(upstream.tls.is_some());
    assert_eq!(
        (upstream.host.as_str(), upstream.port),
        ("chat.example", 443)
    );
    assert_eq!(upstream.host_header.as_deref(), Some("inner"));
    assert_eq!(
        (upstream.http, upstream.connections_max),
        (UpstreamHttp::Http2, 3)
    );
    let limits = Limits {
        headers_max: 7,
        upload_bytes_max: 2 << 30,
        http2_streams_max: 9,
        ..Limits::default()
    };
    assert_eq!(gateway.limits, limits);
    let waits = Waits {
        drain: Duration::from_secs(45),
        ..Waits::default()
    };
    assert_eq!(gateway.waits, waits);
    assert_eq!(
        (gateway.workers, gateway.trusted_proxies.len()),
        (Some(2), 2)
    );
    assert_eq!(gateway.identity_headers, ["x-forwarded-user"]);
    assert_eq!(loaded.log.format, LogFormat::Json);
    assert_eq!(
        (loaded.rooms.stale_after, loaded.rooms.remembered_max),
        (Duration::from_secs(5), 10)
    );
    assert_eq!(loaded.tokens, config::LearntSettings::default());
    assert_eq!(loaded.pseudonym_key.as_ref().unwrap().expose().len(), 32);
    assert!(
        !format!("{loaded:?}").contains("0123456789abcdef"),
        "a secret is not shown"
    );
}

#[test]
fn a_secret_in_the_file_is_warned_of() {
    let text = format!("{GATEWAY}pseudonym_key: {}\n", "k".repeat(32));
    let found = said(&good().with("c/gateway.yaml", &text));
    assert_eq!(
        found,
        [
            "c/gateway.yaml:6:16: warning: a secret stands in the file (write `${BORDERPOST_PSEUDONYM_KEY}` and set that variable)"
        ]
    );
}

#[test]
fn defaults_that_are_documented_are_those_that_hold() {
    let loaded = loaded(&good()).unwrap();
    let shape = config::shape("gateway").unwrap();
    let spelled: String = ["limits", "waits", "admin", "log", "rooms", "tokens"]
        .iter()
        .map(|name| {
            let field = shape
                .fields
                .iter()
                .find(|field| field.name == *name)
                .unwrap();
            let Kind::Mapping(section) = &field.kind else {
                panic!()
            };
            let keys = section.fields.iter().map(|field| match field.presence {
                Presence::Default(text) => format!("{}: {text}", field.name),
                other => panic!("{} is {other:?}", field.name),
            });
            format!("{name}: {{{}}}\n", keys.collect::<Vec<_>>().join(", "))
        })
        .collect();
    let again = gateway_with(&format!("{GATEWAY}{spelled}"));
    assert_eq!(again.gateway, loaded.gateway);
    assert_eq!((again.admin, again.log), (loaded.admin, loaded.log));
    assert_eq!((again.rooms, again.tokens), (loaded.rooms, loaded.tokens));
}

fn gateway_with(gateway: &str) -> Loaded {
    loaded(&good().with("c/gateway.yaml", gateway)).unwrap()
}

#[test]
fn a_policy_means_what_it_says() {
    let text = "\
company: acme
name: Acme Corp
members: {list: [alice], file: members.txt, match: '*@acme'}
suspended: [bob]
external_messaging:
  line:
    connect: allow
    restrict_attachments: outbound
    restricted_kinds: [file, sticker]
    greeting: {messages: [hi, ho]}
    connected_members: {list: [alice], file: grants.txt}
  works:
    connect: deny
contacts: {file: contacts.txt, list: [[alice, line:mei]]}
";
    let files = good()
        .with("c/policy/acme.yaml", text)
        .with("c/policy/members.txt", "bob # boss\ncarol\n")
        .with("c/policy/grants.txt", "carol\nnew@acme\n")
        .with("c/policy/contacts.txt", "carol line:ken\n");
    let loaded = loaded(&files).unwrap();
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    let (acme, line, works) = (CompanyIx(0), NetworkIx(0), NetworkIx(1));
    assert_eq!(loaded.policy.between_companies, Some(works));
    assert_eq!(loaded.policy.companies[0].name, "Acme Corp");
    let rules = loaded.policy.rules(acme, line).unwrap();
    assert_eq!(
        (rules.connect, rules.permission),
        (Connect::Allow, Permission::ByMember)
    );
    assert_eq!(rules.restrict_attachments, Restrict::Outbound);
    let kinds: Vec<_> = rules.restricted_kinds.unwrap().iter().collect();
    assert_eq!(kinds, [ContentKind::Sticker, ContentKind::File]);
    assert_eq!(rules.greeting, ["hi", "ho"]);
    assert_eq!(
        loaded.policy.rules(acme, works).unwrap().connect,
        Connect::Deny
    );
    let directory = &loaded.directory;
    let granted = |id: &str| {
        let standing = directory.lookup(id);
        assert_eq!(standing.side, Side::Company(acme), "{id}");
        standing.grants.contains(line)
    };
    assert!(granted("alice") && granted("carol") && granted("new@acme"));
    assert!(!granted("bob") && !granted("other@acme"));
    assert!(directory.lookup("bob").suspended && !directory.lookup("alice").suspended);
    assert_eq!(directory.lookup("line:mei").side, Side::Network(line));
    assert_eq!(directory.lookup("mallory").side, Side::Unclassified);
    assert!(directory.contact("alice", "line:mei") && directory.contact("carol", "line:ken"));
    assert!(!directory.contact("alice", "line:ken"));
    assert_eq!(loaded.files.len(), 6, "{:?}", loaded.files);
}

#[test]
fn long_lists_are_read_and_their_mistakes_bounded() {
    let mut lines: String = (0..100_000)
        .map(|number| format!("user{number}\n"))
        .collect();
    let files = good()
        .with("c/policy/acme.yaml", "company: acme\nmembers: {file: all.txt}\nexternal_messaging: {line: {connect: allow, connected_members: {file: all.txt}}}\n")
        .with("c/policy/all.txt", &lines);
    let directory = loaded(&files).unwrap().directory;
    assert_eq!(directory.people_count(), 100_000);
    assert!(directory.lookup("user99999").grants.contains(NetworkIx(0)));

    lines.push_str(&"a, b\n".repeat(1_000));
    let files = good()
        .with(
            "c/policy/acme.yaml",
            "company: acme\nmembers: {file: all.txt}\n",
        )
        .with("c/policy/all.txt", &lines);
    let found = said(&files);
    assert_eq!(found.len(), 21);
    assert_eq!(
        found[0],
        "c/policy/all.txt:100001:1: error: an id with white space: `a, b` (one id stands on a line, without a comma)"
    );
    assert!(
        found[20].contains("980 more mistakes are not shown"),
        "{}",
        found[20]
    );
}

#[test]
fn the_shipped_files_load() {
    let files = Memory::default()
        .with(
            "config/gateway.yaml",
            include_str!("../config/gateway.yaml"),
        )
        .with("config/dialects/plain.yaml", PLAIN)
        .with(
            "config/policy/acme.yaml",
            include_str!("../config/policy/acme.yaml"),
        )
        .with(
            "config/policy/globex.yaml",
            include_str!("../config/policy/globex.yaml"),
        );
    let loaded = load_from(&files, Path::new("config/gateway.yaml"), &environment).unwrap();
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    assert_eq!(loaded.directory.people_count(), 6);
    assert_eq!(
        loaded.directory.lookup("line:mei").side,
        Side::Network(NetworkIx(0))
    );
}

#[test]
fn what_the_shipped_gateway_file_comments_out_is_valid_and_complete() {
    let text = include_str!("../config/gateway.yaml");
    let shape = config::shape("gateway").unwrap();
    every_key(shape, &mut |field| {
        let shown = format!("{}:", field.name);
        assert!(
            text.contains(&shown),
            "gateway.yaml does not show `{}`",
            field.name
        );
        if let Presence::Default(default) = field.presence
            && !["policy", "people", "between_companies", "restricted_kinds"].contains(&field.name)
        {
            let shown = format!("{}: {default}\n", field.name);
            assert!(
                text.contains(&shown),
                "gateway.yaml does not show `{shown}`"
            );
        }
    });
}

fn every_key(shape: &Shape, with: &mut dyn FnMut(&Field)) {
    for field in shape.fields {
        with(field);
        if let Some(inner) = mapping_within(&field.kind) {
            every_key(inner, with);
        }
    }
}

fn mapping_within(kind: &Kind) -> Option<&'static Shape> {
    match kind {
        Kind::Mapping(shape) | Kind::ListOr(_, shape) => Some(shape),
        Kind::Named(_, inner) | Kind::List(inner) | Kind::OneOrMany(inner) => mapping_within(inner),
        _ => None,
    }
}

/// Whether the check that the gateway makes takes `text`.
fn checked(shape: &Shape, text: &str) -> bool {
    let document = parse(Source::new("f", text), Budget::default()).unwrap();
    let mut decoder = Decoder::new(&document);
    shape.check(&mut decoder, &document.root);
    !decoder.has_errors()
}

/// Whether the schema that an editor uses takes `text`.
fn validated(schema: &jsonschema::Validator, text: &str) -> bool {
    schema.is_valid(&as_json(text))
}

/// A YAML text as an editor's reader takes it.
fn as_json(text: &str) -> serde_json::Value {
    use borderpost::yaml::{Node, Value};
    fn json(node: &Node) -> serde_json::Value {
        match &node.value {
            Value::Null => serde_json::Value::Null,
            Value::Scalar(scalar) if scalar.plain => {
                serde_json::from_str(&scalar.text).unwrap_or_else(|_| scalar.text.clone().into())
            }
            Value::Scalar(scalar) => scalar.text.clone().into(),
            Value::Sequence(items) => items.iter().map(json).collect(),
            Value::Mapping(entries) => entries
                .iter()
                .map(|(key, value)| (key.text.clone(), json(value)))
                .collect(),
        }
    }
    json(
        &parse(Source::new("f", text), Budget::default())
            .unwrap()
            .root,
    )
}

/// A valid value as a person would write it, and a wrong one.
fn samples(kind: &Kind) -> (String, &'static str) {
    match kind {
        Kind::Text | Kind::Path => ("abc".into(), "[a]"),
        Kind::Bool => ("true".into(), "maybe"),
        Kind::Integer(least, _) => (least.to_string(), "many"),
        Kind::Duration(_, most) => (show_duration(Duration::from_millis(*most)), "10"),
        Kind::Bytes(_, most) => (show_bytes(*most), "10"),
        Kind::Word(words) => (words[words.len() - 1].into(), "nonsense"),
        Kind::Mapping(shape) => (mapping(shape, |_| true), "[a]"),
        Kind::Named(_, value) => (format!("{{some: {}}}", samples(value).0), "[a]"),
        Kind::List(item) => (format!("[{}]", samples(item).0), "{a: 1}"),
        Kind::OneOrMany(item) => (samples(item).0, "{nonsense: 1}"),
        Kind::ListOr(item, _) => (format!("[{}]", samples(item).0), "text"),
    }
}

/// A mapping with the keys that `with` picks.
fn mapping(shape: &Shape, with: impl Fn(&Field) -> bool) -> String {
    let fields = shape.fields.iter().filter(|field| with(field));
    let all = fields.map(|field| format!("{}: {}", field.name, samples(&field.kind).0));
    format!("{{{}}}", all.collect::<Vec<_>>().join(", "))
}

fn agree_on(shape: &'static Shape, variables: Variables) {
    let schema = serde_json::from_str(&shape.json_schema(variables)).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let agree = |text: &str, expected: bool| {
        assert_eq!(checked(shape, text), expected, "check of {text}");
        assert_eq!(validated(&schema, text), expected, "schema of {text}");
    };
    let whole = mapping(shape, |_| true);
    agree(&whole, true);
    agree(&whole.replacen('{', "{nonsense: 1, ", 1), false);
    for field in shape.fields {
        let others = mapping(shape, |other| other.name != field.name);
        agree(&others, field.presence != Presence::Required);
        let (_, wrong) = samples(&field.kind);
        let one_wrong = others.replacen('{', &format!("{{{}: {wrong}, ", field.name), 1);
        agree(&one_wrong.replace(", }", "}"), false);
        if let Presence::Default(text) = field.presence {
            let spelled = others.replacen('{', &format!("{{{}: {text}, ", field.name), 1);
            agree(&spelled.replace(", }", "}"), true);
        }
        if let Some(inner) = mapping_within(&field.kind) {
            agree_on(inner, variables);
        }
    }
}

#[test]
fn schema_and_check_agree_on_every_key() {
    agree_on(config::shape("gateway").unwrap(), Variables::Filled);
    agree_on(config::shape("policy").unwrap(), Variables::Literal);
}

#[test]
fn schemas_take_the_shipped_files() {
    for (name, text) in [
        ("gateway", include_str!("../config/gateway.yaml")),
        ("policy", include_str!("../config/policy/acme.yaml")),
        ("policy", include_str!("../config/policy/globex.yaml")),
    ] {
        let schema = serde_json::from_str(&config::schema(name).unwrap()).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<_> = schema
            .iter_errors(&as_json(text))
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}

#[test]
fn the_committed_schemas_are_those_of_the_code() {
    for name in config::SCHEMAS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("config/schema/{name}.json"));
        let made = config::schema(name).unwrap();
        // Set this variable to write them anew after a change of the shapes.
        if std::env::var_os("BORDERPOST_WRITE_SCHEMAS").is_some() {
            std::fs::write(&path, &made).unwrap();
        }
        let committed = Disk.read(&path, 1 << 20).unwrap();
        assert!(
            committed.text == made,
            "{} is stale: run this test with BORDERPOST_WRITE_SCHEMAS=1",
            path.display()
        );
    }
}
