//! HTTP itself: both versions, tags, compression, the end, and the protocol's page.

use borderpost::sandbox::World;
use bytes::Bytes;
use http::Method;
use tokio::io::AsyncWriteExt;

use crate::support::raw;
use crate::{client, seeded, start, text};

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
async fn shutdown_ends_streams_and_waits_for_them() {
    let server = seeded().await;
    let mut events = client(&server, "alice").events().await;
    server.shutdown().await;
    assert!(events.next().await.is_none());
}

/// Every route of the protocol's page, tried on the seeded world: the server knows path and method.
#[tokio::test]
async fn every_documented_route_exists() {
    let page = include_str!("../../docs/plain-protocol.md");
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
    assert!(routes >= 80, "only {routes} routes found on the page");
}

#[tokio::test]
async fn a_packed_body_is_read_up_to_the_limit() {
    let server = seeded().await;
    let alice = client(&server, "alice");
    let headers = [
        ("content-type", "application/json"),
        ("content-encoding", "gzip"),
    ];
    let path = "/v1/rooms/r3/messages";
    let packed = gzip(text("packed").to_string().as_bytes()).await;
    alice
        .send(Method::POST, path, &headers, packed)
        .await
        .expect(201);
    let bomb = gzip(&vec![b' '; 2 * 1024 * 1024]).await;
    alice
        .send(Method::POST, path, &headers, bomb)
        .await
        .expect(413);
    let garbage = Bytes::from_static(b"garbage");
    alice
        .send(Method::POST, path, &headers, garbage)
        .await
        .expect(400);
}

async fn gzip(bytes: &[u8]) -> Bytes {
    let mut encoder = async_compression::tokio::write::GzipEncoder::new(Vec::new());
    encoder.write_all(bytes).await.unwrap();
    encoder.shutdown().await.unwrap();
    encoder.into_inner().into()
}
