//! The message server behind: one pool of connections for each worker, never shared by threads.
//!
//! A connection is used again only after a request that was sent whole and an answer that was read
//! whole. A request is sent a second time only if nothing of it had been written, or if it is a GET
//! or HEAD whose reused connection turned out dead.

mod body;
mod dial;
mod fault;
mod outbound;
mod pool;
mod shared;

use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;

use http::{Method, Request, Response, StatusCode, Uri, Version, header};
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use tokio::time::timeout;

pub use body::UpstreamBody;
pub use dial::{Target, TargetError};
pub use fault::{UpstreamFault, UpstreamFaultKind};
pub use outbound::OutboundBody;

use super::alarm::{Alarm, after, timer_now};
use super::canonical::CanonicalHead;
use super::limit::Hits;
use super::settings::UpstreamHttp;
use outbound::Progress;
use pool::{Lease, Pool};
use shared::Shared;

/// The way to the upstream for one worker.
#[derive(Debug)]
pub struct Upstream {
    target: Arc<Target>,
    pool: Rc<Pool>,
    shared: Shared,
    hits: Hits,
}

/// An exchange without an answer.
struct Failed {
    fault: UpstreamFault,
    /// The request, if nothing of it was written.
    unsent: Option<Request<OutboundBody>>,
}

impl Upstream {
    /// No connection is opened before the first request. Must live on a worker's thread.
    pub fn new(target: Arc<Target>, hits: Hits) -> Self {
        Self {
            pool: Rc::new(Pool::new(&target, hits.clone())),
            shared: Shared::default(),
            target,
            hits,
        }
    }

    /// Sends one request and waits for the head of its answer. Dropping the future gives the request
    /// up and closes its connection (HTTP/2: resets its stream).
    pub async fn send(
        &self,
        head: CanonicalHead,
        body: OutboundBody,
    ) -> Result<Response<UpstreamBody>, UpstreamFault> {
        let progress = body.progress.clone();
        let replay = (body.is_empty() && matches!(head.method, Method::GET | Method::HEAD))
            .then(|| head.clone());
        let answer = match self.target.http {
            UpstreamHttp::Http1 => self.send_http1(head, body, replay).await,
            UpstreamHttp::Http2 => self.send_http2(head, body, replay).await,
        };
        answer.map_err(|fault| match progress.fault.get() {
            Some(client) => UpstreamFault::new(UpstreamFaultKind::Client(client), client),
            None => {
                if let Some(limit) = fault.kind.limit() {
                    self.hits.hit(limit);
                }
                fault
            }
        })
    }

    /// How many connections wait for a request.
    pub fn idle_connections(&self) -> usize {
        self.pool.idle()
    }

    async fn send_http1(
        &self,
        head: CanonicalHead,
        body: OutboundBody,
        mut replay: Option<CanonicalHead>,
    ) -> Result<Response<UpstreamBody>, UpstreamFault> {
        let permit = self.pool.permit().await?;
        let progress = body.progress.clone();
        let mut request = self.request(head, body);
        while let Some(mut open) = self.pool.take() {
            // It is ready at once, unless it died or hangs.
            let Ok(Ok(())) = timeout(self.target.connect, open.sender.ready()).await else {
                continue;
            };
            let answer = open.sender.try_send_request(request);
            match self.exchange(answer, &progress, &mut open.late).await {
                Ok(answer) => {
                    let lease = Lease::new(&self.pool, open, permit, &progress);
                    return self.accept(answer, Some(lease));
                }
                Err(Failed {
                    unsent: Some(unsent),
                    ..
                }) => request = unsent,
                Err(failed) => {
                    let dead = failed.fault.kind == UpstreamFaultKind::Closed;
                    let Some(head) = replay.take().filter(|_| dead) else {
                        return Err(failed.fault);
                    };
                    request = self.request(head, OutboundBody::empty());
                    break;
                }
            }
        }
        let mut open = Box::pin(self.target.open_http1()).await?;
        progress.at.set(timer_now());
        let progress = request.body().progress.clone();
        let answer = open.sender.try_send_request(request);
        let answer = self
            .exchange(answer, &progress, &mut open.late)
            .await
            .map_err(|failed| failed.fault)?;
        let lease = Lease::new(&self.pool, open, permit, &progress);
        self.accept(answer, Some(lease))
    }

    async fn send_http2(
        &self,
        head: CanonicalHead,
        body: OutboundBody,
        replay: Option<CanonicalHead>,
    ) -> Result<Response<UpstreamBody>, UpstreamFault> {
        let progress = body.progress.clone();
        let request = self.request(head, body);
        let mut sender = self.shared.sender(&self.target).await?;
        progress.at.set(timer_now());
        let answer = sender.try_send_request(request);
        let failed = match self
            .exchange(answer, &progress, &mut Alarm::default())
            .await
        {
            Ok(answer) => return self.accept(answer, None),
            Err(failed) => failed,
        };
        let request = match (failed.unsent, replay) {
            (Some(unsent), _) => unsent,
            (None, Some(head)) if failed.fault.kind == UpstreamFaultKind::Closed => {
                self.request(head, OutboundBody::empty())
            }
            _ => return Err(failed.fault),
        };
        let mut sender = self.shared.sender(&self.target).await?;
        let progress = request.body().progress.clone();
        progress.at.set(timer_now());
        let answer = sender.try_send_request(request);
        match self
            .exchange(answer, &progress, &mut Alarm::default())
            .await
        {
            Ok(answer) => self.accept(answer, None),
            Err(failed) => Err(failed.fault),
        }
    }

    fn request(&self, head: CanonicalHead, body: OutboundBody) -> Request<OutboundBody> {
        let version = match self.target.http {
            UpstreamHttp::Http1 => Version::HTTP_11,
            UpstreamHttp::Http2 => Version::HTTP_2,
        };
        let mut headers = head.headers;
        body.frame(&head.method, version, &mut headers);
        let mut request = Request::new(body);
        *request.method_mut() = head.method;
        *request.uri_mut() = match version {
            Version::HTTP_2 => self
                .target
                .absolute(head.target, headers.remove(header::HOST)),
            _ => Uri::from(head.target),
        };
        *request.version_mut() = version;
        *request.headers_mut() = headers;
        request
    }

    /// Waits for the head of an answer as long as the request makes progress, or the client keeps
    /// us waiting for the rest of its body (which has its own limit).
    async fn exchange(
        &self,
        answer: impl Future<Output = Result<Response<Incoming>, TrySendError<Request<OutboundBody>>>>,
        progress: &Progress,
        late: &mut Alarm,
    ) -> Result<Response<Incoming>, Failed> {
        let wait = self.target.first_byte;
        let mut answer = pin!(answer);
        std::future::poll_fn(|cx| {
            if let Poll::Ready(answer) = answer.as_mut().poll(cx) {
                return Poll::Ready(answer.map_err(Failed::of));
            }
            while late.poll(cx, after(progress.at.get(), wait)).is_ready() {
                if !progress.awaits_client.get() {
                    return Poll::Ready(Err(Failed {
                        fault: UpstreamFault::new(
                            UpstreamFaultKind::FirstByteTimeout,
                            format_args!("after {wait:?}"),
                        ),
                        unsent: None,
                    }));
                }
                progress.at.set(timer_now());
            }
            Poll::Pending
        })
        .await
    }

    /// Takes the head of an answer if it can mean only one thing.
    fn accept(
        &self,
        answer: Response<Incoming>,
        lease: Option<Lease>,
    ) -> Result<Response<UpstreamBody>, UpstreamFault> {
        let garbage = |detail: &str| Err(UpstreamFault::new(UpstreamFaultKind::Garbage, detail));
        if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
            return garbage("it switched protocols unasked");
        }
        let mut encodings = answer.headers().get_all(header::TRANSFER_ENCODING).iter();
        if let Some(encoding) = encodings.next() {
            if !encoding.as_bytes().eq_ignore_ascii_case(b"chunked") || encodings.next().is_some() {
                return garbage("its transfer coding is not `chunked`");
            }
            if answer.headers().contains_key(header::CONTENT_LENGTH) {
                return garbage("it has two lengths");
            }
        }
        let idle = self.target.idle;
        Ok(answer.map(|incoming| UpstreamBody::new(incoming, lease, idle, self.hits.clone())))
    }
}

impl Failed {
    fn of(mut error: TrySendError<Request<OutboundBody>>) -> Self {
        let unsent = error.take_message();
        Self {
            fault: UpstreamFault::of(error.error()),
            unsent,
        }
    }
}
