//! The promises of the sandbox message server, over real sockets.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use borderpost::sandbox::{Content, Running, Sandbox, World};
use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};
use support::{Client, raw};

async fn start(world: World) -> Running {
    let address = "127.0.0.1:0".parse().unwrap();
    Sandbox::new(world).start(address).await.unwrap()
}

async fn seeded() -> Running {
    start(World::seeded()).await
}

fn client(running: &Running, person: &str) -> Client {
    Client::new(running.address(), &format!("token-{person}"))
}

fn text(text: &str) -> Value {
    json!({"content": {"type": "text", "text": text}})
}

/// The ids in a list of shapes.
fn ids(list: &Value) -> Vec<&str> {
    let items = list.as_array().expect("a list");
    items.iter().map(|it| it["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_message_is_in_history_lists_search_and_streams() {
    let server = seeded().await;
    let (alice, mei) = (client(&server, "alice"), client(&server, "line:mei"));
    let mut events = mei.events().await;
    let body = json!({"content": {"type": "text", "text": "<@line:mei> zanzibar"}, "mentions": ["line:mei"]});
    let sent = alice
        .post("/v1/rooms/r3/messages", body)
        .await
        .expect(201)
        .json();
    assert_eq!(sent["author"]["name"], "Alice Kim");

    let history = mei
        .get("/v1/rooms/r3/messages?limit=1")
        .await
        .expect(200)
        .json();
    assert_eq!(history["messages"], json!([sent]));
    assert_eq!(
        (&history["total"], &history["more"]),
        (&json!(4), &json!(true))
    );
    let rooms = mei.get("/v1/rooms").await.expect(200).json();
    assert_eq!(ids(&rooms["rooms"]), ["r3", "r2"]);
    assert_eq!(rooms["rooms"][0]["last_message"], sent);
    let found = mei.get("/v1/search?q=ZANZI").await.expect(200).json();
    assert_eq!(found["results"][0]["message"], sent);
    assert_eq!(found["total"], 1);
    assert_eq!(events.next().await.unwrap().data, sent);
}

#[tokio::test]
async fn events_come_in_order_and_only_to_those_they_are_for() {
    let server = seeded().await;
    let (alice, mei) = (client(&server, "alice"), client(&server, "line:mei"));
    let mut events = mei.events().await;
    for (room, words) in [
        ("r3", "one"),
        ("r1", "hidden"),
        ("r2", "two"),
        ("r3", "three"),
    ] {
        let path = format!("/v1/rooms/{room}/messages");
        alice.post(&path, text(words)).await.expect(201);
    }
    let seen = events
        .until(|it| it.data["content"]["text"] == "three")
        .await;
    let words: Vec<_> = seen
        .iter()
        .map(|it| it.data["content"]["text"].clone())
        .collect();
    assert_eq!(words, ["one", "two", "three"]);
    assert!(seen.is_sorted_by(|one, two| one.id < two.id));
}

#[tokio::test]
async fn a_stream_resumes_behind_an_event() {
    let server = seeded().await;
    let alice = client(&server, "alice");
    let mut events = alice.events().await;
    for words in ["one", "two"] {
        alice
            .post("/v1/rooms/r3/messages", text(words))
            .await
            .expect(201);
    }
    let first = events.next().await.unwrap();
    let second = alice.events_after(first.id).await.next().await.unwrap();
    assert_eq!(second.data["content"]["text"], "two");
}

#[tokio::test]
async fn a_reader_who_is_too_late_is_told_to_load_anew() {
    let mut world = World::seeded();
    world.events_max(2);
    let server = start(world).await;
    let alice = client(&server, "alice");
    for words in ["one", "two", "three", "four"] {
        alice
            .post("/v1/rooms/r3/messages", text(words))
            .await
            .expect(201);
    }
    let mut events = alice.events_after(1).await;
    let reset = events.next().await.unwrap();
    assert_eq!(
        (reset.name.as_str(), &reset.data),
        ("reset", &json!({"oldest": 2}))
    );
    assert_eq!(
        events.next().await.unwrap().data["content"]["text"],
        "three"
    );
}

#[tokio::test]
async fn what_can_not_be_done_is_refused_with_its_code() {
    let server = seeded().await;
    let alice = client(&server, "alice");
    let post = |path: &'static str, body: Value| (Method::POST, path, body);
    let cases = [
        (
            404,
            "not_found",
            (Method::GET, "/v1/rooms/r6/messages", json!(null)),
        ),
        (
            404,
            "not_found",
            (Method::GET, "/v1/rooms/r99", json!(null)),
        ),
        (404, "not_found", (Method::GET, "/v1/nothing", json!(null))),
        (
            404,
            "not_found",
            post("/v1/rooms/r6/messages", text("not mine")),
        ),
        (
            403,
            "forbidden",
            (Method::DELETE, "/v1/messages/m1", json!(null)),
        ),
        (
            403,
            "forbidden",
            (Method::GET, "/v1/people/bob/contacts", json!(null)),
        ),
        (
            405,
            "method_not_allowed",
            (Method::DELETE, "/v1/rooms", json!(null)),
        ),
        (
            409,
            "conflict",
            post("/v1/rooms/r3/members", json!({"person": "bob"})),
        ),
        (
            400,
            "bad_request",
            post(
                "/v1/rooms/r3/messages",
                json!({"content": {"type": "text"}}),
            ),
        ),
        (
            400,
            "bad_request",
            post(
                "/v1/rooms/r3/messages",
                json!({"content": {"type": "text", "text": "x", "html": "x"}}),
            ),
        ),
        (
            400,
            "bad_request",
            post(
                "/v1/rooms/r3/messages",
                json!({"content": {"type": "poll"}}),
            ),
        ),
        (
            400,
            "bad_request",
            post(
                "/v1/rooms/r3/members",
                json!({"person": "dave", "as": "bob"}),
            ),
        ),
        (
            400,
            "bad_request",
            (Method::GET, "/v1/rooms/r3/messages?limit=0", json!(null)),
        ),
        (
            400,
            "bad_request",
            (Method::GET, "/v1/people?q=a&q=b", json!(null)),
        ),
        (
            400,
            "bad_request",
            (Method::GET, "/v1/people/%ff", json!(null)),
        ),
        (
            422,
            "unprocessable",
            post("/v1/rooms/r3/messages", text("")),
        ),
        (
            422,
            "unprocessable",
            post("/v1/rooms/r3/members", json!({"person": "nobody"})),
        ),
        (
            422,
            "unprocessable",
            post("/v1/rooms/r2/members", json!({"person": "bob"})),
        ),
        (
            422,
            "unprocessable",
            post("/v1/rooms/r7/members", json!({"person": "carol"})),
        ),
        (
            422,
            "unprocessable",
            post(
                "/v1/rooms/r4/messages",
                json!({"content": {"type": "image", "file": "f1"}}),
            ),
        ),
        (
            422,
            "unprocessable",
            post(
                "/v1/rooms/r3/messages",
                json!({"content": {"type": "drive", "name": "x"}}),
            ),
        ),
        (
            422,
            "unprocessable",
            post(
                "/v1/rooms/r3/messages",
                json!({"content": {"type": "template", "template": "t1", "fields": {"why": "x"}}}),
            ),
        ),
    ];
    for (status, code, (method, path, body)) in cases {
        let headers = [("content-type", "application/json")];
        let body = Bytes::from(body.to_string());
        let reply = alice
            .send(method.clone(), path, &headers, body.clone())
            .await;
        assert_eq!(reply.status, status, "{method} {path} {body:?}");
        assert_eq!(
            reply.json()["error"]["code"],
            code,
            "{method} {path} {body:?}"
        );
    }
}

#[tokio::test]
async fn bodies_that_are_no_json_are_refused_by_their_label() {
    let server = seeded().await;
    let alice = client(&server, "alice");
    let path = "/v1/rooms/r3/messages";
    let body = Bytes::from(text("x").to_string());
    let plain = [("content-type", "text/plain")];
    alice
        .send(Method::POST, path, &plain, body.clone())
        .await
        .expect(415);
    let packed = [
        ("content-type", "application/json"),
        ("content-encoding", "br"),
    ];
    alice
        .send(Method::POST, path, &packed, body)
        .await
        .expect(415);
    let huge = text(&"x".repeat(1024 * 1024));
    alice.post(path, huge).await.expect(413);
}

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
async fn people_come_and_go_and_everybody_hears() {
    let server = seeded().await;
    let (alice, heidi) = (client(&server, "alice"), client(&server, "heidi"));
    let room = alice
        .post("/v1/rooms", json!({"members": ["bob"], "title": "New"}))
        .await
        .expect(201)
        .json();
    let path = format!("/v1/rooms/{}", room["id"].as_str().unwrap());
    heidi.get(&path).await.expect(404);
    let mut events = heidi.events().await;
    alice
        .post(&format!("{path}/members"), json!({"person": "heidi"}))
        .await
        .expect(201);
    assert_eq!(
        events.next_named("member.joined").await.data["person"]["id"],
        "heidi"
    );
    assert_eq!(events.next_named("room").await.data["title"], "New");
    let system = events.next_named("message").await.data["system"].clone();
    assert_eq!(
        system,
        json!({"event": "added", "person": "heidi", "by": "alice", "text": "Alice Kim added Heidi Mori"})
    );
    let members = heidi
        .get(&format!("{path}/members"))
        .await
        .expect(200)
        .json();
    assert_eq!(ids(&members["members"]), ["alice", "bob", "heidi"]);
    heidi
        .delete(&format!("{path}/members/heidi"))
        .await
        .expect(204);
    assert_eq!(
        events.next_named("member.left").await.data["person"]["id"],
        "heidi"
    );
    heidi.get(&path).await.expect(404);
    let last = alice.get(&path).await.expect(200).json();
    assert_eq!(
        last["last_message"]["system"]["text"],
        "Heidi Mori left the room"
    );
}

#[tokio::test]
async fn an_invitation_is_accepted_or_declined_once() {
    let server = seeded().await;
    let (alice, grace) = (client(&server, "alice"), client(&server, "grace"));
    let mut events = grace.events().await;
    let invited = alice
        .post("/v1/rooms/r3/invitations", json!({"person": "grace"}))
        .await
        .expect(201)
        .json();
    assert_eq!(events.next().await.unwrap().data, invited);
    alice
        .post("/v1/rooms/r3/invitations", json!({"person": "grace"}))
        .await
        .expect(409);
    let mine = grace.get("/v1/invitations").await.expect(200).json();
    assert_eq!(mine, json!({"invitations": [invited], "total": 1}));
    let path = format!("/v1/invitations/{}", invited["id"].as_str().unwrap());
    client(&server, "bob")
        .post(&format!("{path}/accept"), json!(null))
        .await
        .expect(404);
    let room = grace
        .post(&format!("{path}/accept"), json!(null))
        .await
        .expect(200)
        .json();
    assert_eq!(ids(&room["members"]), ["alice", "bob", "line:mei", "grace"]);
    grace
        .post(&format!("{path}/decline"), json!(null))
        .await
        .expect(404);
}

#[tokio::test]
async fn only_open_rooms_are_joined() {
    let server = seeded().await;
    let alice = client(&server, "alice");
    let seen = alice.get("/v1/rooms/r6/members").await.expect(200).json();
    assert_eq!(ids(&seen["members"]), ["bob", "carol"]);
    alice
        .post("/v1/rooms/r6/join", json!(null))
        .await
        .expect(200);
    alice.get("/v1/rooms/r6/messages").await.expect(200);
    client(&server, "heidi")
        .post("/v1/rooms/r3/join", json!(null))
        .await
        .expect(404);
}

#[tokio::test]
async fn a_direct_room_is_made_once_and_named_after_the_other() {
    let server = seeded().await;
    let (alice, bob) = (client(&server, "alice"), client(&server, "bob"));
    let wanted = json!({"members": ["bob"], "kind": "direct"});
    let made = alice
        .post("/v1/rooms", wanted.clone())
        .await
        .expect(201)
        .json();
    let again = alice.post("/v1/rooms", wanted).await.expect(200).json();
    assert_eq!(
        (&made["id"], &made["title"]),
        (&again["id"], &json!("Bob Lee"))
    );
    let path = format!("/v1/rooms/{}", made["id"].as_str().unwrap());
    assert_eq!(
        bob.get(&path).await.expect(200).json()["title"],
        "Alice Kim"
    );
}

#[tokio::test]
async fn a_message_is_edited_reacted_to_pinned_and_deleted() {
    let server = seeded().await;
    let (alice, mei) = (client(&server, "alice"), client(&server, "line:mei"));
    let sent = alice
        .post("/v1/rooms/r3/messages", text("first"))
        .await
        .expect(201)
        .json();
    let path = format!("/v1/messages/{}", sent["id"].as_str().unwrap());
    let mut events = mei.events().await;
    mei.patch(&path, text("forged")).await.expect(403);
    let edited = alice.patch(&path, text("second")).await.expect(200).json();
    assert_eq!(events.next_named("message.edited").await.data, edited);
    let reacted = mei
        .put(&format!("{path}/reactions/%F0%9F%91%8D"), json!(null))
        .await
        .expect(200)
        .json();
    assert_eq!(
        reacted["reactions"],
        json!([{"emoji": "👍", "people": ["line:mei"]}])
    );
    assert_eq!(events.next().await.unwrap().data["emoji"], "👍");
    assert_eq!(
        mei.put(&format!("{path}/pin"), json!(null))
            .await
            .expect(200)
            .json()["pinned"],
        true
    );
    let quote = json!({"content": {"type": "text", "text": "re"}, "quote": sent["id"]});
    let quoting = mei
        .post("/v1/rooms/r3/messages", quote)
        .await
        .expect(201)
        .json();
    assert_eq!(quoting["quote"]["content"]["text"], "second");
    alice.delete(&path).await.expect(204);
    assert_eq!(
        events.next_named("message.deleted").await.data["message"],
        sent["id"]
    );
    let quoting = mei
        .get(&format!("/v1/messages/{}", quoting["id"].as_str().unwrap()))
        .await
        .json();
    assert_eq!(quoting["quote"], json!(null));
}

#[tokio::test]
async fn every_content_comes_back_as_it_was_sent() {
    let server = seeded().await;
    let alice = client(&server, "alice");
    let contents = [
        json!({"type": "sticker", "pack": "cats", "sticker": "7"}),
        json!({"type": "location", "latitude": 35, "longitude": 129.04, "label": "Busan"}),
        json!({"type": "link", "url": "https://acme.example", "title": "Acme"}),
        json!({"type": "image", "file": "f1", "caption": "berth"}),
        json!({"type": "video", "file": "f1"}),
        json!({"type": "voice", "file": "f1"}),
        json!({"type": "file", "file": "f1"}),
        json!({"type": "contact", "card": {"name": "Harbour", "phone": "1"}}),
        json!({"type": "drive", "name": "Plans", "url": "https://drive.acme.example/1"}),
        json!({"type": "drive", "name": "Plans", "item": "d1"}),
        json!({"type": "template", "template": "t1", "fields": {"who": "Mei"}}),
        json!({"type": "call", "call": "c1"}),
        json!({"type": "encrypted", "ciphertext": "AAAA"}),
    ];
    for content in contents {
        let sent = alice
            .post("/v1/rooms/r3/messages", json!({"content": content}))
            .await;
        assert_eq!(sent.expect(201).json()["content"], content);
    }
}

#[tokio::test]
async fn unread_counts_fall_with_the_read_mark() {
    let server = seeded().await;
    let (alice, bob) = (client(&server, "alice"), client(&server, "bob"));
    assert_eq!(alice.get("/v1/rooms/r3").await.json()["unread"], 2);
    let mut events = bob.events().await;
    let last = alice.get("/v1/rooms/r3").await.json()["last_message"]["id"].clone();
    alice
        .put("/v1/rooms/r3/read", json!({"message": last}))
        .await
        .expect(204);
    assert_eq!(alice.get("/v1/rooms/r3").await.json()["unread"], 0);
    assert_eq!(events.next().await.unwrap().data["person"], "alice");
    let seen = bob
        .get(&format!("/v1/messages/{}", last.as_str().unwrap()))
        .await
        .json();
    assert_eq!(seen["read_by"], json!(["alice"]));
}

#[tokio::test]
async fn typing_lasts_until_the_message() {
    let server = seeded().await;
    let (alice, bob) = (client(&server, "alice"), client(&server, "bob"));
    let mut events = bob.events().await;
    alice
        .put("/v1/rooms/r3/typing", json!({"typing": true}))
        .await
        .expect(204);
    assert_eq!(
        events.next().await.unwrap().data["people"],
        json!(["alice"])
    );
    assert_eq!(
        bob.get("/v1/rooms/r3").await.json()["typing"],
        json!(["alice"])
    );
    alice
        .post("/v1/rooms/r3/messages", text("done"))
        .await
        .expect(201);
    assert_eq!(events.next().await.unwrap().data["people"], json!([]));
}

#[tokio::test]
async fn a_call_rings_in_the_room_and_encryption_is_told() {
    let server = seeded().await;
    let (alice, mei) = (client(&server, "alice"), client(&server, "line:mei"));
    let mut events = mei.events().await;
    let call = alice
        .post("/v1/rooms/r2/calls", json!(null))
        .await
        .expect(201)
        .json();
    let content = events.next_named("message").await.data["content"].clone();
    assert_eq!(content, json!({"type": "call", "call": call["call"]}));
    alice
        .put("/v1/rooms/r2/encryption", json!({"enabled": true}))
        .await
        .expect(200);
    assert_eq!(events.next_named("room").await.data["encrypted"], true);
}

#[tokio::test]
async fn a_scheduled_message_goes_out_at_its_time() {
    let seconds = Arc::new(AtomicU64::new(1_800_000_000));
    let mut world = World::seeded();
    let clock = Arc::clone(&seconds);
    world.clock(move || SystemTime::UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::SeqCst)));
    let server = start(world).await;
    let (alice, mei) = (client(&server, "alice"), client(&server, "line:mei"));
    let draft =
        json!({"content": {"type": "text", "text": "later"}, "send_at": "2027-01-15T08:00:10Z"});
    let waiting = alice
        .post("/v1/rooms/r3/messages", draft)
        .await
        .expect(201)
        .json();
    assert_eq!(waiting["send_at"], "2027-01-15T08:00:10.000Z");
    assert_eq!(
        alice.get("/v1/scheduled").await.json()["scheduled"],
        json!([waiting])
    );
    assert_eq!(mei.get("/v1/search?q=later").await.json()["total"], 0);
    let mut events = mei.events().await;
    seconds.fetch_add(10, Ordering::SeqCst);
    assert_eq!(
        events.next().await.unwrap().data["content"]["text"],
        "later"
    );
    assert_eq!(alice.get("/v1/scheduled").await.json()["total"], 0);
}

#[tokio::test]
async fn a_scheduled_message_can_be_taken_back() {
    let server = seeded().await;
    let alice = client(&server, "alice");
    let draft =
        json!({"content": {"type": "text", "text": "later"}, "send_at": "2999-01-01T00:00:00Z"});
    let waiting = alice
        .post("/v1/rooms/r3/messages", draft)
        .await
        .expect(201)
        .json();
    let path = format!("/v1/scheduled/{}", waiting["id"].as_str().unwrap());
    client(&server, "bob").delete(&path).await.expect(404);
    alice.delete(&path).await.expect(204);
    assert_eq!(alice.get("/v1/scheduled").await.json()["total"], 0);
}

#[tokio::test]
async fn a_file_is_read_whole_in_parts_and_by_its_tag() {
    let server = seeded().await;
    let (alice, mei) = (client(&server, "alice"), client(&server, "line:mei"));
    let path = "/v1/rooms/r3/files?name=pl%C3%A4n.png";
    let file = alice
        .upload(path, "image/png", b"0123456789")
        .await
        .expect(201)
        .json();
    assert_eq!(
        (&file["name"], &file["size"]),
        (&json!("plän.png"), &json!(10))
    );
    let url = file["url"].as_str().unwrap();
    let whole = mei.get(url).await.expect(200);
    assert_eq!(whole.bytes.as_ref(), b"0123456789");
    assert_eq!(
        whole.header("content-disposition"),
        "attachment; filename*=UTF-8''pl%C3%A4n%2Epng"
    );
    let part = mei
        .get_with(url, &[("range", "bytes=2-4")])
        .await
        .expect(206);
    assert_eq!(
        (part.bytes.as_ref(), part.header("content-range")),
        (b"234".as_ref(), "bytes 2-4/10")
    );
    let outside = mei
        .get_with(url, &[("range", "bytes=10-")])
        .await
        .expect(416);
    assert_eq!(outside.header("content-range"), "bytes */10");
    mei.get_with(url, &[("if-none-match", whole.header("etag"))])
        .await
        .expect(304);
    let head = mei
        .send(Method::HEAD, url, &[], Bytes::new())
        .await
        .expect(200);
    assert_eq!((head.bytes.len(), head.header("content-length")), (0, "10"));
    let thumbnail = mei
        .get(file["thumbnail"].as_str().unwrap())
        .await
        .expect(200);
    assert_eq!(thumbnail.header("content-type"), "image/bmp");
    assert_eq!(
        mei.get(&format!("{url}/info")).await.expect(200).json(),
        file
    );
    client(&server, "grace").get(url).await.expect(404);
    mei.delete(url).await.expect(403);
    alice.delete(url).await.expect(204);
    mei.get(url).await.expect(404);
}

#[tokio::test]
async fn a_forwarded_file_is_a_copy_in_the_other_room() {
    let server = seeded().await;
    let (alice, grace) = (client(&server, "alice"), client(&server, "grace"));
    let content = json!({"content": {"type": "image", "file": "f1"}});
    let sent = alice
        .post("/v1/rooms/r3/messages", content)
        .await
        .expect(201)
        .json();
    let path = format!("/v1/messages/{}/forward", sent["id"].as_str().unwrap());
    alice
        .post(&path, json!({"rooms": ["r4", "r99"]}))
        .await
        .expect(404);
    assert_eq!(grace.get("/v1/rooms/r4/messages").await.json()["total"], 1);
    let copies = alice
        .post(&path, json!({"rooms": ["r4", "r1"]}))
        .await
        .expect(201)
        .json();
    let copy = copies["messages"][0]["content"]["file"].as_str().unwrap();
    assert_ne!(copy, "f1");
    grace.get("/v1/files/f1").await.expect(404);
    assert_eq!(
        grace
            .get(&format!("/v1/files/{copy}"))
            .await
            .expect(200)
            .bytes
            .as_ref(),
        b"\x89PNG berth 9"
    );
}

#[tokio::test]
async fn a_large_file_passes_in_bounded_memory() {
    const SIZE: u64 = 256 * 1024 * 1024;
    let server = seeded().await;
    let alice = client(&server, "alice");
    let before = peak_memory_kib();
    let file = alice
        .upload_zeros("/v1/rooms/r3/files?name=big", SIZE)
        .await
        .expect(201)
        .json();
    assert_eq!(file["size"], SIZE);
    assert_eq!(alice.count_bytes(file["url"].as_str().unwrap()).await, SIZE);
    let grown = peak_memory_kib() - before;
    assert!(grown < 64 * 1024, "{grown} KiB for {SIZE} bytes");
}

/// The most memory that this process has ever held.
fn peak_memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|it| it.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_file_over_the_limit_is_refused_and_one_at_it_is_not() {
    let mut world = World::seeded();
    world.file_bytes_max(10);
    let server = start(world).await;
    let alice = client(&server, "alice");
    let path = "/v1/rooms/r3/files?name=x";
    alice
        .upload(path, "text/plain", b"0123456789")
        .await
        .expect(201);
    alice
        .upload(path, "text/plain", b"0123456789a")
        .await
        .expect(413);
    alice
        .upload("/v1/rooms/r3/files", "text/plain", b"x")
        .await
        .expect(400);
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

#[tokio::test]
async fn the_things_of_a_group_are_its_members() {
    let server = seeded().await;
    let (alice, grace) = (client(&server, "alice"), client(&server, "grace"));
    let file = alice
        .upload("/v1/groups/g1/files?name=a.txt", "text/plain", b"a")
        .await
        .expect(201)
        .json();
    let mut events = grace.events().await;
    let cases = [
        (
            "notes",
            json!({"title": "N", "text": "n", "attachments": [file["id"]], "template": "t1"}),
            json!({"template": null}),
        ),
        (
            "events",
            json!({"title": "E", "text": "e", "starts_at": "2027-01-01T00:00:00Z", "attachments": [file["id"]]}),
            json!({"text": "e2"}),
        ),
        (
            "tasks",
            json!({"title": "K", "text": "k", "assignee": "bob", "due": "2027-01-01T00:00:00Z", "attachments": [file["id"]]}),
            json!({"done": true, "due": null}),
        ),
    ];
    for (kind, body, change) in cases {
        let list = format!("/v1/groups/g1/{kind}");
        let made = alice.post(&list, body).await.expect(201).json();
        assert_eq!(made["attachments"], json!([file]));
        assert_eq!(events.next().await.unwrap().data, made);
        let one = format!("{list}/{}", made["id"].as_str().unwrap());
        grace.patch(&one, change.clone()).await.expect(403);
        let changed = alice.patch(&one, change.clone()).await.expect(200).json();
        for (key, value) in change.as_object().unwrap() {
            assert_eq!(&changed[key], value, "{kind} {key}");
        }
        assert_eq!(grace.get(&list).await.expect(200).json()["total"], 2);
        client(&server, "carol").get(&list).await.expect(404);
        alice.delete(&one).await.expect(204);
        grace.get(&one).await.expect(404);
        events.until(|it| it.name.ends_with(".deleted")).await;
    }
    let foreign = json!({"title": "N", "text": "n", "attachments": ["f1"]});
    alice.post("/v1/groups/g1/notes", foreign).await.expect(422);
    alice
        .post("/v1/groups/g1/events", json!({"title": "E", "text": "e"}))
        .await
        .expect(400);
    alice
        .post(
            "/v1/groups/g1/notes",
            json!({"title": "N", "text": "n", "done": true}),
        )
        .await
        .expect(400);
}

#[tokio::test]
async fn a_group_and_its_room_have_the_same_members() {
    let server = seeded().await;
    let (alice, heidi) = (client(&server, "alice"), client(&server, "heidi"));
    let group = alice
        .post("/v1/groups", json!({"title": "G", "members": ["bob"]}))
        .await
        .expect(201)
        .json();
    let path = format!("/v1/groups/{}", group["id"].as_str().unwrap());
    let room = format!("/v1/rooms/{}", group["room"].as_str().unwrap());
    alice
        .post(&format!("{path}/members"), json!({"person": "heidi"}))
        .await
        .expect(201);
    assert_eq!(
        ids(&heidi.get(&room).await.expect(200).json()["members"]),
        ["alice", "bob", "heidi"]
    );
    let folder = format!("{path}/folder?name=a");
    let file = heidi
        .upload(&folder, "text/plain", b"a")
        .await
        .expect(201)
        .json();
    let listed = alice
        .get(&format!("{path}/folder"))
        .await
        .expect(200)
        .json();
    assert_eq!(listed, json!({"files": [file], "total": 1}));
    alice
        .delete(&format!("{path}/members/heidi"))
        .await
        .expect(204);
    for path in [&path, &room] {
        heidi.get(path).await.expect(404);
    }
}

#[tokio::test]
async fn a_board_is_changed_by_its_owner_and_posted_to_by_its_readers() {
    let server = seeded().await;
    let (alice, grace) = (client(&server, "alice"), client(&server, "grace"));
    grace
        .put("/v1/boards/b1/template", json!({"template": null}))
        .await
        .expect(403);
    let board = alice
        .put("/v1/boards/b1/template", json!({"template": null}))
        .await
        .expect(200)
        .json();
    assert_eq!(board["template"], json!(null));
    alice
        .put("/v1/boards/b1/template", json!({}))
        .await
        .expect(400);
    let file = grace
        .upload("/v1/boards/b1/files?name=a", "text/plain", b"a")
        .await
        .expect(201)
        .json();
    let post = json!({"title": "P", "text": "p", "attachments": [file["id"]]});
    let made = grace
        .post("/v1/boards/b1/posts", post)
        .await
        .expect(201)
        .json();
    assert_eq!(made["attachments"][0]["board"], "b1");
    client(&server, "dave")
        .get("/v1/boards/b1/posts")
        .await
        .expect(404);
    alice
        .post("/v1/boards/b1/readers", json!({"person": "dave"}))
        .await
        .expect(201);
    assert_eq!(
        client(&server, "dave")
            .get("/v1/boards/b1/posts")
            .await
            .expect(200)
            .json()["total"],
        2
    );
    alice
        .delete("/v1/boards/b1/readers/grace")
        .await
        .expect(204);
    grace.get("/v1/boards/b1").await.expect(404);
    alice
        .delete("/v1/boards/b1/readers/alice")
        .await
        .expect(422);
}

#[tokio::test]
async fn an_operator_reads_everything_and_does_nothing() {
    let server = seeded().await;
    let operator = client(&server, "operator");
    for path in [
        "/v1/rooms/r2",
        "/v1/rooms/r2/members",
        "/v1/rooms/r2/messages",
        "/v1/messages/m1",
        "/v1/files/f1/info",
        "/v1/groups/g1",
        "/v1/groups/g1/notes",
        "/v1/boards/b2",
        "/v1/people/alice/contacts",
    ] {
        operator.get(path).await.expect(200);
    }
    for path in ["/v1/me", "/v1/rooms", "/v1/search?q=a", "/v1/events"] {
        operator.get(path).await.expect(403);
    }
    operator
        .post("/v1/rooms/r2/messages", text("x"))
        .await
        .expect(403);
    operator
        .upload("/v1/rooms/r2/files?name=x", "text/plain", b"x")
        .await
        .expect(403);
}

#[tokio::test]
async fn json_has_a_tag_and_is_compressed_where_both_want_it() {
    let mut world = World::seeded();
    world.gzip(true);
    let server = start(world).await;
    let alice = client(&server, "alice");
    let plain = alice.get("/v1/rooms").await.expect(200);
    let tag = plain.header("etag");
    alice
        .get_with("/v1/rooms", &[("if-none-match", tag)])
        .await
        .expect(304);
    let packed = alice
        .get_with("/v1/rooms", &[("accept-encoding", "gzip")])
        .await
        .expect(200);
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.bytes.len() < plain.bytes.len());
    alice
        .post("/v1/rooms/r3/messages", text("new"))
        .await
        .expect(201);
    alice
        .get_with("/v1/rooms", &[("if-none-match", tag)])
        .await
        .expect(200);
}

#[tokio::test]
async fn http2_and_http1_say_the_same() {
    let server = seeded().await;
    let alice = client(&server, "alice");
    let second = alice.http2();
    assert_eq!(
        alice.get("/v1/rooms").await.bytes,
        second.get("/v1/rooms").await.expect(200).bytes
    );
    let mut events = second.events().await;
    let sent = second
        .post("/v1/rooms/r3/messages", text("two"))
        .await
        .expect(201)
        .json();
    assert_eq!(events.next().await.unwrap().data, sent);
    let file = second
        .upload_zeros("/v1/rooms/r3/files?name=x", 100_000)
        .await
        .expect(201)
        .json();
    assert_eq!(
        second.count_bytes(file["url"].as_str().unwrap()).await,
        100_000
    );
}

#[tokio::test]
async fn a_plain_socket_is_served() {
    let server = seeded().await;
    let request = b"GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-bob\r\nConnection: close\r\n\r\n";
    let answer = raw(server.address(), request).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\"name\":\"Bob Lee\""), "{answer}");
}

#[tokio::test]
async fn a_full_sandbox_makes_nothing_more_and_still_reads() {
    let mut world = World::new();
    world.person("ann", "Ann", None).objects_max(2);
    let room = world.room(Some("R"), &["ann"]);
    world.message(&room, "ann", Content::text("one"));
    let server = start(world).await;
    let ann = client(&server, "ann");
    ann.post("/v1/rooms/r1/messages", text("two"))
        .await
        .expect(503);
    ann.get("/v1/rooms/r1/messages").await.expect(200);
}

#[tokio::test]
async fn shutdown_ends_streams_and_closes_the_port() {
    let server = seeded().await;
    let address = server.address();
    let mut events = client(&server, "alice").events().await;
    server.shutdown().await;
    assert!(events.next().await.is_none());
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

/// Every route of the protocol's page, tried on the seeded world: the server knows path and method.
#[tokio::test]
async fn every_documented_route_exists() {
    let page = include_str!("../docs/plain-protocol.md");
    let ids = [
        ("{person}", "bob"),
        ("{room}", "r3"),
        ("{message}", "m3"),
        ("{invitation}", "i1"),
        ("{file}", "f1"),
        ("{group}", "g1"),
        ("{note}", "n1"),
        ("{event}", "e1"),
        ("{task}", "k1"),
        ("{board}", "b1"),
        ("{post}", "p1"),
        ("{scheduled}", "s1"),
        ("{code}", "u1"),
        ("{emoji}", "x"),
    ];
    let mut routes = 0;
    for line in page.lines().filter(|it| it.starts_with("| `")) {
        let Some((route, _)) = line.trim_start_matches("| `").split_once('`') else {
            continue;
        };
        let Some((method, path)) = route.split_once(" /v1/") else {
            continue;
        };
        let path = ids.iter().fold(format!("/v1/{path}"), |path, (name, id)| {
            path.replace(name, id)
        });
        let mut world = World::seeded();
        world.invitation("r5", "grace", "bob");
        let server = start(world).await;
        let bob = client(&server, "bob");
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let reply = bob.send(method, &path, &[], Bytes::new()).await;
        assert_ne!(reply.status, 405, "{route}");
        assert!(!reply.text().contains("no such route"), "{route}");
        routes += 1;
    }
    assert!(routes > 80, "only {routes} routes found on the page");
}
