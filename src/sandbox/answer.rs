//! Answers: JSON, bytes or nothing, with validators, ranges and compression.

use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash, Hasher};

use async_compression::tokio::write::GzipEncoder;
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::body::Frame;
use serde::ser::{Serialize, SerializeMap, Serializer};
use tokio::io::AsyncWriteExt;

use super::refusal::{Cause, Refusal};

/// The body of every response.
pub(super) type Body = UnsyncBoxBody<Bytes, Infallible>;

/// What came of a request.
pub(super) enum Answer {
    Nothing,
    Json(StatusCode, Vec<u8>),
    Blob(Blob),
}

/// Bytes that somebody uploaded.
pub(super) struct Blob {
    pub(super) source: Source,
    pub(super) media_type: String,
    /// The file name to offer for saving.
    pub(super) name: Option<String>,
    /// What the bytes are identified by; no quotes.
    pub(super) tag: String,
}

/// Where the bytes of a blob are.
pub(super) enum Source {
    Kept(Bytes),
    /// Not kept: as many zeros.
    Zeros(u64),
}

impl Answer {
    pub(super) fn ok(shape: &impl Serialize) -> Result<Self, Refusal> {
        Self::json(StatusCode::OK, shape)
    }

    pub(super) fn created(shape: &impl Serialize) -> Result<Self, Refusal> {
        Self::json(StatusCode::CREATED, shape)
    }

    fn json(status: StatusCode, shape: &impl Serialize) -> Result<Self, Refusal> {
        serde_json::to_vec(shape)
            .map(|text| Self::Json(status, text))
            .map_err(|error| Refusal::unprocessable(error.to_string()))
    }

    /// `{"<what>": [...], "total": n}`
    pub(super) fn list<T: Serialize>(what: &'static str, items: Vec<T>) -> Result<Self, Refusal> {
        let total = items.len();
        Self::part(what, items, total)
    }

    /// A list of which `total` exist.
    pub(super) fn part<T: Serialize>(
        what: &'static str,
        items: Vec<T>,
        total: usize,
    ) -> Result<Self, Refusal> {
        Self::ok(&List { what, items, total })
    }

    /// The response to a `GET` or `HEAD` with these headers.
    pub(super) async fn for_read(self, asked: &HeaderMap, gzip: bool) -> Response<Body> {
        match self {
            Self::Json(status, text) => {
                let tag = format!("W/\"{:016x}\"", hash(&text));
                let response = if is_known(asked, &tag) {
                    empty(StatusCode::NOT_MODIFIED)
                } else {
                    json_response(status, text, gzip.then_some(asked)).await
                };
                with(response, header::ETAG, &tag)
            }
            Self::Blob(blob) => blob.for_read(asked),
            Self::Nothing => empty(StatusCode::NO_CONTENT),
        }
    }

    /// The response to any other request with these headers.
    pub(super) async fn for_write(self, asked: &HeaderMap, gzip: bool) -> Response<Body> {
        match self {
            Self::Json(status, text) => json_response(status, text, gzip.then_some(asked)).await,
            Self::Blob(_) | Self::Nothing => empty(StatusCode::NO_CONTENT),
        }
    }
}

/// `{"<what>": [...], "total": n}`: the key of the list is a value here.
struct List<T> {
    what: &'static str,
    items: Vec<T>,
    total: usize,
}

impl<T: Serialize> Serialize for List<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut list = to.serialize_map(Some(2))?;
        list.serialize_entry(self.what, &self.items)?;
        list.serialize_entry("total", &self.total)?;
        list.end()
    }
}

impl Blob {
    fn for_read(self, asked: &HeaderMap) -> Response<Body> {
        let tag = format!("\"{}\"", self.tag);
        let size = self.source.size();
        if is_known(asked, &tag) {
            return with(empty(StatusCode::NOT_MODIFIED), header::ETAG, &tag);
        }
        let current = asked.get(header::IF_RANGE).is_none_or(|it| *it == *tag);
        let range = asked
            .get(header::RANGE)
            .filter(|_| current)
            .and_then(|it| Range::read(it.to_str().ok()?, size));
        let (status, from, until) = match range {
            None => (StatusCode::OK, 0, size),
            Some(Range::Within { from, until }) => (StatusCode::PARTIAL_CONTENT, from, until),
            Some(Range::Outside) => return refuse(outside(size)),
        };
        let mut response = Response::new(self.source.body(from, until));
        *response.status_mut() = status;
        if status == StatusCode::PARTIAL_CONTENT {
            let covered = format!("bytes {from}-{}/{size}", until.saturating_sub(1));
            response = with(response, header::CONTENT_RANGE, &covered);
        }
        if let Some(name) = &self.name {
            let name =
                percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
            let disposition = format!("attachment; filename*=UTF-8''{name}");
            response = with(response, header::CONTENT_DISPOSITION, &disposition);
        }
        response = with(response, header::CONTENT_TYPE, &self.media_type);
        response = with(response, header::ACCEPT_RANGES, "bytes");
        response = with(
            response,
            header::CONTENT_LENGTH,
            &(until - from).to_string(),
        );
        with(response, header::ETAG, &tag)
    }
}

impl Source {
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::Kept(bytes) => bytes.len() as u64,
            Self::Zeros(size) => *size,
        }
    }

    /// The bytes of a range that lies within.
    fn body(self, from: u64, until: u64) -> Body {
        static ZEROS: [u8; 64 * 1024] = [0; 64 * 1024];
        match self {
            Self::Kept(bytes) => {
                let whole = bytes.len();
                let place = |at: u64| usize::try_from(at).unwrap_or(whole).min(whole);
                Full::new(bytes.slice(place(from)..place(until))).boxed_unsync()
            }
            Self::Zeros(_) => {
                let chunks = stream::unfold(until - from, |left| async move {
                    let size = usize::try_from(left)
                        .unwrap_or(ZEROS.len())
                        .min(ZEROS.len());
                    let chunk = Bytes::from_static(&ZEROS).slice(..size);
                    (size > 0).then(|| (Ok(Frame::data(chunk)), left - size as u64))
                });
                StreamBody::new(chunks).boxed_unsync()
            }
        }
    }
}

/// A range that was asked for.
#[derive(Debug, PartialEq, Eq)]
enum Range {
    Within { from: u64, until: u64 },
    Outside,
}

impl Range {
    /// Reads `Range` for something of `size` bytes; `None` where the whole is to be sent: another
    /// unit, several ranges, or no range at all (RFC 9110, 14.2).
    fn read(text: &str, size: u64) -> Option<Self> {
        let (first, last) = text.strip_prefix("bytes=")?.trim().split_once('-')?;
        let (from, until) = match (first, last) {
            ("", last) => (size.saturating_sub(last.parse().ok()?), size),
            (first, "") => (first.parse().ok()?, size),
            (first, last) => {
                let (first, last) = (first.parse().ok()?, last.parse::<u64>().ok()?);
                if last < first {
                    return None;
                }
                (first, last.saturating_add(1).min(size))
            }
        };
        Some(if from < until {
            Self::Within { from, until }
        } else {
            Self::Outside
        })
    }
}

fn outside(size: u64) -> Refusal {
    Refusal {
        header: Some((header::CONTENT_RANGE, format!("bytes */{size}"))),
        ..Refusal::new(
            Cause::RangeNotSatisfiable,
            "the range is outside of the file",
        )
    }
}

/// The response that says a refusal.
pub(super) fn refuse(refusal: Refusal) -> Response<Body> {
    #[derive(serde::Serialize)]
    struct Outer<'a> {
        error: Inner<'a>,
    }
    #[derive(serde::Serialize)]
    struct Inner<'a> {
        code: &'a str,
        message: &'a str,
    }
    let error = Inner {
        code: refusal.cause.code(),
        message: &refusal.message,
    };
    let text = serde_json::to_vec(&Outer { error }).unwrap_or_default();
    let response = plain_json(refusal.cause.status(), text);
    match refusal.header {
        Some((name, value)) => with(response, name, &value),
        None => response,
    }
}

/// The response with one more header.
pub(super) fn with(mut response: Response<Body>, name: HeaderName, value: &str) -> Response<Body> {
    // A value that no header can hold (a name with control characters never gets here) is left out.
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}

fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Empty::new().boxed_unsync());
    *response.status_mut() = status;
    response
}

fn plain_json(status: StatusCode, text: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Full::new(Bytes::from(text)).boxed_unsync());
    *response.status_mut() = status;
    with(response, header::CONTENT_TYPE, "application/json")
}

/// JSON, compressed if `asked` is there and takes it.
async fn json_response(
    status: StatusCode,
    text: Vec<u8>,
    asked: Option<&HeaderMap>,
) -> Response<Body> {
    let takes_gzip = |headers: &HeaderMap| {
        let accepted = headers.get(header::ACCEPT_ENCODING);
        accepted
            .and_then(|it| it.to_str().ok())
            .is_some_and(|it| it.split(',').any(|coding| coding.trim() == "gzip"))
    };
    let Some(asked) = asked else {
        return plain_json(status, text);
    };
    let packed = match takes_gzip(asked) {
        true => compressed(&text).await.ok(),
        false => None,
    };
    let response = match packed {
        Some(packed) => with(plain_json(status, packed), header::CONTENT_ENCODING, "gzip"),
        None => plain_json(status, text),
    };
    with(response, header::VARY, "Accept-Encoding")
}

async fn compressed(text: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzipEncoder::new(Vec::new());
    encoder.write_all(text).await?;
    encoder.shutdown().await?;
    Ok(encoder.into_inner())
}

fn is_known(asked: &HeaderMap, tag: &str) -> bool {
    let weak = |it: &str| it.trim().trim_start_matches("W/").to_owned();
    asked
        .get(header::IF_NONE_MATCH)
        .and_then(|it| it.to_str().ok())
        .is_some_and(|it| {
            it.split(',')
                .any(|known| known.trim() == "*" || weak(known) == weak(tag))
        })
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::Range;

    #[test]
    fn ranges_are_read() {
        let within = |from, until| Some(Range::Within { from, until });
        for (text, expected) in [
            ("bytes=0-3", within(0, 4)),
            ("bytes=8-", within(8, 10)),
            ("bytes=-3", within(7, 10)),
            ("bytes=-30", within(0, 10)),
            ("bytes=9-99", within(9, 10)),
            ("bytes=10-", Some(Range::Outside)),
            ("bytes=-0", Some(Range::Outside)),
            ("bytes=3-2", None),
            ("bytes=0-1,4-5", None),
            ("lines=0-1", None),
        ] {
            assert_eq!(Range::read(text, 10), expected, "{text}");
        }
    }
}
