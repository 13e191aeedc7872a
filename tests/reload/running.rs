//! Reload, start and end of the real process.

use std::net::TcpListener;
use std::time::Duration;

use borderpost::sandbox::{Running, Sandbox, World};
use http::Method;

use crate::files::{Fault, Files, Policy};
use crate::process::{Process, command};
use crate::support::Client;

async fn sandbox() -> Running {
    Sandbox::new(World::seeded())
        .start(([127, 0, 0, 1], 0).into())
        .await
        .expect("a sandbox")
}

/// Waits on a thread of its own, since the sandbox lives on this one.
async fn wait(mut process: Process, message: &'static str) -> (Process, serde_json::Value) {
    let waited = tokio::task::spawn_blocking(move || {
        let line = process.wait_for(message);
        (process, line)
    });
    waited.await.expect("the line comes")
}

async fn start(files: &Files) -> Process {
    let gateway = files.gateway();
    tokio::task::spawn_blocking(move || Process::start(&gateway))
        .await
        .expect("it starts")
}

/// On which policy the process answers.
async fn policy(process: &Process) -> Policy {
    let alice = Client::new(process.listeners[0], "token-alice");
    match alice.get("/v1/rooms/r2").await.status.as_u16() {
        200 => Policy::A,
        404 => Policy::B,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_change_of_files_is_applied_and_a_fault_is_not() {
    let sandbox = sandbox().await;
    let files = Files::new(sandbox.address());
    let process = start(&files).await;
    assert_eq!(policy(&process).await, Policy::A);

    files.put("policy/acme.yaml", &Policy::B.yaml());
    let (process, _) = wait(process, "reload applied").await;
    assert_eq!(policy(&process).await, Policy::B);

    files.write(Policy::A, Some(Fault::UnknownKey));
    let (process, line) = wait(process, "reload refused: the running policy stays").await;
    let first = line["first"].as_str().unwrap();
    assert!(
        first.contains("acme.yaml:7:1") && first.contains("extrenal"),
        "{first}"
    );
    assert_eq!(policy(&process).await, Policy::B);

    files.put_by_renaming("policy/acme.yaml", &Policy::A.yaml());
    let (process, _) = wait(process, "reload applied").await;
    assert_eq!(policy(&process).await, Policy::A);

    files.put_by_renaming("policy/acme.yaml", &Policy::B.yaml());
    let (process, _) = wait(process, "reload applied").await;
    assert_eq!(
        policy(&process).await,
        Policy::B,
        "the file is still watched after it was replaced"
    );
}

#[tokio::test]
async fn a_file_that_is_new_is_applied() {
    let sandbox = sandbox().await;
    let files = Files::new(sandbox.address());
    let process = start(&files).await;
    let grace = Client::new(process.listeners[0], "token-grace");
    let carol = Client::new(process.listeners[0], "token-carol");
    assert!(
        !carol
            .get("/v1/boards/b1")
            .await
            .text()
            .contains("Grace Sato"),
        "nobody knows Globex"
    );
    let open = "external_messaging: { works: { connect: allow, permission: all_members } }\n";
    files.put(
        "policy/globex.yaml",
        &format!("company: globex\nname: Globex\nmembers: [grace]\n{open}"),
    );
    let (process, _) = wait(process, "reload applied").await;
    assert!(
        carol
            .get("/v1/boards/b1")
            .await
            .expect(200)
            .text()
            .contains("Grace Sato")
    );

    let shut = "external_messaging: { works: { connect: deny } }\n";
    files.put(
        "policy/globex.yaml",
        &format!("company: globex\nname: Globex\nmembers: [grace]\n{shut}"),
    );
    let (process, _) = wait(process, "reload applied").await;
    grace.get("/v1/boards/b1").await.expect(404);
    drop(process);
}

#[tokio::test]
async fn a_file_that_was_missed_is_applied_when_it_comes() {
    let sandbox = sandbox().await;
    let files = Files::new(sandbox.address());
    let process = start(&files).await;
    files.write(Policy::B, Some(Fault::MissingFile));
    let (process, _) = wait(process, "reload refused: the running policy stays").await;
    assert_eq!(policy(&process).await, Policy::A);
    files.put("policy/nowhere.txt", "alice\nbob\ncarol\ndave\n");
    let (process, _) = wait(process, "reload applied").await;
    assert_eq!(policy(&process).await, Policy::B);
}

#[tokio::test]
async fn a_certificate_that_is_renewed_is_applied() {
    let sandbox = sandbox().await;
    let files = Files::new(sandbox.address());
    let process = start(&files).await;
    files.write(Policy::A, Some(Fault::Certificate));
    let (process, _) = wait(process, "reload refused: the running policy stays").await;
    files.write(Policy::A, None);
    let (process, _) = wait(process, "reload applied").await;
    assert_eq!(policy(&process).await, Policy::A);
}

#[tokio::test]
async fn a_hangup_reloads() {
    let sandbox = sandbox().await;
    let files = Files::new(sandbox.address());
    let process = start(&files).await;
    process.signal("HUP");
    let (process, line) = wait(process, "reload applied").await;
    assert_eq!(line["revision"], 2);
    assert_eq!(policy(&process).await, Policy::A);
}

#[tokio::test]
async fn an_open_request_is_finished_before_the_end() {
    let sandbox = sandbox().await;
    let files = Files::new(sandbox.address());
    let process = start(&files).await;
    let alice = Client::new(process.listeners[0], "token-alice");
    // A body that is still to come holds the request open.
    let (part, parts) = tokio::sync::mpsc::unbounded_channel::<bytes::Bytes>();
    let body = futures_util::stream::unfold(parts, |mut parts| async {
        let part = parts.recv().await?;
        Some((Ok(hyper::body::Frame::data(part)), parts))
    });
    let body = http_body_util::BodyExt::boxed_unsync(http_body_util::StreamBody::new(body));
    let headers = [("content-type", "text/plain")];
    let open = tokio::spawn(async move {
        alice
            .open(
                Method::POST,
                "/v1/rooms/r1/files?name=a.txt",
                &headers,
                body,
            )
            .await
    });
    part.send(vec![b'a'; 8 << 10].into()).unwrap();
    // The stream of file events tells that the request is on its way when the rest has come.
    let watcher = Client::new(sandbox.address(), "token-bob");
    let mut events = watcher.events().await;
    tokio::time::timeout(Duration::from_secs(5), async {
        while Client::new(process.admin, "")
            .get("/metrics")
            .await
            .text()
            .lines()
            .all(|line| !line.starts_with("borderpost_lookups_total"))
        {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the request is being judged");
    process.signal("TERM");
    let (process, _) = wait(process, "draining").await;
    let address = process.listeners[0];
    part.send(vec![b'b'; 10].into()).unwrap();
    drop(part);
    assert_eq!(open.await.unwrap().status(), 201);
    assert_eq!(events.next_named("file").await.data["size"], (8 << 10) + 10);
    let (status, log) = tokio::task::spawn_blocking(move || process.end())
        .await
        .unwrap();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("\"cut_off\":0"), "{log}");
    assert!(
        std::net::TcpStream::connect(address).is_err(),
        "nobody listens any more"
    );
}

#[tokio::test]
async fn what_can_t_start_says_why() {
    let sandbox = sandbox().await;
    let files = Files::new(sandbox.address());
    let run = || command(&files.gateway()).output().expect("its end");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let gateway = std::fs::read_to_string(files.gateway()).unwrap();
    files.put(
        "gateway.yaml",
        &gateway.replacen("127.0.0.1:0", &address.to_string(), 1),
    );
    let ended = run();
    assert_eq!(ended.status.code(), Some(1), "{}", text(&ended.stderr));
    assert!(
        text(&ended.stderr).contains(&address.to_string()),
        "{}",
        text(&ended.stderr)
    );

    for (fault, code, said) in [
        (Fault::UnknownKey, 3, "acme.yaml:7:1"),
        (Fault::Yaml, 3, "acme.yaml:"),
        (Fault::Dialect, 3, "plain.yaml:"),
        (Fault::MissingDialect, 3, "nowhere.yaml"),
        (Fault::Certificate, 1, "cert.pem"),
        (Fault::NoCertificate, 3, "cert.pem"),
    ] {
        files.write(Policy::A, Some(fault));
        let ended = run();
        assert_eq!(
            ended.status.code(),
            Some(code),
            "{fault:?}: {}",
            text(&ended.stderr)
        );
        assert!(
            text(&ended.stderr).contains(said),
            "{fault:?}: {}",
            text(&ended.stderr)
        );
    }
}
