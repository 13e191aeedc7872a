//! Which surface is this? Route templates, and the trie that request targets are matched in.

use std::ops::Range;

use super::target::{PathFault, Segment};

/// The most segments of one template, and of one path that is matched.
const SEGMENTS_MAX: usize = 32;
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

/// Where a route leads, in the router's own terms.
pub(super) type RouteIx = u16;

/// All routes of a dialect.
#[derive(Clone, Debug)]
pub(super) struct Router {
    nodes: Vec<RouteNode>,
}

#[derive(Clone, Debug, Default)]
struct RouteNode {
    /// Sorted.
    literals: Vec<(Box<str>, usize)>,
    capture: Option<usize>,
    rest: Option<usize>,
    /// What ends here, by method.
    ends: Vec<(Box<str>, RouteIx)>,
}

/// Where a path led.
#[derive(Clone, Debug)]
pub(super) struct Matched<'r> {
    /// The routes that end there, by method.
    pub(super) ends: &'r [(Box<str>, RouteIx)],
    /// The segments captured; for a rest, from its first segment to the last.
    pub(super) captured: Vec<Range<usize>>,
}

impl Router {
    pub(super) fn new() -> Self {
        Self {
            nodes: vec![RouteNode::default()],
        }
    }

    /// Adds one path; the route that has it already, if one has.
    pub(super) fn add(
        &mut self,
        path: &[Part],
        method: &str,
        route: RouteIx,
    ) -> Result<(), RouteIx> {
        let mut at = 0;
        for part in path {
            at = self.child(at, part);
        }
        let Some(node) = self.nodes.get_mut(at) else {
            return Ok(());
        };
        if let Some((_, first)) = node.ends.iter().find(|(m, _)| &**m == method) {
            return Err(*first);
        }
        node.ends.push((method.into(), route));
        Ok(())
    }

    /// Where a path leads: a literal beats a capture, a capture beats a rest. What is found first
    /// in this order is what the path is, whatever the method. `None`: nowhere.
    pub(super) fn find(&self, path: &[Segment<'_>]) -> Result<Option<Matched<'_>>, PathFault> {
        if path.len() > SEGMENTS_MAX {
            return Ok(None);
        }
        let mut captured = Vec::new();
        let end = self.walk(0, path, 0, &mut captured)?;
        Ok(end.map(|node| Matched {
            ends: &node.ends,
            captured,
        }))
    }

    fn child(&mut self, at: usize, part: &Part) -> usize {
        let next = self.nodes.len();
        let Some(node) = self.nodes.get_mut(at) else {
            return at;
        };
        let to = match part {
            Part::Capture => *node.capture.get_or_insert(next),
            Part::Rest => *node.rest.get_or_insert(next),
            Part::Literal(literal) => {
                match node.literals.binary_search_by(|(l, _)| l.cmp(literal)) {
                    Ok(ix) => node.literals.get(ix).map_or(at, |(_, to)| *to),
                    Err(ix) => {
                        node.literals.insert(ix, (literal.clone(), next));
                        next
                    }
                }
            }
        };
        if to == next {
            self.nodes.push(RouteNode::default());
        }
        to
    }

    /// Depth first. A trie node is visited once at most, so the cost is bounded by the routes.
    fn walk(
        &self,
        at: usize,
        path: &[Segment<'_>],
        nth: usize,
        captured: &mut Vec<Range<usize>>,
    ) -> Result<Option<&RouteNode>, PathFault> {
        let Some(node) = self.nodes.get(at) else {
            return Ok(None);
        };
        let Some(segment) = path.get(nth) else {
            return Ok((!node.ends.is_empty()).then_some(node));
        };
        node.refuse_disguise(segment)?;
        if let Some(to) = node.literal(segment.raw)
            && let Some(end) = self.walk(to, path, nth + 1, captured)?
        {
            return Ok(Some(end));
        }
        if let (Some(to), false) = (node.capture, segment.raw.is_empty()) {
            captured.push(nth..nth + 1);
            if let Some(end) = self.walk(to, path, nth + 1, captured)? {
                return Ok(Some(end));
            }
            captured.pop();
        }
        if let (Some(to), false) = (node.rest, segment.raw.is_empty()) {
            captured.push(nth..path.len());
            return Ok(self.nodes.get(to));
        }
        Ok(None)
    }
}

impl RouteNode {
    fn literal(&self, text: &str) -> Option<usize> {
        let found = self.literals.binary_search_by(|(l, _)| (**l).cmp(text));
        found
            .ok()
            .and_then(|ix| self.literals.get(ix))
            .map(|(_, to)| *to)
    }

    /// A segment that is no literal as it stands, but is one to a reader who decodes first or cuts
    /// off path parameters.
    fn refuse_disguise(&self, segment: &Segment<'_>) -> Result<(), PathFault> {
        if segment.decoded != segment.raw && self.literal(&segment.decoded).is_some() {
            return Err(PathFault::EncodedLiteral);
        }
        let cut = segment.decoded.split(';').next().unwrap_or_default();
        if cut != segment.decoded
            && self.literal(segment.raw).is_none()
            && self.literal(cut).is_some()
        {
            return Err(PathFault::PathParameter);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::target::segments;
    use super::*;

    fn router(routes: &[&str]) -> Router {
        let mut router = Router::new();
        for (ix, route) in routes.iter().enumerate() {
            let template = parse(route).unwrap();
            for variant in &template.variants {
                for method in &template.methods {
                    let ix = RouteIx::try_from(ix).unwrap();
                    router.add(variant, method, ix).unwrap();
                }
            }
        }
        router
    }

    #[test]
    fn a_literal_beats_a_capture_and_a_capture_beats_a_rest() {
        let routes = [
            "GET /a/b",
            "GET /a/{room}",
            "GET /a/{room}/c",
            "GET /a/{rest...}",
            "GET /a/b/d",
            "GET /{v:x|y/z}/e",
            "GET /t/",
        ];
        let router = router(&routes);
        let check = |path: &str, expected: Option<&str>| {
            let path_segments = segments(path).unwrap();
            let found = router.find(&path_segments).unwrap();
            let route = found.map(|m| routes[usize::from(m.ends[0].1)]);
            assert_eq!(route, expected, "{path}");
        };
        check("/a/b", Some("GET /a/b"));
        check("/a/x", Some("GET /a/{room}"));
        check("/a/b/c", Some("GET /a/{room}/c"));
        check("/a/b/d", Some("GET /a/b/d"));
        check("/a/b/x", Some("GET /a/{rest...}"));
        check("/a/x/y/z", Some("GET /a/{rest...}"));
        check("/x/e", Some("GET /{v:x|y/z}/e"));
        check("/y/z/e", Some("GET /{v:x|y/z}/e"));
        check("/t/", Some("GET /t/"));
        check("/t", None);
        check("/y/e", None);
        check("/a", None);
        check("/a/", None);
        check("/A/b", None);
    }

    #[test]
    fn a_disguised_literal_is_refused() {
        let router = router(&["GET /v1/rooms/{room}", "GET /v1/rooms/open"]);
        let check = |path: &str, expected: Option<PathFault>| {
            let path_segments = segments(path).unwrap();
            assert_eq!(router.find(&path_segments).err(), expected, "{path}");
        };
        check("/v1/rooms/r%31", None);
        check("/v1/r%6foms/r1", Some(PathFault::EncodedLiteral));
        check("/v1/rooms/%6Fpen", Some(PathFault::EncodedLiteral));
        check("/v1/rooms;x=1/r1", Some(PathFault::PathParameter));
        check("/v1/rooms/open;x", Some(PathFault::PathParameter));
        check("/v1/rooms/open%3Bx", Some(PathFault::PathParameter));
        check("/v1/rooms/a;x", None);
    }

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
