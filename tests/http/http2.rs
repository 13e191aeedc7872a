//! HTTP/2 from clients: the same checks after translation, and the caps that RFC 9113 leaves to us.

use std::convert::Infallible;
use std::io::Read;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::SendRequest;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;

use super::kit::{Gateway, OK, Recorder, answer, settings};
use super::raw::{Got, Raw, literal};

/// A gateway that speaks HTTP/2 by prior knowledge, before a recorder that answers `ok`.
fn relay() -> (Gateway, Recorder) {
    let recorder = Recorder::start(|_, stream| answer(stream, OK));
    let mut settings = settings(recorder.address);
    settings.listeners[0].http2 = true;
    (Gateway::start(settings), recorder)
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// An HTTP/2 upstream: it answers with method, authority, target and body.
pub struct Peer {
    pub address: SocketAddr,
    connections: Arc<AtomicUsize>,
    hang_up: Arc<Notify>,
}

impl Peer {
    pub fn start(tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let peer = Self {
            address: listener.local_addr().unwrap(),
            connections: Arc::default(),
            hang_up: Arc::default(),
        };
        let (connections, hang_up) = (peer.connections.clone(), peer.hang_up.clone());
        std::thread::spawn(move || {
            runtime().block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                loop {
                    let (tcp, _) = listener.accept().await.unwrap();
                    connections.fetch_add(1, Ordering::SeqCst);
                    let (tls, hang_up) = (tls.clone(), hang_up.clone());
                    tokio::spawn(async move {
                        let serving = async {
                            match tls {
                                None => serve_echo(tcp).await,
                                Some(tls) => {
                                    let acceptor = tokio_rustls::TlsAcceptor::from(tls);
                                    if let Ok(tls) = acceptor.accept(tcp).await {
                                        serve_echo(tls).await;
                                    }
                                }
                            }
                        };
                        tokio::select! {
                            () = serving => {}
                            () = hang_up.notified() => {}
                        }
                    });
                }
            });
        });
        peer
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Drops the connection that is open.
    pub fn hang_up(&self) {
        self.hang_up.notify_waiters();
    }
}

async fn serve_echo<IO: AsyncRead + AsyncWrite + Unpin + 'static>(io: IO) {
    let service = service_fn(|request: Request<Incoming>| async {
        let (head, body) = request.into_parts();
        let body = body
            .collect()
            .await
            .map(|body| body.to_bytes())
            .unwrap_or_default();
        let authority = head
            .uri
            .authority()
            .map(ToString::to_string)
            .unwrap_or_default();
        let text = format!(
            "{} {authority} {} {}",
            head.method,
            head.uri.path_and_query().unwrap(),
            String::from_utf8_lossy(&body)
        );
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(text))))
    });
    let _ = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(io), service)
        .await;
}

pub async fn open<IO>(io: IO) -> SendRequest<Full<Bytes>>
where
    IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(io))
            .await
            .unwrap();
    tokio::spawn(connection);
    sender
}

pub async fn text(answer: Response<Incoming>) -> (u16, String) {
    let status = answer.status().as_u16();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

#[test]
fn requests_share_a_connection_and_arrive_as_one_canonical_head_each() {
    let (gateway, recorder) = relay();
    runtime().block_on(async {
        let tcp = tokio::net::TcpStream::connect(gateway.address)
            .await
            .unwrap();
        let mut sender = open(tcp).await;
        for number in 0..20 {
            let request = Request::post(format!("http://chat.example/r?{number}"))
                .header("x-forwarded-for", "6.6.6.6")
                .body(Full::from(format!("body {number}")))
                .unwrap();
            let answer = sender.send_request(request).await.unwrap();
            assert_eq!(text(answer).await, (200, "ok".into()));
            let recorded = recorder.next();
            assert_eq!(
                recorded.request_line(),
                format!("POST /r?{number} HTTP/1.1")
            );
            assert_eq!(recorded.body, format!("body {number}").as_bytes());
            assert_eq!(recorded.header("host"), Some("backend.internal"));
            assert_eq!(recorded.header("x-forwarded-host"), Some("chat.example"));
            assert_eq!(recorded.header("x-forwarded-for"), Some("127.0.0.1"));
            assert_eq!(recorded.header("via"), Some("2.0 borderpost"));
        }
        let head = Request::head("http://chat.example/local")
            .body(Full::default())
            .unwrap();
        let answer = sender.send_request(head).await.unwrap();
        assert_eq!(text(answer).await, (200, String::new()));
    });
}

#[test]
fn http1_is_spoken_on_the_same_port() {
    let (gateway, _recorder) = relay();
    let mut client = gateway.connect();
    for request in [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        assert_eq!(client.send(request).read().text(), "ok");
    }
    let mut client = gateway.connect();
    client.send("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n");
    assert_eq!(client.read().status, 505);
}

const POST: [(&str, &str); 4] = [
    (":method", "POST"),
    (":scheme", "http"),
    (":authority", "a.example"),
    (":path", "/r"),
];

#[test]
fn heads_are_checked_after_translation() {
    let (gateway, recorder) = relay();
    let long = "x".repeat(8 << 10);
    let table: &[(&str, &[(&str, &str)])] = &[
        ("PaddedValue", &[("x-a", " b")]),
        ("PaddedValue", &[("x-a", "b\t")]),
        ("HostDisagrees", &[("host", "b.example")]),
        ("Host", &[("host", "a b")]),
        (
            "Duplicate(\"host\")",
            &[("host", "a.example"), ("host", "a.example")],
        ),
        (
            "Duplicate(\"authorization\")",
            &[("authorization", "a"), ("authorization", "b")],
        ),
        (
            "Duplicate(\"content-type\")",
            &[("content-type", "a/b"), ("content-type", "a/b")],
        ),
        ("UnderscoreTwin", &[("content_length", "3")]),
        ("UnderscoreTwin", &[("x_member_id", "boss")]),
        ("MethodOverride", &[("x-http-method-override", "GET")]),
        ("Expectation", &[("expect", "x")]),
        ("HeaderTooLong", &[("x-a", &long)]),
    ];
    for (fault, headers) in table {
        let mut raw = Raw::connect(gateway.address, None);
        raw.request(1, &[&POST, *headers].concat(), Some("hi"));
        assert_eq!(raw.read(1), Got::Answer((*fault).into()), "{headers:?}");
        raw.request(3, &POST, Some("hi"));
        assert_eq!(
            raw.read(3),
            Got::Answer("ok".into()),
            "the connection goes on"
        );
        recorder.next();
    }
    let mut raw = Raw::connect(gateway.address, None);
    let many: Vec<_> = (0..101).map(|_| ("x", "y")).collect();
    raw.request(1, &[&POST, many.as_slice()].concat(), Some("hi"));
    assert_eq!(raw.read(1), Got::Answer("TooManyHeaders".into()));
    assert!(recorder.rest().is_empty());
}

#[test]
fn malformed_streams_are_reset_or_refused() {
    let (gateway, recorder) = relay();
    let pseudo = |replaced: &'static str, value: &'static str| {
        POST.map(|(name, old)| (name, if name == replaced { value } else { old }))
            .to_vec()
    };
    let with = |extra: (&'static str, &'static str)| [POST.as_slice(), &[extra]].concat();
    for (headers, body) in [
        (with(("X-A", "b")), "hi"),
        (with(("x-a", "b\r\nc: d")), "hi"),
        (with(("x-a", "b\0")), "hi"),
        (with(("x a", "b")), "hi"),
        (with(("connection", "close")), "hi"),
        (with(("transfer-encoding", "chunked")), "hi"),
        (with(("upgrade", "websocket")), "hi"),
        (with(("keep-alive", "1")), "hi"),
        (with(("te", "gzip")), "hi"),
        (with(("content-length", "3")), "hi"),
        (with(("content-length", "1")), "hi"),
        (with(("content-length", "+2")), "hi"),
        (with(("content-length", "x")), "hi"),
        (with((":path", "/s")), "hi"),
        (with((":strange", "s")), "hi"),
        (pseudo(":path", "*"), "hi"),
        (pseudo(":path", ""), "hi"),
        (pseudo(":path", "r"), "hi"),
        (pseudo(":path", "/r s"), "hi"),
        (pseudo(":path", "/\u{e9}"), "hi"),
        (pseudo(":path", "/r\r\nx: y"), "hi"),
        (pseudo(":authority", "a b"), "hi"),
        (pseudo(":authority", "user@a.example"), "hi"),
        (pseudo(":authority", ""), "hi"),
        (pseudo(":method", "P T"), "hi"),
        (pseudo(":method", "GET"), "hi"),
        (pseudo(":method", "CONNECT"), "hi"),
        (
            vec![(":method", "CONNECT"), (":authority", "a.example:443")],
            "hi",
        ),
        (POST[..3].to_vec(), "hi"),
        (POST[1..].to_vec(), "hi"),
    ] {
        let mut raw = Raw::connect(gateway.address, None);
        raw.request(1, &headers, Some(body));
        let got = raw.read(1);
        assert_ne!(got, Got::Answer("ok".into()), "{headers:?}");
        let whole: Vec<_> = recorder
            .rest()
            .into_iter()
            .filter(|seen| seen.body == b"hi")
            .collect();
        assert!(whole.is_empty(), "{headers:?} became {whole:?}");
    }
}

#[test]
fn odd_but_legal_heads_pass() {
    let (gateway, recorder) = relay();
    for headers in [
        [POST.as_slice(), &[("host", "A.Example")]].concat(),
        [POST.as_slice(), &[("te", "trailers")]].concat(),
        [POST.as_slice(), &[("cookie", "a=b"), ("cookie", "c=d")]].concat(),
        [POST.as_slice(), &[("content-length", "2")]].concat(),
        [POST.as_slice(), &[("x-a", "")]].concat(),
        [POST.as_slice(), &[("my_header", "b\tc")]].concat(),
        [POST.as_slice(), &[("expect", "100-continue")]].concat(),
        vec![POST[0], POST[1], POST[3], ("host", "a.example")],
    ] {
        let mut raw = Raw::connect(gateway.address, None);
        raw.request(1, &headers, Some("hi"));
        assert_eq!(raw.read(1), Got::Answer("ok".into()), "{headers:?}");
        assert_eq!(recorder.next().body, b"hi");
    }
}

#[test]
fn a_flood_of_resets_ends_the_connection() {
    let recorder = Recorder::start(|_, _| true);
    let mut settings = settings(recorder.address);
    settings.listeners[0].http2 = true;
    let gateway = Gateway::start(settings);
    let mut raw = Raw::connect(gateway.address, None);
    let cancel = 8u32.to_be_bytes();
    for stream in (1..20_000).step_by(2) {
        if !raw.request(stream, &POST, None) || !raw.frame(3, 0, stream, &cancel) {
            break;
        }
    }
    assert_eq!(raw.read(u32::MAX), Got::End);
    // A well-behaved client is served meanwhile.
    let mut raw = Raw::connect(gateway.address, None);
    raw.request(1, &[POST[0], POST[1], POST[2], (":path", "/refuse")], None);
    assert_eq!(raw.read(1), Got::Answer("refused unread".into()));
}

#[test]
fn a_stream_that_makes_no_room_ends_the_connection() {
    let recorder = Recorder::start(|_, stream| answer(stream, OK));
    let mut settings = settings(recorder.address);
    settings.listeners[0].http2 = true;
    settings.waits.write = Duration::from_millis(200);
    let gateway = Gateway::start(settings);
    let mut raw = Raw::connect(gateway.address, Some(0));
    raw.request(1, &POST, None);
    assert_eq!(raw.read(1), Got::End);
}

#[test]
fn an_idle_connection_is_told_to_go() {
    let recorder = Recorder::start(|_, stream| answer(stream, OK));
    let mut settings = settings(recorder.address);
    settings.listeners[0].http2 = true;
    settings.waits.keep_alive = Duration::from_millis(200);
    let gateway = Gateway::start(settings);
    let mut raw = Raw::connect(gateway.address, None);
    assert_eq!(raw.read(1), Got::End);
    let mut rest = Vec::new();
    let _ = raw.stream.read_to_end(&mut rest);
}

#[test]
fn a_head_over_the_header_list_limit_is_not_forwarded() {
    let (gateway, recorder) = relay();
    let mut raw = Raw::connect(gateway.address, None);
    let value = "x".repeat(4100);
    let headers = [
        POST.as_slice(),
        &[("a", &value), ("b", &value), ("c", &value), ("d", &value)],
    ]
    .concat();
    raw.request(1, &headers[..7], Some("hi"));
    assert_eq!(raw.read(1), Got::Answer("ok".into()));
    recorder.next();
    let block: Vec<u8> = headers
        .iter()
        .flat_map(|(name, value)| literal(name, value))
        .collect();
    raw.frame(1, 1, 3, &block[..10_000]);
    raw.frame(9, 4, 3, &block[10_000..]);
    assert_ne!(raw.read(3), Got::Answer("ok".into()));
    assert!(recorder.rest().is_empty());
}
