//! The tokens of JSON, by the grammar of RFC 8259 and within the bounds of one reading.

use super::scan::{Manners, ScanFault, ScanFaultKind};

/// A place in a document that is known to be UTF-8, and the tokens from there.
pub(super) struct Lexer<'a> {
    text: &'a str,
    /// Where the next byte to be read stands.
    pub(super) at: usize,
    string_bytes_max: usize,
    number_digits_max: usize,
    /// What stopped the reading.
    fault: Option<ScanFault>,
}

/// The document is refused: the lexer knows why ([`Lexer::take_fault`]). It is empty so that results
/// travel in registers; passing the fault itself up cost a third of the time of a scan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopped;

/// A string as it stands in the document, quotes included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) escaped: bool,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str, manners: &Manners) -> Self {
        Self {
            text,
            at: 0,
            string_bytes_max: manners.string_bytes_max,
            number_digits_max: manners.number_digits_max,
            fault: None,
        }
    }

    /// The whole document.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// The next byte. At the end it is NUL, which no token begins with.
    #[inline]
    pub(super) fn peek(&self) -> u8 {
        byte_at(self.text.as_bytes(), self.at)
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    #[inline]
    pub(super) fn skip_space(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
    }

    /// Takes the byte that must stand here.
    #[inline]
    pub(super) fn expect(&mut self, byte: u8) -> Result<(), Stopped> {
        if self.peek() != byte {
            return Err(self.fault(ScanFaultKind::Syntax));
        }
        self.at += 1;
        Ok(())
    }

    pub(super) fn literal(&mut self, word: &str) -> Result<(), Stopped> {
        let end = self.at + word.len();
        if self.text.as_bytes().get(self.at..end) != Some(word.as_bytes()) {
            return Err(self.fault(ScanFaultKind::Syntax));
        }
        self.at = end;
        Ok(())
    }

    /// A string, from its first quote to past its last; whether it holds escapes.
    pub(super) fn string(&mut self) -> Result<bool, Stopped> {
        let start = self.at;
        self.expect(b'"')?;
        let mut escaped = false;
        loop {
            self.at = end_of_plain_run(self.text.as_bytes(), self.at);
            match self.peek() {
                b'"' => break,
                b'\\' => {
                    escaped = true;
                    self.escape()?;
                }
                // A control character, or the end of the document.
                _ => return Err(self.fault(ScanFaultKind::Syntax)),
            }
        }
        if self.at - start - 1 > self.string_bytes_max {
            return Err(self.fault_at(start, ScanFaultKind::StringLength));
        }
        self.at += 1;
        Ok(escaped)
    }

    fn escape(&mut self) -> Result<(), Stopped> {
        let start = self.at;
        self.at += 1;
        match self.peek() {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {
                self.at += 1;
                Ok(())
            }
            b'u' => match self.hex_escape()? {
                0xD800..=0xDBFF => {
                    if self.text.as_bytes().get(self.at..self.at + 2) != Some(b"\\u") {
                        return Err(self.fault_at(start, ScanFaultKind::LoneSurrogate));
                    }
                    self.at += 1;
                    match self.hex_escape()? {
                        0xDC00..=0xDFFF => Ok(()),
                        _ => Err(self.fault_at(start, ScanFaultKind::LoneSurrogate)),
                    }
                }
                0xDC00..=0xDFFF => Err(self.fault_at(start, ScanFaultKind::LoneSurrogate)),
                _ => Ok(()),
            },
            _ => Err(self.fault(ScanFaultKind::Syntax)),
        }
    }

    /// The value of `uXXXX`.
    fn hex_escape(&mut self) -> Result<u32, Stopped> {
        self.at += 1;
        let mut value = 0;
        for _ in 0..4 {
            let Some(digit) = char::from(self.peek()).to_digit(16) else {
                return Err(self.fault(ScanFaultKind::Syntax));
            };
            value = value * 16 + digit;
            self.at += 1;
        }
        Ok(value)
    }

    /// A number that every reader can hold: one that is infinite as a double is refused.
    pub(super) fn number(&mut self) -> Result<(), Stopped> {
        let start = self.at;
        if self.peek() == b'-' {
            self.at += 1;
        }
        let whole = if self.peek() == b'0' {
            self.at += 1;
            1
        } else {
            self.digits()?
        };
        let mut digits = whole;
        if self.peek() == b'.' {
            self.at += 1;
            digits += self.digits()?;
        }
        let has_exponent = matches!(self.peek(), b'e' | b'E');
        if has_exponent {
            self.at += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.at += 1;
            }
            digits += self.digits()?;
        }
        let may_overflow = has_exponent || whole > f64::MAX_10_EXP as usize;
        if digits > self.number_digits_max {
            return Err(self.fault_at(start, ScanFaultKind::NumberLength));
        }
        if may_overflow && self.is_infinite(start) {
            return Err(self.fault_at(start, ScanFaultKind::Number));
        }
        Ok(())
    }

    /// One digit or more; how many.
    #[inline]
    fn digits(&mut self) -> Result<usize, Stopped> {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        if self.at == start {
            return Err(self.fault(ScanFaultKind::Syntax));
        }
        Ok(self.at - start)
    }

    fn is_infinite(&self, start: usize) -> bool {
        let number = self.text.get(start..self.at).unwrap_or_default();
        number.parse::<f64>().map_or(true, f64::is_infinite)
    }

    /// A fault right here.
    #[cold]
    pub(super) fn fault(&mut self, kind: ScanFaultKind) -> Stopped {
        self.fault_at(self.at, kind)
    }

    /// A fault that began before.
    #[cold]
    pub(super) fn fault_at(&mut self, at: usize, kind: ScanFaultKind) -> Stopped {
        self.fault = Some(ScanFault::new(at, kind));
        Stopped
    }

    /// Why the reading stopped, if it did.
    pub(super) fn take_fault(&mut self) -> Option<ScanFault> {
        self.fault.take()
    }
}

#[inline]
fn byte_at(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

/// Where the first quote, backslash or control character from here stands; the end if there is none.
#[inline]
fn end_of_plain_run(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let stops = stops_in(u64::from_le_bytes(*word));
        if stops != 0 {
            return at + (stops.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while let Some(byte) = bytes.get(at) {
        if *byte < 0x20 || matches!(byte, b'"' | b'\\') {
            return at;
        }
        at += 1;
    }
    at
}

/// A word whose lowest set bit lies in the lowest byte of `word` that is a quote, a backslash or a
/// control character; 0 if none is. A borrow can set false bits, but only above a true one.
#[inline]
fn stops_in(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = ONES * 0x80;
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    let quotes = quote.wrapping_sub(ONES) & !quote;
    let backslashes = backslash.wrapping_sub(ONES) & !backslash;
    let controls = word.wrapping_sub(ONES * 0x20) & !word;
    (quotes | backslashes | controls) & HIGHS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_run_ends_at_the_first_byte_that_needs_a_look_wherever_it_stands() {
        for length in 0..40 {
            for stop in [b'"', b'\\', 0x00, 0x0a, 0x1f] {
                for at in 0..length {
                    let mut bytes = vec![b' '; length];
                    for (index, byte) in bytes.iter_mut().enumerate() {
                        *byte = [b' ', b'!', b'#', b'[', b']', 0x7f, 0x80, 0xff][index % 8];
                    }
                    assert_eq!(end_of_plain_run(&bytes, 0), length);
                    bytes[at] = stop;
                    assert_eq!(end_of_plain_run(&bytes, 0), at);
                    assert_eq!(end_of_plain_run(&bytes, at + 1), length.max(at + 1));
                }
            }
        }
    }
}
