//! The bytes of a file on their way up: what they are is told by their name, their label and their
//! beginning, and the strictest of the three counts.

use bytes::{Bytes, BytesMut};
use http::HeaderValue;

use super::client_body::ClientBody;
use super::refusal::Refused;
use super::upstream::OutboundBody;
use crate::dialect::file_kind;
use crate::policy::KindSet;

/// A file of which the beginning was looked at.
pub struct Sniffed {
    /// What it is.
    pub kinds: KindSet,
    /// All of it.
    pub body: OutboundBody,
}

/// Looks at the beginning.
pub async fn sniff(
    mut body: ClientBody,
    name: &str,
    media_type: Option<&HeaderValue>,
) -> Result<Sniffed, Refused> {
    let mut start = BytesMut::new();
    while start.len() < file_kind::HEAD_BYTES {
        let Some(part) = body.next_data().await? else {
            break;
        };
        start.extend_from_slice(&part);
    }
    let start: Bytes = start.freeze();
    let media_type = media_type.and_then(|value| value.to_str().ok());
    let kinds = file_kind::kinds_of_file(Some(name), media_type, &start);
    Ok(Sniffed {
        kinds,
        body: body.with_prefix(start).into(),
    })
}
