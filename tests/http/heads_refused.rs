//! Heads that two readers could take differently, or that ask for what the gateway does not do: each
//! is answered with its status, the connection ends, and the upstream hears nothing.

use super::kit::{Gateway, Recorder, relay, status};

struct Table {
    gateway: Gateway,
    recorder: Recorder,
}

impl Table {
    fn new() -> Self {
        let (gateway, recorder) = relay();
        Self { gateway, recorder }
    }

    /// `request` is refused for `fault`, with `wanted`.
    #[track_caller]
    fn check(&self, wanted: u16, fault: &str, request: impl AsRef<[u8]>) {
        let request = request.as_ref();
        let mut client = self.gateway.connect();
        client.send(request);
        let answer = client.read_to_end();
        let answer = String::from_utf8_lossy(&answer);
        let shown = String::from_utf8_lossy(&request[..request.len().min(200)]).into_owned();
        assert!(answer.starts_with("HTTP/1.1 "), "{shown:?} got {answer:?}");
        assert_eq!(status(&answer), wanted, "{shown:?} got {answer:?}");
        let said = answer.split_once("\r\n\r\n").map(|(_, body)| body);
        assert_eq!(said, Some(fault), "{shown:?}");
        assert!(answer.contains("connection: close\r\n"), "{answer:?}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer:?}");
    }

    /// A request with this header line beside Host is refused.
    #[track_caller]
    fn check_header(&self, wanted: u16, fault: &str, line: &str) {
        let request = format!("POST /r HTTP/1.1\r\nHost: a.example\r\n{line}\r\n\r\n");
        self.check(wanted, fault, request);
    }

    #[track_caller]
    fn check_line(&self, wanted: u16, fault: &str, line: &str) {
        self.check(wanted, fault, format!("{line}\r\nHost: a.example\r\n\r\n"));
    }

    #[track_caller]
    fn upstream_heard_nothing(self) {
        assert!(self.recorder.rest().is_empty());
    }
}

#[test]
fn two_lengths_or_a_strange_one() {
    let table = Table::new();
    for (fault, lines) in [
        (
            "TwoLengths",
            "Content-Length: 3\r\nTransfer-Encoding: chunked",
        ),
        (
            "TwoLengths",
            "Transfer-Encoding: chunked\r\nContent-Length: 3",
        ),
        (
            "TwoLengths",
            "Content-Length: 0\r\nTransfer-Encoding: identity",
        ),
        ("TransferEncoding", "Transfer-Encoding: gzip, chunked"),
        ("TransferEncoding", "Transfer-Encoding: chunked, chunked"),
        ("TransferEncoding", "Transfer-Encoding: identity"),
        ("TransferEncoding", "Transfer-Encoding: xchunked"),
        ("TransferEncoding", "Transfer-Encoding: chunked;q=1"),
        ("TransferEncoding", "Transfer-Encoding: \"chunked\""),
        ("TransferEncoding", "Transfer-Encoding:"),
        ("TransferEncoding", "Transfer-Encoding: chunked,"),
        (
            "TransferEncoding",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        ),
        (
            "TransferEncoding",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        ),
        (
            "Duplicate(\"content-length\")",
            "Content-Length: 3\r\nContent-Length: 3",
        ),
        (
            "Duplicate(\"content-length\")",
            "Content-Length: 3\r\ncontent-length: 4",
        ),
        ("ContentLength", "Content-Length: +5"),
        ("ContentLength", "Content-Length: -5"),
        ("ContentLength", "Content-Length: 5, 5"),
        ("ContentLength", "Content-Length: 5 5"),
        ("ContentLength", "Content-Length: 0x5"),
        ("ContentLength", "Content-Length: 5.0"),
        ("ContentLength", "Content-Length:"),
        ("ContentLength", "Content-Length: 99999999999999999999"),
        ("ContentLength", "Content-Length: 9223372036854775808"),
        ("ContentLength", "Content-Length: \u{664}"),
    ] {
        table.check_header(400, fault, lines);
    }
    table.check(
        400,
        "TransferEncoding",
        "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    );
    table.upstream_heard_nothing();
}

#[test]
fn a_header_of_meaning_that_came_twice() {
    let table = Table::new();
    for name in [
        "Host",
        "Authorization",
        "Content-Type",
        "Content-Encoding",
        "Expect",
    ] {
        let fault = format!("Duplicate(\"{}\")", name.to_lowercase());
        table.check_header(
            400,
            &fault,
            &format!("{name}: x\r\n{}: x", name.to_uppercase()),
        );
    }
    table.check_header(
        400,
        "Duplicate(\"upgrade\")",
        "Upgrade: websocket\r\nUpgrade: websocket",
    );
    table.upstream_heard_nothing();
}

#[test]
fn a_host_that_is_missing_or_malformed() {
    let table = Table::new();
    table.check(400, "MissingHost", "GET / HTTP/1.1\r\n\r\n");
    table.check(400, "MissingHost", "GET http://a.example/ HTTP/1.1\r\n\r\n");
    for host in [
        "",
        "a b",
        "a/b",
        "a,b",
        "user@a",
        "a:b",
        "a:99999",
        "a:-1",
        "a:",
        ":80",
        "[::1",
        "[zz]",
        "a?b",
        "a%41",
        "[::1]x",
        "a:8:0",
        "\"a\"",
        "\u{e9}.example",
    ] {
        table.check(
            400,
            "Host",
            format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        );
    }
    table.upstream_heard_nothing();
}

#[test]
fn a_target_that_is_not_a_path_of_ours() {
    let table = Table::new();
    for (status, fault, line) in [
        (400, "TargetForm", "OPTIONS * HTTP/1.1"),
        (400, "TargetForm", "GET a.example:80 HTTP/1.1"),
        (400, "TargetForm", "GET r HTTP/1.1"),
        (400, "TargetForm", "GET ftp://a.example/ HTTP/1.1"),
        (400, "TargetForm", "GET https://a.example/ HTTP/1.1"),
        (400, "TargetForm", "GET http:///r HTTP/1.1"),
        (400, "TargetForm", "GET http://user@a.example/ HTTP/1.1"),
        (400, "HostDisagrees", "GET http://b.example/ HTTP/1.1"),
        (400, "HostDisagrees", "GET http://a.example:8080/ HTTP/1.1"),
        (400, "Fragment", "GET /r#f HTTP/1.1"),
        (400, "Fragment", "GET /r?q#f HTTP/1.1"),
        (400, "Target", "GET /r\\s HTTP/1.1"),
        (400, "Target", "GET /<r> HTTP/1.1"),
        (400, "Target", "GET /r\x01 HTTP/1.1"),
        (400, "Target", "GET /r\x7f HTTP/1.1"),
        (400, "Target", "GET /r\0 HTTP/1.1"),
        (400, "Target", "GET /r?\"q\" HTTP/1.1"),
        (400, "Target", "GET /\u{e9} HTTP/1.1"),
        (400, "Target", "GET /r?q=\u{d55c} HTTP/1.1"),
        (501, "Connect", "CONNECT a.example:443 HTTP/1.1"),
        (501, "Connect", "CONNECT / HTTP/1.1"),
    ] {
        table.check_line(status, fault, line);
    }
    table.upstream_heard_nothing();
}

#[test]
fn a_request_line_that_is_not_three_words() {
    let table = Table::new();
    for (status, fault, line) in [
        (400, "RequestLine", "GET /"),
        (400, "RequestLine", "GET"),
        (400, "RequestLine", "GET  / HTTP/1.1"),
        (400, "RequestLine", "GET /  HTTP/1.1"),
        (400, "RequestLine", "GET / HTTP/1.1 "),
        (400, "RequestLine", "GET / x HTTP/1.1"),
        (400, "RequestLine", "GET\t/\tHTTP/1.1"),
        (400, "Method", "G@T / HTTP/1.1"),
        (400, "Method", "GE(T / HTTP/1.1"),
        (400, "Method", "G\u{e9}T / HTTP/1.1"),
        (400, "Method", "\x16\x03\x01 / HTTP/1.1"),
        (400, "RequestLine", "GET / http/1.1"),
        (400, "RequestLine", "GET / HTTQ/1.1"),
        (505, "Version", "GET / HTTP/2.0"),
        (505, "Version", "GET / HTTP/1.2"),
        (505, "Version", "GET / HTTP/0.9"),
        (505, "Version", "GET / HTTP/1.10"),
        (505, "Version", "GET / HTTP/1"),
        (505, "Version", "PRI * HTTP/2.0"),
    ] {
        table.check_line(status, fault, line);
    }
    table.check(
        400,
        "RequestLine",
        "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    );
    table.upstream_heard_nothing();
}

#[test]
fn lines_that_do_not_end_as_they_must() {
    let table = Table::new();
    for (fault, request) in [
        ("BareLineFeed", "GET / HTTP/1.1\nHost: a\n\n"),
        ("BareLineFeed", "GET / HTTP/1.1\nHost: a\r\n\r\n"),
        ("BareLineFeed", "GET / HTTP/1.1\r\nHost: a\n\r\n"),
        ("BareLineFeed", "GET / HTTP/1.1\r\nHost: a\r\n\n"),
        (
            "BareLineFeed",
            "GET / HTTP/1.1\r\nHost: a\r\nX: b\nY: c\r\n\r\n",
        ),
        ("BareLineFeed", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        (
            "BareCarriageReturn",
            "GET / HTTP/1.1\r\nHost: a\r\nX: b\rY: c\r\n\r\n",
        ),
        (
            "BareCarriageReturn",
            "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\r\n\r\n",
        ),
        ("BareCarriageReturn", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n"),
        ("Folded", "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n"),
        ("Folded", "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n\tc\r\n\r\n"),
        ("Folded", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
    ] {
        table.check(400, fault, request);
    }
    table.upstream_heard_nothing();
}

#[test]
fn header_names_and_values_that_are_none() {
    let table = Table::new();
    for (fault, line) in [
        ("SpaceBeforeColon", "X-A : b"),
        ("SpaceBeforeColon", "Content-Length : 3"),
        ("SpaceBeforeColon", "X-A\t: b"),
        ("HeaderName", ": b"),
        ("HeaderName", "X A: b"),
        ("HeaderName", "X-A"),
        ("HeaderName", "X@A: b"),
        ("HeaderName", "X(A): b"),
        ("HeaderName", "\u{e9}: b"),
        ("HeaderName", "X\0A: b"),
        ("HeaderName", "X\x01: b"),
        ("ControlByte", "X-A: b\0c"),
        ("ControlByte", "X-A: \x01"),
        ("ControlByte", "X-A: b\x0bc"),
        ("ControlByte", "X-A: b\x7f"),
        ("ControlByte", "X-A: \x1b[31m"),
    ] {
        table.check_header(400, fault, line);
    }
    table.upstream_heard_nothing();
}

#[test]
fn headers_that_imitate_or_override() {
    let table = Table::new();
    for (fault, line) in [
        ("UnderscoreTwin", "Content_Length: 3"),
        ("UnderscoreTwin", "content_type: application/json"),
        ("UnderscoreTwin", "Transfer_Encoding: chunked"),
        ("UnderscoreTwin", "X_Forwarded_For: 1.1.1.1"),
        ("UnderscoreTwin", "X-Forwarded_For: 1.1.1.1"),
        ("UnderscoreTwin", "x_real_ip: 1.1.1.1"),
        ("UnderscoreTwin", "X_Request_Id: 1"),
        ("UnderscoreTwin", "X_Member_Id: boss"),
        ("UnderscoreTwin", "x-member_id: boss"),
        ("UnderscoreTwin", "Proxy_Authorization: x"),
        ("UnderscoreTwin", "X_HTTP_Method_Override: DELETE"),
        ("MethodOverride", "X-HTTP-Method-Override: DELETE"),
        ("MethodOverride", "X-HTTP-Method: DELETE"),
        ("MethodOverride", "X-Method-Override: DELETE"),
    ] {
        table.check_header(400, fault, line);
    }
    table.upstream_heard_nothing();
}

#[test]
fn expectations_and_upgrades_that_are_not_met() {
    let table = Table::new();
    for (status, fault, lines) in [
        (417, "Expectation", "Expect: 200-ok"),
        (417, "Expectation", "Expect: 100-continue, x"),
        (417, "Expectation", "Expect:"),
        (
            501,
            "Upgrade",
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk",
        ),
        (501, "Upgrade", "Connection: Upgrade\r\nUpgrade: TLS/1.0"),
        (
            501,
            "Upgrade",
            "Connection: Upgrade\r\nUpgrade: websocket, h2c",
        ),
        (501, "Upgrade", "HTTP2-Settings: AAMAAABk"),
    ] {
        table.check_header(status, fault, lines);
    }
    table.upstream_heard_nothing();
}

#[test]
fn a_body_where_the_method_has_none() {
    let table = Table::new();
    for method in ["GET", "TRACE"] {
        for framing in [
            "Content-Length: 1\r\n\r\nx",
            "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ] {
            let request = format!("{method} / HTTP/1.1\r\nHost: a\r\n{framing}");
            table.check(400, "UnexpectedBody", request);
        }
    }
    let mut client = table.gateway.connect();
    client.send("HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
    let answer = String::from_utf8(client.read_to_end()).unwrap();
    assert_eq!(status(&answer), 400);
    assert!(
        answer.ends_with("\r\n\r\n"),
        "an answer to HEAD has no body: {answer:?}"
    );
    table.upstream_heard_nothing();
}

#[test]
fn a_head_one_byte_over_a_limit() {
    let table = Table::new();
    let line = |bytes: usize| {
        format!(
            "GET /{} HTTP/1.1",
            "a".repeat(bytes - "GET / HTTP/1.1".len())
        )
    };
    let header = |bytes: usize| format!("X-A: {}", "a".repeat(bytes - "X-A: ".len()));
    table.check_line(414, "RequestLineTooLong", &line((8 << 10) + 1));
    table.check_header(431, "HeaderTooLong", &header((8 << 10) + 1));
    table.check_line(414, "RequestLineTooLong", &line(100 << 10));
    table.check_header(431, "HeaderTooLong", &header(100 << 10));
    let host = "Host: a.example\r\n".len();
    let over = (32 << 10) + 1 - host - 4 * (2 + (7 << 10)) - 2;
    let headers = format!("{}\r\n", header(7 << 10)).repeat(4) + &header(over);
    table.check_header(431, "HeadersTooLong", &headers);
    table.check_header(431, "TooManyHeaders", &vec!["X: y"; 100].join("\r\n"));
    table.upstream_heard_nothing();
}

#[test]
fn a_refused_head_does_not_take_away_the_answers_before_it() {
    let (gateway, recorder) = relay();
    let mut client = gateway.connect();
    client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\nGET /second\nHost: a\r\n\r\nGET /third HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(client.read().text(), "ok");
    let refused = client.read();
    assert_eq!((refused.status, refused.text()), (400, "BareLineFeed"));
    assert!(client.read_to_end().is_empty(), "the third is not read");
    assert_eq!(recorder.next().request_line(), "GET /first HTTP/1.1");
    assert!(recorder.rest().is_empty());
}

#[test]
fn the_stand_in_for_refused_heads_is_no_way_in() {
    let (gateway, recorder) = relay();
    let mut client = gateway.connect();
    client.send("GET / HTTP/1.1\r\nhost: -\r\nconnection: close\r\n\r\n");
    assert_eq!(client.read().text(), "ok", "it is an ordinary request");
    assert_eq!(recorder.next().header("host"), Some("backend.internal"));
}
