//! What the recorded first sync of a member of 501 rooms costs a real gateway: CPU time a megabyte,
//! look-ups, and memory with several such answers in flight. `cargo bench --bench first_sync`, on Linux.

#[path = "shared/companies.rs"]
#[expect(dead_code, reason = "the bench without sockets needs the rest")]
mod companies;
#[path = "../tests/http/kit.rs"]
#[allow(dead_code, reason = "tests need the rest")]
mod kit;
#[path = "../tests/support/process.rs"]
mod process;
#[path = "../tests/traffic/recorded.rs"]
#[allow(dead_code, reason = "tests need the rest")]
mod recorded;
#[path = "../tests/traffic/town.rs"]
#[allow(dead_code, reason = "tests need the rest")]
mod town;

use std::io::{BufReader, Write};
use std::net::SocketAddr;
use std::sync::Arc;

use borderpost::clock;
use serde_json::json;

use companies::{Policy, READER};
use kit::{Client, read_head, serve_raw};
use process::Process;
use recorded::{LARGEST, big};
use town::town;

/// Syncs of which the mean is told.
const WARM: usize = 10;

const MIB: f64 = 1024.0 * 1024.0;

fn main() {
    // Run as a test, it has nothing to say.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let body = Arc::new(big(LARGEST));
    let mib = body.len() as f64 / MIB;
    let upstream = homeserver(body);
    println!("an answer of {mib:.1} MiB; times are of the gateway's process, user and system");
    for (name, policy) in [("untouched", Policy::open()), ("edited", Policy::strict())] {
        let gateway = Gateway::start(&policy, upstream);
        let before = (clock::now(), gateway.cpu_ms());
        let shown = sync(gateway.address()).len() as f64 / MIB;
        let cold_ms = gateway.cpu_ms() - before.1;
        let waited = before.0.elapsed().as_millis();
        let before = (clock::now(), gateway.cpu_ms());
        for _ in 0..WARM {
            sync(gateway.address());
        }
        let warm_ms = (gateway.cpu_ms() - before.1) / WARM as f64;
        let warm_waited = before.0.elapsed().as_millis() / WARM as u128;
        println!("{name}: {shown:.1} MiB are shown");
        println!("  nothing known: {cold_ms:.0} ms, answered in {waited} ms");
        println!(
            "  all known: {warm_ms:.0} ms, {:.1} ms a MiB, answered in {warm_waited} ms",
            warm_ms / mib
        );
        for at_once in [1, 4, 16] {
            let above = Gateway::start(&policy, upstream).memory_of(at_once) / MIB;
            println!(
                "  {at_once} at once, nothing known: {above:.0} MiB above idle, {:.1} times the bodies",
                above / mib / at_once as f64
            );
        }
    }
}

/// A gateway in a process of its own.
struct Gateway {
    process: Process,
    _files: tempfile::TempDir,
}

impl Gateway {
    fn start(policy: &Policy, upstream: SocketAddr) -> Self {
        let files = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(files.path().join("policy")).expect("a directory");
        for (name, text) in policy.files(&upstream.to_string()) {
            std::fs::write(files.path().join(name), text).expect("a file");
        }
        Self {
            process: Process::start(&files.path().join("gateway.yaml")),
            _files: files,
        }
    }

    fn address(&self) -> SocketAddr {
        *self.process.listeners.first().expect("a listener")
    }

    /// Processor time so far. The kernel counts it in hundredths of a second.
    fn cpu_ms(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()));
        let stat = stat.expect("its times");
        let (_, fields) = stat.rsplit_once(')').expect("a name");
        let times = fields.split_whitespace().skip(11).take(2);
        let ticks: f64 = times.map(|time| time.parse::<f64>().expect("a time")).sum();
        ticks * 10.0
    }

    /// The most memory above idle while so many syncs are answered at once, bytes.
    fn memory_of(&self, at_once: usize) -> f64 {
        let (idle, address) = (self.process.memory_max(), self.address());
        std::thread::scope(|scope| {
            for _ in 0..at_once {
                scope.spawn(move || sync(address));
            }
        });
        (self.process.memory_max() - idle) as f64
    }
}

fn sync(gateway: SocketAddr) -> Vec<u8> {
    let mut client = Client::connect(gateway);
    client.send(
        "GET /_matrix/client/v3/sync?timeout=0 HTTP/1.1\r\nHost: chat.acme.example\r\nAuthorization: Bearer token-big\r\n\r\n",
    );
    let answer = client.read();
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.body
}

/// A homeserver that knows who is in the recorded rooms.
fn homeserver(body: Arc<Vec<u8>>) -> SocketAddr {
    // So that no look-up waits for it.
    town();
    serve_raw(move |_, mut stream| {
        let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
        while let Some(head) = read_head(&mut reader) {
            let target = head.split(' ').nth(1).unwrap_or_default();
            let told = match target.starts_with("/_matrix/client/v3/sync") {
                true => Some(Vec::new()),
                false => told(target),
            };
            let (status, answer) = match &told {
                Some(sync) if sync.is_empty() => ("200 OK", &**body),
                Some(told) => ("200 OK", told.as_slice()),
                None => ("404 Not Found", &b"{}"[..]),
            };
            let length = answer.len();
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
            );
            if stream
                .write_all(head.as_bytes())
                .and_then(|()| stream.write_all(answer))
                .is_err()
            {
                return;
            }
        }
    })
}

/// Who is who and where.
fn told(target: &str) -> Option<Vec<u8>> {
    let path = percent_encoding::percent_decode_str(target).decode_utf8_lossy();
    let steps: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let told = match steps[..] {
        ["_matrix", "client", "v3", "account", "whoami"] => json!({ "user_id": READER }),
        ["_synapse", "admin", "v1", "rooms", room, "state"] => {
            let people = town().rooms.get(room)?.iter();
            let member = |id: &String| {
                json!({
                    "type": "m.room.member",
                    "state_key": id,
                    "sender": id,
                    "content": { "membership": "join" },
                })
            };
            json!({ "state": people.map(member).collect::<Vec<_>>() })
        }
        ["_matrix", "client", "v3", "profile", person] => {
            json!({ "displayname": town().names.get(person)?.first() })
        }
        _ => return None,
    };
    Some(told.to_string().into_bytes())
}
