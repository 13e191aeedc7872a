//! The load: who sends when.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use tokio::task::LocalSet;
use tokio::time::{sleep_until, timeout};

use super::link::{Link, Target};
use super::report::{Failed, Seen};
use crate::clock;

/// What is to be sent, and for how long.
pub(super) struct Plan {
    pub target: Target,
    pub request: Request<Full<Bytes>>,
    pub requests_max: u64,
    pub lasting: Duration,
    /// Requests a second, of all connections together.
    pub rate: Option<u32>,
    /// How long an answer is waited for, and a connection.
    pub patience: Duration,
}

/// Sends it all, and says what was seen.
pub(super) async fn run(plan: Plan, connections: u16) -> Seen {
    let course = Rc::new(Course {
        plan,
        started: clock::now(),
        taken: Cell::new(0),
        seen: RefCell::default(),
    });
    let local = LocalSet::new();
    for _ in 0..connections {
        local.spawn_local(course.clone().send());
    }
    local.await;
    let mut seen = course.seen.take();
    seen.lasted = clock::now() - course.started;
    seen
}

/// A plan under way. The connections take turns of it: whichever is free sends the next.
struct Course {
    plan: Plan,
    started: Instant,
    /// How many turns were taken; each connection takes the next one.
    taken: Cell<u64>,
    /// What all connections have seen so far.
    seen: RefCell<Seen>,
}

impl Course {
    /// When the next request is due, if there is one.
    fn turn(&self) -> Option<Instant> {
        let turn = self.taken.get();
        let due = match self.plan.rate {
            None => clock::now(),
            Some(rate) => self.started + Duration::from_secs_f64(turn as f64 / f64::from(rate)),
        };
        let ends = self.started + self.plan.lasting;
        if turn >= self.plan.requests_max || due >= ends || clock::now() >= ends {
            return None;
        }
        self.taken.set(turn + 1);
        Some(due)
    }

    /// One connection, opened anew when it fails.
    async fn send(self: Rc<Self>) {
        let mut link = None;
        while let Some(due) = self.turn() {
            let due = awaited(due).await;
            let asked = timeout(self.plan.patience, self.ask(&mut link)).await;
            let took = clock::now() - due;
            let mut seen = self.seen.borrow_mut();
            match asked.unwrap_or(Err(Failed::Patience)) {
                Ok((status, bytes)) => seen.answer(status, bytes, took),
                Err(failed) => {
                    seen.failed(failed);
                    link = None;
                }
            }
        }
    }

    /// The status of a whole answer, and the bytes of its body.
    async fn ask(&self, link: &mut Option<Link>) -> Result<(StatusCode, u64), Failed> {
        // The other side may have closed it between answers, as it likes.
        if let Some(open) = link
            && open.ready().await.is_err()
        {
            *link = None;
        }
        let open = match link {
            Some(open) => open,
            None => {
                let open = self.plan.target.open().await;
                link.insert(open.map_err(|_| Failed::Open)?)
            }
        };
        let answer = open.ask(self.plan.request.clone()).await;
        let answer = answer.map_err(|_| Failed::Answer)?;
        let status = answer.status();
        let (mut body, mut bytes) = (answer.into_body(), 0);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Failed::Answer)?;
            bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
        }
        Ok((status, bytes))
    }
}

/// From when the request counts. One that no connection was free to send waits, and the wait counts:
/// else a slow answer would hide how long those behind it took. That the timer is late does not.
async fn awaited(due: Instant) -> Instant {
    if due <= clock::now() {
        return due;
    }
    sleep_until(due.into()).await;
    clock::now()
}
