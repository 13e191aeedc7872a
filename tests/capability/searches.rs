//! A search tells nothing of what it does not show: not by the length of a page, not by what it finds.

use serde_json::{Value, json};

use crate::kit::{OPEN, acme, both, get, globex, only, patch, post, read, say, town_of};
use crate::support::{Client, PATIENCE};
use crate::town::Town;

/// Bob may not talk to LINE: Mei does not know him, and he does not see her room r3.
fn barred() -> [String; 2] {
    [acme(&only("alice"), OPEN), globex(OPEN, OPEN)]
}

async fn town() -> Town {
    let [acme, globex] = barred();
    town_of(&acme, &globex).await
}

/// However long a page is, it is the beginning of all that is shown.
async fn check_pages(client: &Client, path: &str, list: &str, texts: &[&str]) {
    for client in both(client) {
        for text in texts {
            let all = read(&client, &format!("{path}?q={text}&limit=100")).await;
            let shown = all[list].as_array().unwrap();
            assert_eq!(all["total"], shown.len(), "{all}");
            for limit in 1..=4 {
                let page = read(&client, &format!("{path}?q={text}&limit={limit}")).await;
                let expected = &shown[..limit.min(shown.len())];
                assert_eq!(
                    page,
                    json!({list: expected, "total": expected.len()}),
                    "{text} {limit}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_page_of_people_is_as_long_as_what_is_shown_allows() {
    let town = town().await;
    let behind = read(&town.behind("line:mei"), "/v1/people?q=lee&limit=1").await;
    assert_eq!(behind["people"][0]["id"], "bob", "it would tell");
    let texts = ["lee", "nobody", "k", "e", "a", ""];
    check_pages(&town.client("line:mei"), "/v1/people", "people", &texts).await;
    check_pages(&town.client("alice"), "/v1/people", "people", &texts).await;
}

#[tokio::test]
async fn a_page_of_messages_is_as_long_as_what_is_shown_allows() {
    let town = town().await;
    for (room, who) in [("r1", "alice"), ("r3", "alice"), ("r1", "carol")] {
        say(room, "the pilot").passes(&town.behind(who)).await;
        say(room, "the pilot").passes(&town.behind(who)).await;
    }
    say("r3", "the pilot").passes(&town.behind("alice")).await;
    let behind = read(&town.behind("bob"), "/v1/search?q=pilot&limit=1").await;
    assert_eq!(behind["results"][0]["room"]["id"], "r3", "it would tell");
    let texts = ["pilot", "nobody", "e"];
    check_pages(&town.client("bob"), "/v1/search", "results", &texts).await;
}

#[tokio::test]
async fn a_page_of_no_length_is_refused() {
    let town = town().await;
    for limit in ["0", "101", "01", "%2B1", "1.0", "-1", "x", "", "4294967297"] {
        for client in both(&town.client("alice")) {
            client
                .get(&format!("/v1/people?q=a&limit={limit}"))
                .await
                .expect(400);
        }
    }
    get("/v1/people?q=a&limit=100")
        .passes(&town.client("alice"))
        .await;
}

#[tokio::test]
async fn what_is_masked_is_not_found() {
    let town = town().await;
    let alice = town.behind("alice");
    for text in [
        "ask Bob Lee",
        "<@bob> has the key",
        "bob.mail@acme-corp.example it is",
    ] {
        say("r3", text).passes(&alice).await;
    }
    post(
        "/v1/rooms/r3/messages",
        json!({"content": {"type": "text", "text": "the crane is free"}}),
    )
    .passes(&town.behind("bob"))
    .await;
    let texts = ["bob", "Lee", "ask", "key", "mail@", "there-is-no-such-word"];
    for mei in both(&town.client("line:mei")) {
        for text in texts {
            let found = read(&mei, &format!("/v1/search?q={text}")).await;
            assert_eq!(found, json!({"results": [], "total": 0}), "{text}");
        }
        // What somebody unknown wrote is found by its words.
        let found = read(&mei, "/v1/search?q=crane").await;
        assert_eq!(found["total"], 1, "{found}");
    }
    let found = read(&town.client("alice"), "/v1/search?q=Bob%20Lee").await;
    assert_eq!(found["total"], 1, "{found}");
    town.apply(&[&acme(OPEN, OPEN), &globex(OPEN, OPEN)]);
    let found = read(&town.client("line:mei"), "/v1/search?q=Bob%20Lee").await;
    assert_eq!(found["total"], 1, "{found}");
}

#[tokio::test]
async fn a_name_that_changes_behind_the_gateway_is_masked_when_the_memory_is_stale() {
    let [acme, globex] = barred();
    let stale = "rooms: { stale_after: 100ms }";
    let world = borderpost::sandbox::World::seeded();
    let town = Town::with(world, &[&acme, &globex], stale).await;
    let mei = town.client("line:mei");
    let bob = town.behind("bob");
    let text = |of: &Value| of["content"]["text"].as_str().unwrap().to_owned();
    let told = say("r3", "call me Bob Lee or Robert Finch")
        .passes(&bob)
        .await;
    let path = format!("/v1/messages/{}", told.json()["id"].as_str().unwrap());
    let before = text(&read(&mei, &path).await);
    assert_eq!(before, "call me unknown or Robert Finch");
    patch("/v1/me", json!({"name": "Robert Finch"}))
        .passes(&bob)
        .await;
    let masked = async { while text(&read(&mei, &path).await).contains("Robert Finch") {} };
    // The default would be longer than anybody waits here.
    let in_time = tokio::time::timeout(PATIENCE, masked).await;
    assert!(in_time.is_ok(), "the new name is still shown");
}
