//! Who is `unknown` to the peers of a network, wherever they appear; and who is not.

use serde_json::{Value, json};

use crate::kit::{
    DENIED, OPEN, acme, both, delete, events_until, get, gives_away, globex, keys_of, only, patch,
    post, put, read, say, send, set, town_of, upload,
};
use crate::support::Client;
use crate::town::Town;

/// Bob may not talk to LINE; to other companies he may.
fn barred() -> [String; 2] {
    [acme(&only("alice"), OPEN), globex(OPEN, OPEN)]
}

fn open() -> [String; 2] {
    [acme(OPEN, OPEN), globex(OPEN, OPEN)]
}

fn apply(town: &Town, policies: [String; 2]) {
    town.apply(&policies.each_ref().map(String::as_str));
}

fn id(of: &Value) -> String {
    of["id"]
        .as_str()
        .unwrap_or_else(|| panic!("no id in {of}"))
        .to_owned()
}

/// What bob left behind in a room with mei while he might: every place where a person can stand.
/// Returns the paths at which the others read of it.
async fn traces(town: &Town, room: &str, peer: &str) -> Vec<String> {
    let [alice, bob, other] = ["alice", "bob", peer].map(|who| town.behind(who));
    let bobs = id(&say(room, "from the desk").passes(&bob).await.json());
    let mention = post(
        format!("/v1/rooms/{room}/messages"),
        json!({"content": {"type": "text", "text": "<@bob> look: Bob Lee, bob.mail@acme-corp.example"},
               "mentions": ["bob"], "quote": bobs}),
    );
    let mention = id(&mention.passes(&other).await.json());
    set(format!("/v1/messages/{mention}/reactions/%F0%9F%91%8D"))
        .passes(&bob)
        .await;
    put(
        format!("/v1/rooms/{room}/read"),
        json!({"message": mention}),
    )
    .passes(&bob)
    .await;
    let file = upload(
        format!("/v1/rooms/{room}/files?name=Bob%20Lee.txt"),
        "text/plain",
        b"words",
    );
    let file = id(&file.passes(&bob).await.json());
    let sent = id(&send(room, json!({"type": "file", "file": file}))
        .passes(&bob)
        .await
        .json());
    let mut paths = Vec::new();
    if room == "r3" {
        patch("/v1/rooms/r3", json!({"title": "Order of Bob Lee"}))
            .passes(&bob)
            .await;
        let direct = post("/v1/rooms", json!({"members": [peer], "kind": "direct"}));
        paths.push(format!(
            "/v1/rooms/{}",
            id(&direct.passes(&bob).await.json())
        ));
        let untitled = post("/v1/rooms", json!({"members": ["bob", peer]}));
        paths.push(format!(
            "/v1/rooms/{}",
            id(&untitled.passes(&alice).await.json())
        ));
        let other = post(
            "/v1/rooms",
            json!({"members": ["alice"], "title": "Bob Lee and more"}),
        );
        let other = id(&other.passes(&bob).await.json());
        let invited = post(
            format!("/v1/rooms/{other}/invitations"),
            json!({"person": peer}),
        );
        paths.push(format!(
            "/v1/invitations/{}",
            id(&invited.passes(&bob).await.json())
        ));
    }
    put(format!("/v1/rooms/{room}/typing"), json!({"typing": true}))
        .passes(&bob)
        .await;
    paths.extend([
        "/v1/rooms".to_owned(),
        format!("/v1/rooms/{room}"),
        format!("/v1/rooms/{room}/members"),
        format!("/v1/rooms/{room}/messages?limit=200"),
        format!("/v1/messages/{bobs}"),
        format!("/v1/messages/{mention}"),
        format!("/v1/messages/{sent}"),
        format!("/v1/rooms/{room}/files"),
        format!("/v1/files/{file}/info"),
        "/v1/search?q=desk".to_owned(),
    ]);
    paths
}

/// Every description of a person who is unknown has nothing but the word and the pseudonym.
fn are_blank(value: &Value) -> usize {
    let blank = json!({"id": value["id"], "name": "unknown", "mail": null, "phone": null,
                       "picture": null, "status": null, "company": null});
    let described = value["id"]
        .as_str()
        .is_some_and(|id| id.starts_with("unknown-"));
    if described {
        assert_eq!(*value, blank);
    }
    let inside: usize = match value {
        Value::Object(members) => members.values().map(are_blank).sum(),
        Value::Array(elements) => elements.iter().map(are_blank).sum(),
        _ => 0,
    };
    usize::from(described) + inside
}

#[tokio::test]
async fn nothing_is_left_of_a_description_but_the_word() {
    let town = town_of(&open()[0], &open()[1]).await;
    let status = json!({"status": "at desk 2"});
    patch("/v1/me", status).passes(&town.behind("bob")).await;
    let paths = traces(&town, "r3", "line:mei").await;
    apply(&town, barred());
    for mei in both(&town.client("line:mei")) {
        let mut described = 0;
        for path in &paths {
            let seen = mei.get(path).await.expect(200);
            assert!(
                !seen.text().contains("at desk 2"),
                "{path}: {}",
                seen.text()
            );
            described += are_blank(&seen.json());
        }
        assert!(described >= paths.len(), "{described}");
    }
}

#[tokio::test]
async fn wherever_a_member_appears_in_rooms() {
    let town = town_of(&open()[0], &open()[1]).await;
    let paths = traces(&town, "r3", "line:mei").await;
    apply(&town, barred());
    for mei in both(&town.client("line:mei")) {
        for path in &paths {
            let seen = mei.get(path).await.expect(200).text();
            assert!(!gives_away(&seen, "bob", "Bob Lee"), "{path}: {seen}");
            assert!(!seen.contains("+82-10-5550-0002"), "{path}: {seen}");
            assert!(seen.contains("unknown"), "{path}: {seen}");
        }
        // What the others are to mei, they stay.
        let room = mei.get("/v1/rooms/r3").await.expect(200).text();
        assert!(
            room.contains("Alice Kim") && room.contains("alice.mail@"),
            "{room}"
        );
        assert!(room.contains("Mei Tanaka"), "{room}");
    }
    // Colleagues see the real ones.
    for path in paths.iter().filter(|path| path.starts_with("/v1/rooms/r3")) {
        let seen = town.client("alice").get(path).await.expect(200).text();
        assert!(gives_away(&seen, "bob", "Bob Lee"), "{path}: {seen}");
    }
    // And so does mei, once bob may talk to LINE.
    apply(&town, open());
    for path in &paths {
        let seen = town.client("line:mei").get(path).await.expect(200).text();
        assert!(gives_away(&seen, "bob", "Bob Lee"), "{path}: {seen}");
    }
}

#[tokio::test]
async fn another_network_sees_the_member() {
    let town = town_of(&open()[0], &open()[1]).await;
    let paths = traces(&town, "r7", "grace").await;
    apply(&town, barred());
    for path in &paths {
        let seen = town.client("grace").get(path).await.expect(200).text();
        assert!(gives_away(&seen, "bob", "Bob Lee"), "{path}: {seen}");
    }
    apply(&town, [acme(OPEN, &only("alice")), globex(OPEN, OPEN)]);
    for path in &paths {
        let seen = town.client("grace").get(path).await.expect(200).text();
        assert!(!gives_away(&seen, "bob", "Bob Lee"), "{path}: {seen}");
        assert!(seen.contains("unknown"), "{path}: {seen}");
    }
}

#[tokio::test]
async fn a_download_does_not_name_its_author() {
    let town = town_of(&open()[0], &open()[1]).await;
    let bob = town.behind("bob");
    let file = upload(
        "/v1/rooms/r3/files?name=Bob%20Lee.txt",
        "text/plain",
        b"words",
    );
    let file = id(&file.passes(&bob).await.json());
    let path = format!("/v1/files/{file}");
    let named = town.client("line:mei").get(&path).await.expect(200);
    assert!(named.header("content-disposition").contains("Bob%20Lee"));
    apply(&town, barred());
    for mei in both(&town.client("line:mei")) {
        let reply = mei.get(&path).await.expect(200);
        assert_eq!(reply.text(), "words");
        assert_eq!(reply.header("content-disposition"), "attachment");
    }
}

#[tokio::test]
async fn in_the_stream() {
    let town = town_of(&barred()[0], &barred()[1]).await;
    let mut streams = [
        town.client("line:mei").events().await,
        town.client("line:mei").http2().events().await,
    ];
    let mut alices = town.client("alice").events().await;
    traces(&town, "r3", "line:mei").await;
    let bob = town.behind("bob");
    patch("/v1/me", json!({"status": "Bob Lee is out"}))
        .passes(&bob)
        .await;
    delete("/v1/rooms/r3/members/bob").passes(&bob).await;
    say("r3", "last").passes(&town.behind("alice")).await;
    for stream in &mut streams {
        let seen = format!("{:?}", events_until(stream, "last").await);
        let seen = seen
            .replace("\\\"", "\"")
            .replace("String(", "")
            .replace(')', "");
        assert!(!gives_away(&seen, "bob", "Bob Lee"), "{seen}");
        assert!(!seen.contains("+82-10-5550-0002"), "{seen}");
        for event in [
            "typing",
            "read",
            "reaction",
            "message",
            "file",
            "member.left",
            "invitation",
        ] {
            assert!(
                seen.contains(&format!("name: \"{event}\"")),
                "no {event}: {seen}"
            );
        }
        assert!(seen.contains("unknown"), "{seen}");
    }
    let seen = format!("{:?}", events_until(&mut alices, "last").await);
    assert!(gives_away(&seen, "bob", "Bob Lee"), "{seen}");
}

#[tokio::test]
async fn events_of_a_group_show_who_lost_permission_as_left() {
    let works = only("alice, carol");
    let town = town_of(&acme(OPEN, &works), &globex(OPEN, OPEN)).await;
    let mut streams = [
        town.client("grace").events().await,
        town.client("grace").http2().events().await,
    ];
    let add = post("/v1/groups/g1/members", json!({"person": "heidi"}));
    add.passes(&town.behind("alice")).await;
    for stream in &mut streams {
        let group = stream.next_named("group").await.data;
        let shown = keys_of(&group, "members", "id");
        assert_eq!(shown, ["alice", "grace", "heidi"], "{group}");
    }
    let group = read(&town.client("alice"), "/v1/groups/g1").await;
    assert_eq!(group["members"].as_array().unwrap().len(), 4, "{group}");
}

#[tokio::test]
async fn groups_and_boards() {
    let town = town_of(&open()[0], &open()[1]).await;
    let bob = town.behind("bob");
    let note = json!({"title": "Minutes of Bob Lee", "text": "<@bob> said"});
    post("/v1/groups/g1/notes", note).passes(&bob).await;
    let event = json!({"title": "Review", "text": "x", "starts_at": "2026-12-01T09:00:00.000Z"});
    post("/v1/groups/g1/events", event).passes(&bob).await;
    post(
        "/v1/groups/g1/tasks",
        json!({"title": "T", "text": "x", "assignee": "bob"}),
    )
    .passes(&bob)
    .await;
    upload("/v1/groups/g1/folder?name=a.txt", "text/plain", b"words")
        .passes(&bob)
        .await;
    town.behind("alice")
        .post("/v1/boards/b1/readers", json!({"person": "bob"}))
        .await
        .expect(201);
    post(
        "/v1/boards/b1/posts",
        json!({"title": "P", "text": "from Bob Lee"}),
    )
    .passes(&bob)
    .await;
    let paths = [
        "/v1/groups",
        "/v1/groups/g1",
        "/v1/groups/g1/members",
        "/v1/groups/g1/notes",
        "/v1/groups/g1/events",
        "/v1/groups/g1/tasks",
        "/v1/groups/g1/folder",
        "/v1/boards",
        "/v1/boards/b1",
        "/v1/boards/b1/readers",
        "/v1/boards/b1/posts",
    ];
    apply(
        &town,
        [acme(OPEN, &only("alice, carol")), globex(OPEN, OPEN)],
    );
    for grace in both(&town.client("grace")) {
        for path in paths {
            let seen = grace.get(path).await.expect(200).text();
            assert!(!gives_away(&seen, "bob", "Bob Lee"), "{path}: {seen}");
            let posts = [
                "/notes", "/events", "/tasks", "/folder", "/posts", "/readers",
            ];
            assert_eq!(
                seen.contains("unknown"),
                path.starts_with("/v1/boards") || posts.iter().any(|end| path.ends_with(end)),
                "what they posted stays, they are out of the group: {path}: {seen}"
            );
        }
        let members = read(&grace, "/v1/groups/g1/members").await;
        assert_eq!(keys_of(&members, "members", "id"), ["alice", "grace"]);
        assert_eq!(members["total"], 2, "{members}");
    }
    for path in paths {
        let seen = town.client("alice").get(path).await.expect(200).text();
        assert!(gives_away(&seen, "bob", "Bob Lee"), "{path}: {seen}");
    }
    apply(&town, open());
    for path in paths {
        let seen = town.client("grace").get(path).await.expect(200).text();
        assert!(gives_away(&seen, "bob", "Bob Lee"), "{path}: {seen}");
    }
}

#[tokio::test]
async fn searching_for_people() {
    let town = town_of(&barred()[0], &barred()[1]).await;
    let queries = ["", "?q=bob", "?q=Lee", "?q=5550-0002", "?q=bob.mail"];
    for mei in both(&town.client("line:mei")) {
        for query in queries {
            let found = mei.get(&format!("/v1/people{query}")).await.expect(200);
            assert!(
                !gives_away(&found.text(), "bob", "Bob Lee"),
                "{query}: {}",
                found.text()
            );
            let found = found.json();
            assert_eq!(
                found["total"],
                found["people"].as_array().unwrap().len(),
                "{query}"
            );
        }
        assert_eq!(
            read(&mei, "/v1/people?q=bob").await,
            json!({"people": [], "total": 0})
        );
        assert_eq!(read(&mei, "/v1/people?q=alice").await["total"], 1);
    }
    assert_eq!(
        read(&town.client("grace"), "/v1/people?q=Lee").await["total"],
        1
    );
    apply(&town, open());
    assert_eq!(
        read(&town.client("line:mei"), "/v1/people?q=Lee").await["total"],
        1
    );
}

#[tokio::test]
async fn profiles_and_pictures_by_id() {
    let town = town_of(&barred()[0], &barred()[1]).await;
    let paths = [
        "/v1/people/bob",
        "/v1/people/bob/picture",
        "/v1/people/nobody",
        "/v1/people/nobody/picture",
    ];
    for path in paths {
        get(path).is_not_there(&town.client("line:mei")).await;
    }
    for path in ["/v1/people/bob", "/v1/people/bob/picture"] {
        for viewer in ["alice", "grace", "bob"] {
            town.client(viewer).get(path).await.expect(200);
        }
    }
    apply(&town, open());
    for path in ["/v1/people/bob", "/v1/people/bob/picture"] {
        town.client("line:mei").get(path).await.expect(200);
    }
}

#[tokio::test]
async fn the_contact_of_a_member_without_permission_is_not_there() {
    let town = town_of(&barred()[0], &barred()[1]).await;
    let contacts = |list: &Value| -> Vec<String> {
        let list = list["contacts"].as_array().unwrap().iter();
        list.map(|it| it["person"]["id"].as_str().unwrap().to_owned())
            .collect()
    };
    for mei in both(&town.client("line:mei")) {
        let list = read(&mei, "/v1/contacts").await;
        assert_eq!(
            (contacts(&list), &list["total"]),
            (vec!["alice".to_owned()], &json!(1))
        );
    }
    // Nor is the peer there for the member.
    let list = read(&town.client("bob"), "/v1/contacts").await;
    assert_eq!(list, json!({"contacts": [], "total": 0}));
    apply(&town, open());
    assert_eq!(
        contacts(&read(&town.client("line:mei"), "/v1/contacts").await),
        ["alice", "bob"]
    );
    assert_eq!(
        contacts(&read(&town.client("bob"), "/v1/contacts").await),
        ["line:mei"]
    );
}

#[tokio::test]
async fn a_pseudonym_is_stable_and_differs_for_each_audience() {
    let policies = [acme(DENIED, DENIED), globex(OPEN, OPEN)];
    let town = town_of(&policies[0], &policies[1]).await;
    let alice_for = async |who: &str, room: &str| {
        let members = read(&town.client(who), &format!("/v1/rooms/{room}/members")).await;
        let members = members["members"].as_array().unwrap().clone();
        let unknown = members
            .iter()
            .find(|it| it["name"] == "unknown" && !it["id"].to_string().contains("bob"));
        id(unknown.expect("alice is unknown"))
    };
    let mei = alice_for("line:mei", "r2").await;
    assert!(mei.starts_with("unknown-"), "{mei}");
    assert_eq!(mei, alice_for("line:mei", "r2").await);
    assert_eq!(
        mei,
        alice_for("line:mei", "r3").await,
        "one thread, one name"
    );
    let grace = alice_for("grace", "r4").await;
    assert_ne!(mei, grace);
    assert_eq!(grace, alice_for("grace", "r5").await);
    assert_eq!(
        mei,
        alice_for("line:ken", "r5").await,
        "all peers of a network are one audience"
    );
    // In everything that one person is shown it is the same.
    let message = read(&town.client("line:mei"), "/v1/rooms/r3/messages").await;
    assert_eq!(message["messages"][0]["author"]["id"], *mei);
    town.apply(&policies.each_ref().map(String::as_str));
    assert_eq!(mei, alice_for("line:mei", "r2").await, "a reload leaves it");
}

#[tokio::test]
async fn two_other_companies_can_not_compare_pseudonyms() {
    const INITECH: &str = "
company: initech
members: [ian]
external_messaging: { works: { connect: allow, permission: all_members } }
";
    let mut world = borderpost::sandbox::World::seeded();
    world.person("ian", "Ian Initech", Some("Initech"));
    let room = world.room(Some("Quay"), &["alice", "grace", "ian"]);
    let policies = [acme(OPEN, DENIED), globex(OPEN, OPEN), INITECH.to_owned()];
    let town = Town::with(world, &policies.each_ref().map(String::as_str), "").await;
    let mut seen = Vec::new();
    for who in ["grace", "ian"] {
        let members = read(&town.client(who), &format!("/v1/rooms/{room}/members")).await;
        let ids = keys_of(&members, "members", "id");
        assert!(ids.contains(&"grace".to_owned()), "{members}");
        let unknown: Vec<String> = ids
            .into_iter()
            .filter(|id| id.starts_with("unknown-"))
            .collect();
        assert_eq!(unknown.len(), 1, "{members}");
        seen.extend(unknown);
    }
    assert_ne!(seen[0], seen[1], "one person, shown to two companies");
}

async fn pseudonym_of_bob(mei: &Client) -> String {
    let members = read(mei, "/v1/rooms/r3/members").await;
    let ids = keys_of(&members, "members", "id");
    ids.into_iter()
        .find(|id| id.starts_with("unknown-"))
        .expect("bob is unknown")
}

#[tokio::test]
async fn a_pseudonym_is_accepted_back() {
    let town = town_of(&barred()[0], &barred()[1]).await;
    let mei = town.client("line:mei");
    let bob = pseudonym_of_bob(&mei).await;
    let operator = town.behind("operator");
    let profile = read(&mei, &format!("/v1/people/{bob}")).await;
    assert_eq!(
        profile,
        json!({"id": bob, "name": "unknown", "mail": null, "phone": null, "picture": null,
               "status": null, "company": null})
    );
    // Bytes can't be masked: the picture is not there by any name.
    get(format!("/v1/people/{bob}/picture"))
        .is_not_there(&mei)
        .await;
    let mention = post(
        "/v1/rooms/r3/messages",
        json!({"content": {"type": "text", "text": "look"}, "mentions": [bob]}),
    );
    let mention = mention.passes(&mei).await.json();
    assert_eq!(mention["mentions"], json!([bob]));
    let behind = read(&operator, &format!("/v1/messages/{}", id(&mention))).await;
    assert_eq!(behind["mentions"], json!(["bob"]));
    // By the real id nobody is mentioned: who guesses it learns nothing.
    post(
        "/v1/rooms/r3/messages",
        json!({"content": {"type": "text", "text": "x"}, "mentions": ["bob"]}),
    )
    .is_not_there(&mei)
    .await;
    delete("/v1/rooms/r3/members/bob").is_not_there(&mei).await;
    delete(format!("/v1/rooms/r3/members/{bob}"))
        .passes(&mei)
        .await;
    let members = read(&operator, "/v1/rooms/r3/members").await;
    assert_eq!(keys_of(&members, "members", "id"), ["alice", "line:mei"]);
}

#[tokio::test]
async fn a_mention_in_the_text_is_put_back_too() {
    let town = town_of(&barred()[0], &barred()[1]).await;
    let mei = town.client("line:mei");
    let bob = pseudonym_of_bob(&mei).await;
    let message = say("r3", &format!("<@{bob}> look"))
        .passes(&mei)
        .await
        .json();
    let seen = read(
        &town.client("alice"),
        &format!("/v1/messages/{}", id(&message)),
    )
    .await;
    assert_eq!(seen["content"]["text"], "<@bob> look");
    assert_eq!(message["content"]["text"], format!("<@{bob}> look"));
}

#[tokio::test]
async fn a_mention_in_the_text_is_put_back_however_it_is_written() {
    let town = town_of(&barred()[0], &barred()[1]).await;
    let mei = town.client("line:mei");
    let bob = pseudonym_of_bob(&mei).await;
    let escaped = bob.replacen('u', "\\u0075", 1);
    let body = format!(r#"{{"content":{{"type":"text","text":"<@{escaped}>\nlook"}}}}"#);
    let sent = mei
        .upload("/v1/rooms/r3/messages", "application/json", body.as_bytes())
        .await
        .json();
    let path = format!("/v1/messages/{}", id(&sent));
    let seen = read(&town.client("alice"), &path).await;
    assert_eq!(seen["content"]["text"], "<@bob>\nlook");
}

#[tokio::test]
async fn a_pseudonym_of_another_audience_names_nobody() {
    let town = town_of(&acme(DENIED, DENIED), &globex(OPEN, OPEN)).await;
    let bob = pseudonym_of_bob(&town.client("line:mei")).await;
    get(format!("/v1/people/{bob}"))
        .passes(&town.client("line:ken"))
        .await;
    for other in ["grace", "alice"] {
        get(format!("/v1/people/{bob}"))
            .is_not_there(&town.client(other))
            .await;
    }
    get("/v1/people/unknown-aaaaaaaaaaaaaaaaaaaaaaaa")
        .is_not_there(&town.client("line:mei"))
        .await;
}
