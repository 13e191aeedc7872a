//! What the process tells: probes and metrics the truth, and the log no secret.

use borderpost::sandbox::{Sandbox, World};
use http::Method;
use serde_json::json;

use crate::memory::files;
use crate::process::Process;
use crate::support::Client;

#[tokio::test]
async fn no_secret_and_no_words_are_logged() {
    let mut world = World::seeded();
    world.person("canary", "Name Canary", Some("Acme Corp"));
    let sandbox = Sandbox::new(world)
        .start(([127, 0, 0, 1], 0).into())
        .await
        .unwrap();
    let (_directory, path) = files(sandbox.address(), "trace");
    let process = tokio::task::spawn_blocking(move || Process::start(&path))
        .await
        .unwrap();
    let alice = Client::new(process.listeners[0], "token-alice");
    let bad = Client::new(process.listeners[0], "bad-token-canary");
    let words = json!({"content": {"type": "text", "text": "text-canary"}});
    alice
        .post("/v1/rooms/r2/messages", words.clone())
        .await
        .expect(201);
    alice
        .post(
            "/v1/rooms/r2/messages",
            json!({"content": {"type": "text", "text": "text-canary"}, "x": 1}),
        )
        .await;
    alice
        .upload(
            "/v1/rooms/r2/files?name=file-canary.jpg",
            "image/jpeg",
            b"\xff\xd8\xff\xe0",
        )
        .await
        .expect(403);
    alice.get("/v1/rooms/room-canary/%zz").await;
    alice.get("/v1/people?q=query-canary").await.expect(200);
    alice.get("/v1/rooms").await.expect(200);
    bad.get("/v1/rooms").await.expect(401);
    bad.post(
        "/v1/login",
        json!({"person": "alice", "password": "password-canary"}),
    )
    .await
    .expect(401);
    Client::new(process.listeners[0], "token-bob")
        .post("/v1/rooms/r3/messages", words.clone())
        .await
        .expect(403);
    Client::new(process.listeners[0], "token-line:mei")
        .get("/v1/rooms")
        .await
        .expect(200);
    alice
        .send(
            Method::POST,
            "/v1/rooms/r2/messages",
            &[("content-type", "application/json")],
            "{\"text-canary".into(),
        )
        .await;
    sandbox.shutdown().await;
    alice.post("/v1/rooms/r2/messages", words).await.expect(502);
    process.signal("TERM");
    let (status, log) = tokio::task::spawn_blocking(move || process.end())
        .await
        .unwrap();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.lines().count() > 3, "there is a log: {log}");
    for secret in [
        "canary",
        "token-alice",
        "token-bob",
        "token-operator",
        "Alice Kim",
        "Bob Lee",
        "Mei Tanaka",
        "Bearer",
    ] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "`{secret}` is logged");
    }
}

#[tokio::test]
async fn probes_and_metrics_tell_the_truth() {
    let sandbox = Sandbox::seeded()
        .start(([127, 0, 0, 1], 0).into())
        .await
        .unwrap();
    let (_directory, path) = files(sandbox.address(), "info");
    let process = tokio::task::spawn_blocking(move || Process::start(&path))
        .await
        .unwrap();
    let admin = Client::new(process.admin, "");
    let told = |path: &'static str| {
        let admin = admin.clone();
        async move { admin.get(path).await }
    };
    told("/healthz").await.expect(200);
    // The first probe of the upstream is made at once, beside the listener.
    let ready = async {
        while told("/readyz").await.status != 200 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::support::PATIENCE, ready)
        .await
        .expect("it becomes ready");
    Client::new(process.listeners[0], "token-alice")
        .get("/v1/rooms")
        .await
        .expect(200);
    Client::new(process.listeners[0], "token-bob")
        .get("/v1/rooms/r3")
        .await
        .expect(404);
    let metrics = told("/metrics").await.expect(200).text();
    for line in [
        "borderpost_policy_revision 1",
        r#"borderpost_http_requests_total{surface="GET /v1/rooms",status="2xx"} 1"#,
        r#"borderpost_refusals_total{cause="hidden"} 1"#,
    ] {
        assert!(
            metrics.lines().any(|told| told == line),
            "{line}\n{metrics}"
        );
    }
    assert!(
        !metrics.contains("alice") && !metrics.contains("r3"),
        "{metrics}"
    );
    sandbox.shutdown().await;
    let unready = async {
        while told("/readyz").await.status != 503 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::support::PATIENCE, unready)
        .await
        .expect("it stops being ready");
    told("/healthz").await.expect(200);
}
