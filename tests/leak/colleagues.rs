//! What members see who may not talk to a network: of its people nothing in the rooms that they see
//! through another, and of its rooms nothing at all.

use borderpost::sandbox::{Content, World};

use crate::canaries::ACME;
use crate::crawl::{Findings, Ids, Stream, read_everything, routes};
use crate::every_request::{Cast, Request, Sort, every_request};
use crate::needles::Needles;
use crate::town::{GLOBEX, Town};

/// The peer whom the viewers may not talk to.
const CANARY: &str = "line:canary";
const NAME: &str = "Quillon Siskin";
const PICTURE: &str = "canary-picture-of-quillon";
/// A room that is on LINE alone, and what is said there.
const TITLE: &str = "Behind the warehouse";
const SAID: &str = "hush, the crates come at nine";
/// By which the stream's reader knows that all was done.
const LAST: &str = "the last word of the day";

fn needles(more: &[&'static str]) -> Needles {
    let own = [
        CANARY,
        "line.canary.mail",
        NAME,
        "Siskin",
        PICTURE,
        "+82-88-8800-0001",
        "perching",
        TITLE,
        SAID,
    ];
    Needles::of(own.into_iter().chain(more.iter().copied()))
}

/// Carol may talk to other companies, and not to LINE; bob to nobody outside.
async fn town() -> Town {
    let mut world = World::seeded();
    world.person(CANARY, NAME, None);
    let secret = world.room(Some(TITLE), &["alice", "bob", "carol", CANARY]);
    world.message(&secret, CANARY, Content::text(SAID));
    Town::with(world, &[ACME, GLOBEX], "").await
}

/// The canary does everything behind the gateway where alice, bob, carol and grace are.
async fn requests(town: &Town) -> Vec<Request> {
    let canary = town.behind(CANARY);
    let profile = serde_json::json!({"phone": "+82-88-8800-0001", "status": "perching"});
    canary.patch("/v1/me", profile).await.expect(200);
    let picture = bytes::Bytes::from(format!("\u{89}PNG {PICTURE}"));
    let headers = [("content-type", "image/png")];
    let set = canary.send(http::Method::PUT, "/v1/me/picture", &headers, picture);
    set.await.expect(200);
    let cast = Cast {
        actor: CANARY,
        host: "alice",
        third: "line:ken",
        inviting: "heidi",
        others: &["bob", "carol", "grace"],
    };
    every_request(town, cast).await
}

/// Does what leaves something to be read, and names the canary in every room.
async fn leave_traces(town: &Town, requests: &[Request]) {
    let canary = town.behind(CANARY);
    for request in requests {
        if request.sort == Sort::Crosses && !request.surface.starts_with("DELETE") {
            request.act.passes(&canary).await;
        }
    }
    let alice = town.behind("alice");
    let rooms = alice.get("/v1/rooms").await.expect(200).json();
    for room in rooms["rooms"].as_array().unwrap() {
        let members = room["members"].as_array().unwrap();
        let is_there = members.iter().any(|member| member["id"] == CANARY);
        if is_there && room["kind"] == "room" {
            let room = room["id"].as_str().unwrap();
            let words = format!("<@{CANARY}> is {NAME}, of {}", NAME.to_uppercase());
            crate::act::say(room, &words).passes(&alice).await;
        }
    }
}

/// All that `viewer` can ask for and is told by events: nothing of it tells of the canary.
async fn check(viewer: &str, more: &[&'static str]) {
    let (town, needles) = (town().await, needles(more));
    let requests = requests(&town).await;
    let mut stream = Stream::open(&town.client(viewer), &[]).await;
    leave_traces(&town, &requests).await;
    let people = ["alice", "bob", "carol", "grace", "line:mei", CANARY];
    let ids = Ids::of(&town, &people).await;
    let words = [CANARY, NAME, TITLE, "crates", "unknown", "word"];
    let client = town.client(viewer);
    let mut findings = read_everything(&client, &routes(&town), &ids, &needles, &words).await;
    assert!(findings.answered > 50, "{viewer}: {}", findings.answered);
    // What goes, goes last.
    let canary = town.behind(CANARY);
    for request in &requests {
        if request.sort == Sort::Goes || request.surface.starts_with("DELETE") {
            request.act.by(&canary).await;
        }
    }
    let last = crate::act::say("r1", LAST);
    last.passes(&town.behind("alice")).await;
    stream.until(LAST).await;
    findings.look_at(&needles, "events", &stream.bytes);
    findings.are_clean(viewer);
    // Alice, who may, is shown the canary in the same places.
    let mut alices = Findings::default();
    let rooms = town.client("alice").get("/v1/rooms").await.expect(200);
    alices.look(&needles, "rooms", &rooms);
    assert!(!alices.found.is_empty());
}

#[tokio::test]
async fn a_member_of_the_same_company_who_may_not_talk_to_a_network_learns_nothing_of_its_people() {
    check("carol", &[]).await;
}

#[tokio::test]
async fn a_member_who_may_talk_to_nobody_outside_learns_nothing_of_anybody_there() {
    let outside = [
        "Grace Sato",
        "grace.mail",
        "Mei Tanaka",
        "line.mei",
        "Ken Ito",
        "Heidi Mori",
    ];
    check("bob", &outside).await;
}
