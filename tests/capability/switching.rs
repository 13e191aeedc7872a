//! Settings over time: a change holds for every decision that starts afterwards, open streams
//! included; and what comes back is what was there.

use serde_json::json;

use crate::kit::{
    DENIED, OPEN, RESTRICTED, acme, both, events_until, get, gives_away, globex, keys_of, only,
    post, read, say, send, town_of,
};

#[tokio::test]
async fn deny_holds_at_once_and_allow_brings_everything_back() {
    let town = town_of(&acme(OPEN, OPEN), &globex(OPEN, OPEN)).await;
    let alice = town.client("alice");
    let before = read(&alice, "/v1/rooms").await;
    let history = read(&alice, "/v1/rooms/r2/messages").await;
    for _ in 0..3 {
        town.apply(&[&acme(DENIED, OPEN), &globex(OPEN, OPEN)]);
        for alice in both(&alice) {
            get("/v1/rooms/r2").is_not_there(&alice).await;
            say("r2", "refused")
                .is_blocked(&alice, "connect_denied")
                .await;
            let ids = keys_of(&read(&alice, "/v1/rooms").await, "rooms", "id");
            assert!(!ids.iter().any(|id| id == "r2" || id == "r3"), "{ids:?}");
        }
        let seen = town
            .client("line:mei")
            .get("/v1/rooms/r2")
            .await
            .expect(200)
            .text();
        assert!(!gives_away(&seen, "alice", "Alice Kim"), "{seen}");
        assert!(seen.contains("unknown"), "{seen}");
        town.apply(&[&acme(OPEN, OPEN), &globex(OPEN, OPEN)]);
        // Nothing that was refused meanwhile is replayed.
        assert_eq!(read(&alice, "/v1/rooms/r2/messages").await, history);
        assert_eq!(read(&alice, "/v1/rooms").await, before);
    }
}

#[tokio::test]
async fn one_network_does_not_touch_the_other() {
    let town = town_of(&acme(DENIED, OPEN), &globex(OPEN, OPEN)).await;
    let alice = town.client("alice");
    say("r4", "hello").passes(&alice).await;
    say("r7", "hello").passes(&alice).await;
    town.apply(&[&acme(OPEN, DENIED), &globex(OPEN, OPEN)]);
    say("r2", "hello").passes(&alice).await;
    for room in ["r4", "r7"] {
        say(room, "hello")
            .is_blocked(&alice, "connect_denied")
            .await;
    }
}

#[tokio::test]
async fn one_company_does_not_touch_the_other() {
    let mut world = borderpost::sandbox::World::seeded();
    let room = world.direct("grace", "line:mei");
    let policies = [acme(DENIED, DENIED), globex(OPEN, OPEN)];
    let town = crate::town::Town::with(world, &policies.each_ref().map(String::as_str), "").await;
    say(&room, "hello").passes(&town.client("grace")).await;
    say(&room, "hello").passes(&town.client("line:mei")).await;
}

#[tokio::test]
async fn the_next_event_of_an_open_stream_obeys() {
    let town = town_of(&acme(OPEN, OPEN), &globex(OPEN, OPEN)).await;
    let mut streams = Vec::new();
    for alice in both(&town.client("alice")) {
        streams.push(alice.events().await);
    }
    let mut mei = town.client("line:mei").events().await;
    let (behind, carol) = (town.behind("line:mei"), town.behind("carol"));
    say("r2", "one").passes(&behind).await;
    for stream in &mut streams {
        assert_eq!(
            stream.next_named("message").await.data["content"]["text"],
            "one"
        );
    }
    town.apply(&[&acme(DENIED, OPEN), &globex(OPEN, OPEN)]);
    say("r2", "two").passes(&behind).await;
    say("r2", "from inside").passes(&town.behind("alice")).await;
    say("r1", "last").passes(&carol).await;
    for stream in &mut streams {
        let seen = events_until(stream, "last").await;
        assert_eq!(seen.len(), 1, "{seen:?}");
    }
    let seen = mei
        .until(|event| event.data["content"]["text"] == "from inside")
        .await;
    let last = seen.last().expect("an event");
    assert_eq!(last.data["author"]["name"], "unknown", "{last:?}");
    town.apply(&[&acme(OPEN, OPEN), &globex(OPEN, OPEN)]);
    say("r2", "three").passes(&behind).await;
    for stream in &mut streams {
        assert_eq!(
            stream.next_named("message").await.data["content"]["text"],
            "three"
        );
    }
}

#[tokio::test]
async fn an_open_stream_follows_the_attachment_restriction() {
    let town = town_of(&acme(OPEN, OPEN), &globex(OPEN, OPEN)).await;
    let mut stream = town.client("alice").events().await;
    let card = send(
        "r2",
        json!({"type": "contact", "card": {"name": "Harbour Office"}}),
    );
    for (line, seen) in [
        (OPEN, "contact"),
        (RESTRICTED, "withheld"),
        (OPEN, "contact"),
    ] {
        town.apply(&[&acme(line, OPEN), &globex(OPEN, OPEN)]);
        card.passes(&town.behind("line:mei")).await;
        assert_eq!(
            stream.next_named("message").await.data["content"]["type"],
            seen
        );
    }
}

#[tokio::test]
async fn a_grant_is_given_and_taken() {
    let town = town_of(&acme(&only("alice"), OPEN), &globex(OPEN, OPEN)).await;
    let bob = town.client("bob");
    for _ in 0..2 {
        town.apply(&[&acme(&only("alice, bob"), OPEN), &globex(OPEN, OPEN)]);
        say("r3", "hello").passes(&bob).await;
        town.apply(&[&acme(&only("alice"), OPEN), &globex(OPEN, OPEN)]);
        say("r3", "hello").is_blocked(&bob, "not_permitted").await;
        say("r3", "hello").passes(&town.client("alice")).await;
    }
    // A grant never opens a network.
    let closed = "connect: deny, permission: by_member, connected_members: [alice, bob]";
    town.apply(&[&acme(closed, OPEN), &globex(OPEN, OPEN)]);
    say("r3", "hello").is_blocked(&bob, "connect_denied").await;
}

#[tokio::test]
async fn a_condition_does_not_revive_what_an_older_policy_showed() {
    let town = town_of(&acme(OPEN, OPEN), &globex(OPEN, OPEN)).await;
    let mei = town.client("line:mei");
    let shown = mei.get("/v1/rooms/r3").await.expect(200);
    let tag = shown.header("etag").to_owned();
    let condition = [("if-none-match", tag.as_str())];
    mei.get_with("/v1/rooms/r3", &condition).await.expect(304);
    town.apply(&[&acme(&only("alice"), OPEN), &globex(OPEN, OPEN)]);
    let masked = mei.get_with("/v1/rooms/r3", &condition).await.expect(200);
    assert!(!gives_away(&masked.text(), "bob", "Bob Lee"));
}

#[tokio::test]
async fn a_suspended_member_is_as_revoked_and_comes_back() {
    let suspended = |line: &str| format!("{}suspended: [bob]\n", acme(line, OPEN));
    for line in [OPEN.to_owned(), only("alice, bob")] {
        let town = town_of(&suspended(&line), &globex(OPEN, OPEN)).await;
        let bob = town.client("bob");
        for room in ["r3", "r7"] {
            say(room, "hello").is_blocked(&bob, "not_permitted").await;
            get(format!("/v1/rooms/{room}")).is_not_there(&bob).await;
        }
        say("r1", "hello").passes(&bob).await;
        let seen = town
            .client("line:mei")
            .get("/v1/rooms/r3")
            .await
            .expect(200)
            .text();
        assert!(!gives_away(&seen, "bob", "Bob Lee"), "{seen}");
        town.apply(&[&acme(&line, OPEN), &globex(OPEN, OPEN)]);
        say("r3", "hello").passes(&bob).await;
        let seen = town
            .client("line:mei")
            .get("/v1/rooms/r3")
            .await
            .expect(200)
            .text();
        assert!(gives_away(&seen, "bob", "Bob Lee"), "{seen}");
    }
}

#[tokio::test]
async fn somebody_whom_nobody_knows_is_the_strictest() {
    let mut world = borderpost::sandbox::World::seeded();
    world.person("stranger", "Sam Stranger", None);
    let room = world.room(Some("Quay"), &["alice", "bob", "stranger"]);
    let policies = [acme(OPEN, OPEN), globex(OPEN, OPEN)];
    let town = crate::town::Town::with(world, &policies.each_ref().map(String::as_str), "").await;
    let (alice, stranger) = (town.client("alice"), town.client("stranger"));
    say(&room, "hello")
        .is_blocked(&alice, "connect_denied")
        .await;
    get(format!("/v1/rooms/{room}")).is_not_there(&alice).await;
    get(format!("/v1/rooms/{room}"))
        .is_not_there(&stranger)
        .await;
    let refused = say(&room, "hello").by(&stranger).await.expect(403).json();
    assert_eq!(refused["error"]["code"], "not_available");
    get("/v1/people/alice").is_not_there(&stranger).await;
    get("/v1/people/stranger").is_not_there(&alice).await;
    post("/v1/rooms/r1/members", json!({"person": "stranger"}))
        .is_not_there(&alice)
        .await;
    // Named as a member, the stranger is a colleague.
    let known = acme(OPEN, OPEN).replace("carol, dave]", "carol, dave, stranger]");
    town.apply(&[&known, &globex(OPEN, OPEN)]);
    say(&room, "hello").passes(&alice).await;
    say(&room, "hello").passes(&stranger).await;
}
