//! The scanner: reads a whole document strictly, and notes what the program asks for.
//!
//! The document is refused whole or taken whole: also where the program asks for nothing, since
//! another reader may look there. Time is linear in the body; nesting is bounded, so is the stack.

use thiserror::Error;

use std::cell::Cell;

use super::super::program::{Edge, Program};
use super::super::reading::Reading;
use super::scanner::{Scanner, Scratch};

/// No nesting is read beyond this, whatever the manners say: it bounds the stack.
pub const DEPTH_MAX: usize = 256;

/// Bounds and manners of one reading.
#[derive(Clone, Debug)]
pub struct Manners {
    /// Nesting, at most [`DEPTH_MAX`]; a document in a string is one level more.
    pub depth_max: usize,
    /// Members of an object, elements of an array.
    pub members_max: usize,
    /// A string, bytes as written.
    pub string_bytes_max: usize,
    /// Digits of a number.
    pub number_digits_max: usize,
    /// Which keys of one object are twins.
    pub twins: Twins,
}

/// Which keys of one object count as the same, and are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twins {
    /// Equal after unescaping.
    Exact,
    /// Equal after unescaping, ignoring case and Unicode compatibility (requests).
    Folded,
}

/// Why a body can't be read as one document that all readers agree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanFault {
    /// Where, in bytes.
    pub at: usize,
    /// What.
    pub kind: ScanFaultKind,
}

/// What is wrong with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum ScanFaultKind {
    /// Not RFC 8259 (also a byte order mark, or bytes after the document).
    #[error("not one JSON document (RFC 8259)")]
    Syntax,
    /// Not UTF-8.
    #[error("not UTF-8")]
    Utf8,
    /// Half of a surrogate pair.
    #[error("half of a surrogate pair")]
    LoneSurrogate,
    /// Two keys of an object that readers could take for the same.
    #[error("two keys that can be taken for the same")]
    TwinKeys,
    /// A number that readers round or refuse differently.
    #[error("a number that readers take differently")]
    Number,
    /// Nested too deeply.
    #[error("nested too deeply")]
    Depth,
    /// Too many members or elements.
    #[error("too many members")]
    Members,
    /// A string too long.
    #[error("a string is too long")]
    StringLength,
    /// A number too long.
    #[error("a number has too many digits")]
    NumberLength,
    /// A value of a type that is not due where it stands; see [`Reading::misfit`].
    #[error("a value of another type than is due")]
    Misfit,
}

impl ScanFault {
    pub(super) fn new(at: usize, kind: ScanFaultKind) -> Self {
        Self { at, kind }
    }
}

/// Reads the whole document.
///
/// The first scope of the reading is the whole body, with what the program's root opens. Any other
/// step that opens a scope does so at objects, arrays and strings: `null`, `true`, `false` and
/// numbers are nobody and nothing. Where several states hold at one value and open scopes, these
/// lie in each other. What a value itself means belongs to the scope around it.
///
/// # Errors
/// The first fault that two readers could differ over; one in an embedded document is told at the
/// start of its string.
pub fn scan(body: &[u8], program: &Program, manners: &Manners) -> Result<Reading, ScanFault> {
    let mut reading = Reading::with_room_for(body.len());
    scan_into(body, program, manners, &mut reading)?;
    Ok(reading)
}

/// The same as [`scan`], into a reading whose memory is used again; after a fault it is empty.
pub fn scan_into(
    body: &[u8],
    program: &Program,
    manners: &Manners,
    reading: &mut Reading,
) -> Result<(), ScanFault> {
    let text = std::str::from_utf8(body)
        .map_err(|fault| ScanFault::new(fault.valid_up_to(), ScanFaultKind::Utf8))?;
    scan_text(text, program, &[program.root], manners, 0, reading)
}

thread_local! {
    /// The memory of the last scan on this thread, while none runs; its content is void.
    static SCRATCH: Cell<Option<Scratch>> = const { Cell::new(None) };
}

/// What is kept of the scratch memory from one scan to the next, in entries.
const SCRATCH_KEPT: usize = 4096;

/// Reads the document `text` from these steps, `depth` levels inside other documents.
pub(super) fn scan_text(
    text: &str,
    program: &Program,
    roots: &[Edge],
    manners: &Manners,
    depth: usize,
    reading: &mut Reading,
) -> Result<(), ScanFault> {
    reading.clear();
    let scratch = SCRATCH.take().unwrap_or_default().cleared();
    let scanner = Scanner::new(text, program, manners, depth, scratch, reading);
    let (scratch, outcome) = scanner.read(roots);
    SCRATCH.set(Some(scratch.shrunk_to(SCRATCH_KEPT)));
    if outcome.is_err() {
        reading.clear();
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::ScanFaultKind::*;
    use super::*;

    fn manners(twins: Twins) -> Manners {
        Manners {
            depth_max: 4,
            members_max: 20,
            string_bytes_max: 10,
            number_digits_max: 12,
            twins,
        }
    }

    fn refused(body: &[u8], manners: &Manners) -> Option<(usize, ScanFaultKind)> {
        let fault = scan(body, &Program::default(), manners).err()?;
        Some((fault.at, fault.kind))
    }

    /// What is refused, where, and why; and its neighbours that are taken.
    fn check(body: &str, at: usize, kind: ScanFaultKind, neighbours: &[&str]) {
        let manners = manners(Twins::Folded);
        assert_eq!(
            refused(body.as_bytes(), &manners),
            Some((at, kind)),
            "{body}"
        );
        for neighbour in neighbours {
            assert_eq!(refused(neighbour.as_bytes(), &manners), None, "{neighbour}");
        }
    }

    #[test]
    fn one_document_and_nothing_else() {
        check("", 0, Syntax, &["0", " \t\r\n0 \t\r\n"]);
        check("  ", 2, Syntax, &["[]", "{}", "[ ]", "{ }"]);
        check("1 2", 2, Syntax, &["[1, 2]"]);
        check("{}\0", 2, Syntax, &["{}\n"]);
        check("\u{feff}{}", 0, Syntax, &["{\"\u{feff}\":1}"]);
        check("\u{a0}1", 0, Syntax, &["\"\u{a0}\""]);
        check("\u{b}1", 0, Syntax, &["\r1"]);
        check("// c\n1", 0, Syntax, &["1"]);
    }

    #[test]
    fn structure_is_strict() {
        check("[1,]", 3, Syntax, &["[1]"]);
        check("[,1]", 1, Syntax, &["[1]"]);
        check("[1 2]", 3, Syntax, &["[1 , 2]"]);
        check("[1}", 2, Syntax, &["[1]"]);
        check("[", 1, Syntax, &["[]"]);
        check("[1", 2, Syntax, &["[1]"]);
        check(r#"{"a":1,}"#, 7, Syntax, &[r#"{"a":1}"#]);
        check(r#"{"a" 1}"#, 5, Syntax, &[r#"{"a" : 1}"#]);
        check(r#"{"a"}"#, 4, Syntax, &[r#"{"a":null}"#]);
        check(r#"{a:1}"#, 1, Syntax, &[r#"{"a":1}"#]);
        check(r#"{'a':1}"#, 1, Syntax, &[r#"{"a":1}"#]);
        check(r#"{1:1}"#, 1, Syntax, &[r#"{"1":1}"#]);
        check("nul", 0, Syntax, &["null"]);
        check("True", 0, Syntax, &["true"]);
        check("falsey", 5, Syntax, &["false"]);
        check("NaN", 0, Syntax, &["0"]);
        check("Infinity", 0, Syntax, &["1e308"]);
    }

    #[test]
    fn strings_are_strict() {
        check("\"a", 2, Syntax, &["\"a\""]);
        check("\"a\nb\"", 2, Syntax, &[r#""a\nb""#]);
        check("\"a\u{1f}\"", 2, Syntax, &["\"a\u{7f}\"", r#""a\u001f""#]);
        check(r#""\x41""#, 2, Syntax, &[r#""\u0041""#]);
        check(r#""\'""#, 2, Syntax, &[r#""'""#, r#""\/""#]);
        check(r#""\u00g0""#, 5, Syntax, &[r#""\u00e0""#, r#""\u00E0""#]);
        check(r#""\u00""#, 5, Syntax, &[r#""\u0000""#]);
        check(r#""\""#, 3, Syntax, &[r#""\\""#]);
    }

    #[test]
    fn half_a_surrogate_pair_is_no_character() {
        let pairs = [r#""\ud83d\ude00""#.replace("\"\"", ""), "\"😀\"".into()];
        let pairs: Vec<&str> = pairs.iter().map(|pair| &pair[..]).collect();
        let wide = Manners {
            string_bytes_max: 40,
            ..manners(Twins::Folded)
        };
        for pair in pairs {
            assert_eq!(refused(pair.as_bytes(), &wide), None, "{pair}");
        }
        for (lone, at) in [
            (r#""\ud83d""#, 1),
            (r#""\ud83dx""#, 1),
            (r#""\ud83d\n""#, 1),
            (r#""\ud83d\u0041""#, 1),
            (r#""\ud83d\ud83d""#, 1),
            (r#""a\ude00""#, 2),
            (r#"{"\uDC00":1}"#, 2),
        ] {
            assert_eq!(
                refused(lone.as_bytes(), &wide),
                Some((at, LoneSurrogate)),
                "{lone}"
            );
        }
    }

    #[test]
    fn a_body_is_utf8() {
        let manners = manners(Twins::Exact);
        for (body, at) in [
            (&b"\"\xff\""[..], 1),
            (b"\"a\xc3\"", 2),
            (b"\"\xc0\x80\"", 1),
            (b"\"\xed\xa0\x80\"", 1),
            (b"\xff\xfe1\0", 0),
            (b"1\xff", 1),
        ] {
            assert_eq!(refused(body, &manners), Some((at, Utf8)), "{body:?}");
        }
        assert_eq!(refused("\"é말😀\"".as_bytes(), &manners), None);
    }

    #[test]
    fn numbers_are_what_every_reader_takes() {
        check("01", 1, Syntax, &["0", "-0", "10"]);
        check("+1", 0, Syntax, &["1", "-1"]);
        check("1.", 2, Syntax, &["1.0", "1.50"]);
        check(".5", 0, Syntax, &["0.5"]);
        check("-", 1, Syntax, &["-1"]);
        check("1e", 2, Syntax, &["1e1", "1E+1", "1e-1", "0e999"]);
        check("1.e1", 2, Syntax, &["1.0e1"]);
        check("0x1", 1, Syntax, &["1"]);
        check("1_0", 1, Syntax, &["10"]);
        check("1e400", 0, Number, &["1e308", "1e-400", "0e400"]);
        check("[-1e999]", 1, Number, &["[-1.7e308]"]);
        check(
            "1234567890123",
            0,
            NumberLength,
            &["123456789012", "-12345678.9e12"],
        );
        check("1.234567890123", 0, NumberLength, &["1.23456789012"]);
    }

    #[test]
    fn a_long_number_beyond_a_double_is_refused() {
        let wide = Manners {
            number_digits_max: 400,
            ..manners(Twins::Exact)
        };
        assert_eq!(refused("9".repeat(308).as_bytes(), &wide), None);
        assert_eq!(
            refused("9".repeat(309).as_bytes(), &wide),
            Some((0, Number))
        );
    }

    #[test]
    fn every_limit_holds_at_its_edge() {
        check("[[[[[1]]]]]", 4, Depth, &["[[[[1]]]]", r#"[{"a":[{}]}]"#]);
        check(r#"[[[[{}]]]]"#, 4, Depth, &["[[[[]]],[[[]]]]"]);
        check("\"12345678901\"", 0, StringLength, &["\"1234567890\""]);
        check(
            r#"{"12345678901":1}"#,
            1,
            StringLength,
            &[r#"{"1234567890":1}"#],
        );
        let list = |count: usize| format!("[{}]", vec!["0"; count].join(","));
        check(&list(21), 41, Members, &[&list(19), &list(20)]);
        let object = |count: usize| {
            let members: Vec<String> = (0..count).map(|n| format!("\"{n}\":0")).collect();
            format!("{{{}}}", members.join(","))
        };
        let too_many = object(21);
        let at = too_many.rfind("\"20\"").unwrap();
        check(&too_many, at, Members, &[&object(19), &object(20)]);
    }

    #[test]
    fn no_manners_let_the_stack_run_out() {
        let reckless = Manners {
            depth_max: usize::MAX,
            ..manners(Twins::Exact)
        };
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert_eq!(refused(nested(DEPTH_MAX).as_bytes(), &reckless), None);
        let deeper = nested(DEPTH_MAX + 1);
        assert_eq!(
            refused(deeper.as_bytes(), &reckless),
            Some((DEPTH_MAX, Depth))
        );
    }

    #[test]
    fn equal_keys_are_refused_where_one_object_has_both() {
        let twice = r#"{"a":1,"a":2}"#;
        assert_eq!(
            refused(twice.as_bytes(), &manners(Twins::Exact)),
            Some((7, TwinKeys))
        );
        check(
            twice,
            7,
            TwinKeys,
            &[r#"{"a":1,"b":2}"#, r#"{"a":{"a":{"a":1}}}"#],
        );
        check(
            r#"{"a":1,"\u0061":2}"#,
            7,
            TwinKeys,
            &[r#"[{"a":1},{"a":2}]"#],
        );
        check(r#"{"":1,"":2}"#, 6, TwinKeys, &[r#"{"":1}"#]);
        check(
            r#"{"a":{"b":1},"a":2}"#,
            13,
            TwinKeys,
            &[r#"{"a":{"b":1},"b":2}"#],
        );
    }

    #[test]
    fn keys_that_some_reader_folds_together_are_twins_in_requests_only() {
        for (one, other) in [
            ("type", "Type"),
            ("type", "\u{ff54}ype"),
            ("is", "i\u{17f}"),
            ("key", "\u{212a}EY"),
            ("é", "É"),
            ("é", "e\u{301}"),
            ("σ", "ς"),
            ("ß", "ẞ"),
            ("ß", "SS"),
            ("i", "İ"),
            ("i", "ı"),
            ("1", "①"),
            ("ﬁ", "FI"),
            ("가", "\u{1100}\u{1161}"),
        ] {
            let body = format!("{{\"{one}\":1,\"{other}\":2}}");
            let at = body.rfind(&format!("\"{other}")).unwrap();
            let folded = refused(body.as_bytes(), &manners(Twins::Folded));
            assert_eq!(folded, Some((at, TwinKeys)), "{body}");
            assert_eq!(
                refused(body.as_bytes(), &manners(Twins::Exact)),
                None,
                "{body}"
            );
        }
        for (one, other) in [
            ("type", "types"),
            ("a", "b"),
            ("@", "`"),
            ("[", "{"),
            ("é", "e"),
        ] {
            let body = format!("{{\"{one}\":1,\"{other}\":2}}");
            assert_eq!(
                refused(body.as_bytes(), &manners(Twins::Folded)),
                None,
                "{body}"
            );
        }
    }

    #[test]
    fn twins_are_found_among_many_keys() {
        let roomy = Manners {
            members_max: 5000,
            ..manners(Twins::Folded)
        };
        for count in [2, 15, 16, 17, 18, 63, 64, 65, 3000] {
            let object = |last: &str| {
                let keys = (0..count - 1).map(|n| format!("\"Key{n}\":{{\"x\":[{n}]}}"));
                let last = std::iter::once(format!("\"{last}\":0"));
                format!("{{{}}}", keys.chain(last).collect::<Vec<_>>().join(","))
            };
            assert_eq!(refused(object("other").as_bytes(), &roomy), None);
            for twin in ["kEY0".to_owned(), format!("keY{}", count - 2)] {
                let twice = object(&twin);
                let at = twice.rfind(&twin).unwrap() - 1;
                assert_eq!(
                    refused(twice.as_bytes(), &roomy),
                    Some((at, TwinKeys)),
                    "{count}"
                );
            }
        }
    }

    #[test]
    fn a_fault_leaves_nothing_to_be_used() {
        let mut reading = scan(b"[1]", &Program::default(), &manners(Twins::Exact)).unwrap();
        assert_eq!(reading.scopes.len(), 1);
        let manners = manners(Twins::Exact);
        assert!(scan_into(b"[1", &Program::default(), &manners, &mut reading).is_err());
        assert!(reading.scopes.is_empty());
    }
}
