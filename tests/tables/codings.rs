//! Codings of a body: undone within bounds, and what is forwarded is what was read.

use async_compression::Level;
use async_compression::tokio::write::{BrotliEncoder, GzipEncoder, ZlibEncoder, ZstdEncoder};
use tokio::io::AsyncWriteExt;

use super::post::{INSIDE, OUTSIDE, Post, request, text};

const CODINGS: &[&str] = &["gzip", "deflate", "br", "zstd"];

/// `text("hello")` deflated without the wrapping of zlib.
const RAW_DEFLATE: &[u8] = b"\xab\x56\x4a\xce\xcf\x2b\x49\xcd\x2b\x51\xb2\xaa\x56\x2a\xa9\x2c\x48\x55\xb2\x52\x2a\x49\xad\x28\x51\xd2\x81\x50\x56\x4a\x19\xa9\x39\x39\xf9\x4a\xb5\xb5\x00";

fn encode(coding: &str, body: &[u8]) -> Vec<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        macro_rules! with {
            ($encoder:ident) => {{
                let mut encoder = $encoder::with_quality(Vec::new(), Level::Fastest);
                encoder.write_all(body).await.unwrap();
                encoder.shutdown().await.unwrap();
                encoder.into_inner()
            }};
        }
        match coding {
            "gzip" => with!(GzipEncoder),
            "deflate" => with!(ZlibEncoder),
            "br" => with!(BrotliEncoder),
            "zstd" => with!(ZstdEncoder),
            _ => panic!("{coding}"),
        }
    })
}

fn coded(target: &str, coding: &str, body: &[u8]) -> Vec<u8> {
    let header = format!("Content-Encoding: {coding}");
    request(
        "POST",
        target,
        &["Content-Type: application/json", &header],
        body,
    )
}

/// A message that no ratio objects to.
fn long() -> Vec<u8> {
    let words: Vec<String> = (0..2_000_u32)
        .map(|nth| format!("{:x}", nth.wrapping_mul(2_654_435_761)))
        .collect();
    text(&words.join(" "))
}

/// The status, and the request.
pub fn refused() -> Vec<(&'static str, Vec<u8>)> {
    let hello = text("hello");
    let image = br#"{"content":{"type":"image","file":"f1"}}"#;
    let mut rows = Vec::new();
    for coding in [
        "compress",
        "x-compress",
        "lzma",
        "dcb",
        "aes128gcm",
        "*",
        "",
        "gzip2",
        "gzip;q=1",
        "utf-8",
    ] {
        rows.push(("415", coded(OUTSIDE, coding, &hello)));
    }
    let gzip = encode("gzip", &hello);
    for twice in [
        "gzip, gzip",
        "gzip,br",
        "identity, gzip",
        "gzip, identity",
        "identity, identity",
        "gzip,",
        ",gzip",
    ] {
        rows.push(("415", coded(OUTSIDE, twice, &encode("gzip", &gzip))));
    }
    for coding in CODINGS {
        let whole = encode(coding, &hello);
        let cut = |left: usize| whole[..left].to_vec();
        let with = |more: &[u8]| [whole.as_slice(), more].concat();
        let mut flipped = whole.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 0x55;
        rows.push(("400", coded(OUTSIDE, coding, &hello)));
        rows.push(("400", coded(OUTSIDE, coding, &with(&whole))));
        rows.push(("400", coded(OUTSIDE, coding, &with(b"x"))));
        rows.push(("400", coded(OUTSIDE, coding, &with(b"\0"))));
        rows.push(("400", coded(OUTSIDE, coding, &with(&encode(coding, b"")))));
        rows.push(("400", coded(OUTSIDE, coding, &cut(whole.len() - 1))));
        rows.push(("400", coded(OUTSIDE, coding, &cut(whole.len() / 2))));
        rows.push(("400", coded(OUTSIDE, coding, &encode(coding, b""))));
        rows.push(("400", coded(OUTSIDE, coding, &encode(coding, b"{}{}"))));
        rows.push((
            "400",
            coded(OUTSIDE, coding, &encode(coding, b"\xEF\xBB\xBF{}")),
        ));
        rows.push((
            "400",
            coded(OUTSIDE, coding, &encode(coding, &encode(coding, &hello))),
        ));
        rows.push((
            "403 attachment_restricted",
            coded(OUTSIDE, coding, &encode(coding, image)),
        ));
        // 1 MiB and one, and far more than the ratio allows.
        let mut large = long();
        large.splice(1..1, std::iter::repeat_n(b' ', (1 << 20) + 1 - large.len()));
        rows.push(("413", coded(INSIDE, coding, &encode(coding, &large))));
        let mut bomb = hello.clone();
        bomb.splice(1..1, std::iter::repeat_n(b' ', 900_000));
        rows.push(("413", coded(INSIDE, coding, &encode(coding, &bomb))));
        // The other two have no checksum: what comes out is judged, whatever it is.
        if matches!(*coding, "gzip" | "deflate") {
            rows.push(("400", coded(OUTSIDE, coding, &flipped)));
        }
    }
    rows.push(("400", coded(OUTSIDE, "deflate", RAW_DEFLATE)));
    rows.push(("400", coded(OUTSIDE, "identity", &gzip)));
    // A coding that is not declared, and one on an upload.
    rows.push((
        "400",
        request("POST", OUTSIDE, &["Content-Type: application/json"], &gzip),
    ));
    rows.push((
        "415",
        request(
            "POST",
            "/v1/rooms/r1/files?name=a.txt",
            &["Content-Encoding: gzip"],
            &gzip,
        ),
    ));
    rows.push((
        "415",
        request(
            "POST",
            "/v1/rooms/r1/files?name=a.txt",
            &["Content-Encoding: identity"],
            b"x",
        ),
    ));
    rows
}

/// The request, and the body that arrives.
pub fn passed() -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut rows = Vec::new();
    for body in [text("hello"), text("안녕하세요 👩‍🚀"), long()] {
        for coding in CODINGS {
            rows.push((coded(OUTSIDE, coding, &encode(coding, &body)), body.clone()));
        }
        rows.push((coded(OUTSIDE, "GZIP", &encode("gzip", &body)), body.clone()));
        rows.push((
            coded(OUTSIDE, "x-gzip", &encode("gzip", &body)),
            body.clone(),
        ));
        rows.push((coded(OUTSIDE, "identity", &body), body.clone()));
    }
    // Much white space is no bomb while it is little.
    let mut airy = text("hello");
    airy.splice(1..1, std::iter::repeat_n(b' ', 60_000));
    for coding in CODINGS {
        rows.push((coded(OUTSIDE, coding, &encode(coding, &airy)), airy.clone()));
    }
    rows
}

#[test]
fn what_does_not_come_whole_out_of_one_coding_reaches_nobody() {
    let post = Post::new();
    for (wanted, request) in refused() {
        post.refuses(wanted, &request);
    }
    post.done();
}

#[test]
fn what_was_read_is_what_arrives() {
    let post = Post::new();
    for (request, body) in passed() {
        let arrived = post.passes(&request);
        let Some(arrived) = arrived else { continue };
        if arrived.body != body || arrived.header("content-encoding").is_some() {
            post.fail(
                "the decoded bytes, without a coding",
                &request,
                &arrived.head,
            );
        }
    }
    post.done();
}
