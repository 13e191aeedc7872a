//! The upstream misbehaves, or is used again: what a client gets, and which connections are kept.

use std::io::{BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use borderpost::gateway::settings::UpstreamHttp;

use super::kit::{
    Client, Gateway, OK, Recorder, answer, fields, read_head, relay, serve_raw, settings,
};

const GET: &str = "GET /r HTTP/1.1\r\nHost: a\r\n\r\n";

/// An upstream that reads one head and writes this, then closes.
fn saying(bytes: &'static str) -> Gateway {
    let upstream = serve_raw(move |_, mut stream| {
        read_head(&mut BufReader::new(stream.try_clone().unwrap()));
        let _ = stream.write_all(bytes.as_bytes());
    });
    Gateway::start(settings(upstream))
}

#[track_caller]
fn check_fault(bytes: &'static str, status: u16, fault: &str) {
    let gateway = saying(bytes);
    let mut client = gateway.connect();
    let answer = client.send(GET).read();
    assert_eq!((answer.status, answer.text()), (status, fault), "{bytes:?}");
    let answer = client.send(GET).read();
    assert_eq!(
        answer.status, status,
        "the client's own connection is kept: {bytes:?}"
    );
}

#[test]
fn an_answer_that_is_none() {
    for (bytes, fault) in [
        ("", "Closed"),
        ("HTTP/1.1 20", "Closed"),
        ("HTTP/1.1 200 OK\r\nContent-Le", "Closed"),
        ("SSH-2.0-OpenSSH_9.6\r\n\r\n", "Garbage"),
        ("<html>\r\n\r\n", "Garbage"),
        ("HTTP/3.0 200 OK\r\n\r\n", "Garbage"),
        ("HTTP/1.1 2000 OK\r\n\r\n", "Garbage"),
        ("HTTP/1.1 200 OK\r\nBad Header: 1\r\n\r\n", "Garbage"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok",
            "Garbage",
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nok", "Garbage"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "Garbage",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok",
            "Garbage",
        ),
        (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
            "Garbage",
        ),
    ] {
        check_fault(bytes, 502, fault);
    }
}

#[test]
fn nobody_listens() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let gateway = Gateway::start(settings(free));
    let answer = gateway.connect().send(GET).read();
    assert_eq!((answer.status, answer.text()), (502, "Refused"));
    // It recovers by itself when somebody does.
    let listener = TcpListener::bind(free).unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        read_head(&mut BufReader::new(stream.try_clone().unwrap()));
        answer_ok(&mut stream);
    });
    assert_eq!(gateway.connect().send(GET).read().text(), "ok");
}

fn answer_ok(stream: &mut TcpStream) {
    answer(stream, OK);
}

#[test]
fn an_upstream_that_says_nothing_gets_504() {
    let upstream = serve_raw(|_, mut stream| {
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let mut settings = settings(upstream);
    settings.waits.upstream_first_byte = Duration::from_millis(150);
    let gateway = Gateway::start(settings);
    let mut client = gateway.connect();
    let answer = client.send(GET).read();
    assert_eq!((answer.status, answer.text()), (504, "FirstByteTimeout"));
    client.send("POST /r HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
    assert_eq!(client.read().status, 504);
}

#[test]
fn an_upstream_that_takes_no_connection_gets_504() {
    // A full accept queue leaves further connections unanswered.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    let any: std::net::SocketAddr = "127.0.0.1:0".parse().unwrap();
    socket.bind(&any.into()).unwrap();
    socket.listen(0).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let wait = Duration::from_millis(200);
    let mut held = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, wait) {
        held.push(stream);
    }
    let mut settings = settings(address);
    settings.waits.upstream_connect = Duration::from_millis(150);
    let gateway = Gateway::start(settings);
    let answer = gateway.connect().send(GET).read();
    assert_eq!((answer.status, answer.text()), (504, "ConnectTimeout"));
}

#[test]
fn an_answer_that_is_cut_short_is_seen_to_be() {
    for bytes in [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ] {
        let gateway = saying(bytes);
        let mut client = gateway.connect();
        let read = String::from_utf8(client.send(GET).read_to_end()).unwrap();
        assert!(
            read.starts_with("HTTP/1.1 200 OK\r\n") && read.contains("half"),
            "{read:?}"
        );
        assert!(
            !read.ends_with("0\r\n\r\n"),
            "it does not look whole: {read:?}"
        );
    }
}

#[test]
fn an_answer_that_stops_is_cut_off() {
    let upstream = serve_raw(|_, mut stream| {
        read_head(&mut BufReader::new(stream.try_clone().unwrap()));
        answer(
            &mut stream,
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        );
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let mut settings = settings(upstream);
    settings.waits.upstream_idle = Duration::from_millis(150);
    let gateway = Gateway::start(settings);
    let read = gateway.connect().send(GET).read_to_end();
    assert!(read.ends_with(b"half"));
}

#[test]
fn connections_are_used_again() {
    let (gateway, recorder) = relay();
    for _ in 0..3 {
        let mut client = gateway.connect();
        for _ in 0..3 {
            assert_eq!(client.send(GET).read().text(), "ok");
            assert_eq!(recorder.next().connection, 0);
        }
    }
}

#[test]
fn the_connection_used_last_is_used_next() {
    let recorder = Recorder::start(|recorded, stream| {
        answer(
            stream,
            &format!(
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{}",
                recorded.connection
            ),
        )
    });
    let gateway = Gateway::start(settings(recorder.address));
    let (mut one, mut two) = (gateway.connect(), gateway.connect());
    one.send("POST /r HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n");
    assert_eq!(
        two.send(GET).read().text(),
        recorder.next().connection.to_string()
    );
    one.send("x");
    one.read();
    let last = recorder.next().connection.to_string();
    assert_eq!(two.send(GET).read().text(), last);
}

#[test]
fn a_connection_that_died_idle_is_replaced() {
    let recorder = Recorder::start(|_, stream| {
        answer(stream, OK);
        false
    });
    let gateway = Gateway::start(settings(recorder.address));
    let mut client = gateway.connect();
    for number in 0..5 {
        assert_eq!(client.send(GET).read().text(), "ok");
        assert_eq!(recorder.next().connection, number);
    }
}

#[test]
fn a_get_is_sent_again_when_a_reused_connection_dies_and_a_post_is_not() {
    for (request, wanted, seen) in [
        (GET, 200, 2),
        (
            "POST /r HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
            502,
            1,
        ),
        ("DELETE /r HTTP/1.1\r\nHost: a\r\n\r\n", 502, 1),
    ] {
        // The first connection serves one request, and dies of the second after reading it.
        let recorder = Recorder::start(|recorded, stream| {
            if recorded.connection > 0 || recorded.request_line().contains("/warm") {
                return answer(stream, OK);
            }
            false
        });
        let gateway = Gateway::start(settings(recorder.address));
        let mut client = gateway.connect();
        client.send("GET /warm HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(client.read().text(), "ok");
        recorder.next();
        assert_eq!(client.send(request).read().status, wanted, "{request:?}");
        assert_eq!(recorder.rest().len(), seen, "{request:?}");
    }
}

#[test]
fn an_early_answer_is_passed_on_and_its_connection_dropped() {
    let upstream = serve_raw(|connection, mut stream| {
        read_head(&mut BufReader::new(stream.try_clone().unwrap()));
        answer(
            &mut stream,
            &format!("HTTP/1.1 413 No\r\nContent-Length: 1\r\n\r\n{connection}"),
        );
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
    });
    let gateway = Gateway::start(settings(upstream));
    for connection in ["0", "1"] {
        let mut client = gateway.connect();
        client.send("POST /r HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf");
        let answer = client.read();
        assert_eq!((answer.status, answer.text()), (413, connection));
        assert!(client.read_to_end().is_empty());
    }
}

#[test]
fn bytes_behind_an_answer_are_never_taken_for_the_next() {
    let upstream = serve_raw(|connection, mut stream| {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        while read_head(&mut reader).is_some() {
            let body = format!("c{connection}");
            answer(
                &mut stream,
                &format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{body}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
                ),
            );
        }
    });
    let gateway = Gateway::start(settings(upstream));
    let mut client = gateway.connect();
    for _ in 0..5 {
        let text = client.send(GET).read().text().to_owned();
        assert!(text.starts_with('c'), "{text}");
    }
}

#[test]
fn requests_wait_for_a_connection_and_give_up_in_time() {
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let recorder = Recorder::start(move |recorded, stream| {
        if recorded.request_line().contains("/hold") {
            let _ = wait.lock().unwrap().recv();
        }
        answer(stream, OK)
    });
    let mut settings = settings(recorder.address);
    settings.upstream.connections_max = 1;
    settings.waits.upstream_connect = Duration::from_millis(200);
    let gateway = Gateway::start(settings);
    let mut holder = gateway.connect();
    holder.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    recorder.next();
    let answer = gateway.connect().send(GET).read();
    assert_eq!((answer.status, answer.text()), (503, "Busy"));
    go.send(()).unwrap();
    assert_eq!(holder.read().text(), "ok");
    assert_eq!(gateway.connect().send(GET).read().text(), "ok");
}

#[test]
fn answers_without_a_body() {
    let upstream = serve_raw(|_, mut stream| {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        while let Some(head) = read_head(&mut reader) {
            let said = match head.split(' ').nth(1).unwrap() {
                "/204" => "HTTP/1.1 204 No Content\r\nx-said: 1\r\n\r\n",
                "/304" => "HTTP/1.1 304 Not Modified\r\nEtag: \"e\"\r\nContent-Length: 99\r\n\r\n",
                "/empty" => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                _ => "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nx-said: 1\r\n\r\n",
            };
            answer(&mut stream, said);
        }
    });
    let gateway = Gateway::start(settings(upstream));
    let mut client = gateway.connect();
    client.send("HEAD /r HTTP/1.1\r\nHost: a\r\n\r\n");
    let head = client.read_head();
    assert_eq!(fields(&head, "content-length"), ["99"], "{head}");
    client.send("GET /204 HTTP/1.1\r\nHost: a\r\n\r\n");
    let answer = client.read();
    assert_eq!(
        (answer.status, fields(&answer.head, "content-length").len()),
        (204, 0)
    );
    client.send("GET /304 HTTP/1.1\r\nHost: a\r\n\r\n");
    let answer = client.read();
    assert_eq!(
        (answer.status, fields(&answer.head, "etag")),
        (304, vec!["\"e\""])
    );
    client.send("GET /empty HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(client.read().body, b"");
    client.send("HEAD /local HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(client.read_head().starts_with("HTTP/1.1 200"));
}

#[test]
fn an_answer_that_ends_with_the_connection_is_read_to_its_end() {
    let gateway = saying("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nall of it");
    let answer = gateway.connect().send(GET).read();
    assert_eq!(answer.text(), "all of it");
}

#[test]
fn ranges_and_informational_answers_pass() {
    let gateway = saying(
        "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/9\r\nContent-Length: 2\r\n\r\nok",
    );
    let answer = gateway.connect().send(GET).read();
    assert_eq!((answer.status, answer.text()), (206, "ok"));
    assert_eq!(fields(&answer.head, "content-range"), ["bytes 0-1/9"]);
}

#[test]
fn a_client_that_leaves_takes_its_upstream_connection_along() {
    let (gone, told) = std::sync::mpsc::channel();
    let gone = std::sync::Mutex::new(gone);
    let (here, came) = std::sync::mpsc::channel();
    let here = std::sync::Mutex::new(here);
    let upstream = serve_raw(move |_, mut stream| {
        read_head(&mut BufReader::new(stream.try_clone().unwrap()));
        here.lock().unwrap().send(()).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
        gone.lock().unwrap().send(()).unwrap();
    });
    let gateway = Gateway::start(settings(upstream));
    let mut client: Client = gateway.connect();
    client.send(GET);
    came.recv_timeout(super::kit::PATIENCE).unwrap();
    drop(client);
    told.recv_timeout(super::kit::PATIENCE)
        .expect("the upstream is left as well");
}

#[test]
fn a_client_that_leaves_within_an_answer_takes_its_upstream_connection_along() {
    let (gone, told) = std::sync::mpsc::channel();
    let gone = std::sync::Mutex::new(gone);
    let upstream = serve_raw(move |_, mut stream| {
        read_head(&mut BufReader::new(stream.try_clone().unwrap()));
        let endless = "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n";
        answer(&mut stream, endless);
        while stream.write_all(&[b'x'; 4096]).is_ok() {}
        gone.lock().unwrap().send(()).unwrap();
    });
    let gateway = Gateway::start(settings(upstream));
    let mut client = gateway.connect();
    client.send(GET);
    client.read_head();
    client.read_exact(&mut [0; 100]).unwrap();
    drop(client);
    told.recv_timeout(super::kit::PATIENCE)
        .expect("the upstream is left as well");
}

/// FIN is all that is seen of a client that has left, so one that only stops sending is taken for
/// gone, too: nobody is kept waiting upstream for an answer that nobody may want.
#[test]
fn a_client_that_closes_its_half_is_gone() {
    let (gone, told) = std::sync::mpsc::channel();
    let gone = std::sync::Mutex::new(gone);
    let (here, came) = std::sync::mpsc::channel();
    let here = std::sync::Mutex::new(here);
    let upstream = serve_raw(move |_, mut stream| {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        here.lock().unwrap().send(read_head(&mut reader)).unwrap();
        let mut rest = Vec::new();
        let _ = reader.read_to_end(&mut rest);
        let _ = stream.write_all(OK.as_bytes());
        gone.lock().unwrap().send(rest).unwrap();
    });
    let gateway = Gateway::start(settings(upstream));
    let half = "POST /r HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nhalf";
    for (request, body) in [(GET, ""), (half, "half")] {
        let mut client = gateway.connect();
        client.send(request);
        came.recv_timeout(super::kit::PATIENCE).unwrap();
        client.stream.shutdown(std::net::Shutdown::Write).unwrap();
        let rest = told.recv_timeout(super::kit::PATIENCE).expect("it is left");
        assert_eq!(rest, body.as_bytes(), "no more than what came is passed on");
        let read = String::from_utf8(client.read_to_end()).unwrap();
        assert!(!read.contains(" 200 "), "{read:?}");
    }
}

/// An HTTP/2 upstream in the clear is one connection for all, opened again when it is gone.
#[test]
fn an_http2_upstream_is_one_connection() {
    let upstream = super::http2::Peer::start(None);
    let mut settings = settings(upstream.address);
    settings.upstream.http = UpstreamHttp::Http2;
    let gateway = Gateway::start(settings);
    for _ in 0..2 {
        let mut client = gateway.connect();
        client.send("POST /echo?x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n");
        let answer = client.read();
        assert_eq!(answer.text(), "POST backend.internal /echo?x hi");
        assert_eq!(client.send(GET).read().text(), "GET backend.internal /r ");
    }
    assert_eq!(upstream.connections(), 1);
    upstream.hang_up();
    assert_eq!(
        gateway.connect().send(GET).read().text(),
        "GET backend.internal /r "
    );
    assert_eq!(upstream.connections(), 2);
}
