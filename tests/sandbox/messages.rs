//! Messages: what is sent is there.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use borderpost::sandbox::World;
use serde_json::json;

use crate::{client, ids, seeded, start, text};

#[tokio::test]
async fn a_message_is_in_history_lists_search_and_streams() {
    let server = seeded().await;
    let (alice, mei) = (client(&server, "alice"), client(&server, "line:mei"));
    let mut events = mei.events().await;
    let body = json!({"content": {"type": "text", "text": "<@line:mei> zanzibar"}, "mentions": ["line:mei"]});
    let sent = alice
        .post("/v1/rooms/r3/messages", body)
        .await
        .expect(201)
        .json();
    assert_eq!(sent["author"]["name"], "Alice Kim");

    let history = mei
        .get("/v1/rooms/r3/messages?limit=1")
        .await
        .expect(200)
        .json();
    assert_eq!(history["messages"], json!([sent]));
    assert_eq!(
        (&history["total"], &history["more"]),
        (&json!(4), &json!(true))
    );
    let rooms = mei.get("/v1/rooms").await.expect(200).json();
    assert_eq!(ids(&rooms["rooms"]), ["r3", "r2"]);
    assert_eq!(rooms["rooms"][0]["last_message"], sent);
    let found = mei.get("/v1/search?q=ZANZI").await.expect(200).json();
    assert_eq!(found["results"][0]["message"], sent);
    assert_eq!(found["total"], 1);
    assert_eq!(events.next().await.unwrap().data, sent);
}

#[tokio::test]
async fn a_message_is_edited_reacted_to_pinned_and_deleted() {
    let server = seeded().await;
    let (alice, mei) = (client(&server, "alice"), client(&server, "line:mei"));
    let sent = alice
        .post("/v1/rooms/r3/messages", text("first"))
        .await
        .expect(201)
        .json();
    let path = format!("/v1/messages/{}", sent["id"].as_str().unwrap());
    let mut events = mei.events().await;
    mei.patch(&path, text("forged")).await.expect(403);
    let edited = alice.patch(&path, text("second")).await.expect(200).json();
    assert_eq!(events.next_named("message.edited").await.data, edited);
    let reacted = mei
        .put(&format!("{path}/reactions/%F0%9F%91%8D"), json!(null))
        .await
        .expect(200)
        .json();
    assert_eq!(
        reacted["reactions"],
        json!([{"emoji": "👍", "people": ["line:mei"]}])
    );
    assert_eq!(events.next().await.unwrap().data["emoji"], "👍");
    assert_eq!(
        mei.put(&format!("{path}/pin"), json!(null))
            .await
            .expect(200)
            .json()["pinned"],
        true
    );
    let quote = json!({"content": {"type": "text", "text": "re"}, "quote": sent["id"]});
    let quoting = mei
        .post("/v1/rooms/r3/messages", quote)
        .await
        .expect(201)
        .json();
    assert_eq!(quoting["quote"]["content"]["text"], "second");
    alice.delete(&path).await.expect(204);
    assert_eq!(
        events.next_named("message.deleted").await.data["message"],
        sent["id"]
    );
    let quoting = mei
        .get(&format!("/v1/messages/{}", quoting["id"].as_str().unwrap()))
        .await
        .json();
    assert_eq!(quoting["quote"], json!(null));
}

#[tokio::test]
async fn every_content_comes_back_as_it_was_sent() {
    let server = seeded().await;
    let alice = client(&server, "alice");
    let contents = [
        json!({"type": "sticker", "pack": "cats", "sticker": "7"}),
        json!({"type": "location", "latitude": 35, "longitude": 129.04, "label": "Busan"}),
        json!({"type": "link", "url": "https://acme.example", "title": "Acme"}),
        json!({"type": "image", "file": "f1", "caption": "berth"}),
        json!({"type": "video", "file": "f1"}),
        json!({"type": "voice", "file": "f1"}),
        json!({"type": "file", "file": "f1"}),
        json!({"type": "contact", "card": {"name": "Harbour", "phone": "1"}}),
        json!({"type": "drive", "name": "Plans", "url": "https://drive.acme.example/1"}),
        json!({"type": "drive", "name": "Plans", "item": "d1"}),
        json!({"type": "template", "template": "t1", "fields": {"who": "Mei"}}),
        json!({"type": "call", "call": "c1"}),
        json!({"type": "encrypted", "ciphertext": "AAAA"}),
    ];
    for content in contents {
        let sent = alice
            .post("/v1/rooms/r3/messages", json!({"content": content}))
            .await;
        assert_eq!(sent.expect(201).json()["content"], content);
    }
}

#[tokio::test]
async fn a_scheduled_message_goes_out_at_its_time() {
    let seconds = Arc::new(AtomicU64::new(1_800_000_000));
    let mut world = World::seeded();
    let clock = Arc::clone(&seconds);
    world.clock(move || SystemTime::UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::SeqCst)));
    let server = start(world).await;
    let (alice, mei) = (client(&server, "alice"), client(&server, "line:mei"));
    let draft =
        json!({"content": {"type": "text", "text": "later"}, "send_at": "2027-01-15T08:00:10Z"});
    let waiting = alice
        .post("/v1/rooms/r3/messages", draft)
        .await
        .expect(201)
        .json();
    assert_eq!(waiting["send_at"], "2027-01-15T08:00:10.000Z");
    assert_eq!(
        alice.get("/v1/scheduled").await.json()["scheduled"],
        json!([waiting])
    );
    assert_eq!(mei.get("/v1/search?q=later").await.json()["total"], 0);
    let mut events = mei.events().await;
    seconds.fetch_add(10, Ordering::SeqCst);
    assert_eq!(
        events.next().await.unwrap().data["content"]["text"],
        "later"
    );
    assert_eq!(alice.get("/v1/scheduled").await.json()["total"], 0);
}

#[tokio::test]
async fn a_scheduled_message_can_be_taken_back() {
    let server = seeded().await;
    let alice = client(&server, "alice");
    let draft =
        json!({"content": {"type": "text", "text": "later"}, "send_at": "2999-01-01T00:00:00Z"});
    let waiting = alice
        .post("/v1/rooms/r3/messages", draft)
        .await
        .expect(201)
        .json();
    let path = format!("/v1/scheduled/{}", waiting["id"].as_str().unwrap());
    client(&server, "bob").delete(&path).await.expect(404);
    alice.delete(&path).await.expect(204);
    assert_eq!(alice.get("/v1/scheduled").await.json()["total"], 0);
}
