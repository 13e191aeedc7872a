//! What `gateway.yaml` may hold.

use super::words::{
    CLIENT_CERTIFICATE_WORDS, KIND_WORDS, LOG_FORMAT_WORDS, LOG_LEVEL_WORDS, UPSTREAM_HTTP_WORDS,
};
use crate::yaml::shape::Kind::{
    Bool, Bytes, Duration, Integer, List, Mapping, Named, OneOrMany, Path, Text, Word,
};
use crate::yaml::shape::Presence::{Default, Optional, Required};
use crate::yaml::shape::{Field, Shape};

const SECOND: u64 = 1_000;
const HOUR: u64 = 3_600 * SECOND;
const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// `gateway.yaml`.
pub static GATEWAY: Shape = Shape {
    title: "Borderpost: the gateway's settings (gateway.yaml)",
    fields: &[
        Field::new(
            "listeners",
            List(&Mapping(&LISTENER)),
            Required,
            "where clients arrive",
        ),
        Field::new(
            "upstream",
            Mapping(&UPSTREAM),
            Required,
            "the message server behind",
        ),
        Field::new(
            "legs",
            List(&Mapping(&LEG)),
            Default("[]"),
            "where else than from clients requests come, as far as the dialect knows of it",
        ),
        Field::new(
            "dialect",
            Path,
            Required,
            "the dialect file of the message server's protocol",
        ),
        Field::new(
            "policy",
            OneOrMany(&Path),
            Default("policy"),
            "the companies' policy files: directories (all their `*.yaml`) or single files",
        ),
        Field::new(
            "networks",
            Named("a network's id", &Mapping(&NETWORK)),
            Optional,
            "the outside worlds that peers are reached through, 16 at most; without this key, `line` and `works`",
        ),
        Field::new(
            "limits",
            Mapping(&LIMITS),
            Optional,
            "bounds on what a peer can make the gateway hold",
        ),
        Field::new(
            "waits",
            Mapping(&WAITS),
            Optional,
            "how long each thing may take",
        ),
        Field::new(
            "workers",
            Integer(1, 1024),
            Optional,
            "worker threads; without this key, one a core",
        ),
        Field::new(
            "trusted_proxies",
            List(&Text),
            Default("[]"),
            "addresses or nets of proxies in front whose forwarding headers are believed",
        ),
        Field::new(
            "identity_headers",
            List(&Text),
            Default("[]"),
            "headers by which the upstream learns who asks: a client's are removed",
        ),
        Field::new(
            "admin",
            Mapping(&ADMIN),
            Optional,
            "the administrator's listener: health and metrics",
        ),
        Field::new(
            "log",
            Mapping(&LOG),
            Optional,
            "what is written to standard error",
        ),
        Field::new(
            "drive_hosts",
            List(&Text),
            Default("[]"),
            "hosts whose links lead into a drive: `drive.example`, or `*.drive.example` for all under it",
        ),
        Field::new(
            "pseudonym_key",
            Text,
            Optional,
            "the secret that makes the ids of unknown people, 32 characters or more; keep it: with another key they get other ids",
        ),
        Field::new(
            "store",
            Mapping(&STORE),
            Optional,
            "where what is changed at run time lasts; without this key nothing is, and only the files speak",
        ),
        Field::new(
            "env_allow",
            List(&Text),
            Default("[]"),
            "variables that `${NAME}` may name besides those that begin with `BORDERPOST_`",
        ),
        Field::new(
            "rooms",
            Mapping(&LEARNT),
            Optional,
            "what is remembered of rooms, of what is said in them, and of people's names: each for itself",
        ),
        Field::new(
            "tokens",
            Mapping(&LEARNT),
            Optional,
            "what is remembered of tokens' owners",
        ),
    ],
};

static STORE: Shape = Shape {
    title: "the store: one of the two",
    fields: &[
        Field::new(
            "sqlite",
            Path,
            Optional,
            "a file, for one gateway; made if it is not there, with `-wal` and `-shm` beside it",
        ),
        Field::new(
            "postgres",
            Mapping(&POSTGRES),
            Optional,
            "a database, which several gateways may share",
        ),
    ],
};

static POSTGRES: Shape = Shape {
    title: "the database",
    fields: &[Field::new(
        "url",
        Text,
        Required,
        "`postgres://user:password@host/database?sslmode=require`; elsewhere than on this machine only with TLS",
    )],
};

static LISTENER: Shape = Shape {
    title: "a listener",
    fields: &[
        Field::new(
            "address",
            Text,
            Required,
            "address and port; port 0 lets the system choose",
        ),
        Field::new(
            "tls",
            Mapping(&SERVER_TLS),
            Optional,
            "the gateway's certificate, where TLS is spoken",
        ),
        Field::new(
            "http2",
            Bool,
            Default("true"),
            "whether HTTP/2 is spoken besides HTTP/1.1",
        ),
    ],
};

static LEG: Shape = Shape {
    title: "a leg besides the clients' own",
    fields: &[
        Field::new("leg", Text, Required, "which of the dialect's legs it is"),
        Field::new(
            "listeners",
            List(&Mapping(&LISTENER)),
            Required,
            "where its requests arrive",
        ),
        Field::new(
            "upstream",
            Mapping(&UPSTREAM),
            Optional,
            "where it leads; without this key, to the message server",
        ),
        Field::new(
            "reader",
            Text,
            Optional,
            "the id of a person of the network by whose eyes it is read, where the dialect leaves that open",
        ),
    ],
};

static SERVER_TLS: Shape = Shape {
    title: "the gateway's certificate",
    fields: &[
        Field::new(
            "certificate",
            Path,
            Required,
            "PEM, the leaf first; read again when it changes",
        ),
        Field::new("key", Path, Required, "PEM"),
        Field::new(
            "client_authorities",
            Path,
            Optional,
            "PEM: authorities of clients' certificates",
        ),
        Field::new(
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
        Field::new(
            "url",
            Text,
            Required,
            "`http://host:port` or `https://host:port`",
        ),
        Field::new(
            "http",
            Word(&UPSTREAM_HTTP_WORDS),
            Default("http1"),
            "the HTTP version spoken to it",
        ),
        Field::new(
            "lookup_token",
            Text,
            Optional,
            "the gateway's own bearer token, with which it asks who is in a room; without this key, it asks with the token of whoever acts",
        ),
        Field::new(
            "name",
            Text,
            Optional,
            "what it calls itself, where the dialect's look-ups need it",
        ),
        Field::new(
            "host",
            Text,
            Optional,
            "the Host that it sees; without this key, that of the url",
        ),
        Field::new(
            "tls",
            Mapping(&CLIENT_TLS),
            Optional,
            "how its certificate is judged; only with https",
        ),
        Field::new(
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
        Field::new(
            "authorities",
            Path,
            Optional,
            "PEM: authorities that are trusted; without this key, the system's",
        ),
        Field::new(
            "server_name",
            Text,
            Optional,
            "the name expected in the certificate; without this key, the host",
        ),
        Field::new(
            "certificate",
            Path,
            Optional,
            "PEM: a certificate of our own, if the upstream asks",
        ),
        Field::new("key", Path, Optional, "PEM: its key"),
    ],
};

static NETWORK: Shape = Shape {
    title: "a network",
    fields: &[
        Field::new(
            "people",
            OneOrMany(&Text),
            Default("[]"),
            "patterns of its peers' ids: `*` any characters, `?` one",
        ),
        Field::new(
            "between_companies",
            Bool,
            Default("false"),
            "whether members of different companies reach one another through it; one network at most",
        ),
        Field::new(
            "requires_contact",
            Bool,
            Default("false"),
            "whether talking needs a contact",
        ),
        Field::new(
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
        Field::new(
            "request_line_bytes_max",
            Bytes(64, MIB),
            Default("8KiB"),
            "the request line",
        ),
        Field::new(
            "header_bytes_max",
            Bytes(64, MIB),
            Default("8KiB"),
            "one header line",
        ),
        Field::new(
            "headers_bytes_max",
            Bytes(64, 16 * MIB),
            Default("32KiB"),
            "all headers",
        ),
        Field::new(
            "headers_max",
            Integer(1, 10_000),
            Default("100"),
            "how many headers",
        ),
        Field::new(
            "inspected_body_bytes_max",
            Bytes(KIB, GIB),
            Default("1MiB"),
            "a body that is read for a decision, as it came and decoded",
        ),
        Field::new(
            "decode_ratio_max",
            Integer(1, 100_000),
            Default("100"),
            "decoded to encoded size, above the floor",
        ),
        Field::new(
            "ratio_floor_bytes",
            Bytes(0, GIB),
            Default("64KiB"),
            "below this, any ratio passes",
        ),
        Field::new(
            "json_depth_max",
            Integer(1, 512),
            Default("64"),
            "JSON nesting",
        ),
        Field::new(
            "json_members_max",
            Integer(1, 10_000_000),
            Default("10000"),
            "members of one JSON object or array",
        ),
        Field::new(
            "json_string_bytes_max",
            Bytes(1, GIB),
            Default("256KiB"),
            "one JSON string",
        ),
        Field::new(
            "json_number_digits_max",
            Integer(1, 10_000),
            Default("64"),
            "digits of one JSON number",
        ),
        Field::new(
            "upload_bytes_max",
            Bytes(1, 1 << 40),
            Default("100MiB"),
            "a streamed upload",
        ),
        Field::new(
            "connections_max",
            Integer(1, 10_000_000),
            Default("10000"),
            "connections in all",
        ),
        Field::new(
            "connections_per_address_max",
            Integer(1, 10_000_000),
            Default("256"),
            "connections from one address",
        ),
        Field::new(
            "http2_streams_max",
            Integer(1, 100_000),
            Default("100"),
            "HTTP/2 streams at once on a connection",
        ),
        Field::new(
            "http2_header_list_bytes_max",
            Bytes(64, 16 * MIB),
            Default("16KiB"),
            "an HTTP/2 header list",
        ),
        Field::new(
            "http2_resets_max",
            Integer(1, 100_000),
            Default("100"),
            "HTTP/2 streams a client may reset in a minute",
        ),
        Field::new(
            "http2_control_frames_max",
            Integer(1, 1_000_000),
            Default("1000"),
            "HTTP/2 frames that move nothing (pings, settings, priorities, empty parts) a client may send in a minute",
        ),
        Field::new(
            "http2_stream_window_bytes",
            Bytes(KIB, GIB),
            Default("64KiB"),
            "how far an HTTP/2 client may send ahead on one stream",
        ),
        Field::new(
            "http2_connection_window_bytes",
            Bytes(64 * KIB, GIB),
            Default("1MiB"),
            "how far an HTTP/2 client may send ahead on a connection",
        ),
        Field::new(
            "chunk_line_bytes_max",
            Bytes(16, MIB),
            Default("4KiB"),
            "the size line of a chunk, and a whole trailer section",
        ),
        Field::new(
            "edited_answer_bytes_max",
            Bytes(KIB, GIB),
            Default("4MiB"),
            "an answer that is read and edited, and an event of a stream",
        ),
        Field::new(
            "lookups_max",
            Integer(1, 1_000_000),
            Default("2000"),
            "facts that one request, answer or event may need to be looked up",
        ),
        Field::new(
            "pseudonyms_max",
            Integer(1, 100_000_000),
            Default("1000000"),
            "pseudonyms of unknown people that are found again when a client names one",
        ),
    ],
};

static WAITS: Shape = Shape {
    title: "waits",
    fields: &[
        Field::new(
            "head",
            Duration(1, HOUR),
            Default("10s"),
            "a request head, and a TLS handshake",
        ),
        Field::new(
            "body_idle",
            Duration(1, HOUR),
            Default("15s"),
            "between two parts of a request body",
        ),
        Field::new(
            "write",
            Duration(1, HOUR),
            Default("30s"),
            "for a client to take a part of an answer",
        ),
        Field::new(
            "keep_alive",
            Duration(1, 24 * HOUR),
            Default("75s"),
            "an idle connection of a client",
        ),
        Field::new(
            "upstream_connect",
            Duration(1, HOUR),
            Default("3s"),
            "to connect upstream",
        ),
        Field::new(
            "upstream_first_byte",
            Duration(1, HOUR),
            Default("30s"),
            "for the first byte of an answer",
        ),
        Field::new(
            "upstream_idle",
            Duration(1, HOUR),
            Default("30s"),
            "between two parts of an answer",
        ),
        Field::new(
            "upstream_keep_alive",
            Duration(1, 24 * HOUR),
            Default("60s"),
            "an idle pooled connection",
        ),
        Field::new(
            "drain",
            Duration(0, 24 * HOUR),
            Default("30s"),
            "for requests to finish after SIGTERM",
        ),
    ],
};

static ADMIN: Shape = Shape {
    title: "the administrator's listener",
    fields: &[Field::new(
        "address",
        Text,
        Default("127.0.0.1:9901"),
        "address and port",
    )],
};

static LOG: Shape = Shape {
    title: "the log",
    fields: &[
        Field::new(
            "format",
            Word(&LOG_FORMAT_WORDS),
            Default("text"),
            "for people, or one JSON object a line",
        ),
        Field::new(
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
        Field::new(
            "stale_after",
            Duration(100, 24 * HOUR),
            Default("60s"),
            "after this it is asked for again",
        ),
        Field::new(
            "remembered_max",
            Integer(1, 10_000_000),
            Default("100000"),
            "the most that are kept",
        ),
    ],
};
