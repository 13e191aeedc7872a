//! A captured request: its head as the gateway checks it, and its body.

use std::path::Path;

use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Request, Uri, Version};

use super::world::World;
use crate::gateway::arrival::Scheme;
use crate::gateway::head::gate::{Gate, GateFault, HeadLimits, Step};
use crate::gateway::head::{HeadFault, meaning};

/// The largest capture, bytes.
const CAPTURE_BYTES_MAX: u64 = 256 << 20;

/// A request as it was sent.
pub(super) struct Captured {
    /// The head, its lines ended by CRLF, with the empty line.
    head: Vec<u8>,
    pub body: Vec<u8>,
}

/// Reads a capture. Lines of its head may end with CRLF or LF.
pub(super) fn read(path: &Path) -> Result<Captured, String> {
    let fault = |error: std::io::Error| format!("{} can't be read: {error}", path.display());
    let length = std::fs::metadata(path).map_err(fault)?.len();
    if length > CAPTURE_BYTES_MAX {
        return Err(format!("{} is larger than 256MiB", path.display()));
    }
    split(&std::fs::read(path).map_err(fault)?)
        .ok_or_else(|| format!("{}: no empty line ends a request's head", path.display()))
}

/// The head ends with the first empty line; without a body, with the file.
fn split(bytes: &[u8]) -> Option<Captured> {
    let mut head = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let (line, behind) = rest.split_at(end);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        rest = behind.get(1..).unwrap_or_default();
        head.extend_from_slice(&as_http1(line, head.is_empty()));
        head.extend_from_slice(b"\r\n");
        if line.is_empty() {
            return Some(Captured {
                head,
                body: rest.to_vec(),
            });
        }
    }
    head.extend_from_slice(b"\r\n");
    (head.len() > 4).then_some(Captured {
        head,
        body: Vec::new(),
    })
}

/// Tools write the request line of HTTP/2 as they would that of HTTP/1.1.
fn as_http1(line: &[u8], is_first: bool) -> Vec<u8> {
    match [b" HTTP/2".as_slice(), b" HTTP/2.0"]
        .iter()
        .find_map(|end| line.strip_suffix(*end))
    {
        Some(rest) if is_first => [rest, b" HTTP/1.1"].concat(),
        _ => line.to_vec(),
    }
}

impl Captured {
    /// The head, checked as the gateway checks it.
    pub fn head(&self, world: &World) -> Result<Parts, HeadFault> {
        let limits = HeadLimits::from(&world.gateway.limits);
        match Gate::new(limits).step(&self.head) {
            Ok(Step::Head(length)) if length == self.head.len() => {}
            Err(GateFault::Head(fault)) => return Err(fault),
            Ok(_) | Err(GateFault::Body(_)) => return Err(HeadFault::RequestLine),
        }
        let mut parts = self.parse().ok_or(HeadFault::RequestLine)?;
        let circumstances = meaning::Circumstances {
            scheme: Scheme::Http,
            has_body: !self.body.is_empty(),
            identity_headers: &world.gateway.identity_headers,
            limits: &limits,
        };
        meaning::judge(&mut parts, circumstances)?;
        Ok(parts)
    }

    fn parse(&self) -> Option<Parts> {
        let mut space = vec![httparse::EMPTY_HEADER; self.head.len()];
        let mut parsed = httparse::Request::new(&mut space);
        parsed.parse(&self.head).ok()?;
        let version = if parsed.version == Some(0) {
            Version::HTTP_10
        } else {
            Version::HTTP_11
        };
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.method = parsed.method?.parse::<Method>().ok()?;
        parts.uri = parsed.path?.parse::<Uri>().ok()?;
        parts.version = version;
        for header in parsed.headers.iter() {
            let name = HeaderName::from_bytes(header.name.as_bytes()).ok()?;
            parts
                .headers
                .append(name, HeaderValue::from_bytes(header.value).ok()?);
        }
        Some(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_ends_with_the_first_empty_line() {
        let check = |text: &str, head: &str, body: &str| {
            let captured = split(text.as_bytes()).unwrap();
            assert_eq!(String::from_utf8_lossy(&captured.head), head, "{text:?}");
            assert_eq!(String::from_utf8_lossy(&captured.body), body, "{text:?}");
        };
        check(
            "GET / HTTP/1.1\nHost: a\n\n",
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "",
        );
        check(
            "GET / HTTP/1.1\r\nHost: a\r\n\r\nx\n",
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "x\n",
        );
        check(
            "GET / HTTP/2\nHost: a",
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "",
        );
        assert!(split(b"").is_none());
    }
}
