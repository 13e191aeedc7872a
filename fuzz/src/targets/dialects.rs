//! Dialect files, and request targets routed by the one that ships.

use std::sync::OnceLock;

use borderpost::dialect::{Dialect, PathFault, RouteFault, rewrite_target};
use borderpost::yaml::{Budget, Source, parse};

const PLAIN: &str = include_str!("../../../config/dialects/plain.yaml");

/// A file is compiled or refused; what is compiled can be asked.
pub fn check_file(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let Ok(document) = parse(Source::new("dialect.yaml", text), Budget::default()) else {
        return;
    };
    if let Ok(compiled) = Dialect::compile(&document) {
        for target in ["/", "/v1/rooms/r1?limit=1", "/a/b/c/d"] {
            let _ = compiled.dialect.route("GET", target);
        }
    }
}

/// A target has one reading or none: its captures stand where they are said to stand, and writing
/// them anew changes nothing that they mean.
pub fn check_target(input: &[u8]) {
    static DIALECT: OnceLock<Dialect> = OnceLock::new();
    let dialect = DIALECT.get_or_init(|| {
        let document = parse(Source::new("plain.yaml", PLAIN), Budget::default()).expect("YAML");
        Dialect::compile(&document).expect("a dialect").dialect
    });
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let (method, target) = text.split_once(' ').unwrap_or(("GET", text));
    let routed = match dialect.route(method, target) {
        Ok(routed) => routed,
        Err(RouteFault::Forward) => panic!("the dialect forwards nothing unread"),
        Err(_) => return,
    };
    assert!(target.starts_with('/') && target.is_ascii(), "no path");
    let path = target.split('?').next().unwrap_or_default();
    assert!(
        !path.contains("//") && !path.contains('\\') && !path.contains(';'),
        "a path that others cut elsewhere"
    );
    assert_eq!(rewrite_target(target, &[]), target);
    let replaced: Vec<_> = routed
        .captures
        .iter()
        .map(|capture| (capture.span.clone(), capture.value.as_str()))
        .collect();
    let anew = rewrite_target(target, &replaced);
    let again = match dialect.route(method, &anew) {
        Ok(again) => again,
        // An id may look like an escape once it is written anew: then nobody takes it.
        Err(RouteFault::Malformed(PathFault::DoubleEscape)) => return,
        Err(fault) => panic!("{anew} is refused: {fault:?}"),
    };
    assert_eq!(again.surface.ix, routed.surface.ix, "another surface");
    let values = |routed: &borderpost::dialect::Routed<'_>| {
        let captures = routed.captures.iter();
        captures
            .map(|one| (one.meaning, one.value.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(values(&again), values(&routed), "other captures");
}
