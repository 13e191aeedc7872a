//! What is pushed to a network tells nobody who is unknown to it: every event of the protocol.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::canaries::{CANARIES, needles, town_with};
use crate::crawl::events;
use crate::kit::{OK, Recorder, answer};
use crate::planting::{DONE, plant, rename};
use crate::support::{Client, Events};

/// Data of events, by their names.
type Batch = BTreeMap<String, Vec<Value>>;

/// All that a stream brings until this text.
async fn gather(stream: &mut Events, last: &str, batch: &mut Batch) {
    let is_last = |event: &crate::support::Event| event.data["content"]["text"] == last;
    for event in stream.until(is_last).await {
        batch.entry(event.name).or_default().push(event.data);
    }
}

#[tokio::test]
async fn nobody_unknown_is_named_in_anything_that_is_pushed() {
    let connector = Recorder::start(|_, stream| answer(stream, OK));
    let legs = format!(
        "legs: [{{ leg: connector, listeners: [{{ address: \"127.0.0.1:0\" }}], upstream: {{ url: \"http://{}\" }}, reader: \"line:bot\" }}]",
        connector.address
    );
    let (town, places) = town_with(&legs).await;
    let mut batch = Batch::new();
    let mut streams = Vec::new();
    for person in ["alice", "line:mei", CANARIES[0].id] {
        streams.push(town.behind(person).events().await);
    }
    plant(&town, &places, 1).await;
    for stream in &mut streams {
        gather(stream, DONE, &mut batch).await;
    }
    rename(&town, &places).await;
    for stream in &mut streams {
        gather(stream, crate::planting::RENAMED, &mut batch).await;
    }
    let told: BTreeSet<String> = batch.keys().cloned().collect();
    // These come to others alone, or long after.
    let silent: Vec<_> = events(&town).difference(&told).cloned().collect();
    assert_eq!(silent, ["contact", "reset", "scheduled.ended"]);

    let leg = Client::new(town.app.server.addresses()[1], "token-of-the-server");
    let needles = needles();
    let mut shown = 0;
    for (name, all) in &batch {
        for data in all {
            let pushed = json!({ name: [data], "another": [data] });
            leg.put("/v1/pushed/1", pushed).await.expect(200);
            let arrived = connector.next();
            let found = needles.found_in(&arrived.body);
            let text = String::from_utf8_lossy(&arrived.body);
            assert!(found.is_empty(), "{name}: {found:?} in {text}\nof {data}");
            let left: Value = serde_json::from_slice(&arrived.body).expect("JSON");
            assert_eq!(left.get("another"), None);
            shown += left[name].as_array().map_or(0, Vec::len);
        }
    }
    // What is of rooms that the network is in arrives.
    assert!(shown > 50, "{shown}");
}
