//! The administrator's listener: is it alive, is it ready, what does it count.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tracing::debug;

use crate::telemetry::Meters;

/// The most connections at once: scrapers and probes, not people.
const CONNECTIONS_MAX: usize = 64;

/// What the probes are told. Set by the control loop.
#[derive(Default)]
pub struct State {
    /// Whether the gateway no longer takes new requests.
    pub draining: AtomicBool,
    /// Whether the message server can be reached.
    pub upstream: AtomicBool,
    /// Whether the store can't be read, or can't be written to. Never, if there is none.
    pub store_failing: AtomicBool,
}

/// Serves until its task is ended.
pub async fn serve(listener: TcpListener, meters: Meters, state: Arc<State>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else {
            return;
        };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(fault) => {
                debug!(%fault, "the admin listener could not accept");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let (meters, state) = (meters.clone(), state.clone());
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let answer = answer(&request, &meters, &state);
                async move { Ok::<_, Infallible>(answer) }
            });
            let served = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(Duration::from_secs(10))
                .serve_connection(TokioIo::new(stream), service)
                .await;
            if let Err(fault) = served {
                debug!(%fault, "an admin connection broke off");
            }
            drop(place);
        });
    }
}

/// Binds it.
pub async fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

fn answer(request: &Request<Incoming>, meters: &Meters, state: &State) -> Response<Full<Bytes>> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut answer = text(StatusCode::METHOD_NOT_ALLOWED, "only GET\n".into());
        answer
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return answer;
    }
    match request.uri().path() {
        "/healthz" | "/livez" => text(StatusCode::OK, "ok\n".into()),
        "/readyz" => ready(state),
        "/metrics" => {
            let mut answer = text(StatusCode::OK, meters.render());
            let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
            answer.headers_mut().insert(CONTENT_TYPE, kind);
            answer
        }
        _ => text(
            StatusCode::NOT_FOUND,
            "there is /healthz, /livez, /readyz and /metrics\n".into(),
        ),
    }
}

/// Ready means: new requests are taken, the message server can be reached, and the store works.
fn ready(state: &State) -> Response<Full<Bytes>> {
    let draining = state.draining.load(Ordering::Relaxed);
    let upstream = state.upstream.load(Ordering::Relaxed);
    let store = !state.store_failing.load(Ordering::Relaxed);
    let line = |name: &str, fine: bool| format!("{} {name}\n", if fine { "ok  " } else { "FAIL" });
    let told = format!(
        "{}{}{}",
        line("accepting", !draining),
        line("upstream", upstream),
        line("store", store)
    );
    let status = if !draining && upstream && store {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    text(status, told)
}

fn text(status: StatusCode, text: String) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::new(Bytes::from(text)));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
