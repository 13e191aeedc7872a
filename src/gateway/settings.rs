//! What an operator sets of listeners, upstreams, limits and waits (`gateway.yaml`).

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use http::HeaderName;
use ipnet::IpNet;

/// Everything the proxy needs to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Where requests arrive, on any leg.
    pub listeners: Vec<Listener>,
    /// The message server behind: clients lead to it, and it is asked what must be learnt.
    pub upstream: Upstream,
    /// The legs besides the clients' own.
    pub legs: Vec<Leg>,
    /// Bounds on everything a peer can make us hold.
    pub limits: Limits,
    /// How long each thing may take.
    pub waits: Waits,
    /// Worker threads, each with its own runtime and listeners. `None`: one a core.
    pub workers: Option<usize>,
    /// Proxies in front of us whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Headers by which the upstream learns who asks. Only the gateway may set them: a client's are
    /// removed.
    pub identity_headers: Vec<HeaderName>,
}

/// One address that clients come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Listener {
    /// The address; port 0 lets the system choose.
    pub address: SocketAddr,
    /// TLS, if it is spoken here.
    pub tls: Option<ServerTls>,
    /// Whether HTTP/2 is spoken: by ALPN under TLS, by prior knowledge without.
    pub http2: bool,
    /// Which of [`Settings::legs`] arrives here; `None`: clients.
    pub leg: Option<usize>,
}

/// A leg besides the clients' own.
#[derive(Clone, Debug, PartialEq)]
pub struct Leg {
    /// Which of the dialect's legs it is.
    pub name: Box<str>,
    /// Where it leads; `None`: to the message server.
    pub upstream: Option<Upstream>,
    /// By whose eyes it is read, where the dialect leaves that open.
    pub reader: Option<Box<str>>,
}

/// The gateway's own certificate.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerTls {
    /// PEM, the leaf first. Read again when it changes.
    pub certificate: PathBuf,
    /// PEM.
    pub key: PathBuf,
    /// Authorities whose client certificates are asked for, if any.
    pub client_authorities: Option<PathBuf>,
    /// Whether a client without a certificate is turned away.
    pub client_certificate: ClientCertificate,
}

/// Whether clients must show a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientCertificate {
    /// Asked for where authorities are named, and may be missing.
    Optional,
    /// Required.
    Required,
}

/// The message server.
#[derive(Clone, Debug, PartialEq)]
pub struct Upstream {
    /// `http` or `https`.
    pub tls: Option<ClientTls>,
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// The Host that the upstream sees. `None`: host and port as above.
    pub host_header: Option<String>,
    /// Which HTTP is spoken to it.
    pub http: UpstreamHttp,
    /// The most connections, for each worker.
    pub connections_max: usize,
}

/// How the upstream's certificate is judged.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientTls {
    /// Authorities, else the system's.
    pub authorities: Option<PathBuf>,
    /// The name expected in the certificate, else the host.
    pub server_name: Option<String>,
    /// A certificate and key of our own, if the upstream asks.
    pub certificate: Option<(PathBuf, PathBuf)>,
}

/// The HTTP version spoken upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpstreamHttp {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2: by ALPN under TLS, by prior knowledge without.
    Http2,
}

/// Bounds. Each is counted in a metric when it is hit, see [`super::limit`].
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// The request line, bytes.
    pub request_line_bytes_max: usize,
    /// One header line, bytes.
    pub header_bytes_max: usize,
    /// All headers, bytes.
    pub headers_bytes_max: usize,
    /// How many headers.
    pub headers_max: usize,
    /// A body that is read for a decision, as it came and decoded, bytes.
    pub inspected_body_bytes_max: usize,
    /// Decoded to encoded, judged above [`Limits::ratio_floor_bytes`].
    pub decode_ratio_max: usize,
    /// Below this, any ratio passes, bytes.
    pub ratio_floor_bytes: usize,
    /// JSON nesting.
    pub json_depth_max: usize,
    /// Members of one JSON object or elements of one array in a request.
    pub json_members_max: usize,
    /// One JSON string, bytes.
    pub json_string_bytes_max: usize,
    /// Digits of one JSON number.
    pub json_number_digits_max: usize,
    /// A streamed upload, bytes.
    pub upload_bytes_max: u64,
    /// Connections in all.
    pub connections_max: usize,
    /// Connections from one address.
    pub connections_per_address_max: usize,
    /// HTTP/2 streams at once on a connection.
    pub http2_streams_max: u32,
    /// HTTP/2 header list, bytes.
    pub http2_header_list_bytes_max: u32,
    /// HTTP/2 streams a client may reset in a minute before the connection ends.
    pub http2_resets_max: usize,
    /// HTTP/2 frames that move nothing (pings, settings, priorities, empty parts, unknown ones) a
    /// client may send in a minute before the connection ends.
    pub http2_control_frames_max: usize,
    /// How far an HTTP/2 client may send ahead on one stream, bytes.
    pub http2_stream_window_bytes: u32,
    /// How far an HTTP/2 client may send ahead on a connection, bytes.
    pub http2_connection_window_bytes: u32,
    /// The size line of one chunk, with its extensions; and a whole trailer section, bytes.
    pub chunk_line_bytes_max: usize,
    /// An answer that is read and edited, bytes.
    pub edited_answer_bytes_max: usize,
    /// Facts that one request, answer or event may need to be looked up.
    pub lookups_max: usize,
    /// Pseudonyms of unknown people that are found again when a client names one.
    pub pseudonyms_max: usize,
}

/// How long each thing may take.
#[derive(Clone, Debug, PartialEq)]
pub struct Waits {
    /// A request head, and a TLS handshake.
    pub head: Duration,
    /// Between two parts of a request body.
    pub body_idle: Duration,
    /// For a client to take a part of an answer.
    pub write: Duration,
    /// An idle connection of a client.
    pub keep_alive: Duration,
    /// To connect upstream.
    pub upstream_connect: Duration,
    /// For the first byte of an answer.
    pub upstream_first_byte: Duration,
    /// Between two parts of an answer.
    pub upstream_idle: Duration,
    /// An idle pooled connection.
    pub upstream_keep_alive: Duration,
    /// For requests to finish after SIGTERM.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_line_bytes_max: 8 << 10,
            header_bytes_max: 8 << 10,
            headers_bytes_max: 32 << 10,
            headers_max: 100,
            inspected_body_bytes_max: 1 << 20,
            decode_ratio_max: 100,
            ratio_floor_bytes: 64 << 10,
            json_depth_max: 64,
            json_members_max: 10_000,
            json_string_bytes_max: 256 << 10,
            json_number_digits_max: 64,
            upload_bytes_max: 100 << 20,
            connections_max: 10_000,
            connections_per_address_max: 256,
            http2_streams_max: 100,
            http2_header_list_bytes_max: 16 << 10,
            http2_resets_max: 100,
            http2_control_frames_max: 1_000,
            http2_stream_window_bytes: 64 << 10,
            http2_connection_window_bytes: 1 << 20,
            chunk_line_bytes_max: 4 << 10,
            edited_answer_bytes_max: 4 << 20,
            lookups_max: 2_000,
            pseudonyms_max: 1_000_000,
        }
    }
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body_idle: Duration::from_secs(15),
            write: Duration::from_secs(30),
            keep_alive: Duration::from_secs(75),
            upstream_connect: Duration::from_secs(3),
            upstream_first_byte: Duration::from_secs(30),
            upstream_idle: Duration::from_secs(30),
            upstream_keep_alive: Duration::from_secs(60),
            drain: Duration::from_secs(30),
        }
    }
}
