//! What peers see of the canaries, and what colleagues see.

use bytes::Bytes;
use http::Method;
use serde_json::json;

use crate::canaries::{CANARIES, COMPANY, needles, town};
use crate::crawl::{Findings, Ids, Stream, bytes_of, read_everything, routes};
use crate::planting::{DONE, RENAMED, plant, rename};
use crate::support::Client;

pub const PEERS: [&str; 2] = ["line:mei", "grace"];

pub fn everybody() -> Vec<&'static str> {
    let mut people = vec![
        "alice", "bob", "carol", "dave", "grace", "heidi", "line:mei", "line:ken",
    ];
    people.extend(CANARIES.map(|canary| canary.id));
    people
}

/// What a viewer might search for: the words of those who are hidden.
fn words() -> Vec<&'static str> {
    let words = CANARIES
        .iter()
        .flat_map(|canary| [canary.id, canary.phone].into_iter().chain(canary.names));
    words.chain([COMPANY, "egg", "unknown"]).collect()
}

#[track_caller]
fn clean(who: &str, findings: &Findings) {
    assert!(
        findings.answered > 100,
        "{who} was shown something: {} of {}",
        findings.answered,
        findings.asked
    );
    findings.are_clean(who);
}

#[tokio::test]
async fn no_answer_tells_a_peer_who_is_unknown() {
    let (town, places) = town().await;
    plant(&town, &places, 1).await;
    rename(&town, &places).await;
    let (routes, needles) = (routes(&town), needles());
    let ids = Ids::of(&town, &everybody()).await;
    for peer in PEERS {
        let findings = read_everything(&town.client(peer), &routes, &ids, &needles, &words()).await;
        clean(peer, &findings);
        findings.have_visited_all(peer, &routes);
    }
}

#[track_caller]
fn clean_events(peer: &str, bytes: &[u8]) {
    let events = memchr::memmem::find_iter(bytes, b"event: ").count();
    let mut findings = Findings {
        asked: events,
        answered: events,
        ..Findings::default()
    };
    findings.look_at(&needles(), "events", bytes);
    clean(peer, &findings);
}

#[tokio::test]
async fn no_event_tells_a_peer_who_is_unknown() {
    let (town, places) = town().await;
    let mut streams = Vec::new();
    for peer in PEERS {
        streams.push((peer, Stream::open(&town.client(peer), &[]).await));
    }
    plant(&town, &places, 0).await;
    for (_, stream) in &mut streams {
        stream.until(DONE).await;
    }
    rename(&town, &places).await;
    for (peer, stream) in &mut streams {
        stream.until(RENAMED).await;
        clean_events(peer, &stream.bytes);
    }
}

#[tokio::test]
async fn no_event_that_was_missed_tells_a_peer_who_is_unknown() {
    let (town, places) = town().await;
    plant(&town, &places, 0).await;
    for peer in PEERS {
        let mut stream = Stream::open(&town.client(peer), &[("last-event-id", "0")]).await;
        stream.until(DONE).await;
        clean_events(peer, &stream.bytes);
    }
}

#[tokio::test]
async fn no_refusal_and_no_change_tells_a_peer_who_is_unknown() {
    let (town, places) = town().await;
    plant(&town, &places, 1).await;
    rename(&town, &places).await;
    let (routes, needles) = (routes(&town), needles());
    let mut ids = Ids::of(&town, &everybody()).await;
    let pseudonyms = pseudonyms(&town.client("line:mei"), &places.mixed).await;
    pseudonyms
        .iter()
        .for_each(|pseudonym| ids.add("person", pseudonym));
    let mei = town.client("line:mei");
    let mut findings = Findings::default();
    for route in routes
        .iter()
        .filter(|route| !matches!(route.method, Method::GET) && route.path != "/v1/logout")
    {
        let paths = ids.fill(&route.path);
        let every = paths.len().div_ceil(PATHS_A_ROUTE);
        for path in paths.iter().step_by(every.max(1)).chain(paths.last()) {
            for (nth, body) in bodies(&pseudonyms)
                .into_iter()
                .enumerate()
                .take(if route.takes_json { 99 } else { 1 })
            {
                let headers = [("content-type", "application/json")];
                let body = Bytes::from(body.to_string());
                let reply = mei.send(route.method.clone(), path, &headers, body).await;
                findings.look(&needles, &format!("{} {path} #{nth}", route.method), &reply);
            }
        }
    }
    findings.are_clean("line:mei");
    assert!(findings.asked > 500, "{}", findings.asked);
}

/// On how many of its paths each route is tried.
const PATHS_A_ROUTE: usize = 2;

/// Bodies that fit some surface or other, with people who are unknown in them.
fn bodies(pseudonyms: &[String]) -> Vec<serde_json::Value> {
    let mut bodies = vec![
        json!({}),
        json!([]),
        json!({"name": "Mei"}),
        json!({"content": {"type": "text", "text": "hi"}}),
    ];
    bodies.extend(pseudonyms.iter().take(1).map(|id| json!({"person": id})));
    for id in pseudonyms
        .iter()
        .take(1)
        .map(String::as_str)
        .chain([CANARIES[0].id])
    {
        bodies.extend([
            json!({"person": id}),
            json!({"members": [id], "kind": "direct"}),
            json!({"title": "x", "members": [id]}),
            json!({"title": "x", "readers": [id]}),
            json!({"title": "x", "text": "y", "assignee": id}),
            json!({"content": {"type": "text", "text": "hi"}, "mentions": [id]}),
            json!({"rooms": [id]}),
            json!({"code": id}),
            json!({"person": id, "password": "wrong"}),
        ]);
    }
    bodies
}

async fn pseudonyms(client: &Client, room: &str) -> Vec<String> {
    let room = client
        .get(&format!("/v1/rooms/{room}"))
        .await
        .expect(200)
        .json();
    let members = room["members"].as_array().unwrap().iter();
    let ids: Vec<String> = members
        .map(|member| member["id"].as_str().unwrap().to_owned())
        .collect();
    let unknown: Vec<String> = ids
        .into_iter()
        .filter(|id| id.starts_with("unknown-"))
        .collect();
    assert!(unknown.len() >= CANARIES.len(), "{unknown:?}");
    unknown
}

#[tokio::test]
async fn a_pseudonym_leads_to_no_picture() {
    let (town, places) = town().await;
    plant(&town, &places, 1).await;
    rename(&town, &places).await;
    let mei = town.client("line:mei");
    for pseudonym in pseudonyms(&mei, &places.mixed).await {
        mei.get(&format!("/v1/people/{pseudonym}"))
            .await
            .expect(200);
        let picture = mei
            .get(&format!("/v1/people/{pseudonym}/picture"))
            .await
            .expect(404);
        assert!(!picture.text().contains("canary"), "{}", picture.text());
    }
}

#[tokio::test]
async fn colleagues_see_who_it_is() {
    let (town, places) = town().await;
    plant(&town, &places, 1).await;
    rename(&town, &places).await;
    let needles = needles();
    let alice = town.client("alice");
    let mixed = &places.mixed;
    for path in [
        format!("/v1/rooms/{mixed}"),
        format!("/v1/rooms/{mixed}/messages?limit=200"),
        "/v1/people?limit=100".to_owned(),
    ] {
        let reply = alice.get(&path).await.expect(200);
        let found = needles.found_in(&bytes_of(&reply));
        for canary in &CANARIES {
            for secret in [canary.id, canary.phone, canary.names[1]] {
                let found = found.iter().any(|needle| needle.starts_with(secret));
                assert!(found, "{secret} is not in {path}");
            }
        }
    }
    let picture = alice.get("/v1/people/bob-canary/picture").await.expect(200);
    assert!(picture.text().contains(CANARIES[0].picture));
    let files = alice
        .get(&format!("/v1/rooms/{mixed}/files"))
        .await
        .expect(200)
        .json();
    let file = files["files"][0]["id"].as_str().unwrap();
    let download = alice.get(&format!("/v1/files/{file}")).await.expect(200);
    assert!(
        !needles
            .found_in(download.header("content-disposition").as_bytes())
            .is_empty()
    );
}
