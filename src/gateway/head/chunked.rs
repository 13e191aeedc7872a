//! The chunked coding of a request body (RFC 9112, 7.1), read strictly: CRLF only, plain
//! hexadecimal sizes, bounded extensions and trailers.

use super::fault::BodyFault;

/// No size has more digits: 15 of them are far over any limit on a body.
const SIZE_DIGITS_MAX: u8 = 15;

/// Where in a chunked body the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chunked {
    state: State,
    /// The size of the chunk that is being read, bytes.
    size: u64,
    digits: u8,
    /// Bytes of the line, or of the trailers, so far.
    line: usize,
    line_bytes_max: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Size,
    Extension,
    SizeEnd,
    Data(u64),
    DataReturn,
    DataEnd,
    /// At the beginning of a trailer line, or of the last, empty one.
    TrailerBegin,
    Trailer,
    TrailerEnd,
    LastEnd,
    Done,
}

impl Chunked {
    pub(super) fn new(line_bytes_max: usize) -> Self {
        Self {
            state: State::Size,
            size: 0,
            digits: 0,
            line: 0,
            line_bytes_max,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// How many of `bytes` belong to this body. All that belong are taken; those before a fault, too,
    /// which is found when the rest comes again: so it makes no difference how they were cut.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<usize, BodyFault> {
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            if self.is_done() {
                break;
            }
            if let State::Data(left) = self.state {
                let here = left.min((bytes.len() - at) as u64);
                at += here as usize;
                self.state = match left - here {
                    0 => State::DataReturn,
                    left => State::Data(left),
                };
            } else {
                let before = *self;
                match self.step(*byte) {
                    Ok(state) => self.state = state,
                    Err(fault) if at == 0 => return Err(fault),
                    Err(_) => {
                        *self = before;
                        break;
                    }
                }
                at += 1;
            }
        }
        Ok(at)
    }

    fn step(&mut self, byte: u8) -> Result<State, BodyFault> {
        self.line += 1;
        if self.line > self.line_bytes_max {
            return Err(BodyFault::TooLong);
        }
        match self.state {
            State::Size => self.size_byte(byte),
            State::Extension => match byte {
                b'\r' => Ok(State::SizeEnd),
                _ => text(byte, State::Extension),
            },
            State::SizeEnd => {
                expect(byte, b'\n')?;
                self.line = 0;
                self.digits = 0;
                Ok(match std::mem::take(&mut self.size) {
                    0 => State::TrailerBegin,
                    size => State::Data(size),
                })
            }
            State::DataReturn => expect(byte, b'\r').map(|()| State::DataEnd),
            State::DataEnd => {
                expect(byte, b'\n')?;
                self.line = 0;
                Ok(State::Size)
            }
            State::TrailerBegin => match byte {
                b'\r' => Ok(State::LastEnd),
                b' ' | b'\t' => Err(BodyFault::LineEnd),
                _ => text(byte, State::Trailer),
            },
            State::Trailer => match byte {
                b'\r' => Ok(State::TrailerEnd),
                _ => text(byte, State::Trailer),
            },
            State::TrailerEnd => expect(byte, b'\n').map(|()| State::TrailerBegin),
            State::LastEnd => expect(byte, b'\n').map(|()| State::Done),
            state @ (State::Data(_) | State::Done) => Ok(state),
        }
    }

    fn size_byte(&mut self, byte: u8) -> Result<State, BodyFault> {
        if let Some(digit) = char::from(byte).to_digit(16) {
            self.digits += 1;
            if self.digits > SIZE_DIGITS_MAX {
                return Err(BodyFault::ChunkSize);
            }
            self.size = self.size << 4 | u64::from(digit);
            return Ok(State::Size);
        }
        match byte {
            _ if self.digits == 0 => Err(BodyFault::ChunkSize),
            b';' => Ok(State::Extension),
            b'\r' => Ok(State::SizeEnd),
            b'\n' => Err(BodyFault::LineEnd),
            _ => Err(BodyFault::ChunkSize),
        }
    }
}

fn expect(byte: u8, wanted: u8) -> Result<(), BodyFault> {
    if byte == wanted {
        Ok(())
    } else {
        Err(BodyFault::LineEnd)
    }
}

fn text(byte: u8, next: State) -> Result<State, BodyFault> {
    match byte {
        b'\n' => Err(BodyFault::LineEnd),
        b'\t' => Ok(next),
        0..=0x1f | 0x7f => Err(BodyFault::ControlByte),
        _ => Ok(next),
    }
}
