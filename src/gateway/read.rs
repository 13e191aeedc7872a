//! The request's body, held and read where it must be judged.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use http_body::Body;
use http_body_util::BodyExt;

use super::client_body::ClientBodyFault;
use super::coding::{self, CodingFault};
use super::limit::Limit;
use super::lookup::manners;
use super::refusal::Refused;
use super::settings::Limits;
use super::tally::Tally;
use super::upstream::UpstreamBody;
use crate::dialect::json::scan::{ScanFault, ScanFaultKind, scan};
use crate::dialect::{Dialect, Program, Reading};

/// A body that was held and read.
pub struct HeldBody {
    /// Its bytes, decoded.
    pub bytes: Vec<u8>,
    /// What was found in it.
    pub reading: Reading,
}

/// Checks what a JSON body says of itself, and undoes its coding.
pub async fn json(
    dialect: &Dialect,
    limits: &Limits,
    headers: &HeaderMap,
    body: Bytes,
    bound: (Limit, usize),
) -> Result<Vec<u8>, Refused> {
    let any = dialect.content_types.iter().any(|known| known == "*");
    if !any && !is_json(headers.get(CONTENT_TYPE), &dialect.content_types) {
        return Err(Refused::UnsupportedMedia);
    }
    coding::decode(headers, body.into(), bound, limits)
        .await
        .map_err(|fault| match fault {
            CodingFault::Unsupported => Refused::UnsupportedMedia,
            CodingFault::Malformed => Refused::MalformedBody,
            CodingFault::TooLarge(limit) => Refused::TooLarge(limit),
        })
}

/// Reads a document of a request, strictly.
pub fn document(
    dialect: &Dialect,
    limits: &Limits,
    bytes: Vec<u8>,
    program: &Program,
) -> Result<HeldBody, Refused> {
    let manners = manners(limits, dialect.twins);
    let reading = scan(&bytes, program, &manners).map_err(Refused::Unreadable)?;
    if let Some(at) = reading.first_misfit() {
        let kind = ScanFaultKind::Misfit;
        return Err(Refused::Unreadable(ScanFault { at, kind }));
    }
    Ok(HeldBody { bytes, reading })
}

/// Whether a media type is JSON in UTF-8: `application/json`, or one that the dialect lists, with
/// no charset but UTF-8.
pub fn is_json(value: Option<&HeaderValue>, types: &[String]) -> bool {
    let Some(text) = value.and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let mut parts = text.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default();
    let listed = media_type.eq_ignore_ascii_case("application/json")
        || types
            .iter()
            .any(|listed| listed.eq_ignore_ascii_case(media_type));
    listed
        && parts.all(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            // Some readers forgive blanks around the sign, or the star of RFC 8187.
            let name = name.trim_end().trim_end_matches('*');
            !name.eq_ignore_ascii_case("charset")
                || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        })
}

/// An answer of the upstream that is to be read, if it comes whole and within its limit.
pub async fn answer(mut body: UpstreamBody, limits: &Limits, tally: &Tally) -> Option<Vec<u8>> {
    let bytes_max = limits.edited_answer_bytes_max;
    let expected = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if expected > bytes_max {
        tally.hit(Limit::EditedAnswerBytes);
        return None;
    }
    let mut bytes = Vec::with_capacity(expected);
    while let Some(frame) = body.frame().await {
        let Ok(part) = frame.ok()?.into_data() else {
            continue;
        };
        if bytes.len() + part.len() > bytes_max {
            tally.hit(Limit::EditedAnswerBytes);
            return None;
        }
        bytes.extend_from_slice(&part);
    }
    Some(bytes)
}

impl From<ClientBodyFault> for Refused {
    fn from(fault: ClientBodyFault) -> Self {
        match fault {
            ClientBodyFault::TooLarge(limit) => Refused::TooLarge(limit),
            other => Refused::BodyFault(other),
        }
    }
}
