//! Every bound: what sets it, what comes of it, where it is held, and which test stands at its edge.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::Path;

use borderpost::config::shape;
use borderpost::gateway::limit::Limit;
use borderpost::yaml::shape::{Kind, Presence, Shape};

use super::check_made;

/// A bound, what comes of it, the file that holds it, and its test in `tests/limits/`.
type Row = (Limit, &'static str, &'static str, &'static str);

const ROWS: &[Row] = &[
    (
        Limit::RequestLineBytes,
        "`414`",
        "src/gateway/head/gate.rs",
        "requests::the_request_line",
    ),
    (
        Limit::HeaderBytes,
        "`431`",
        "src/gateway/head/gate.rs",
        "requests::one_header",
    ),
    (
        Limit::HeadersBytes,
        "`431`",
        "src/gateway/head/gate.rs",
        "requests::all_headers",
    ),
    (
        Limit::Headers,
        "`431`",
        "src/gateway/head/gate.rs",
        "requests::the_number_of_headers",
    ),
    (
        Limit::InspectedBodyBytes,
        "`413`",
        "src/gateway/client_body.rs",
        "requests::a_body_that_is_read",
    ),
    (
        Limit::DecodeRatio,
        "`413`; an answer: `502`",
        "src/gateway/coding.rs",
        "requests::what_a_body_decodes_to",
    ),
    (
        Limit::JsonDepth,
        "`400`; an answer: `502`",
        "src/dialect/json/scanner.rs",
        "requests::json_nesting",
    ),
    (
        Limit::JsonMembers,
        "`400`; an answer: `502`",
        "src/dialect/json/scanner/containers.rs",
        "requests::json_members",
    ),
    (
        Limit::JsonStringBytes,
        "`400`; an answer: `502`",
        "src/dialect/json/lexer.rs",
        "requests::a_json_string",
    ),
    (
        Limit::JsonNumberDigits,
        "`400`; an answer: `502`",
        "src/dialect/json/lexer.rs",
        "requests::digits_of_a_json_number",
    ),
    (
        Limit::UploadBytes,
        "`413`; the upload breaks off",
        "src/gateway/client_body.rs",
        "requests::an_upload",
    ),
    (
        Limit::ChunkLineBytes,
        "`400`",
        "src/gateway/head/chunked.rs",
        "requests::the_line_of_a_chunk",
    ),
    (
        Limit::EditedAnswerBytes,
        "`502`; a stream of events ends",
        "src/gateway/read.rs",
        "answers::an_answer_that_is_read",
    ),
    (
        Limit::Lookups,
        "`413`; an answer: `502`; a stream of events ends",
        "src/gateway/answer.rs",
        "answers::facts_to_be_looked_up",
    ),
    (
        Limit::Connections,
        "`503` with Retry-After; under TLS, the connection is closed",
        "src/gateway/listener.rs",
        "connections::connections_in_all",
    ),
    (
        Limit::ConnectionsPerAddress,
        "the same",
        "src/gateway/listener.rs",
        "connections::connections_of_one_address",
    ),
    (
        Limit::Http2Streams,
        "REFUSED_STREAM",
        "src/gateway/connection.rs",
        "http2::streams_at_once",
    ),
    (
        Limit::Http2HeaderListBytes,
        "`431`; in too many pieces, GOAWAY",
        "src/gateway/connection.rs",
        "http2::a_header_list",
    ),
    (
        Limit::Http2Resets,
        "GOAWAY; at twice as many, the connection is closed",
        "src/gateway/watched.rs",
        "http2::resets",
    ),
    (
        Limit::Http2ControlFrames,
        "the same",
        "src/gateway/watched.rs",
        "http2::frames_that_move_nothing",
    ),
    (
        Limit::Http2StreamWindow,
        "the stream is reset",
        "src/gateway/connection.rs",
        "http2::sending_ahead_on_a_stream",
    ),
    (
        Limit::Http2ConnectionWindow,
        "GOAWAY",
        "src/gateway/connection.rs",
        "http2::sending_ahead_on_a_connection",
    ),
    (
        Limit::Pseudonyms,
        "some are forgotten: a client that names one names nobody",
        "src/cache/learnt.rs",
        "answers::pseudonyms_that_are_found_again",
    ),
    (
        Limit::HeadWait,
        "`408`; without a byte, and in a TLS handshake, the connection is closed",
        "src/gateway/gated.rs",
        "connections::the_time_for_a_head",
    ),
    (
        Limit::BodyIdle,
        "`408`",
        "src/gateway/client_body.rs",
        "connections::the_time_between_parts_of_a_body",
    ),
    (
        Limit::Write,
        "the connection is closed",
        "src/gateway/steady.rs",
        "connections::the_time_to_take_an_answer",
    ),
    (
        Limit::KeepAlive,
        "the connection is closed; HTTP/2: GOAWAY first",
        "src/gateway/gated.rs",
        "connections::the_time_between_requests",
    ),
    (
        Limit::UpstreamConnect,
        "`504`",
        "src/gateway/upstream/dial.rs",
        "upstream::the_time_to_connect",
    ),
    (
        Limit::UpstreamFirstByte,
        "`504`",
        "src/gateway/upstream/mod.rs",
        "upstream::the_time_to_the_first_byte",
    ),
    (
        Limit::UpstreamIdle,
        "`502`; what is passed on as it comes breaks off",
        "src/gateway/upstream/body.rs",
        "upstream::the_time_between_parts_of_an_answer",
    ),
    (
        Limit::UpstreamKeepAlive,
        "the connection is closed",
        "src/gateway/upstream/pool.rs",
        "upstream::the_time_that_a_connection_waits_for_use",
    ),
    (
        Limit::Drain,
        "what is left is cut off, counted by connection",
        "src/gateway/server.rs",
        "connections::the_time_to_end_in",
    ),
    (
        Limit::UpstreamConnections,
        "after `waits.upstream_connect`, `503` with Retry-After",
        "src/gateway/upstream/pool.rs",
        "upstream::connections_to_the_upstream",
    ),
    (
        Limit::RoomsRemembered,
        "an eighth is forgotten, and asked for again",
        "src/cache/learnt.rs",
        "answers::rooms_that_are_remembered",
    ),
    (
        Limit::TokensRemembered,
        "the same",
        "src/cache/learnt.rs",
        "answers::tokens_that_are_remembered",
    ),
];

/// Keys beside the bounds that bound nothing by themselves.
const NO_BOUNDS: [&str; 1] = ["limits.ratio_floor_bytes"];

/// The keys of `gateway.yaml` that must be bounds, with their defaults.
fn keys() -> Vec<(String, &'static str)> {
    let gateway = shape("gateway").expect("there is such a shape");
    let mut keys = Vec::new();
    for section in gateway.fields {
        let Kind::Mapping(shape) = section.kind else {
            continue;
        };
        for (name, default) in defaults(shape) {
            let is_bound = matches!(section.name, "limits" | "waits") || name.ends_with("_max");
            if is_bound {
                keys.push((format!("{}.{name}", section.name), default));
            }
        }
    }
    keys
}

fn defaults(shape: &'static Shape) -> impl Iterator<Item = (&'static str, &'static str)> {
    shape.fields.iter().map(|field| match field.presence {
        Presence::Default(text) => (field.name, text),
        Presence::Optional | Presence::Required => (field.name, ""),
    })
}

#[test]
fn every_key_that_bounds_is_counted_under_its_name() {
    let keys: HashSet<String> = keys().into_iter().map(|(key, _)| key).collect();
    let mut bounds: HashSet<String> = Limit::ALL.iter().map(|limit| limit.key().into()).collect();
    bounds.extend(NO_BOUNDS.map(str::to_owned));
    assert_eq!(bounds, keys);
}

#[test]
fn every_bound_has_its_row_its_file_and_its_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let named: Vec<Limit> = ROWS.iter().map(|(limit, ..)| *limit).collect();
    assert_eq!(named, Limit::ALL);
    for (limit, _, file, test) in ROWS {
        assert!(root.join(file).is_file(), "{limit:?}: {file}");
        let (module, name) = test.split_once("::").expect("a module and a name");
        let text = std::fs::read_to_string(root.join(format!("tests/limits/{module}.rs")));
        let text = text.expect("a module of tests");
        assert!(
            text.contains(&format!("#[test]\nfn {name}() {{")),
            "{limit:?}: there is no test {test}"
        );
        let variant = format!("Limit::{limit:?}");
        assert!(
            text.contains(&variant),
            "{test} does not speak of {variant}"
        );
    }
}

#[test]
fn the_page_of_bounds_is_as_the_code_says() {
    let defaults = keys();
    let mut page = String::from(
        "# Limits\n\n\
         Every bound on what a peer can make the gateway hold or wait for. Each is set by a key of \
         `gateway.yaml` (what it means, and which values it takes, is in [the settings](settings.md)), and \
         counted when it is hit, as `borderpost_limit_hits_total{limit=\"<key>\"}`. What is at a bound \
         passes; the tests in `tests/limits/` try one below, the bound itself, and one above.\n\n\
         | key | default | what comes of it | held in | test |\n| --- | --- | --- | --- | --- |\n",
    );
    for (limit, comes, file, test) in ROWS {
        let key = limit.key();
        let default = defaults.iter().find(|(name, _)| name == key);
        let (_, default) = default.expect("a key with a default");
        let _ = writeln!(
            page,
            "| `{key}` | `{default}` | {comes} | `{file}` | `{test}` |"
        );
    }
    page.push_str(
        "\nA few small bounds have no key, since nothing is gained by another number: 64 clients that are \
         told at once that there are too many, 256 KiB and one second to read on after a last word, 16 \
         look-ups at once for one request, and 64 connections to the administrator's listener. The head of \
         an upstream's answer is held to 100 headers by the HTTP library, and refused with `502` \
         (`borderpost_upstream_faults_total{kind=\"too_big\"}`). Bounds on dialect files are in \
         [the dialect language](../dialects.md).\n",
    );
    check_made("limits.md", &page);
}
