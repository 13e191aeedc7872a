//! Which surface is this? The trie that request targets are matched in.

use std::ops::Range;

use super::pattern::{Part, SEGMENTS_MAX};
use super::target::{PathFault, Segment};

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
    use super::super::pattern::parse;
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
}
