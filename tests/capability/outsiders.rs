//! What outsiders are told: one neutral refusal, and never that something is there which is not theirs.

use serde_json::json;

use crate::kit::{
    DENIED, OPEN, RESTRICTED, Witness, acme, both, get, globex, only, post, put, say, send,
    town_of, upload,
};

#[tokio::test]
async fn every_refusal_is_the_same() {
    let town = town_of(&acme(OPEN, OPEN), &globex(OPEN, OPEN)).await;
    let mut witness = Witness::of(&town).await;
    let card = json!({"type": "contact", "card": {"name": "Harbour Office"}});
    let encrypted = json!({"type": "encrypted", "ciphertext": "c2VjcmV0"});
    let cases = [
        (DENIED.to_owned(), say("r2", "hello")),
        (only("bob"), say("r2", "hello")),
        (RESTRICTED.to_owned(), send("r2", card)),
        (RESTRICTED.to_owned(), send("r2", encrypted)),
        (
            RESTRICTED.to_owned(),
            upload(
                "/v1/rooms/r2/files?name=a.jpg",
                "image/jpeg",
                b"\xff\xd8\xff\xe0",
            ),
        ),
        (
            RESTRICTED.to_owned(),
            put("/v1/rooms/r2/encryption", json!({"enabled": true})),
        ),
    ];
    let mut told = Vec::new();
    for (line, act) in &cases {
        town.apply(&[&acme(line, OPEN), &globex(OPEN, OPEN)]);
        for mei in both(&town.client("line:mei")) {
            let reply = act.by(&mei).await;
            assert_eq!(reply.status, 403, "{line} {act:?}: {}", reply.text());
            told.push(reply.json()["error"]["code"].clone());
            let error = reply.json()["error"]["message"].clone();
            assert_eq!(error, "this is not available", "{line} {act:?}");
        }
    }
    assert!(told.iter().all(|code| code == "not_available"), "{told:?}");
    witness.saw_nothing().await;
    let passing = format!("{OPEN}, encrypted_rooms: pass");
    town.apply(&[&acme(&passing, OPEN), &globex(OPEN, OPEN)]);
    for (_, act) in &cases {
        act.passes(&town.client("line:mei")).await;
    }
}

#[tokio::test]
async fn a_room_of_others_is_as_one_that_does_not_exist() {
    let mut world = borderpost::sandbox::World::seeded();
    let secret = world.room(Some("Secret"), &["bob", "dave"]);
    let policies = [acme(&only("alice"), &only("alice")), globex(OPEN, OPEN)];
    let town = crate::town::Town::with(world, &policies.each_ref().map(String::as_str), "").await;
    for who in ["line:mei", "grace", "carol"] {
        for room in [secret.as_str(), "r99"] {
            let client = town.client(who);
            for path in ["", "/members", "/messages", "/files", "/functions"] {
                get(format!("/v1/rooms/{room}{path}"))
                    .is_not_there(&client)
                    .await;
            }
            if who != "carol" {
                say(room, "hello").is_not_there(&client).await;
                post(format!("/v1/rooms/{room}/members"), json!({"person": who}))
                    .is_not_there(&client)
                    .await;
                upload(
                    format!("/v1/rooms/{room}/files?name=a.jpg"),
                    "image/jpeg",
                    b"\xff\xd8\xff",
                )
                .is_not_there(&client)
                .await;
            }
        }
    }
    say(&secret, "hello").passes(&town.client("bob")).await;
}

#[tokio::test]
async fn a_member_is_told_nothing_of_a_room_without_colleagues() {
    let policies = [
        acme(&only("alice"), OPEN),
        globex(&only("grace"), &only("grace")),
    ];
    let town = town_of(&policies[0], &policies[1]).await;
    // Nobody of Globex is in r2, which is there; nobody at all is in r99, which is not.
    for room in ["r2", "r99"] {
        say(room, "hello").is_not_there(&town.client("heidi")).await;
    }
    // Bob is in r3, and is told his own company's reason.
    say("r3", "hello")
        .is_blocked(&town.client("bob"), "not_permitted")
        .await;
}
