//! JSON strings: from their escapes and back.

use std::borrow::Cow;

use memchr::memchr;

/// The text of a string as it stands in a scanned body, quotes included; borrowed where nothing is
/// escaped. `None` if it is no JSON string (RFC 8259, section 7).
pub fn unescape(raw: &[u8]) -> Option<Cow<'_, str>> {
    let inner = between_quotes(raw)?;
    if memchr(b'\\', inner.as_bytes()).is_none() {
        return is_plain(inner).then_some(Cow::Borrowed(inner));
    }
    let mut text = String::with_capacity(inner.len());
    unescape_inner(inner, &mut text)?;
    Some(Cow::Owned(text))
}

/// Appends the text of a string, quotes included, to `text`. `None` if it is no JSON string; `text`
/// then holds what came before the fault.
pub fn unescape_into(raw: &[u8], text: &mut String) -> Option<()> {
    unescape_inner(between_quotes(raw)?, text)
}

/// The text as a JSON string, quotes included; only what must be escaped is.
pub fn quote(text: &str) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(text.len() + 2);
    quoted.push(b'"');
    escape_into(text, &mut quoted);
    quoted.push(b'"');
    quoted
}

/// Appends a text as it stands between the quotes of a JSON string (RFC 8259, section 7).
pub fn escape_into(text: &str, into: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    let must_be = |byte: &u8| matches!(byte, b'"' | b'\\' | 0x00..0x20);
    while let Some(at) = rest.iter().position(must_be) {
        let (plain, escaped) = rest.split_at(at);
        let Some((&byte, after)) = escaped.split_first() else {
            break;
        };
        into.extend_from_slice(plain);
        match byte {
            b'"' | b'\\' => into.extend_from_slice(&[b'\\', byte]),
            0x08 => into.extend_from_slice(b"\\b"),
            0x09 => into.extend_from_slice(b"\\t"),
            0x0a => into.extend_from_slice(b"\\n"),
            0x0c => into.extend_from_slice(b"\\f"),
            0x0d => into.extend_from_slice(b"\\r"),
            _ => {
                let tens = if byte < 0x10 { b'0' } else { b'1' };
                let ones = char::from_digit(u32::from(byte % 16), 16).map_or(b'0', |c| c as u8);
                into.extend_from_slice(&[b'\\', b'u', b'0', b'0', tens, ones]);
            }
        }
        rest = after;
    }
    into.extend_from_slice(rest);
}

/// Appends what stands between the quotes of a string.
pub(super) fn unescape_inner(inner: &str, text: &mut String) -> Option<()> {
    let mut rest = inner;
    while let Some(at) = memchr(b'\\', rest.as_bytes()) {
        let plain = rest.get(..at)?;
        if !is_plain(plain) {
            return None;
        }
        text.push_str(plain);
        let (character, after) = unescape_one(rest.get(at + 1..)?)?;
        text.push(character);
        rest = after;
    }
    if !is_plain(rest) {
        return None;
    }
    text.push_str(rest);
    Some(())
}

/// The character of the escape whose backslash has been taken, and what comes after it.
fn unescape_one(escape: &str) -> Option<(char, &str)> {
    let after = || escape.get(1..);
    let character = match escape.as_bytes().first()? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unescape_unicode(after()?),
        _ => return None,
    };
    Some((character, after()?))
}

fn unescape_unicode(digits: &str) -> Option<(char, &str)> {
    let (unit, after) = hex_unit(digits)?;
    if !(0xD800..0xDC00).contains(&unit) {
        // A low surrogate alone is no character.
        return Some((char::from_u32(unit)?, after));
    }
    let (low, after) = hex_unit(after.strip_prefix("\\u")?)?;
    if !(0xDC00..0xE000).contains(&low) {
        return None;
    }
    let point = 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    Some((char::from_u32(point)?, after))
}

fn hex_unit(text: &str) -> Option<(u32, &str)> {
    let mut unit = 0;
    for digit in text.as_bytes().get(..4)? {
        unit = unit * 16 + char::from(*digit).to_digit(16)?;
    }
    Some((unit, text.get(4..)?))
}

fn between_quotes(raw: &[u8]) -> Option<&str> {
    let inner = raw.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    std::str::from_utf8(inner).ok()
}

/// Whether nothing here would have to be escaped.
fn is_plain(text: &str) -> bool {
    !text.bytes().any(|byte| byte < 0x20 || byte == b'"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, text: Option<&str>) {
        assert_eq!(unescape(raw.as_bytes()).as_deref(), text, "{raw}");
        let mut appended = String::from("before ");
        let outcome = unescape_into(raw.as_bytes(), &mut appended);
        assert_eq!(outcome.is_some(), text.is_some(), "{raw}");
        if let Some(text) = text {
            assert_eq!(appended, format!("before {text}"));
        }
    }

    #[test]
    fn strings_are_unescaped() {
        check(r#""""#, Some(""));
        check(r#""plain 말""#, Some("plain 말"));
        check(r#""\"\\\/\b\f\n\r\t""#, Some("\"\\/\u{8}\u{c}\n\r\t"));
        check(r#""\u0074ype\u00e9\uD83D\ude00!""#, Some("typeé😀!"));
        check(r#""\u0000""#, Some("\0"));
    }

    #[test]
    fn what_is_no_string_has_no_text() {
        for raw in [
            "",
            "\"",
            "a",
            "\"a",
            r#""a"b""#,
            "\"a\nb\"",
            r#""\""#,
            r#""\x""#,
            r#""\u12""#,
            r#""\u12é4""#,
            r#""\ud800""#,
            r#""\ud800x""#,
            r#""\ud800\u0041""#,
            r#""\udc00""#,
            r#""\"#,
        ] {
            check(raw, None);
        }
    }

    #[test]
    fn a_string_without_escapes_is_borrowed() {
        assert!(matches!(unescape(br#""plain""#), Some(Cow::Borrowed(_))));
        assert!(matches!(unescape(br#""\n""#), Some(Cow::Owned(_))));
    }

    #[test]
    fn every_character_survives_quoting() {
        let all: String = ('\0'..='\u{2ff}').chain("말😀\u{2028}".chars()).collect();
        assert_eq!(unescape(&quote(&all)).as_deref(), Some(&*all));
        assert_eq!(
            serde_json::from_slice::<String>(&quote(&all)).ok(),
            Some(all)
        );
    }

    #[test]
    fn only_what_must_be_is_escaped() {
        assert_eq!(
            quote("a/é\u{7f}\"\\\u{1}\u{1f}\n"),
            "\"a/é\u{7f}\\\"\\\\\\u0001\\u001f\\n\"".as_bytes()
        );
    }
}
