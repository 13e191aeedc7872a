//! Rooms that somebody is asked into, and is not in yet.

use serde_json::Value;

use crate::post::{Post, member};

/// What Synapse tells of such a room, in a sync: some of its state, with little around it. Most of it
/// is about nobody, and has a state key all the same.
fn invitation(inviter: &str, invited: &str) -> String {
    let event = |kind: &str, key: &str, content: &str| {
        format!(
            r#"{{"type":"{kind}","state_key":"{key}","content":{content},"sender":"{inviter}"}}"#
        )
    };
    let state = [
        event(
            "m.room.create",
            "",
            r#"{"room_version":"10","creator":"@bob:acme"}"#,
        ),
        event("m.room.join_rules", "", r#"{"join_rule":"invite"}"#),
        event(
            "m.room.member",
            inviter,
            r#"{"membership":"join","displayname":"B"}"#,
        ),
        event("m.room.name", "", r#"{"name":"Harbour"}"#),
        event(
            "m.room.member",
            invited,
            r#"{"membership":"invite","displayname":"A"}"#,
        ),
    ];
    format!(
        r#"{{"next_batch":"s","rooms":{{"invite":{{"!new":{{"invite_state":{{"events":[{}]}}}}}}}}}}"#,
        state.join(",")
    )
}

/// What somebody sees who is invited to a room, and what the homeserver told them of it. `inside` is
/// what it tells the gateway of who is there; empty: nothing.
fn shown(inviter: &str, invited: &str, inside: &[&str]) -> (Value, Value) {
    let told = invitation(inviter, invited);
    let own = told.clone();
    let inside: Vec<String> = inside.iter().map(|id| member(id)).collect();
    let post = Post::where_said(move |request| match request.request_line() {
        line if line.contains("/rooms/%21new/state ") => {
            Some(format!("{{\"state\":[{}]}}", inside.join(",")))
        }
        line if line.contains("/v3/sync?") => Some(own.clone()),
        _ => None,
    });
    let who = invited.trim_start_matches('@').trim_end_matches(":acme");
    let (answer, _) = post.send(who, "GET", "/_matrix/client/v3/sync?since=invited", "");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let of = |bytes: &[u8]| serde_json::from_slice(bytes).expect("JSON");
    (of(&answer.body), of(told.as_bytes()))
}

const NONE: &str = r#"{"next_batch":"s","rooms":{"invite":{}}}"#;

#[test]
fn an_invitation_by_a_colleague_is_shown_as_it_is() {
    for inside in [&[][..], &["@bob:acme"], &["@bob:acme", "@alice:acme"]] {
        let (seen, told) = shown("@bob:acme", "@alice:acme", inside);
        assert_eq!(seen, told, "{inside:?}");
    }
}

#[test]
fn an_invitation_by_an_outsider_is_shown_to_whoever_may_talk_to_them() {
    for inside in [&[][..], &["@line_mei:acme"]] {
        let (seen, told) = shown("@line_mei:acme", "@alice:acme", inside);
        assert_eq!(seen, told, "{inside:?}");
        let (seen, _) = shown("@line_mei:acme", "@bob:acme", inside);
        assert_eq!(seen.to_string(), NONE, "{inside:?}");
    }
}

#[test]
fn an_invitation_does_not_hide_who_else_is_there() {
    let inside = ["@alice:acme", "@line_mei:acme"];
    let (seen, _) = shown("@alice:acme", "@bob:acme", &inside);
    assert_eq!(seen.to_string(), NONE);
}
