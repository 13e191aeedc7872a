//! Large files pass through a process whose memory does not grow with them.

use std::net::SocketAddr;
use std::path::PathBuf;

use borderpost::sandbox::{Sandbox, World};
use http::Method;
use http_body_util::{BodyExt, Full};
use serde_json::json;
use tempfile::TempDir;

use crate::process::Process;
use crate::support::Client;
use crate::town::{ACME, GLOBEX, PLAIN};

const FILE_BYTES: u64 = 300 << 20;

/// What the process may grow by, whatever the size of the files: the buffers of six streams and what
/// the allocator keeps. 24 MiB were seen on a machine with both cores taken.
const GROWTH_BYTES_MAX: u64 = 64 << 20;

/// The files of a process before this upstream.
pub fn files(upstream: SocketAddr, level: &str) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let gateway = format!(
        "
listeners: [{{ address: \"127.0.0.1:0\" }}]
upstream: {{ url: \"http://{upstream}\", lookup_token: token-operator }}
dialect: plain.yaml
networks: {{ line: {{ people: [\"line:*\"] }}, works: {{ between_companies: true }} }}
admin: {{ address: \"127.0.0.1:0\" }}
log: {{ format: json, level: {level} }}
pseudonym_key: secret-canary-key-that-is-long-enough
limits: {{ upload_bytes_max: 400MiB }}
workers: 2
"
    );
    std::fs::create_dir(directory.path().join("policy")).unwrap();
    for (name, text) in [
        ("gateway.yaml", gateway.as_str()),
        ("plain.yaml", PLAIN),
        ("policy/acme.yaml", ACME),
        ("policy/globex.yaml", GLOBEX),
    ] {
        std::fs::write(directory.path().join(name), text).unwrap();
    }
    let path = directory.path().join("gateway.yaml");
    (directory, path)
}

#[tokio::test]
async fn large_files_take_no_memory() {
    let mut world = World::seeded();
    world
        .kept_file_bytes_max(1 << 20)
        .file_bytes_max(FILE_BYTES);
    let sandbox = Sandbox::new(world)
        .start(([127, 0, 0, 1], 0).into())
        .await
        .unwrap();
    let (_directory, path) = files(sandbox.address(), "info");
    let process = tokio::task::spawn_blocking(move || Process::start(&path))
        .await
        .unwrap();
    let alice = Client::new(process.listeners[0], "token-alice");
    alice
        .upload_zeros("/v1/rooms/r1/files?name=a.bin", 1 << 20)
        .await
        .expect(201);
    let before = process.memory_max();

    let file = alice
        .upload_zeros("/v1/rooms/r1/files?name=b.bin", FILE_BYTES)
        .await
        .expect(201)
        .json();
    assert_eq!(file["size"], FILE_BYTES);
    let path = file["url"].as_str().unwrap().to_owned();
    assert_eq!(alice.count_bytes(&path).await, FILE_BYTES);

    // Somebody who asks and does not read holds up the upstream, not the gateway's memory.
    let mut slow = Vec::new();
    for _ in 0..4 {
        slow.push(
            alice
                .open(Method::GET, &path, &[], Full::default().boxed_unsync())
                .await,
        );
    }
    alice
        .post(
            "/v1/rooms/r1/messages",
            json!({"content": {"type": "text", "text": "hi"}}),
        )
        .await
        .expect(201);
    let over = alice
        .upload_zeros("/v1/rooms/r1/files?name=c.bin", 1 << 20)
        .await;
    assert_eq!(over.status, 201, "others are served meanwhile");
    drop(slow);

    let grown = process.memory_max() - before;
    assert!(
        grown < GROWTH_BYTES_MAX,
        "{} MiB for {} MiB",
        grown >> 20,
        FILE_BYTES >> 20
    );
}
