//! What explains a verdict agrees with it: asked of every golden policy case.

use std::path::Path;

use borderpost::cases::{self, Case, Expectation};
use borderpost::policy::findings::Says;
use borderpost::policy::{Finding, Question, Reason, Settings, decide, findings};
use borderpost::yaml::{Budget, Source, parse};

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/policy");
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the cases are there") {
        let path = entry.expect("an entry").path();
        let source = Source::read(&path, 1 << 20).expect("a file of cases");
        let document = parse(source, Budget::default()).expect("YAML");
        let story = cases::read(&document, &Settings::default()).expect("a story");
        let is_verdict = |case: &Case| {
            matches!(
                case.expected,
                Expectation::Allow { .. } | Expectation::Block { .. }
            )
        };
        cases.extend(story.cases.into_iter().filter(is_verdict));
    }
    assert!(cases.len() > 150);
    cases
}

fn check(promise: impl Fn(&Case, &Question<'_>, &[Finding])) {
    for case in cases() {
        let asked = &case.asked;
        let question = Question {
            actor: asked.who,
            viewer: asked.viewer,
            act: asked.act,
            kinds: asked.kinds,
            room: &asked.room,
            after: asked.after.as_ref(),
            history_visible: asked.history_visible,
            contact: asked.contact,
        };
        promise(&case, &question, &findings(&case.settings, &question));
    }
}

#[test]
fn the_first_finding_that_does_not_allow_is_the_verdict() {
    check(|case, question, found| {
        let told = found.iter().filter_map(|finding| finding.told.clone());
        let first = told.min_by_key(|block| (block.reason, std::cmp::Reverse(block.kind)));
        let verdict = decide(&case.settings, question);
        assert_eq!(first.as_ref(), verdict.block(), "{}", case.name);
    });
}

#[test]
fn a_rule_that_says_no_tells_why_and_no_other_does() {
    check(|case, _, found| {
        for finding in found {
            let is_no = finding.says == Says::No;
            assert_eq!(is_no, finding.told.is_some(), "{}: {finding:?}", case.name);
        }
    });
}

#[test]
fn nobody_is_told_another_companys_rule() {
    check(|case, _, found| {
        let own = case.asked.viewer.unwrap_or(case.asked.who).side.company();
        let told = found.iter().filter_map(|finding| finding.told.as_ref());
        for block in told.filter(|block| own.is_some() && block.company != own) {
            let hides = block.reason == Reason::PeerSideDenied && block.company.is_none();
            assert!(hides || block.company.is_none(), "{}: {block:?}", case.name);
        }
    });
}
