//! Many reloads while people talk: nothing fails, nothing is decided on two policies at once,
//! nothing on an old one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use borderpost::app::App;
use borderpost::app::reload::Reloader;
use borderpost::config::{self, Disk};
use borderpost::sandbox::Sandbox;
use borderpost::telemetry::Meters;
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::files::{FAULTS, Fault, Files, Policy};
use crate::support::PATIENCE;

/// Who alice meets on the other network.
const GLOBEX: &str = "
company: globex
name: Globex
members: [grace, heidi]
external_messaging: { works: { connect: allow, permission: all_members } }
";

/// A thousand, or as many as a slow build can do in a minute.
const RELOADS: u64 = if cfg!(debug_assertions) { 250 } else { 1_000 };
const CONNECTIONS: usize = 64;

/// After every so many reloads somebody asks and waits for the answer, behind all the others. Odd, so
/// that it is after good and after faulty ones.
const WITNESSED: u64 = 11;

/// A connection that is kept.
struct Line {
    sender: SendRequest<Full<Bytes>>,
    token: &'static str,
}

impl Line {
    async fn open(address: std::net::SocketAddr, token: &'static str) -> Self {
        let io = TokioIo::new(TcpStream::connect(address).await.expect("a connection"));
        let (sender, connection) = handshake(io).await.expect("HTTP/1.1");
        tokio::spawn(connection);
        Self { sender, token }
    }

    async fn ask(&mut self, method: &str, path: &str, body: Option<Value>) -> (StatusCode, String) {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "a");
        request = request.header("authorization", format!("Bearer {}", self.token));
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body
            .map(|body| Bytes::from(body.to_string()))
            .unwrap_or_default();
        let asked = async {
            self.sender.ready().await.expect("the connection is kept");
            let answer = self
                .sender
                .send_request(request.body(Full::new(body)).unwrap())
                .await
                .expect("an answer");
            let (head, body) = answer.into_parts();
            let body = body.collect().await.expect("a body").to_bytes();
            (head.status, String::from_utf8_lossy(&body).into_owned())
        };
        tokio::time::timeout(PATIENCE, asked)
            .await
            .expect("an answer in time")
    }
}

/// What an answer shows, by each of several facts that depend on the policy.
fn shown(facts: &[Option<Policy>], answer: &str) -> Policy {
    let first = facts[0];
    assert!(
        first.is_some() && facts.iter().all(|fact| *fact == first),
        "two policies in one answer: {facts:?} {answer}"
    );
    first.unwrap()
}

fn either(a: bool, b: bool) -> Option<Policy> {
    match (a, b) {
        (true, false) => Some(Policy::A),
        (false, true) => Some(Policy::B),
        _ => None,
    }
}

/// Asks for something that the policies answer differently: on which of them was it answered?
async fn observe(line: &mut Line, nth: usize) -> Option<Policy> {
    let (status, text) = match (line.token, nth % 3) {
        // What was sent on one policy can be answered on the next: then it is not shown any more.
        ("token-alice", 0) => {
            let words = json!({"content": {"type": "text", "text": "hi"}});
            let (status, text) = line.ask("POST", "/v1/rooms/r2/messages", Some(words)).await;
            return match status.as_u16() {
                201 => Some(Policy::A),
                403 if text.contains("not_permitted") => Some(Policy::B),
                404 => None,
                _ => panic!("{status} {text}"),
            };
        }
        ("token-bob", 0) => {
            let (status, text) = line
                .ask("PUT", "/v1/rooms/r3/typing", Some(json!({"typing": false})))
                .await;
            return match status.as_u16() {
                204 => Some(Policy::B),
                403 if text.contains("not_permitted") => Some(Policy::A),
                _ => panic!("{status} {text}"),
            };
        }
        _ => line.ask("GET", "/v1/rooms", None).await,
    };
    assert_eq!(status, 200, "{text}");
    let rooms: Value = serde_json::from_str(&text).expect("JSON");
    let has = |id: &str| {
        rooms["rooms"]
            .as_array()
            .unwrap()
            .iter()
            .any(|room| room["id"] == id)
    };
    assert_eq!(
        rooms["total"],
        rooms["rooms"].as_array().unwrap().len(),
        "{text}"
    );
    let facts = match line.token {
        // Rooms on LINE are there under A, rooms with other companies alone under B.
        "token-alice" => vec![
            either(has("r2"), !has("r2")),
            either(has("r3"), !has("r3")),
            either(!has("r4"), has("r4")),
            either(!has("r7"), has("r7")),
        ],
        "token-bob" => vec![either(!has("r3"), has("r3"))],
        // Two rooms, several places for names in each.
        _ => {
            let room = |id: &str| {
                rooms["rooms"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .find(|room| room["id"] == id)
                    .unwrap()
                    .to_string()
            };
            let (direct, order) = (room("r2"), room("r3"));
            vec![
                either(direct.contains("Alice Kim"), direct.contains("unknown-")),
                either(order.contains("Alice Kim"), order.contains("Bob Lee")),
                either(order.contains("\"alice\""), order.contains("\"bob\"")),
            ]
        }
    };
    Some(shown(&facts, &text))
}

#[tokio::test]
async fn many_reloads_under_load() {
    let sandbox = Sandbox::seeded()
        .start(([127, 0, 0, 1], 0).into())
        .await
        .expect("a sandbox");
    let files = Files::new(sandbox.address());
    files.put("policy/globex.yaml", GLOBEX);
    let loaded = config::load(&files.gateway(), &|_| None).expect("a configuration");
    let reloader = Reloader::new(files.gateway(), loaded.gateway.clone(), None);
    let app = Arc::new(App::start(loaded, Meters::new()).expect("a gateway"));
    let address = app.server.addresses()[0];

    let ended = Arc::new(AtomicBool::new(false));
    let asked = Arc::new(AtomicU64::new(0));
    let mut talkers = Vec::new();
    for nth in 0..CONNECTIONS {
        let (ended, asked) = (ended.clone(), asked.clone());
        let token = ["token-alice", "token-bob", "token-line:mei"][nth % 3];
        talkers.push(tokio::spawn(async move {
            let mut line = Line::open(address, token).await;
            for nth in 0.. {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                observe(&mut line, nth).await;
                asked.fetch_add(1, Ordering::Relaxed);
            }
        }));
    }

    let mut witnesses = [
        Line::open(address, "token-alice").await,
        Line::open(address, "token-line:mei").await,
    ];
    let (mut running, mut applied, files) = (Policy::A, 1, Arc::new(files));
    let reloader = Arc::new(reloader);
    for nth in 0..RELOADS {
        // Each good one turns the policy round; each faulty one would, if any of it were applied.
        let fault: Option<Fault> =
            (nth % 2 == 1).then(|| FAULTS[(nth / 2) as usize % FAULTS.len()]);
        let (files, reloader, app, next) = (
            files.clone(),
            reloader.clone(),
            app.clone(),
            running.other(),
        );
        let reload = tokio::task::spawn_blocking(move || {
            files.write(next, fault);
            reloader.reload(&app, &Disk)
        });
        match (reload.await.expect("it does not panic"), fault) {
            (Ok(done), None) => {
                applied += 1;
                running = next;
                assert_eq!(done.revision, applied);
            }
            (Err(_), Some(_)) => {}
            (result, fault) => panic!("{fault:?}: {result:?}"),
        }
        // Whatever is asked for from now on is answered on the policy that runs.
        if nth % WITNESSED != 0 {
            continue;
        }
        let witness = &mut witnesses[(nth / WITNESSED / 2) as usize % 2];
        assert_eq!(
            observe(witness, nth as usize).await,
            Some(running),
            "after {fault:?}"
        );
    }
    ended.store(true, Ordering::Relaxed);
    for talker in talkers {
        talker
            .await
            .expect("every answer is right under one policy or the other");
    }
    assert!(
        asked.load(Ordering::Relaxed) > RELOADS,
        "people talked meanwhile"
    );
}
