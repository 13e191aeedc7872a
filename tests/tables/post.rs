//! The border post: the gateway with the plain dialect before an upstream that takes everything,
//! so that whatever does not arrive was held back here.

use std::net::SocketAddr;
use std::sync::Mutex;

use borderpost::app::App;
use borderpost::config::{self, Memory};
use borderpost::telemetry::Meters;

use super::kit::{Client, Read1, Recorded, Recorder, answer};
use super::second;

const PLAIN: &str = include_str!("../../config/dialects/plain.yaml");

/// alice may talk to LINE, without attachments; bob may not.
const ACME: &str = "
company: acme
name: Acme Corp
members: [alice, bob, carol, dave]
external_messaging:
  line:
    connect: allow
    permission: by_member
    connected_members: [alice]
    restrict_attachments: true
";

/// A room with somebody on LINE in it.
pub const OUTSIDE: &str = "/v1/rooms/r2/messages";
/// A room of colleagues.
pub const INSIDE: &str = "/v1/rooms/r1/messages";

pub struct Post {
    upstream: Recorder,
    address: SocketAddr,
    failures: Mutex<Vec<String>>,
    _app: App,
}

impl Post {
    pub fn new() -> Self {
        let upstream = Recorder::start(|request, stream| answer(stream, &answer_to(request)));
        let app = gateway(upstream.address, "", "");
        let address = app.server.addresses()[0];
        Self {
            upstream,
            address,
            failures: Mutex::default(),
            _app: app,
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends one request and reads its answer; what reached the upstream but for look-ups.
    fn exchange(&self, request: &[u8]) -> (Read1, Vec<Recorded>) {
        let mut client = Client::connect(self.address);
        client.send(request);
        let answer = if request.starts_with(b"HEAD ") {
            let head = client.read_head();
            Read1 {
                status: super::kit::status(&head),
                head,
                body: Vec::new(),
            }
        } else {
            client.read()
        };
        (answer, self.arrived())
    }

    /// What reached the upstream but for look-ups.
    fn arrived(&self) -> Vec<Recorded> {
        let is_act = |request: &Recorded| {
            request.header("authorization") != Some("Bearer token-operator")
                && request.request_line() != "GET /v1/me HTTP/1.1"
        };
        self.upstream.rest().into_iter().filter(is_act).collect()
    }

    /// The same in HTTP/2, if it means something there: the same answer, or none (the stream is
    /// reset), and nobody is reached.
    fn refuses_again(&self, wanted: &str, request: &[u8]) {
        let Some(again) = second::translated(request) else {
            return;
        };
        let (status, code) = wanted.split_once(' ').unwrap_or((wanted, ""));
        if let Some((told, body)) = second::exchange(self.address, again) {
            let body = String::from_utf8_lossy(&body);
            if told.to_string() != status || !body.contains(code) {
                let wanted = format!("{wanted} in HTTP/2");
                self.fail(&wanted, request, &format!("{told} {body}"));
            }
        }
        let arrived = self.arrived();
        if !arrived.is_empty() {
            self.fail("nothing in HTTP/2", request, &format!("{arrived:?}"));
        }
    }

    /// The same in HTTP/2, if it means something there: the upstream reads the same.
    fn passes_again(&self, request: &[u8], first: &Recorded) {
        let Some(again) = second::translated(request) else {
            return;
        };
        let told = second::exchange(self.address, again).map(|(status, _)| status);
        let arrived = self.arrived();
        let same = |again: &Recorded| {
            again.request_line() == first.request_line() && again.body == first.body
        };
        if told != Some(200) || arrived.len() != 1 || !arrived.iter().all(same) {
            self.fail(
                "to pass in HTTP/2",
                request,
                &format!("{told:?} {arrived:?}"),
            );
        }
    }

    /// The request is answered `wanted` (a status, or a status and a code), and reaches nobody: in
    /// HTTP/2 neither.
    pub fn refuses(&self, wanted: &str, request: &[u8]) {
        let (answer, arrived) = self.exchange(request);
        let (status, code) = wanted.split_once(' ').unwrap_or((wanted, ""));
        if answer.status.to_string() != status || !answer.text().contains(code) {
            self.fail(
                wanted,
                request,
                &format!("{} {}", answer.status, answer.text()),
            );
        }
        if !arrived.is_empty() {
            self.fail("nothing", request, &format!("{arrived:?}"));
        }
        self.refuses_again(wanted, request);
    }

    /// The request reaches the upstream, in HTTP/2, too; what arrived.
    pub fn passes(&self, request: &[u8]) -> Option<Recorded> {
        let (answer, mut arrived) = self.exchange(request);
        if answer.status != 200 || arrived.len() != 1 {
            let got = format!(
                "{} {:?}, {} arrived",
                answer.status,
                String::from_utf8_lossy(&answer.body),
                arrived.len()
            );
            self.fail("to pass", request, &got);
        }
        let arrived = arrived.pop()?;
        self.passes_again(request, &arrived);
        Some(arrived)
    }

    /// The request reaches the upstream with this very body.
    pub fn passes_as(&self, request: &[u8], body: &[u8]) {
        let arrived = self.passes(request);
        if let Some(arrived) = arrived.filter(|arrived| arrived.body != body) {
            self.fail(
                "the same bytes",
                request,
                &arrived.body.escape_ascii().to_string(),
            );
        }
    }

    pub fn fail(&self, wanted: &str, request: &[u8], got: &str) {
        let shown = request
            .get(..request.len().min(600))
            .unwrap_or_default()
            .escape_ascii();
        self.failures
            .lock()
            .unwrap()
            .push(format!("wanted {wanted}: {shown}\n    got {got}"));
    }

    /// Ends a table: all rows that failed, at once.
    #[track_caller]
    pub fn done(self) {
        let failures = self.failures.lock().unwrap();
        assert!(
            failures.is_empty(),
            "{} fail:\n{}",
            failures.len(),
            failures.join("\n")
        );
    }
}

/// A gateway with these further keys of its upstream, and these further lines in its `gateway.yaml`.
pub fn gateway(upstream: SocketAddr, keys: &str, more: &str) -> App {
    App::start(load(upstream, keys, more), Meters::new()).expect("the gateway starts")
}

fn load(upstream: SocketAddr, keys: &str, more: &str) -> config::Loaded {
    let mut files = Memory::default();
    for (name, text) in files_of(upstream, keys, more) {
        files = files.with(&format!("post/{name}"), &text);
    }
    config::load_from(&files, "post/gateway.yaml".as_ref(), &|_| None)
        .unwrap_or_else(|found| panic!("{found:#?}"))
}

/// The files of such a gateway.
pub fn files_of(upstream: SocketAddr, keys: &str, more: &str) -> [(&'static str, String); 3] {
    let gateway = format!(
        "
listeners: [{{ address: \"127.0.0.1:0\" }}]
upstream: {{ url: \"http://{upstream}\", lookup_token: token-operator, {keys} }}
dialect: plain.yaml
networks: {{ line: {{ people: [\"line:*\"] }} }}
drive_hosts: [drive.acme.example]
pseudonym_key: a-key-for-tests-that-is-long-enough
workers: 1
{more}
"
    );
    [
        ("gateway.yaml", gateway),
        ("plain.yaml", PLAIN.to_owned()),
        ("policy/acme.yaml", ACME.to_owned()),
    ]
}

/// What a client of alice's sends.
pub fn request(method: &str, target: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut request = format!("{method} {target} HTTP/1.1\r\nHost: chat.acme.example\r\n");
    for header in ["Authorization: Bearer token-alice"].iter().chain(headers) {
        request.push_str(header);
        request.push_str("\r\n");
    }
    if !body.is_empty() {
        request.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    request.push_str("\r\n");
    [request.as_bytes(), body].concat()
}

pub fn get(target: &str) -> Vec<u8> {
    request("GET", target, &[], b"")
}

/// A JSON body to a target.
pub fn json(method: &str, target: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    request(
        method,
        target,
        &["Content-Type: application/json"],
        body.as_ref(),
    )
}

/// A message with these bytes as body.
pub fn post(target: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    json("POST", target, body)
}

/// A message whose content is a text, as `serde_json` writes it.
pub fn text(text: &str) -> Vec<u8> {
    serde_json::json!({"content": {"type": "text", "text": text}})
        .to_string()
        .into_bytes()
}

/// The upstream knows who is where and what stands for what; to everything else it says yes.
pub fn answer_to(request: &Recorded) -> String {
    let (status, body) = said(request).unwrap_or(("200 OK", "{}".to_owned()));
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

fn said(request: &Recorded) -> Option<(&'static str, String)> {
    let target = request
        .request_line()
        .strip_prefix("GET /v1/")?
        .strip_suffix(" HTTP/1.1")?;
    let parts: Vec<&str> = target.split('/').collect();
    let person = |id: &str| format!("{{\"id\":\"{id}\",\"name\":\"{id}\"}}");
    let file = |id: &str, place: &str| {
        format!(
            "{{\"id\":\"{id}\",{place},\"name\":\"berth.jpg\",\"type\":\"image/jpeg\",\"author\":{}}}",
            person("alice")
        )
    };
    let found = match *parts {
        ["me"] => match request
            .header("authorization")?
            .strip_prefix("Bearer token-")
        {
            Some(known) => person(known),
            None => return Some(("401 Unauthorized", "{}".to_owned())),
        },
        ["rooms" | "groups", id, "members"] => {
            let with = if id.starts_with("r1") {
                "bob"
            } else {
                "line:mei"
            };
            format!(
                "{{\"members\":[{},{}],\"total\":2}}",
                person("alice"),
                person(with)
            )
        }
        ["boards", _, "readers"] => {
            format!(
                "{{\"readers\":[{},{}],\"total\":2}}",
                person("alice"),
                person("line:mei")
            )
        }
        ["messages", id @ "m1"] => format!(
            "{{\"id\":\"{id}\",\"room\":\"r1\",\"author\":{},\"content\":{{\"type\":\"image\",\"file\":\"f1\"}}}}",
            person("alice")
        ),
        ["messages", id] => format!(
            "{{\"id\":\"{id}\",\"room\":\"r2\",\"author\":{},\"content\":{{\"type\":\"text\",\"text\":\"x\"}}}}",
            person("alice")
        ),
        ["files", id, "info"] if id.starts_with("fg") => file(id, "\"group\":\"g2\""),
        ["files", id, "info"] => file(id, "\"room\":\"r1\""),
        _ => return None,
    };
    Some(("200 OK", found))
}
