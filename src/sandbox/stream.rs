//! The event stream of a person.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, Response, header};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::answer::{Body, with};
use super::call::bearer;
use super::exchange::owner;
use super::journal::News;
use super::refusal::Refusal;
use super::state::Shared;

/// How long a stream may be silent.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Opens the stream of the person whose token this is.
pub(super) fn open(
    shared: Arc<Shared>,
    stop: CancellationToken,
    asked: &HeaderMap,
) -> Result<Response<Body>, Refusal> {
    let token = bearer(asked).unwrap_or_default().to_owned();
    let asker = owner(&shared, &token)?;
    let person = asker
        .person()
        .ok_or_else(|| Refusal::forbidden("an operator is no person"))?
        .to_owned();
    let latest = shared.with(|state| state.journal.latest());
    let seen = match asked.get("last-event-id") {
        None => latest,
        Some(id) => id
            .to_str()
            .ok()
            .and_then(|it| it.parse().ok())
            .ok_or_else(|| Refusal::bad("`Last-Event-ID` is a number"))?,
    };
    let reader = Reader {
        bell: shared.bell(),
        shared,
        stop,
        token,
        person,
        seen,
        greeted: false,
    };
    let frames = stream::unfold(reader, |mut reader| async {
        let text = reader.next().await?;
        Some((Ok::<_, Infallible>(Frame::data(Bytes::from(text))), reader))
    });
    let response = Response::new(StreamBody::new(frames).boxed_unsync());
    let response = with(response, header::CONTENT_TYPE, "text/event-stream");
    Ok(with(response, header::CACHE_CONTROL, "no-store"))
}

/// Somebody who reads the journal along.
struct Reader {
    shared: Arc<Shared>,
    stop: CancellationToken,
    bell: watch::Receiver<u64>,
    token: String,
    person: String,
    /// The last event that was told, or passed over as others'.
    seen: u64,
    greeted: bool,
}

impl Reader {
    /// The next text of the stream; `None` when it ends.
    async fn next(&mut self) -> Option<String> {
        if !self.greeted {
            self.greeted = true;
            return Some(": hello\n\n".to_owned());
        }
        loop {
            self.bell.mark_unchanged();
            let news = self.shared.with(|state| {
                let alive = state.tokens.contains_key(&self.token);
                alive.then(|| state.journal.after(self.seen, &self.person))
            });
            match news? {
                News::Forgotten(oldest) => {
                    self.seen = oldest;
                    return Some(format!(
                        "event: reset\nid: {oldest}\ndata: {{\"oldest\":{oldest}}}\n\n"
                    ));
                }
                News::Frames(frames, latest) => {
                    self.seen = latest;
                    if !frames.is_empty() {
                        return Some(frames.concat());
                    }
                }
            }
            tokio::select! {
                () = self.stop.cancelled() => return None,
                rung = self.bell.changed() => rung.ok()?,
                () = tokio::time::sleep(KEEP_ALIVE) => return Some(": still here\n\n".to_owned()),
            }
        }
    }
}
