//! Bodies in both directions: the same bytes, bounded memory, and an end when a client stops.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::channel;
use std::time::Duration;

use super::kit::{
    Gateway, OK, PATIENCE, Recorder, answer, fields, read_head, relay, serve_raw, settings,
};

/// Far more than all buffers on the way together.
const LARGE: usize = 64 << 20;
/// More than sockets on loopback hold, less than [`LARGE`].
const BUFFERED_MAX: usize = 32 << 20;

fn bytes_from(start: usize, count: usize) -> Vec<u8> {
    (start..start + count).map(|at| (at % 251) as u8).collect()
}

/// Writes up to `total` bytes; how many went out before the other side took no more for a while.
fn write_until_stalled(stream: &mut TcpStream, total: usize) -> usize {
    stream
        .set_write_timeout(Some(Duration::from_millis(400)))
        .unwrap();
    let part = bytes_from(0, 251 * 256);
    let mut written = 0;
    while written < total {
        let begin = written % 251;
        let count = (part.len() - begin).min(total - written);
        match stream.write(&part[begin..begin + count]) {
            Ok(bytes) => written += bytes,
            Err(_) => break,
        }
    }
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    written
}

fn write_rest(stream: &mut TcpStream, mut written: usize, total: usize) {
    let part = bytes_from(0, 251 * 256);
    while written < total {
        let begin = written % 251;
        let count = (part.len() - begin).min(total - written);
        stream.write_all(&part[begin..begin + count]).unwrap();
        written += count;
    }
}

fn read_pattern(reader: &mut impl Read, total: usize) {
    let mut space = vec![0; 64 << 10];
    let mut read = 0;
    while read < total {
        let room = space.len().min(total - read);
        let bytes = reader.read(&mut space[..room]).unwrap();
        assert!(bytes > 0, "cut off after {read}");
        assert!(
            space[..bytes]
                .iter()
                .enumerate()
                .all(|(at, byte)| *byte == ((read + at) % 251) as u8),
            "other bytes after {read}"
        );
        read += bytes;
    }
}

#[test]
fn a_slow_reader_stalls_the_upstream_and_gets_every_byte() {
    let (stalled, at) = channel();
    let stalled = std::sync::Mutex::new(stalled);
    let upstream = serve_raw(move |_, mut stream| {
        read_head(&mut std::io::BufReader::new(stream.try_clone().unwrap())).unwrap();
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {LARGE}\r\n\r\n").unwrap();
        let written = write_until_stalled(&mut stream, LARGE);
        stalled.lock().unwrap().send(written).unwrap();
        write_rest(&mut stream, written, LARGE);
    });
    let gateway = Gateway::start(settings(upstream));
    let mut client = gateway.connect();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    let head = client.read_head();
    assert_eq!(fields(&head, "content-length"), [LARGE.to_string()]);
    let written = at.recv_timeout(PATIENCE).unwrap();
    assert!(
        written < BUFFERED_MAX,
        "{written} bytes are held on the way"
    );
    read_pattern(&mut client, LARGE);
}

#[test]
fn a_slow_upstream_stalls_the_client_and_gets_every_byte() {
    let (go, wait) = channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let upstream = serve_raw(move |_, mut stream| {
        let mut reader = std::io::BufReader::new(stream.try_clone().unwrap());
        let head = read_head(&mut reader).unwrap();
        assert_eq!(fields(&head, "content-length"), [LARGE.to_string()]);
        wait.lock().unwrap().recv_timeout(PATIENCE).unwrap();
        read_pattern(&mut reader, LARGE);
        answer(&mut stream, OK);
    });
    let gateway = Gateway::start(settings(upstream));
    let mut client = gateway.connect();
    client.send(format!(
        "PUT /r HTTP/1.1\r\nHost: a\r\nContent-Length: {LARGE}\r\n\r\n"
    ));
    let written = write_until_stalled(&mut client.stream, LARGE);
    assert!(
        written < BUFFERED_MAX,
        "{written} bytes are held on the way"
    );
    go.send(()).unwrap();
    write_rest(&mut client.stream, written, LARGE);
    assert_eq!(client.read().text(), "ok");
}

#[test]
fn bodies_arrive_byte_for_byte() {
    let (gateway, recorder) = relay();
    let mut client = gateway.connect();
    for bytes in [0, 1, 2, 4095, 4096, 8191, 8192, 65_535, 300_000] {
        let body = bytes_from(7, bytes);
        client.send(format!(
            "POST /r HTTP/1.1\r\nHost: a\r\nContent-Length: {bytes}\r\n\r\n"
        ));
        client.send(&body);
        assert_eq!(client.read().text(), "ok");
        let recorded = recorder.next();
        assert_eq!(
            recorded.header("content-length"),
            Some(bytes.to_string().as_str())
        );
        assert_eq!(recorded.header("transfer-encoding"), None);
        assert!(recorded.body == body);

        client.send("POST /r HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n");
        for chunk in body.chunks(1000) {
            client.send(format!("{:04X};ext=1\r\n", chunk.len()));
            client.send(chunk);
            client.send("\r\n");
        }
        client.send("0\r\nX-Trailer: 1\r\n\r\n");
        assert_eq!(client.read().text(), "ok");
        let recorded = recorder.next();
        assert_eq!(recorded.header("transfer-encoding"), Some("chunked"));
        assert_eq!(recorded.header("content-length"), None);
        assert!(recorded.body == body);
    }
}

#[test]
fn a_body_over_its_limit_is_refused_before_it_is_read_if_it_says_so() {
    let (gateway, recorder) = relay();
    let mut client = gateway.connect();
    client.send("POST /limited HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789");
    assert_eq!(client.read().text(), "ok");
    recorder.next();
    client.send("POST /limited HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n");
    let refused = client.read();
    assert_eq!(
        (refused.status, refused.text()),
        (413, "Client(TooLarge(UploadBytes))")
    );
    assert!(client.read_to_end().is_empty());

    let mut client = gateway.connect();
    client.send("POST /limited HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n0123456789a\r\n0\r\n\r\n");
    assert_eq!(client.read().status, 413);

    let mut client = gateway.connect();
    client.send(format!(
        "POST /local HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n",
        (1 << 20) + 1
    ));
    assert_eq!(client.read().status, 413);
}

#[test]
fn a_refused_client_may_go_on_sending_for_a_while() {
    let (gateway, _recorder) = relay();
    let mut client = gateway.connect();
    client.send("POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n");
    let refused = client.read();
    assert_eq!((refused.status, refused.text()), (403, "refused unread"));
    assert!(client.read_to_end().is_empty());
    // A reset could take the answer away from a client that writes before it reads.
    for part in 0..20 {
        let sent = client.stream.write_all(&[b'x'; 10_000]);
        assert!(sent.is_ok(), "reset at part {part}");
    }
}

#[test]
fn a_small_refused_body_does_not_poison_the_next_request() {
    let (gateway, recorder) = relay();
    let mut client = gateway.connect();
    client.send("POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 30\r\n\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n");
    assert_eq!(client.read().status, 403);
    client.send("\r\n\r\n");
    client.read_to_end();
    assert!(recorder.rest().is_empty());
}

#[test]
fn a_client_that_stops_within_its_body_gets_408() {
    let recorder = Recorder::start(|_, stream| answer(stream, OK));
    let mut settings = settings(recorder.address);
    settings.waits.body_idle = Duration::from_millis(150);
    let gateway = Gateway::start(settings);
    for (path, said) in [("/local", "Idle"), ("/r", "Client(Idle)")] {
        let mut client = gateway.connect();
        client.send(format!(
            "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf"
        ));
        let answer = client.read();
        assert_eq!((answer.status, answer.text()), (408, said));
        assert!(client.read_to_end().is_empty());
    }
}

#[test]
fn a_client_that_reads_nothing_is_let_go() {
    let (gone, told) = channel();
    let gone = std::sync::Mutex::new(gone);
    let upstream = serve_raw(move |_, mut stream| {
        read_head(&mut std::io::BufReader::new(stream.try_clone().unwrap())).unwrap();
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {LARGE}\r\n\r\n").unwrap();
        let part = vec![0; 64 << 10];
        while stream.write_all(&part).is_ok() {}
        gone.lock().unwrap().send(()).unwrap();
    });
    let mut settings = settings(upstream);
    settings.waits.write = Duration::from_millis(200);
    let gateway = Gateway::start(settings);
    let mut client = gateway.connect();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    told.recv_timeout(PATIENCE)
        .expect("the upstream's connection is closed");
}
