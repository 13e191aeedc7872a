//! The README's first five minutes, taken at its word: its files are written down, its commands are
//! run, and what it says they mean is tried.

use std::path::Path;
use std::process::{Command, Stdio};

use borderpost::sandbox::{Running, Sandbox, World};
use serde_json::json;
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use super::markdown::{Page, pages, root};
use super::process::Process;
use super::support::{Client, Reply};
use super::town::{GLOBEX, Town};

/// The commands that are run elsewhere: by whoever builds, and in CI.
const RUN_ELSEWHERE: [&str; 1] = ["scripts/test"];

fn readme() -> Page {
    let mut pages = pages().into_iter();
    pages
        .find(|page| page.path == "README.md")
        .expect("a README")
}

/// The block that starts so.
fn block(page: &Page, start: &str) -> String {
    let found = page
        .blocks
        .iter()
        .find(|block| block.text.starts_with(start));
    found.expect("a block that starts so").text.clone()
}

/// The README's files in a directory; the ports are any that are free, and the upstream is there.
fn files(page: &Page, upstream: &Running) -> TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let config = directory.path().join("config");
    std::fs::create_dir_all(config.join("policy")).expect("a directory");
    std::fs::create_dir(config.join("dialects")).expect("a directory");
    let gateway = block(page, "listeners:")
        .replace("127.0.0.1:7700", "127.0.0.1:0")
        .replace("127.0.0.1:7800", &upstream.address().to_string());
    let gateway = format!("{gateway}admin: {{ address: 127.0.0.1:0 }}\nlog: {{ format: json }}\n");
    let dialect = std::fs::read_to_string(root().join("config/dialects/plain.yaml"));
    for (path, text) in [
        ("gateway.yaml", gateway),
        ("policy/acme.yaml", block(page, "company:")),
        ("dialects/plain.yaml", dialect.expect("a dialect")),
    ] {
        std::fs::write(config.join(path), text).expect("a file");
    }
    directory
}

/// The README's commands, in its order.
fn commands(page: &Page) -> Vec<String> {
    let consoles = page.blocks.iter().filter(|block| block.kind == "console");
    let lines = consoles.flat_map(|block| block.text.lines());
    lines
        .filter_map(|line| line.strip_prefix("$ ").map(str::to_owned))
        .collect()
}

/// Runs the program to its end; it must go well.
async fn ends_well(directory: &Path, arguments: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_borderpost"));
    command
        .current_dir(directory)
        .env_remove("BORDERPOST_CONFIG")
        .args(arguments)
        .stdin(Stdio::null());
    let done = spawn_blocking(move || command.output()).await.unwrap();
    let done = done.expect("the program starts");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{arguments:?}: {said}");
}

/// What a line of `curl` asks for, and what is sought in the answer.
fn curl(line: &str) -> (String, String) {
    let (curl, sought) = line.split_once(" | grep ").unwrap_or((line, ""));
    let (_, path) = curl
        .split_once("127.0.0.1:9901")
        .expect("the admin listener");
    (path.to_owned(), sought.to_owned())
}

#[tokio::test]
async fn every_command_of_the_readme_goes_well() {
    let page = readme();
    let nowhere = ([127, 0, 0, 1], 0).into();
    let sandbox = Sandbox::new(World::seeded()).start(nowhere).await.unwrap();
    let directory = files(&page, &sandbox);
    let mut running: Option<Process> = None;
    for line in commands(&page) {
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["cargo", "run", "--release", "--", "demo"] => {
                let once = ["demo", "--once", "--listen", "127.0.0.1:0"];
                ends_well(directory.path(), &once).await;
            }
            ["borderpost", "run"] => {
                let path = directory.path().join("config/gateway.yaml");
                let process = spawn_blocking(move || Process::start(&path)).await.unwrap();
                let alice = Client::new(process.listeners[0], "token-alice");
                hello(&alice, "r2").await.expect(201);
                running = Some(process);
            }
            ["borderpost", arguments @ ..] => ends_well(directory.path(), arguments).await,
            ["curl", "-s", ..] => {
                let admin = running.as_ref().expect("`run` stands before it").admin;
                let (path, sought) = curl(&line);
                let admin = Client::new(admin, "");
                let answered = async {
                    loop {
                        let reply = admin.get(&path).await;
                        // The first probe of the upstream is made beside the listener.
                        if reply.status.is_success() {
                            return reply.text();
                        }
                        tokio::task::yield_now().await;
                    }
                };
                let told = tokio::time::timeout(super::support::PATIENCE, answered).await;
                let told = told.unwrap_or_else(|_| panic!("`{line}` is not answered"));
                assert!(told.contains(&sought), "`{line}`: {told}");
            }
            _ => assert!(RUN_ELSEWHERE.contains(&line.as_str()), "who runs `{line}`?"),
        }
    }
    assert!(
        running.is_some(),
        "the README does not say `borderpost run`"
    );
}

async fn hello(client: &Client, room: &str) -> Reply {
    let words = json!({"content": {"type": "text", "text": "hello"}});
    client
        .post(&format!("/v1/rooms/{room}/messages"), words)
        .await
}

/// The rows of the table that says what the first policy means.
fn meanings(page: &Page) -> Vec<(String, String)> {
    let lines = page.prose.iter().map(|(_, line)| line.as_str());
    let lines = lines.skip_while(|line| !line.starts_with("What it means now"));
    let table = lines.skip(1).skip_while(|line| line.is_empty());
    let rows = table.take_while(|line| line.starts_with('|')).skip(2);
    let cells = |line: &str| -> Option<(String, String)> {
        let (what, comes) = line.trim_matches('|').split_once('|')?;
        Some((what.trim().to_owned(), comes.trim().to_owned()))
    };
    rows.filter_map(cells).collect()
}

#[tokio::test]
async fn the_first_policy_means_what_the_readme_says() {
    let page = readme();
    let gateway = block(&page, "listeners:");
    let networks = &gateway[gateway.find("networks:").expect("networks")..];
    let policies = [block(&page, "company:"), GLOBEX.to_owned()];
    let mut world = World::seeded();
    world.room(Some("Berth 9"), &["alice", "carol", "line:mei"]);
    let town = Town::with(world, &policies.each_ref().map(String::as_str), networks).await;
    let rows = meanings(&page);
    assert_eq!(rows.len(), 5, "{rows:?}");
    for (what, comes) in &rows {
        match what.as_str() {
            "Alice writes to a LINE user" => passes_byte_for_byte(&town, comes).await,
            "Alice sends them a photo, a contact card, a drive link, a file" => {
                attachments_are_refused(&town, comes).await;
            }
            "Carol writes to a LINE user" => {
                let reply = hello(&town.client("carol"), "r8").await.expect(403);
                assert!(comes.contains(reply.json()["error"]["code"].as_str().unwrap()));
            }
            "Carol looks at her rooms" => {
                assert_eq!(comes, "those with LINE users are not there");
                let rooms = town.client("carol").get("/v1/rooms").await.expect(200);
                assert!(!rooms.text().contains("Berth 9"), "{}", rooms.text());
                assert!(rooms.text().contains("Acme lobby"), "{}", rooms.text());
            }
            "a LINE user looks at a room that Carol is in" => carol_is_unknown(&town, comes).await,
            other => panic!("who tries that {other}?"),
        }
    }
}

async fn passes_byte_for_byte(town: &Town, comes: &str) {
    assert_eq!(comes, "passes, byte for byte");
    let sent = hello(&town.client("alice"), "r2").await.expect(201).json();
    let path = format!("/v1/messages/{}", sent["id"].as_str().unwrap());
    let arrived = town.behind("line:mei").get(&path).await.expect(200);
    assert_eq!(
        arrived.json()["content"],
        json!({"type": "text", "text": "hello"})
    );
}

async fn attachments_are_refused(town: &Town, comes: &str) {
    let (alice, behind) = (town.client("alice"), town.behind("alice"));
    let mut ids = Vec::new();
    for (name, media_type) in [("a.jpg", "image/jpeg"), ("a.pdf", "application/pdf")] {
        let path = format!("/v1/rooms/r2/files?name={name}");
        let file = behind.upload(&path, media_type, b"bytes").await.expect(201);
        ids.push(file.json()["id"].clone());
        refused(alice.upload(&path, media_type, b"bytes").await, comes);
    }
    for content in [
        json!({"type": "image", "file": ids[0]}),
        json!({"type": "file", "file": ids[1]}),
        json!({"type": "contact", "card": {"name": "Harbour Office"}}),
        json!({"type": "drive", "name": "Plans", "item": "d1"}),
    ] {
        let message = json!({"content": content});
        refused(alice.post("/v1/rooms/r2/messages", message).await, comes);
    }
}

fn refused(reply: Reply, comes: &str) {
    let code = reply.expect(403).json()["error"]["code"].clone();
    assert_eq!(comes, format!("refused: `{}`", code.as_str().unwrap()));
}

async fn carol_is_unknown(town: &Town, comes: &str) {
    assert_eq!(
        comes,
        "Carol is `unknown`, without name, mail, phone or picture"
    );
    let room = town
        .client("line:mei")
        .get("/v1/rooms/r8")
        .await
        .expect(200);
    let members = room.json()["members"].clone();
    let carol = &members[1];
    assert_eq!(carol["name"], "unknown", "{members}");
    for key in ["mail", "phone", "picture"] {
        assert!(carol[key].is_null(), "{members}");
    }
    let text = room.text().to_lowercase();
    assert!(
        !text.contains("carol") && text.contains("alice kim"),
        "{text}"
    );
}
