//! A member who may not talk on a network: its rooms are not there, wherever that member looks.

use serde_json::{Value, json};

use crate::kit::{
    Act, DENIED, OPEN, acme, both, call, delete, events_until, get, globex, keys_of, only, patch,
    post, put, read, say, send, set, town_of,
};
use crate::support::Client;
use crate::town::Town;

/// Bob may not talk to LINE, and may to other companies.
async fn town() -> Town {
    town_of(&acme(&only("alice"), OPEN), &globex(OPEN, OPEN)).await
}

fn granted() -> [String; 2] {
    [acme(&only("alice, bob"), OPEN), globex(OPEN, OPEN)]
}

async fn rooms_of(client: &Client) -> Vec<String> {
    let rooms = read(client, "/v1/rooms").await;
    let ids = keys_of(&rooms, "rooms", "id");
    let unread: u64 = rooms["rooms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["unread"].as_u64().unwrap())
        .sum();
    assert_eq!(rooms["total"], ids.len(), "{rooms}");
    assert_eq!(rooms["unread_total"], unread, "{rooms}");
    ids
}

#[tokio::test]
async fn the_list_of_rooms_its_counts_and_its_order() {
    let town = town().await;
    let behind = rooms_of(&town.behind("bob")).await;
    for bob in both(&town.client("bob")) {
        let without: Vec<String> = behind.iter().filter(|it| *it != "r3").cloned().collect();
        assert_eq!(rooms_of(&bob).await, without);
    }
    // Alice, in the same room, sees it; and so does bob with a grant.
    assert!(
        rooms_of(&town.client("alice"))
            .await
            .contains(&"r3".to_owned())
    );
    town.apply(&granted().each_ref().map(String::as_str));
    assert_eq!(rooms_of(&town.client("bob")).await, behind);
}

#[tokio::test]
async fn by_id_it_is_as_if_it_were_not_there() {
    let town = town().await;
    let operator = town.behind("operator");
    let messages = read(&operator, "/v1/rooms/r3/messages").await;
    let message = keys_of(&messages, "messages", "id")[0].clone();
    let files = read(&operator, "/v1/rooms/r3/files").await;
    let file = keys_of(&files, "files", "id")[0].clone();
    let paths = |room: &str, message: &str, file: &str| {
        [
            format!("/v1/rooms/{room}"),
            format!("/v1/rooms/{room}/members"),
            format!("/v1/rooms/{room}/functions"),
            format!("/v1/rooms/{room}/messages"),
            format!("/v1/rooms/{room}/messages?limit=1"),
            format!("/v1/rooms/{room}/files"),
            format!("/v1/messages/{message}"),
            format!("/v1/files/{file}"),
            format!("/v1/files/{file}/info"),
            format!("/v1/files/{file}/thumbnail"),
        ]
    };
    for bob in both(&town.client("bob")) {
        let hidden = paths("r3", &message, &file);
        let missing = paths("r99", "m9999", "f9999");
        for (hidden, missing) in hidden.iter().zip(&missing) {
            get(hidden).is_not_there(&bob).await;
            let (hidden, missing) = (bob.get(hidden).await, bob.get(missing).await);
            assert_eq!(hidden.status, missing.status);
            assert_eq!(hidden.bytes, missing.bytes);
            assert_eq!(
                steady_headers(&hidden.headers),
                steady_headers(&missing.headers)
            );
        }
    }
    for path in paths("r3", &message, &file) {
        let behind = town.behind("bob").get(&path).await.status;
        if behind.is_success() {
            town.client("alice").get(&path).await.expect(200);
        }
    }
    town.apply(&granted().each_ref().map(String::as_str));
    town.client("bob")
        .get(&format!("/v1/messages/{message}"))
        .await
        .expect(200);
}

/// All headers, and the values of those that are no id and no time.
fn steady_headers(headers: &http::HeaderMap) -> Vec<(String, String)> {
    let value = |name: &str, value: &http::HeaderValue| match name {
        "x-request-id" | "date" => String::new(),
        _ => value.to_str().unwrap_or_default().to_owned(),
    };
    let mut all: Vec<_> = headers
        .iter()
        .map(|(name, it)| (name.as_str().to_owned(), value(name.as_str(), it)))
        .collect();
    all.sort();
    all
}

#[tokio::test]
async fn nothing_of_it_can_be_sent_on() {
    let town = town().await;
    let operator = town.behind("operator");
    let messages = read(&operator, "/v1/rooms/r3/messages").await;
    let message = keys_of(&messages, "messages", "id")[0].clone();
    let files = read(&operator, "/v1/rooms/r3/files").await;
    let file = keys_of(&files, "files", "id")[0].clone();
    let bob = town.client("bob");
    let words = json!({"type": "text", "text": "see"});
    let forward = post(
        format!("/v1/messages/{message}/forward"),
        json!({"rooms": ["r1"]}),
    );
    for act in [
        forward.clone(),
        post(
            "/v1/rooms/r1/messages",
            json!({"content": words, "quote": message}),
        ),
        send("r1", json!({"type": "image", "file": file})),
    ] {
        act.is_not_there(&bob).await;
    }
    town.apply(&granted().each_ref().map(String::as_str));
    forward.passes(&bob).await;
}

#[tokio::test]
async fn search_and_its_count() {
    let town = town().await;
    let behind = read(&town.behind("bob"), "/v1/search?q=ship").await;
    assert_eq!(behind["total"], 1, "{behind}");
    for bob in both(&town.client("bob")) {
        let found = read(&bob, "/v1/search?q=ship").await;
        assert_eq!(found, json!({"results": [], "total": 0}));
        // A search in which only other rooms have hits is as ever.
        let found = read(&bob, "/v1/search?q=noodles").await;
        assert_eq!(
            (&found["total"], found["results"].as_array().unwrap().len()),
            (&json!(1), 1)
        );
    }
    assert_eq!(
        read(&town.client("alice"), "/v1/search?q=ship").await["total"],
        1
    );
}

#[tokio::test]
async fn the_stream_is_silent_about_it() {
    let town = town().await;
    let mut stream = town.client("bob").events().await;
    let mut http2 = town.client("bob").http2().events().await;
    let mut alices = town.client("alice").events().await;
    let mei = town.behind("line:mei");
    let message = say("r3", "from the ship").passes(&mei).await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let acts: Vec<Act> = vec![
        put("/v1/rooms/r3/typing", json!({"typing": true})),
        put("/v1/rooms/r3/read", json!({"message": message})),
        set(format!("/v1/messages/{message}/reactions/%F0%9F%91%8D")),
        set(format!("/v1/messages/{message}/pin")),
        patch(
            format!("/v1/messages/{message}"),
            json!({"content": {"type": "text", "text": "from berth 9"}}),
        ),
        patch("/v1/rooms/r3", json!({"title": "Order 4712"})),
        crate::kit::upload("/v1/rooms/r3/files?name=a.txt", "text/plain", b"words"),
        call("/v1/rooms/r3/calls"),
        post("/v1/rooms/r3/members", json!({"person": "line:ken"})),
        delete("/v1/rooms/r3/members/line:ken"),
        delete(format!("/v1/messages/{message}")),
    ];
    for act in &acts {
        act.passes(&mei).await;
    }
    say("r1", "last").passes(&town.behind("carol")).await;
    for stream in [&mut stream, &mut http2] {
        let seen = events_until(stream, "last").await;
        assert_eq!(seen.len(), 1, "{seen:?}");
    }
    let seen = events_until(&mut alices, "last").await;
    assert!(seen.len() > acts.len(), "{seen:?}");
}

#[tokio::test]
async fn invitations_into_it() {
    let world = || {
        let mut world = borderpost::sandbox::World::seeded();
        let room = world.room(Some("The pier"), &["alice", "line:mei"]);
        let invitation = world.invitation(&room, "line:mei", "bob");
        (world, invitation)
    };
    let (world, invitation) = world();
    let policies = [acme(&only("alice"), OPEN), globex(OPEN, OPEN)];
    let town = Town::with(world, &policies.each_ref().map(String::as_str), "").await;
    for bob in both(&town.client("bob")) {
        assert_eq!(
            read(&bob, "/v1/invitations").await,
            json!({"invitations": [], "total": 0})
        );
        get(format!("/v1/invitations/{invitation}"))
            .is_not_there(&bob)
            .await;
    }
    call(format!("/v1/invitations/{invitation}/accept"))
        .is_blocked(&town.client("bob"), "not_permitted")
        .await;
    town.apply(&granted().each_ref().map(String::as_str));
    assert_eq!(
        read(&town.client("bob"), "/v1/invitations").await["total"],
        1
    );
    call(format!("/v1/invitations/{invitation}/accept"))
        .passes(&town.client("bob"))
        .await;
}

#[tokio::test]
async fn scheduled_messages_for_it() {
    let town = town_of(&acme(OPEN, OPEN), &globex(OPEN, OPEN)).await;
    let bob = town.client("bob");
    let later = |room: &str| {
        post(
            format!("/v1/rooms/{room}/messages"),
            json!({"content": {"type": "text", "text": "later"}, "send_at": "2099-01-01T00:00:00.000Z"}),
        )
    };
    let hidden = later("r3").passes(&bob).await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let kept = later("r1").passes(&bob).await.json()["id"].clone();
    town.apply(&[&acme(&only("alice"), OPEN), &globex(OPEN, OPEN)]);
    let list = read(&bob, "/v1/scheduled").await;
    assert_eq!(
        (&list["total"], &list["scheduled"][0]["id"]),
        (&json!(1), &kept)
    );
    get(format!("/v1/scheduled/{hidden}"))
        .is_not_there(&bob)
        .await;
    town.apply(&[&acme(OPEN, OPEN), &globex(OPEN, OPEN)]);
    assert_eq!(read(&bob, "/v1/scheduled").await["total"], 2);
}

#[tokio::test]
async fn groups_and_boards() {
    let town = town_of(&acme(OPEN, &only("alice, carol")), &globex(OPEN, OPEN)).await;
    let bob = town.client("bob");
    let operator = town.behind("operator");
    let note = keys_of(&read(&operator, "/v1/groups/g1/notes").await, "notes", "id")[0].clone();
    let file = keys_of(
        &read(&operator, "/v1/groups/g1/folder").await,
        "files",
        "id",
    )[0]
    .clone();
    for bob in both(&bob) {
        assert_eq!(
            read(&bob, "/v1/groups").await,
            json!({"groups": [], "total": 0})
        );
        assert!(!rooms_of(&bob).await.contains(&"r7".to_owned()));
    }
    for path in [
        "/v1/groups/g1".to_owned(),
        "/v1/groups/g1/members".to_owned(),
        "/v1/groups/g1/notes".to_owned(),
        "/v1/groups/g1/events".to_owned(),
        "/v1/groups/g1/tasks".to_owned(),
        "/v1/groups/g1/folder".to_owned(),
        format!("/v1/groups/g1/notes/{note}"),
        format!("/v1/files/{file}"),
        "/v1/rooms/r7".to_owned(),
    ] {
        town.behind("bob").get(&path).await.expect(200);
        get(path).is_not_there(&bob).await;
    }
    // A board of colleagues stays, and one that an outsider reads goes for whom may not.
    let boards = |of: Value| keys_of(&of, "boards", "id");
    assert_eq!(boards(read(&bob, "/v1/boards").await), ["b2"]);
    assert_eq!(
        boards(read(&town.client("carol"), "/v1/boards").await),
        ["b1", "b2"]
    );
    town.apply(&[&acme(OPEN, &only("alice")), &globex(OPEN, OPEN)]);
    assert_eq!(
        boards(read(&town.client("carol"), "/v1/boards").await),
        ["b2"]
    );
    for path in [
        "/v1/boards/b1",
        "/v1/boards/b1/readers",
        "/v1/boards/b1/posts",
    ] {
        get(path).is_not_there(&town.client("carol")).await;
    }
    town.apply(&[&acme(OPEN, OPEN), &globex(OPEN, OPEN)]);
    assert_eq!(read(&bob, "/v1/groups").await["total"], 1);
}

#[tokio::test]
async fn files_and_things_of_groups_are_silent_in_the_stream() {
    let town = town_of(&acme(OPEN, &only("alice")), &globex(OPEN, OPEN)).await;
    let mut stream = town.client("bob").events().await;
    let grace = town.behind("grace");
    let acts: Vec<Act> = vec![
        post(
            "/v1/groups/g1/notes",
            json!({"title": "Minutes", "text": "x"}),
        ),
        post(
            "/v1/groups/g1/tasks",
            json!({"title": "Task", "text": "x", "assignee": "bob"}),
        ),
        crate::kit::upload("/v1/groups/g1/folder?name=a.txt", "text/plain", b"words"),
        say("r7", "hello"),
        post("/v1/groups/g1/members", json!({"person": "heidi"})),
    ];
    for act in &acts {
        act.passes(&grace).await;
    }
    say("r1", "last").passes(&town.behind("carol")).await;
    let seen = events_until(&mut stream, "last").await;
    assert_eq!(seen.len(), 1, "{seen:?}");
}

/// Ken everywhere in r5, which alice sees through grace: the paths at which it can be read.
async fn traces_of_ken(town: &Town) -> Vec<String> {
    let [grace, ken] = ["grace", "line:ken"].map(|who| town.behind(who));
    let id = |of: Value| of["id"].as_str().unwrap().to_owned();
    let kens = id(say("r5", "the posters are here").passes(&ken).await.json());
    let text = json!({"type": "text", "text": "<@line:ken> look, Ken Ito"});
    let body = json!({"content": text, "mentions": ["line:ken"], "quote": kens});
    let mention = id(post("/v1/rooms/r5/messages", body)
        .passes(&grace)
        .await
        .json());
    set(format!("/v1/messages/{mention}/reactions/x"))
        .passes(&ken)
        .await;
    put("/v1/rooms/r5/read", json!({"message": mention}))
        .passes(&ken)
        .await;
    put("/v1/rooms/r5/typing", json!({"typing": true}))
        .passes(&ken)
        .await;
    vec![
        "/v1/rooms".to_owned(),
        "/v1/rooms/r5".to_owned(),
        "/v1/rooms/r5/members".to_owned(),
        "/v1/rooms/r5/messages".to_owned(),
        format!("/v1/messages/{kens}"),
        format!("/v1/messages/{mention}"),
        "/v1/search?q=look".to_owned(),
    ]
}

#[tokio::test]
async fn in_a_room_that_stays_its_other_peers_are_unknown_wherever_they_appear() {
    let town = town_of(&acme(DENIED, OPEN), &globex(OPEN, OPEN)).await;
    let mut streams = Vec::new();
    for alice in both(&town.client("alice")) {
        streams.push(alice.events().await);
    }
    let paths = traces_of_ken(&town).await;
    say("r1", "last").passes(&town.behind("carol")).await;
    for alice in both(&town.client("alice")) {
        for path in &paths {
            let seen = alice.get(path).await.expect(200).text();
            let told = crate::kit::gives_away(&seen, "line:ken", "Ken Ito");
            assert!(!told, "{path}: {seen}");
            // A hit by a word that is masked would tell the word.
            let shown = !path.starts_with("/v1/search");
            assert_eq!(seen.contains("unknown-"), shown, "{path}: {seen}");
        }
        get("/v1/people/line:ken").is_not_there(&alice).await;
        let found = read(&alice, "/v1/people?q=ken").await;
        assert_eq!(found, json!({"people": [], "total": 0}));
    }
    for stream in &mut streams {
        let seen = events_until(stream, "last").await;
        for name in ["message", "reaction", "read", "typing"] {
            let event = seen.iter().find(|event| event.name == name);
            let data = event
                .unwrap_or_else(|| panic!("no {name}"))
                .data
                .to_string();
            assert!(data.contains("unknown-"), "{name}: {data}");
        }
        for event in &seen {
            let data = event.data.to_string();
            let told = crate::kit::gives_away(&data, "line:ken", "Ken Ito");
            assert!(!told, "{}: {data}", event.name);
        }
    }
    // With the network open they are themselves.
    town.apply(&[&acme(OPEN, OPEN), &globex(OPEN, OPEN)]);
    for path in &paths {
        let seen = town.client("alice").get(path).await.expect(200).text();
        assert!(
            crate::kit::gives_away(&seen, "line:ken", "Ken Ito"),
            "{path}: {seen}"
        );
    }
}

#[tokio::test]
async fn a_room_of_two_networks_stays_and_its_other_peers_are_unknown() {
    let town = town_of(&acme(DENIED, OPEN), &globex(OPEN, OPEN)).await;
    for alice in both(&town.client("alice")) {
        assert!(rooms_of(&alice).await.contains(&"r5".to_owned()));
        for path in [
            "/v1/rooms/r5",
            "/v1/rooms/r5/members",
            "/v1/rooms/r5/messages",
        ] {
            let seen = alice.get(path).await.expect(200).text();
            assert!(
                !crate::kit::gives_away(&seen, "line:ken", "Ken Ito"),
                "{path}: {seen}"
            );
            assert!(seen.contains("unknown"), "{path}: {seen}");
        }
        let members = alice.get("/v1/rooms/r5").await.expect(200).text();
        assert!(members.contains("Grace Sato"), "{members}");
    }
    // Nothing of what they said is shown: it came in through a network that is closed.
    let page = read(&town.client("alice"), "/v1/rooms/r5/messages").await;
    assert!(!page.to_string().contains("posters"), "{page}");
    town.apply(&[&acme(DENIED, DENIED), &globex(OPEN, OPEN)]);
    get("/v1/rooms/r5")
        .is_not_there(&town.client("alice"))
        .await;
    town.apply(&[&acme(OPEN, OPEN), &globex(OPEN, OPEN)]);
    let seen = town
        .client("alice")
        .get("/v1/rooms/r5/messages")
        .await
        .expect(200)
        .text();
    assert!(
        seen.contains("Ken Ito") && seen.contains("posters"),
        "{seen}"
    );
}
