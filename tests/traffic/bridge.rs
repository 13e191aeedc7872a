//! A homeserver that pushes to bridges through the gateway, and bridges that take everything: whatever
//! does not arrive was held back here.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use borderpost::app::App;
use borderpost::app::reload::apply;
use borderpost::config::{self, Memory};
use borderpost::telemetry::Meters;
use serde_json::{Value, json};

use crate::kit::{Client, Read1, Recorded, Recorder, answer};

/// Rules of one network that let everything pass.
pub const OPEN: &str = "{ connect: allow, permission: all_members, restrict_attachments: false, encrypted_rooms: pass }";
/// Of acme, only alice may talk to LINE, and no file goes out.
pub const STRICT: &str = "{ connect: allow, permission: by_member, connected_members: [\"@alice:acme\"], restrict_attachments: outbound }";
/// Of acme, only alice may talk to LINE.
pub const ONLY_ALICE: &str = "{ connect: allow, permission: by_member, connected_members: [\"@alice:acme\"], restrict_attachments: false }";
/// Nobody may.
pub const CLOSED: &str = "{ connect: deny }";

/// What the homeserver knows, and how it and the bridges behave.
#[derive(Default)]
pub struct World {
    /// Who is in which room.
    pub rooms: BTreeMap<String, Vec<String>>,
    /// What people are called.
    pub names: BTreeMap<String, String>,
    /// The status of all answers to look-ups, if not that of the truth.
    pub homeserver_says: Option<u16>,
    /// The status of all answers of the bridges, if not 200; 0: they hang up.
    pub bridge_says: Option<u16>,
}

/// The gateway between a homeserver and two bridges: to LINE, and to another network.
pub struct Crossing {
    pub world: Arc<Mutex<World>>,
    pub app: App,
    gateway_yaml: String,
    homeserver: Recorder,
    bridge: Recorder,
}

impl Crossing {
    /// With these rules of acme's for LINE.
    pub fn new(acme_line: &str) -> Self {
        Self::with(acme_line, "")
    }

    /// The same, with more lines for `gateway.yaml`.
    pub fn with(acme_line: &str, more: &str) -> Self {
        let world = Arc::new(Mutex::new(seeded()));
        let told = world.clone();
        let homeserver =
            Recorder::start(move |request, stream| answer(stream, &homeserver(request, &told)));
        let asked = world.clone();
        let bridge = Recorder::start(move |_, stream| {
            let status = asked.lock().unwrap().bridge_says.unwrap_or(200);
            status != 0 && answer(stream, &http(status, "{}"))
        });
        let gateway_yaml = format!(
            "
listeners: [{{ address: \"127.0.0.1:0\" }}]
upstream: {{ url: \"http://{}\", lookup_token: token-operator }}
legs:
  - leg: bridge
    listeners: [{{ address: \"127.0.0.1:0\" }}]
    upstream: {{ url: \"http://{bridge}\" }}
    reader: \"@line_bot:acme\"
  - leg: bridge
    listeners: [{{ address: \"127.0.0.1:0\" }}]
    upstream: {{ url: \"http://{bridge}\" }}
    reader: \"@sms_bot:acme\"
dialect: matrix.yaml
networks:
  line: {{ people: [\"@line_*\"] }}
  sms: {{ people: [\"@sms_*\"] }}
  works: {{ between_companies: true }}
pseudonym_key: a-key-for-tests-that-is-long-enough
workers: 1
{more}
",
            homeserver.address,
            bridge = bridge.address,
        );
        let loaded = load(&gateway_yaml, acme_line);
        let app = App::start(loaded, Meters::new()).expect("the gateway starts");
        Self {
            world,
            app,
            gateway_yaml,
            homeserver,
            bridge,
        }
    }

    /// Another policy, as a reload applies it.
    pub fn apply(&self, acme_line: &str) {
        apply(&self.app, load(&self.gateway_yaml, acme_line));
    }

    /// A transaction for LINE's bridge: what the homeserver is told, and what the bridge has of it.
    pub fn push(&self, transaction: &Value) -> (Read1, Option<Value>) {
        self.push_to(1, transaction)
    }

    /// The same for the bridge on this listener.
    pub fn push_to(&self, listener: usize, transaction: &Value) -> (Read1, Option<Value>) {
        let body = transaction.to_string();
        let (told, arrived) = self.push_bytes(listener, body.as_bytes(), "");
        assert!(arrived.len() < 2, "{arrived:?}");
        let parsed = |it: &Recorded| serde_json::from_slice(&it.body).expect("JSON");
        (told, arrived.first().map(parsed))
    }

    /// Any bytes, with more lines for their head.
    pub fn push_bytes(&self, listener: usize, body: &[u8], more: &str) -> (Read1, Vec<Recorded>) {
        let length = body.len();
        let head = format!(
            "PUT /_matrix/app/v1/transactions/7 HTTP/1.1\r\nHost: b\r\nAuthorization: Bearer tok-hs\r\nContent-Length: {length}\r\n{more}\r\n"
        );
        self.exchange(listener, &[head.as_bytes(), body].concat())
    }

    /// What comes back on a listener, and what has arrived at a bridge.
    pub fn exchange(&self, listener: usize, request: &[u8]) -> (Read1, Vec<Recorded>) {
        let mut client = Client::connect(self.address(listener));
        client.send(request);
        (client.read(), self.bridge.rest())
    }

    /// What a bridge asks as somebody of its own, what comes back, and what reaches the homeserver.
    pub fn pull(&self, whom: &str, method: &str, path: &str, body: &str) -> (Read1, Vec<Recorded>) {
        self.homeserver.rest();
        let whom = whom.replace('@', "%40").replace(':', "%3A");
        let length = body.len();
        let mut client = Client::connect(self.address(0));
        client.send(format!(
            "{method} {path}?user_id={whom} HTTP/1.1\r\nHost: c\r\nAuthorization: Bearer token-bridge\r\nContent-Length: {length}\r\n\r\n{body}"
        ));
        let told = client.read();
        let asked = self.homeserver.rest().into_iter();
        let is_own = |it: &Recorded| it.header("authorization") == Some("Bearer token-operator");
        let is_who = |it: &Recorded| it.head.contains("/account/whoami");
        (
            told,
            asked.filter(|it| !is_own(it) && !is_who(it)).collect(),
        )
    }

    pub fn address(&self, listener: usize) -> SocketAddr {
        self.app.server.addresses()[listener]
    }

    pub fn world(&self, change: impl FnOnce(&mut World)) {
        change(&mut self.world.lock().unwrap());
    }
}

/// alice and bob are of acme, xavier is of globex.
fn seeded() -> World {
    let rooms = [
        ("!port", &["@alice:acme", "@bob:acme", "@line_mei:acme"][..]),
        ("!office", &["@alice:acme", "@bob:acme"]),
        (
            "!mixed",
            &["@alice:acme", "@xavier:globex", "@line_mei:acme"],
        ),
        (
            "!both",
            &[
                "@alice:acme",
                "@bob:acme",
                "@line_mei:acme",
                "@sms_kim:acme",
            ],
        ),
    ];
    let names = [
        ("@alice:acme", "Alice Kim"),
        ("@bob:acme", "Bob Leewater"),
        ("@xavier:globex", "Xavier Globex"),
        ("@line_mei:acme", "Mei Tanaka"),
        ("@sms_kim:acme", "Kim Sms"),
    ];
    let listed = |people: &[&str]| people.iter().map(|id| (*id).to_owned()).collect();
    World {
        rooms: (rooms
            .iter()
            .map(|(room, people)| ((*room).to_owned(), listed(people))))
        .collect(),
        names: (names
            .iter()
            .map(|(id, name)| ((*id).to_owned(), (*name).to_owned())))
        .collect(),
        ..World::default()
    }
}

fn load(gateway_yaml: &str, acme_line: &str) -> config::Loaded {
    let acme = format!(
        "company: acme\nname: Acme\nmembers: {{ match: [\"@alice:acme*\", \"@bob:acme*\", \"@carol:acme*\", \"@dave:acme*\"] }}\nexternal_messaging: {{ line: {acme_line}, sms: {acme_line}, works: {OPEN} }}\n"
    );
    let globex = format!(
        "company: globex\nname: Globex\nmembers: {{ match: \"@*:globex*\" }}\nexternal_messaging: {{ line: {OPEN}, sms: {OPEN}, works: {OPEN} }}\n"
    );
    let files = Memory::default()
        .with("post/gateway.yaml", gateway_yaml)
        .with(
            "post/matrix.yaml",
            include_str!("../../config/dialects/matrix.yaml"),
        )
        .with("post/policy/acme.yaml", &acme)
        .with("post/policy/globex.yaml", &globex);
    config::load_from(&files, "post/gateway.yaml".as_ref(), &|_| None)
        .unwrap_or_else(|found| panic!("{found:#?}"))
}

fn http(status: u16, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} So\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// What the homeserver answers.
fn homeserver(request: &Recorded, world: &Mutex<World>) -> String {
    let world = world.lock().unwrap();
    let line = request.request_line();
    let target = line.split(' ').nth(1).unwrap_or_default();
    let target = percent_encoding::percent_decode_str(target).decode_utf8_lossy();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let told = match parts[..] {
        ["_matrix", "client", "v3", "account", "whoami"] => query
            .strip_prefix("user_id=")
            .map(|id| json!({ "user_id": id })),
        ["_synapse", "admin", "v1", "rooms", room, "state"] => {
            let people = world.rooms.get(room);
            people.map(
                |people| json!({ "state": people.iter().map(|id| member(id)).collect::<Vec<_>>() }),
            )
        }
        ["_matrix", "client", "v3", "profile", person] => {
            let name = world.names.get(person);
            name.map(|name| json!({ "displayname": name }))
        }
        _ => Some(json!({})),
    };
    match (world.homeserver_says, told) {
        (Some(status), _) => http(status, "{}"),
        (None, Some(told)) => http(200, &told.to_string()),
        (None, None) => http(404, "{}"),
    }
}

fn member(id: &str) -> Value {
    json!({"type": "m.room.member", "state_key": id, "sender": id, "content": {"membership": "join"}})
}
