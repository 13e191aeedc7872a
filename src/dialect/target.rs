//! A request target as it stands on the wire: its segments and query, each decoded once.
//!
//! Whatever two readers of a URL could take differently is a fault, not a guess.

use thiserror::Error;

use std::borrow::Cow;
use std::ops::Range;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What is always escaped where we write an id into a target: all but the unreserved characters
/// (RFC 3986, 2.3).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Why a target can't be read as one that all readers agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum PathFault {
    /// It does not start with a slash.
    #[error("the target does not start with a slash")]
    NotAbsolute,
    /// A character that must be escaped stands there as it is.
    #[error("a character stands unescaped in the target")]
    IllegalCharacter,
    /// A `%` without two hexadecimal digits.
    #[error("a `%` stands without two hexadecimal digits")]
    BadEscape,
    /// Two slashes in a row, or one at the end that no route has.
    #[error("a segment of the path is empty")]
    EmptySegment,
    /// `.` or `..`.
    #[error("the path has a dot segment")]
    DotSegment,
    /// A slash inside a segment, where the route does not allow it.
    #[error("a slash is escaped in the path")]
    EncodedSlash,
    /// A backslash.
    #[error("the target has a backslash")]
    Backslash,
    /// NUL or another control character.
    #[error("the target has a control character")]
    Control,
    /// An escape that decodes to the start of another.
    #[error("the target is escaped twice")]
    DoubleEscape,
    /// Not UTF-8.
    #[error("the target is not UTF-8")]
    Utf8,
    /// A raw `;`, where the route does not allow it: some readers cut the segment there.
    #[error("the path has a semicolon")]
    PathParameter,
    /// A fixed part of a route, written with escapes.
    #[error("a fixed part of the path is escaped")]
    EncodedLiteral,
    /// A raw `+` in a query value that is an id: a blank to some readers.
    #[error("a `+` stands in an id of the query")]
    AmbiguousPlus,
    /// A raw `;` in the query: some readers split there.
    #[error("a semicolon stands in the query")]
    AmbiguousSeparator,
}

/// One segment of a path.
#[derive(Clone, Debug)]
pub(super) struct Segment<'t> {
    /// As it stands.
    pub(super) raw: &'t str,
    /// Decoded once.
    pub(super) decoded: Cow<'t, str>,
    /// Where in the target.
    pub(super) span: Range<usize>,
}

/// One parameter of a query.
#[derive(Clone, Debug)]
pub(super) struct Parameter<'t> {
    /// Its name, decoded once.
    pub(super) name: Cow<'t, str>,
    /// Its value as it stands.
    pub(super) raw: &'t str,
    /// Its value, decoded once; `+` stays `+`.
    pub(super) value: Cow<'t, str>,
    /// Where the value stands in the target.
    pub(super) span: Range<usize>,
}

/// Path and query.
pub(super) fn split(target: &str) -> (&str, Option<&str>) {
    match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    }
}

/// The segments of a path, each checked and decoded once. Only the last may be empty.
pub(super) fn segments(path: &str) -> Result<Vec<Segment<'_>>, PathFault> {
    let rest = path.strip_prefix('/').ok_or(PathFault::NotAbsolute)?;
    let count = rest.split('/').count();
    let mut at = 1;
    let mut segments = Vec::with_capacity(count);
    for (nth, raw) in rest.split('/').enumerate() {
        if raw.is_empty() && nth + 1 < count {
            return Err(PathFault::EmptySegment);
        }
        let decoded = decode_segment(raw)?;
        segments.push(Segment {
            raw,
            decoded,
            span: at..at + raw.len(),
        });
        at += raw.len() + 1;
    }
    Ok(segments)
}

/// The parameters of a query that starts at `offset` of the target.
pub(super) fn parameters(query: &str, offset: usize) -> Result<Vec<Parameter<'_>>, PathFault> {
    let mut at = offset;
    let mut parameters = Vec::new();
    for pair in query.split('&') {
        if !pair.is_empty() {
            let (name, raw) = pair.split_once('=').unwrap_or((pair, ""));
            let start = at + pair.len() - raw.len();
            parameters.push(Parameter {
                name: decode_query(name)?,
                raw,
                value: decode_query(raw)?,
                span: start..start + raw.len(),
            });
        }
        at += pair.len() + 1;
    }
    Ok(parameters)
}

/// Whether a decoded text would mean something else if it were decoded again.
pub(super) fn decodes_twice(decoded: &str) -> bool {
    decoded.as_bytes().windows(3).any(|bytes| {
        matches!(bytes, [b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
    })
}

/// An id as a path segment or query value.
pub(super) fn encode(id: &str) -> String {
    utf8_percent_encode(id, ESCAPED).to_string()
}

/// The target with these stretches replaced by these ids, escaped; every other byte stays. The
/// stretches are those of captures, in order.
pub fn rewrite_target(target: &str, replaced: &[(Range<usize>, &str)]) -> String {
    let mut written = String::with_capacity(target.len() + 16 * replaced.len());
    let mut at = 0;
    for (span, id) in replaced {
        written.push_str(target.get(at..span.start).unwrap_or_default());
        written.push_str(&encode(id));
        at = span.end.max(at);
    }
    written.push_str(target.get(at..).unwrap_or_default());
    written
}

fn decode_segment(raw: &str) -> Result<Cow<'_, str>, PathFault> {
    if raw.contains('\\') {
        return Err(PathFault::Backslash);
    }
    if !raw
        .bytes()
        .all(|byte| is_path_character(byte) || byte == b'%')
    {
        return Err(PathFault::IllegalCharacter);
    }
    let decoded = decode(raw)?;
    if decoded == "." || decoded == ".." {
        return Err(PathFault::DotSegment);
    }
    if decoded.contains('\\') {
        return Err(PathFault::Backslash);
    }
    if decoded.contains(char::is_control) {
        return Err(PathFault::Control);
    }
    if decodes_twice(&decoded) {
        return Err(PathFault::DoubleEscape);
    }
    Ok(decoded)
}

fn decode_query(raw: &str) -> Result<Cow<'_, str>, PathFault> {
    if raw.contains(';') {
        return Err(PathFault::AmbiguousSeparator);
    }
    let legal = |byte: u8| is_path_character(byte) || b"%/?".contains(&byte);
    // Brackets are not legal in a query (RFC 3986, 3.4), but every client writes `ids[]=` so.
    if !raw.bytes().all(|byte| legal(byte) || b"[]".contains(&byte)) {
        return Err(PathFault::IllegalCharacter);
    }
    let decoded = decode(raw)?;
    if decoded.contains('\0') {
        return Err(PathFault::Control);
    }
    Ok(decoded)
}

fn decode(raw: &str) -> Result<Cow<'_, str>, PathFault> {
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        let hex = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_hexdigit());
        if byte == b'%' && !(hex(bytes.next()) && hex(bytes.next())) {
            return Err(PathFault::BadEscape);
        }
    }
    percent_decode_str(raw)
        .decode_utf8()
        .map_err(|_| PathFault::Utf8)
}

/// `pchar` of RFC 3986, 3.3, without the percent sign.
fn is_path_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_is_decoded_once_or_refused() {
        let check = |raw: &str, expected: Result<&str, PathFault>| {
            let decoded = decode_segment(raw);
            assert_eq!(decoded.as_deref().map_err(|f| *f), expected, "{raw}");
        };
        check("rooms", Ok("rooms"));
        check("line%3Amei", Ok("line:mei"));
        check("line%3amei", Ok("line:mei"));
        check("line:mei", Ok("line:mei"));
        check("!a$b&c'd(e)f*g+h,i=j:k@l", Ok("!a$b&c'd(e)f*g+h,i=j:k@l"));
        check("a;b", Ok("a;b"));
        check("%F0%9F%91%8D", Ok("👍"));
        check("100%25", Ok("100%"));
        check("100%25x", Ok("100%x"));
        check("...", Ok("..."));
        check("a%2Fb", Ok("a/b"));
        check("%2e%2E", Err(PathFault::DotSegment));
        check(".", Err(PathFault::DotSegment));
        check("..", Err(PathFault::DotSegment));
        check("a\\b", Err(PathFault::Backslash));
        check("a%5Cb", Err(PathFault::Backslash));
        check("a%00b", Err(PathFault::Control));
        check("a%0Ab", Err(PathFault::Control));
        check("a%7F", Err(PathFault::Control));
        check("a%C2%85", Err(PathFault::Control));
        check("a%252Fb", Err(PathFault::DoubleEscape));
        check("a%2541", Err(PathFault::DoubleEscape));
        check("a%FF", Err(PathFault::Utf8));
        check("a%C0%AF", Err(PathFault::Utf8));
        check("a%", Err(PathFault::BadEscape));
        check("a%2", Err(PathFault::BadEscape));
        check("a%zz", Err(PathFault::BadEscape));
        check("a b", Err(PathFault::IllegalCharacter));
        check("a#b", Err(PathFault::IllegalCharacter));
        check("é", Err(PathFault::IllegalCharacter));
        check("a\"b", Err(PathFault::IllegalCharacter));
    }

    #[test]
    fn only_the_last_segment_may_be_empty() {
        let check = |path: &str, expected: Result<usize, PathFault>| {
            assert_eq!(segments(path).map(|s| s.len()), expected, "{path}");
        };
        check("/", Ok(1));
        check("/v1/rooms", Ok(2));
        check("/v1/rooms/", Ok(3));
        check("//v1/rooms", Err(PathFault::EmptySegment));
        check("/v1//rooms", Err(PathFault::EmptySegment));
        check("/v1/rooms//", Err(PathFault::EmptySegment));
        check("v1/rooms", Err(PathFault::NotAbsolute));
        check("*", Err(PathFault::NotAbsolute));
        check("", Err(PathFault::NotAbsolute));
    }

    #[test]
    fn a_query_splits_in_one_way() {
        let check = |query: &str, expected: Result<&[(&str, &str)], PathFault>| {
            let found = parameters(query, 0);
            let found = found.as_ref().map(|list| {
                let pairs = list.iter().map(|p| (&*p.name, &*p.value));
                pairs.collect::<Vec<_>>()
            });
            assert_eq!(found.as_deref().map_err(|f| **f), expected, "{query}");
        };
        check("", Ok(&[]));
        check("a=1&b=2", Ok(&[("a", "1"), ("b", "2")]));
        check("a=1&&b=2&", Ok(&[("a", "1"), ("b", "2")]));
        check("a", Ok(&[("a", "")]));
        check("a=b=c", Ok(&[("a", "b=c")]));
        check("%61=%ED%95%9C", Ok(&[("a", "한")]));
        check("q=a+b", Ok(&[("q", "a+b")]));
        check("u=https://h/p?x:y", Ok(&[("u", "https://h/p?x:y")]));
        check("ids[]=1", Ok(&[("ids[]", "1")]));
        check("q=a%3Bb", Ok(&[("q", "a;b")]));
        check("a=1;b=2", Err(PathFault::AmbiguousSeparator));
        check("a=%", Err(PathFault::BadEscape));
        check("a=%FF", Err(PathFault::Utf8));
        check("a=%00", Err(PathFault::Control));
        check("a= b", Err(PathFault::IllegalCharacter));
    }

    #[test]
    fn a_rewritten_target_changes_nowhere_else() {
        let target = "/v1/people/unknown-1/x?after=unknown-2&q=%61";
        let rewritten = rewrite_target(target, &[(11..20, "line:mei/é"), (29..38, "bob")]);
        assert_eq!(
            rewritten,
            "/v1/people/line%3Amei%2F%C3%A9/x?after=bob&q=%61"
        );
        assert_eq!(rewrite_target(target, &[]), target);
    }
}
