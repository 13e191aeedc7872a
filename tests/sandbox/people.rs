//! Tokens, profiles, the directory, contacts.

use bytes::Bytes;
use http::Method;
use serde_json::json;

use crate::support::Client;
use crate::{client, ids, seeded};

#[tokio::test]
async fn a_token_lives_from_login_to_logout() {
    let server = seeded().await;
    let nobody = Client::new(server.address(), "");
    nobody.get("/v1/me").await.expect(401);
    let login = |password: &str| json!({"person": "bob", "password": password});
    nobody.post("/v1/login", login("wrong")).await.expect(401);
    let known = nobody
        .post("/v1/login", login("password-bob"))
        .await
        .expect(200)
        .json();
    let bob = Client::new(server.address(), known["token"].as_str().unwrap());
    assert_eq!(bob.get("/v1/me").await.expect(200).json(), known["person"]);
    let mut events = bob.events().await;
    bob.post("/v1/logout", json!(null)).await.expect(204);
    assert!(events.next().await.is_none());
    bob.get("/v1/me").await.expect(401);
}

#[tokio::test]
async fn a_changed_profile_is_told_to_the_people_around() {
    let server = seeded().await;
    let (alice, mei, heidi) = (
        client(&server, "alice"),
        client(&server, "line:mei"),
        client(&server, "heidi"),
    );
    let (mut near, mut far) = (mei.events().await, heidi.events().await);
    let change = json!({"name": "Alice Kim-Ito", "status": null});
    let changed = alice.patch("/v1/me", change).await.expect(200).json();
    assert_eq!(
        (&changed["name"], &changed["status"]),
        (&json!("Alice Kim-Ito"), &json!(null))
    );
    assert_eq!(near.next_named("person").await.data, changed);
    let room = mei.get("/v1/rooms/r2").await.expect(200).json();
    assert_eq!(room["title"], "Alice Kim-Ito");
    heidi
        .patch("/v1/me", json!({"status": "mine"}))
        .await
        .expect(200);
    assert_eq!(far.next().await.unwrap().data["id"], "heidi");
}

#[tokio::test]
async fn a_picture_can_be_set_and_read() {
    let server = seeded().await;
    let (alice, mei) = (client(&server, "alice"), client(&server, "line:mei"));
    let headers = [("content-type", "image/png")];
    let bytes = Bytes::from_static(b"\x89PNG new");
    let person = alice
        .send(Method::PUT, "/v1/me/picture", &headers, bytes.clone())
        .await
        .expect(200)
        .json();
    let read = mei
        .get(person["picture"].as_str().unwrap())
        .await
        .expect(200);
    assert_eq!(
        (read.bytes.as_ref(), read.header("content-type")),
        (bytes.as_ref(), "image/png")
    );
    let headers = [("content-type", "text/html")];
    alice
        .send(Method::PUT, "/v1/me/picture", &headers, bytes)
        .await
        .expect(415);
}

#[tokio::test]
async fn the_directory_is_searched_by_name_mail_and_phone() {
    let server = seeded().await;
    let alice = client(&server, "alice");
    for (q, expected) in [
        ("MEI", vec!["line:mei"]),
        ("grace.mail", vec!["grace"]),
        ("5550-0002", vec!["bob"]),
        ("nobody", vec![]),
    ] {
        let found = alice
            .get(&format!("/v1/people?q={q}"))
            .await
            .expect(200)
            .json();
        assert_eq!(ids(&found["people"]), expected, "{q}");
    }
    let page = alice.get("/v1/people?limit=3").await.expect(200).json();
    assert_eq!(
        (page["people"].as_array().unwrap().len(), &page["total"]),
        (3, &json!(8))
    );
    let one = alice.get("/v1/people/line%3Amei").await.expect(200).json();
    assert_eq!(
        one,
        alice.get("/v1/people/line:mei").await.expect(200).json()
    );
}

#[tokio::test]
async fn a_reset_contact_url_is_dead_and_contacts_stay() {
    let server = seeded().await;
    let (alice, ken) = (client(&server, "alice"), client(&server, "line:ken"));
    let old = alice.get("/v1/me/contact-url").await.expect(200).json();
    let owner = ken
        .get(&format!(
            "/v1/contact-urls/{}",
            old["code"].as_str().unwrap()
        ))
        .await
        .expect(200)
        .json();
    assert_eq!(owner["owner"]["id"], "alice");
    let mut events = alice.events().await;
    let code = json!({"code": old["code"]});
    let added = ken
        .post("/v1/contacts", code.clone())
        .await
        .expect(201)
        .json();
    assert_eq!(added["contact"]["id"], "alice");
    assert_eq!(
        events.next().await.unwrap().data["person"]["id"],
        "line:ken"
    );
    ken.post("/v1/contacts", code.clone()).await.expect(409);
    alice.post("/v1/contacts", code.clone()).await.expect(422);
    alice
        .post("/v1/me/contact-url/reset", json!(null))
        .await
        .expect(200);
    ken.post("/v1/contacts", code).await.expect(404);
    assert_eq!(ken.get("/v1/contacts").await.json()["total"], 1);
    ken.delete("/v1/contacts/alice").await.expect(204);
    assert_eq!(alice.get("/v1/contacts").await.json()["total"], 2);
}
