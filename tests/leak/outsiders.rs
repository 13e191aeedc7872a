//! What is masked or not an outsider's looks like what is not there at all.

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use crate::canaries::{CANARIES, town};
use crate::planting::plant;
use crate::support::{Client, Reply};

/// Status, headers and body without what differs from request to request.
fn looks(reply: &Reply, id: &str) -> String {
    let mut headers: Vec<String> = reply
        .headers
        .iter()
        .filter(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    headers.sort();
    let mut body: Value = serde_json::from_slice(&reply.bytes).unwrap_or(Value::Null);
    if let Some(error) = body.get_mut("error").and_then(Value::as_object_mut) {
        error.remove("support_id");
    }
    format!("{} {headers:?} {body}", reply.status).replace(id, "ID")
}

async fn ask(client: &Client, (method, path, body): (&str, &str, &Value), id: &str) -> String {
    let path = path.replace("ID", &id.replace(':', "%3A"));
    let (headers, body) = match body {
        Value::Null => (vec![], Bytes::new()),
        body => (
            vec![("content-type", "application/json")],
            Bytes::from(body.to_string().replace("ID", id)),
        ),
    };
    looks(
        &client
            .send(method.parse::<Method>().unwrap(), &path, &headers, body)
            .await,
        id,
    )
}

/// Each of `there` and `nowhere` must look the same to `client`, by every request.
async fn check(client: &Client, requests: &[(&str, &str, Value)], there: &[&str], nowhere: &str) {
    let mut differing = Vec::new();
    for (method, path, body) in requests {
        let expected = ask(client, (method, path, body), nowhere).await;
        for id in there {
            let seen = ask(client, (method, path, body), id).await;
            if seen != expected {
                differing.push(format!(
                    "{method} {path} {body}\n  {id}: {seen}\n  {nowhere}: {expected}"
                ));
            }
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[tokio::test]
async fn people_who_are_unknown_are_as_people_who_are_not() {
    let (town, places) = town().await;
    plant(&town, &places, 1).await;
    let shared = &places.mixed;
    let of_room = |rest: &str| format!("/v1/rooms/{shared}/{rest}");
    let of_group = |rest: &str| format!("/v1/groups/{}/{rest}", places.group);
    let (members, invitations, messages) = (
        of_room("members"),
        of_room("invitations"),
        of_room("messages"),
    );
    let (leaver, group_members) = (of_room("members/ID"), of_group("members"));
    let tasks = of_group("tasks");
    let requests = [
        ("GET", "/v1/people/ID", Value::Null),
        ("HEAD", "/v1/people/ID", Value::Null),
        ("GET", "/v1/people/ID/picture", Value::Null),
        ("HEAD", "/v1/people/ID/picture", Value::Null),
        ("GET", "/v1/people/ID/contacts", Value::Null),
        ("GET", "/v1/people?q=ID", Value::Null),
        ("DELETE", "/v1/contacts/ID", Value::Null),
        ("DELETE", leaver.as_str(), Value::Null),
        ("POST", members.as_str(), json!({"person": "ID"})),
        ("POST", invitations.as_str(), json!({"person": "ID"})),
        ("POST", "/v1/rooms", json!({"members": ["ID"]})),
        (
            "POST",
            "/v1/rooms",
            json!({"members": ["ID"], "kind": "direct"}),
        ),
        (
            "POST",
            "/v1/groups",
            json!({"title": "x", "members": ["ID"]}),
        ),
        ("POST", group_members.as_str(), json!({"person": "ID"})),
        (
            "POST",
            "/v1/boards",
            json!({"title": "x", "readers": ["ID"]}),
        ),
        (
            "POST",
            messages.as_str(),
            json!({"content": {"type": "text", "text": "x"}, "mentions": ["ID"]}),
        ),
        (
            "POST",
            tasks.as_str(),
            json!({"title": "x", "text": "y", "assignee": "ID"}),
        ),
        (
            "POST",
            "/v1/login",
            json!({"person": "ID", "password": "wrong"}),
        ),
    ];
    let mut there = CANARIES.map(|canary| canary.id).to_vec();
    there.extend(["dave", "bob"]);
    for peer in ["line:mei", "grace"] {
        check(&town.client(peer), &requests, &there, "nobody").await;
    }
}

#[tokio::test]
async fn places_of_others_are_as_places_that_are_not() {
    let (town, places) = town().await;
    let alice = town.behind("alice");
    let said = alice
        .post(
            "/v1/rooms/r1/messages",
            json!({"content": {"type": "text", "text": "x"}}),
        )
        .await
        .expect(201);
    let said = said.json()["id"].as_str().unwrap().to_owned();
    let file = alice
        .upload("/v1/rooms/r1/files?name=a.txt", "text/plain", b"a")
        .await
        .expect(201);
    let file = file.json()["id"].as_str().unwrap().to_owned();
    let text = json!({"content": {"type": "text", "text": "x"}});
    let rooms = [
        ("GET", "/v1/rooms/ID", Value::Null),
        ("HEAD", "/v1/rooms/ID", Value::Null),
        ("GET", "/v1/rooms/ID/members", Value::Null),
        ("GET", "/v1/rooms/ID/messages", Value::Null),
        ("GET", "/v1/rooms/ID/files", Value::Null),
        ("GET", "/v1/rooms/ID/functions", Value::Null),
        ("POST", "/v1/rooms/ID/messages", text.clone()),
        ("POST", "/v1/rooms/ID/join", Value::Null),
        ("POST", "/v1/rooms/ID/calls", Value::Null),
        (
            "POST",
            "/v1/rooms/ID/members",
            json!({"person": "line:ken"}),
        ),
        (
            "POST",
            "/v1/rooms/ID/invitations",
            json!({"person": "line:ken"}),
        ),
        ("PATCH", "/v1/rooms/ID", json!({"title": "x"})),
        ("PUT", "/v1/rooms/ID/read", json!({"message": "m1"})),
        ("PUT", "/v1/rooms/ID/typing", json!({"typing": true})),
        ("POST", "/v1/messages/m5/forward", json!({"rooms": ["ID"]})),
    ];
    let messages = [
        ("GET", "/v1/messages/ID", Value::Null),
        ("HEAD", "/v1/messages/ID", Value::Null),
        ("PATCH", "/v1/messages/ID", text.clone()),
        ("DELETE", "/v1/messages/ID", Value::Null),
        ("PUT", "/v1/messages/ID/pin", Value::Null),
        ("PUT", "/v1/messages/ID/reactions/x", Value::Null),
        ("POST", "/v1/messages/ID/forward", json!({"rooms": ["r2"]})),
        (
            "POST",
            "/v1/rooms/r2/messages",
            json!({"content": {"type": "text", "text": "x"}, "quote": "ID"}),
        ),
    ];
    let files = [
        ("GET", "/v1/files/ID", Value::Null),
        ("HEAD", "/v1/files/ID", Value::Null),
        ("GET", "/v1/files/ID/info", Value::Null),
        ("GET", "/v1/files/ID/thumbnail", Value::Null),
        ("DELETE", "/v1/files/ID", Value::Null),
        (
            "POST",
            "/v1/rooms/r2/messages",
            json!({"content": {"type": "file", "file": "ID"}}),
        ),
    ];
    let groups = [
        ("GET", "/v1/groups/ID", Value::Null),
        ("GET", "/v1/groups/ID/members", Value::Null),
        ("GET", "/v1/groups/ID/notes", Value::Null),
        ("GET", "/v1/groups/ID/folder", Value::Null),
        (
            "POST",
            "/v1/groups/ID/notes",
            json!({"title": "x", "text": "y"}),
        ),
        ("DELETE", "/v1/groups/ID/notes/n1", Value::Null),
    ];
    let boards = [
        ("GET", "/v1/boards/ID", Value::Null),
        ("GET", "/v1/boards/ID/posts", Value::Null),
        (
            "POST",
            "/v1/boards/ID/posts",
            json!({"title": "x", "text": "y"}),
        ),
    ];
    let mei = town.client("line:mei");
    // A room of Acme alone, and one with somebody of Globex.
    check(&mei, &rooms, &["r1", "r4", &places.inside], "r999").await;
    check(&mei, &messages, &["m1", &said], "m999").await;
    check(&mei, &files, &[&file], "f999").await;
    check(&mei, &groups, &["g1"], "g999").await;
    check(&mei, &boards, &["b1", "b2"], "b999").await;
}
