//! The event stream.

use borderpost::sandbox::World;
use serde_json::json;

use crate::{client, seeded, start, text};

#[tokio::test]
async fn events_come_in_order_and_only_to_those_they_are_for() {
    let server = seeded().await;
    let (alice, mei) = (client(&server, "alice"), client(&server, "line:mei"));
    let mut events = mei.events().await;
    for (room, words) in [
        ("r3", "one"),
        ("r1", "hidden"),
        ("r2", "two"),
        ("r3", "three"),
    ] {
        let path = format!("/v1/rooms/{room}/messages");
        alice.post(&path, text(words)).await.expect(201);
    }
    let seen = events
        .until(|it| it.data["content"]["text"] == "three")
        .await;
    let words: Vec<_> = seen
        .iter()
        .map(|it| it.data["content"]["text"].clone())
        .collect();
    assert_eq!(words, ["one", "two", "three"]);
    assert!(seen.is_sorted_by(|one, two| one.id < two.id));
}

#[tokio::test]
async fn a_stream_resumes_behind_an_event() {
    let server = seeded().await;
    let alice = client(&server, "alice");
    let mut events = alice.events().await;
    for words in ["one", "two"] {
        alice
            .post("/v1/rooms/r3/messages", text(words))
            .await
            .expect(201);
    }
    let first = events.next().await.unwrap();
    let second = alice.events_after(first.id).await.next().await.unwrap();
    assert_eq!(second.data["content"]["text"], "two");
}

#[tokio::test]
async fn a_reader_who_is_too_late_is_told_to_load_anew() {
    let mut world = World::seeded();
    world.events_max(2);
    let server = start(world).await;
    let alice = client(&server, "alice");
    for words in ["one", "two", "three", "four"] {
        alice
            .post("/v1/rooms/r3/messages", text(words))
            .await
            .expect(201);
    }
    let mut events = alice.events_after(1).await;
    let reset = events.next().await.unwrap();
    assert_eq!(
        (reset.name.as_str(), &reset.data),
        ("reset", &json!({"oldest": 2}))
    );
    assert_eq!(
        events.next().await.unwrap().data["content"]["text"],
        "three"
    );
}

#[tokio::test]
async fn an_id_from_another_life_of_the_server_means_to_load_anew() {
    let server = seeded().await;
    let alice = client(&server, "alice");
    let mut events = alice.events_after(1_000).await;
    assert_eq!(events.next().await.unwrap().name, "reset");
    alice
        .get_with("/v1/events", &[("last-event-id", "x")])
        .await
        .expect(400);
}
