//! The scanner: takes what a strict reader takes, and nothing that two readers see differently.

use borderpost::dialect::json::scan::{ScanFaultKind, Twins, scan};
use borderpost::dialect::json::string;
use borderpost::dialect::program::Program;
use borderpost::dialect::reading::{JsonType, Reading};

use super::oracle::{self, FOLDS, Tree, Wins};
use super::programs;

/// Panics where the scanner differs from the other readers.
pub fn check(body: &[u8]) {
    let exact = scan(body, &Program::default(), &programs::roomy(Twins::Exact)).map_err(|f| f.kind);
    let folded =
        scan(body, &Program::default(), &programs::roomy(Twins::Folded)).map_err(|f| f.kind);
    if matches!(exact, Err(ScanFaultKind::Depth)) {
        return;
    }
    match oracle::read(body) {
        None => {
            assert!(exact.is_err(), "taken, and is no JSON");
            assert!(folded.is_err(), "taken in a request, and is no JSON");
        }
        Some(tree) => {
            let is_twin = |taken: &Result<Reading, ScanFaultKind>| match taken {
                Ok(_) => false,
                Err(ScanFaultKind::TwinKeys) => true,
                Err(kind) => panic!("refused, and is JSON: {kind:?}"),
            };
            let is_split = |folds: &[oracle::Fold]| folds.iter().any(|fold| differ(&tree, *fold));
            assert_eq!(is_twin(&exact), is_split(&FOLDS[..1]), "twins");
            if tree.has_ascii_keys() {
                assert_eq!(is_twin(&folded), is_split(&FOLDS[..2]), "twins by case");
            } else if !is_twin(&folded) {
                assert!(!is_split(&FOLDS), "twins by folding");
            }
        }
    }
    for twins in [Twins::Exact, Twins::Folded] {
        for program in [programs::busy(), programs::everything()] {
            if let Ok(reading) = scan(body, &program, &programs::roomy(twins)) {
                assert!(exact.is_ok(), "a program opened what is refused without");
                check_reading(body, &reading);
            }
        }
    }
}

/// Whether readers that fold keys so lose a member.
fn differ(tree: &Tree, fold: oracle::Fold) -> bool {
    let first = tree.as_read(Wins::First, fold);
    first != tree.as_read(Wins::Last, fold) || first.size() != tree.size()
}

/// What is found is what stands there.
fn check_reading(body: &[u8], reading: &Reading) {
    for find in &reading.finds {
        let value = oracle::read(&body[find.span.clone()]).expect("a find is a value");
        match (find.json, value) {
            (JsonType::Null, Tree::Null) | (JsonType::Number, Tree::Number(_)) => {}
            (JsonType::Bool(found), Tree::Bool(value)) => assert_eq!(found, value),
            (JsonType::String { escaped }, Tree::Text(text)) => {
                let raw = &body[find.span.clone()];
                assert_eq!(string::unescape(raw).as_deref(), Some(&*text));
                assert_eq!(escaped, raw.contains(&b'\\'));
                let quoted = string::quote(&text);
                assert_eq!(string::unescape(&quoted).as_deref(), Some(&*text));
            }
            (JsonType::Array { empty }, Tree::List(list)) => assert_eq!(empty, list.is_empty()),
            (JsonType::Object { empty }, Tree::Object(list)) => assert_eq!(empty, list.is_empty()),
            (found, value) => panic!("{found:?} found, and is {value:?}"),
        }
        let around = &reading.scopes[find.scope.0 as usize].span;
        let is_inside = around.start <= find.span.start && find.span.end <= around.end;
        assert!(is_inside || find.on_key, "a find lies in its scope");
    }
    for slot in &reading.slots {
        assert_eq!(slot.comma_before.is_none(), slot.ordinal == 0);
        assert!(
            slot.comma_before
                .is_none_or(|comma| body[comma] == b',' && comma < slot.span.start)
        );
        assert!(slot.span.end <= slot.next && slot.next < body.len());
    }
    for embedded in &reading.embedded {
        assert_eq!(
            oracle::read(&body[embedded.span.clone()]),
            Some(Tree::Text(embedded.text.clone()))
        );
        check_reading(embedded.text.as_bytes(), &embedded.reading);
    }
}
