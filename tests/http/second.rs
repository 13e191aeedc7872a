//! Rows of raw HTTP/1 bytes, said again in HTTP/2 wherever they mean something there.

use std::net::SocketAddr;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};

/// Headers that are about the connection: HTTP/2 has no place for them (RFC 9113, 8.2.2).
const OF_THE_CONNECTION: [&str; 4] = ["connection", "keep-alive", "proxy-connection", "te"];

/// The same request in HTTP/2; `None` if it is not one whole request in origin form with one Host,
/// or cannot be said there.
pub fn translated(request: &[u8]) -> Option<Request<Full<Bytes>>> {
    let head_bytes = memchr::memmem::find(request, b"\r\n\r\n")?;
    let (head, body) = (request.get(..head_bytes)?, request.get(head_bytes + 4..)?);
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = std::str::from_utf8(lines.next()?).ok()?;
    let mut words = first.strip_suffix('\r').unwrap_or(first).split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    if version != "HTTP/1.1" || words.next().is_some() || !target.starts_with('/') {
        return None;
    }
    let mut translated = Request::new(Full::from(body.to_vec()));
    let (mut authority, mut length, mut named) = (None, None, Vec::new());
    for line in lines {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let colon = memchr::memchr(b':', line)?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
        match name.as_str() {
            "host" if authority.is_some() => return None,
            "host" => authority = Some(value),
            "content-length" if length.is_some() => return None,
            "content-length" => length = Some(value.to_str().ok()?.parse::<usize>().ok()?),
            // A body in chunks would have to be taken apart; upgrades there are none.
            "transfer-encoding" | "upgrade" => return None,
            "connection" => named.extend(
                value
                    .to_str()
                    .ok()?
                    .split(',')
                    .map(|name| name.trim().to_ascii_lowercase()),
            ),
            name if OF_THE_CONNECTION.contains(&name) => {}
            _ => drop(translated.headers_mut().append(name, value)),
        }
    }
    if length.unwrap_or(0) != body.len() {
        return None;
    }
    for name in named {
        translated.headers_mut().remove(name);
    }
    let mut uri = http::uri::Parts::default();
    uri.scheme = Some(http::uri::Scheme::HTTP);
    uri.authority = Some(authority?.as_bytes().try_into().ok()?);
    let path = PathAndQuery::try_from(target).ok()?;
    uri.path_and_query = Some(path).filter(|path| path.as_str() == target);
    uri.path_and_query.as_ref()?;
    *translated.uri_mut() = Uri::from_parts(uri).ok()?;
    *translated.method_mut() = Method::from_bytes(method.as_bytes()).ok()?;
    Some(translated)
}

/// Sends one request over a connection of its own; the status and the body of its answer, or `None`
/// if the stream was reset.
pub fn exchange(address: SocketAddr, request: Request<Full<Bytes>>) -> Option<(u16, Bytes)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let tcp = tokio::net::TcpStream::connect(address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(tcp))
                .await
                .unwrap();
        tokio::spawn(connection);
        let answer = tokio::time::timeout(super::kit::PATIENCE, sender.send_request(request))
            .await
            .expect("an answer")
            .ok()?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.ok()?.to_bytes();
        Some((status, body))
    })
}
