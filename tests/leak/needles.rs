//! A secret in every spelling in which its bytes could hide: of codings, of case, and of width.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_encode};
use unicode_normalization::UnicodeNormalization as _;

/// What a URL must escape, and no more.
const SPARSE: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'/');

/// What is searched for.
pub struct Needles {
    /// Each with what it is called in a failure.
    all: Vec<(String, Vec<u8>)>,
    /// Which of them start with these two bytes: a crawl looks through many answers.
    by_start: Vec<Vec<usize>>,
}

impl Needles {
    pub fn of<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Self {
        let mut all = Vec::new();
        for secret in secrets {
            let own = spellings(secret).into_iter().chain(in_base64(secret));
            all.extend(own.map(|(coding, bytes)| (format!("{secret} ({coding})"), bytes)));
            for (form, written) in forms(secret) {
                let spelled = spellings(&written).into_iter();
                all.extend(
                    spelled.map(|(coding, bytes)| (format!("{secret} ({form}, {coding})"), bytes)),
                );
            }
        }
        all.iter_mut()
            .for_each(|(_, bytes)| bytes.make_ascii_lowercase());
        all.sort_by(|a, b| a.1.cmp(&b.1));
        all.dedup_by(|a, b| a.1 == b.1);
        let mut by_start = vec![Vec::new(); 1 << 16];
        for (ix, (_, bytes)) in all.iter().enumerate() {
            by_start[start(bytes)].push(ix);
        }
        Self { all, by_start }
    }

    /// The secrets that stand in `bytes`. ASCII letters are taken for each other in both cases.
    pub fn found_in(&self, bytes: &[u8]) -> Vec<&str> {
        let bytes = bytes.to_ascii_lowercase();
        let mut found = Vec::new();
        for at in 0..bytes.len().saturating_sub(1) {
            for &ix in &self.by_start[start(&bytes[at..])] {
                if bytes[at..].starts_with(&self.all[ix].1) && !found.contains(&ix) {
                    found.push(ix);
                }
            }
        }
        found
            .into_iter()
            .map(|ix| self.all[ix].0.as_str())
            .collect()
    }
}

fn start(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

/// How the same word can be written by other letters.
fn forms(secret: &str) -> Vec<(&'static str, String)> {
    let wide = |letter: char| match letter {
        '!'..='~' => char::from_u32(u32::from(letter) + 0xFEE0).unwrap_or(letter),
        other => other,
    };
    let all = [
        ("capitals", secret.to_uppercase()),
        ("small", secret.to_lowercase()),
        ("wide", secret.chars().map(wide).collect()),
        (
            "wide, small",
            secret.to_lowercase().chars().map(wide).collect(),
        ),
        ("taken apart", secret.nfd().collect()),
        ("compatible", secret.nfkc().collect()),
        ("references", in_references(secret)),
    ];
    let differs = |(_, written): &(&str, String)| written != secret;
    all.into_iter().filter(differs).collect()
}

/// Each letter as markup can refer to it.
pub fn in_references(secret: &str) -> String {
    let letters = secret.chars();
    letters.map(|c| format!("&#{};", u32::from(c))).collect()
}

fn spellings(secret: &str) -> Vec<(&'static str, Vec<u8>)> {
    let json = serde_json::to_string(secret).unwrap();
    let units = |keep_ascii: bool| -> Vec<u8> {
        let spell = |unit: u16| match u8::try_from(unit) {
            Ok(byte) if keep_ascii && byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            _ => format!("\\u{unit:04x}"),
        };
        secret
            .encode_utf16()
            .map(spell)
            .collect::<String>()
            .into_bytes()
    };
    vec![
        ("as it is", secret.as_bytes().to_vec()),
        ("JSON", json.trim_matches('"').as_bytes().to_vec()),
        ("JSON, all escaped", units(false)),
        ("JSON, ASCII", units(true)),
        (
            "percent",
            percent_encode(secret.as_bytes(), NON_ALPHANUMERIC)
                .to_string()
                .into_bytes(),
        ),
        (
            "percent, sparse",
            percent_encode(secret.as_bytes(), SPARSE)
                .to_string()
                .into_bytes(),
        ),
    ]
}

fn in_base64(secret: &str) -> Vec<(&'static str, Vec<u8>)> {
    let mut all = Vec::new();
    // Base64 depends on what stands before and behind: the letters that don't are what is left.
    for before in 0..3 {
        let shifted = [&b"   "[..before], secret.as_bytes()].concat();
        let (skipped, whole) = ([0, 2, 3][before], shifted.len() / 3 * 4);
        for (coding, text) in [
            ("base64", STANDARD_NO_PAD.encode(&shifted)),
            ("base64url", URL_SAFE_NO_PAD.encode(&shifted)),
        ] {
            if whole >= skipped + 8 {
                all.push((coding, text.as_bytes()[skipped..whole].to_vec()));
            }
        }
    }
    all
}

#[test]
fn every_spelling_is_found() {
    let needles = Needles::of(["田中 \"Quill\" 🐤"]);
    let shifted = |before: &str| STANDARD_NO_PAD.encode(format!("{before}田中 \"Quill\" 🐤!"));
    for text in [
        "x田中 \"Quill\" 🐤y".to_owned(),
        r#"{"name":"田中 \"quill\" 🐤"}"#.to_owned(),
        r"\u7530\u4E2D\u0020\u0022Quill\u0022\u0020\ud83d\udc24".to_owned(),
        "a%E7%94%B0%e4%b8%ad%20%22Quill%22%20%F0%9F%90%A4".to_owned(),
        shifted(""),
        shifted("x"),
        shifted("xy"),
        "田中 \"QUILL\" 🐤".to_owned(),
        "田中\u{3000}＂Ｑｕｉｌｌ＂\u{3000}🐤".replace('\u{3000}', " "),
    ] {
        assert!(!needles.found_in(text.as_bytes()).is_empty(), "{text}");
    }
    assert!(needles.found_in("田中 Quill 🐤".as_bytes()).is_empty());
}
