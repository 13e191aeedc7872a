//! What `gateway.yaml` and a company's policy file may hold.

use super::sections::{LogFormat, LogLevel};
use crate::gateway::settings::{ClientCertificate, UpstreamHttp};
use crate::policy::ContentKind;
use crate::policy::settings::{Connect, EncryptedRooms, History, Permission, Restrict};
use crate::yaml::shape::Kind::{
    Bool, Bytes, Duration, Integer, List, ListOr, Mapping, Named, OneOrMany, Path, Text, Word,
};
use crate::yaml::shape::Presence::{Default, Optional, Required};
use crate::yaml::shape::{Field, Kind, Presence, Shape};

const SECOND: u64 = 1_000;
const HOUR: u64 = 3_600 * SECOND;
const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// `gateway.yaml`.
pub static GATEWAY: Shape = Shape {
    title: "Borderpost: the gateway's settings (gateway.yaml)",
    fields: &[
        field(
            "listeners",
            List(&Mapping(&LISTENER)),
            Required,
            "where clients arrive",
        ),
        field(
            "upstream",
            Mapping(&UPSTREAM),
            Required,
            "the message server behind",
        ),
        field(
            "dialect",
            Path,
            Required,
            "the dialect file of the message server's protocol",
        ),
        field(
            "policy",
            OneOrMany(&Path),
            Default("policy"),
            "the companies' policy files: directories (all their `*.yaml`) or single files",
        ),
        field(
            "networks",
            Named("a network's id", &Mapping(&NETWORK)),
            Optional,
            "the outside worlds that peers are reached through, 16 at most; without this key, `line` and `works`",
        ),
        field(
            "limits",
            Mapping(&LIMITS),
            Optional,
            "bounds on what a peer can make the gateway hold",
        ),
        field(
            "waits",
            Mapping(&WAITS),
            Optional,
            "how long each thing may take",
        ),
        field(
            "workers",
            Integer(1, 1024),
            Optional,
            "worker threads; without this key, one a core",
        ),
        field(
            "trusted_proxies",
            List(&Text),
            Default("[]"),
            "addresses or nets of proxies in front whose forwarding headers are believed",
        ),
        field(
            "identity_headers",
            List(&Text),
            Default("[]"),
            "headers by which the upstream learns who asks: a client's are removed",
        ),
        field(
            "admin",
            Mapping(&ADMIN),
            Optional,
            "the administrator's listener: health and metrics",
        ),
        field(
            "log",
            Mapping(&LOG),
            Optional,
            "what is written to standard error",
        ),
        field(
            "drive_hosts",
            List(&Text),
            Default("[]"),
            "hosts whose links lead into a drive: `drive.example`, or `*.drive.example` for all under it",
        ),
        field(
            "pseudonym_key",
            Text,
            Optional,
            "the secret that makes the ids of unknown people, 32 characters or more; keep it: with another key they get other ids",
        ),
        field(
            "env_allow",
            List(&Text),
            Default("[]"),
            "variables that `${NAME}` may name besides those that begin with `BORDERPOST_`",
        ),
        field(
            "rooms",
            Mapping(&LEARNT),
            Optional,
            "what is remembered of rooms",
        ),
        field(
            "tokens",
            Mapping(&LEARNT),
            Optional,
            "what is remembered of tokens' owners",
        ),
    ],
};

static LISTENER: Shape = Shape {
    title: "a listener",
    fields: &[
        field(
            "address",
            Text,
            Required,
            "address and port; port 0 lets the system choose",
        ),
        field(
            "tls",
            Mapping(&SERVER_TLS),
            Optional,
            "the gateway's certificate, where TLS is spoken",
        ),
        field(
            "http2",
            Bool,
            Default("true"),
            "whether HTTP/2 is spoken besides HTTP/1.1",
        ),
    ],
};

static SERVER_TLS: Shape = Shape {
    title: "the gateway's certificate",
    fields: &[
        field(
            "certificate",
            Path,
            Required,
            "PEM, the leaf first; read again when it changes",
        ),
        field("key", Path, Required, "PEM"),
        field(
            "client_authorities",
            Path,
            Optional,
            "PEM: authorities of clients' certificates",
        ),
        field(
            "client_certificate",
            Word(&CLIENT_CERTIFICATE_WORDS),
            Default("required"),
            "whether a client without a certificate is turned away, where authorities are named",
        ),
    ],
};

static UPSTREAM: Shape = Shape {
    title: "the message server",
    fields: &[
        field(
            "url",
            Text,
            Required,
            "`http://host:port` or `https://host:port`",
        ),
        field(
            "http",
            Word(&UPSTREAM_HTTP_WORDS),
            Default("http1"),
            "the HTTP version spoken to it",
        ),
        field(
            "lookup_token",
            Text,
            Optional,
            "the gateway's own bearer token, with which it asks who is in a room; without this key, it asks with the token of whoever acts",
        ),
        field(
            "host",
            Text,
            Optional,
            "the Host that it sees; without this key, that of the url",
        ),
        field(
            "tls",
            Mapping(&CLIENT_TLS),
            Optional,
            "how its certificate is judged; only with https",
        ),
        field(
            "connections_max",
            Integer(1, 65_536),
            Default("64"),
            "the most connections, for each worker",
        ),
    ],
};

static CLIENT_TLS: Shape = Shape {
    title: "how the upstream's certificate is judged",
    fields: &[
        field(
            "authorities",
            Path,
            Optional,
            "PEM: authorities that are trusted; without this key, the system's",
        ),
        field(
            "server_name",
            Text,
            Optional,
            "the name expected in the certificate; without this key, the host",
        ),
        field(
            "certificate",
            Path,
            Optional,
            "PEM: a certificate of our own, if the upstream asks",
        ),
        field("key", Path, Optional, "PEM: its key"),
    ],
};

static NETWORK: Shape = Shape {
    title: "a network",
    fields: &[
        field(
            "people",
            OneOrMany(&Text),
            Default("[]"),
            "patterns of its peers' ids: `*` any characters, `?` one",
        ),
        field(
            "between_companies",
            Bool,
            Default("false"),
            "whether members of different companies reach one another through it; one network at most",
        ),
        field(
            "requires_contact",
            Bool,
            Default("false"),
            "whether talking needs a contact",
        ),
        field(
            "restricted_kinds",
            List(&Word(&KIND_WORDS)),
            Default("[camera, contacts, drive, file]"),
            "what an attachment restriction covers here, unless a company says otherwise",
        ),
    ],
};

static LIMITS: Shape = Shape {
    title: "limits",
    fields: &[
        field(
            "request_line_bytes_max",
            Bytes(64, MIB),
            Default("8KiB"),
            "the request line",
        ),
        field(
            "header_bytes_max",
            Bytes(64, MIB),
            Default("8KiB"),
            "one header line",
        ),
        field(
            "headers_bytes_max",
            Bytes(64, 16 * MIB),
            Default("32KiB"),
            "all headers",
        ),
        field(
            "headers_max",
            Integer(1, 10_000),
            Default("100"),
            "how many headers",
        ),
        field(
            "inspected_body_bytes_max",
            Bytes(KIB, GIB),
            Default("1MiB"),
            "a body that is read for a decision, as it came and decoded",
        ),
        field(
            "decode_ratio_max",
            Integer(1, 100_000),
            Default("100"),
            "decoded to encoded size, above the floor",
        ),
        field(
            "ratio_floor_bytes",
            Bytes(0, GIB),
            Default("64KiB"),
            "below this, any ratio passes",
        ),
        field(
            "json_depth_max",
            Integer(1, 512),
            Default("64"),
            "JSON nesting",
        ),
        field(
            "json_members_max",
            Integer(1, 10_000_000),
            Default("10000"),
            "members of one JSON object or array",
        ),
        field(
            "json_string_bytes_max",
            Bytes(1, GIB),
            Default("256KiB"),
            "one JSON string",
        ),
        field(
            "json_number_digits_max",
            Integer(1, 10_000),
            Default("64"),
            "digits of one JSON number",
        ),
        field(
            "upload_bytes_max",
            Bytes(1, 1 << 40),
            Default("100MiB"),
            "a streamed upload",
        ),
        field(
            "connections_max",
            Integer(1, 10_000_000),
            Default("10000"),
            "connections in all",
        ),
        field(
            "connections_per_address_max",
            Integer(1, 10_000_000),
            Default("256"),
            "connections from one address",
        ),
        field(
            "http2_streams_max",
            Integer(1, 100_000),
            Default("100"),
            "HTTP/2 streams at once on a connection",
        ),
        field(
            "http2_header_list_bytes_max",
            Bytes(64, 16 * MIB),
            Default("16KiB"),
            "an HTTP/2 header list",
        ),
        field(
            "http2_resets_max",
            Integer(1, 100_000),
            Default("100"),
            "HTTP/2 streams a client may reset in a minute",
        ),
        field(
            "http2_stream_window_bytes",
            Bytes(KIB, GIB),
            Default("64KiB"),
            "how far an HTTP/2 client may send ahead on one stream",
        ),
        field(
            "http2_connection_window_bytes",
            Bytes(64 * KIB, GIB),
            Default("1MiB"),
            "how far an HTTP/2 client may send ahead on a connection",
        ),
        field(
            "chunk_line_bytes_max",
            Bytes(16, MIB),
            Default("4KiB"),
            "the size line of a chunk, and a whole trailer section",
        ),
        field(
            "edited_answer_bytes_max",
            Bytes(KIB, GIB),
            Default("4MiB"),
            "an answer that is read and edited",
        ),
    ],
};

static WAITS: Shape = Shape {
    title: "waits",
    fields: &[
        field(
            "head",
            Duration(1, HOUR),
            Default("10s"),
            "a request head, and a TLS handshake",
        ),
        field(
            "body_idle",
            Duration(1, HOUR),
            Default("15s"),
            "between two parts of a request body",
        ),
        field(
            "write",
            Duration(1, HOUR),
            Default("30s"),
            "for a client to take a part of an answer",
        ),
        field(
            "keep_alive",
            Duration(1, 24 * HOUR),
            Default("75s"),
            "an idle connection of a client",
        ),
        field(
            "upstream_connect",
            Duration(1, HOUR),
            Default("3s"),
            "to connect upstream",
        ),
        field(
            "upstream_first_byte",
            Duration(1, HOUR),
            Default("30s"),
            "for the first byte of an answer",
        ),
        field(
            "upstream_idle",
            Duration(1, HOUR),
            Default("30s"),
            "between two parts of an answer",
        ),
        field(
            "upstream_keep_alive",
            Duration(1, 24 * HOUR),
            Default("60s"),
            "an idle pooled connection",
        ),
        field(
            "drain",
            Duration(0, 24 * HOUR),
            Default("30s"),
            "for requests to finish after SIGTERM",
        ),
    ],
};

static ADMIN: Shape = Shape {
    title: "the administrator's listener",
    fields: &[field(
        "address",
        Text,
        Default("127.0.0.1:9901"),
        "address and port",
    )],
};

static LOG: Shape = Shape {
    title: "the log",
    fields: &[
        field(
            "format",
            Word(&LOG_FORMAT_WORDS),
            Default("text"),
            "for people, or one JSON object a line",
        ),
        field(
            "level",
            Word(&LOG_LEVEL_WORDS),
            Default("info"),
            "the least important line that is written",
        ),
    ],
};

static LEARNT: Shape = Shape {
    title: "what traffic teaches",
    fields: &[
        field(
            "stale_after",
            Duration(100, 24 * HOUR),
            Default("60s"),
            "after this it is asked for again",
        ),
        field(
            "remembered_max",
            Integer(1, 10_000_000),
            Default("100000"),
            "the most that are kept",
        ),
    ],
};

/// One company's policy file.
pub static POLICY: Shape = Shape {
    title: "Borderpost: one company's policy (policy/*.yaml)",
    fields: &[
        field("company", Text, Required, "the company's id"),
        field(
            "name",
            Text,
            Optional,
            "its name for people; without this key, the id",
        ),
        field(
            "members",
            ListOr(&Text, &MEMBERS),
            Optional,
            "who belongs to it",
        ),
        field(
            "suspended",
            ListOr(&Text, &IDS),
            Optional,
            "members who are as revoked, reversibly",
        ),
        field(
            "external_messaging",
            Named("a network's id", &Mapping(&RULES)),
            Optional,
            "what the company says of each network; one it says nothing of is denied",
        ),
        field(
            "contacts",
            ListOr(&List(&Text), &PAIRS),
            Optional,
            "contacts between members and peers: `[[member, peer], …]`",
        ),
    ],
};

static MEMBERS: Shape = Shape {
    title: "members",
    fields: &[
        field("list", List(&Text), Optional, "ids"),
        field(
            "file",
            Path,
            Optional,
            "a text file, one id a line; `#` begins a comment",
        ),
        field(
            "match",
            OneOrMany(&Text),
            Optional,
            "patterns of ids: `*` any characters, `?` one; who is listed in a company belongs there all the same",
        ),
    ],
};

static IDS: Shape = Shape {
    title: "ids",
    fields: &[
        field("list", List(&Text), Optional, "ids"),
        field(
            "file",
            Path,
            Optional,
            "a text file, one id a line; `#` begins a comment",
        ),
    ],
};

static PAIRS: Shape = Shape {
    title: "pairs",
    fields: &[
        field(
            "list",
            List(&List(&Text)),
            Optional,
            "pairs of a member and a peer",
        ),
        field(
            "file",
            Path,
            Optional,
            "a text file, a member's id and a peer's a line; `#` begins a comment",
        ),
    ],
};

static RULES: Shape = Shape {
    title: "what a company says of a network",
    fields: &[
        field("connect", Word(&CONNECT_WORDS), Required, "the switch"),
        field(
            "permission",
            Word(&PERMISSION_WORDS),
            Default("by_member"),
            "who of the members may use it",
        ),
        field(
            "auto_grant_new_members",
            Bool,
            Default("false"),
            "whether members get a grant when they first appear; only together with by_member",
        ),
        field(
            "restrict_attachments",
            Word(&RESTRICT_WORDS),
            Default("true"),
            "whether attachments are blocked: both ways, not, or outbound only",
        ),
        field(
            "restricted_kinds",
            List(&Word(&KIND_WORDS)),
            Optional,
            "what the restriction covers; without this key, what the network says",
        ),
        field(
            "encrypted_rooms",
            Word(&ENCRYPTED_WORDS),
            Default("auto"),
            "content that can't be read: refused, passed, or refused while attachments are restricted or the audit must hold content",
        ),
        field(
            "history_on_external",
            Word(&HISTORY_WORDS),
            Default("refuse"),
            "whether a room's past may become visible outside when the room becomes external",
        ),
        field(
            "greeting",
            Mapping(&GREETING),
            Optional,
            "sent once to a new contact",
        ),
        field(
            "connected_members",
            ListOr(&Text, &IDS),
            Optional,
            "members who hold a grant under by_member",
        ),
    ],
};

static GREETING: Shape = Shape {
    title: "the greeting",
    fields: &[
        field("enabled", Bool, Default("true"), "whether it is sent"),
        field(
            "messages",
            List(&Text),
            Default("[]"),
            "5 at most; `{member}`, `{company}` and `{peer}` stand for names",
        ),
    ],
};

/// Words of `client_certificate`.
pub(super) const CLIENT_CERTIFICATE: [(&str, ClientCertificate); 2] = [
    ("optional", ClientCertificate::Optional),
    ("required", ClientCertificate::Required),
];
const CLIENT_CERTIFICATE_WORDS: [&str; 2] = words(&CLIENT_CERTIFICATE);

/// Words of the upstream's `http`.
pub(super) const UPSTREAM_HTTP: [(&str, UpstreamHttp); 2] = [
    ("http1", UpstreamHttp::Http1),
    ("http2", UpstreamHttp::Http2),
];
const UPSTREAM_HTTP_WORDS: [&str; 2] = words(&UPSTREAM_HTTP);

/// Words of the log's `format`.
pub(super) const LOG_FORMAT: [(&str, LogFormat); 2] =
    [("text", LogFormat::Text), ("json", LogFormat::Json)];
const LOG_FORMAT_WORDS: [&str; 2] = words(&LOG_FORMAT);

/// Words of the log's `level`.
pub(super) const LOG_LEVEL: [(&str, LogLevel); 5] = [
    ("error", LogLevel::Error),
    ("warn", LogLevel::Warn),
    ("info", LogLevel::Info),
    ("debug", LogLevel::Debug),
    ("trace", LogLevel::Trace),
];
const LOG_LEVEL_WORDS: [&str; 5] = words(&LOG_LEVEL);

/// Words of `connect`.
pub(super) const CONNECT: [(&str, Connect); 2] =
    [("allow", Connect::Allow), ("deny", Connect::Deny)];
const CONNECT_WORDS: [&str; 2] = words(&CONNECT);

/// Words of `permission`.
pub(super) const PERMISSION: [(&str, Permission); 2] = [
    ("by_member", Permission::ByMember),
    ("all_members", Permission::AllMembers),
];
const PERMISSION_WORDS: [&str; 2] = words(&PERMISSION);

/// Words of `restrict_attachments`.
pub(super) const RESTRICT: [(&str, Restrict); 3] = [
    ("true", Restrict::Both),
    ("false", Restrict::Nothing),
    ("outbound", Restrict::Outbound),
];
const RESTRICT_WORDS: [&str; 3] = words(&RESTRICT);

/// Words of `encrypted_rooms`.
pub(super) const ENCRYPTED: [(&str, EncryptedRooms); 3] = [
    ("auto", EncryptedRooms::Auto),
    ("refuse", EncryptedRooms::Refuse),
    ("pass", EncryptedRooms::Pass),
];
const ENCRYPTED_WORDS: [&str; 3] = words(&ENCRYPTED);

/// Words of `history_on_external`.
pub(super) const HISTORY: [(&str, History); 2] =
    [("refuse", History::Refuse), ("allow", History::Allow)];
const HISTORY_WORDS: [&str; 2] = words(&HISTORY);

/// The kinds that a restriction can name. A call follows permission alone, words are no attachment,
/// and what can't be read or classified is restricted without being named.
pub(super) const KINDS: [(&str, ContentKind); 8] = [
    kind(ContentKind::Sticker),
    kind(ContentKind::Location),
    kind(ContentKind::Link),
    kind(ContentKind::Camera),
    kind(ContentKind::Contacts),
    kind(ContentKind::Drive),
    kind(ContentKind::Template),
    kind(ContentKind::File),
];
const KIND_WORDS: [&str; 8] = words(&KINDS);

const fn kind(kind: ContentKind) -> (&'static str, ContentKind) {
    (kind.as_str(), kind)
}

const fn field(name: &'static str, kind: Kind, presence: Presence, doc: &'static str) -> Field {
    Field {
        name,
        kind,
        presence,
        doc,
    }
}

#[expect(
    clippy::indexing_slicing,
    reason = "runs while compiling only, within N"
)]
const fn words<T, const N: usize>(table: &[(&'static str, T); N]) -> [&'static str; N] {
    let mut words = [""; N];
    let mut at = 0;
    while at < N {
        words[at] = table[at].0;
        at += 1;
    }
    words
}
