//! A small client for tests: one connection a request, HTTP/1.1 or HTTP/2, and a reader of event streams.
#![allow(
    dead_code,
    reason = "each test binary uses the part of the client that it needs"
)]

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long a test waits for anything before it fails.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What goes over the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    Http1,
    Http2,
}

impl Version {
    /// What those who go through the gateway speak in this test binary: its name says so.
    pub fn of_this_binary() -> Self {
        if env!("CARGO_CRATE_NAME").ends_with("_http2") {
            Version::Http2
        } else {
            Version::Http1
        }
    }
}

/// Somebody with a token, at an address.
#[derive(Clone)]
pub struct Client {
    pub base: SocketAddr,
    pub token: String,
    pub version: Version,
}

/// An answer, whole.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Bytes,
}

impl Reply {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |it| it.to_str().expect("a readable header"))
    }

    /// The same, if it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }
}

impl Client {
    pub fn new(base: SocketAddr, token: &str) -> Self {
        Self {
            base,
            token: token.to_owned(),
            version: Version::Http1,
        }
    }

    /// The same over HTTP/2.
    pub fn http2(&self) -> Self {
        Self {
            version: Version::Http2,
            ..self.clone()
        }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, &[], Bytes::new()).await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.send(Method::GET, path, headers, Bytes::new()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.json(Method::POST, path, body).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Reply {
        self.json(Method::PUT, path, body).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        self.json(Method::PATCH, path, body).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, &[], Bytes::new()).await
    }

    /// Sends raw bytes of a media type by `POST`.
    pub async fn upload(&self, path: &str, media_type: &str, bytes: &[u8]) -> Reply {
        let body = Bytes::copy_from_slice(bytes);
        let headers = [("content-type", media_type)];
        self.send(Method::POST, path, &headers, body).await
    }

    async fn json(&self, method: Method, path: &str, body: Value) -> Reply {
        let body = Bytes::from(body.to_string());
        let headers = [("content-type", "application/json")];
        self.send(method, path, &headers, body).await
    }

    /// Sends a request and reads the whole answer.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Reply {
        let body = Full::new(body).boxed_unsync();
        whole(self.open(method, path, headers, body).await).await
    }

    /// Uploads `size` zeros without ever holding them.
    pub async fn upload_zeros(&self, path: &str, size: u64) -> Reply {
        static ZEROS: [u8; 64 * 1024] = [0; 64 * 1024];
        let chunks = stream::unfold(size, |left| async move {
            let chunk = left.min(ZEROS.len() as u64);
            let bytes = Bytes::from_static(&ZEROS).slice(..chunk as usize);
            (chunk > 0).then(|| (Ok(Frame::data(bytes)), left - chunk))
        });
        let body = StreamBody::new(chunks).boxed_unsync();
        let headers = [("content-length", size.to_string())];
        let headers = headers
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        whole(self.open(Method::POST, path, &headers, body).await).await
    }

    /// Downloads without holding the bytes: how many there were.
    pub async fn count_bytes(&self, path: &str) -> u64 {
        let body = Full::default().boxed_unsync();
        let mut body = self.open(Method::GET, path, &[], body).await.into_body();
        let mut size = 0;
        while let Some(frame) = body.frame().await {
            let bytes = frame.expect("the download goes on").into_data();
            size += bytes.map_or(0, |it| it.len() as u64);
        }
        size
    }

    /// Opens `/v1/events`.
    pub async fn events(&self) -> Events {
        self.events_with(&[]).await
    }

    /// Opens `/v1/events` behind an event.
    pub async fn events_after(&self, id: u64) -> Events {
        let id = id.to_string();
        self.events_with(&[("last-event-id", &id)]).await
    }

    /// Opens `/v1/events` with more headers, and waits for the first line, so that nothing that
    /// happens afterwards is missed.
    pub async fn events_with(&self, headers: &[(&str, &str)]) -> Events {
        let body = Full::default().boxed_unsync();
        let response = self.open(Method::GET, "/v1/events", headers, body).await;
        assert_eq!(response.status(), StatusCode::OK);
        let mut events = Events {
            body: response.into_body(),
            text: String::new(),
            pending: Vec::new(),
        };
        assert!(events.fill().await, "the stream ends before it begins");
        events
    }

    /// Sends a request; the answer's body is still to come.
    pub async fn open(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: UnsyncBoxBody<Bytes, std::convert::Infallible>,
    ) -> Response<Incoming> {
        let uri = match self.version {
            Version::Http1 => path.to_owned(),
            Version::Http2 => format!("http://{}{path}", self.base),
        };
        let mut request = Request::builder().method(method).uri(uri);
        if self.version == Version::Http1 {
            request = request.header("host", self.base.to_string());
        }
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body).expect("a request");
        let io = TcpStream::connect(self.base).await.expect("a connection");
        let answered = async {
            match self.version {
                Version::Http1 => {
                    let (mut sender, connection) =
                        http1::handshake(TokioIo::new(io)).await.expect("HTTP/1.1");
                    tokio::spawn(connection);
                    sender.send_request(request).await
                }
                Version::Http2 => {
                    let (mut sender, connection) =
                        http2::handshake(TokioExecutor::new(), TokioIo::new(io))
                            .await
                            .expect("HTTP/2");
                    tokio::spawn(connection);
                    sender.send_request(request).await
                }
            }
        };
        tokio::time::timeout(PATIENCE, answered)
            .await
            .expect("an answer in time")
            .expect("an answer")
    }
}

async fn whole(response: Response<Incoming>) -> Reply {
    let (head, body) = response.into_parts();
    let body = tokio::time::timeout(PATIENCE, body.collect()).await;
    Reply {
        status: head.status,
        headers: head.headers,
        bytes: body.expect("a body in time").expect("a body").to_bytes(),
    }
}

/// Writes bytes to a socket as they are, and reads what comes until the other side closes.
pub async fn raw(base: SocketAddr, bytes: &[u8]) -> String {
    let mut socket = TcpStream::connect(base).await.expect("a connection");
    socket.write_all(bytes).await.expect("to write");
    let mut answer = Vec::new();
    let read = tokio::time::timeout(PATIENCE, socket.read_to_end(&mut answer)).await;
    // A reset after the answer is an end, too.
    drop(read.expect("an end in time"));
    String::from_utf8_lossy(&answer).into_owned()
}

/// One event of a stream.
#[derive(Clone, Debug)]
pub struct Event {
    pub name: String,
    pub id: u64,
    pub data: Value,
}

/// An open event stream.
pub struct Events {
    body: Incoming,
    text: String,
    /// Read, not yet asked for; the latest first.
    pending: Vec<Event>,
}

impl Events {
    /// The next event; `None` when the stream has ended.
    pub async fn next(&mut self) -> Option<Event> {
        while self.pending.is_empty() {
            if !self.fill().await {
                return None;
            }
        }
        self.pending.pop()
    }

    /// The next event with this name; those before it are passed over.
    pub async fn next_named(&mut self, name: &str) -> Event {
        loop {
            let event = self.next().await.expect("the stream goes on");
            if event.name == name {
                return event;
            }
        }
    }

    /// Everything until an event that `is_last`: with that one.
    pub async fn until(&mut self, is_last: impl Fn(&Event) -> bool) -> Vec<Event> {
        let mut events = Vec::new();
        loop {
            let event = self.next().await.expect("the stream goes on");
            let last = is_last(&event);
            events.push(event);
            if last {
                return events;
            }
        }
    }

    /// Reads on; false at the end.
    async fn fill(&mut self) -> bool {
        let frame = tokio::time::timeout(PATIENCE, self.body.frame()).await;
        let Some(Ok(frame)) = frame.expect("an event in time") else {
            return false;
        };
        let Ok(bytes) = frame.into_data() else {
            return true;
        };
        self.text.push_str(&String::from_utf8_lossy(&bytes));
        while let Some((block, rest)) = self.text.split_once("\n\n") {
            if let Some(event) = event(block) {
                self.pending.insert(0, event);
            }
            self.text = rest.to_owned();
        }
        true
    }
}

fn event(block: &str) -> Option<Event> {
    let field = |name: &str| {
        let mut lines = block.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    };
    Some(Event {
        name: field("event")?.to_owned(),
        id: field("id")?.parse().expect("a number"),
        data: serde_json::from_str(field("data")?).expect("JSON"),
    })
}
