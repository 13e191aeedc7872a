//! Requests made to be read as one by one side and as two by the other: the upstream never sees the
//! second.

use super::kit::relay;

const HIDDEN: &str = "POST /hidden HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";

/// Whatever the gateway answers, the upstream reads at most one request, and never the hidden one.
#[track_caller]
fn check(head: &str, body: &str) {
    let (gateway, recorder) = relay();
    let mut client = gateway.connect();
    let request =
        format!("POST /r HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{head}\r\n\r\n{body}");
    client.send(&request);
    let answers = client.read_to_end();
    let answers = String::from_utf8_lossy(&answers);
    assert_eq!(
        answers.matches("HTTP/1.1 ").count(),
        1,
        "{request:?} got {answers:?}"
    );
    let seen = recorder.rest();
    assert!(seen.len() <= 1, "{request:?} became {seen:?}");
    for recorded in seen {
        assert_eq!(recorded.request_line(), "POST /r HTTP/1.1");
        assert!(!recorded.head.contains("hidden"), "{recorded:?}");
    }
}

#[test]
fn length_against_chunks() {
    let chunks = format!("0\r\n\r\n{HIDDEN}");
    let length = format!("Content-Length: {}", chunks.len());
    for encoding in [
        "Transfer-Encoding: chunked",
        "transfer-encoding:chunked",
        "Transfer-Encoding:\tchunked",
        "Transfer-Encoding: Chunked",
        "Transfer-Encoding : chunked",
        " Transfer-Encoding: chunked",
        "X: y\r\n Transfer-Encoding: chunked",
        "X: y\nTransfer-Encoding: chunked",
        "X: y\rTransfer-Encoding: chunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding: identity, chunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding:\x0bchunked",
        "Transfer-Encoding: chunked\x00",
        "Transfer_Encoding: chunked",
        "Transfer\x01-Encoding: chunked",
        "Transfer-Encoding",
    ] {
        check(&format!("{length}\r\n{encoding}"), &chunks);
        check(&format!("{encoding}\r\n{length}"), &chunks);
        check(
            &format!("{encoding}\r\nContent-Length: 4"),
            &format!("1e\r\n{HIDDEN}"),
        );
        check(encoding, &chunks);
    }
}

#[test]
fn two_encodings() {
    for second in ["identity", "x", "chunked", "gzip", ""] {
        check(
            &format!("Transfer-Encoding: chunked\r\nTransfer-encoding: {second}"),
            &format!("5\r\nhello\r\n0\r\n\r\n{HIDDEN}"),
        );
        check(
            &format!("Transfer-Encoding: {second}\r\nTransfer-encoding: chunked"),
            &format!("5\r\nhello\r\n0\r\n\r\n{HIDDEN}"),
        );
    }
}

#[test]
fn lengths_that_two_readers_take_differently() {
    for length in [
        "+0", "-0", "0x0", "0, 60", "60, 0", "0 60", " ", "0;", "1e1", "\u{b2}",
    ] {
        check(&format!("Content-Length: {length}"), HIDDEN);
    }
    check("Content-Length: 0\r\nContent-Length: 60", HIDDEN);
    check("Content-Length: 60\r\nContent-Length: 0", HIDDEN);
    check("Content-Length : 60\r\nContent-Length: 0", HIDDEN);
    check("Content_Length: 60\r\nContent-Length: 0", HIDDEN);
}

#[test]
fn chunks_that_two_readers_take_differently() {
    for body in [
        "5\nhello\r\n0\r\n\r\n",
        "5\r\nhello\n0\r\n\r\n",
        "5\r\nhello\r\n0\n\r\n",
        "5\r\nhello\r\n0\r\n\n",
        "+5\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        " 5\r\nhello\r\n0\r\n\r\n",
        "5 \r\nhello\r\n0\r\n\r\n",
        "-1\r\nhello\r\n0\r\n\r\n",
        "5_\r\nhello\r\n0\r\n\r\n",
        "\r\nhello\r\n0\r\n\r\n",
        ";a\r\nhello\r\n0\r\n\r\n",
        "5;a\nb\r\nhello\r\n0\r\n\r\n",
        "5;a\rb\r\nhello\r\n0\r\n\r\n",
        "5;\0\r\nhello\r\n0\r\n\r\n",
        "5\r\nhelloX\r\n0\r\n\r\n",
        "5\r\nhello0\r\n\r\n",
        "5\r\nhello\r0\r\n\r\n",
        "FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n",
        "10000000000000005\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello\r\n0\r\nX: y\n\r\n",
        "5\r\nhello\r\n0\r\n X: y\r\n\r\n",
        "5\r\nhello\r\n0\r\nX: \0\r\n\r\n",
    ] {
        let (gateway, recorder) = relay();
        let mut client = gateway.connect();
        client.send(format!(
            "POST /local HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{body}{HIDDEN}"
        ));
        let answer = client.read();
        assert_eq!(
            (answer.status, answer.text()),
            (400, "Malformed"),
            "{body:?}"
        );
        assert!(client.read_to_end().is_empty(), "{body:?}");
        assert!(recorder.rest().is_empty(), "{body:?}");
    }
}

#[test]
fn a_body_that_looks_like_a_request_stays_a_body() {
    let (gateway, recorder) = relay();
    let mut client = gateway.connect();
    client.send(format!(
        "POST /r HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{HIDDEN}",
        HIDDEN.len()
    ));
    assert_eq!(client.read().text(), "ok");
    client.send(format!(
        "POST /s HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{:x};x=\"y\"\r\n{HIDDEN}\r\n0\r\nX-T: 1\r\n\r\n",
        HIDDEN.len()
    ));
    assert_eq!(client.read().text(), "ok");
    for target in ["/r", "/s"] {
        let recorded = recorder.next();
        assert_eq!(recorded.request_line(), format!("POST {target} HTTP/1.1"));
        assert_eq!(recorded.body, HIDDEN.as_bytes());
        assert_eq!(recorded.header("x-t"), None, "trailers end at the gateway");
    }
    assert!(recorder.rest().is_empty());
}
