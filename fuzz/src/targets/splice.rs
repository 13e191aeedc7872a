//! The splicer: the tokens that no edit names stay, in order; commas fit; any order of edits will do.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use borderpost::dialect::json::scan::{Twins, scan};
use borderpost::dialect::json::splice::{Edit, splice};
use borderpost::dialect::reading::{Reading, SlotIx};

use super::oracle::{self, Inner, Placed};
use super::programs;

/// Edits a body as a number made of it says; panics where the result is not what it should be.
pub fn check(body: &[u8]) {
    let seed = body.iter().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
    });
    check_with(body, seed);
}

/// Edits a body at random.
pub fn check_with(body: &[u8], seed: u64) {
    let manners = programs::roomy(Twins::Exact);
    let program = programs::everything();
    let Ok(reading) = scan(body, &program, &manners) else {
        return;
    };
    assert_eq!(splice(body, &reading, Vec::new()), body);
    let edits = edits(&reading, seed);
    let spliced = splice(body, &reading, edits.clone());
    let model = Model::new(&reading, &edits);
    let mut expected = Vec::new();
    model.write(body, &oracle::places(body), &mut expected);
    let shown = String::from_utf8_lossy(&spliced);
    assert!(oracle::read(&spliced).is_some(), "no JSON: {shown}");
    assert_eq!(oracle::minified(&spliced), expected, "{shown}");
    let reversed = edits.into_iter().rev().collect();
    assert_eq!(
        splice(body, &reading, reversed),
        spliced,
        "in another order"
    );
}

/// Some values and keys change, some elements and members go.
fn edits(reading: &Reading, seed: u64) -> Vec<Edit> {
    const VALUES: [&str; 4] = ["null", "\"\"", "[1,2]", "{\"a\":{}}"];
    let mut state = seed | 1;
    let mut chance = |end: u64| {
        state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
        (state >> 33) % end
    };
    let rarely = 1 + chance(6);
    let mut edits = Vec::new();
    for (place, _) in reading.slots.iter().enumerate() {
        if chance(rarely) == 0 {
            edits.push(Edit::Drop(SlotIx(place as u32)));
        }
    }
    for find in &reading.finds {
        if chance(rarely * 2) == 0 {
            let with = match find.on_key {
                true => "\"key\"",
                false => VALUES[chance(4) as usize],
            };
            edits.push(Edit::Replace(find.span.clone(), with.as_bytes().to_vec()));
        }
    }
    edits
}

/// The edits by the places of what they speak of.
struct Model<'e> {
    dropped: BTreeSet<(usize, usize)>,
    replaced: BTreeMap<(usize, usize), &'e [u8]>,
}

impl<'e> Model<'e> {
    fn new(reading: &Reading, edits: &'e [Edit]) -> Self {
        let mut model = Model {
            dropped: BTreeSet::new(),
            replaced: BTreeMap::new(),
        };
        for edit in edits {
            match edit {
                Edit::Drop(slot) => {
                    let span = &reading.slots[slot.0 as usize].span;
                    model.dropped.insert((span.start, span.end));
                }
                Edit::Replace(span, with) => {
                    model.replaced.insert((span.start, span.end), with);
                }
            }
        }
        model
    }

    /// The edited value without space.
    fn write(&self, body: &[u8], value: &Placed, out: &mut Vec<u8>) {
        if let Some(with) = self.replaced.get(&(value.span.start, value.span.end)) {
            out.extend_from_slice(with);
            return;
        }
        match &value.inner {
            Inner::Leaf => out.extend_from_slice(&body[value.span.clone()]),
            Inner::List(elements) => {
                let stays = |one: &&Placed| !self.is_dropped(&one.span);
                out.push(b'[');
                for (place, element) in elements.iter().filter(stays).enumerate() {
                    out.extend_from_slice(if place > 0 { b"," } else { b"" });
                    self.write(body, element, out);
                }
                out.push(b']');
            }
            Inner::Object(members) => {
                let stays = |(key, value): &&(Range<usize>, Placed)| {
                    !self.is_dropped(&(key.start..value.span.end))
                };
                out.push(b'{');
                for (place, (key, value)) in members.iter().filter(stays).enumerate() {
                    out.extend_from_slice(if place > 0 { b"," } else { b"" });
                    let key = Placed {
                        span: key.clone(),
                        inner: Inner::Leaf,
                    };
                    self.write(body, &key, out);
                    out.push(b':');
                    self.write(body, value, out);
                }
                out.push(b'}');
            }
        }
    }

    fn is_dropped(&self, span: &Range<usize>) -> bool {
        self.dropped.contains(&(span.start, span.end))
    }
}
