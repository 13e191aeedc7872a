//! A gateway with a plain journey, an upstream that records what it reads, and clients of raw bytes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use borderpost::gateway::answer_body::AnswerBody;
use borderpost::gateway::arrival::{Answer, Arrival, Pass};
use borderpost::gateway::canonical::{Canonical, answer_head};
use borderpost::gateway::limit::{Hits, Limit};
use borderpost::gateway::server::{Running, Server};
use borderpost::gateway::settings::{
    Limits, Listener, Settings, Upstream as UpstreamSettings, UpstreamHttp, Waits,
};
use borderpost::gateway::upstream::{OutboundBody, Target, Upstream};
use borderpost::telemetry::Meters;
use http::{Response, StatusCode};

/// Nothing here takes so long; it only keeps a broken test from hanging.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// One worker before an upstream on this address, with short waits where a test may want to meet one.
pub fn settings(upstream: SocketAddr) -> Settings {
    Settings {
        listeners: vec![Listener {
            address: "127.0.0.1:0".parse().unwrap(),
            tls: None,
            http2: false,
            leg: None,
        }],
        upstream: UpstreamSettings {
            tls: None,
            host: upstream.ip().to_string(),
            port: upstream.port(),
            host_header: Some("backend.internal".into()),
            http: UpstreamHttp::Http1,
            connections_max: 64,
        },
        legs: Vec::new(),
        limits: Limits::default(),
        waits: Waits {
            upstream_connect: Duration::from_secs(3),
            ..Waits::default()
        },
        workers: Some(1),
        trusted_proxies: Vec::new(),
        identity_headers: vec!["x-member-id".parse().unwrap()],
    }
}

/// A running gateway.
pub struct Gateway {
    pub running: Running,
    pub address: SocketAddr,
}

impl Gateway {
    pub fn start(settings: Settings) -> Self {
        let target = Target::prepare(&settings.upstream, &settings.waits).unwrap();
        let canonical = Canonical::new(&settings.upstream, &settings.identity_headers).unwrap();
        let hits = Hits::new(&Meters::new());
        let running = Server::start(settings, hits.clone(), move |_| {
            Rc::new(Relay {
                canonical: canonical.clone(),
                upstream: Upstream::new(target.clone(), hits.clone()),
            })
        })
        .unwrap();
        let address = running.addresses()[0];
        Self { running, address }
    }

    pub fn connect(&self) -> Client {
        Client::connect(self.address)
    }
}

/// A gateway with default settings before a recorder that answers `ok`.
pub fn relay() -> (Gateway, Recorder) {
    let recorder = Recorder::start(|_, stream| answer(stream, OK));
    (Gateway::start(settings(recorder.address)), recorder)
}

/// Forwards everything, but for a few paths of its own.
pub struct Relay {
    canonical: Canonical,
    upstream: Upstream,
}

impl Pass for Relay {
    async fn pass(&self, arrival: Arrival) -> Answer {
        if let Some(fault) = arrival.fault {
            return told(fault.status(), format!("{fault:?}"));
        }
        match arrival.head.uri.path() {
            "/panic" => panic!("a test asked for it"),
            "/refuse" => return told(StatusCode::FORBIDDEN, "refused unread".into()),
            "/local" => return local(arrival).await,
            "/limited" => {
                let body = arrival.body.limited(Limit::UploadBytes, 10);
                let head = self.canonical.head(&arrival.head, &arrival.client);
                return self.forward(head, body.into()).await;
            }
            _ => {}
        }
        let head = self.canonical.head(&arrival.head, &arrival.client);
        self.forward(head, OutboundBody::from(arrival.body)).await
    }
}

impl Relay {
    async fn forward(
        &self,
        head: borderpost::gateway::canonical::CanonicalHead,
        body: OutboundBody,
    ) -> Answer {
        match self.upstream.send(head, body).await {
            Ok(answer) => {
                let (mut head, body) = answer.into_parts();
                answer_head(&mut head);
                Response::from_parts(head, AnswerBody::from(body))
            }
            Err(fault) => told(fault.status(), format!("{:?}", fault.kind)),
        }
    }
}

/// Reads the whole body and gives it back.
async fn local(arrival: Arrival) -> Answer {
    let bound = Limit::InspectedBodyBytes;
    match arrival.body.collect_within(bound, 1 << 20).await {
        Ok(bytes) => Response::new(AnswerBody::full(bytes)),
        Err(fault) => told(fault.status(), format!("{fault:?}")),
    }
}

fn told(status: StatusCode, what: String) -> Answer {
    let mut answer = Response::new(AnswerBody::full(what));
    *answer.status_mut() = status;
    answer
}

/// What an upstream read.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Which connection it came on, counted from 0.
    pub connection: usize,
    /// The head, as it came.
    pub head: String,
    /// The body, decoded.
    pub body: Vec<u8>,
}

impl Recorded {
    pub fn request_line(&self) -> &str {
        self.head.lines().next().unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let values = self.headers(name);
        assert!(values.len() <= 1, "{name}: {values:?}");
        values.first().copied()
    }

    pub fn headers(&self, name: &str) -> Vec<&str> {
        fields(&self.head, name)
    }
}

pub const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// An upstream of raw bytes.
pub struct Recorder {
    pub address: SocketAddr,
    requests: Receiver<Recorded>,
}

impl Recorder {
    /// Reads each request whole, records it, and lets `react` write; `false` closes the connection.
    pub fn start(
        react: impl Fn(&Recorded, &mut TcpStream) -> bool + Send + Sync + 'static,
    ) -> Self {
        let (sender, requests) = channel();
        let react = Arc::new(react);
        let sender = Mutex::new(sender);
        let address = serve_raw(move |connection, stream| {
            let sender = sender.lock().unwrap().clone();
            record(connection, stream, &sender, &*react);
        });
        Self { address, requests }
    }

    /// The next request, which must come.
    #[track_caller]
    pub fn next(&self) -> Recorded {
        self.requests.recv_timeout(PATIENCE).expect("a request")
    }

    /// What came and was not yet looked at.
    pub fn rest(&self) -> Vec<Recorded> {
        self.requests.try_iter().collect()
    }
}

/// Runs `serve` in a thread for each connection; returns the address.
pub fn serve_raw(serve: impl Fn(usize, TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serve = Arc::new(serve);
    std::thread::spawn(move || {
        for (connection, stream) in listener.incoming().enumerate() {
            let serve = serve.clone();
            std::thread::spawn(move || serve(connection, stream.unwrap()));
        }
    });
    address
}

fn record(
    connection: usize,
    mut stream: TcpStream,
    sender: &Sender<Recorded>,
    react: &dyn Fn(&Recorded, &mut TcpStream) -> bool,
) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some(head) = read_head(&mut reader) {
        let body = read_body(&mut reader, &head);
        let recorded = Recorded {
            connection,
            head,
            body,
        };
        let _ = sender.send(recorded.clone());
        if !react(&recorded, &mut stream) {
            return;
        }
    }
}

/// Writes an answer; the connection goes on.
pub fn answer(stream: &mut TcpStream, answer: &str) -> bool {
    stream.write_all(answer.as_bytes()).is_ok()
}

pub fn read_head(reader: &mut impl BufRead) -> Option<String> {
    let mut head = String::new();
    loop {
        let before = head.len();
        reader.read_line(&mut head).ok()?;
        if head.len() == before {
            return None;
        }
        if &head[before..] == "\r\n" {
            return Some(head);
        }
    }
}

fn read_body(reader: &mut impl BufRead, head: &str) -> Vec<u8> {
    if fields(head, "transfer-encoding") == ["chunked"] {
        let mut body = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let size =
                usize::from_str_radix(line.trim(), 16).unwrap_or_else(|_| panic!("{line:?}"));
            let mut chunk = vec![0; size + 2];
            reader.read_exact(&mut chunk).unwrap();
            assert!(chunk.ends_with(b"\r\n"));
            chunk.truncate(size);
            body.extend(chunk);
            if size == 0 {
                return body;
            }
        }
    }
    let length = fields(head, "content-length");
    let mut body = vec![0; length.first().map_or(0, |length| length.parse().unwrap())];
    if reader.read_exact(&mut body).is_err() {
        body.clear();
    }
    body
}

pub fn fields<'a>(head: &'a str, name: &str) -> Vec<&'a str> {
    head.lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .filter(|(field, _)| field.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
        .collect()
}

/// An answer that a client read.
#[derive(Debug)]
pub struct Read1 {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Read1 {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// A client of raw bytes.
pub struct Client {
    pub stream: TcpStream,
    reader: BufReader<TcpStream>,
}

impl Client {
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        let reader = BufReader::new(stream.try_clone().unwrap());
        Self { stream, reader }
    }

    /// Sends bytes. The gateway may have closed already; what it said shows in the answer.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let _ = self.stream.write_all(bytes.as_ref());
        self
    }

    /// Reads one answer to a request that is not HEAD.
    #[track_caller]
    pub fn read(&mut self) -> Read1 {
        let head = self.read_head();
        let status = status(&head);
        let body = match status {
            100 | 204 | 304 => Vec::new(),
            _ => read_body(&mut self.reader, &head),
        };
        Read1 { status, head, body }
    }

    #[track_caller]
    pub fn read_head(&mut self) -> String {
        read_head(&mut self.reader).expect("an answer")
    }

    /// Reads to the end of the connection, which must come.
    #[track_caller]
    pub fn read_to_end(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        match self.reader.read_to_end(&mut rest) {
            Ok(_) => rest,
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => rest,
            Err(error) => panic!("the connection stays open: {error}"),
        }
    }
}

pub fn status(head: &str) -> u16 {
    head.split(' ').nth(1).unwrap().parse().unwrap()
}

impl Read for Client {
    fn read(&mut self, space: &mut [u8]) -> std::io::Result<usize> {
        self.reader.read(space)
    }
}
