//! Route templates, as written: `GET|PUT /v1/rooms/{room}`.

use std::ops::Range;

/// The most segments of one template, and of one path that is matched.
pub(super) const SEGMENTS_MAX: usize = 32;
/// The most templates that alternatives (`{v:r0|v1|v3}`) make of one.
const VARIANTS_MAX: usize = 64;

/// One segment of a route template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Compared with the raw segment as it stands.
    Literal(Box<str>),
    /// One segment, whatever it is.
    Capture,
    /// One segment or more, to the end.
    Rest,
}

/// A route template, as written: `GET|PUT /v1/rooms/{room}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template {
    /// The methods, without the HEAD that GET takes along.
    pub(super) methods: Vec<Box<str>>,
    /// The path, once for every choice among its alternatives.
    pub(super) variants: Vec<Vec<Part>>,
    /// What the captures are called, with their places in the text.
    pub(super) captures: Vec<(Box<str>, Range<usize>)>,
}

/// What is wrong with a template, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TemplateFault {
    /// Bytes of the text.
    pub(super) at: Range<usize>,
    /// What.
    pub(super) message: &'static str,
}

/// Reads `METHOD /path` or `METHOD|METHOD /path`.
pub(super) fn parse(text: &str) -> Result<Template, TemplateFault> {
    let fault = |at: Range<usize>, message| Err(TemplateFault { at, message });
    let Some((methods, path)) = text.split_once(' ') else {
        return fault(0..text.len(), "a route is a method, a blank and a path");
    };
    let token = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_uppercase());
    if !methods.split('|').all(token) {
        return fault(
            0..methods.len(),
            "methods are words of capitals: `GET`, `GET|PUT`",
        );
    }
    let offset = methods.len() + 1;
    let (variants, captures) = parse_path(path, offset)?;
    let methods = methods.split('|').map(Into::into).collect();
    Ok(Template {
        methods,
        variants,
        captures,
    })
}

type Captures = Vec<(Box<str>, Range<usize>)>;

/// Reads the path of a template that stands at `offset` of its text.
pub(super) fn parse_path(
    path: &str,
    offset: usize,
) -> Result<(Vec<Vec<Part>>, Captures), TemplateFault> {
    let Some(rest) = path.strip_prefix('/') else {
        return Err(TemplateFault {
            at: offset..offset + path.len().min(1),
            message: "a path starts with `/`",
        });
    };
    let mut variants: Vec<Vec<Part>> = vec![Vec::new()];
    let mut captures = Captures::new();
    let mut at = offset + 1;
    let pieces = split_segments(rest);
    let count = pieces.len();
    for (nth, piece) in pieces.into_iter().enumerate() {
        let span = at..at + piece.len();
        at = span.end + 1;
        let last = nth + 1 == count;
        let fault = |message| TemplateFault {
            at: span.clone(),
            message,
        };
        if let Some(name) = piece.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
            if let Some((_, words)) = name.split_once(':') {
                variants = alternatives(&variants, words).map_err(fault)?;
                continue;
            }
            let (name, part) = match name.strip_suffix("...") {
                Some(_) if !last => return Err(fault("only the last segment can take the rest")),
                Some(name) => (name, Part::Rest),
                None => (name, Part::Capture),
            };
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if name.is_empty() || !name.chars().all(word) {
                return Err(fault("a capture is a meaning, or `_`"));
            }
            captures.push((name.into(), span.clone()));
            push_all(&mut variants, &part);
        } else {
            check_literal(piece, last).map_err(fault)?;
            push_all(&mut variants, &Part::Literal(piece.into()));
        }
    }
    if variants.iter().any(|variant| variant.len() > SEGMENTS_MAX) {
        return Err(TemplateFault {
            at: offset..offset + path.len(),
            message: "more than 32 segments",
        });
    }
    Ok((variants, captures))
}

/// Splits at slashes, but not inside braces: an alternative may have one.
fn split_segments(path: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    path.split(|c: char| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == '/' && depth == 0
    })
    .collect()
}

fn alternatives(variants: &[Vec<Part>], words: &str) -> Result<Vec<Vec<Part>>, &'static str> {
    let mut made = Vec::new();
    for word in words.split('|') {
        for variant in variants {
            let mut longer = variant.clone();
            for piece in word.split('/') {
                check_literal(piece, false)?;
                longer.push(Part::Literal(piece.into()));
            }
            made.push(longer);
        }
    }
    if made.len() > VARIANTS_MAX {
        return Err("more than 64 choices in one route");
    }
    Ok(made)
}

fn push_all(variants: &mut [Vec<Part>], part: &Part) {
    for variant in variants {
        variant.push(part.clone());
    }
}

fn check_literal(piece: &str, last: bool) -> Result<(), &'static str> {
    if piece.is_empty() && !last {
        return Err("an empty segment: only the last one can be empty (a slash at the end)");
    }
    if piece.contains(['{', '}']) {
        return Err("a capture takes a whole segment");
    }
    if piece.contains('%') {
        return Err("a fixed segment is written without escapes");
    }
    if piece == "." || piece == ".." {
        return Err("`.` and `..` are refused in every request");
    }
    let legal = |b: u8| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&b);
    if !piece.bytes().all(legal) {
        return Err("this can't stand in a path as it is");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_fault_points_at_its_spot() {
        let check = |text: &str, at: Range<usize>, message: &str| {
            let fault = parse(text).unwrap_err();
            assert_eq!((fault.at, fault.message), (at, message), "{text}");
        };
        check("/v1/rooms", 0..9, "a route is a method, a blank and a path");
        check(
            "get /v1",
            0..3,
            "methods are words of capitals: `GET`, `GET|PUT`",
        );
        check("GET v1", 4..5, "a path starts with `/`");
        check("GET /v1/x{room}", 8..15, "a capture takes a whole segment");
        check(
            "GET /{a...}/b",
            5..11,
            "only the last segment can take the rest",
        );
        check(
            "GET /v%31",
            5..9,
            "a fixed segment is written without escapes",
        );
        check(
            "GET /a/../b",
            7..9,
            "`.` and `..` are refused in every request",
        );
        check("GET /a b", 5..8, "this can't stand in a path as it is");
        check("GET /{}", 5..7, "a capture is a meaning, or `_`");
        check(
            "GET /a//b",
            7..7,
            "an empty segment: only the last one can be empty (a slash at the end)",
        );
    }
}
