//! Files: up, down, in parts, in bounded memory.

use borderpost::sandbox::World;
use bytes::Bytes;
use http::Method;
use serde_json::json;

use crate::{client, seeded, start};

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
