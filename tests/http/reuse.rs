//! Which connection to the upstream serves a second request. One on which anything was odd is closed:
//! what is left on it could be taken for the answer to somebody else's request (threat model, 6.1).
//!
//! The upstream here would happily go on: it stays on the connection, and answers whatever comes on
//! it. So a gateway that used it again would be seen to.

use std::io::{BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use borderpost::gateway::settings::Settings;

use super::kit::{Client, Gateway, PATIENCE, answer, fields, read_head, serve_raw, settings};

const GET: &str = "GET /second HTTP/1.1\r\nHost: a\r\n\r\n";
/// A request whose body goes on, and on which the upstream says its word early.
const HALF: &str = "POST /first HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nhalf";

/// An upstream that says `first` to the first request on each connection as soon as it has its head,
/// and `c` with the connection's number to every other.
struct Stub {
    gateway: Gateway,
    /// Told when a connection has ended.
    ended: Receiver<usize>,
}

impl Stub {
    fn saying(first: &'static str) -> Self {
        Self::with(first, |_| {})
    }

    fn with(first: &'static str, change: impl FnOnce(&mut Settings)) -> Self {
        let (end, ended) = channel();
        let end = Mutex::new(end);
        let upstream = serve_raw(move |connection, stream| {
            serve(connection, stream, first);
            let _ = end.lock().unwrap().send(connection);
        });
        let mut settings = settings(upstream);
        change(&mut settings);
        Self {
            gateway: Gateway::start(settings),
            ended,
        }
    }

    /// The connection on which a further request arrives.
    #[track_caller]
    fn second(&self) -> String {
        let answer = self.gateway.connect().send(GET).read();
        assert_eq!(answer.status, 200);
        answer.text().to_owned()
    }

    /// The first connection has served its request, and is left.
    #[track_caller]
    fn is_left(&self) {
        assert_eq!(self.second(), "c1", "the first connection was used again");
        let ended = self.ended.recv_timeout(PATIENCE);
        assert_eq!(ended, Ok(0), "the first connection is closed");
    }
}

fn serve(connection: usize, mut stream: TcpStream, first: &str) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some(head) = read_head(&mut reader) {
        if head.contains(" /first ") {
            answer(&mut stream, first);
            // What is left of the body is read as a body, so that the next head is one.
            let length = fields(&head, "content-length")
                .first()
                .map_or(0, |length| length.parse().unwrap());
            if reader.read_exact(&mut vec![0; length]).is_err() {
                return;
            }
        } else {
            let said = format!("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nc{connection}");
            answer(&mut stream, &said);
        }
    }
}

fn first(stub: &Stub) -> Client {
    let mut client = stub.gateway.connect();
    client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n");
    client
}

#[test]
fn the_stub_would_go_on() {
    let stub = Stub::saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    assert_eq!(first(&stub).read().text(), "ok");
    assert_eq!(stub.second(), "c0");
    let mut client = stub.gateway.connect();
    client.send("POST /first HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nall of it");
    assert_eq!(client.read().text(), "ok");
    assert_eq!(stub.second(), "c0");
}

#[test]
fn an_answer_before_the_request_was_sent() {
    for early in [
        "HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nno",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n",
    ] {
        let stub = Stub::saying(early);
        let mut client = stub.gateway.connect();
        assert_ne!(client.send(HALF).read().status, 502, "{early:?}");
        // The rest comes after the answer: nobody may take it for a request.
        client.send("rest");
        stub.is_left();
    }
}

#[test]
fn an_answer_that_its_client_did_not_read() {
    // Far more than all buffers on the way together.
    let (go, wait) = channel::<()>();
    let wait = Mutex::new(Some(wait));
    let (end, ended) = channel();
    let end = Mutex::new(end);
    let upstream = serve_raw(move |connection, mut stream| {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        read_head(&mut reader).unwrap();
        if connection > 0 {
            answer(
                &mut stream,
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nc1",
            );
            return;
        }
        answer(
            &mut stream,
            "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf",
        );
        // The rest comes when the client has left.
        let wait = wait.lock().unwrap().take().unwrap();
        let _ = wait.recv_timeout(PATIENCE);
        let _ = stream.write_all(b"rest");
        let _ = end.lock().unwrap().send(read_head(&mut reader));
    });
    let gateway = Gateway::start(settings(upstream));
    let mut client = gateway.connect();
    client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n");
    client.read_head();
    drop(client);
    while gateway.running.connections() > 0 {
        std::thread::yield_now();
    }
    go.send(()).unwrap();
    assert_eq!(gateway.connect().send(GET).read().text(), "c1");
    assert_eq!(ended.recv_timeout(PATIENCE), Ok(None), "it is closed");
}

#[test]
fn bytes_behind_an_answer() {
    for behind in [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokx",
        "HTTP/1.1 204 No Content\r\n\r\nbody",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nbody",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n0\r\n\r\n",
    ] {
        let stub = Stub::saying(behind);
        assert_ne!(first(&stub).read().status, 502, "{behind:?}");
        stub.is_left();
    }
}

#[test]
fn a_body_that_head_has_not_asked_for() {
    let stub = Stub::saying("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody");
    let mut client = stub.gateway.connect();
    client.send("HEAD /first HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(fields(&client.read_head(), "content-length"), ["4"]);
    stub.is_left();
}

#[test]
fn trailers_of_an_answer_end_here() {
    let stub = Stub::saying(
        "HTTP/1.1 200 OK\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-T: Secret\r\n\r\n",
    );
    let mut client = stub.gateway.connect();
    client.send("GET /first HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: TE, close\r\n\r\n");
    let read = String::from_utf8(client.read_to_end()).unwrap();
    assert!(read.ends_with("\r\n2\r\nok\r\n0\r\n\r\n"), "{read:?}");
    assert!(!read.to_lowercase().contains("trailer:"), "{read:?}");
    assert_eq!(stub.second(), "c0", "nothing was odd");
}

#[test]
fn a_connection_that_the_upstream_says_it_ends() {
    for said in [
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nConnection: X, Close\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ] {
        let stub = Stub::saying(said);
        assert_eq!(first(&stub).read().text(), "ok", "{said:?}");
        stub.is_left();
    }
}

#[test]
fn a_head_with_two_readings() {
    for said in [
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\r\nBad Header: x\r\n\r\n",
        "HTTP/1.1 102 Processing\r\nContent-Length: 99\r\n\r\nSecret",
    ] {
        let stub = Stub::saying(said);
        assert_eq!(first(&stub).read().status, 502, "{said:?}");
        stub.is_left();
    }
}

#[test]
fn informational_answers_are_not_the_answer() {
    let stub = Stub::saying(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    );
    assert_eq!(first(&stub).read().text(), "ok");
    assert_eq!(stub.second(), "c0", "nothing was odd");
}

#[test]
fn an_answer_that_stops() {
    let stub = Stub::with(
        "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf",
        |settings| {
            settings.waits.upstream_idle = Duration::from_millis(100);
        },
    );
    assert!(first(&stub).read_to_end().ends_with(b"half"));
    stub.is_left();
}

#[test]
fn no_answer_in_time() {
    let stub = Stub::with("", |settings| {
        settings.waits.upstream_first_byte = Duration::from_millis(100);
    });
    assert_eq!(first(&stub).read().status, 504);
    stub.is_left();
}

#[test]
fn chunks_that_are_none() {
    for chunks in ["2\r\nokX", "zz\r\nok\r\n0\r\n\r\n", "2\r\nok\r\n-0\r\n\r\n"] {
        let said: &'static str = Box::leak(
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}")
                .into_boxed_str(),
        );
        let stub = Stub::saying(said);
        let read = first(&stub).read_to_end();
        assert!(!read.ends_with(b"0\r\n\r\n"), "it does not look whole");
        stub.is_left();
    }
}

#[test]
fn a_client_that_gives_its_request_up() {
    let stub = Stub::saying("");
    let mut client = stub.gateway.connect();
    client.send(HALF);
    drop(client);
    assert_eq!(stub.second(), "c1");
}
