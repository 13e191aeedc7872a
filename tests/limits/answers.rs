//! What an answer may be, and what may be remembered of it.

use borderpost::gateway::limit::Limit;

use super::gate::Gate;
use super::kit::{Recorded, Recorder, answer};
use super::post::{answer_to, get};

/// A gateway before an upstream that answers what asks for a size with what `said` makes of it.
fn saying(said: fn(usize) -> String, more: &str) -> (Gate, Recorder) {
    let upstream = Recorder::start(move |request: &Recorded, stream| {
        let Some(size) = request.header("x-size") else {
            return answer(stream, &answer_to(request));
        };
        let body = said(size.parse().unwrap());
        answer(
            stream,
            &format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            ),
        )
    });
    (Gate::before(upstream.address, more), upstream)
}

fn sized(path: &str, size: usize, token: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nX-Size: {size}\r\n\r\n"
    )
}

/// Answers of `bound - 1` and `bound` are shown, one of `bound + 1` is not, and is counted.
#[track_caller]
fn check(limit: Limit, bound: usize, path: &str, said: fn(usize) -> String, more: &str) {
    let (gate, _upstream) = saying(said, more);
    for size in [bound - 1, bound] {
        let answer = gate.ask(sized(path, size, "token-alice"));
        assert_eq!(answer.status, 200, "{limit:?} {size}: {}", answer.text());
    }
    assert_eq!(gate.hits(limit), 0);
    let answer = gate.ask(sized(path, bound + 1, "token-alice"));
    assert_eq!(answer.status, 502, "{limit:?} one above: {}", answer.text());
    for other in Limit::ALL {
        assert_eq!(gate.hits(*other), u64::from(*other == limit), "{other:?}");
    }
}

#[test]
fn an_answer_that_is_read() {
    let said = |bytes| {
        let bare = r#"{"id":"alice","name":""}"#.len();
        format!(r#"{{"id":"alice","name":"{}"}}"#, "a".repeat(bytes - bare))
    };
    check(
        Limit::EditedAnswerBytes,
        1024,
        "/v1/people/alice",
        said,
        "limits: { edited_answer_bytes_max: 1KiB }",
    );
}

#[test]
fn facts_to_be_looked_up() {
    let said = |rooms| {
        let room = |nth| format!(r#"{{"id":"r1-{rooms}-{nth}","title":"x"}}"#);
        let rooms: Vec<String> = (0..rooms).map(room).collect();
        format!(
            r#"{{"rooms":[{}],"total":{}}}"#,
            rooms.join(","),
            rooms.len()
        )
    };
    check(
        Limit::Lookups,
        4,
        "/v1/rooms",
        said,
        "limits: { lookups_max: 4 }",
    );
}

#[test]
fn an_event() {
    let upstream = Recorder::start(|request, stream| {
        let Some(size) = request.header("x-size") else {
            return answer(stream, &answer_to(request));
        };
        let bare = "event: reset\nid: 1\ndata: {\"oldest\":1}\n:\n\n".len();
        let pad = "x".repeat(size.parse::<usize>().unwrap() - bare);
        answer(
            stream,
            &format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\nevent: reset\nid: 1\ndata: {{\"oldest\":1}}\n:{pad}\n\n"
            ),
        );
        false
    });
    let gate = Gate::before(
        upstream.address,
        "limits: { edited_answer_bytes_max: 1KiB }",
    );
    let shown = |bytes| {
        let mut client = gate.connect();
        let request = sized("/v1/events", bytes, "token-alice\r\nConnection: close");
        client.send(request);
        String::from_utf8(client.read_to_end())
            .unwrap()
            .contains("oldest")
    };
    assert!(shown(1023) && shown(1024));
    assert_eq!(gate.hits(Limit::EditedAnswerBytes), 0);
    assert!(!shown(1025));
    assert_eq!(gate.hits(Limit::EditedAnswerBytes), 1);
}

#[test]
fn rooms_that_are_remembered() {
    let gate = Gate::with("rooms: { remembered_max: 3 }");
    for room in ["r1a", "r1b", "r1c"] {
        assert_eq!(gate.ask(get(&format!("/v1/rooms/{room}"))).status, 200);
    }
    assert_eq!(gate.hits(Limit::RoomsRemembered), 0);
    assert_eq!(gate.ask(get("/v1/rooms/r1d")).status, 200);
    assert_eq!(gate.hits(Limit::RoomsRemembered), 1);
}

#[test]
fn tokens_that_are_remembered() {
    let gate = Gate::with("tokens: { remembered_max: 3 }");
    let of = |token: &str| {
        gate.ask(format!(
            "GET /v1/rooms HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer token-{token}\r\n\r\n"
        ))
    };
    for token in ["alice", "bob", "carol"] {
        assert_eq!(of(token).status, 200);
    }
    assert_eq!(gate.hits(Limit::TokensRemembered), 0);
    assert_eq!(of("dave").status, 200);
    assert_eq!(gate.hits(Limit::TokensRemembered), 1);
}

#[test]
fn pseudonyms_that_are_found_again() {
    // To Mei, those who hold no grant are unknown.
    let said = |people| {
        let all = ["bob", "carol", "dave", "erin"];
        let people: Vec<String> = all[..people]
            .iter()
            .map(|id| format!(r#"{{"id":"{id}","name":"{id}"}}"#))
            .collect();
        format!(
            r#"{{"members":[{}],"total":{}}}"#,
            people.join(","),
            people.len()
        )
    };
    let path = "/v1/rooms/r2/members";
    let (gate, _upstream) = saying(said, "limits: { pseudonyms_max: 2 }");
    let seen = |people| {
        let answer = gate.ask(sized(path, people, "token-line:mei"));
        (answer.status, answer.text().matches("unknown-").count())
    };
    assert_eq!((seen(1), seen(2)), ((200, 1), (200, 2)));
    assert_eq!(gate.hits(Limit::Pseudonyms), 0);
    assert_eq!(seen(3), (200, 3));
    assert_eq!(gate.hits(Limit::Pseudonyms), 1);
}
