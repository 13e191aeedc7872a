//! The upstream is away, slow, or talks nonsense.

use std::io::Write;

use borderpost::app::App;
use borderpost::config::{self, Memory};
use borderpost::sandbox::{Sandbox, World};
use borderpost::telemetry::Meters;
use http::StatusCode;
use serde_json::{Value, json};

use crate::backend::{Backend, answer, json as json_answer};
use crate::support::{Client, Reply};
use crate::town::{ACME, GLOBEX, PLAIN, Town};

const WAITS: &str = "waits: { upstream_connect: 500ms, upstream_first_byte: 300ms, upstream_idle: 300ms }\nlimits: { edited_answer_bytes_max: 64KiB }";

/// A gateway before this upstream.
fn gateway(upstream: std::net::SocketAddr) -> App {
    gateway_of(upstream, ACME)
}

/// The same, with this policy.
pub fn gateway_of(upstream: std::net::SocketAddr, policy: &str) -> App {
    let rest = format!("rooms: {{ stale_after: 100ms }}\n{WAITS}");
    gateway_with(upstream, policy, &rest)
}

/// The same, with more of one's own for `gateway.yaml`.
fn gateway_with(upstream: std::net::SocketAddr, policy: &str, rest: &str) -> App {
    let yaml = format!(
        "
listeners: [{{ address: \"127.0.0.1:0\" }}]
upstream: {{ url: \"http://{upstream}\" }}
dialect: plain.yaml
networks: {{ line: {{ people: [\"line:*\"] }}, works: {{ between_companies: true }} }}
pseudonym_key: a-key-for-tests-that-is-long-enough
workers: 1
{rest}
"
    );
    let files = Memory::default()
        .with("c/gateway.yaml", &yaml)
        .with("c/plain.yaml", PLAIN)
        .with("c/policy/acme.yaml", policy);
    let loaded = config::load_from(&files, "c/gateway.yaml".as_ref(), &|_| None).unwrap();
    App::start(loaded, Meters::new()).unwrap()
}

fn alice(app: &App) -> Client {
    Client::new(app.server.addresses()[0], "token-alice")
}

#[track_caller]
fn refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!(reply.status, status, "{}", reply.text());
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.json()["error"]["code"], code, "{}", reply.text());
    assert!(!reply.text().contains("Secret"), "{}", reply.text());
}

#[tokio::test]
async fn away_and_back_again() {
    let sandbox = Sandbox::seeded()
        .start(([127, 0, 0, 1], 0).into())
        .await
        .unwrap();
    let address = sandbox.address();
    let app = gateway(address);
    alice(&app).get("/v1/rooms/r2").await.expect(200);
    sandbox.shutdown().await;
    refused(&alice(&app).get("/v1/me").await, 502, "upstream");
    let _sandbox = Sandbox::seeded().start(address).await.unwrap();
    alice(&app).get("/v1/rooms/r2").await.expect(200);
}

#[tokio::test]
async fn slow_is_a_timeout() {
    let backend = Backend::start().await;
    let app = gateway(backend.address);
    backend.set("/v1/rooms/r2", Vec::new());
    refused(&alice(&app).get("/v1/rooms/r2").await, 504, "timeout");
    backend.set("/v1/me", Vec::new());
    let other = Client {
        token: "another".to_owned(),
        ..alice(&app)
    };
    refused(&other.get("/v1/rooms/r2").await, 504, "timeout");
}

/// A room that would do, with `more` in it.
fn room(more: &str) -> String {
    format!(
        r#"{{"id":"r2","kind":"room","title":"Secret","members":[],"last_message":null{more}}}"#
    )
}

#[tokio::test]
async fn what_can_t_be_read_is_not_shown() {
    let backend = Backend::start().await;
    let app = gateway(backend.address);
    let whole = room("");
    let cut = [
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n",
        whole.as_bytes(),
    ]
    .concat();
    let chunked = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{whole}\r\n",
        whole.len()
    );
    let mut coded = json_answer(&whole);
    coded.splice(17..17, *b"Content-Encoding: gzip\r\n");
    let long = room(&format!(r#","x":"{}""#, "x".repeat(100 << 10)));
    for (name, bytes) in [
        ("garbage", json_answer("<Secret>")),
        ("nothing", json_answer("")),
        ("two documents", json_answer(&format!("{whole}{whole}"))),
        ("twin keys", json_answer(&room(r#","title":"Secret""#))),
        (
            "no UTF-8",
            answer("application/json", b"{\"title\":\"Secret\xff\"}"),
        ),
        ("a lone surrogate", json_answer(&room(r#","x":"\ud800""#))),
        ("another type", answer("text/html", whole.as_bytes())),
        ("cut short", cut),
        ("cut short, in chunks", chunked.into_bytes()),
        ("not the coding that it says", coded),
        ("over the limit", json_answer(&long)),
        (
            "a redirection",
            b"HTTP/1.1 302 Found\r\nLocation: /Secret\r\nContent-Length: 0\r\n\r\n".to_vec(),
        ),
        ("no HTTP", b"Secret\r\n\r\n".to_vec()),
    ] {
        backend.set("/v1/rooms/r2", bytes);
        let reply = alice(&app).get("/v1/rooms/r2").await;
        assert_eq!(reply.status, 502, "{name}: {}", reply.text());
        refused(&reply, 502, "upstream");
        assert!(reply.header("location").is_empty());
    }
    backend.set(
        "/v1/rooms/r2",
        json_answer(&whole.replace("\"members\":[]", r#""members":[{"id":"alice"}]"#)),
    );
    alice(&app).get("/v1/rooms/r2").await.expect(200);
}

#[tokio::test]
async fn what_can_t_be_looked_up_is_not_sent() {
    let backend = Backend::start().await;
    let app = gateway(backend.address);
    let path = "/v1/rooms/r2/messages";
    backend.set(
        path,
        b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
            .to_vec(),
    );
    let text = || json!({"content": {"type": "text", "text": "hi"}});
    for (name, bytes, status) in [
        ("garbage", json_answer("<html>"), 502),
        (
            "twin keys",
            json_answer(r#"{"members":[],"members":[]}"#),
            502,
        ),
        (
            "a fault",
            b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n".to_vec(),
            502,
        ),
        ("no HTTP", b"what?".to_vec(), 502),
        ("silence", Vec::new(), 504),
        (
            "nothing there",
            b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec(),
            404,
        ),
        ("nobody named", json_answer(r#"{"total":2}"#), 404),
        (
            "nobody there",
            json_answer(r#"{"members":[],"total":0}"#),
            404,
        ),
        (
            "people without ids",
            json_answer(r#"{"members":[{"name":"Alice Kim"}],"total":1}"#),
            404,
        ),
    ] {
        backend.set("/v1/rooms/r2/members", bytes);
        let reply = alice(&app).post(path, text()).await;
        assert_eq!(reply.status, status, "{name}: {}", reply.text());
        assert!(!backend.was_asked("POST"), "{name} was sent on");
    }
}

#[tokio::test]
async fn an_error_of_the_upstream_is_passed_on_masked() {
    let backend = Backend::start().await;
    let app = gateway(backend.address);
    let body = r#"{"error":{"code":"broken","message":"the disk is full"}}"#;
    let error = |media_type: &str| {
        format!(
            "HTTP/1.1 500 Oops\r\nContent-Type: {media_type}\r\nX-Secret: Secret\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    backend.set("/v1/rooms/r2", error("application/json").into_bytes());
    let reply = alice(&app).get("/v1/rooms/r2").await;
    refused(&reply, 500, "broken");
    assert!(reply.header("x-secret").is_empty());
    backend.set("/v1/rooms/r2", error("text/plain").into_bytes());
    let reply = alice(&app).get("/v1/rooms/r2").await;
    assert_eq!(
        (reply.status, reply.text().as_str()),
        (StatusCode::INTERNAL_SERVER_ERROR, "")
    );
}

#[tokio::test]
async fn headers_that_could_tell_who_somebody_is_are_left_out() {
    let backend = Backend::start().await;
    let open = ACME.replace("restrict_attachments: true", "restrict_attachments: false");
    let app = gateway_with(backend.address, &open, "");
    let head = "HTTP/1.1 200 OK\r\nX-Author: Secret\r\nLink: <Secret>\r\nLocation: /Secret\r\n\
                Set-Cookie: a=Secret\r\nServer-Timing: Secret\r\nContent-Location: /Secret\r\n";
    let members = r#"{"members":[{"id":"alice"},{"id":"line:mei"}],"total":2}"#;
    let file = r#"{"id":"f1","room":"r2","name":"a.txt","type":"text/plain"}"#;
    backend.set("/v1/files/f1/info", json_answer(file));
    for (path, media_type, body) in [
        ("/v1/rooms/r2/members", "application/json", members),
        ("/v1/files/f1", "text/plain", "words"),
        ("/v1/events", "text/event-stream", ": hello\n\n"),
        ("/v1/rooms/r2/members", "text/plain", "words"),
    ] {
        let length = body.len();
        let answer =
            format!("{head}Content-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n{body}");
        backend.set(path, answer.into_bytes());
        let reply = alice(&app).get(path).await;
        let readable = !(path.ends_with("members") && media_type == "text/plain");
        assert_eq!(
            reply.status.is_success(),
            readable,
            "{path}: {}",
            reply.text()
        );
        let told = format!("{:?}", reply.headers);
        assert!(!told.contains("Secret"), "{path}: {told}");
    }
}

#[tokio::test]
async fn a_room_is_external_before_the_upstream_knows() {
    const HISTORY: &str = "
company: acme
members: [alice]
external_messaging:
  line: { connect: allow, permission: all_members, history_on_external: allow }
";
    let backend = Backend::start().await;
    let members = "/v1/rooms/r1/members";
    backend.set(
        members,
        json_answer(r#"{"members":[{"id":"alice"}],"total":1}"#),
    );
    backend.set("/v1/rooms/r1/messages", json_answer("{}"));
    let app = gateway_with(backend.address, HISTORY, "");
    let card = json!({"content": {"type": "contact", "card": {"name": "Harbour Office"}}});
    let send = async || {
        alice(&app)
            .post("/v1/rooms/r1/messages", card.clone())
            .await
    };
    send().await.expect(200);
    // The invitation is under way, and is not answered.
    backend.set(members, Vec::new());
    let inviting = alice(&app);
    let invitation =
        tokio::spawn(async move { inviting.post(members, json!({"person": "line:mei"})).await });
    let sent = async {
        while !backend.was_asked("POST /v1/rooms/r1/members") {
            tokio::task::yield_now().await;
        }
    };
    let sent = tokio::time::timeout(crate::support::PATIENCE, sent).await;
    sent.expect("the invitation is sent");
    refused(&send().await, 403, "attachment_restricted");
    invitation.abort();
}

#[tokio::test]
async fn a_stream_that_is_cut_off_ends() {
    let sandbox = Sandbox::seeded()
        .start(([127, 0, 0, 1], 0).into())
        .await
        .unwrap();
    let app = gateway(sandbox.address());
    let mut events = alice(&app).events().await;
    sandbox.shutdown().await;
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn half_an_event_is_not_shown() {
    let backend = Backend::start().await;
    let app = gateway(backend.address);
    let events = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\nevent: reset\nid: 1\ndata: {\"oldest\":1}\n\nevent: reset\nid: 2\ndata: {\"oldest\":2}";
    backend.set("/v1/events", events.as_bytes().to_vec());
    let mut stream = alice(&app).events().await;
    assert_eq!(stream.next().await.unwrap().id, 1);
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn coded_answers_are_decoded() {
    let mut world = World::seeded();
    world.gzip(true);
    let town = Town::with(world, &[ACME, GLOBEX], "").await;
    let mei = town.client("line:mei");
    for coding in ["gzip", "gzip, br;q=0.5", "identity"] {
        let reply = mei
            .get_with("/v1/rooms/r3", &[("accept-encoding", coding)])
            .await
            .expect(200);
        assert_eq!(reply.header("content-encoding"), "");
        assert!(
            reply.text().contains("Alice Kim") && !reply.text().contains("Bob Lee"),
            "{}",
            reply.text()
        );
    }
    // What comes coded although nobody asked for it is decoded too.
    let backend = Backend::start().await;
    let app = gateway(backend.address);
    let members = r#""members":[{"id":"alice","name":"Alice Kim"}]"#;
    let mut gzip = async_compression::tokio::write::GzipEncoder::new(Vec::new());
    tokio::io::AsyncWriteExt::write_all(
        &mut gzip,
        room("").replace("\"members\":[]", members).as_bytes(),
    )
    .await
    .unwrap();
    tokio::io::AsyncWriteExt::shutdown(&mut gzip).await.unwrap();
    let mut coded = answer("application/json", &gzip.into_inner());
    let end_of_status = 17;
    let mut headed = coded[..end_of_status].to_vec();
    headed.write_all(b"Content-Encoding: gzip\r\n").unwrap();
    headed.extend(coded.split_off(end_of_status));
    backend.set("/v1/rooms/r2", headed);
    let shown = alice(&app).get("/v1/rooms/r2").await.expect(200);
    assert_eq!(shown.json()["members"][0]["name"], Value::from("Alice Kim"));
}
