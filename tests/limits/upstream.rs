//! How long the upstream may take, and how much of it may be taken.

use std::io::{BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::Duration;

use borderpost::gateway::limit::Limit;

use super::gate::Gate;
use super::kit::{Recorder, answer, read_head, serve_raw};
use super::post::{answer_to, get};

#[test]
fn the_time_to_connect() {
    // A full accept queue leaves further connections unanswered.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    let any: std::net::SocketAddr = "127.0.0.1:0".parse().unwrap();
    socket.bind(&any.into()).unwrap();
    socket.listen(0).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let mut held = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
        held.push(stream);
    }
    let gate = Gate::before(address, "waits: { upstream_connect: 100ms }");
    assert_eq!(gate.ask(get("/v1/rooms/r1")).status, 504);
    assert_eq!(gate.hits(Limit::UpstreamConnect), 1);
}

#[test]
fn the_time_to_the_first_byte() {
    let upstream = serve_raw(|_, mut stream| {
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let gate = Gate::before(upstream, "waits: { upstream_first_byte: 100ms }");
    assert_eq!(gate.ask(get("/v1/rooms/r1")).status, 504);
    assert_eq!(gate.hits(Limit::UpstreamFirstByte), 1);
}

#[test]
fn the_time_between_parts_of_an_answer() {
    let upstream = serve_raw(|_, mut stream| {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        while read_head(&mut reader).is_some() {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf");
        }
    });
    let gate = Gate::before(upstream, "waits: { upstream_idle: 100ms }");
    assert_eq!(gate.ask(get("/v1/rooms/r1")).status, 502);
    assert_eq!(gate.hits(Limit::UpstreamIdle), 1);
}

#[test]
fn the_time_that_a_connection_waits_for_use() {
    let (gone, told) = channel();
    let gone = Mutex::new(gone);
    let upstream = serve_raw(move |_, mut stream| {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        while let Some(head) = read_head(&mut reader) {
            let recorded = super::kit::Recorded {
                connection: 0,
                head,
                body: Vec::new(),
            };
            answer(&mut stream, &answer_to(&recorded));
        }
        gone.lock().unwrap().send(()).unwrap();
    });
    let gate = Gate::before(upstream, "waits: { upstream_keep_alive: 50ms }");
    assert_eq!(gate.ask(get("/v1/rooms/r1")).status, 200);
    told.recv_timeout(super::kit::PATIENCE)
        .expect("it is closed");
    gate.comes_to(Limit::UpstreamKeepAlive, 1);
}

#[test]
fn connections_to_the_upstream() {
    let (go, wait) = channel::<()>();
    let wait = Mutex::new(wait);
    let recorder = Recorder::start(move |request, stream| {
        if request.request_line().contains("/v1/rooms/r1held ") {
            let _ = wait.lock().unwrap().recv();
        }
        answer(stream, &answer_to(request))
    });
    let upstream = recorder.address;
    let more = "waits: { upstream_connect: 200ms }";
    let gate = Gate::before_with_upstream(upstream, "connections_max: 1", more);
    assert_eq!(gate.ask(get("/v1/rooms/r1")).status, 200);
    let mut holder = gate.connect();
    holder.send(get("/v1/rooms/r1held"));
    while !recorder.next().request_line().contains("/v1/rooms/r1held ") {}
    assert_eq!(gate.hits(Limit::UpstreamConnections), 0);
    assert_eq!(gate.ask(get("/v1/rooms/r1")).status, 503);
    assert_eq!(gate.hits(Limit::UpstreamConnections), 1);
    go.send(()).unwrap();
    assert_eq!(holder.read().status, 200);
}
