//! Rooms and who is in them.

use serde_json::json;

use crate::{client, ids, seeded, text};

#[tokio::test]
async fn people_come_and_go_and_everybody_hears() {
    let server = seeded().await;
    let (alice, heidi) = (client(&server, "alice"), client(&server, "heidi"));
    let room = alice
        .post("/v1/rooms", json!({"members": ["bob"], "title": "New"}))
        .await
        .expect(201)
        .json();
    let path = format!("/v1/rooms/{}", room["id"].as_str().unwrap());
    heidi.get(&path).await.expect(404);
    let mut events = heidi.events().await;
    alice
        .post(&format!("{path}/members"), json!({"person": "heidi"}))
        .await
        .expect(201);
    assert_eq!(
        events.next_named("member.joined").await.data["person"]["id"],
        "heidi"
    );
    assert_eq!(events.next_named("room").await.data["title"], "New");
    let system = events.next_named("message").await.data["system"].clone();
    assert_eq!(
        system,
        json!({"event": "added", "person": "heidi", "by": "alice", "text": "Alice Kim added Heidi Mori"})
    );
    let members = heidi
        .get(&format!("{path}/members"))
        .await
        .expect(200)
        .json();
    assert_eq!(ids(&members["members"]), ["alice", "bob", "heidi"]);
    heidi
        .delete(&format!("{path}/members/heidi"))
        .await
        .expect(204);
    assert_eq!(
        events.next_named("member.left").await.data["person"]["id"],
        "heidi"
    );
    heidi.get(&path).await.expect(404);
    let last = alice.get(&path).await.expect(200).json();
    assert_eq!(
        last["last_message"]["system"]["text"],
        "Heidi Mori left the room"
    );
}

#[tokio::test]
async fn an_invitation_is_accepted_or_declined_once() {
    let server = seeded().await;
    let (alice, grace) = (client(&server, "alice"), client(&server, "grace"));
    let mut events = grace.events().await;
    let invited = alice
        .post("/v1/rooms/r3/invitations", json!({"person": "grace"}))
        .await
        .expect(201)
        .json();
    assert_eq!(events.next().await.unwrap().data, invited);
    alice
        .post("/v1/rooms/r3/invitations", json!({"person": "grace"}))
        .await
        .expect(409);
    let mine = grace.get("/v1/invitations").await.expect(200).json();
    assert_eq!(mine, json!({"invitations": [invited], "total": 1}));
    let path = format!("/v1/invitations/{}", invited["id"].as_str().unwrap());
    client(&server, "bob")
        .post(&format!("{path}/accept"), json!(null))
        .await
        .expect(404);
    let room = grace
        .post(&format!("{path}/accept"), json!(null))
        .await
        .expect(200)
        .json();
    assert_eq!(ids(&room["members"]), ["alice", "bob", "line:mei", "grace"]);
    grace
        .post(&format!("{path}/decline"), json!(null))
        .await
        .expect(404);
}

#[tokio::test]
async fn only_open_rooms_are_joined() {
    let server = seeded().await;
    let alice = client(&server, "alice");
    let seen = alice.get("/v1/rooms/r6/members").await.expect(200).json();
    assert_eq!(ids(&seen["members"]), ["bob", "carol"]);
    alice
        .post("/v1/rooms/r6/join", json!(null))
        .await
        .expect(200);
    alice.get("/v1/rooms/r6/messages").await.expect(200);
    client(&server, "heidi")
        .post("/v1/rooms/r3/join", json!(null))
        .await
        .expect(404);
}

#[tokio::test]
async fn a_direct_room_is_made_once_and_named_after_the_other() {
    let server = seeded().await;
    let (alice, bob) = (client(&server, "alice"), client(&server, "bob"));
    let wanted = json!({"members": ["bob"], "kind": "direct"});
    let made = alice
        .post("/v1/rooms", wanted.clone())
        .await
        .expect(201)
        .json();
    let again = alice.post("/v1/rooms", wanted).await.expect(200).json();
    assert_eq!(
        (&made["id"], &made["title"]),
        (&again["id"], &json!("Bob Lee"))
    );
    let path = format!("/v1/rooms/{}", made["id"].as_str().unwrap());
    assert_eq!(
        bob.get(&path).await.expect(200).json()["title"],
        "Alice Kim"
    );
}

#[tokio::test]
async fn unread_counts_fall_with_the_read_mark() {
    let server = seeded().await;
    let (alice, bob) = (client(&server, "alice"), client(&server, "bob"));
    assert_eq!(alice.get("/v1/rooms/r3").await.json()["unread"], 2);
    let mut events = bob.events().await;
    let last = alice.get("/v1/rooms/r3").await.json()["last_message"]["id"].clone();
    alice
        .put("/v1/rooms/r3/read", json!({"message": last}))
        .await
        .expect(204);
    assert_eq!(alice.get("/v1/rooms/r3").await.json()["unread"], 0);
    assert_eq!(events.next().await.unwrap().data["person"], "alice");
    let seen = bob
        .get(&format!("/v1/messages/{}", last.as_str().unwrap()))
        .await
        .json();
    assert_eq!(seen["read_by"], json!(["alice"]));
}

#[tokio::test]
async fn typing_lasts_until_the_message() {
    let server = seeded().await;
    let (alice, bob) = (client(&server, "alice"), client(&server, "bob"));
    let mut events = bob.events().await;
    alice
        .put("/v1/rooms/r3/typing", json!({"typing": true}))
        .await
        .expect(204);
    assert_eq!(
        events.next().await.unwrap().data["people"],
        json!(["alice"])
    );
    assert_eq!(
        bob.get("/v1/rooms/r3").await.json()["typing"],
        json!(["alice"])
    );
    alice
        .post("/v1/rooms/r3/messages", text("done"))
        .await
        .expect(201);
    assert_eq!(events.next().await.unwrap().data["people"], json!([]));
}

#[tokio::test]
async fn a_call_rings_in_the_room_and_encryption_is_told() {
    let server = seeded().await;
    let (alice, mei) = (client(&server, "alice"), client(&server, "line:mei"));
    let mut events = mei.events().await;
    let call = alice
        .post("/v1/rooms/r2/calls", json!(null))
        .await
        .expect(201)
        .json();
    let content = events.next_named("message").await.data["content"].clone();
    assert_eq!(content, json!({"type": "call", "call": call["call"]}));
    alice
        .put("/v1/rooms/r2/encryption", json!({"enabled": true}))
        .await
        .expect(200);
    assert_eq!(events.next_named("room").await.data["encrypted"], true);
}
