//! Edits as splices: every byte outside them stays as it was.

use std::cmp::Reverse;
use std::ops::Range;

use super::super::reading::{Embedded, Reading, Slot, SlotIx};
use super::string;

/// One change to a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// These bytes (a whole value or key) become others (a whole value or key).
    Replace(Range<usize>, Vec<u8>),
    /// This element or member goes.
    Drop(SlotIx),
}

/// The body with the edits made, in whatever order they are given.
///
/// Edits inside a dropped or replaced stretch are void; of two that overlap otherwise the outer one
/// holds, of a drop and a replacement of the same stretch the drop. Commas go with what is dropped,
/// so that what remains is JSON again.
///
/// An edit that is not of this body (past its end, or a slot of another reading) empties the
/// result: nothing may pass that could not be changed.
pub fn splice(body: &[u8], reading: &Reading, edits: Vec<Edit>) -> Vec<u8> {
    let Some(changes) = changes_of(body, reading, edits) else {
        return Vec::new();
    };
    let cuts = cuts_of(outermost(changes));
    let added: usize = cuts.iter().map(|cut| cut.with.len()).sum();
    let removed: usize = cuts.iter().map(|cut| cut.span.len()).sum();
    let mut spliced = Vec::with_capacity((body.len() + added).saturating_sub(removed));
    let mut at = 0;
    for cut in &cuts {
        spliced.extend_from_slice(body.get(at..cut.span.start).unwrap_or_default());
        spliced.extend_from_slice(&cut.with);
        at = cut.span.end;
    }
    spliced.extend_from_slice(body.get(at..).unwrap_or_default());
    spliced
}

/// The edit of the outer body that makes these edits in a document inside one of its strings. The
/// document is quoted anew, with no escape that it does not need; if the edits are not of this
/// document, the string becomes empty.
pub fn rewrite_embedded(embedded: &Embedded, edits: Vec<Edit>) -> Edit {
    let inner = splice(embedded.text.as_bytes(), &embedded.reading, edits);
    let text = String::from_utf8(inner).unwrap_or_default();
    Edit::Replace(embedded.span.clone(), string::quote(&text))
}

/// An edit with the stretch that it speaks of.
struct Change<'r> {
    span: Range<usize>,
    what: What<'r>,
}

enum What<'r> {
    Drop(&'r Slot),
    Replace(Vec<u8>),
}

/// Bytes that go, and those that come instead.
struct Cut {
    span: Range<usize>,
    with: Vec<u8>,
}

/// The edits with their stretches; `None` if one is not of this body.
fn changes_of<'r>(body: &[u8], reading: &'r Reading, edits: Vec<Edit>) -> Option<Vec<Change<'r>>> {
    let change = |edit| {
        let (span, what) = match edit {
            Edit::Replace(span, with) => (span, What::Replace(with)),
            Edit::Drop(slot) => {
                let slot = reading.slots.get(slot.0 as usize)?;
                (slot.span.clone(), What::Drop(slot))
            }
        };
        body.get(span.clone())?;
        Some(Change { span, what })
    };
    edits.into_iter().map(change).collect()
}

/// The changes that hold, in the order of the body; none lies in another.
fn outermost(mut changes: Vec<Change<'_>>) -> Vec<Change<'_>> {
    changes.sort_by(|a, b| rank(a).cmp(&rank(b)));
    let mut covered_to = 0;
    changes.retain(|change| {
        let holds = change.span.start >= covered_to;
        if holds {
            covered_to = change.span.end;
        }
        holds
    });
    changes
}

/// What comes first wins: the outer one, then a drop, then, so that the order of edits is nothing,
/// the smaller text.
fn rank<'c>(change: &'c Change<'_>) -> (usize, Reverse<usize>, Option<&'c [u8]>) {
    let with = match &change.what {
        What::Drop(_) => None,
        What::Replace(with) => Some(&**with),
    };
    (change.span.start, Reverse(change.span.end), with)
}

/// What to cut, in the order of the body.
fn cuts_of(changes: Vec<Change<'_>>) -> Vec<Cut> {
    let mut cuts = Vec::with_capacity(changes.len());
    let mut dropped = Vec::new();
    for change in changes {
        match change.what {
            What::Replace(with) => cuts.push(Cut {
                span: change.span,
                with,
            }),
            What::Drop(slot) => dropped.push(slot),
        }
    }
    dropped.sort_by_key(|slot| (slot.container, slot.ordinal));
    let mut container = None;
    // How many of the container's first siblings go, without one that stays among them.
    let mut leading = 0;
    for slot in dropped {
        if container != Some(slot.container) {
            container = Some(slot.container);
            leading = 0;
        }
        let span = match slot.comma_before {
            Some(comma) if slot.ordinal != leading => comma..slot.span.end,
            // None before it stays, so the comma after it goes, if there is one.
            _ => {
                leading += 1;
                slot.span.start..slot.next
            }
        };
        cuts.push(Cut {
            span,
            with: Vec::new(),
        });
    }
    cuts.sort_by_key(|cut| cut.span.start);
    cuts
}

#[cfg(test)]
mod tests {
    use super::super::super::program::{Edge, Meaning, Node, NodeIx, Program};
    use super::super::scan::{Manners, Twins, scan};
    use super::*;

    /// Every element and every member below can go.
    fn everything_drops() -> Program {
        let again = Some(Edge::default());
        let node = Node {
            captured: Some((Meaning::Text, Edge::default())),
            elements: again,
            ..Node::default()
        };
        Program {
            nodes: vec![node],
            root: Edge {
                node: NodeIx(0),
                opens: None,
            },
            ..Program::default()
        }
    }

    fn read(body: &str) -> Reading {
        let manners = Manners {
            depth_max: 64,
            members_max: 100,
            string_bytes_max: 1000,
            number_digits_max: 64,
            twins: Twins::Exact,
        };
        scan(body.as_bytes(), &everything_drops(), &manners).unwrap()
    }

    /// Drops what is named by its text, in both orders.
    fn check(body: &str, dropped: &[&str], expect: &str) {
        let reading = read(body);
        let drop_of = |text: &&str| {
            let place = reading
                .slots
                .iter()
                .position(|slot| &body[slot.span.clone()] == *text);
            Edit::Drop(SlotIx(place.unwrap() as u32))
        };
        let mut edits: Vec<Edit> = dropped.iter().map(drop_of).collect();
        let text = |edits| String::from_utf8(splice(body.as_bytes(), &reading, edits)).unwrap();
        assert_eq!(text(edits.clone()), expect);
        edits.reverse();
        assert_eq!(text(edits), expect);
    }

    #[test]
    fn elements_go_with_their_commas() {
        let body = "[ 1 ,2, 3\n, 4 ]";
        check(body, &[], body);
        check(body, &["1"], "[ 2, 3\n, 4 ]");
        check(body, &["2"], "[ 1 , 3\n, 4 ]");
        check(body, &["4"], "[ 1 ,2, 3\n ]");
        check(body, &["1", "2"], "[ 3\n, 4 ]");
        check(body, &["1", "3"], "[ 2\n, 4 ]");
        check(body, &["2", "3", "4"], "[ 1 \n ]");
        check(body, &["1", "4"], "[ 2, 3\n ]");
        check(body, &["1", "2", "3", "4"], "[  ]");
        check("[7]", &["7"], "[]");
    }

    #[test]
    fn members_go_with_their_keys() {
        let body = r#"{"a" : 1 , "b":[2,3],"c":null}"#;
        check(body, &[r#""a" : 1"#], r#"{"b":[2,3],"c":null}"#);
        check(body, &[r#""c":null"#], r#"{"a" : 1 , "b":[2,3]}"#);
        check(body, &[r#""a" : 1"#, r#""c":null"#, "2"], r#"{"b":[3]}"#);
    }

    #[test]
    fn a_drop_inside_a_drop_is_void() {
        check(r#"[[1,2],[3],4]"#, &["1", "[1,2]", "3"], "[[],4]");
    }

    #[test]
    fn of_two_edits_in_each_other_the_outer_one_holds() {
        let body = r#"{"a":[1,2],"b":3}"#;
        let reading = read(body);
        let replace = |span, with: &str| Edit::Replace(span, with.as_bytes().to_vec());
        let cases = [
            (
                vec![replace(5..10, "null"), replace(6..7, "9")],
                r#"{"a":null,"b":3}"#,
            ),
            (
                vec![replace(6..7, "9"), replace(8..9, "8")],
                r#"{"a":[9,8],"b":3}"#,
            ),
            (
                vec![replace(5..10, "x"), Edit::Drop(SlotIx(1))],
                r#"{"a":x,"b":3}"#,
            ),
            (
                vec![replace(6..7, "9"), Edit::Drop(SlotIx(1))],
                r#"{"a":[2],"b":3}"#,
            ),
            (
                vec![replace(6..7, "9"), replace(6..7, "8")],
                r#"{"a":[8,2],"b":3}"#,
            ),
        ];
        for (mut edits, expect) in cases {
            for _ in 0..2 {
                let spliced = splice(body.as_bytes(), &reading, edits.clone());
                assert_eq!(String::from_utf8(spliced).unwrap(), expect, "{edits:?}");
                edits.reverse();
            }
        }
    }

    #[test]
    fn an_edit_of_another_body_leaves_nothing() {
        let reading = read("[1]");
        for edit in [
            Edit::Drop(SlotIx(9)),
            Edit::Replace(2..4, Vec::new()),
            Edit::Replace(Range { start: 2, end: 1 }, Vec::new()),
        ] {
            assert_eq!(splice(b"[1]", &reading, vec![edit]), b"");
        }
    }

    #[test]
    fn a_document_in_a_string_is_quoted_anew() {
        let text = r#"[ "a\"b", 2 ]"#.to_owned();
        let embedded = Embedded {
            span: 4..30,
            scope: Default::default(),
            reading: read(&text),
            text,
        };
        assert_eq!(
            rewrite_embedded(&embedded, vec![Edit::Drop(SlotIx(1))]),
            Edit::Replace(4..30, br#""[ \"a\\\"b\" ]""#.to_vec())
        );
        assert_eq!(
            rewrite_embedded(&embedded, vec![Edit::Drop(SlotIx(7))]),
            Edit::Replace(4..30, b"\"\"".to_vec())
        );
    }
}
