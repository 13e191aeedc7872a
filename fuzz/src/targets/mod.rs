//! What inputs are thrown at. Also compiled into the crate's own tests, which replay the corpus.

pub mod oracle;
pub mod programs;
pub mod reader;
pub mod splice;

/// Something that reads bytes of strangers.
pub struct Target {
    /// Its name, and that of its corpus.
    pub name: &'static str,
    /// Panics where a promise is broken.
    pub check: fn(&[u8]),
    /// Pieces of its language.
    pub words: &'static [&'static str],
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target {
        name: "reader",
        check: reader::check,
        words: JSON_WORDS,
    },
    Target {
        name: "splice",
        check: splice::check,
        words: JSON_WORDS,
    },
];

const JSON_WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\\"",
    "\\u0074",
    "\\ud83d",
    "\\ude00",
    "\\ud83d\\ude00",
    "\\n",
    " ",
    "\n",
    "\t",
    "\u{feff}",
    "null",
    "true",
    "false",
    "0",
    "-",
    "1e400",
    "1e-400",
    "1E+2",
    "1.10",
    "18446744073709551616",
    "\"type\":",
    "\"Type\":",
    "\"\\u0054ype\":",
    "\"i\u{17f}\":",
    "\"is\":",
    "\"\u{212a}\":",
    "\"k\":",
    "\"text\":",
    "\"rooms\":",
    "\"events\":[",
    "\"post\":\"{}\"",
    "\"post\":",
    "{\"a\":1}",
    "[1,2]",
    "é",
    "말",
    "😀",
    "\u{0}",
    "\u{1f}",
    "\u{7f}",
];
