//! Restrict file transfer and attachments: what counts as one, by which routes, in which direction.

use serde_json::{Value, json};

use crate::kit::{
    Act, OPEN, RESTRICTED, Witness, acme, get, globex, patch, post, put, read, say, send, upload,
};
use crate::support::Client;
use crate::town::Town;

const JPEG: &[u8] = b"\xff\xd8\xff\xe0\x00\x10JFIF";
const PDF: &[u8] = b"%PDF-1.7 the plan";
const OUTBOUND: &str = "connect: allow, permission: all_members, restrict_attachments: outbound";

async fn town(acme_line: &str, acme_works: &str) -> Town {
    Town::new(&[&acme(acme_line, acme_works), &globex(OPEN, OPEN)]).await
}

/// Uploads behind the gateway: the file's id.
async fn file_of(
    client: &Client,
    home: &str,
    name: &str,
    media_type: &str,
    bytes: &[u8],
) -> String {
    let file = client
        .upload(&format!("/v1/{home}?name={name}"), media_type, bytes)
        .await
        .expect(201);
    id(&file.json())
}

fn id(of: &Value) -> String {
    of["id"]
        .as_str()
        .unwrap_or_else(|| panic!("no id in {of}"))
        .to_owned()
}

/// Alice is refused each of these while the restriction is on; each passes while it is off, and
/// nothing of it is there before.
async fn check(town: &Town, restricted: [&str; 2], acts: &[Act]) {
    let alice = town.client("alice");
    let mut witness = Witness::of(town).await;
    town.apply(&[&acme(restricted[0], restricted[1]), &globex(OPEN, OPEN)]);
    for act in acts {
        act.is_blocked(&alice, "attachment_restricted").await;
    }
    witness.saw_nothing().await;
    town.apply(&[&acme(OPEN, OPEN), &globex(OPEN, OPEN)]);
    for act in acts {
        act.passes(&alice.http2()).await;
    }
}

/// What each restricted kind looks like, in a message of a room that has these files.
fn contents(photo: &str, document: &str) -> Vec<Value> {
    vec![
        json!({"type": "image", "file": photo}),
        json!({"type": "video", "file": photo, "caption": "the ship"}),
        json!({"type": "voice", "file": photo}),
        json!({"type": "file", "file": document}),
        // The label of a file does not make it another.
        json!({"type": "file", "file": photo}),
        json!({"type": "image", "file": document}),
        json!({"type": "contact", "card": {"name": "Harbour Office", "phone": "+82-51-555-0100"}}),
        json!({"type": "drive", "name": "Plans", "item": "d1"}),
        json!({"type": "drive", "name": "Plans", "url": "https://drive.acme.example/s/1"}),
        json!({"type": "link", "url": "https://drive.acme.example/s/1"}),
        json!({"type": "link", "url": "https://news.example", "text": "drive.acme.example/s/1"}),
        json!({"type": "text", "text": "see https://drive.acme.example/s/1"}),
        json!({"type": "text", "text": "see HTTPS://DRIVE.ACME.EXAMPLE./s/1 now"}),
        json!({"type": "location", "latitude": 35.1, "longitude": 129.0, "label": "https://drive.acme.example/1"}),
    ]
}

#[tokio::test]
async fn every_kind_by_message() {
    let town = town(OPEN, OPEN).await;
    let alice = town.behind("alice");
    let photo = file_of(&alice, "rooms/r2/files", "a.jpg", "image/jpeg", JPEG).await;
    let document = file_of(&alice, "rooms/r2/files", "plan.pdf", "application/pdf", PDF).await;
    let acts: Vec<Act> = contents(&photo, &document)
        .into_iter()
        .map(|it| send("r2", it))
        .collect();
    check(&town, [RESTRICTED, OPEN], &acts).await;
}

#[tokio::test]
async fn every_route_of_a_message() {
    let town = town(OPEN, OPEN).await;
    let alice = town.behind("alice");
    let photo = file_of(&alice, "rooms/r2/files", "a.jpg", "image/jpeg", JPEG).await;
    let inside = file_of(&alice, "rooms/r1/files", "b.jpg", "image/jpeg", JPEG).await;
    let image = json!({"type": "image", "file": photo});
    let words = id(&say("r2", "words").passes(&alice).await.json());
    let shown = id(&send("r2", image.clone()).passes(&alice).await.json());
    let shown_inside = send("r1", json!({"type": "image", "file": inside}))
        .passes(&alice)
        .await;
    let shown_inside = id(&shown_inside.json());
    let card = json!({"type": "contact", "card": {"name": "Harbour Office"}});
    let acts = [
        send("r2", image.clone()),
        patch(format!("/v1/messages/{words}"), json!({"content": image})),
        patch(format!("/v1/messages/{words}"), json!({"content": card})),
        post(
            format!("/v1/messages/{shown_inside}/forward"),
            json!({"rooms": ["r2"]}),
        ),
        // One room of several is enough.
        post(
            format!("/v1/messages/{shown_inside}/forward"),
            json!({"rooms": ["r1", "r6", "r2"]}),
        ),
        post(
            "/v1/rooms/r2/messages",
            json!({"content": {"type": "text", "text": "look"}, "quote": shown}),
        ),
        post(
            "/v1/rooms/r2/messages",
            json!({"content": image, "send_at": "2099-01-01T00:00:00.000Z"}),
        ),
        upload("/v1/rooms/r2/files?name=c.jpg", "image/jpeg", JPEG),
    ];
    // Bob and carol's room takes alice in, so that she may forward to it.
    town.behind("carol")
        .post("/v1/rooms/r6/members", json!({"person": "alice"}))
        .await
        .expect(201);
    check(&town, [RESTRICTED, OPEN], &acts).await;
}

#[tokio::test]
async fn an_upload_is_what_its_name_its_label_or_its_bytes_say() {
    let town = town(OPEN, OPEN).await;
    let card = b"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Mei\r\nEND:VCARD\r\n";
    let acts = [
        upload("/v1/rooms/r2/files?name=a.jpg", "image/jpeg", JPEG),
        upload("/v1/rooms/r2/files?name=a.txt", "image/jpeg", b"words"),
        upload("/v1/rooms/r2/files?name=a.jpg", "text/plain", b"words"),
        upload("/v1/rooms/r2/files?name=notes.txt", "text/plain", JPEG),
        upload(
            "/v1/rooms/r2/files?name=mei.vcf",
            "application/octet-stream",
            b"words",
        ),
        upload("/v1/rooms/r2/files?name=mei.txt", "text/vcard", b"words"),
        upload("/v1/rooms/r2/files?name=mei.txt", "text/plain", card),
        upload("/v1/rooms/r2/files?name=plan.pdf", "application/pdf", PDF),
        upload(
            "/v1/rooms/r2/files?name=empty",
            "application/octet-stream",
            b"",
        ),
    ];
    check(&town, [RESTRICTED, OPEN], &acts).await;
}

#[tokio::test]
async fn the_kind_that_is_restricted_counts() {
    // Only photos are restricted: a photo by any other name is one, and a text file is none.
    let only_photos = format!("{RESTRICTED}, restricted_kinds: [camera]");
    let town = town(&only_photos, OPEN).await;
    let alice = town.client("alice");
    for (name, media_type, bytes) in [
        ("a.jpg", "image/jpeg", JPEG),
        ("a.txt", "text/plain", JPEG),
        ("a.JPG", "text/plain", b"x"),
    ] {
        let act = upload(format!("/v1/rooms/r2/files?name={name}"), media_type, bytes);
        act.is_blocked(&alice, "attachment_restricted").await;
    }
    upload("/v1/rooms/r2/files?name=plan.pdf", "application/pdf", PDF)
        .passes(&alice)
        .await;
    send(
        "r2",
        json!({"type": "contact", "card": {"name": "Harbour Office"}}),
    )
    .passes(&alice)
    .await;
}

#[tokio::test]
async fn a_template_is_restricted_with_other_companies_and_not_with_line() {
    let town = town(RESTRICTED, RESTRICTED).await;
    let alice = town.client("alice");
    let template = |room| {
        send(
            room,
            json!({"type": "template", "template": "t1", "fields": {"who": "Mei"}}),
        )
    };
    template("r4")
        .is_blocked(&alice, "attachment_restricted")
        .await;
    template("r2").passes(&alice).await;
    // A room of both networks takes what both take.
    template("r5")
        .is_blocked(&alice, "attachment_restricted")
        .await;
    town.apply(&[&acme(RESTRICTED, OPEN), &globex(OPEN, OPEN)]);
    template("r4").passes(&alice).await;
}

#[tokio::test]
async fn nothing_is_restricted_among_colleagues() {
    let town = town(RESTRICTED, RESTRICTED).await;
    let alice = town.client("alice");
    let photo = upload("/v1/rooms/r1/files?name=a.jpg", "image/jpeg", JPEG)
        .passes(&alice)
        .await
        .json();
    send("r1", json!({"type": "image", "file": id(&photo)}))
        .passes(&alice)
        .await;
    let template = json!({"type": "template", "template": "t1", "fields": {}});
    send("r1", template).passes(&alice).await;
    let encrypted = json!({"type": "encrypted", "ciphertext": "c2VjcmV0"});
    send("r1", encrypted).passes(&alice).await;
}

#[tokio::test]
async fn words_stickers_places_links_and_calls_are_no_attachments() {
    let town = town(RESTRICTED, RESTRICTED).await;
    let alice = town.client("alice");
    for content in [
        json!({"type": "text", "text": "a photo: IMG_1.jpg, data of https://ships.example/a.jpg"}),
        json!({"type": "text", "text": "{\"type\":\"image\",\"file\":\"f1\"}"}),
        json!({"type": "sticker", "pack": "p", "sticker": "s"}),
        json!({"type": "location", "latitude": 35.1, "longitude": 129.0, "label": "berth 9"}),
        json!({"type": "link", "url": "https://drive.other.example/s/1", "title": "Ships"}),
    ] {
        send("r2", content.clone()).passes(&alice).await;
        send("r4", content).passes(&alice.http2()).await;
    }
    let ringing = crate::kit::call("/v1/rooms/r2/calls").passes(&alice).await;
    let call = json!({"type": "call", "call": ringing.json()["call"]});
    send("r2", call).passes(&alice).await;
}

#[tokio::test]
async fn outbound_restricts_what_members_send_and_not_what_peers_send() {
    let town = town(OUTBOUND, OUTBOUND).await;
    let photo = |room: &str| {
        upload(
            format!("/v1/rooms/{room}/files?name=a.jpg"),
            "image/jpeg",
            JPEG,
        )
    };
    for (member, room, peer) in [("alice", "r2", "line:mei"), ("alice", "r4", "grace")] {
        photo(room)
            .is_blocked(&town.client(member), "attachment_restricted")
            .await;
        let file = id(&photo(room).passes(&town.client(peer)).await.json());
        let sent = send(room, json!({"type": "image", "file": file}))
            .passes(&town.client(peer))
            .await;
        let seen = read(
            &town.client(member),
            &format!("/v1/messages/{}", id(&sent.json())),
        )
        .await;
        assert_eq!(seen["content"]["file"], file);
        get(format!("/v1/files/{file}"))
            .passes(&town.client(member))
            .await;
    }
    town.apply(&[&acme(RESTRICTED, RESTRICTED), &globex(OPEN, OPEN)]);
    let refused = photo("r2")
        .by(&town.client("line:mei"))
        .await
        .expect(403)
        .json();
    assert_eq!(refused["error"]["code"], "not_available");
    photo("r4")
        .is_blocked(&town.client("grace"), "peer_side_denied")
        .await;
}

#[tokio::test]
async fn what_came_in_round_the_gateway_gives_way_to_a_placeholder() {
    let town = town(OPEN, OPEN).await;
    let mei = town.behind("line:mei");
    let mut stream = town.client("alice").http2().events().await;
    town.apply(&[&acme(RESTRICTED, OPEN), &globex(OPEN, OPEN)]);
    let file = file_of(&mei, "rooms/r2/files", "berth.jpg", "image/jpeg", JPEG).await;
    let image = json!({"type": "image", "file": file, "caption": "berth nine"});
    let message = id(&send("r2", image).passes(&mei).await.json());
    let quoting = post(
        "/v1/rooms/r2/messages",
        json!({"content": {"type": "text", "text": "see"}, "quote": message}),
    );
    let quoting = id(&quoting.passes(&mei).await.json());
    let is_placeholder = |content: &Value| {
        content["type"] == "withheld"
            && content["kind"] == "camera"
            && content["reason"] == "attachment_restricted"
            && content["file"].is_null()
    };
    for alice in crate::kit::both(&town.client("alice")) {
        let history = read(&alice, "/v1/rooms/r2/messages").await;
        let found = history["messages"]
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["id"] == *message)
            .cloned();
        let found = found.expect("no silent loss");
        assert!(is_placeholder(&found["content"]), "{found}");
        assert_eq!(found["author"]["name"], "Mei Tanaka");
        assert!(found["sent_at"].is_string());
        let by_id = read(&alice, &format!("/v1/messages/{message}")).await;
        assert!(is_placeholder(&by_id["content"]), "{by_id}");
        let quoted = read(&alice, &format!("/v1/messages/{quoting}")).await;
        assert!(is_placeholder(&quoted["quote"]["content"]), "{quoted}");
        assert!(!quoted.to_string().contains("berth nine"), "{quoted}");
        let search = read(&alice, "/v1/search?q=berth%20nine").await;
        assert!(
            !search["results"].to_string().contains("berth nine"),
            "{search}"
        );
        let files = read(&alice, "/v1/rooms/r2/files").await;
        assert!(!files.to_string().contains("berth.jpg"), "{files}");
        get(format!("/v1/files/{file}/info"))
            .is_not_there(&alice)
            .await;
        for path in [
            format!("/v1/files/{file}"),
            format!("/v1/files/{file}/thumbnail"),
        ] {
            get(path).is_blocked(&alice, "attachment_restricted").await;
        }
    }
    let seen = stream.until(|event| event.data["id"] == *quoting).await;
    let event = seen
        .iter()
        .find(|event| event.data["id"] == *message)
        .expect("no silent loss");
    assert!(is_placeholder(&event.data["content"]), "{event:?}");
    assert!(!format!("{seen:?}").contains("berth"), "{seen:?}");
    // Edited to the last, it is the last message of the room.
    let last = json!({"type": "image", "file": file, "caption": "berth nine"});
    let last = id(&send("r2", last).passes(&mei).await.json());
    let room = read(&town.client("alice"), "/v1/rooms/r2").await;
    assert_eq!(room["last_message"]["id"], *last);
    assert!(is_placeholder(&room["last_message"]["content"]), "{room}");
    // The restriction gone, it is seen as it is.
    town.apply(&[&acme(OPEN, OPEN), &globex(OPEN, OPEN)]);
    let by_id = read(&town.client("alice"), &format!("/v1/messages/{message}")).await;
    assert_eq!(by_id["content"]["file"], file);
    get(format!("/v1/files/{file}"))
        .passes(&town.client("alice"))
        .await;
}

#[tokio::test]
async fn a_batch_loses_only_what_is_blocked() {
    let town = town(RESTRICTED, OPEN).await;
    let mei = town.behind("line:mei");
    let before = say("r2", "before").passes(&mei).await.json();
    let card = send(
        "r2",
        json!({"type": "contact", "card": {"name": "Harbour Office"}}),
    );
    let card = card.passes(&mei).await.json();
    let after = say("r2", "after").passes(&mei).await.json();
    let page = read(&town.client("alice"), "/v1/rooms/r2/messages?limit=3").await;
    assert_eq!(
        crate::kit::keys_of(&page, "messages", "id"),
        [id(&before), id(&card), id(&after)]
    );
    assert_eq!(page["messages"][0]["content"]["text"], "before");
    assert_eq!(page["messages"][1]["content"]["type"], "withheld");
    assert_eq!(page["messages"][2]["content"]["text"], "after");
}

#[tokio::test]
async fn an_external_group_takes_no_file_and_no_template() {
    let town = town(OPEN, OPEN).await;
    let alice = town.behind("alice");
    let pdf = file_of(
        &alice,
        "groups/g1/files",
        "plan.pdf",
        "application/pdf",
        PDF,
    )
    .await;
    let note = id(
        &post("/v1/groups/g1/notes", json!({"title": "a", "text": "b"}))
            .passes(&alice)
            .await
            .json(),
    );
    let event = json!({"title": "a", "text": "b", "starts_at": "2026-12-01T09:00:00.000Z"});
    let event_id = id(&post("/v1/groups/g1/events", event)
        .passes(&alice)
        .await
        .json());
    let task = id(
        &post("/v1/groups/g1/tasks", json!({"title": "a", "text": "b"}))
            .passes(&alice)
            .await
            .json(),
    );
    let with = |more: Value| {
        let mut body = json!({"title": "a", "text": "b"});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    let acts = [
        upload("/v1/groups/g1/files?name=plan.pdf", "application/pdf", PDF),
        upload("/v1/groups/g1/folder?name=plan.pdf", "application/pdf", PDF),
        post("/v1/groups/g1/notes", with(json!({"attachments": [pdf]}))),
        post("/v1/groups/g1/notes", with(json!({"template": "t1"}))),
        post(
            "/v1/groups/g1/events",
            with(json!({"attachments": [pdf], "starts_at": "2026-12-01T09:00:00.000Z"})),
        ),
        post("/v1/groups/g1/tasks", with(json!({"attachments": [pdf]}))),
        post(
            "/v1/groups/g1/notes",
            json!({"title": "a", "text": "https://drive.acme.example/s/1"}),
        ),
        patch(
            format!("/v1/groups/g1/notes/{note}"),
            json!({"attachments": [pdf]}),
        ),
        patch(
            format!("/v1/groups/g1/notes/{note}"),
            json!({"template": "t1"}),
        ),
        patch(
            format!("/v1/groups/g1/events/{event_id}"),
            json!({"attachments": [pdf]}),
        ),
        patch(
            format!("/v1/groups/g1/tasks/{task}"),
            json!({"attachments": [pdf]}),
        ),
    ];
    check(&town, [OPEN, RESTRICTED], &acts).await;
    town.apply(&[&acme(OPEN, RESTRICTED), &globex(OPEN, OPEN)]);
    post("/v1/groups/g1/notes", json!({"title": "a", "text": "b"}))
        .passes(&town.client("alice"))
        .await;
}

#[tokio::test]
async fn a_board_that_outsiders_read_takes_no_file_and_no_template() {
    let town = town(OPEN, OPEN).await;
    let alice = town.behind("alice");
    let pdf = file_of(
        &alice,
        "boards/b1/files",
        "plan.pdf",
        "application/pdf",
        PDF,
    )
    .await;
    let acts = [
        upload("/v1/boards/b1/files?name=plan.pdf", "application/pdf", PDF),
        put("/v1/boards/b1/template", json!({"template": "t1"})),
        post(
            "/v1/boards/b1/posts",
            json!({"title": "a", "text": "b", "template": "t1"}),
        ),
        post(
            "/v1/boards/b1/posts",
            json!({"title": "a", "text": "b", "attachments": [pdf]}),
        ),
        post(
            "/v1/boards",
            json!({"title": "News", "readers": ["grace"], "template": "t1"}),
        ),
    ];
    check(&town, [OPEN, RESTRICTED], &acts).await;
    town.apply(&[&acme(OPEN, RESTRICTED), &globex(OPEN, OPEN)]);
    let alice = town.client("alice");
    put("/v1/boards/b1/template", json!({"template": null}))
        .passes(&alice)
        .await;
    put("/v1/boards/b2/template", json!({"template": "t1"}))
        .passes(&alice)
        .await;
    upload("/v1/boards/b2/files?name=plan.pdf", "application/pdf", PDF)
        .passes(&alice)
        .await;
}

#[tokio::test]
async fn function_buttons_are_off() {
    let town = town(RESTRICTED, RESTRICTED).await;
    let alice = town.client("alice");
    let all =
        json!({"camera": true, "contacts": true, "drive": true, "template": true, "file": true});
    let line = json!({"camera": false, "contacts": false, "drive": false, "template": true, "file": false});
    let none = json!({"camera": false, "contacts": false, "drive": false, "template": false, "file": false});
    for (room, expected) in [
        ("r1", &all),
        ("r2", &line),
        ("r4", &none),
        ("r5", &none),
        ("r7", &none),
    ] {
        for alice in crate::kit::both(&alice) {
            assert_eq!(
                read(&alice, &format!("/v1/rooms/{room}/functions")).await,
                *expected,
                "{room}"
            );
            assert_eq!(
                read(&alice, &format!("/v1/rooms/{room}")).await["functions"],
                *expected,
                "{room}"
            );
            let rooms = read(&alice, "/v1/rooms").await;
            let listed = rooms["rooms"]
                .as_array()
                .unwrap()
                .iter()
                .find(|it| it["id"] == room)
                .unwrap();
            assert_eq!(listed["functions"], *expected, "{room}");
        }
    }
    town.apply(&[&acme(OPEN, OPEN), &globex(OPEN, OPEN)]);
    for room in ["r1", "r2", "r4", "r5", "r7"] {
        assert_eq!(
            read(&alice, &format!("/v1/rooms/{room}")).await["functions"],
            all,
            "{room}"
        );
    }
}
