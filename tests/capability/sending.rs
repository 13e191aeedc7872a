//! Who may send what, and what is seen of it.

use serde_json::json;

use crate::town::{ACME, GLOBEX, Town};

#[tokio::test]
async fn words_cross_and_photos_do_not() {
    let town = Town::new(&[ACME, GLOBEX]).await;
    let alice = town.client("alice");
    let sent = alice
        .post(
            "/v1/rooms/r2/messages",
            json!({"content": {"type": "text", "text": "hello"}}),
        )
        .await
        .expect(201);
    assert_eq!(sent.json()["content"]["text"], "hello");
    let photo = alice
        .upload(
            "/v1/rooms/r2/files?name=a.jpg",
            "image/jpeg",
            b"\xff\xd8\xff\xe0",
        )
        .await;
    assert_eq!(
        photo.json()["error"]["code"],
        "attachment_restricted",
        "{}",
        photo.text()
    );
    assert_eq!(photo.status, 403);
    let inside = alice
        .upload(
            "/v1/rooms/r1/files?name=a.jpg",
            "image/jpeg",
            b"\xff\xd8\xff\xe0",
        )
        .await;
    inside.expect(201);
}

#[tokio::test]
async fn a_member_without_a_grant_does_not_see_the_room() {
    let town = Town::new(&[ACME, GLOBEX]).await;
    let bob = town.client("bob");
    let rooms = bob.get("/v1/rooms").await.expect(200).json();
    let ids: Vec<&str> = rooms["rooms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|room| room["id"].as_str().unwrap())
        .collect();
    assert!(!ids.contains(&"r3"), "{ids:?}");
    assert!(ids.contains(&"r1"), "{ids:?}");
    assert_eq!(rooms["total"], ids.len());
    bob.get("/v1/rooms/r3").await.expect(404);
    let refused = bob
        .post(
            "/v1/rooms/r3/messages",
            json!({"content": {"type": "text", "text": "hello"}}),
        )
        .await
        .expect(403);
    assert_eq!(refused.json()["error"]["code"], "not_permitted");
}

#[tokio::test]
async fn a_peer_sees_unknown() {
    let town = Town::new(&[ACME, GLOBEX]).await;
    let mei = town.client("line:mei");
    let room = mei.get("/v1/rooms/r3").await.expect(200);
    assert!(!room.text().contains("Bob"), "{}", room.text());
    assert!(!room.text().contains("bob"), "{}", room.text());
    assert!(room.text().contains("Alice Kim"), "{}", room.text());
    assert!(room.text().contains("unknown"), "{}", room.text());
}
