//! Many clients who mean no good, and one who does: the one is served, and the process grows by no
//! more than its bounds add up to (threat model, 6.12 and 7.10).

use std::net::SocketAddr;
use std::path::Path;

use borderpost::gateway::limit::Limit;
use tempfile::TempDir;

use super::kit::{Client, Recorder, answer};
use super::post::{answer_to, files_of, get};
use super::process::Process;
use super::raw::{Got, Raw};

const MIB: u64 = 1 << 20;

/// A gateway in a process of its own, so that what it holds can be measured.
struct Besieged {
    process: Process,
    _directory: TempDir,
    _upstream: Recorder,
}

impl Besieged {
    fn new() -> Self {
        let upstream = Recorder::start(|request, stream| answer(stream, &answer_to(request)));
        let more = "admin: { address: \"127.0.0.1:0\" }\nlog: { format: json }\ntrusted_proxies: [127.0.0.1]";
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("policy")).unwrap();
        for (name, text) in files_of(upstream.address, "", more) {
            std::fs::write(directory.path().join(name), text).unwrap();
        }
        let process = Process::start(&Path::new(directory.path()).join("gateway.yaml"));
        let besieged = Self {
            process,
            _directory: directory,
            _upstream: upstream,
        };
        // What everybody needs is there before it is measured.
        besieged.serves();
        besieged
    }

    fn address(&self) -> SocketAddr {
        self.process.listeners[0]
    }

    /// Somebody who means well is served.
    #[track_caller]
    fn serves(&self) {
        let mut client = Client::connect(self.address());
        for _ in 0..5 {
            assert_eq!(client.send(get("/v1/rooms/r1")).read().status, 200);
        }
    }

    /// How often the bound was hit, as the administrator is told.
    fn hits(&self, limit: Limit) -> u64 {
        let mut admin = Client::connect(self.process.admin);
        admin.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
        let told = admin.read();
        let series = format!("borderpost_limit_hits_total{{limit=\"{}\"}} ", limit.key());
        let told = told
            .text()
            .lines()
            .find_map(|line| line.strip_prefix(&series));
        told.expect("every bound is told").parse().unwrap()
    }
}

#[test]
fn hundreds_of_heads_that_never_end() {
    const CLIENTS: u64 = 400;
    const HEAD_BYTES: usize = 20 << 10;
    let besieged = Besieged::new();
    let before = besieged.process.memory_max();
    let head = format!(
        "GET / HTTP/1.1\r\nHost: a\r\n{}",
        format!("X-A: {}\r\n", "a".repeat(1000)).repeat(HEAD_BYTES / 1000)
    );
    let held: Vec<Client> = (0..CLIENTS)
        .map(|_| {
            let mut client = Client::connect(besieged.address());
            client.send(&head);
            client
        })
        .collect();
    besieged.serves();
    let grown = besieged.process.memory_max() - before;
    // Each head is held within its limit of 32 KiB, in room that grows by doubling; a connection
    // takes some besides.
    assert!(grown < CLIENTS * (128 << 10), "{} MiB", grown / MIB);
    drop(held);
    besieged.serves();
}

const GET: [(&str, &str); 5] = [
    (":method", "GET"),
    (":scheme", "http"),
    (":authority", "a.example"),
    (":path", "/v1/rooms/r1"),
    ("authorization", "Bearer token-alice"),
];

/// Clients who send a frame after the other until they are told to go, and read nothing until then.
#[track_caller]
fn flood(limit: Limit, send: impl Fn(&mut Raw, u32) -> bool) {
    const CLIENTS: u64 = 16;
    let besieged = Besieged::new();
    let before = besieged.process.memory_max();
    for _ in 0..CLIENTS {
        let mut raw = Raw::connect(besieged.address(), None);
        let sent = (0..50_000).take_while(|nth| send(&mut raw, *nth)).count();
        assert!(sent < 50_000, "nobody minds");
        assert_eq!(raw.read(u32::MAX), Got::End);
        besieged.serves();
    }
    assert_eq!(besieged.hits(limit), CLIENTS);
    let grown = besieged.process.memory_max() - before;
    assert!(grown < 16 * MIB, "{} MiB", grown / MIB);
}

#[test]
fn resets_without_end() {
    flood(Limit::Http2Resets, |raw, nth| {
        let stream = nth * 2 + 1;
        raw.request(stream, &GET, None) && raw.frame(3, 0, stream, &8_u32.to_be_bytes())
    });
}

#[test]
fn pings_without_end() {
    flood(Limit::Http2ControlFrames, |raw, _| {
        raw.frame(6, 0, 0, b"12345678")
    });
}

#[test]
fn settings_without_end() {
    flood(Limit::Http2ControlFrames, |raw, nth| {
        raw.frame(4, 0, 0, &[&[0, 3], nth.to_be_bytes().as_slice()].concat())
    });
}
