//! What HTTP/2 lets a client do beside asking.

use std::net::SocketAddr;

use borderpost::gateway::limit::Limit;

use super::gate::Gate;
use super::kit::serve_raw;
use super::raw::{Got, Raw, literal};

const GET: [(&str, &str); 5] = [
    (":method", "GET"),
    (":scheme", "http"),
    (":authority", "a.example"),
    (":path", "/v1/rooms/r1"),
    ("authorization", "Bearer token-alice"),
];
const POST: [(&str, &str); 5] = [
    (":method", "POST"),
    GET[1],
    GET[2],
    (":path", "/v1/rooms/r1/files?name=a.bin"),
    GET[4],
];

/// An upstream that never answers: what waits for it is not read either.
fn silent() -> SocketAddr {
    serve_raw(|_, mut stream| {
        let _ = std::io::Read::read_to_end(&mut stream, &mut Vec::new());
    })
}

/// A whole head.
fn block(headers: &[(&str, &str)]) -> Vec<u8> {
    headers
        .iter()
        .flat_map(|(name, value)| literal(name, value))
        .collect()
}

/// The connection goes on: a ping is answered.
#[track_caller]
fn goes_on(raw: &mut Raw) {
    assert!(raw.ping(), "the connection has ended");
}

#[test]
fn streams_at_once() {
    let gate = Gate::before(silent(), "limits: { http2_streams_max: 3 }");
    let mut raw = gate.http2();
    goes_on(&mut raw);
    for stream in [1, 3, 5] {
        raw.request(stream, &GET, None);
    }
    goes_on(&mut raw);
    assert_eq!(gate.hits(Limit::Http2Streams), 0);
    raw.request(7, &GET, None);
    assert_eq!(raw.read(7), Got::Reset);
    gate.comes_to(Limit::Http2Streams, 1);
    goes_on(&mut raw);
}

#[test]
fn a_header_list() {
    let gate = Gate::with("limits: { http2_header_list_bytes_max: 1KiB }");
    // RFC 9113, 6.5.2: each field counts 32 bytes more than its name and value.
    let bare: usize = GET
        .iter()
        .map(|(name, value)| name.len() + value.len() + 32)
        .sum();
    let told = |bytes: usize| {
        let value = "a".repeat(bytes - bare - "x-a".len() - 32);
        let mut raw = gate.http2();
        raw.request(1, &[GET.as_slice(), &[("x-a", &value)]].concat(), None);
        raw.read(1)
    };
    for bytes in [1023, 1024] {
        assert!(
            matches!(told(bytes), Got::Answer(body) if !body.is_empty()),
            "{bytes}"
        );
    }
    assert_eq!(gate.hits(Limit::Http2HeaderListBytes), 0);
    assert_eq!(told(1025), Got::Answer(String::new()), "a bare 431");
    gate.comes_to(Limit::Http2HeaderListBytes, 1);
}

#[test]
fn a_head_in_too_many_pieces() {
    let gate = Gate::with("");
    let mut raw = gate.http2();
    raw.frame(1, 1, 1, &block(&GET));
    for _ in 0..1000 {
        if !raw.frame(9, 0, 1, &literal("x", "y")) {
            break;
        }
    }
    assert_eq!(raw.read(1), Got::End);
    gate.comes_to(Limit::Http2HeaderListBytes, 1);
}

#[test]
fn resets() {
    let gate = Gate::before(silent(), "limits: { http2_resets_max: 5 }");
    let mut raw = gate.http2();
    let cancel = 8_u32.to_be_bytes();
    let reset = |raw: &mut Raw, stream| {
        raw.request(stream, &GET, None);
        raw.frame(3, 0, stream, &cancel);
    };
    for nth in 0..5 {
        reset(&mut raw, nth * 2 + 1);
    }
    goes_on(&mut raw);
    assert_eq!(gate.hits(Limit::Http2Resets), 0);
    reset(&mut raw, 11);
    assert_eq!(raw.read(u32::MAX), Got::End, "it is told to go away");
    assert_eq!(gate.hits(Limit::Http2Resets), 1);
}

/// Sends the nth frame of a sort.
type Send = fn(&mut Raw, u32) -> bool;

#[test]
fn frames_that_move_nothing() {
    let ping: Send = |raw, _| raw.frame(6, 0, 0, b"12345678");
    let settings: Send = |raw, _| raw.frame(4, 0, 0, &[]);
    let priority: Send = |raw, nth| raw.frame(2, 0, 2 * nth + 3, &[0, 0, 0, 0, 1]);
    let unknown: Send = |raw, _| raw.frame(0xbe, 0, 0, b"x");
    let empty: Send = |raw, _| raw.frame(0, 0, 1, &[]);
    let all: [(&str, Send); 5] = [
        ("pings", ping),
        ("settings", settings),
        ("priorities", priority),
        ("unknown", unknown),
        ("empty parts", empty),
    ];
    for (name, send) in all {
        let gate = Gate::before(silent(), "limits: { http2_control_frames_max: 20 }");
        let mut raw = gate.http2();
        // A head whose body is to come, for the empty parts.
        raw.frame(1, 4, 1, &block(&POST));
        // The settings that a connection begins with count, and the ping that asks.
        for nth in 0..18 {
            send(&mut raw, nth);
        }
        goes_on(&mut raw);
        assert_eq!(gate.hits(Limit::Http2ControlFrames), 0, "{name}");
        send(&mut raw, 18);
        assert_eq!(raw.read(u32::MAX), Got::End, "{name}");
        assert_eq!(gate.hits(Limit::Http2ControlFrames), 1, "{name}");
    }
}

#[test]
fn sending_ahead_on_a_stream() {
    let more = "limits: { http2_stream_window_bytes: 1KiB }";
    let gate = Gate::before(silent(), more);
    let mut raw = gate.http2();
    goes_on(&mut raw);
    raw.frame(1, 4, 1, &block(&POST));
    raw.frame(0, 0, 1, &[0; 1024]);
    goes_on(&mut raw);
    assert_eq!(gate.hits(Limit::Http2StreamWindow), 0);
    raw.frame(0, 0, 1, &[0]);
    assert_eq!(raw.read(1), Got::Reset);
    gate.comes_to(Limit::Http2StreamWindow, 1);
}

#[test]
fn sending_ahead_on_a_connection() {
    let more =
        "limits: { http2_stream_window_bytes: 64KiB, http2_connection_window_bytes: 128KiB }";
    let gate = Gate::before(silent(), more);
    let mut raw = gate.http2();
    goes_on(&mut raw);
    for stream in [1, 3, 5, 7] {
        raw.frame(1, 4, stream, &block(&POST));
        for _ in 0..2 {
            raw.frame(0, 0, stream, &[0; 16 << 10]);
        }
    }
    goes_on(&mut raw);
    assert_eq!(gate.hits(Limit::Http2ConnectionWindow), 0);
    raw.frame(0, 0, 1, &[0]);
    assert_eq!(raw.read(u32::MAX), Got::End);
    gate.comes_to(Limit::Http2ConnectionWindow, 1);
}
