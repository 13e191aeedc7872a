//! What a peer is answered, and is told by events, who does everything that the protocol has in
//! places where the canaries are.

use crate::canaries::{CANARIES, needles, town};
use crate::crawl::{Findings, Stream, events, events_in};
use crate::every_request::{Cast, every_request, forgotten};
use crate::planting::{DONE, RENAMED, plant, rename};
use crate::support::Client;
use crate::town::Town;

/// Events that a peer need not have seen: they name nobody.
const BARE: [&str; 1] = ["reset"];

/// The peer does everything; what it is answered is looked through.
async fn do_everything(town: &Town, cast: Cast<'_>) {
    let requests = every_request(town, cast).await;
    let dialect = town.app.parts.in_service.load_full().dialect.clone();
    let forgotten = forgotten(&dialect, &requests);
    assert!(forgotten.is_empty(), "{forgotten:?}");
    let (needles, peer) = (needles(), town.client(cast.actor));
    let mut findings = Findings::default();
    for request in &requests {
        let reply = request.act.passes(&peer).await;
        findings.look(&needles, request.surface, &reply);
    }
    findings.are_clean(cast.actor);
}

/// With all that was planted, every event of the dialect is in a peer's stream, and none tells.
async fn check(peer: &str, third: &str, inviting: &str, compatriot: &str) {
    let (town, places) = town().await;
    let open = |client: Client| async move { Stream::open(&client, &[]).await };
    let mut stream = open(town.client(peer)).await;
    plant(&town, &places, 0).await;
    stream.until(DONE).await;
    rename(&town, &places).await;
    let mut others = CANARIES.map(|canary| canary.id).to_vec();
    others.push(compatriot);
    let cast = Cast {
        actor: peer,
        host: "alice",
        third,
        inviting,
        others: &others,
    };
    do_everything(&town, cast).await;
    stream.until(RENAMED).await;
    // The peer has signed out at last: the stream ends.
    stream.read_out().await;
    let mut findings = Findings::default();
    findings.look_at(&needles(), "events", &stream.bytes);
    findings.are_clean(peer);
    let seen = events_in(&stream.bytes);
    let missed: Vec<_> = events(&town)
        .into_iter()
        .filter(|name| !seen.contains(name) && !BARE.contains(&name.as_str()))
        .collect();
    assert!(missed.is_empty(), "{peer} was shown no {missed:?}");
}

#[tokio::test]
async fn nothing_that_a_line_user_does_or_is_told_tells_who_is_unknown() {
    check("line:mei", "grace", "heidi", "line:ken").await;
}

#[tokio::test]
async fn nothing_that_a_member_of_another_company_does_or_is_told_tells_who_is_unknown() {
    check("grace", "line:ken", "carol", "heidi").await;
}
