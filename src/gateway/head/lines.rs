//! The lines of an HTTP/1 head: request line and fields (RFC 9112, 3 and 5), read strictly.

use super::fault::HeadFault;

/// What a request line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RequestLine {
    pub(super) http10: bool,
    /// GET, HEAD and TRACE have no body.
    pub(super) bodiless: bool,
    pub(super) head: bool,
}

/// One header line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field<'a> {
    pub(super) name: &'a [u8],
    /// Without the white space around it.
    pub(super) value: &'a [u8],
}

/// Reads a request line, without its CRLF.
pub(super) fn request_line(line: &[u8]) -> Result<RequestLine, HeadFault> {
    if line.contains(&b'\r') {
        return Err(HeadFault::BareCarriageReturn);
    }
    let mut parts = line.split(|byte| *byte == b' ');
    let (Some(method), Some(target), Some(version), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(HeadFault::RequestLine);
    };
    if method.is_empty() || !method.iter().copied().all(is_token) {
        return Err(HeadFault::Method);
    }
    let http10 = match version {
        b"HTTP/1.1" => false,
        b"HTTP/1.0" => true,
        _ if version.starts_with(b"HTTP/") => return Err(HeadFault::Version),
        _ => return Err(HeadFault::RequestLine),
    };
    if method == b"CONNECT" {
        return Err(HeadFault::Connect);
    }
    check_target(target)?;
    Ok(RequestLine {
        http10,
        bodiless: matches!(method, b"GET" | b"HEAD" | b"TRACE"),
        head: method == b"HEAD",
    })
}

/// A target in origin form, or one in absolute form that a later check must hold against Host.
fn check_target(target: &[u8]) -> Result<(), HeadFault> {
    if target.contains(&b'#') {
        return Err(HeadFault::Fragment);
    }
    if target.first() != Some(&b'/') {
        return check_absolute(target);
    }
    let (path, query) = match memchr::memchr(b'?', target) {
        Some(at) => target.split_at(at),
        None => (target, [].as_slice()),
    };
    if path.iter().copied().all(is_path) && query.iter().copied().all(is_query) {
        Ok(())
    } else {
        Err(HeadFault::Target)
    }
}

fn check_absolute(target: &[u8]) -> Result<(), HeadFault> {
    let Some(rest) = strip_scheme(target) else {
        return Err(HeadFault::TargetForm);
    };
    if !rest.iter().copied().all(is_query) {
        return Err(HeadFault::Target);
    }
    let end = rest
        .iter()
        .position(|byte| matches!(byte, b'/' | b'?'))
        .unwrap_or(rest.len());
    let (authority, origin) = rest.split_at(end);
    if authority.is_empty() || authority.contains(&b'@') {
        return Err(HeadFault::TargetForm);
    }
    if origin.first() == Some(&b'/') {
        check_target(origin)?;
    }
    http::Uri::try_from(target).map_err(|_| HeadFault::Target)?;
    Ok(())
}

fn strip_scheme(target: &[u8]) -> Option<&[u8]> {
    [b"http://".as_slice(), b"https://"]
        .into_iter()
        .find_map(|scheme| {
            let (begin, rest) = target.split_at_checked(scheme.len())?;
            begin.eq_ignore_ascii_case(scheme).then_some(rest)
        })
}

/// Reads a header line, without its CRLF.
pub(super) fn field(line: &[u8]) -> Result<Field<'_>, HeadFault> {
    if matches!(line.first(), Some(b' ' | b'\t')) {
        return Err(HeadFault::Folded);
    }
    let at = memchr::memchr(b':', line).ok_or(HeadFault::HeaderName)?;
    let (name, rest) = line.split_at(at);
    if matches!(name.last(), Some(b' ' | b'\t')) {
        return Err(HeadFault::SpaceBeforeColon);
    }
    if name.is_empty() || !name.iter().copied().all(is_token) {
        return Err(HeadFault::HeaderName);
    }
    let value = trim(rest.get(1..).unwrap_or_default());
    match value.iter().copied().find(|byte| !is_value(*byte)) {
        None => Ok(Field { name, value }),
        Some(b'\r') => Err(HeadFault::BareCarriageReturn),
        Some(_) => Err(HeadFault::ControlByte),
    }
}

/// A Content-Length: plain digits, and not more than any reader can hold.
pub(super) fn length(value: &[u8]) -> Result<u64, HeadFault> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return Err(HeadFault::ContentLength);
    }
    std::str::from_utf8(value)
        .ok()
        .and_then(|digits| digits.parse::<u64>().ok())
        .filter(|bytes| *bytes <= i64::MAX as u64)
        .ok_or(HeadFault::ContentLength)
}

fn trim(value: &[u8]) -> &[u8] {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let Some(begin) = value.iter().position(|byte| !blank(byte)) else {
        return &[];
    };
    let end = value
        .iter()
        .rposition(|byte| !blank(byte))
        .map_or(0, |at| at + 1);
    value.get(begin..end).unwrap_or_default()
}

/// RFC 9110, 5.6.2.
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// RFC 9110, 5.5: visible bytes, space, tab, and bytes above ASCII.
fn is_value(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

/// What a path may hold: RFC 3986's `pchar` and `/`; also what clients write raw.
fn is_path(byte: u8) -> bool {
    is_pchar(byte) || byte == b'"'
}

/// What a query may hold: as a path, `?`, and more that clients write raw. Not `"`: the HTTP library
/// has no room for it there.
fn is_query(byte: u8) -> bool {
    is_pchar(byte) || b"?[]`\\".contains(&byte)
}

fn is_pchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/%{}|^".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_let_into_a_target_stays_as_it_is() {
        for byte in 0..=255u8 {
            for (allowed, prefix) in [
                (is_path(byte) && byte != b'?', "/a"),
                (is_query(byte), "/a?"),
            ] {
                if allowed {
                    let text = format!("{prefix}{}z", byte as char);
                    let uri: http::Uri = text.parse().unwrap_or_else(|_| panic!("{text}"));
                    assert_eq!(uri.to_string(), text);
                }
            }
        }
    }
}
