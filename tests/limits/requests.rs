//! What one request may be.

use std::io::Write as _;

use borderpost::gateway::limit::Limit;

use super::gate::check;
use super::post::{INSIDE, get, json, request, text};

/// A GET with these header lines besides Host and the credential.
fn with(lines: &[&str]) -> Vec<u8> {
    request("GET", "/v1/rooms/r1", lines, b"")
}

/// A message with `x` beside its content.
fn beside(x: &str) -> Vec<u8> {
    json("POST", INSIDE, around(x))
}

fn around(x: &str) -> String {
    format!("{{\"content\":{{\"type\":\"text\",\"text\":\"x\"}},\"x\":{x}}}")
}

#[test]
fn the_request_line() {
    let line = "GET /v1/rooms/r1 HTTP/1.1".len();
    check(
        Limit::RequestLineBytes,
        100,
        "limits: { request_line_bytes_max: 100B }",
        414,
        |bytes| get(&format!("/v1/rooms/r1{}", "a".repeat(bytes - line))),
    );
}

#[test]
fn one_header() {
    check(
        Limit::HeaderBytes,
        100,
        "limits: { header_bytes_max: 100B }",
        431,
        |bytes| with(&[&format!("X-A: {}", "a".repeat(bytes - "X-A: ".len()))]),
    );
}

#[test]
fn all_headers() {
    let others = "Host: chat.acme.example\r\nAuthorization: Bearer token-alice\r\nX-A: \r\n".len();
    check(
        Limit::HeadersBytes,
        300,
        "limits: { headers_bytes_max: 300B }",
        431,
        |bytes| with(&[&format!("X-A: {}", "a".repeat(bytes - others))]),
    );
}

#[test]
fn the_number_of_headers() {
    check(
        Limit::Headers,
        6,
        "limits: { headers_max: 6 }",
        431,
        |headers| with(&vec!["X-A: a"; headers - 2]),
    );
}

#[test]
fn a_body_that_is_read() {
    let bare = text("").len();
    check(
        Limit::InspectedBodyBytes,
        1024,
        "limits: { inspected_body_bytes_max: 1KiB }",
        413,
        |bytes| json("POST", INSIDE, text(&"a".repeat(bytes - bare))),
    );
}

#[test]
fn what_a_body_decodes_to() {
    let bare = text("").len();
    check(
        Limit::DecodeRatio,
        2048,
        "limits: { decode_ratio_max: 1, ratio_floor_bytes: 2KiB }",
        413,
        |bytes| {
            let coded = gzip(&text(&"a".repeat(bytes - bare)));
            let headers = ["Content-Type: application/json", "Content-Encoding: gzip"];
            request("POST", INSIDE, &headers, &coded)
        },
    );
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use tokio::io::AsyncWriteExt as _;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut encoder = async_compression::tokio::write::GzipEncoder::new(Vec::new());
        encoder.write_all(bytes).await.unwrap();
        encoder.shutdown().await.unwrap();
        encoder.into_inner()
    })
}

#[test]
fn json_nesting() {
    check(
        Limit::JsonDepth,
        8,
        "limits: { json_depth_max: 8 }",
        400,
        // The object around is one level.
        |depth| beside(&("[".repeat(depth - 1) + &"]".repeat(depth - 1))),
    );
}

#[test]
fn json_members() {
    check(
        Limit::JsonMembers,
        8,
        "limits: { json_members_max: 8 }",
        400,
        |members| beside(&format!("[{}]", vec!["0"; members].join(","))),
    );
}

#[test]
fn a_json_string() {
    check(
        Limit::JsonStringBytes,
        32,
        "limits: { json_string_bytes_max: 32B }",
        400,
        |bytes| beside(&format!("\"{}\"", "a".repeat(bytes))),
    );
}

#[test]
fn digits_of_a_json_number() {
    check(
        Limit::JsonNumberDigits,
        8,
        "limits: { json_number_digits_max: 8 }",
        400,
        |digits| beside(&"1".repeat(digits)),
    );
}

#[test]
fn an_upload() {
    check(
        Limit::UploadBytes,
        1024,
        "limits: { upload_bytes_max: 1KiB }",
        413,
        |bytes| {
            request(
                "POST",
                "/v1/rooms/r1/files?name=a.bin",
                &[],
                &vec![b'x'; bytes],
            )
        },
    );
}

#[test]
fn the_line_of_a_chunk() {
    let chunked = |line: String| {
        let body = text("x");
        let headers = [
            "Content-Type: application/json",
            "Transfer-Encoding: chunked",
        ];
        let mut request = request("POST", INSIDE, &headers, b"");
        write!(request, "{:x};{line}\r\n", body.len()).unwrap();
        request.extend(body);
        request.extend(b"\r\n0\r\n\r\n");
        request
    };
    let size = format!("{:x};\r\n", text("x").len()).len();
    check(
        Limit::ChunkLineBytes,
        32,
        "limits: { chunk_line_bytes_max: 32B }",
        400,
        |bytes| chunked("a".repeat(bytes - size)),
    );
}
