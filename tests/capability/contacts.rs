//! Contacts by contact URL, between those who may talk and those who may not.

use serde_json::{Value, json};

use crate::kit::{
    Act, DENIED, OPEN, Witness, acme, both, delete, get, globex, only, post, read, town_of,
};
use crate::town::Town;

async fn code_of(town: &Town, owner: &str) -> String {
    let url = read(&town.behind(owner), "/v1/me/contact-url").await;
    url["code"].as_str().expect("a code").to_owned()
}

fn add(code: &str) -> Act {
    post("/v1/contacts", json!({ "code": code }))
}

/// `who` can't use `owner`'s URL under the first policies: it is as dead as any other. Under the
/// second it works.
async fn check(who: &str, owner: &str, barred: [String; 2], passed: [String; 2]) {
    let town = town_of(&barred[0], &barred[1]).await;
    let client = town.client(who);
    let code = code_of(&town, owner).await;
    let mut witness = Witness::of(&town).await;
    for code in [code.as_str(), "u9-00000000"] {
        add(code).is_not_there(&client).await;
        get(format!("/v1/contact-urls/{code}"))
            .is_not_there(&client)
            .await;
    }
    witness.saw_nothing().await;
    town.apply(&passed.each_ref().map(String::as_str));
    let shown = read(&client, &format!("/v1/contact-urls/{code}")).await;
    assert_eq!(shown["owner"]["id"], *owner);
    add(&code).passes(&client.http2()).await;
    let list = |list: Value| list["contacts"].to_string();
    assert!(list(read(&client, "/v1/contacts").await).contains(owner));
}

fn open() -> [String; 2] {
    [acme(OPEN, OPEN), globex(OPEN, OPEN)]
}

#[tokio::test]
async fn a_peer_adds_only_a_permitted_member() {
    let barred = || [acme(&only("alice"), &only("alice")), globex(OPEN, OPEN)];
    check("line:ken", "bob", barred(), open()).await;
    check("heidi", "bob", barred(), open()).await;
    check(
        "line:ken",
        "bob",
        [acme(DENIED, OPEN), globex(OPEN, OPEN)],
        open(),
    )
    .await;
}

#[tokio::test]
async fn a_member_adds_only_while_permitted() {
    check(
        "bob",
        "line:ken",
        [acme(&only("alice"), OPEN), globex(OPEN, OPEN)],
        open(),
    )
    .await;
    check(
        "bob",
        "heidi",
        [acme(OPEN, DENIED), globex(OPEN, OPEN)],
        open(),
    )
    .await;
    check(
        "bob",
        "heidi",
        [acme(OPEN, OPEN), globex(OPEN, DENIED)],
        open(),
    )
    .await;
}

#[tokio::test]
async fn colleagues_add_one_another_whatever_is_denied() {
    let town = town_of(&acme(DENIED, DENIED), &globex(OPEN, OPEN)).await;
    let code = code_of(&town, "bob").await;
    add(&code).passes(&town.client("carol")).await;
}

#[tokio::test]
async fn contacts_are_inert_and_come_back() {
    let town = town_of(&acme(OPEN, OPEN), &globex(OPEN, OPEN)).await;
    let alice = town.client("alice");
    assert_eq!(read(&alice, "/v1/contacts").await["total"], 2);
    town.apply(&[&acme(DENIED, OPEN), &globex(OPEN, OPEN)]);
    for alice in both(&alice) {
        let list = read(&alice, "/v1/contacts").await;
        assert_eq!(
            (&list["total"], &list["contacts"][0]["person"]["id"]),
            (&json!(1), &json!("grace"))
        );
    }
    assert_eq!(
        read(&town.behind("alice"), "/v1/contacts").await["total"],
        2
    );
    town.apply(&[&acme(OPEN, OPEN), &globex(OPEN, OPEN)]);
    assert_eq!(read(&alice, "/v1/contacts").await["total"], 2);
}

#[tokio::test]
async fn events_of_contacts_do_not_name_whom_one_may_not_know() {
    let town = town_of(&acme(&only("alice"), OPEN), &globex(OPEN, OPEN)).await;
    let mut stream = town.client("bob").events().await;
    let code = code_of(&town, "bob").await;
    add(&code).passes(&town.behind("line:ken")).await;
    delete("/v1/contacts/bob")
        .passes(&town.behind("line:ken"))
        .await;
    crate::kit::say("r1", "last")
        .passes(&town.behind("carol"))
        .await;
    let seen = crate::kit::events_until(&mut stream, "last").await;
    assert_eq!(seen.len(), 1, "{seen:?}");
}
