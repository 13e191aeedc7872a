//! The legitimate neighbours of what is refused: odd but legal HTTP passes, and the upstream reads
//! exactly one canonical head.

use super::kit::{Gateway, OK, Recorded, Recorder, answer, relay, settings};
use super::second;

struct Table {
    gateway: Gateway,
    recorder: Recorder,
}

impl Table {
    fn new() -> Self {
        let recorder = Recorder::start(|_, stream| answer(stream, OK));
        let mut settings = settings(recorder.address);
        settings.listeners[0].http2 = true;
        // As much as HTTP/1 takes: each field counts 32 bytes more there.
        settings.limits.http2_header_list_bytes_max = 64 << 10;
        let gateway = Gateway::start(settings);
        Self { gateway, recorder }
    }

    /// `request` passes; what the upstream read of it. Where HTTP/2 can say it, it passes there,
    /// too, and the upstream reads the same.
    #[track_caller]
    fn check(&self, request: impl AsRef<[u8]>) -> Recorded {
        let request = request.as_ref();
        let shown = String::from_utf8_lossy(&request[..request.len().min(200)]).into_owned();
        let mut client = self.gateway.connect();
        client.send(request);
        let mut answer = client.read();
        if answer.status == 100 {
            answer = client.read();
        }
        assert_eq!(answer.status, 200, "{shown:?} got {answer:?}");
        assert_eq!(answer.text(), "ok");
        let recorded = self.recorder.next();
        assert!(
            self.recorder.rest().is_empty(),
            "{shown:?} came as more than one"
        );
        if let Some(again) = second::translated(request) {
            let answer = second::exchange(self.gateway.address, again);
            let answer = answer.unwrap_or_else(|| panic!("{shown:?} was reset in HTTP/2"));
            assert_eq!(answer, (200, "ok".into()), "{shown:?} in HTTP/2");
            let again = self.recorder.next();
            assert_eq!(
                without_what_differs(&again),
                without_what_differs(&recorded)
            );
            assert_eq!(again.body, recorded.body, "{shown:?} in HTTP/2");
        }
        recorded
    }

    #[track_caller]
    fn check_header(&self, line: &str) -> Recorded {
        self.check(format!(
            "POST /r HTTP/1.1\r\nHost: a.example\r\n{line}\r\n\r\n"
        ))
    }
}

/// The lines of a head in order, but for the request's own id, and the version that it came in.
fn without_what_differs(recorded: &Recorded) -> Vec<String> {
    let mut lines: Vec<String> = recorded
        .head
        .lines()
        .filter(|line| !line.starts_with("x-request-id:"))
        .map(|line| line.replace("via: 2.0", "via: 1.1"))
        .collect();
    lines.sort_unstable();
    lines
}

#[test]
fn targets_arrive_byte_for_byte() {
    let table = Table::new();
    for target in [
        "/",
        "/?",
        "/r?",
        "/r?a=b&a=c",
        "/r//s",
        "//r",
        "/r/",
        "/%40alice%3aexample.org",
        "/%2F%2f",
        "/@alice:example.org",
        "/!room:example.org/$event",
        "/a!$&'()*+,;=:@b",
        "/-._~",
        "/r;v=1",
        "/.well-known/x",
        "/r?q=%ED%95%9C%EA%B8%80",
        "/r?filter={room:{limit:1}}",
        "/r{\"room\":1}",
        "/r?a[]=1&b[x]=2",
        "/r?u=http://b.example/?x",
        "/r?a|b^c`d",
        "/r?100%",
        "/{room}",
        "/http://b.example/",
    ] {
        let recorded = table.check(format!("GET {target} HTTP/1.1\r\nHost: a.example\r\n\r\n"));
        assert_eq!(recorded.request_line(), format!("GET {target} HTTP/1.1"));
    }
}

#[test]
fn the_absolute_form_of_our_own_host_becomes_a_path() {
    let table = Table::new();
    for (target, host, path) in [
        ("http://a.example/r?q", "a.example", "/r?q"),
        ("HTTP://A.Example/r", "a.example", "/r"),
        ("http://a.example", "a.example", "/"),
        ("http://a.example:80/r", "a.example", "/r"),
        ("http://a.example:8080/r", "a.example:8080", "/r"),
    ] {
        let recorded = table.check(format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        assert_eq!(recorded.request_line(), format!("GET {path} HTTP/1.1"));
    }
}

#[test]
fn hosts_of_all_kinds() {
    let table = Table::new();
    for host in [
        "a",
        "a.example.",
        "A.EXAMPLE",
        "a_b.example",
        "xn--3e0b707e",
        "127.0.0.1",
        "127.0.0.1:8008",
        "[::1]",
        "[2001:db8::1]:8448",
    ] {
        let recorded = table.check(format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        assert_eq!(recorded.header("host"), Some("backend.internal"));
        assert_eq!(recorded.header("x-forwarded-host"), Some(host));
    }
    table.check("GET / HTTP/1.0\r\n\r\n");
}

#[test]
fn header_values_arrive_as_they_were() {
    let table = Table::new();
    for (line, value) in [
        ("x-a:b", "b"),
        ("X-A: b", "b"),
        ("x-A:\tb\t", "b"),
        ("x-a:    b    ", "b"),
        ("x-a:", ""),
        ("x-a:   ", ""),
        ("x-a: b\tc  d", "b\tc  d"),
        ("x-a: a, b, \"c, d\"", "a, b, \"c, d\""),
        (
            "x-a: \u{d55c}\u{ae00} \u{1f600}",
            "\u{d55c}\u{ae00} \u{1f600}",
        ),
        (
            "x-a: !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
            "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
        ),
        ("x-a: GET / HTTP/1.1", "GET / HTTP/1.1"),
        (
            "x-a: Transfer-Encoding: chunked",
            "Transfer-Encoding: chunked",
        ),
        ("x-a: %0d%0aHost: b", "%0d%0aHost: b"),
    ] {
        assert_eq!(
            table.check_header(line).header("x-a"),
            Some(value),
            "{line:?}"
        );
    }
}

#[test]
fn headers_that_look_like_refused_ones() {
    let table = Table::new();
    for line in [
        "Content-Length: 0",
        "Content-Length: 00",
        "CONTENT-LENGTH:\t0",
        "my_header: x",
        "_x: y",
        "X-Content_Lengths: 3",
        "Accept: a\r\nAccept: b",
        "Cookie: a=b\r\nCookie: c=d",
        "X-Authorization: a\r\nX-Authorization: b",
        "Content-Length-X: 5",
        "X-HTTP-Methods: DELETE",
        "Expectation: none",
        "Upgrade-Insecure-Requests: 1",
        "Connection: Upgrade\r\nUpgrade: websocket",
        "Connection: keep-alive, TE\r\nTE: trailers, deflate;q=0.5",
        "Trailer: X-T",
        "!#$%&'*+-.^`|~0: x",
        "Authorization: Bearer a.b-c_d~e+f/g==",
        "Content-Type: application/json; charset=\"utf-8\"",
        "Range: bytes=0-1,5-",
        "If-None-Match: W/\"x\", *",
    ] {
        table.check_header(line);
    }
}

#[test]
fn methods_of_all_kinds() {
    let table = Table::new();
    for method in [
        "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "M-SEARCH", "get",
    ] {
        let recorded = table.check(format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n"));
        assert_eq!(recorded.request_line(), format!("{method} / HTTP/1.1"));
    }
    for method in ["DELETE", "OPTIONS", "PROPFIND"] {
        let recorded = table.check(format!(
            "{method} / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
        ));
        assert_eq!(recorded.body, b"hi");
    }
    table.check("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
}

#[test]
fn a_head_exactly_at_a_limit() {
    let table = Table::new();
    let path = "a".repeat((8 << 10) - "GET / HTTP/1.1".len());
    table.check(format!("GET /{path} HTTP/1.1\r\nHost: a\r\n\r\n"));
    let value = "a".repeat((8 << 10) - "X-A: ".len());
    let recorded = table.check_header(&format!("X-A: {value}"));
    assert_eq!(recorded.header("x-a"), Some(value.as_str()));
    table.check_header(&vec!["X: y"; 99].join("\r\n"));
    let host = "Host: a.example\r\n".len();
    let last = (32 << 10) - host - 4 * (2 + (7 << 10)) - 2;
    let header = |bytes: usize| format!("X-A: {}", "a".repeat(bytes - "X-A: ".len()));
    table.check_header(&(format!("{}\r\n", header(7 << 10)).repeat(4) + &header(last)));
}

#[test]
fn one_empty_line_before_a_request() {
    let table = Table::new();
    table.check("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
}

#[test]
fn a_head_that_comes_byte_by_byte() {
    let (gateway, recorder) = relay();
    let mut client = gateway.connect();
    for byte in b"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi" {
        client.send([*byte]);
    }
    assert_eq!(client.read().text(), "ok");
    assert_eq!(recorder.next().body, b"hi");
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let recorder = Recorder::start(|recorded, stream| {
        let target = recorded
            .request_line()
            .split(' ')
            .nth(1)
            .unwrap()
            .to_owned();
        answer(
            stream,
            &format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{target}",
                target.len()
            ),
        )
    });
    let gateway = Gateway::start(settings(recorder.address));
    let mut client = gateway.connect();
    let mut requests = Vec::new();
    for number in 0..50 {
        let request = match number % 3 {
            0 => format!("GET /{number} HTTP/1.1\r\nHost: a\r\n\r\n"),
            1 => format!("POST /{number} HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nGET "),
            _ => format!(
                "POST /{number} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nGET \r\n0\r\n\r\n\r\n"
            ),
        };
        requests.extend(request.into_bytes());
    }
    client.send(&requests);
    for number in 0..50 {
        assert_eq!(client.read().text(), format!("/{number}"));
    }
}

#[test]
fn http10_keeps_alive_when_asked_and_closes_when_not() {
    let (gateway, _recorder) = relay();
    let mut client = gateway.connect();
    client.send("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert_eq!(client.read().text(), "ok");
    client.send("GET /2 HTTP/1.0\r\n\r\n");
    assert_eq!(client.read().text(), "ok");
    assert!(client.read_to_end().is_empty());
}

#[test]
fn a_client_is_told_to_continue_when_its_body_is_wanted() {
    let (gateway, recorder) = relay();
    let mut client = gateway.connect();
    client.send("POST /r HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\n");
    assert_eq!(client.read_head(), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hi");
    assert_eq!(client.read().text(), "ok");
    let recorded = recorder.next();
    assert_eq!(recorded.body, b"hi");
    assert_eq!(recorded.header("expect"), None);
}

#[test]
fn a_client_is_not_told_to_continue_when_it_is_refused() {
    let (gateway, recorder) = relay();
    let mut client = gateway.connect();
    client.send(
        "POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n",
    );
    assert_eq!(client.read().status, 403);
    assert!(client.read_to_end().is_empty(), "and the connection ends");
    assert!(recorder.rest().is_empty());
}

#[test]
fn the_upstream_reads_one_canonical_head() {
    let table = Table::new();
    let recorded = table.check(concat!(
        "POST /r HTTP/1.1\r\nHOST: Chat.Example:8443\r\nconnection: close, X-Mine, host, content-length\r\n",
        "X-Mine: 1\r\nKeep-Alive: timeout=5\r\nTE: trailers\r\nTrailer: X-T\r\nUpgrade: websocket\r\n",
        "Proxy-Authorization: x\r\nProxy-Connection: keep-alive\r\nExpect: 100-continue\r\n",
        "Forwarded: for=6.6.6.6\r\nX-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\n",
        "X-Forwarded-Host: evil\r\nX-Forwarded-Port: 1\r\nX-Real-IP: 6.6.6.6\r\nX-Request-Id: mine\r\n",
        "X-Member-Id: boss\r\nTraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n",
        "Authorization: Bearer t\r\nAccept: */*\r\nContent-Length: 2\r\n\r\nhi",
    ));
    let mut lines: Vec<&str> = recorded.head.trim_end().lines().collect();
    let id = recorded.header("x-request-id").unwrap();
    assert_eq!(id.len(), 36);
    let id_line = format!("x-request-id: {id}");
    lines[1..].sort_unstable();
    assert_eq!(
        lines,
        [
            "POST /r HTTP/1.1",
            "accept: */*",
            "authorization: Bearer t",
            "content-length: 2",
            "forwarded: for=127.0.0.1;host=\"Chat.Example:8443\";proto=http",
            "host: backend.internal",
            "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "via: 1.1 borderpost",
            "x-forwarded-for: 127.0.0.1",
            "x-forwarded-host: Chat.Example:8443",
            "x-forwarded-proto: http",
            id_line.as_str(),
        ]
    );
}

#[test]
fn a_trusted_proxy_is_believed_and_added_to_the_chain() {
    let recorder = Recorder::start(|_, stream| answer(stream, OK));
    let mut settings = settings(recorder.address);
    settings.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let gateway = Gateway::start(settings);
    let mut client = gateway.connect();
    client.send(concat!(
        "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 6.6.6.6, 9.9.9.9\r\nX-Forwarded-Proto: https\r\n",
        "X-Forwarded-Host: chat.example\r\nX-Request-Id: proxy-1\r\n\r\n"
    ));
    assert!(client.read().head.contains("x-request-id: proxy-1\r\n"));
    let recorded = recorder.next();
    assert_eq!(
        recorded.header("x-forwarded-for"),
        Some("9.9.9.9, 127.0.0.1")
    );
    assert_eq!(recorded.header("x-forwarded-proto"), Some("https"));
    assert_eq!(recorded.header("x-forwarded-host"), Some("chat.example"));
    assert_eq!(
        recorded.header("forwarded"),
        Some("for=9.9.9.9;host=\"chat.example\";proto=https, for=127.0.0.1")
    );
    assert_eq!(recorded.header("x-request-id"), Some("proxy-1"));
}

#[test]
fn what_a_connection_says_is_not_passed_back() {
    let recorder = Recorder::start(|_, stream| {
        answer(
            stream,
            "HTTP/1.1 200 OK\r\nConnection: X-Inner\r\nX-Inner: 1\r\nKeep-Alive: timeout=5\r\nUpgrade: h2\r\nX-Outer: 2\r\nEtag: \"e\"\r\nContent-Length: 2\r\n\r\nok",
        )
    });
    let gateway = Gateway::start(settings(recorder.address));
    let mut client = gateway.connect();
    let head = client
        .send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        .read()
        .head
        .to_lowercase();
    for gone in ["x-inner", "keep-alive", "upgrade", "connection"] {
        assert!(!head.contains(gone), "{head}");
    }
    assert!(head.contains("x-outer: 2\r\n") && head.contains("etag: \"e\"\r\n"));
}
