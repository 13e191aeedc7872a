//! A small mutator: the same seed makes the same inputs.

/// Numbers that look random (xorshift64*).
pub struct Random(u64);

impl Random {
    /// A sequence of its own for each seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `end`; 0 if there is none.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() >> 16) as usize % end.max(1)
    }
}

/// No input grows beyond this.
const INPUT_BYTES_MAX: usize = 16 * 1024;

/// Changes `input` in one to eight places. `words` are pieces of the target's language, `other` is
/// another input to take a piece of.
pub fn mutate(input: &mut Vec<u8>, words: &[&str], other: &[u8], random: &mut Random) {
    for _ in 0..=random.below(8) {
        let at = random.below(input.len() + 1);
        let end = at + random.below(input.len() - at + 1).min(1 << random.below(8));
        match random.below(8) {
            0 => {
                let byte = random.next() as u8;
                input.insert(at, byte);
            }
            1 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
            2 => drop(input.drain(at..end)),
            3 => {
                let piece = input[at..end].to_vec();
                let to = random.below(input.len() + 1);
                input.splice(to..to, piece);
            }
            4 => {
                let from = random.below(other.len() + 1);
                let piece = &other[from..from + random.below(other.len() - from + 1)];
                input.splice(at..end, piece.iter().copied());
            }
            5 => input.truncate(at.max(1)),
            _ => {
                let word = words.get(random.below(words.len())).unwrap_or(&"");
                let end = if random.below(2) == 0 { at } else { end };
                input.splice(at..end, word.bytes());
            }
        }
    }
    input.truncate(INPUT_BYTES_MAX);
}
