//! The frames of an HTTP/2 connection as they pass by (RFC 9113, 4.1): only their heads are looked
//! at, and the little of a payload that says why something ends. No socket, no clock.

/// The client's preface (RFC 9113, 3.4), which is no frame.
const PREFACE_BYTES: usize = 24;
/// A frame's head.
const HEAD_BYTES: usize = 9;
/// How much of a payload is kept: enough for a GOAWAY's code and the first words of its debug data.
const KEPT_BYTES: usize = 20;

const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const REFUSED_STREAM: u8 = 7;
const FLOW_CONTROL_ERROR: u8 = 3;
const ENHANCE_YOUR_CALM: u8 = 11;

/// Where in one direction of a connection the next byte stands.
#[derive(Debug)]
pub(super) struct Frames {
    /// Bytes before the first frame.
    preface: usize,
    /// The frame that is passing: its head and the beginning of its payload.
    kept: [u8; HEAD_BYTES + KEPT_BYTES],
    kept_bytes: usize,
    /// What of its payload is still to come and not to be kept.
    left: usize,
}

/// A frame, as far as it was looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'a> {
    kind: u8,
    flags: u8,
    length: usize,
    /// The beginning of the payload.
    payload: &'a [u8],
}

impl Frames {
    /// What a client sends.
    pub(super) fn of_client() -> Self {
        Self {
            preface: PREFACE_BYTES,
            ..Self::of_server()
        }
    }

    /// What we send.
    pub(super) fn of_server() -> Self {
        Self {
            preface: 0,
            kept: [0; HEAD_BYTES + KEPT_BYTES],
            kept_bytes: 0,
            left: 0,
        }
    }

    /// Takes the next bytes, and shows every frame whose beginning is complete with them.
    pub(super) fn pass(&mut self, mut bytes: &[u8], mut seen: impl FnMut(Frame<'_>)) {
        skip(&mut bytes, &mut self.preface);
        loop {
            skip(&mut bytes, &mut self.left);
            let wanted = self.wanted();
            let Some(room) = self.kept.get_mut(self.kept_bytes..wanted) else {
                return;
            };
            let here = room.len().min(bytes.len());
            let (now, rest) = bytes.split_at(here);
            for (to, from) in room.iter_mut().zip(now) {
                *to = *from;
            }
            (self.kept_bytes, bytes) = (self.kept_bytes + here, rest);
            if self.kept_bytes < HEAD_BYTES || self.kept_bytes < self.wanted() {
                if bytes.is_empty() {
                    return;
                }
                continue;
            }
            let length = self.length();
            let [_, _, _, kind, flags, ..] = self.kept;
            let payload = self.kept.get(HEAD_BYTES..self.kept_bytes);
            seen(Frame {
                kind,
                flags,
                length,
                payload: payload.unwrap_or_default(),
            });
            self.left = length.saturating_sub(self.kept_bytes - HEAD_BYTES);
            self.kept_bytes = 0;
        }
    }

    /// How much of the frame is to be kept in all, as far as that is known.
    fn wanted(&self) -> usize {
        if self.kept_bytes < HEAD_BYTES {
            HEAD_BYTES
        } else {
            HEAD_BYTES + self.length().min(KEPT_BYTES)
        }
    }

    fn length(&self) -> usize {
        let [high, middle, low, ..] = self.kept;
        usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low)
    }
}

fn skip(bytes: &mut &[u8], count: &mut usize) {
    let here = bytes.len().min(*count);
    *bytes = bytes.get(here..).unwrap_or_default();
    *count -= here;
}

/// What a client's frame costs beside the request that it may belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cost {
    /// It gives a request up.
    Reset,
    /// It moves nothing: a ping, settings, a priority, an empty part, a frame that nobody knows.
    Control,
}

/// What a frame of ours says that the client ran into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Struck {
    /// More streams than may be open.
    Streams,
    /// A head that is too long, or in too many pieces.
    HeaderList,
    /// More of what the HTTP library counts as resets, by itself.
    Resets,
    /// More parts that carry next to nothing than it takes.
    Control,
    /// More of a stream's body than it has room for.
    StreamWindow,
    /// More on all streams than there is room for.
    ConnectionWindow,
}

impl Frame<'_> {
    /// What it costs us, if it is a client's.
    pub(super) fn cost(&self) -> Option<Cost> {
        match (self.kind, self.flags) {
            // DATA and CONTINUATION: only the empty ones that end nothing.
            (0, flags) if self.length == 0 && flags & END_STREAM == 0 => Some(Cost::Control),
            (9, _) if self.length == 0 => Some(Cost::Control),
            (3, _) => Some(Cost::Reset),
            // Answers to our own SETTINGS and PING.
            (4 | 6, flags) if flags & ACK == ACK => None,
            (2 | 4 | 6, _) => Some(Cost::Control),
            (0..=9, _) => None,
            _ => Some(Cost::Control),
        }
    }

    /// What it says, if it is ours.
    pub(super) fn struck(&self) -> Option<Struck> {
        let code = |at: usize| self.payload.get(at + 3).copied();
        match self.kind {
            // An answer of ours names its request and has a date. A head of its status alone is the
            // library's 431: written out, or by its place in the table.
            1 if self.flags & END_STREAM == END_STREAM => {
                let alone =
                    self.length == 1 || (self.length == 5 && self.payload.starts_with(&[0x48]));
                alone.then_some(Struck::HeaderList)
            }
            3 => match code(0)? {
                REFUSED_STREAM => Some(Struck::Streams),
                FLOW_CONTROL_ERROR => Some(Struck::StreamWindow),
                _ => None,
            },
            7 => match code(4)? {
                FLOW_CONTROL_ERROR => Some(Struck::ConnectionWindow),
                ENHANCE_YOUR_CALM => Some(self.calmed()),
                _ => None,
            },
            _ => None,
        }
    }

    /// Why the HTTP library asks for calm: it says so in the debug data.
    fn calmed(&self) -> Struck {
        let why = self.payload.get(8..).unwrap_or_default();
        if why.starts_with(b"too_many_con") || why.starts_with(b"header_list") {
            Struck::HeaderList
        } else if why.starts_with(b"too_many_dat") {
            Struck::Control
        } else {
            Struck::Resets
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
        frame.extend([kind, flags, 0, 0, 0, 1]);
        frame.extend(payload);
        frame
    }

    #[test]
    fn frames_are_seen_alike_however_their_bytes_are_cut() {
        let goaway = [
            &[0; 7],
            [ENHANCE_YOUR_CALM].as_slice(),
            b"too_many_continuations",
        ]
        .concat();
        let bytes = [
            vec![b'P'; PREFACE_BYTES],
            frame(4, 0, &[]),
            frame(0, 0, &[7; 300]),
            frame(3, 0, &[0, 0, 0, 8]),
            frame(7, 0, &goaway),
            frame(0, 1, &[]),
        ]
        .concat();
        for part in 1..bytes.len() {
            let mut frames = Frames::of_client();
            let mut seen = Vec::new();
            for bytes in bytes.chunks(part) {
                frames.pass(bytes, |frame| {
                    seen.push((frame.kind, frame.length, frame.cost(), frame.struck()));
                });
            }
            assert_eq!(
                seen,
                [
                    (4, 0, Some(Cost::Control), None),
                    (0, 300, None, None),
                    (3, 4, Some(Cost::Reset), None),
                    (7, 30, None, Some(Struck::HeaderList)),
                    (0, 0, None, None),
                ],
                "{part} at a time"
            );
        }
    }

    #[test]
    fn what_moves_nothing_costs_and_what_answers_us_does_not() {
        let cost = |kind, flags, payload: &[u8]| {
            let mut cost = None;
            Frames::of_server().pass(&frame(kind, flags, payload), |frame| cost = frame.cost());
            cost
        };
        for (kind, flags, payload) in [
            (0, 0, ""),
            (2, 0, "12345"),
            (4, 0, ""),
            (6, 0, "12345678"),
            (9, 4, ""),
            (16, 0, "x"),
        ] {
            assert_eq!(
                cost(kind, flags, payload.as_bytes()),
                Some(Cost::Control),
                "{kind} {flags}"
            );
        }
        for (kind, flags, payload) in [
            (0, 1, ""),
            (0, 0, "x"),
            (1, 4, "x"),
            (4, 1, ""),
            (6, 1, "12345678"),
            (8, 0, "1234"),
            (9, 4, "x"),
        ] {
            assert_eq!(
                cost(kind, flags, payload.as_bytes()),
                None,
                "{kind} {flags}"
            );
        }
    }
}
