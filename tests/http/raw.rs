//! An HTTP/2 client of raw frames (RFC 9113), for what no library would send.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use super::kit::PATIENCE;

/// What a client of raw frames got for its request.
#[derive(Debug, PartialEq)]
pub enum Got {
    Answer(String),
    Reset,
    End,
}

/// An HTTP/2 client of raw frames.
pub struct Raw {
    pub stream: TcpStream,
}

impl Raw {
    pub fn connect(address: SocketAddr, window: Option<u32>) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        let mut raw = Self { stream };
        raw.stream
            .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            .unwrap();
        let settings = window.map_or_else(Vec::new, |bytes| {
            [&[0, 4], bytes.to_be_bytes().as_slice()].concat()
        });
        raw.frame(4, 0, 0, &settings);
        raw
    }

    /// Sends a frame. The gateway may have ended the connection; that shows when reading.
    pub fn frame(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> bool {
        let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
        frame.extend([kind, flags]);
        frame.extend(stream.to_be_bytes());
        frame.extend(payload);
        self.stream.write_all(&frame).is_ok()
    }

    /// Sends a head, and its body if there is one.
    pub fn request(&mut self, stream: u32, headers: &[(&str, &str)], body: Option<&str>) -> bool {
        let block = headers
            .iter()
            .flat_map(|(name, value)| literal(name, value))
            .collect::<Vec<_>>();
        let end = u8::from(body.is_none());
        let mut sent = self.frame(1, 4 | end, stream, &block);
        if let Some(body) = body {
            sent &= self.frame(0, 1, stream, body.as_bytes());
        }
        sent
    }

    /// The next frame that came: its kind, flags, stream and payload; `None` at the end.
    fn next(&mut self) -> Option<(u8, u8, u32, Vec<u8>)> {
        let mut head = [0; 9];
        if let Err(error) = self.stream.read_exact(&mut head) {
            assert_ne!(
                error.kind(),
                std::io::ErrorKind::WouldBlock,
                "nothing happens"
            );
            return None;
        }
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        let mut payload = vec![0; length];
        self.stream.read_exact(&mut payload).ok()?;
        if (head[3], head[4] & 1) == (4, 0) {
            // Settings are in force when they are acknowledged.
            self.frame(4, 1, 0, &[]);
        }
        Some((head[3], head[4], stream, payload))
    }

    /// What comes for one stream.
    pub fn read(&mut self, stream: u32) -> Got {
        let mut text = Vec::new();
        while let Some((kind, flags, of, payload)) = self.next() {
            match kind {
                0 if of == stream => {
                    text.extend(payload);
                    if flags & 1 == 1 {
                        return Got::Answer(String::from_utf8(text).unwrap());
                    }
                }
                1 if of == stream && flags & 1 == 1 => return Got::Answer(String::new()),
                3 if of == stream => return Got::Reset,
                7 => return Got::End,
                _ => {}
            }
        }
        Got::End
    }

    /// Whether a ping is answered before the connection ends, and nothing is reset until then.
    pub fn ping(&mut self) -> bool {
        self.frame(6, 0, 0, b"are you?");
        while let Some((kind, flags, _, payload)) = self.next() {
            match kind {
                6 if flags & 1 == 1 && payload == b"are you?" => return true,
                3 | 7 => return false,
                _ => {}
            }
        }
        false
    }
}

/// A header as HPACK writes it without tables or Huffman codes.
pub fn literal(name: &str, value: &str) -> Vec<u8> {
    let mut block = vec![0];
    for text in [name, value] {
        let mut length = text.len();
        if length < 127 {
            block.push(length as u8);
        } else {
            block.push(127);
            length -= 127;
            while length >= 128 {
                block.push((length % 128 + 128) as u8);
                length /= 128;
            }
            block.push(length as u8);
        }
        block.extend(text.bytes());
    }
    block
}
