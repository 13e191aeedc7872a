//! The gateway between a homeserver and the others: its federation leg leads to a listener of its own,
//! and what must be learnt is asked of the other.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use borderpost::app::App;
use borderpost::config::{self, Memory};
use borderpost::telemetry::Meters;

use crate::kit::{Client, Read1, Recorded, Recorder, answer};

/// alice may talk to other companies, without attachments; bob may not.
const ACME: &str = "
company: acme
members: [\"@alice:acme\", \"@bob:acme\"]
external_messaging:
  works:
    connect: allow
    permission: by_member
    connected_members: [\"@alice:acme\"]
    restrict_attachments: true
";

const GLOBEX: &str = "
company: globex
members: { match: \"@*:globex\" }
external_messaging:
  works: { connect: allow, permission: all_members, restrict_attachments: false }
";

const CONTOSO: &str = "
company: contoso
members: [\"@carol:contoso\"]
external_messaging:
  works: { connect: allow, permission: all_members, restrict_attachments: false }
";

/// Who is in which room.
pub const ROOMS: &[(&str, &[&str])] = &[
    ("!ours", &["@alice:acme", "@bob:acme"]),
    ("!hers", &["@alice:acme"]),
    ("!deal", &["@alice:acme", "@xavier:globex"]),
];

/// Files, whose they are, and what.
const MEDIA: &[(&str, &str, &str)] = &[
    ("alices", "@alice:acme", "image/png"),
    ("bobs", "@bob:acme", "image/png"),
    ("carols", "@carol:contoso", "image/png"),
];

/// Settings of a gateway with both legs; the companies are the caller's.
pub fn settings(clients: SocketAddr, servers: SocketAddr) -> String {
    format!(
        "
listeners: [{{ address: \"127.0.0.1:0\" }}]
upstream: {{ url: \"http://{clients}\", lookup_token: token-operator, name: \"acme:8448\" }}
legs:
  - leg: federation
    listeners: [{{ address: \"127.0.0.1:0\" }}]
    upstream: {{ url: \"http://{servers}\" }}
dialect: matrix.yaml
networks: {{ works: {{ between_companies: true }} }}
pseudonym_key: a-key-for-tests-that-is-long-enough
workers: 1
"
    )
}

pub fn load(settings: &str, companies: &[&str]) -> config::Loaded {
    try_to_load(settings, companies).unwrap_or_else(|found| panic!("{found:#?}"))
}

pub fn try_to_load(
    settings: &str,
    companies: &[&str],
) -> Result<config::Loaded, Vec<borderpost::yaml::Diagnostic>> {
    let dialect = include_str!("../../config/dialects/matrix.yaml");
    let mut files = Memory::default()
        .with("post/gateway.yaml", settings)
        .with("post/matrix.yaml", dialect);
    for (nth, company) in companies.iter().enumerate() {
        files = files.with(&format!("post/policy/{nth}.yaml"), company);
    }
    config::load_from(&files, "post/gateway.yaml".as_ref(), &|_| None)
}

/// An answer of JSON.
pub fn json(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

pub struct Border {
    /// The homeserver's listener for clients: it is asked, and nothing else.
    pub clients: Recorder,
    /// Its listener for servers.
    pub servers: Recorder,
    for_clients: SocketAddr,
    for_servers: SocketAddr,
    /// What the listener for servers answers.
    answer: Arc<Mutex<String>>,
    _app: App,
}

impl Border {
    pub fn new() -> Self {
        let clients = Recorder::start(|request, stream| answer(stream, &said_of(request)));
        let told = Arc::new(Mutex::new(json("200 OK", "{}")));
        let answers = told.clone();
        let servers =
            Recorder::start(move |_, stream| answer(stream, &answers.lock().expect("an answer")));
        let settings = settings(clients.address, servers.address);
        let app = App::start(load(&settings, &[ACME, GLOBEX, CONTOSO]), Meters::new())
            .expect("it starts");
        let [for_clients, for_servers] = app.server.addresses()[..] else {
            panic!("two listeners");
        };
        Self {
            clients,
            servers,
            for_clients,
            for_servers,
            answer: told,
            _app: app,
        }
    }

    /// From now on, the listener for servers answers so.
    pub fn answers(&self, status: &str, body: &str) {
        *self.answer.lock().expect("an answer") = json(status, body);
    }

    /// A server asks; what comes back, and what arrived.
    pub fn send(
        &self,
        origin: &str,
        method: &str,
        target: &str,
        body: &str,
    ) -> (Read1, Vec<Recorded>) {
        let signature = signature(origin);
        let answer = exchange(self.for_servers, &signature, method, target, body);
        (answer, self.servers.rest())
    }

    /// The same, with an authorization of the caller's own.
    pub fn send_as(&self, authorization: &str, method: &str, target: &str) -> Read1 {
        exchange(self.for_servers, authorization, method, target, "")
    }

    /// A client asks.
    pub fn ask(&self, token: &str, method: &str, target: &str, body: &str) -> Read1 {
        let bearer = format!("Bearer {token}");
        exchange(self.for_clients, &bearer, method, target, body)
    }

    /// How often it was asked who is in a room since this was asked last.
    pub fn look_ups(&self, room: &str) -> usize {
        let line = format!("GET /_synapse/admin/v1/rooms/%21{room}/state ");
        let asked = self.clients.rest();
        let is_it = |request: &&Recorded| request.request_line().starts_with(&line);
        asked.iter().filter(is_it).count()
    }
}

pub fn signature(origin: &str) -> String {
    format!("X-Matrix origin=\"{origin}\",key=\"ed25519:a\",sig=\"c2ln\",destination=\"acme\"")
}

pub fn exchange(
    address: SocketAddr,
    authorization: &str,
    method: &str,
    target: &str,
    body: &str,
) -> Read1 {
    let length = match body {
        "" => String::new(),
        body => format!("Content-Length: {}\r\n", body.len()),
    };
    let mut client = Client::connect(address);
    client.send(format!(
        "{method} {target} HTTP/1.1\r\nHost: acme\r\nAuthorization: {authorization}\r\n{length}\r\n{body}"
    ));
    client.read()
}

/// Who is who and where, by the homeserver's word to the one who may ask.
fn said_of(request: &Recorded) -> String {
    let path = request.request_line().split(' ').nth(1).unwrap_or_default();
    let token = request.header("authorization");
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match (&segments[..], token) {
        (["_synapse", "admin", "v1", "rooms", room, "state"], Some("Bearer token-operator")) => {
            let room = room.replace("%21", "!");
            match ROOMS.iter().find(|(known, _)| *known == room) {
                Some((_, people)) => {
                    let here: Vec<String> = people.iter().map(|id| member(id)).collect();
                    json("200 OK", &format!("{{\"state\":[{}]}}", here.join(",")))
                }
                None => json("404 Not Found", "{}"),
            }
        }
        (
            ["_synapse", "admin", "v1", "media", "acme%3A8448", id],
            Some("Bearer token-operator"),
        ) => match MEDIA.iter().find(|(known, ..)| known == id) {
            Some((_, whose, what)) => json(
                "200 OK",
                &format!(
                    "{{\"media_info\":{{\"user_id\":\"{whose}\",\"media_id\":\"{id}\",\"media_type\":\"{what}\",\"upload_name\":null}}}}"
                ),
            ),
            None => json("404 Not Found", "{}"),
        },
        (["_matrix", "client", "v3", "account", "whoami"], Some("Bearer token-alice")) => {
            json("200 OK", r#"{"user_id":"@alice:acme"}"#)
        }
        (_, Some("Bearer token-alice")) => json("200 OK", "{}"),
        _ => json("404 Not Found", "{}"),
    }
}

pub fn member(id: &str) -> String {
    format!(
        "{{\"type\":\"m.room.member\",\"state_key\":\"{id}\",\"sender\":\"{id}\",\"content\":{{\"membership\":\"join\"}}}}"
    )
}
