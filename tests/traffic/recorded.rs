//! The recordings, and the dialect that reads them.

use std::sync::OnceLock;

use borderpost::dialect::json::scan::{Manners, Twins};
use borderpost::dialect::{Dialect, LegIx as Leg, Routed};
use borderpost::yaml::{Budget, Document, Source, parse};
use serde_json::Value;
use tokio::io::AsyncReadExt;

/// One request and its answer.
pub struct Exchange {
    pub flow: &'static str,
    pub leg: String,
    pub route: String,
    /// Who sent it, in truth.
    pub who: Option<String>,
    /// For whom an application service sent it.
    pub acting_as: Option<String>,
    pub room: Option<String>,
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    /// JSON, if it was.
    pub body: Option<Value>,
    pub body_bytes: usize,
    pub status: u16,
    pub answer: Option<Value>,
}

impl Exchange {
    /// On which of the dialect's legs it was, if that is one of those that it knows.
    pub fn on(&self) -> Option<Leg> {
        let (_, leg) = LEGS.iter().find(|(recorded, _)| *recorded == self.leg)?;
        clients().leg(*leg).map(|(ix, _)| ix)
    }

    /// Its surface.
    pub fn routed(&self) -> Result<Routed<'static>, String> {
        let leg = self.on().ok_or("no leg")?;
        let routed = clients().route_on(leg, &self.method, &self.target);
        routed.map_err(|fault| format!("{fault:?}"))
    }

    /// Who reads its answer: somebody, or nobody in particular of a server.
    pub fn viewer(&self) -> Option<String> {
        let viewer = self.acting_as.as_ref().or(self.who.as_ref())?;
        let server = viewer.strip_prefix("server:");
        Some(server.map_or_else(|| viewer.clone(), |server| format!("@:{server}")))
    }
}

/// The legs as they were recorded, and as the dialect calls them.
const LEGS: &[(&str, Option<&str>)] = &[
    ("client-acme", None),
    ("client-globex", None),
    ("bridge-to-acme", None),
    ("fed-into-acme", Some("federation")),
    ("fed-into-globex", Some("federation")),
];

/// How strictly bodies are read: as the gateway does, but for the longest answers.
pub fn manners(twins: Twins) -> Manners {
    Manners {
        depth_max: 64,
        members_max: 20_000,
        string_bytes_max: 256 << 10,
        number_digits_max: 64,
        twins,
    }
}

fn unzip(path: &str) -> Vec<u8> {
    let path = format!("{}/tests/traffic/matrix/{path}", env!("CARGO_MANIFEST_DIR"));
    let zipped = std::fs::read(&path).unwrap_or_else(|fault| panic!("{path}: {fault}"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let mut plain = Vec::new();
    let mut decoder = async_compression::tokio::bufread::GzipDecoder::new(&zipped[..]);
    runtime
        .block_on(decoder.read_to_end(&mut plain))
        .expect("gzip");
    plain
}

/// The first sync of a member of 501 rooms: 5.8 MB.
pub const LARGEST: &str = "sync-initial-element-filter";

/// One of the large answers.
pub fn big(name: &str) -> Vec<u8> {
    unzip(&format!("big/{name}.json.gz"))
}

/// Every exchange of every flow, in order.
pub fn exchanges() -> &'static [Exchange] {
    static ALL: OnceLock<Vec<Exchange>> = OnceLock::new();
    ALL.get_or_init(|| {
        let flows = ["nio", "js", "hydrogen", "nheko"];
        flows.into_iter().flat_map(flow).collect()
    })
}

fn flow(name: &'static str) -> Vec<Exchange> {
    let text = unzip(&format!("{name}.json.gz"));
    let all: Vec<Value> = serde_json::from_slice(&text).expect("a flow");
    all.iter().map(|entry| exchange(name, entry)).collect()
}

fn exchange(flow: &'static str, entry: &Value) -> Exchange {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let (request, response) = (&entry["request"], &entry["response"]);
    let headers = request["headers"].as_array().expect("headers");
    let header = |pair: &Value| Some((text(&pair[0])?, text(&pair[1])?));
    Exchange {
        flow,
        leg: text(&entry["leg"]).expect("a leg"),
        route: text(&entry["route"]).expect("a route"),
        who: text(&entry["who"]),
        acting_as: text(&entry["acting_as"]),
        room: text(&entry["room"]),
        method: text(&request["method"]).expect("a method"),
        target: text(&request["target"]).expect("a target"),
        headers: headers.iter().filter_map(header).collect(),
        body: request["body"].get("json").cloned(),
        body_bytes: request["bytes"].as_u64().unwrap_or(0) as usize,
        status: response["status"].as_u64().expect("a status") as u16,
        answer: response["body"].get("json").cloned(),
    }
}

fn document(path: &str) -> Document {
    let full = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(full).expect("a dialect");
    parse(Source::new(path, &text), Budget::default()).expect("YAML")
}

/// The dialect.
pub fn clients() -> &'static Dialect {
    static DIALECT: OnceLock<Dialect> = OnceLock::new();
    DIALECT.get_or_init(|| compile("config/dialects/matrix.yaml"))
}

fn compile(path: &str) -> Dialect {
    match Dialect::compile(&document(path)) {
        Ok(compiled) if compiled.warnings.is_empty() => compiled.dialect,
        Ok(compiled) => panic!("{}", told(&compiled.warnings)),
        Err(faults) => panic!("{}", told(&faults)),
    }
}

fn told(faults: &[borderpost::yaml::Diagnostic]) -> String {
    let line = |fault: &borderpost::yaml::Diagnostic| {
        let (line, column) = fault.position().unwrap_or_default();
        format!("{line}:{column} {}\n", fault.message)
    };
    faults.iter().map(line).collect()
}
