//! Rooms that would become external: by whatever act, and for whom it fails.

use borderpost::sandbox::World;
use serde_json::json;

use crate::kit::{
    Act, DENIED, OPEN, RESTRICTED, Witness, acme, call, globex, keys_of, only, post, read, town_of,
};
use crate::town::Town;

const HISTORY: &str = "history_on_external: allow";

fn both_allow_history() -> [String; 2] {
    let open = format!("{OPEN}, {HISTORY}");
    [acme(&open, &open), globex(&open, &open)]
}

fn apply(town: &Town, policies: [String; 2]) {
    town.apply(&policies.each_ref().map(String::as_str));
}

/// Alice is refused, and told for whom; once everybody may, and the past may be read, it passes.
async fn check(act: Act, failed_for: &str) {
    let few = format!("{}, {HISTORY}", only("alice, bob"));
    let town = town_of(&acme(&few, &few), &globex(OPEN, OPEN)).await;
    let mut witness = Witness::of(&town).await;
    let told = act
        .is_blocked(&town.client("alice"), "would_become_external")
        .await;
    let sentence = format!("This room can't be opened to people outside. ({failed_for})");
    assert_eq!(told["message"], *sentence);
    witness.saw_nothing().await;
    apply(&town, both_allow_history());
    act.passes(&town.client("alice")).await;
    assert_ne!(witness.changes().await, 0);
}

#[tokio::test]
async fn adding_and_inviting_an_outsider() {
    for person in ["line:ken", "grace"] {
        check(
            post("/v1/rooms/r1/members", json!({"person": person})),
            "carol, dave",
        )
        .await;
        check(
            post("/v1/rooms/r1/invitations", json!({"person": person})),
            "carol, dave",
        )
        .await;
    }
}

#[tokio::test]
async fn making_a_room_with_colleagues_and_outsiders() {
    check(
        post(
            "/v1/rooms",
            json!({"members": ["bob", "carol", "line:ken"]}),
        ),
        "carol",
    )
    .await;
    check(
        post("/v1/rooms", json!({"members": ["grace", "dave"]})),
        "dave",
    )
    .await;
}

#[tokio::test]
async fn making_a_group_or_a_board_that_outsiders_read() {
    check(
        post(
            "/v1/groups",
            json!({"title": "Pier", "members": ["carol", "grace"]}),
        ),
        "carol",
    )
    .await;
    check(
        post(
            "/v1/boards",
            json!({"title": "Pier", "readers": ["carol", "grace"]}),
        ),
        "carol",
    )
    .await;
    check(
        post("/v1/boards/b2/readers", json!({"person": "grace"})),
        "carol, dave",
    )
    .await;
}

#[tokio::test]
async fn a_colleague_who_may_not_does_not_come_into_an_external_room() {
    // The room is external already: what is asked is whether carol may be there.
    let town = town_of(&acme(&only("alice"), OPEN), &globex(OPEN, OPEN)).await;
    let alice = town.client("alice");
    post("/v1/rooms", json!({"members": ["line:ken"]}))
        .passes(&alice)
        .await;
    post("/v1/rooms", json!({"members": ["line:ken", "carol"]}))
        .is_blocked(&alice, "would_become_external")
        .await;
}

#[tokio::test]
async fn what_was_said_inside_stays_inside() {
    let town = town_of(&acme(OPEN, OPEN), &globex(OPEN, OPEN)).await;
    let alice = town.client("alice");
    let act = post("/v1/rooms/r1/members", json!({"person": "line:ken"}));
    let told = act.is_blocked(&alice, "would_become_external").await;
    // It fails for nobody: it is the past.
    assert_eq!(
        told["message"],
        "This room can't be opened to people outside."
    );
    // A new room has no past.
    post("/v1/rooms", json!({"members": ["bob", "line:ken"]}))
        .passes(&alice)
        .await;
    apply(&town, both_allow_history());
    act.passes(&alice).await;
}

#[tokio::test]
async fn joining_an_open_room() {
    let town = town_of(&acme(OPEN, OPEN), &globex(OPEN, OPEN)).await;
    let mut witness = Witness::of(&town).await;
    let join = call("/v1/rooms/r6/join");
    // An outsider is not even told that there is such a room.
    join.is_not_there(&town.client("line:ken")).await;
    join.is_not_there(&town.client("grace")).await;
    witness.saw_nothing().await;
    join.passes(&town.client("alice")).await;
    apply(&town, both_allow_history());
    join.passes(&town.client("line:ken")).await;
    join.passes(&town.client("grace")).await;
}

#[tokio::test]
async fn who_was_not_invited_learns_of_no_room_of_another_company() {
    let mut world = World::seeded();
    let open = world.open_room("Globex lounge", &["grace", "heidi"]);
    let closed = world.room(Some("Globex board"), &["grace", "heidi"]);
    let invitation = world.invitation(&closed, "grace", "alice");
    let policies = [acme(OPEN, DENIED), globex(OPEN, OPEN)];
    let town = Town::with(world, &policies.each_ref().map(String::as_str), "").await;
    let accept = call(format!("/v1/invitations/{invitation}/accept"));
    for room in [open.as_str(), closed.as_str(), "r999"] {
        call(format!("/v1/rooms/{room}/join"))
            .is_not_there(&town.client("alice"))
            .await;
    }
    accept.is_not_there(&town.client("bob")).await;
    // Who was invited knows already, and is told what is against it.
    accept
        .is_blocked(&town.client("alice"), "connect_denied")
        .await;
}

#[tokio::test]
async fn accepting_an_invitation_that_was_made_while_it_was_allowed() {
    let [open_acme, open_globex] = both_allow_history();
    let town = town_of(&open_acme, &open_globex).await;
    let invited = post("/v1/rooms/r1/invitations", json!({"person": "line:ken"}));
    let invitation = invited.passes(&town.client("alice")).await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let accept = call(format!("/v1/invitations/{invitation}/accept"));
    let ken = town.client("line:ken");
    let mut witness = Witness::of(&town).await;
    town.apply(&[&acme(&only("alice"), OPEN), &globex(OPEN, OPEN)]);
    accept.is_not_there(&ken).await;
    witness.saw_nothing().await;
    town.apply(&[&open_acme, &open_globex]);
    accept.passes(&ken).await;
    let members = read(&town.behind("operator"), "/v1/rooms/r1/members").await;
    assert_eq!(
        keys_of(&members, "members", "id"),
        ["alice", "bob", "carol", "dave", "line:ken"]
    );
}

#[tokio::test]
async fn a_room_is_external_from_the_moment_somebody_comes_in() {
    let restricted = "connect: allow, permission: all_members, history_on_external: allow";
    let town = town_of(&acme(restricted, OPEN), &globex(OPEN, OPEN)).await;
    let alice = town.client("alice");
    let template = |text: &str| json!({"content": {"type": "contact", "card": {"name": text}}});
    let card = post("/v1/rooms/r1/messages", template("Harbour Office"));
    card.passes(&alice).await;
    post("/v1/rooms/r1/members", json!({"person": "line:ken"}))
        .passes(&alice)
        .await;
    card.is_blocked(&alice, "attachment_restricted").await;
    crate::kit::delete("/v1/rooms/r1/members/line:ken")
        .passes(&alice)
        .await;
    card.passes(&alice).await;
}

#[tokio::test]
async fn who_came_in_round_the_gateway_counts_once_it_was_told() {
    let town = town_of(&acme(RESTRICTED, OPEN), &globex(OPEN, OPEN)).await;
    let alice = town.client("alice");
    let card = json!({"content": {"type": "contact", "card": {"name": "Harbour Office"}}});
    let card = post("/v1/rooms/r1/messages", card);
    card.passes(&alice).await;
    let mut stream = town.client("carol").events().await;
    post("/v1/rooms/r1/members", json!({"person": "line:ken"}))
        .passes(&town.behind("bob"))
        .await;
    stream.next_named("member.joined").await;
    card.is_blocked(&alice, "attachment_restricted").await;
    crate::kit::delete("/v1/rooms/r1/members/line:ken")
        .passes(&town.behind("bob"))
        .await;
    stream.next_named("member.left").await;
    card.passes(&alice).await;
}

#[tokio::test]
async fn who_of_another_company_may_not_is_as_nobody() {
    let town = town_of(&acme(OPEN, &only("alice")), &globex(OPEN, OPEN)).await;
    let grace = town.client("grace");
    let with = |person: &str| post("/v1/rooms", json!({"members": ["heidi", person]}));
    for person in ["bob", "nobody"] {
        with(person).is_not_there(&grace).await;
    }
    with("alice").passes(&grace).await;
    town.apply(&[&acme(OPEN, OPEN), &globex(OPEN, OPEN)]);
    with("bob").passes(&grace).await;
}
