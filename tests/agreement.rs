//! Readers that differ in their habits make the same message of every body that the gateway takes;
//! and what is forbidden is seen in any spelling, order and nesting.

#[path = "../fuzz/src/targets/oracle.rs"]
#[allow(dead_code, reason = "the part that is about places is not needed here")]
mod oracle;

use std::sync::{Arc, LazyLock};

use borderpost::cache::{PlaceFacts, Snapshot};
use borderpost::config::{self, Memory};
use borderpost::dialect::json::scan::{Manners, Twins, scan};
use borderpost::dialect::json::string::unescape;
use borderpost::dialect::program::{Meaning, Program};
use borderpost::dialect::{AnswerForm, Body, Dialect, DriveHosts, Reading};
use borderpost::gateway::enforce::{ActAsked, Judged, judge};
use borderpost::gateway::facts::{Facts, Learned, Missing, PlaceKey, ThingFacts};
use borderpost::gateway::items::{Item, ReadBody};
use borderpost::gateway::refusal::Refused;
use borderpost::policy::{Act, ContentKind, KindSet, PersonId};
use oracle::{FOLDS, Fold, Tree, Wins};
use proptest::prelude::*;

const GATEWAY: &str = "
listeners: [{ address: \"127.0.0.1:0\" }]
upstream: { url: \"http://127.0.0.1:1\", lookup_token: token-operator }
dialect: plain.yaml
networks: { line: { people: [\"line:*\"] } }
drive_hosts: [drive.acme.example]
pseudonym_key: a-key-for-tests-that-is-long-enough
";

const ACME: &str = "
company: acme
name: Acme Corp
members: [alice, bob]
external_messaging:
  line: { connect: allow, permission: all_members, restrict_attachments: true }
";

struct World {
    dialect: Dialect,
    drive_hosts: DriveHosts,
    snapshot: Snapshot,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let files = Memory::default()
        .with("post/gateway.yaml", GATEWAY)
        .with(
            "post/plain.yaml",
            include_str!("../config/dialects/plain.yaml"),
        )
        .with("post/policy/acme.yaml", ACME);
    let loaded = config::load_from(&files, "post/gateway.yaml".as_ref(), &|_| None).unwrap();
    World {
        dialect: loaded.dialect,
        drive_hosts: loaded.drive_hosts,
        snapshot: Snapshot::new(loaded.policy, loaded.directory),
    }
});

/// How the body of a request to this route is read.
fn request(method: &str, target: &str) -> Arc<Program> {
    let routed = WORLD.dialect.route(method, target).unwrap();
    match &routed.surface.body {
        Body::Json(program) => program.clone(),
        other => panic!("{other:?}"),
    }
}

/// The same for its answer.
fn answer(method: &str, target: &str) -> Arc<Program> {
    let routed = WORLD.dialect.route(method, target).unwrap();
    match &routed.surface.answer {
        AnswerForm::Json(program) => program.clone(),
        other => panic!("{other:?}"),
    }
}

/// A request's body as the gateway reads it; `None`: it is refused.
fn read(body: &str, program: &Program, twins: Twins) -> Option<Reading> {
    let manners = Manners {
        depth_max: 64,
        members_max: 10_000,
        string_bytes_max: 256 << 10,
        number_digits_max: 64,
        twins,
    };
    let reading = scan(body.as_bytes(), program, &manners).ok()?;
    (twins == Twins::Exact || reading.first_misfit().is_none()).then_some(reading)
}

fn items(body: &str, reading: &Reading, program: &Program) -> Vec<Item> {
    let body = ReadBody {
        bytes: body.as_bytes(),
        reading,
        program,
        drive_hosts: &WORLD.drive_hosts,
    };
    body.all_items()
}

/// What a message is to a reader: type, file, text, mentions, quote.
#[derive(Debug, PartialEq)]
struct Extract(Vec<Option<Tree>>);

fn member<'t>(tree: &'t Tree, name: &str, fold: Fold) -> Option<&'t Tree> {
    match tree {
        Tree::Object(members) => {
            let name = fold(name);
            let found = members.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| value)
        }
        _ => None,
    }
}

fn extract(tree: &Tree, wins: Wins, fold: Fold) -> Extract {
    let read = tree.as_read(wins, fold);
    let content = member(&read, "content", fold);
    let of_content = |name| content.and_then(|content| member(content, name, fold).cloned());
    let of_message = |name| member(&read, name, fold).cloned();
    Extract(vec![
        of_content("type"),
        of_content("file"),
        of_content("text"),
        of_message("mentions"),
        of_message("quote"),
    ])
}

/// The same as the gateway has it: the words that stand for kinds, things, texts and people.
fn found(body: &str, reading: &Reading, is: fn(Meaning) -> bool) -> Vec<String> {
    let finds = reading.finds.iter().filter(|find| is(find.meaning));
    finds
        .filter_map(|find| unescape(&body.as_bytes()[find.span.clone()]))
        .map(|text| text.into_owned())
        .collect()
}

// --- what is written ------------------------------------------------------------------------------

fn space() -> impl Strategy<Value = &'static str> {
    prop_oneof![6 => Just(""), 1 => Just(" "), 1 => Just("\r\n\t ")]
}

/// A string of JSON with this text, each character written raw or as one of its escapes.
fn spelt(text: &str) -> BoxedStrategy<String> {
    let text = text.to_owned();
    prop_oneof![
        3 => Just(0_u64),
        2 => any::<u64>(),
    ]
    .prop_map(move |mut dice| {
        let mut written = String::from("\"");
        for c in text.chars() {
            dice = dice.rotate_right(3);
            let must = c < ' ' || c == '"' || c == '\\';
            match (dice % 8, must) {
                (0..=5, false) => written.push(c),
                (6, _) if c == '/' => written.push_str("\\/"),
                (nth, _) => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        written.push_str(&match nth {
                            7 => format!("\\u{unit:04X}"),
                            _ => format!("\\u{unit:04x}"),
                        });
                    }
                }
            }
        }
        written + "\""
    })
    .boxed()
}

/// An object of these members, in any order, with any space.
fn object(members: Vec<(BoxedStrategy<String>, BoxedStrategy<String>)>) -> BoxedStrategy<String> {
    let members: Vec<_> = members
        .into_iter()
        .map(|(key, value)| {
            (space(), key, space(), space(), value, space())
                .prop_map(|(a, key, b, c, value, d)| format!("{a}{key}{b}:{c}{value}{d}"))
        })
        .collect();
    (members, any::<u64>())
        .prop_map(|(mut members, mut dice)| {
            for nth in (1..members.len()).rev() {
                dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                members.swap(nth, (dice >> 33) as usize % (nth + 1));
            }
            format!("{{{}}}", members.join(","))
        })
        .boxed()
}

fn written(value: &str) -> BoxedStrategy<String> {
    Just(value.to_owned()).boxed()
}

/// Keys that readers could take for one another, and others.
fn doubtful_key() -> BoxedStrategy<String> {
    let keys = vec![
        "type",
        "Type",
        "TYPE",
        "t\u{ff59}pe",
        "file",
        "File",
        "\u{fb01}le",
        "text",
        "te\u{445}t",
        "Text",
        "mentions",
        "mention\u{17f}",
        "quote",
        "Quote",
        "content",
        "Content",
        "sticker",
        "stic\u{212a}er",
        "\u{17f}ticker",
        "x",
        "X",
        "",
        "\u{e9}",
        "e\u{301}",
    ];
    prop::sample::select(keys).prop_flat_map(spelt).boxed()
}

fn doubtful_value() -> BoxedStrategy<String> {
    let words = prop::sample::select(vec![
        "image",
        "text",
        "f1",
        "m1",
        "bob",
        "",
        "https://drive.acme.example/",
    ]);
    let word = words.prop_flat_map(spelt);
    let other = prop::sample::select(vec![
        "null",
        "true",
        "1",
        "[]",
        "[\"bob\"]",
        "{}",
        "{\"id\":\"f1\"}",
    ]);
    prop_oneof![3 => word, 1 => other.prop_map(str::to_owned)].boxed()
}

fn doubtful_object(inner: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let member = (
        doubtful_key(),
        prop_oneof![2 => doubtful_value(), 1 => inner],
    )
        .prop_map(|(key, value)| (key, value));
    prop::collection::vec(member, 0..6)
        .prop_flat_map(|members| {
            object(
                members
                    .iter()
                    .map(|(key, value)| (written(key), written(value)))
                    .collect(),
            )
        })
        .boxed()
}

/// Something like a message, with keys that stand twice and in other letters.
fn doubtful_message() -> BoxedStrategy<String> {
    let content = doubtful_object(doubtful_value());
    let more = prop::collection::vec((doubtful_key(), doubtful_value()), 0..3);
    (spelt("content"), content, more)
        .prop_flat_map(|(key, content, more)| {
            let mut members = vec![(written(&key), written(&content))];
            members.extend(
                more.iter()
                    .map(|(key, value)| (written(key), written(value))),
            );
            object(members)
        })
        .boxed()
}

/// A member of a message's content that may not go out, with those that it goes along with.
fn forbidden_members() -> BoxedStrategy<Vec<(String, String)>> {
    let string = |text: &str| serde_json::to_string(text).unwrap();
    let kinds = [
        "image",
        "video",
        "voice",
        "file",
        "contact",
        "drive",
        "encrypted",
        "IMAGE",
        "poll",
        "",
    ];
    let typed = kinds.map(|kind| vec![("type", string(kind)), ("caption", string("x"))]);
    let texts = [
        "https://drive.acme.example/s",
        "see HTTPS://x@DRIVE.acme.example.:443/",
        "https://dr%69ve.acme.example",
        "dri\u{200b}ve.acme.example/s/1",
        "https:\\\\drive\u{3002}acme.example",
        "data:image/png;base64,AAAA",
        "BEGIN:VCARD\r\nFN:Mei",
        "x\n> begin:vcard\n",
    ];
    let said = texts.map(|text| vec![("type", string("text")), ("text", string(text))]);
    let brought = [
        ("file", string("f1")),
        ("card", "{\"name\":\"x\"}".to_owned()),
        ("item", string("d1")),
        ("ciphertext", string("x")),
        ("url", string("https://drive.acme.example/")),
        ("title", string("drive.acme.example")),
        ("unheard-of", "0".to_owned()),
        ("image", string("f1")),
        ("content", "{\"type\":\"text\"}".to_owned()),
    ];
    let along = brought.map(|member| vec![("type", string("text")), ("text", string("x")), member]);
    let all: Vec<Vec<(&str, String)>> = typed.into_iter().chain(said).chain(along).collect();
    prop::sample::select(all)
        .prop_map(|members| {
            members
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect()
        })
        .boxed()
}

/// A content that may not go out, its keys and words in any spelling and order.
fn forbidden_content() -> BoxedStrategy<String> {
    forbidden_members()
        .prop_flat_map(|members| {
            let respelt = |value: &str| match serde_json::from_str::<String>(value) {
                Ok(text) => spelt(&text),
                Err(_) => written(value),
            };
            object(
                members
                    .iter()
                    .map(|(key, value)| (spelt(key), respelt(value)))
                    .collect(),
            )
        })
        .boxed()
}

/// A request's message with a forbidden content, or one that sends something forbidden again.
fn forbidden_message() -> BoxedStrategy<String> {
    let harmless = || written("{\"type\":\"text\",\"text\":\"x\"}");
    let mentions = || (spelt("mentions"), written("[\"line:mei\"]"));
    prop_oneof![
        4 => object(vec![(spelt("content"), forbidden_content()), mentions()]),
        1 => object(vec![(spelt("content"), forbidden_content()), (spelt("send_at"), spelt("2030-01-01T00:00:00.000Z"))]),
        1 => object(vec![(spelt("content"), harmless()), (spelt("quote"), spelt("m1"))]),
        1 => object(vec![(spelt("content"), harmless()), mentions(), (spelt("unheard-of"), forbidden_content())]),
    ]
    .boxed()
}

/// A message as it is shown, that quotes one that quotes one … with a forbidden content inside.
fn nested_message() -> BoxedStrategy<String> {
    let wrap = |content: BoxedStrategy<String>, quote: BoxedStrategy<String>| {
        object(vec![
            (spelt("id"), spelt("m2")),
            (spelt("room"), spelt("r2")),
            (
                spelt("author"),
                written("{\"id\":\"line:mei\",\"name\":\"Mei\"}"),
            ),
            (spelt("content"), content),
            (spelt("quote"), quote),
        ])
    };
    (0..6_usize)
        .prop_flat_map(move |depth| {
            let mut message = wrap(forbidden_content(), written("null"));
            for _ in 0..depth {
                message = wrap(written("{\"type\":\"text\",\"text\":\"x\"}"), message);
            }
            message
        })
        .boxed()
}

// --- what must hold -------------------------------------------------------------------------------

/// Judges a message of alice's in a room with somebody on LINE, where every thing is a picture.
fn judged(items: &[Item]) -> Judged {
    let alice = PersonId::from("alice");
    let routed = WORLD
        .dialect
        .route("POST", "/v1/rooms/r2/messages")
        .unwrap();
    let target = Item {
        place: routed
            .captures
            .iter()
            .find_map(|capture| match capture.meaning {
                Some(Meaning::Place(sort)) => Some(PlaceKey {
                    sort,
                    id: capture.value.as_str().into(),
                }),
                _ => None,
            }),
        ..Item::default()
    };
    let asked = ActAsked {
        actor: Some(&alice),
        act: Act::Send,
        target: &target,
        body: items,
        upload: KindSet::EMPTY,
        history_visible: false,
        by_pseudonym: &[],
        sorts: &[],
    };
    let people = || PlaceFacts::new(["alice", "line:mei"].map(PersonId::from));
    let mut facts = Facts::default();
    loop {
        match judge(&WORLD.snapshot, &asked, &facts) {
            Judged::Wanted(wanted) => {
                for missing in wanted.into_inner() {
                    facts.learn(match missing {
                        Missing::Place(key) => Learned::Place(key, Some(Arc::new(people()))),
                        Missing::Thing(key) => Learned::Thing(
                            key,
                            Some(Arc::new(ThingFacts {
                                kinds: KindSet::of(ContentKind::Camera),
                                ..ThingFacts::default()
                            })),
                        ),
                        Missing::KnownAs(person) => Learned::KnownAs(person, None),
                    });
                }
            }
            done => return done,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn readers_of_all_habits_make_the_same_of_what_is_taken(body in doubtful_message()) {
        let program = request("POST", "/v1/rooms/r2/messages");
        let Some(reading) = read(&body, &program, Twins::Folded) else {
            return Ok(());
        };
        let tree = oracle::read(body.as_bytes()).expect("what is taken is JSON");
        let strict = extract(&tree, Wins::First, FOLDS[0]);
        for fold in FOLDS {
            for wins in [Wins::First, Wins::Last] {
                // Two readers may fold the keys of what nobody named differently, but not its names.
                prop_assert_eq!(&extract(&tree, wins, fold), &extract(&tree, Wins::First, fold));
                for nth in 0..3 {
                    let expected = strict.0[nth].as_ref().map(|value| value.as_read(Wins::First, fold));
                    prop_assert_eq!(&extract(&tree, wins, fold).0[nth], &expected, "{}", body);
                }
            }
        }
        let texts = |nth: usize| match &strict.0[nth] {
            Some(Tree::Text(text)) => vec![text.clone()],
            Some(Tree::List(list)) if nth == 3 => {
                list.iter().filter_map(|one| match one { Tree::Text(text) => Some(text.clone()), _ => None }).collect()
            }
            _ => Vec::new(),
        };
        prop_assert_eq!(found(&body, &reading, |m| matches!(m, Meaning::Kind(_))), texts(0));
        let things = found(&body, &reading, |m| matches!(m, Meaning::Thing(_)));
        prop_assert!(texts(1).iter().chain(&texts(4)).all(|id| things.contains(id)));
        prop_assert_eq!(things.len(), texts(1).len() + texts(4).len());
        let words = found(&body, &reading, |m| matches!(m, Meaning::Text));
        prop_assert!(texts(2).iter().all(|text| words.contains(text)));
        prop_assert_eq!(found(&body, &reading, |m| matches!(m, Meaning::Person(_))), texts(3));
    }

    #[test]
    fn a_forbidden_message_is_blocked_in_any_spelling(body in forbidden_message()) {
        let program = request("POST", "/v1/rooms/r2/messages");
        let reading = read(&body, &program, Twins::Folded).expect("it is legal JSON");
        let judged = judged(&items(&body, &reading, &program));
        prop_assert!(matches!(judged, Judged::Refused(Refused::Blocked { .. }, _)), "{}", body);
    }

    #[test]
    fn a_forbidden_content_is_seen_however_deep_it_is_quoted(body in nested_message()) {
        let program = answer("GET", "/v1/messages/m2");
        let reading = read(&body, &program, Twins::Exact).expect("it is legal JSON");
        let items = items(&body, &reading, &program);
        let harmless: KindSet = [ContentKind::Text, ContentKind::Link].into_iter().collect();
        let is_seen = items.iter().any(|item| {
            item.things.len() > 1 || item.kinds.iter().any(|kind| !harmless.contains(kind))
        });
        prop_assert!(is_seen, "{}", body);
        let authors = items.iter().filter(|item| item.author.is_some()).count();
        prop_assert_eq!(authors, body.matches("\"line:mei\"").count(), "each is an item of its own");
    }
}
