//! Values of another type than is due in the upstream's answers: they go, and all else stays.

use serde_json::{Value, json};

use super::upstream::gateway_of;
use crate::backend::{Backend, json as json_answer};
use crate::support::Client;
use crate::town::ACME;

const PERSON: &str = r#"{"id":"bob","name":"Bob Lee","mail":"bob@acme.example"}"#;
const MEMBERS: &str = r#"{"members":[{"id":"alice","name":"Alice Kim"},{"id":"bob","name":"Bob Lee"},{"id":"line:mei","name":"Mei Tanaka"}],"total":3}"#;

/// A message server before which Mei reads room r2, where Bob is, whom she may not know.
async fn backend() -> Backend {
    let backend = Backend::start().await;
    let me = r#"{"id":"line:mei","name":"Mei Tanaka"}"#;
    backend.set("/v1/me", json_answer(me));
    for (id, name) in [("alice", "Alice Kim"), ("line%3Amei", "Mei Tanaka")] {
        let profile = json!({"id": id.replace("%3A", ":"), "name": name}).to_string();
        backend.set(&format!("/v1/people/{id}"), json_answer(&profile));
    }
    backend.set("/v1/people/bob", json_answer(PERSON));
    backend.set("/v1/rooms/r2/members", json_answer(MEMBERS));
    backend
}

fn message(more: &Value) -> Value {
    let mut message = json!({
        "id": "m2", "room": "r2", "author": {"id": "alice", "name": "Alice Kim"},
        "content": {"type": "text", "text": "hi"}, "quote": null, "mentions": [],
    });
    for (key, value) in more.as_object().unwrap() {
        message[key] = value.clone();
    }
    message
}

#[tokio::test]
async fn one_odd_value_costs_itself_and_not_the_list() {
    let backend = backend().await;
    let open = ACME.replace("restrict_attachments: true", "restrict_attachments: false");
    let app = gateway_of(backend.address, &open);
    let withheld = "withheld";
    for (odd, key, shown) in [
        (
            json!({"mentions": [["bob"], "alice"]}),
            "mentions",
            json!([null, "alice"]),
        ),
        (json!({"mentions": {"bob": 1}}), "mentions", Value::Null),
        (json!({"mentions": [true]}), "mentions", json!([null])),
        (json!({"quote": "Bob Lee"}), "quote", Value::Null),
        (
            json!({"content": {"type": "text", "text": ["Bob Lee"]}}),
            "content",
            json!({"type": "text", "text": null}),
        ),
        (
            json!({"content": {"type": "text", "text": {"Bob": "Lee"}}}),
            "content",
            json!({"type": "text", "text": null}),
        ),
        (
            json!({"content": {"type": "text", "text": 12}}),
            "content",
            json!({"type": "text", "text": 12}),
        ),
        (
            json!({"content": {"type": "text", "text": false}}),
            "content",
            json!({"type": "text", "text": false}),
        ),
        (
            json!({"author": {"id": "alice", "name": ["Bob Lee"]}}),
            "author",
            json!({"id": "alice", "name": null}),
        ),
        // Whom it describes nobody knows.
        (
            json!({"author": {"id": ["bob"], "name": "Bob Lee"}}),
            "author",
            json!({"id": null, "name": "unknown"}),
        ),
        (
            json!({"author": {"id": null, "name": "Bob Lee"}}),
            "author",
            json!({"id": null, "name": "unknown"}),
        ),
        (
            json!({"author": {"id": true, "name": "Bob Lee"}}),
            "author",
            json!({"id": null, "name": "unknown"}),
        ),
        (json!({"author": "Bob Lee"}), "author", Value::Null),
        (json!({"author": ["bob"]}), "author", Value::Null),
        (json!({"author": 5}), "author", Value::Null),
        // And what nobody is known to have written is not shown.
        (json!({"author": ["bob"]}), withheld, Value::Null),
        (json!({"room": ["r2"]}), "room", Value::Null),
        (json!({"content": "Bob Lee"}), "content", Value::Null),
    ] {
        let fine = message(&json!({"id": "m1"}));
        let page = json!({"messages": [fine, message(&odd)], "total": 2, "more": false});
        backend.set("/v1/rooms/r2/messages", json_answer(&page.to_string()));
        let mei = Client::new(app.server.addresses()[0], "token-mei");
        for mei in [mei.http2(), mei] {
            let page = mei.get("/v1/rooms/r2/messages").await.expect(200);
            assert!(!page.text().contains("Lee"), "{odd}: {}", page.text());
            let messages = page.json()["messages"].clone();
            assert_eq!(messages[0], fine, "{odd}");
            if key == withheld {
                assert_eq!(
                    messages[1]["content"]["type"], withheld,
                    "{odd}: {messages}"
                );
            } else {
                assert_eq!(messages[1][key], shown, "{odd}");
            }
        }
    }
}

#[tokio::test]
async fn odd_words_are_as_restricted_as_can_be() {
    let backend = backend().await;
    let app = gateway_of(backend.address, ACME);
    let mei = Client::new(app.server.addresses()[0], "token-mei");
    let shown = async |content: Value| {
        let odd = message(&json!({"content": content}));
        backend.set("/v1/messages/m2", json_answer(&odd.to_string()));
        mei.get("/v1/messages/m2").await.expect(200).json()["content"]["type"].clone()
    };
    for odd in [
        json!({"type": "text", "text": ["hi"]}),
        json!({"type": "link", "url": {"a": 1}}),
        json!({"type": ["text"], "text": "hi"}),
        json!({"type": true, "text": "hi"}),
    ] {
        assert_eq!(shown(odd.clone()).await, "withheld", "{odd}");
    }
    for fine in [
        json!({"type": "text", "text": "hi"}),
        json!({"type": "text", "text": 1}),
    ] {
        assert_eq!(shown(fine).await, "text");
    }
}
