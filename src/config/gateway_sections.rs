//! The sections of `gateway.yaml` that are plain tables of numbers and words.

use super::sections::{LearntSettings, LogSettings};
use super::view::View;
use super::words;
use crate::gateway::settings::{Limits, Waits};

/// The `limits`; one that is not said is the default.
pub(super) fn limits(view: View<'_>) -> Limits {
    let or = Limits::default();
    let number = |name: &str, or: usize| view.key(name).number().unwrap_or(or);
    let bytes = |name: &str, or: usize| view.key(name).bytes().unwrap_or(or);
    Limits {
        request_line_bytes_max: bytes("request_line_bytes_max", or.request_line_bytes_max),
        header_bytes_max: bytes("header_bytes_max", or.header_bytes_max),
        headers_bytes_max: bytes("headers_bytes_max", or.headers_bytes_max),
        headers_max: number("headers_max", or.headers_max),
        inspected_body_bytes_max: bytes("inspected_body_bytes_max", or.inspected_body_bytes_max),
        decode_ratio_max: number("decode_ratio_max", or.decode_ratio_max),
        ratio_floor_bytes: bytes("ratio_floor_bytes", or.ratio_floor_bytes),
        json_depth_max: number("json_depth_max", or.json_depth_max),
        json_members_max: number("json_members_max", or.json_members_max),
        json_string_bytes_max: bytes("json_string_bytes_max", or.json_string_bytes_max),
        json_number_digits_max: number("json_number_digits_max", or.json_number_digits_max),
        upload_bytes_max: view
            .key("upload_bytes_max")
            .bytes()
            .unwrap_or(or.upload_bytes_max),
        connections_max: number("connections_max", or.connections_max),
        connections_per_address_max: number(
            "connections_per_address_max",
            or.connections_per_address_max,
        ),
        http2_streams_max: view
            .key("http2_streams_max")
            .number()
            .unwrap_or(or.http2_streams_max),
        http2_header_list_bytes_max: view
            .key("http2_header_list_bytes_max")
            .bytes()
            .unwrap_or(or.http2_header_list_bytes_max),
        http2_resets_max: number("http2_resets_max", or.http2_resets_max),
        http2_control_frames_max: number("http2_control_frames_max", or.http2_control_frames_max),
        http2_stream_window_bytes: view
            .key("http2_stream_window_bytes")
            .bytes()
            .unwrap_or(or.http2_stream_window_bytes),
        http2_connection_window_bytes: view
            .key("http2_connection_window_bytes")
            .bytes()
            .unwrap_or(or.http2_connection_window_bytes),
        chunk_line_bytes_max: bytes("chunk_line_bytes_max", or.chunk_line_bytes_max),
        edited_answer_bytes_max: bytes("edited_answer_bytes_max", or.edited_answer_bytes_max),
        lookups_max: number("lookups_max", or.lookups_max),
        pseudonyms_max: number("pseudonyms_max", or.pseudonyms_max),
    }
}

/// The `waits`; the same.
pub(super) fn waits(view: View<'_>) -> Waits {
    let or = Waits::default();
    let wait = |name: &str, or| view.key(name).duration().unwrap_or(or);
    Waits {
        head: wait("head", or.head),
        body_idle: wait("body_idle", or.body_idle),
        write: wait("write", or.write),
        keep_alive: wait("keep_alive", or.keep_alive),
        upstream_connect: wait("upstream_connect", or.upstream_connect),
        upstream_first_byte: wait("upstream_first_byte", or.upstream_first_byte),
        upstream_idle: wait("upstream_idle", or.upstream_idle),
        upstream_keep_alive: wait("upstream_keep_alive", or.upstream_keep_alive),
        drain: wait("drain", or.drain),
    }
}

/// The `log`; the same.
pub(super) fn log(view: View<'_>) -> LogSettings {
    let or = LogSettings::default();
    LogSettings {
        format: view
            .key("format")
            .word(&words::LOG_FORMAT)
            .unwrap_or(or.format),
        level: view
            .key("level")
            .word(&words::LOG_LEVEL)
            .unwrap_or(or.level),
    }
}

/// `rooms` or `tokens`; the same.
pub(super) fn learnt(view: View<'_>) -> LearntSettings {
    let or = LearntSettings::default();
    LearntSettings {
        stale_after: view.key("stale_after").duration().unwrap_or(or.stale_after),
        remembered_max: view
            .key("remembered_max")
            .number()
            .unwrap_or(or.remembered_max),
    }
}
