//! An answer on its way out, as the HTTP library sees it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::answer_body::{AnswerBody, AnswerFault};
use super::ledger::Turn;

/// The largest piece of an answer that HTTP/2 gets at once, bytes: it takes a piece as soon as the
/// client has room for one byte of it, so this is what a client can make us hold.
const PIECE_BYTES: usize = 64 << 10;

/// The body of an answer, and the turn that ends with it.
pub(super) struct Delivery {
    body: AnswerBody,
    turn: Turn,
    /// Whether a client can stall this stream alone.
    http2: bool,
    /// What is left of a part that is handed over in pieces.
    rest: Bytes,
}

impl Delivery {
    pub(super) fn new(body: AnswerBody, turn: Turn, http2: bool) -> Self {
        Self {
            body,
            turn,
            http2,
            rest: Bytes::new(),
        }
    }

    fn poll_part(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, AnswerFault>>> {
        if !self.rest.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(self.piece()))));
        }
        let next = ready!(Pin::new(&mut self.body).poll_frame(cx));
        let Some(Ok(frame)) = next else {
            return Poll::Ready(next);
        };
        Poll::Ready(Some(match frame.into_data() {
            Ok(bytes) if self.http2 => {
                self.rest = bytes;
                Ok(Frame::data(self.piece()))
            }
            Ok(bytes) => Ok(Frame::data(bytes)),
            Err(frame) => Ok(frame),
        }))
    }

    fn piece(&mut self) -> Bytes {
        let bytes = self.rest.len().min(PIECE_BYTES);
        self.rest.split_to(bytes)
    }
}

impl Body for Delivery {
    type Data = Bytes;
    type Error = AnswerFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, AnswerFault>>> {
        self.turn.asked();
        let next = ready!(self.poll_part(cx));
        match &next {
            Some(Ok(_)) if self.http2 => {
                // The library keeps the last piece, too, until the client makes room for it.
                self.turn.handed();
            }
            Some(Err(error)) => {
                tracing::debug!(%error, "an answer broke off");
            }
            _ => {}
        }
        Poll::Ready(next)
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = self.body.size_hint();
        let rest = self.rest.len() as u64;
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper + rest);
        }
        hint.set_lower(hint.lower() + rest);
        hint
    }
}
