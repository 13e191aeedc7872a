//! Every bound on a peer, and the counter that goes up when it is hit.
//!
//! The numbers are in [`super::settings`]; `docs/reference/limits.md` says of each what comes of it.

use std::sync::Arc;

use metrics::Counter;

use crate::telemetry::{Meters, Name};

/// Declares the bounds with the keys that set them.
macro_rules! limits {
    ($($variant:ident = $key:literal,)*) => {
        /// A bound on what a peer may make the gateway hold or wait for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Limit {
            $(#[doc = concat!("`", $key, "`")] $variant,)*
        }

        impl Limit {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The key that sets it in `gateway.yaml`, which is also its label in the metrics.
            pub const fn key(self) -> &'static str {
                match self {
                    $(Self::$variant => $key,)*
                }
            }
        }
    };
}

limits! {
    RequestLineBytes = "limits.request_line_bytes_max",
    HeaderBytes = "limits.header_bytes_max",
    HeadersBytes = "limits.headers_bytes_max",
    Headers = "limits.headers_max",
    InspectedBodyBytes = "limits.inspected_body_bytes_max",
    DecodeRatio = "limits.decode_ratio_max",
    JsonDepth = "limits.json_depth_max",
    JsonMembers = "limits.json_members_max",
    JsonStringBytes = "limits.json_string_bytes_max",
    JsonNumberDigits = "limits.json_number_digits_max",
    UploadBytes = "limits.upload_bytes_max",
    ChunkLineBytes = "limits.chunk_line_bytes_max",
    EditedAnswerBytes = "limits.edited_answer_bytes_max",
    Lookups = "limits.lookups_max",
    Connections = "limits.connections_max",
    ConnectionsPerAddress = "limits.connections_per_address_max",
    Http2Streams = "limits.http2_streams_max",
    Http2HeaderListBytes = "limits.http2_header_list_bytes_max",
    Http2Resets = "limits.http2_resets_max",
    Http2ControlFrames = "limits.http2_control_frames_max",
    Http2StreamWindow = "limits.http2_stream_window_bytes",
    Http2ConnectionWindow = "limits.http2_connection_window_bytes",
    Pseudonyms = "limits.pseudonyms_max",
    HeadWait = "waits.head",
    BodyIdle = "waits.body_idle",
    Write = "waits.write",
    KeepAlive = "waits.keep_alive",
    UpstreamConnect = "waits.upstream_connect",
    UpstreamFirstByte = "waits.upstream_first_byte",
    UpstreamIdle = "waits.upstream_idle",
    UpstreamKeepAlive = "waits.upstream_keep_alive",
    Drain = "waits.drain",
    UpstreamConnections = "upstream.connections_max",
    RoomsRemembered = "rooms.remembered_max",
    TokensRemembered = "tokens.remembered_max",
}

/// The counters of all bounds, resolved once. Cheap to clone.
#[derive(Clone)]
pub struct Hits(Arc<[Counter]>);

impl Hits {
    /// Every bound has its series from the start, so that an alarm can tell "never" from "unknown".
    pub fn new(meters: &Meters) -> Self {
        let of =
            |limit: &Limit| meters.counter(Name::LimitHits, vec![("limit", limit.key().into())]);
        Self(Limit::ALL.iter().map(of).collect())
    }

    /// The bound was hit.
    pub fn hit(&self, limit: Limit) {
        self.counter(limit).increment(1);
    }

    /// The counter of one bound.
    pub fn counter(&self, limit: Limit) -> Counter {
        self.0
            .get(limit as usize)
            .cloned()
            .unwrap_or_else(Counter::noop)
    }
}

impl std::fmt::Debug for Hits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hits")
    }
}
