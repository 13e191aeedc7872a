//! One request and its answer.

use std::sync::Arc;

use async_compression::tokio::bufread::GzipDecoder;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use tokio::io::AsyncReadExt;
use tokio_util::sync::CancellationToken;

use super::answer::{Answer, Body, refuse};
use super::call::{self, Asker, Call, Query};
use super::refusal::{Cause, Refusal};
use super::state::Shared;
use super::{people, routes, stream, upload};

/// The largest body of a request that is no upload, also once it is unpacked.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Answers a request. Event streams end when `stop` is cancelled.
pub(super) async fn answer(
    shared: Arc<Shared>,
    stop: CancellationToken,
    request: Request<Incoming>,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    if is_stream(&head) {
        return stream::open(shared, stop, &head.headers).unwrap_or_else(refuse);
    }
    let reads = matches!(head.method, Method::GET | Method::HEAD);
    let gzip = shared.with(|state| state.settings.gzip);
    match attempt(&shared, &head, body).await {
        Ok(answer) if reads => answer.for_read(&head.headers, gzip).await,
        Ok(answer) => answer.for_write(&head.headers, gzip).await,
        Err(refusal) => refuse(refusal),
    }
}

fn is_stream(head: &Parts) -> bool {
    head.uri.path() == "/v1/events" && matches!(head.method, Method::GET | Method::HEAD)
}

async fn attempt(shared: &Shared, head: &Parts, body: Incoming) -> Result<Answer, Refusal> {
    let segments = call::segments(head.uri.path())?;
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    if path == ["v1", "login"] {
        if head.method != Method::POST {
            return Err(Refusal::not_allowed("POST"));
        }
        let body = whole(&head.headers, body).await?;
        return shared.with(|state| people::login(state, &head.headers, &body));
    }
    let token = call::bearer(&head.headers).unwrap_or_default();
    let asker = owner(shared, token)?;
    let query = Query::read(head.uri.query())?;
    if let Some(place) = upload::place(&head.method, &path) {
        return upload::receive(shared, &asker, place, &query, &head.headers, body).await;
    }
    let method = match head.method {
        Method::HEAD => Method::GET,
        ref method => method.clone(),
    };
    if matches!(asker, Asker::Operator) && method != Method::GET {
        return Err(Refusal::forbidden("an operator only reads"));
    }
    let call = Call {
        method,
        query,
        headers: head.headers.clone(),
        body: whole(&head.headers, body).await?,
        token: token.to_owned(),
        asker,
    };
    shared.with(|state| {
        if call.method == Method::POST && state.is_full() {
            return Err(Refusal::new(Cause::Full, "the sandbox is full"));
        }
        routes::dispatch(state, &call, &path)
    })
}

/// Whose token this is.
pub(super) fn owner(shared: &Shared, token: &str) -> Result<Asker, Refusal> {
    shared
        .with(|state| state.tokens.get(token).cloned())
        .ok_or_else(|| Refusal::new(Cause::Unauthorized, "sign in first"))
}

/// The whole body, unpacked.
async fn whole(headers: &HeaderMap, body: Incoming) -> Result<Bytes, Refusal> {
    let too_large = || Refusal::new(Cause::TooLarge, "the body is larger than 1 MiB");
    let collected = Limited::new(body, BODY_BYTES_MAX).collect().await;
    let bytes = collected
        .map_err(|error| match error.is::<hyper::Error>() {
            true => Refusal::bad("the body is cut short"),
            false => too_large(),
        })?
        .to_bytes();
    match headers.get(header::CONTENT_ENCODING) {
        None => Ok(bytes),
        Some(coding) if coding == "gzip" => {
            let mut unpacked = Vec::new();
            let limit = BODY_BYTES_MAX as u64 + 1;
            GzipDecoder::new(bytes.as_ref())
                .take(limit)
                .read_to_end(&mut unpacked)
                .await
                .map_err(|_| Refusal::bad("the body is not gzip"))?;
            if unpacked.len() > BODY_BYTES_MAX {
                return Err(too_large());
            }
            Ok(Bytes::from(unpacked))
        }
        Some(_) => Err(Refusal::new(
            Cause::UnsupportedMediaType,
            "the only content encoding taken is gzip",
        )),
    }
}
