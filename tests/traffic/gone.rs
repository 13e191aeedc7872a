//! A room that is gone for a client that had it: it is told so, once.

use std::collections::HashSet;

use borderpost::cache::{Memory, Pseudonyms, Snapshot};
use borderpost::dialect::AnswerForm;
use borderpost::dialect::json::scan::{Twins, scan};
use borderpost::dialect::json::splice::splice;
use borderpost::dialect::links::DriveHosts;
use borderpost::dialect::program::Meaning;
use borderpost::gateway::facts::{Facts, PlaceKey};
use borderpost::gateway::items::ReadBody;
use borderpost::gateway::show::{About, Judges, Plan, Reads, Seen, Shown, plan};
use borderpost::policy::PersonId;
use serde_json::{Value, json};

use crate::kit::Recorded;
use crate::post::{ACME, Post};
use crate::recorded::{clients, manners};
use crate::town::{closed, open, town};

fn sync(post: &Post, who: &str, since: &str) -> Value {
    let target = format!("/_matrix/client/v3/sync?since={since}");
    let (answer, _) = post.send(who, "GET", &target, "");
    assert_eq!(answer.status, 200, "{}", answer.text());
    serde_json::from_slice(&answer.body).expect("JSON")
}

#[test]
fn a_room_that_becomes_external_is_left_once() {
    let post = Post::new();
    let first = sync(&post, "bob", "before");
    assert!(first.pointer("/rooms/join/!in").is_some(), "{first}");
    let second = sync(&post, "bob", "mei-came");
    assert_eq!(second.pointer("/rooms/join"), Some(&json!({})), "{second}");
    let left = second.pointer("/rooms/leave").expect("what was left");
    let event = left.pointer("/!in/state/events/0").expect("an event");
    let left_by = json!({
        "type": "m.room.member", "state_key": "@bob:acme", "sender": "@bob:acme",
        "content": {"membership": "leave"},
        "event_id": event["event_id"], "origin_server_ts": event["origin_server_ts"],
    });
    assert_eq!(event, &left_by);
    assert!(event["event_id"].as_str().is_some_and(|id| id.len() > 10));
    assert!(
        event["origin_server_ts"]
            .as_u64()
            .is_some_and(|at| at > 1_700_000_000_000)
    );
    let timeline = json!({"events": [], "limited": false});
    let whole = json!({"!in": {"timeline": timeline, "state": {"events": [event]}}});
    assert_eq!(left, &whole);
    let third = sync(&post, "bob", "mei-came");
    assert_eq!(third.pointer("/rooms/leave"), None, "{third}");
}

#[test]
fn only_an_answer_that_can_tell_what_is_gone_has_told_it() {
    let nothing_new = |request: &Recorded| {
        let is_sync = request.request_line().contains("/sync?since=nothing-new ");
        is_sync.then(|| r#"{"next_batch":"s"}"#.to_owned())
    };
    let post = Post::where_said(nothing_new);
    let first = sync(&post, "alice", "mei-came");
    assert!(first.pointer("/rooms/join/!in").is_some(), "{first}");
    post.apply(&ACME.replace("[\"@alice:acme\"]", "[]"));
    let profile = "/_matrix/client/v3/profile/@alice:acme";
    assert_eq!(post.send("alice", "GET", profile, "").0.status, 200);
    let second = sync(&post, "alice", "nothing-new");
    assert!(second.pointer("/rooms/leave/!in").is_some(), "{second}");
}

#[test]
fn a_room_that_the_client_never_had_leaves_no_trace() {
    let post = Post::new();
    sync(&post, "alice", "before");
    let shown = sync(&post, "bob", "mei-came");
    assert_eq!(
        shown.pointer("/rooms"),
        Some(&json!({"join": {}})),
        "{shown}"
    );
}

/// A sync of bob's, after he was shown an external room, by a policy that has changed since.
fn check(body: &str, snapshot: &Snapshot, expected: &str) {
    let routed = clients()
        .route("GET", "/_matrix/client/v3/sync")
        .expect("a surface");
    let AnswerForm::Json(program) = &routed.surface.answer else {
        panic!("no JSON");
    };
    let (room, _) = external();
    let key = clients()
        .route("GET", &format!("/_matrix/client/v3/rooms/{room}/state"))
        .expect("a surface");
    let Some(Meaning::Place(sort)) = key.captures[0].meaning else {
        panic!("no room");
    };
    let places = HashSet::from([PlaceKey {
        sort,
        id: room.into(),
    }]);
    let reading = scan(body.as_bytes(), program, &manners(Twins::Exact)).expect("a reading");
    let drive_hosts = DriveHosts::new(std::iter::empty()).expect("hosts");
    let memory = Memory {
        facts_max: 10,
        stale_after: std::time::Duration::from_secs(60),
    };
    let pseudonyms = Pseudonyms::new(b"a key for tests that is long enough", memory);
    let bob = PersonId::from("@bob:acme.localhost:8448");
    let mut facts = Facts::default();
    loop {
        let read = ReadBody {
            bytes: body.as_bytes(),
            reading: &reading,
            program,
            drive_hosts: &drive_hosts,
        };
        let shown = Shown {
            body: read,
            items: &read.items(),
            viewer: Some(&bob),
            reads: Reads::Alone,
            about: &About::default(),
            own_origin: None,
            seen: Some(Seen {
                places: &places,
                is_outdated: true,
            }),
            id: "1",
            now_ms: 1_764_000_000_000,
            page: None,
            named: &[],
        };
        let judges = Judges {
            snapshot,
            dialect: clients(),
            pseudonyms: &pseudonyms,
            facts: &facts,
        };
        match plan(&shown, &judges) {
            Plan::Wanted(wanted) => {
                for missing in wanted.into_inner() {
                    facts.learn(town().learn(missing));
                }
            }
            Plan::Hidden => panic!("hidden"),
            Plan::Edits { edits, .. } => {
                let shown = splice(body.as_bytes(), &reading, edits);
                let shown = String::from_utf8(shown).expect("text");
                assert_eq!(shown, expected.replace("ROOM", room), "{body}");
                return;
            }
        }
    }
}

fn external() -> (&'static str, usize) {
    let outside = |id: &String| id.ends_with(":globex.localhost:8548");
    let rooms = town().rooms.iter();
    let (room, people) = rooms
        .filter(|(_, people)| people.iter().any(outside))
        .min_by_key(|(_, people)| people.len())
        .expect("an external room");
    (room, people.len())
}

#[test]
fn a_tombstone_is_put_wherever_there_is_room_for_it() {
    const STONE: &str = r#""ROOM":{"timeline":{"events":[],"limited":false},"state":{"events":[{"type":"m.room.member","state_key":"@bob:acme.localhost:8448","sender":"@bob:acme.localhost:8448","event_id":"$gone-1-0","origin_server_ts":1764000000000,"content":{"membership":"leave"}}]}}"#;
    let cases = [
        (
            r#"{"next_batch":"s"}"#,
            r#"{"next_batch":"s","rooms":{"leave":{STONE}}}"#,
        ),
        (
            r#"{"rooms":{},"a":1}"#,
            r#"{"rooms":{"leave":{STONE}},"a":1}"#,
        ),
        (
            r#"{"rooms":{"join":{}}}"#,
            r#"{"rooms":{"join":{},"leave":{STONE}}}"#,
        ),
        (
            r#"{"rooms":{"leave":{ }}}"#,
            r#"{"rooms":{"leave":{ STONE}}}"#,
        ),
        (r#"{}"#, r#"{"rooms":{"leave":{STONE}}}"#),
    ];
    for (body, expected) in cases {
        check(body, &closed(), &expected.replace("STONE", STONE));
        check(body, &open(), body);
    }
}
