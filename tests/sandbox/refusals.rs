//! What is refused, and how.

use borderpost::sandbox::{Content, World};
use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use crate::{client, seeded, start, text};

#[tokio::test]
async fn what_can_not_be_done_is_refused_with_its_code() {
    let server = seeded().await;
    let alice = client(&server, "alice");
    let post = |path: &'static str, body: Value| (Method::POST, path, body);
    let cases = [
        (
            404,
            "not_found",
            (Method::GET, "/v1/rooms/r6/messages", json!(null)),
        ),
        (
            404,
            "not_found",
            (Method::GET, "/v1/rooms/r99", json!(null)),
        ),
        (404, "not_found", (Method::GET, "/v1/nothing", json!(null))),
        (
            404,
            "not_found",
            post("/v1/rooms/r6/messages", text("not mine")),
        ),
        (
            403,
            "forbidden",
            (Method::DELETE, "/v1/messages/m1", json!(null)),
        ),
        (
            403,
            "forbidden",
            (Method::GET, "/v1/people/bob/contacts", json!(null)),
        ),
        (
            405,
            "method_not_allowed",
            (Method::DELETE, "/v1/rooms", json!(null)),
        ),
        (
            409,
            "conflict",
            post("/v1/rooms/r3/members", json!({"person": "bob"})),
        ),
        (
            400,
            "bad_request",
            post(
                "/v1/rooms/r3/messages",
                json!({"content": {"type": "text"}}),
            ),
        ),
        (
            400,
            "bad_request",
            post(
                "/v1/rooms/r3/messages",
                json!({"content": {"type": "text", "text": "x", "html": "x"}}),
            ),
        ),
        (
            400,
            "bad_request",
            post(
                "/v1/rooms/r3/messages",
                json!({"content": {"type": "poll"}}),
            ),
        ),
        (
            400,
            "bad_request",
            post(
                "/v1/rooms/r3/members",
                json!({"person": "dave", "as": "bob"}),
            ),
        ),
        (
            400,
            "bad_request",
            (Method::GET, "/v1/rooms/r3/messages?limit=0", json!(null)),
        ),
        (
            400,
            "bad_request",
            (Method::GET, "/v1/people?q=a&q=b", json!(null)),
        ),
        (
            400,
            "bad_request",
            (Method::GET, "/v1/people/%ff", json!(null)),
        ),
        (
            422,
            "unprocessable",
            post("/v1/rooms/r3/messages", text("")),
        ),
        (
            422,
            "unprocessable",
            post("/v1/rooms/r3/members", json!({"person": "nobody"})),
        ),
        (
            422,
            "unprocessable",
            post("/v1/rooms/r2/members", json!({"person": "bob"})),
        ),
        (
            422,
            "unprocessable",
            post("/v1/rooms/r7/members", json!({"person": "carol"})),
        ),
        (
            422,
            "unprocessable",
            post(
                "/v1/rooms/r4/messages",
                json!({"content": {"type": "image", "file": "f1"}}),
            ),
        ),
        (
            422,
            "unprocessable",
            post(
                "/v1/rooms/r3/messages",
                json!({"content": {"type": "drive", "name": "x"}}),
            ),
        ),
        (
            422,
            "unprocessable",
            post(
                "/v1/rooms/r3/messages",
                json!({"content": {"type": "template", "template": "t1", "fields": {"why": "x"}}}),
            ),
        ),
    ];
    for (status, code, (method, path, body)) in cases {
        let headers = [("content-type", "application/json")];
        let body = Bytes::from(body.to_string());
        let reply = alice
            .send(method.clone(), path, &headers, body.clone())
            .await;
        assert_eq!(reply.status, status, "{method} {path} {body:?}");
        assert_eq!(
            reply.json()["error"]["code"],
            code,
            "{method} {path} {body:?}"
        );
    }
}

#[tokio::test]
async fn bodies_that_are_no_json_are_refused_by_their_label() {
    let server = seeded().await;
    let alice = client(&server, "alice");
    let path = "/v1/rooms/r3/messages";
    let body = Bytes::from(text("x").to_string());
    let plain = [("content-type", "text/plain")];
    alice
        .send(Method::POST, path, &plain, body.clone())
        .await
        .expect(415);
    let packed = [
        ("content-type", "application/json"),
        ("content-encoding", "br"),
    ];
    alice
        .send(Method::POST, path, &packed, body)
        .await
        .expect(415);
    let huge = text(&"x".repeat(1024 * 1024));
    alice.post(path, huge).await.expect(413);
}

#[tokio::test]
async fn an_operator_reads_everything_and_does_nothing() {
    let server = seeded().await;
    let operator = client(&server, "operator");
    for path in [
        "/v1/rooms/r2",
        "/v1/rooms/r2/members",
        "/v1/rooms/r2/messages",
        "/v1/messages/m1",
        "/v1/files/f1/info",
        "/v1/groups/g1",
        "/v1/groups/g1/notes",
        "/v1/boards/b2",
        "/v1/people/alice/contacts",
    ] {
        operator.get(path).await.expect(200);
    }
    for path in ["/v1/me", "/v1/rooms", "/v1/search?q=a", "/v1/events"] {
        operator.get(path).await.expect(403);
    }
    operator
        .post("/v1/rooms/r2/messages", text("x"))
        .await
        .expect(403);
    operator
        .upload("/v1/rooms/r2/files?name=x", "text/plain", b"x")
        .await
        .expect(403);
}

#[tokio::test]
async fn a_full_sandbox_makes_nothing_more_and_still_reads() {
    let mut world = World::new();
    world.person("ann", "Ann", None).objects_max(2);
    let room = world.room(Some("R"), &["ann"]);
    world.message(&room, "ann", Content::text("one"));
    let server = start(world).await;
    let ann = client(&server, "ann");
    ann.post("/v1/rooms/r1/messages", text("two"))
        .await
        .expect(503);
    ann.get("/v1/rooms/r1/messages").await.expect(200);
}
