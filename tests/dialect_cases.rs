//! Golden dialect cases: routes, mistakes and bodies in YAML, and what the dialect makes of them.

use borderpost::dialect::json::scan::{Manners, Twins, scan};
use borderpost::dialect::program::{Meaning, Part, ScopeKind};
use borderpost::dialect::reading::{Find, ScopeIx};
use borderpost::dialect::{
    AnswerForm, Body, Dialect, PathFault, Program, Reading, Refusal, RouteFault, Vars,
};
use borderpost::yaml::{Budget, Document, Node, Source, Value, parse};

fn read(path: &str) -> Document {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/");
    let text = std::fs::read_to_string(format!("{root}{path}")).unwrap();
    document(path, &text)
}

fn document(name: &str, text: &str) -> Document {
    parse(Source::new(name, text), Budget::default())
        .unwrap_or_else(|faults| panic!("{name}: {faults:#?}"))
}

fn entries(node: &Node) -> Vec<(&str, &Node)> {
    match &node.value {
        Value::Mapping(entries) => entries.iter().map(|(k, v)| (k.text.as_str(), v)).collect(),
        _ => panic!("not a mapping: {}", node.shown()),
    }
}

fn items(node: &Node) -> &[Node] {
    match &node.value {
        Value::Sequence(items) => items,
        _ => panic!("not a list: {}", node.shown()),
    }
}

fn field<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    let found = entries(node).into_iter().find(|(known, _)| *known == key);
    found.map(|(_, value)| value)
}

fn text<'n>(node: &'n Node, key: &str) -> &'n str {
    let value = field(node, key).and_then(Node::as_text);
    value.unwrap_or_else(|| panic!("a case lacks `{key}`"))
}

fn compile(document: &Document) -> Result<Dialect, String> {
    match Dialect::compile(document) {
        Ok(compiled) if compiled.warnings.is_empty() => Ok(compiled.dialect),
        Ok(compiled) => Err(shown(&compiled.warnings)),
        Err(faults) => Err(shown(&faults)),
    }
}

/// One line a mistake: `line:column message (help)`.
fn shown(faults: &[borderpost::yaml::Diagnostic]) -> String {
    let line = |fault: &borderpost::yaml::Diagnostic| {
        let (line, column) = fault.position().unwrap_or_default();
        format!("{line}:{column} {}\n", fault.message)
    };
    faults.iter().map(line).collect()
}

fn plain() -> &'static Dialect {
    static PLAIN: std::sync::OnceLock<Dialect> = std::sync::OnceLock::new();
    PLAIN.get_or_init(|| {
        compile(&read("config/dialects/plain.yaml")).unwrap_or_else(|faults| panic!("{faults}"))
    })
}

fn matrix() -> &'static Dialect {
    static MATRIX: std::sync::OnceLock<Dialect> = std::sync::OnceLock::new();
    MATRIX.get_or_init(|| {
        compile(&read("config/dialects/matrix.yaml")).unwrap_or_else(|faults| panic!("{faults}"))
    })
}

fn meaning(dialect: &Dialect, meaning: Option<Meaning>) -> String {
    match meaning {
        None => "_".to_owned(),
        Some(Meaning::Place(ix)) => dialect.places[usize::from(ix.0)].name.clone(),
        Some(Meaning::Thing(ix)) => dialect.things[usize::from(ix.0)].name.clone(),
        Some(Meaning::Person(part)) => part_name(part).to_owned(),
        Some(Meaning::CountsAs(kind)) => format!("counts_as:{kind}"),
        Some(Meaning::Button(kind)) => format!("button:{kind}"),
        Some(Meaning::ActIs(act)) => format!("act:{act}"),
        Some(Meaning::Attribute(mask)) => format!("{mask:?}").to_lowercase(),
        Some(Meaning::Kind(_)) => "kind".to_owned(),
        Some(Meaning::Count(_)) => "count".to_owned(),
        Some(Meaning::Shown(_)) => "shown".to_owned(),
        Some(Meaning::Page(_)) => "page".to_owned(),
        Some(Meaning::Limit(most)) => format!("page:{most}"),
        Some(Meaning::Sum(_)) => "sum".to_owned(),
        Some(Meaning::Addend(_)) => "addend".to_owned(),
        Some(Meaning::Part(_)) => "part".to_owned(),
        Some(Meaning::Only(_)) => "only".to_owned(),
        Some(Meaning::Needs(_)) => "needs".to_owned(),
        Some(Meaning::Tombstone(_)) => "tombstone".to_owned(),
        Some(Meaning::Grave(_, depth)) => format!("grave:{depth}"),
        Some(other) => format!("{other:?}").to_lowercase(),
    }
}

fn part_name(part: Part) -> &'static str {
    match part {
        Part::Named => "person",
        Part::Author => "author",
        Part::Member => "member",
        Part::Invitee => "invitee",
        Part::Joiner => "joiner",
        Part::Leaver => "leaver",
        Part::Contact => "contact",
        Part::Present => "present",
        Part::Subject => "subject",
        Part::Addressee => "addressee",
        Part::Actor => "actor",
    }
}

// --- routes -------------------------------------------------------------------------------------

fn route(dialect: &Dialect, method: &str, target: &str) -> String {
    match dialect.route(method, target) {
        Ok(routed) => {
            let mut line = routed.surface.name.clone();
            for capture in &routed.captures {
                let means = meaning(dialect, capture.meaning);
                line.push_str(&format!(" {means}={}", capture.value));
            }
            line
        }
        Err(RouteFault::Method { allow }) => format!("405 {allow}"),
        Err(RouteFault::Malformed(fault)) => format!("400 {fault:?}"),
        Err(RouteFault::Query { name }) => format!("400 query {name}"),
        Err(RouteFault::NoSurface) => "404".to_owned(),
        Err(RouteFault::Never { why }) => format!("never {why}"),
        Err(RouteFault::Forward) => "forward".to_owned(),
    }
}

#[test]
fn a_request_is_on_its_surface_or_refused() {
    let dialect = plain();
    let cases = read("tests/cases/dialect/routes.yaml");
    let mut wrong = String::new();
    for (request, expected) in entries(&cases.root) {
        let (method, target) = request.split_once(' ').unwrap();
        let found = route(dialect, method, target);
        let expected = expected.as_text().unwrap();
        if found != expected {
            wrong.push_str(&format!(
                "{request}\n  expected {expected}\n  found    {found}\n"
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_leg_has_routes_of_its_own() {
    let file = completed(
        "surfaces: { \"GET /a\": { act: show, query: { v: ignored } } }
legs: { servers: { surfaces: { \"GET /a\": { act: show, query: { v: { each: ignored } } }, \"GET /b\": { act: show } } } }
",
    );
    let dialect = compile(&document("legs", &file)).unwrap_or_else(|faults| panic!("{faults}"));
    let (servers, _) = dialect.leg(Some("servers")).unwrap();
    assert!(dialect.leg(Some("others")).is_none());
    let twice = "/a?v=1&v=2";
    assert_eq!(route(&dialect, "GET", twice), "400 query v");
    assert_eq!(route(&dialect, "GET", "/b"), "404");
    assert_eq!(
        dialect
            .route_on(servers, "GET", twice)
            .unwrap()
            .captures
            .len(),
        2
    );
    assert!(dialect.route_on(servers, "GET", "/b").is_ok());
}

#[test]
fn every_route_of_the_plain_protocol_has_its_surface() {
    let dialect = plain();
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/plain-protocol.md");
    let routes = routes_of(&std::fs::read_to_string(page).unwrap());
    assert!(
        routes.len() > 80,
        "the page has lost its routes: {routes:?}"
    );
    for (method, path) in &routes {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let target = path.replace(['{', '}'], "");
        let routed = dialect.route(method, &target);
        let routed = routed.unwrap_or_else(|fault| panic!("{method} {path}: {fault:?}"));
        let surface = &routed.surface.name;
        assert_eq!(placeless(surface), placeless(&format!("{method} {path}")));
        for parameter in query.split('&').filter(|p| !p.is_empty()) {
            let name = parameter.split('=').next().unwrap();
            let routed = dialect.route(method, &format!("{target}?{name}=1"));
            assert!(routed.is_ok(), "{method} {path} takes no `{name}`");
        }
    }
    let known = routes
        .iter()
        .map(|(m, p)| format!("{m} {}", p.split('?').next().unwrap()));
    let known: Vec<String> = known.map(|route| placeless(&route)).collect();
    for surface in &dialect.surfaces {
        let name = placeless(&surface.name);
        assert!(known.contains(&name), "{name} is no route of the protocol");
    }
}

/// A route without the names of its captures.
fn placeless(route: &str) -> String {
    let segments = route
        .split('/')
        .map(|s| if s.starts_with('{') { "{}" } else { s });
    segments.collect::<Vec<_>>().join("/")
}

/// The routes in the tables and headings of the protocol's page; `…/events` stands for the five
/// routes that notes have.
fn routes_of(page: &str) -> Vec<(String, String)> {
    let mut routes = Vec::new();
    for line in page.lines() {
        for span in line.split('`').skip(1).step_by(2) {
            let is_cell =
                line.starts_with(&format!("| `{span}`")) || line.starts_with(&format!("`{span}`"));
            if let Some((method, path)) = span.split_once(' ')
                && is_cell
                && path.starts_with("/v1/")
            {
                routes.push((method.to_owned(), path.to_owned()));
            }
            if let Some(what) = span.strip_prefix("…/")
                && !what.contains('/')
            {
                let list = format!("/v1/groups/{{group}}/{what}");
                for method in ["GET", "POST"] {
                    routes.push((method.to_owned(), list.clone()));
                }
                for method in ["GET", "PATCH", "DELETE"] {
                    routes.push((method.to_owned(), format!("{list}/{{one}}")));
                }
            }
        }
    }
    routes
}

#[test]
fn every_event_of_the_plain_protocol_is_let_through() {
    let dialect = plain();
    let routed = dialect.route("GET", "/v1/events").unwrap();
    let AnswerForm::Events(forms) = &routed.surface.answer else {
        panic!("no events");
    };
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/plain-protocol.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, section) = page.split_once("## 10. Events").unwrap();
    let (section, _) = section.split_once("## 11.").unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.filter_map(|row| row.split('|').nth(1));
    let mut told: Vec<&str> = cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect();
    told.sort_unstable();
    // The row of `event` names it twice.
    told.dedup();
    let mut known: Vec<&str> = forms.names().collect();
    known.sort_unstable();
    assert_eq!(known, told);
}

#[test]
fn what_a_capture_stands_for_can_be_put_in_its_place() {
    let dialect = plain();
    let target = "/v1/people/unknown%2Dab12/contacts";
    let routed = dialect.route("GET", target).unwrap();
    let capture = &routed.captures[0];
    assert!(dialect.people.is_pseudonym(&capture.value));
    let rewritten =
        borderpost::dialect::rewrite_target(target, &[(capture.span.clone(), "line:mei")]);
    assert_eq!(rewritten, "/v1/people/line%3Amei/contacts");
    assert_eq!(dialect.people.pseudonym_id("ab12"), "unknown-ab12");
    assert!(!dialect.people.is_pseudonym("unknown-"));
    assert!(!dialect.people.is_pseudonym("unknown"));
    assert!(!dialect.people.is_pseudonym("unknown-a/b"));
}

proptest::proptest! {
    #[test]
    fn an_id_comes_back_from_a_target_as_it_went_in(id in "\\PC{1,12}|[%2f./;+&?#\\\\a]{1,8}") {
        let dialect = plain();
        let target = dialect.people.profile.as_ref().unwrap().path(&id);
        match dialect.route("GET", &target) {
            Ok(routed) => proptest::prop_assert_eq!(&routed.captures[0].value, &id),
            Err(RouteFault::Malformed(fault)) => proptest::prop_assert!(matches!(
                fault,
                PathFault::DotSegment
                    | PathFault::EncodedSlash
                    | PathFault::Backslash
                    | PathFault::Control
                    | PathFault::DoubleEscape
            ), "{:?} {}", fault, id),
            Err(fault) => proptest::prop_assert!(false, "{:?} {}", fault, id),
        }
    }

    #[test]
    fn no_target_and_no_file_is_too_much(text in "[ -~é가]{0,60}", target in "[/%2ea-c?&=;.]{0,30}") {
        let dialect = plain();
        let _ = route(dialect, "GET", &target);
        if let Ok(document) = parse(Source::new("any", text.as_str()), Budget::default()) {
            proptest::prop_assert!(Dialect::compile(&document).is_err());
        }
    }
}

#[test]
fn a_look_up_escapes_the_id() {
    let dialect = plain();
    let room = dialect
        .places
        .iter()
        .find(|place| place.name == "room")
        .unwrap();
    assert_eq!(
        room.people[0].lookup.path("r 1/../x"),
        "/v1/rooms/r%201%2F..%2Fx/members"
    );
    assert_eq!(dialect.identity.owner.path(""), "/v1/me");
}

// --- refusals -----------------------------------------------------------------------------------

#[test]
fn a_refusal_is_said_in_the_words_of_the_protocol() {
    let dialect = plain();
    let vars = Vars {
        reason: Some("attachment_restricted"),
        sentence: Some("no \"pictures\" here"),
        id: Some("0198"),
        kind: Some("camera"),
        ..Vars::default()
    };
    let check = |why: Refusal, status: u16, body: &str| {
        let answer = dialect.refuse.answer(why, &vars);
        assert_eq!(answer.status, status);
        assert_eq!(String::from_utf8(answer.body).unwrap(), body);
        assert_eq!(answer.headers[0].1, "application/json");
    };
    check(
        Refusal::Blocked,
        403,
        r#"{"error":{"code":"attachment_restricted","message":"no \"pictures\" here","support_id":"0198"}}"#,
    );
    check(
        Refusal::Hidden,
        404,
        r#"{"error":{"code":"not_found","message":"no such thing"}}"#,
    );
    check(
        Refusal::Head(431),
        431,
        r#"{"error":{"code":"bad_request","message":"no \"pictures\" here"}}"#,
    );
    let placeholder = dialect.refuse.placeholder(&vars);
    assert_eq!(
        String::from_utf8(placeholder).unwrap(),
        r#"{"type":"withheld","kind":"camera","reason":"attachment_restricted","text":"no \"pictures\" here"}"#
    );
}

// --- mistakes -----------------------------------------------------------------------------------

/// What a case need not write: each section stands unless the case has its own.
const COMMON: &[(&str, &str)] = &[
    ("dialect", "dialect: test"),
    (
        "identity",
        "identity: { token: [bearer], owner: { get: /me, is: me } }",
    ),
    (
        "people",
        "people: { unknown: { name: unknown, id: 'unknown-{pseudonym}' } }",
    ),
    ("shapes", "shapes: { me: { has: { id: person } } }"),
    ("surfaces", "surfaces: {}"),
    (
        "refuse",
        "refuse: { withheld: { why: '{reason}' }, body: { why: '{code}' }, blocked: {}, hidden: {}, \
         unauthenticated: {}, malformed: {}, unsupported_media: {}, too_large: {}, no_surface: {}, \
         method: {}, head: {}, upstream: {}, timeout: {}, overloaded: {}, internal: {} }",
    ),
];

/// A case's file with the sections that it leaves out behind it, so that its lines count from 1.
fn completed(file: &str) -> String {
    let mut full = file.to_owned();
    for (section, text) in COMMON {
        let has = |line: &str| line.starts_with(&format!("{section}:"));
        if !file.lines().any(has) {
            full.push_str(text);
            full.push('\n');
        }
    }
    full
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let cases = read("tests/cases/dialect/mistakes.yaml");
    let mut wrong = String::new();
    for case in items(&cases.root) {
        let name = text(case, "name");
        let full = completed(text(case, "file"));
        let found = compile(&document(name, &full)).err().unwrap_or_default();
        let expected: String = items(field(case, "told").unwrap())
            .iter()
            .map(|line| format!("{}\n", line.as_text().unwrap()))
            .collect();
        if found != expected {
            wrong.push_str(&format!("{name}\n expected\n{expected} found\n{found}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_dialect_has_bounds() {
    let routes = |count: usize| {
        let lines = (0..count).map(|n| format!("  GET /s{n}: {{ act: show }}\n"));
        completed(&format!("surfaces:\n{}", lines.collect::<String>()))
    };
    assert_eq!(compile(&document("at", &routes(2_000))).err(), None);
    let over = compile(&document("over", &routes(2_001))).err().unwrap();
    assert!(over.contains("more than 2000 surfaces"), "{over}");

    let paths = |count: usize| {
        let path = |n: usize| format!("      k{n}.b.c.d.e.f.g.h.i.j: text\n");
        let lines: String = (0..count).map(path).collect();
        completed(&format!("shapes:\n  me:\n    has:\n{lines}"))
    };
    assert_eq!(compile(&document("steps", &paths(2_000))).err(), None);
    let over = compile(&document("steps", &paths(20_000))).err().unwrap();
    assert!(over.contains("more than 200000 steps"), "{over}");

    // What lies twenty levels below any `a` needs a state for every pattern of `a` above: a small
    // file must not make a giant.
    let giant = |levels: usize| {
        completed(&format!(
            "shapes:\n  me: {{ has: {{ id: person }} }}\n  all: {{ has: {{ '**.a{}': text }} }}\n\
             surfaces:\n  GET /a: {{ act: show, answer: all }}\n",
            ".{_}".repeat(levels)
        ))
    };
    assert_eq!(compile(&document("small", &giant(4))).err(), None);
    let told = compile(&document("giant", &giant(20))).err().unwrap();
    assert!(
        told.contains("all shapes make more than 50000 states"),
        "{told}"
    );
}

// --- the schema for editors ---------------------------------------------------------------------

/// A tree as an editor's YAML reader sees it.
fn json(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Sequence(items) => items.iter().map(json).collect(),
        Value::Mapping(entries) => {
            let members = entries
                .iter()
                .map(|(key, value)| (key.text.clone(), json(value)));
            serde_json::Value::Object(members.collect())
        }
        Value::Scalar(scalar) if scalar.plain => serde_json::from_str(&scalar.text)
            .unwrap_or_else(|_| serde_json::Value::String(scalar.text.clone())),
        Value::Scalar(scalar) => serde_json::Value::String(scalar.text.clone()),
    }
}

#[test]
fn an_editor_takes_what_the_compiler_takes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/config/schema/dialect.json");
    let schema = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for shipped in ["plain", "matrix"] {
        let shipped = json(&read(&format!("config/dialects/{shipped}.yaml")).root);
        let told: Vec<String> = schema
            .iter_errors(&shipped)
            .map(|e| e.to_string())
            .collect();
        assert!(told.is_empty(), "{told:#?}");
    }
    for case in items(&read("tests/cases/dialect/sketches.yaml").root) {
        let full = completed(text(case, "dialect"));
        assert!(
            schema.is_valid(&json(&document("sketch", &full).root)),
            "{full}"
        );
    }
}

#[test]
fn an_editor_tells_words_that_are_none() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/config/schema/dialect.json");
    let schema = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for file in [
        "surface: {}\n",
        "surfaces: { get /a: { act: show } }\n",
        "surfaces: { GET /a: { act: sing } }\n",
        "surfaces: { GET /a: { body: me } }\n",
        "shapes: { me: { has: { id: { counts_as: picture } } } }\n",
        "shapes: { me: { scope: thing, has: {} } }\n",
        "identity: { token: [beaver], owner: { get: /me, is: me } }\n",
        "refuse: {}\n",
    ] {
        let full = completed(file);
        assert!(
            !schema.is_valid(&json(&document("faulty", &full).root)),
            "{full}"
        );
    }
}

// --- readings -----------------------------------------------------------------------------------

fn manners() -> Manners {
    Manners {
        depth_max: 64,
        members_max: 10_000,
        string_bytes_max: 256 << 10,
        number_digits_max: 64,
        twins: Twins::Folded,
    }
}

fn program<'d>(dialect: &'d Dialect, case: &Node) -> &'d Program {
    let (method, target) = text(case, "request").split_once(' ').unwrap();
    let surface = dialect.route(method, target).unwrap().surface;
    match (text(case, "reads"), &surface.body, &surface.answer) {
        ("body", Body::Json(program), _) => program,
        ("answer", _, AnswerForm::Json(program)) => program,
        (event, _, AnswerForm::Events(forms)) => forms.form(event).unwrap(),
        (what, ..) => panic!("{} has no {what}", surface.name),
    }
}

/// One line a find: the scopes around it, what it means, and how it stands there.
fn finds(dialect: &Dialect, reading: &Reading, body: &str, around: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for find in &reading.finds {
        let key = if find.on_key { " key" } else { "" };
        let scope = scopes(reading, find, around);
        let means = meaning(dialect, Some(find.meaning));
        lines.push(format!("{scope} {means}{key} {}", &body[find.span.clone()]));
    }
    for inner in &reading.embedded {
        lines.extend(finds(dialect, &inner.reading, &inner.text, "json"));
    }
    lines
}

fn scopes(reading: &Reading, find: &Find, around: &str) -> String {
    let mut names = Vec::new();
    let mut at = find.scope;
    loop {
        let scope = &reading.scopes[at.0 as usize];
        if let Some(opens) = scope.opens {
            names.push(match opens.scope {
                ScopeKind::Item => "item".to_owned(),
                ScopeKind::Person => part_name(opens.part).to_owned(),
            });
        }
        if at == ScopeIx(0) {
            break;
        }
        at = scope.parent;
    }
    names.push(around.to_owned());
    names.reverse();
    names.join("/")
}

#[test]
fn a_body_says_what_the_case_says() {
    let plain = plain();
    let mut wrong = String::new();
    for file in ["plain.yaml", "sketches.yaml", "matrix.yaml"] {
        let shipped = if file == "matrix.yaml" {
            matrix()
        } else {
            plain
        };
        let cases = read(&format!("tests/cases/dialect/{file}"));
        for case in items(&cases.root) {
            let name = text(case, "name");
            let own = field(case, "dialect").map(|own| {
                let full = completed(own.as_text().unwrap());
                compile(&document(name, &full)).unwrap_or_else(|told| panic!("{name}\n{told}"))
            });
            let dialect = own.as_ref().unwrap_or(shipped);
            let body = text(case, "body");
            let reading = scan(body.as_bytes(), program(dialect, case), &manners())
                .unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
            let found = finds(dialect, &reading, body, "");
            let expected: Vec<&str> = items(field(case, "finds").unwrap())
                .iter()
                .map(|line| line.as_text().unwrap())
                .collect();
            if found != expected {
                let found: String = found.iter().map(|f| format!("    - '{f}'\n")).collect();
                wrong.push_str(&format!("{name}\n{found}\n"));
            }
        }
    }
    assert!(wrong.is_empty(), "found instead:\n{wrong}");
}

#[test]
fn ids_in_a_query_are_held_to_the_same_as_in_a_path() {
    let file = completed(
        "places: { room: { people: { get: '/p/{room}', is: me } } }\n\
         surfaces: { GET /a: { act: show, query: { r: room, name: filename, q: ignored } }, \
         GET /b: { act: show, query: { '*': ignored } }, \
         'GET /c/{room}': { act: show, encoded_slash: allowed, raw_semicolon: allowed }, \
         'GET /d/{rest...}': { never: it is closed } }\n\
         unmatched: forward\n",
    );
    let file = file.replace("{rest...}", "{_...}");
    let dialect = compile(&document("query", &file)).unwrap();
    let check = |target: &str, expected: &str| {
        assert_eq!(route(&dialect, "GET", target), expected, "{target}");
    };
    check("/a?r=x%2By", "GET /a room=x+y");
    check("/a?r=a%3Ab&q=a+b", "GET /a room=a:b _=a+b");
    check("/a?name=a+b.png", "GET /a filename=a+b.png");
    check("/a?q=100%2525%0A", "GET /a _=100%25\n");
    check("/a?r=x+y", &format!("400 {:?}", PathFault::AmbiguousPlus));
    check("/a?r=x%2541", &format!("400 {:?}", PathFault::DoubleEscape));
    check("/a?r=x%0A", &format!("400 {:?}", PathFault::Control));
    check("/a?r=x&r=x", "400 query r");
    check("/a?r=x&%72=y", "400 query r");
    check("/a?other=1", "400 query other");
    check("/b?other=1&more", "GET /b _=1 _=");
    check("/b?other=1&other=2", "400 query other");
    check("/c/a%2Fb;c", "GET /c/{room} room=a/b;c");
    check("/d/x/y", "never it is closed");
    check("/e", "forward");
    check("/e/%2e%2e", &format!("400 {:?}", PathFault::DotSegment));
}
