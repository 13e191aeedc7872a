//! Groups and boards.

use serde_json::json;

use crate::{client, ids, seeded};

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
