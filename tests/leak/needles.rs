//! A secret in every spelling in which its bytes could hide.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_encode};

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

/// What is searched for, by what it is called in a failure.
pub struct Needles(Vec<(String, Vec<u8>)>);

impl Needles {
    pub fn of<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Self {
        let mut all = Vec::new();
        for secret in secrets {
            for (coding, bytes) in spellings(secret) {
                all.push((format!("{secret} ({coding})"), bytes.to_ascii_lowercase()));
            }
        }
        Self(all)
    }

    /// The secrets that stand in `bytes`. ASCII letters are taken for each other in both cases.
    pub fn found_in(&self, bytes: &[u8]) -> Vec<&str> {
        let bytes = bytes.to_ascii_lowercase();
        let stands = |needle: &[u8]| memchr::memmem::find(&bytes, needle).is_some();
        self.0
            .iter()
            .filter(|(_, needle)| stands(needle))
            .map(|(name, _)| name.as_str())
            .collect()
    }
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
    let mut all = vec![
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
    ];
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
    ] {
        assert!(!needles.found_in(text.as_bytes()).is_empty(), "{text}");
    }
    assert!(needles.found_in("田中 Quill 🐤".as_bytes()).is_empty());
}
