//! A blocked act: the reason, a sentence, an id, and nothing of it reaches the message server.

use serde_json::json;

use crate::every_request::{Cast, Sort, every_request, forgotten};
use crate::kit::{
    Act, DENIED, OPEN, RESTRICTED, Witness, acme, both, call, delete, globex, keys_of, only, patch,
    post, put, read, say, send, set, upload,
};
use crate::town::Town;

/// `who` does it and is refused for `reason` under the first policies; under the second it passes.
async fn check(
    who: &str,
    act: Act,
    reason: &str,
    refused: [String; 2],
    passed: [String; 2],
) -> String {
    let town = Town::new(&refused.each_ref().map(String::as_str)).await;
    let mut witness = Witness::of(&town).await;
    let client = town.client(who);
    let told = act.is_blocked(&client, reason).await;
    witness.saw_nothing().await;
    town.apply(&passed.each_ref().map(String::as_str));
    act.passes(&client).await;
    assert_ne!(
        witness.changes().await,
        0,
        "what passed was not seen either"
    );
    told["message"].as_str().unwrap_or_default().to_owned()
}

fn open() -> [String; 2] {
    [acme(OPEN, OPEN), globex(OPEN, OPEN)]
}

#[tokio::test]
async fn the_switch_is_off() {
    let denied = [acme(DENIED, OPEN), globex(OPEN, OPEN)];
    let told = check(
        "alice",
        say("r2", "hello"),
        "connect_denied",
        denied,
        open(),
    )
    .await;
    assert_eq!(
        told,
        "Your company does not allow messages with people outside here."
    );
}

#[tokio::test]
async fn a_network_that_a_company_says_nothing_of_is_denied() {
    let silent = "company: acme
members: [alice, bob, carol, dave]
external_messaging: { line: { connect: allow, permission: all_members } }
";
    let refused = [silent.to_owned(), globex(OPEN, OPEN)];
    check(
        "alice",
        say("r4", "hello"),
        "connect_denied",
        refused,
        open(),
    )
    .await;
}

#[tokio::test]
async fn a_member_has_no_grant() {
    let by_member = [acme(&only("alice"), OPEN), globex(OPEN, OPEN)];
    let granted = [acme(&only("alice, bob"), OPEN), globex(OPEN, OPEN)];
    let told = check(
        "bob",
        say("r3", "hello"),
        "not_permitted",
        by_member,
        granted,
    )
    .await;
    assert_eq!(
        told,
        "You do not have permission to exchange messages with people outside here."
    );
}

#[tokio::test]
async fn all_members_need_no_grant() {
    let by_member = [acme(&only(""), OPEN), globex(OPEN, OPEN)];
    check(
        "bob",
        say("r3", "hello"),
        "not_permitted",
        by_member,
        open(),
    )
    .await;
}

#[tokio::test]
async fn an_attachment_is_restricted() {
    let restricted = [acme(RESTRICTED, OPEN), globex(OPEN, OPEN)];
    let card = send(
        "r2",
        json!({"type": "contact", "card": {"name": "Harbour Office"}}),
    );
    check("alice", card, "attachment_restricted", restricted, open()).await;
}

#[tokio::test]
async fn what_is_encrypted_can_not_be_judged() {
    let restricted = || [acme(RESTRICTED, OPEN), globex(OPEN, OPEN)];
    let passing = || {
        [
            acme(&format!("{OPEN}, encrypted_rooms: pass"), OPEN),
            globex(OPEN, OPEN),
        ]
    };
    let message = send("r2", json!({"type": "encrypted", "ciphertext": "c2VjcmV0"}));
    check("alice", message, "encrypted", restricted(), passing()).await;
    let turned_on = put("/v1/rooms/r2/encryption", json!({"enabled": true}));
    check("alice", turned_on, "encrypted", restricted(), passing()).await;
}

#[tokio::test]
async fn encryption_may_be_turned_off_and_passed_where_the_company_says_so() {
    let passing = format!("{RESTRICTED}, encrypted_rooms: pass");
    let town = Town::new(&[&acme(&passing, OPEN), &globex(OPEN, OPEN)]).await;
    let alice = town.client("alice");
    send("r2", json!({"type": "encrypted", "ciphertext": "c2VjcmV0"}))
        .passes(&alice)
        .await;
    town.apply(&[&acme(RESTRICTED, OPEN), &globex(OPEN, OPEN)]);
    put("/v1/rooms/r2/encryption", json!({"enabled": false}))
        .passes(&alice)
        .await;
}

#[tokio::test]
async fn an_internal_room_would_become_external() {
    let refused = [acme(&only("alice"), OPEN), globex(OPEN, OPEN)];
    let history = format!("{OPEN}, history_on_external: allow");
    let passed = [acme(&history, OPEN), globex(OPEN, OPEN)];
    let act = post("/v1/rooms/r1/members", json!({"person": "line:ken"}));
    check("alice", act, "would_become_external", refused, passed).await;
}

#[tokio::test]
async fn the_other_company_does_not_accept_it() {
    let refused = [acme(OPEN, OPEN), globex(OPEN, DENIED)];
    let told = check(
        "alice",
        say("r4", "hello"),
        "peer_side_denied",
        refused,
        open(),
    )
    .await;
    assert_eq!(told, "The other side does not accept this.");
    // Which of its settings says so is not told.
    let refused = [acme(OPEN, OPEN), globex(OPEN, RESTRICTED)];
    let item = send(
        "r4",
        json!({"type": "drive", "name": "Plans", "item": "d1"}),
    );
    let told = check("alice", item, "peer_side_denied", refused, open()).await;
    assert_eq!(told, "The other side does not accept this.");
    let refused = [acme(OPEN, OPEN), globex(OPEN, &only("heidi"))];
    check(
        "alice",
        say("r4", "hello"),
        "peer_side_denied",
        refused,
        open(),
    )
    .await;
}

#[tokio::test]
async fn a_room_of_two_networks_needs_both() {
    for (line, works) in [(DENIED, OPEN), (OPEN, DENIED)] {
        let refused = [acme(line, works), globex(OPEN, OPEN)];
        check(
            "alice",
            say("r5", "hello"),
            "connect_denied",
            refused,
            open(),
        )
        .await;
    }
}

#[tokio::test]
async fn a_network_that_wants_contacts_wants_one() {
    const NETWORKS: &str = "
networks:
  line: { people: [\"line:*\"], requires_contact: true }
  works: { between_companies: true }
";
    let contact = format!("{}contacts: [[alice, \"line:mei\"]]\n", acme(OPEN, OPEN));
    let policies = [acme(OPEN, OPEN), globex(OPEN, OPEN)];
    let world = borderpost::sandbox::World::seeded();
    let town = Town::with(world, &policies.each_ref().map(String::as_str), NETWORKS).await;
    let mut witness = Witness::of(&town).await;
    let alice = town.client("alice");
    say("r2", "hello").is_blocked(&alice, "no_contact").await;
    witness.saw_nothing().await;
    town.apply(&[&contact, &policies[1]]);
    say("r2", "hello").passes(&alice).await;
}

#[tokio::test]
async fn every_act_is_judged() {
    let town = Town::new(&[&acme(OPEN, OPEN), &globex(OPEN, OPEN)]).await;
    let alice = town.client("alice");
    let message = say("r2", "before").passes(&alice).await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let inside = say("r1", "inside").passes(&alice).await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let acts = [
        say("r2", "hello"),
        post(
            "/v1/rooms/r2/messages",
            json!({"content": {"type": "text", "text": "x"}, "send_at": "2099-01-01T00:00:00.000Z"}),
        ),
        send(
            "r2",
            json!({"type": "sticker", "pack": "p", "sticker": "s"}),
        ),
        send(
            "r2",
            json!({"type": "location", "latitude": 35.1, "longitude": 129.0}),
        ),
        send(
            "r2",
            json!({"type": "link", "url": "https://ships.example/"}),
        ),
        patch(
            format!("/v1/messages/{message}"),
            json!({"content": {"type": "text", "text": "after"}}),
        ),
        post(
            format!("/v1/messages/{inside}/forward"),
            json!({"rooms": ["r2"]}),
        ),
        set(format!("/v1/messages/{message}/reactions/%F0%9F%91%8D")),
        set(format!("/v1/messages/{message}/pin")),
        call("/v1/rooms/r2/calls"),
        put("/v1/rooms/r2/typing", json!({"typing": true})),
        upload("/v1/rooms/r2/files?name=a.txt", "text/plain", b"words"),
    ];
    let mut witness = Witness::of(&town).await;
    for (line, reason) in [(DENIED, "connect_denied"), (&*only("bob"), "not_permitted")] {
        town.apply(&[&acme(line, OPEN), &globex(OPEN, OPEN)]);
        for act in &acts {
            act.is_blocked(&alice, reason).await;
        }
        witness.saw_nothing().await;
    }
    town.apply(&[&acme(OPEN, OPEN), &globex(OPEN, OPEN)]);
    for act in &acts {
        act.passes(&alice).await;
    }
    assert!(witness.changes().await >= acts.len() as u64);
}

/// Alice does everything that the protocol has: nothing of it passes under these policies, but
/// going and what is her own; and all of it does when both networks are open.
async fn check_everything(cast: Cast<'_>, refused: [String; 2]) {
    let town = Town::new(&open().each_ref().map(String::as_str)).await;
    let requests = every_request(&town, cast).await;
    let dialect = town.app.parts.in_service.load_full().dialect.clone();
    assert!(
        forgotten(&dialect, &requests).is_empty(),
        "{:?}",
        forgotten(&dialect, &requests)
    );
    town.apply(&refused.each_ref().map(String::as_str));
    let mut witness = Witness::of(&town).await;
    for request in requests
        .iter()
        .filter(|request| request.sort == Sort::Crosses)
    {
        for alice in both(&town.client(cast.actor)) {
            let reply = request.act.by(&alice).await;
            let seen = format!("{:?} {:?}: {}", alice.version, request.act, reply.text());
            let code = reply.json()["error"]["code"].clone();
            match reply.status.as_u16() {
                403 => assert_ne!(code, "forbidden", "the upstream's own: {seen}"),
                404 => assert_eq!(code, "not_found", "{seen}"),
                _ => panic!("{seen}"),
            }
        }
    }
    witness.saw_nothing().await;
    town.apply(&open().each_ref().map(String::as_str));
    for request in &requests {
        request.act.passes(&town.client(cast.actor)).await;
    }
}

#[tokio::test]
async fn no_surface_lets_a_member_without_permission_act_on_line() {
    let cast = Cast {
        actor: "alice",
        host: "line:mei",
        third: "line:ken",
        inviting: "line:ken",
        others: &["bob"],
    };
    check_everything(cast, [acme(&only("bob"), OPEN), globex(OPEN, OPEN)]).await;
}

#[tokio::test]
async fn no_surface_lets_a_member_act_towards_a_company_that_is_switched_off() {
    let cast = Cast {
        actor: "alice",
        host: "grace",
        third: "heidi",
        inviting: "heidi",
        others: &["bob"],
    };
    check_everything(cast, [acme(OPEN, DENIED), globex(OPEN, OPEN)]).await;
}

#[tokio::test]
async fn going_is_always_possible() {
    let town = Town::new(&[&acme(DENIED, DENIED), &globex(OPEN, OPEN)]).await;
    delete("/v1/rooms/r3/members/bob")
        .passes(&town.client("bob"))
        .await;
    let members = read(&town.behind("operator"), "/v1/rooms/r3/members").await;
    assert_eq!(keys_of(&members, "members", "id"), ["alice", "line:mei"]);
}
