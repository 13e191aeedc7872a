//! A stream of server-sent events (HTML, 9.2), judged event by event on the policy of that moment.

use bytes::{Bytes, BytesMut};
use futures_util::stream;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode, response};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tracing::debug;

use super::answer::{Reader, kept_headers};
use super::answer_body::{AnswerBody, AnswerFault};
use super::arrival::Answer;
use super::limit::Limit;
use super::refusal::Refused;
use super::upstream::UpstreamBody;
use crate::dialect::EventForms;

/// The stream as its reader may see it.
pub fn filter(
    reader: Reader,
    forms: EventForms,
    head: response::Parts,
    body: UpstreamBody,
) -> Result<Answer, Refused> {
    let is_stream = head.headers.get(CONTENT_TYPE).is_some_and(|value| {
        value
            .as_bytes()
            .split(|byte| *byte == b';')
            .next()
            .map(<[u8]>::trim_ascii)
            == Some(b"text/event-stream")
    });
    if head.status != StatusCode::OK || !is_stream {
        return Err(Refused::UnreadableAnswer);
    }
    let event_bytes_max = reader.learner.parts.limits.edited_answer_bytes_max;
    let events = Events {
        reader,
        forms,
        body: body.without_idle_limit(),
        held: BytesMut::new(),
        ends: Ends::default(),
        event_bytes_max,
    };
    let frames = stream::unfold(Some(events), |events| async move {
        let mut events = events?;
        match events.next().await {
            Ok(Some(bytes)) => Some((Ok(Frame::data(bytes)), Some(events))),
            Ok(None) => None,
            Err(fault) => Some((Err(fault), None)),
        }
    });
    let mut answer = Response::new(AnswerBody::stream(StreamBody::new(frames)));
    *answer.headers_mut() = kept_headers(&head.headers, &[]);
    answer
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

struct Events {
    reader: Reader,
    forms: EventForms,
    body: UpstreamBody,
    held: BytesMut,
    ends: Ends,
    event_bytes_max: usize,
}

impl Events {
    /// The next event that may be shown, or `None` at the end. A fault ends the stream: a client
    /// that comes back with the last id it saw misses nothing.
    async fn next(&mut self) -> Result<Option<Bytes>, AnswerFault> {
        loop {
            let end = self.ends.next(&self.held);
            if end.unwrap_or(self.held.len()) > self.event_bytes_max {
                self.reader.learner.tally.hit(Limit::EditedAnswerBytes);
                return Err("an event is over the limit".into());
            }
            if let Some(end) = end {
                let event = self.held.split_to(end).freeze();
                if let Some(shown) = self.judge(event).await? {
                    return Ok(Some(shown));
                }
                continue;
            }
            match self.body.frame().await {
                // An event that was cut short is not one.
                None => return Ok(None),
                Some(frame) => {
                    if let Ok(part) = frame?.into_data() {
                        self.held.extend_from_slice(&part);
                    }
                }
            }
        }
    }

    async fn judge(&self, event: Bytes) -> Result<Option<Bytes>, AnswerFault> {
        let Some(fields) = Fields::read(&event) else {
            return Err("an event is not UTF-8".into());
        };
        if !fields.has_data {
            // A comment, or an id alone: nothing of it is shown to anybody.
            return Ok(Some(fields.without_data()));
        }
        let Some(program) = self.forms.form(fields.name) else {
            debug!("an event that the dialect does not know was dropped");
            return Ok(None);
        };
        match self
            .reader
            .show(fields.data.clone().into_bytes(), program)
            .await
        {
            Ok(shown) => Ok(Some(fields.with_data(&shown))),
            Err(Refused::Hidden) => Ok(None),
            Err(refused) => {
                Err(format!("an event could not be judged: {}", refused.cause()).into())
            }
        }
    }
}

/// One event's lines.
pub struct Fields<'e> {
    name: &'e str,
    id: Option<&'e str>,
    retry: Option<&'e str>,
    data: String,
    has_data: bool,
}

impl<'e> Fields<'e> {
    /// Reads the lines of one event; `None`: they are not UTF-8.
    pub fn read(event: &'e [u8]) -> Option<Self> {
        let text = std::str::from_utf8(event).ok()?;
        let mut fields = Fields {
            name: "message",
            id: None,
            retry: None,
            data: String::new(),
            has_data: false,
        };
        for line in text.split(['\n', '\r']) {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match name {
                "event" => fields.name = value,
                "id" => fields.id = Some(value),
                "retry" => fields.retry = Some(value),
                "data" => {
                    if fields.has_data {
                        fields.data.push('\n');
                    }
                    fields.data.push_str(value);
                    fields.has_data = true;
                }
                _ => {}
            }
        }
        Some(fields)
    }

    /// What its data lines hold together.
    pub fn data(&self) -> &str {
        &self.data
    }

    /// Whether there is such a line.
    pub fn has_data(&self) -> bool {
        self.has_data
    }

    /// The event written anew: only fields that the specification knows.
    pub fn with_data(&self, data: &[u8]) -> Bytes {
        let mut event = BytesMut::with_capacity(data.len() + 64);
        self.write("event", Some(self.name), &mut event);
        self.write("id", self.id, &mut event);
        self.write("retry", self.retry, &mut event);
        for line in data.split(|byte| *byte == b'\n' || *byte == b'\r') {
            event.extend_from_slice(b"data: ");
            event.extend_from_slice(line);
            event.extend_from_slice(b"\n");
        }
        event.extend_from_slice(b"\n");
        event.freeze()
    }

    /// What is left of an event whose data goes nowhere.
    pub fn without_data(&self) -> Bytes {
        let mut event = BytesMut::from(&b":\n"[..]);
        self.write("retry", self.retry, &mut event);
        event.extend_from_slice(b"\n");
        event.freeze()
    }

    fn write(&self, name: &str, value: Option<&str>, event: &mut BytesMut) {
        if let Some(value) = value {
            for part in [name, ": ", value, "\n"] {
                event.extend_from_slice(part.as_bytes());
            }
        }
    }
}

/// Where events end, found in one pass over a stream that comes in pieces.
#[derive(Debug, Default)]
pub struct Ends {
    /// Up to here the bytes that are held have been looked at.
    looked_at: usize,
    /// Whether the line that goes on there has any byte.
    in_line: bool,
    /// Whether a `\r` was the last byte: a `\n` behind it belongs to the same line end.
    after_return: bool,
}

impl Ends {
    /// Behind the empty line that ends the first of the events held. What was looked at before is
    /// not looked at again, and the next search begins behind that end.
    pub fn next(&mut self, held: &[u8]) -> Option<usize> {
        while let Some(byte) = held.get(self.looked_at) {
            self.looked_at += 1;
            let after_return = std::mem::replace(&mut self.after_return, *byte == b'\r');
            let ends_line = matches!(byte, b'\r' | b'\n');
            if *byte == b'\n' && after_return {
                continue;
            }
            if ends_line && !self.in_line {
                if self.after_return && held.get(self.looked_at) == Some(&b'\n') {
                    self.looked_at += 1;
                    self.after_return = false;
                }
                return Some(std::mem::take(&mut self.looked_at));
            }
            self.in_line = !ends_line;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_ends_at_an_empty_line() {
        for (held, end) in [
            ("data: 1\n\ndata: 2", Some(9)),
            ("data: 1\r\n\r\n", Some(11)),
            ("data: 1\r\r", Some(9)),
            ("data: 1\r\n\r", Some(10)),
            ("data: 1\n", None),
            ("data: 1", None),
            ("", None),
            ("\n", Some(1)),
        ] {
            assert_eq!(Ends::default().next(held.as_bytes()), end, "{held:?}");
        }
    }

    /// The events of a stream that comes in these pieces, line ends aside.
    fn events(pieces: &[&str]) -> Vec<String> {
        let (mut ends, mut held, mut events) = (Ends::default(), String::new(), Vec::new());
        for piece in pieces {
            held.push_str(piece);
            while let Some(end) = ends.next(held.as_bytes()) {
                let event: String = held.drain(..end).collect();
                events.push(event.split(['\r', '\n']).collect());
            }
        }
        events.push(held.split(['\r', '\n']).collect());
        events
    }

    #[test]
    fn wherever_a_stream_is_cut_its_events_are_the_same() {
        for stream in [
            "data: 1\n\nid: 2\ndata: 2\n\n\nda",
            "data: 1\r\n\r\nid: 2\r\ndata: 2\r\n\r\n\r\nda",
            "data: 1\r\rid: 2\rdata: 2\r\r\rda",
            "data: 1\r\n\rdata: 2\n\r\n\n\r\r\nda",
        ] {
            let whole = events(&[stream]);
            assert!(whole.len() > 2, "{whole:?}");
            for a in 0..=stream.len() {
                for b in a..=stream.len() {
                    let pieces = [&stream[..a], &stream[a..b], &stream[b..]];
                    assert_eq!(events(&pieces), whole, "{pieces:?}");
                }
            }
        }
    }

    #[test]
    fn what_was_looked_at_is_not_looked_at_again() {
        let mut ends = Ends::default();
        assert_eq!(ends.next(b"data: 1\n"), None);
        assert_eq!(ends.next(b"\n\n\n\n\n\n\n\nid: 1\n\n"), Some(15));
        assert_eq!(ends.next(b"\n"), Some(1));
    }

    #[test]
    fn an_event_is_written_anew_from_its_fields() {
        let fields =
            Fields::read(b"event: message\nid: 7\nx: y\ndata: {\"a\":\ndata: 1}\n\n").unwrap();
        assert_eq!(
            (fields.name, fields.data.as_str()),
            ("message", "{\"a\":\n1}")
        );
        assert_eq!(
            fields.with_data(b"{\"a\":\n2}"),
            Bytes::from("event: message\nid: 7\ndata: {\"a\":\ndata: 2}\n\n")
        );
    }

    #[test]
    fn a_comment_carries_nothing() {
        let fields = Fields::read(b": Alice Kim is here\n\n").unwrap();
        assert!(!fields.has_data);
        assert_eq!(fields.without_data(), Bytes::from(":\n\n"));
    }
}
