//! Every decision of an external room is counted, once, allowed or not.

use serde_json::json;

use crate::kit::{OPEN, RESTRICTED, acme, globex, only, post, read, say, send, town_of};
use crate::town::Town;

/// The decisions so far, as `act kind verdict` each.
fn decisions(town: &Town) -> Vec<(String, u64)> {
    let text = town.app.parts.meters.render();
    let lines = text.lines().filter_map(|line| {
        let (labels, times) = line
            .strip_prefix("borderpost_decisions_total{")?
            .split_once("} ")?;
        let label = |name: &str| {
            let (_, rest) = labels.split_once(&format!("{name}=\""))?;
            Some(rest.split_once('"')?.0)
        };
        let what = [label("act")?, label("kind")?, label("verdict")?].join(" ");
        Some((what, times.parse().ok()?))
    });
    let mut all: Vec<_> = lines.collect();
    all.sort();
    all
}

#[track_caller]
fn check(town: &Town, expected: &[(&str, u64)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(what, times)| ((*what).to_owned(), *times))
        .collect();
    assert_eq!(decisions(town), expected);
}

#[tokio::test]
async fn what_is_allowed_and_what_is_not() {
    let town = town_of(&acme(&only("alice"), OPEN), &globex(OPEN, OPEN)).await;
    let (alice, bob) = (town.client("alice"), town.client("bob"));
    // Among colleagues nothing is decided.
    say("r1", "hello").passes(&alice).await;
    check(&town, &[]);
    say("r2", "hello").passes(&alice).await;
    check(&town, &[("send text allow", 1)]);
    let reply = say("r3", "hello").by(&bob).await.expect(403);
    assert_eq!(reply.json()["error"]["code"], "not_permitted");
    check(
        &town,
        &[("send text allow", 1), ("send text not_permitted", 1)],
    );
}

#[tokio::test]
async fn one_for_each_room_of_several() {
    let town = town_of(&acme(OPEN, OPEN), &globex(OPEN, OPEN)).await;
    let alice = town.client("alice");
    let word = say("r1", "hello").passes(&alice).await.json();
    let path = format!("/v1/messages/{}/forward", word["id"].as_str().unwrap());
    post(path, json!({"rooms": ["r1", "r2", "r4"]}))
        .passes(&alice)
        .await;
    check(&town, &[("forward text allow", 2)]);
}

#[tokio::test]
async fn what_is_withheld_on_its_way_in() {
    let town = town_of(&acme(RESTRICTED, OPEN), &globex(OPEN, OPEN)).await;
    let card = json!({"type": "contact", "card": {"name": "Harbour Office"}});
    send("r2", card).passes(&town.behind("line:mei")).await;
    read(&town.client("alice"), "/v1/rooms/r2/messages").await;
    check(&town, &[("show contacts attachment_restricted", 1)]);
}
