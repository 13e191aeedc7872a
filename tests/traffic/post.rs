//! The gateway with the dialect before a homeserver that takes everything, so that whatever does not
//! arrive was held back here.

use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use borderpost::app::App;
use borderpost::app::reload::apply;
use borderpost::config::{self, Memory};
use borderpost::telemetry::Meters;

use crate::kit::{Client, Read1, Recorded, Recorder, answer};

/// alice may talk to LINE, without attachments; bob may not. Nobody of acme may talk to globex.
pub const ACME: &str = "
company: acme
name: Acme Corp
members: [\"@alice:acme\", \"@bob:acme\"]
external_messaging:
  line:
    connect: allow
    permission: by_member
    connected_members: [\"@alice:acme\"]
    restrict_attachments: true
";

/// Rooms, and who besides alice is in them.
const ROOMS: &[(&str, &str)] = &[("!in", "@bob:acme"), ("!out", "@line_mei:acme")];

pub struct Post {
    upstream: Recorder,
    address: SocketAddr,
    app: App,
}

impl Post {
    pub fn new() -> Self {
        Self::where_said(|_| None)
    }

    /// The same before a homeserver that says something else to some requests.
    pub fn where_said(
        instead: impl Fn(&Recorded) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        // Whether mei has come into the room of colleagues.
        let mei_is_in = AtomicBool::new(false);
        let upstream = Recorder::start(move |request, stream| {
            let (status, body) = match instead(request) {
                Some(body) => ("200 OK", body),
                None => said(request, &mei_is_in).unwrap_or(("200 OK", "{}".to_owned())),
            };
            answer(stream, &answer_of(request, status, &body))
        });
        let app =
            App::start(load(upstream.address, ACME), Meters::new()).expect("the gateway starts");
        Self {
            address: app.server.addresses()[0],
            upstream,
            app,
        }
    }

    /// Another policy is in force from now on.
    pub fn apply(&self, policy: &str) {
        apply(&self.app, load(self.upstream.address, policy));
    }

    /// What comes back, and what arrived upstream but for look-ups.
    pub fn send(
        &self,
        who: &str,
        method: &str,
        target: &str,
        body: &str,
    ) -> (Read1, Vec<Recorded>) {
        self.exchange(&request_of(who, method, target, body))
    }

    /// A client that has asked, and whose answer may be waited for or not.
    pub fn begin(&self, who: &str, method: &str, target: &str, body: &str) -> Client {
        let mut client = Client::connect(self.address);
        client.send(request_of(who, method, target, body));
        client
    }

    pub fn exchange(&self, request: &[u8]) -> (Read1, Vec<Recorded>) {
        let mut client = Client::connect(self.address);
        client.send(request);
        let answer = client.read();
        let arrived = self.upstream.rest().into_iter();
        (
            answer,
            arrived.filter(|request| !is_look_up(request)).collect(),
        )
    }
}

fn request_of(who: &str, method: &str, target: &str, body: &str) -> Vec<u8> {
    let mut request = format!(
        "{method} {target} HTTP/1.1\r\nHost: chat.acme.example\r\nAuthorization: Bearer token-{who}\r\n"
    );
    if !body.is_empty() {
        request.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    request.push_str("\r\n");
    request.push_str(body);
    request.into_bytes()
}

fn is_look_up(request: &Recorded) -> bool {
    let line = request.request_line();
    request.header("authorization") == Some("Bearer token-operator")
        || line.contains("/account/whoami")
        || line.contains("not_membership=leave")
        || line.contains("/sync?timeout=0&filter=%7B%22room%22:%7B%22rooms")
}

fn load(upstream: SocketAddr, policy: &str) -> config::Loaded {
    let gateway = format!(
        "
listeners: [{{ address: \"127.0.0.1:0\" }}]
upstream: {{ url: \"http://{upstream}\", lookup_token: token-operator }}
dialect: matrix.yaml
networks: {{ line: {{ people: [\"@line_*:acme\"] }}, works: {{ between_companies: true }} }}
drive_hosts: [drive.acme.example]
pseudonym_key: a-key-for-tests-that-is-long-enough
workers: 1
"
    );
    let files = Memory::default()
        .with("post/gateway.yaml", &gateway)
        .with(
            "post/matrix.yaml",
            include_str!("../../config/dialects/matrix.yaml"),
        )
        .with("post/policy/acme.yaml", policy);
    config::load_from(&files, "post/gateway.yaml".as_ref(), &|_| None)
        .unwrap_or_else(|found| panic!("{found:#?}"))
}

fn answer_of(request: &Recorded, status: &str, body: &str) -> String {
    if request.request_line().contains("/login/sso/redirect") {
        let leads = "location: https://sign-in.example/\r\ncontent-length: 0\r\n";
        return format!("HTTP/1.1 302 Found\r\n{leads}\r\n");
    }
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// Who is who and where, by the homeserver's word.
fn said(request: &Recorded, mei_is_in: &AtomicBool) -> Option<(&'static str, String)> {
    let target = request.request_line().strip_prefix("GET ")?;
    let target = target.strip_suffix(" HTTP/1.1")?;
    let token = request
        .header("authorization")?
        .strip_prefix("Bearer token-")?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let body = match path.trim_start_matches('/').split('/').collect::<Vec<_>>()[..] {
        ["_matrix", "client", "v3", "account", "whoami"] => match (token, query) {
            ("bridge", "user_id=%40line_mei%3Aacme") => {
                r#"{"user_id":"@line_mei:acme"}"#.to_owned()
            }
            ("alice" | "bob", "") => format!("{{\"user_id\":\"@{token}:acme\"}}"),
            _ => return Some(("401 Unauthorized", "{}".to_owned())),
        },
        ["_synapse", "admin", "v1", "rooms", room, "state"] => {
            let room = room.replace("%21", "!");
            let (_, with) = ROOMS.iter().find(|(known, _)| *known == room)?;
            let mut here = vec![member("@alice:acme"), member(with)];
            if room == "!in" && mei_is_in.load(Relaxed) {
                here.push(member("@line_mei:acme"));
            }
            format!("{{\"state\":[{}]}}", here.join(","))
        }
        ["_matrix", "client", "v3", "directory", "room", alias] => {
            let room = if alias.contains("out") { "!out" } else { "!in" };
            format!("{{\"room_id\":\"{room}\",\"servers\":[\"acme\"]}}")
        }
        ["_matrix", "client", "v3", "sync"] => {
            let events = match query {
                "since=mei-came" => member("@line_mei:acme"),
                _ => String::new(),
            };
            mei_is_in.store(!events.is_empty(), Relaxed);
            format!(
                "{{\"next_batch\":\"s\",\"rooms\":{{\"join\":{{\"!in\":{{\"timeline\":{{\"events\":[{events}]}}}}}}}}}}"
            )
        }
        _ => return None,
    };
    Some(("200 OK", body))
}

pub fn member(id: &str) -> String {
    format!(
        "{{\"type\":\"m.room.member\",\"state_key\":\"{id}\",\"sender\":\"{id}\",\"content\":{{\"membership\":\"join\"}}}}"
    )
}
