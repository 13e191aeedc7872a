//! `borderpost bench` against a gateway: what it counts. Never how long anything took.

#[path = "support/process.rs"]
mod process;
#[path = "support/mod.rs"]
mod support;
#[path = "support/town.rs"]
mod town;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::Output;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use process::Process;
use town::{ACME, GLOBEX, Town};

/// The command with these arguments.
fn bench(arguments: &[&str]) -> Output {
    std::process::Command::new(env!("CARGO_BIN_EXE_borderpost"))
        .arg("bench")
        .args(arguments)
        .output()
        .expect("the program is built")
}

#[track_caller]
fn check(done: &Output, statuses: &str, failures: &str) {
    let told = String::from_utf8_lossy(&done.stdout);
    let line = |name: &str| told.lines().find_map(|line| line.strip_prefix(name));
    assert_eq!(line("statuses  "), Some(statuses), "{done:?}");
    assert_eq!(line("failures  "), Some(failures), "{done:?}");
}

/// Forty messages of bob to one room of the seeded world, with these options besides.
async fn messages(room: &str, more: &'static [&'static str]) -> Output {
    let town = Town::new(&[ACME, GLOBEX]).await;
    let url = format!("http://{}/v1/rooms/{room}/messages", town.address);
    let sent = tokio::task::spawn_blocking(move || {
        let message = [
            url.as_str(),
            "--connections=4",
            "--requests=40",
            "--for=60s",
            "-H=authorization: Bearer token-bob",
            "-H=content-type: application/json",
            r#"-d={"content":{"type":"text","text":"Hello"}}"#,
        ];
        bench(&[&message[..], more].concat())
    });
    sent.await.expect("it ran")
}

#[tokio::test]
async fn every_message_is_answered_over_http_1() {
    check(&messages("r1", &[]).await, "201: 40", "none");
}

#[tokio::test]
async fn every_message_is_answered_over_http_2() {
    check(&messages("r1", &["--http2"]).await, "201: 40", "none");
}

#[tokio::test]
async fn what_the_policy_refuses_is_counted_as_what_it_is() {
    check(&messages("r2", &[]).await, "403: 40", "none");
}

#[tokio::test]
async fn a_fixed_rate_sends_as_many_as_are_due() {
    let done = messages("r1", &["--rate=400"]).await;
    check(&done, "201: 40", "none");
    let told = String::from_utf8_lossy(&done.stdout);
    assert!(told.starts_with("4 connections, HTTP/1.1, 400 requests a second, latency from when"));
}

#[test]
fn a_connection_that_is_closed_between_answers_is_no_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut head = BufReader::new(&stream).lines().map_while(Result::ok);
            head.find(String::is_empty);
            let answer = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
            (&stream).write_all(answer).expect("it listens");
        }
    });
    let done = bench(&[&url, "--connections=1", "--requests=5"]);
    check(&done, "204: 5", "none");
}

#[test]
fn nobody_there_is_a_failure() {
    let done = bench(&["http://127.0.0.1:1/", "--connections=1", "--requests=3"]);
    check(&done, "none", "no connection: 3");
    assert_eq!(done.status.code(), Some(1));
}

#[test]
fn an_authority_is_needed_for_https() {
    let folder = tempfile::tempdir().expect("a directory");
    let path = |name: &str| folder.path().join(name);
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = || KeyPair::generate().expect("a key");
    let issuer = CertifiedIssuer::self_signed(params, key()).expect("an authority");
    let own_key = key();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()])
        .and_then(|params| params.signed_by(&own_key, &issuer))
        .expect("a certificate");
    std::fs::create_dir(path("policy")).expect("a directory");
    for (name, text) in [
        ("ca.pem", issuer.pem()),
        ("server.pem", certificate.pem()),
        ("server.key", own_key.serialize_pem()),
        ("plain.yaml", town::PLAIN.to_owned()),
        ("policy/acme.yaml", ACME.to_owned()),
        ("gateway.yaml", GATEWAY.to_owned()),
    ] {
        std::fs::write(path(name), text).expect("a file");
    }
    let gateway = Process::start(&path("gateway.yaml"));
    let url = format!("https://localhost:{}/nowhere", gateway.listeners[0].port());
    let authorities = format!("--authorities={}", path("ca.pem").display());
    let request = [url.as_str(), "--connections=2", "--requests=6"];
    for more in [&[][..], &["--http2"]] {
        let known = bench(&[&request[..], &[authorities.as_str()], more].concat());
        check(&known, "404: 6", "none");
    }
    let other = format!("--authorities={}", path("server.pem").display());
    check(
        &bench(&[&request[..], &[other.as_str()]].concat()),
        "none",
        "no connection: 6",
    );
}

const GATEWAY: &str = "
listeners: [{ address: \"127.0.0.1:0\", tls: { certificate: server.pem, key: server.key } }]
upstream: { url: \"http://127.0.0.1:1\" }
dialect: plain.yaml
networks:
  line: { people: [\"line:*\"] }
  works: { between_companies: true }
admin: { address: \"127.0.0.1:0\" }
log: { format: json }
";
