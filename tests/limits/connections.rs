//! How many clients there may be, and how long each thing may take them.

use std::time::Duration;

use borderpost::gateway::limit::Limit;

use super::gate::Gate;
use super::kit::{Client, Recorder, answer, serve_raw};
use super::post::{answer_to, get, request};

/// A client that was served, and holds its connection.
#[track_caller]
fn served(gate: &Gate) -> Client {
    let mut client = gate.connect();
    assert_eq!(client.send(get("/v1/rooms/r1")).read().status, 200);
    client
}

#[test]
fn connections_in_all() {
    let gate = Gate::with("limits: { connections_max: 3 }\ntrusted_proxies: [127.0.0.1]");
    let _held: Vec<Client> = (0..3).map(|_| served(&gate)).collect();
    assert_eq!(gate.hits(Limit::Connections), 0);
    assert_eq!(gate.ask(get("/v1/rooms/r1")).status, 503);
    assert_eq!(gate.hits(Limit::Connections), 1);
}

#[test]
fn connections_of_one_address() {
    let gate = Gate::with("limits: { connections_per_address_max: 3 }");
    let _held: Vec<Client> = (0..3).map(|_| served(&gate)).collect();
    assert_eq!(gate.hits(Limit::ConnectionsPerAddress), 0);
    assert_eq!(gate.ask(get("/v1/rooms/r1")).status, 503);
    assert_eq!(gate.hits(Limit::ConnectionsPerAddress), 1);
    assert_eq!(gate.hits(Limit::Connections), 0);
}

#[test]
fn the_time_for_a_head() {
    let gate = Gate::with("waits: { head: 100ms }");
    drop(served(&gate));
    assert_eq!(gate.hits(Limit::HeadWait), 0);
    assert_eq!(gate.ask("GET /v1/rooms/r1 HTTP/1.1\r\n").status, 408);
    assert_eq!(gate.hits(Limit::HeadWait), 1, "an unfinished head");
    assert!(gate.connect().read_to_end().is_empty());
    assert_eq!(gate.hits(Limit::HeadWait), 2, "no head at all");
}

#[test]
fn the_time_between_parts_of_a_body() {
    let gate = Gate::with("waits: { body_idle: 100ms }");
    let mut half = request("POST", "/v1/rooms/r1/files?name=a.bin", &[], b"whole");
    assert_eq!(gate.ask(&half).status, 200);
    assert_eq!(gate.hits(Limit::BodyIdle), 0);
    half.pop();
    assert_eq!(gate.ask(&half).status, 408);
    assert_eq!(gate.hits(Limit::BodyIdle), 1);
}

#[test]
fn the_time_to_take_an_answer() {
    let upstream = Recorder::start(|request, stream| {
        if !request.request_line().contains("/files/") || request.request_line().contains("/info") {
            return answer(stream, &answer_to(request));
        }
        let part = vec![0; 64 << 10];
        answer(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-length: 100000000000\r\n\r\n",
        );
        while std::io::Write::write_all(stream, &part).is_ok() {}
        false
    });
    let gate = Gate::before(upstream.address, "waits: { write: 200ms }");
    drop(served(&gate));
    assert_eq!(gate.hits(Limit::Write), 0);
    let mut client = gate.connect();
    client.send(get("/v1/files/f1"));
    gate.comes_to(Limit::Write, 1);
}

#[test]
fn the_time_between_requests() {
    let gate = Gate::with("waits: { keep_alive: 100ms }");
    let mut client = served(&gate);
    assert!(client.read_to_end().is_empty());
    assert_eq!(gate.hits(Limit::KeepAlive), 1);
    assert_eq!(gate.hits(Limit::HeadWait), 0);
}

#[test]
fn the_time_to_end_in() {
    let upstream = serve_raw(|_, mut stream| {
        let _ = std::io::Read::read_to_end(&mut stream, &mut Vec::new());
    });
    let gate = Gate::before(upstream, "");
    let mut stuck = gate.connect();
    stuck.send(get("/v1/rooms/r1"));
    while gate.app.server.connections() == 0 {
        std::thread::yield_now();
    }
    let meters = gate.app.parts.meters.clone();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let drain = gate.app.server.drain(Duration::from_millis(100));
    assert_eq!(runtime.block_on(drain), 1);
    assert_eq!(super::gate::hits(&meters, Limit::Drain), 1);
}
