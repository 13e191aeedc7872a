//! The checks find what they are for: each is fed a small source that breaks it, and one beside it
//! that doesn't.

use super::names::Names;
use super::source::sources;
use super::{habits, walls};

/// Modules that the made-up sources speak of, with re-exports as the crate has them.
const AROUND: &[(&str, &str)] = &[
    (
        "src/lib.rs",
        "pub mod policy; pub mod gateway; pub mod cache; pub mod dialect;",
    ),
    (
        "src/policy/mod.rs",
        "pub mod words; pub mod settings; mod sets; pub use settings::Settings; \
         pub use words::{Act, KindSet};",
    ),
    (
        "src/policy/words.rs",
        "pub use super::sets::KindSet; pub enum Act {}",
    ),
    ("src/policy/settings.rs", "pub struct Settings;"),
    ("src/policy/sets.rs", "pub struct KindSet;"),
    ("src/gateway/settings.rs", "pub struct Settings;"),
    ("src/gateway/journey.rs", "pub struct Journey;"),
    ("src/cache/mod.rs", "pub struct Snapshot;"),
];

/// What the walls say of one more file, as its line numbers.
fn lines_broken(path: &str, text: &str) -> Vec<usize> {
    let mut files = AROUND.to_vec();
    files.retain(|(known, _)| *known != path);
    files.push((path, text));
    let broken = walls::broken(&Names::of(&sources(&files)));
    let of_file = broken.iter().filter_map(|fault| {
        let rest = fault.strip_prefix(path)?.strip_prefix(':')?;
        rest.split(':').next()?.parse().ok()
    });
    of_file.collect()
}

fn check_broken(path: &str, text: &str) {
    assert_eq!(lines_broken(path, text), [1], "{path}: {text}");
}

fn check_kept(path: &str, text: &str) {
    assert!(lines_broken(path, text).is_empty(), "{path}: {text}");
}

#[test]
fn a_path_is_found_wherever_it_stands() {
    for text in [
        "use crate::gateway::journey::Journey;",
        "use crate::{policy::Act, gateway::journey};",
        "use crate::{policy::{Act, KindSet}, gateway::{self}};",
        "pub use crate::gateway as other;",
        "use super::super::gateway;",
        "use super::super::gateway::journey::{Journey as Way};",
        "fn f() -> crate::gateway::journey::Journey { loop {} }",
        "fn f() { let _ = crate::gateway::journey::Journey; }",
        "fn f() { debug!(\"{}\", crate::gateway::journey::NAME); }",
        "macro_rules! m { () => { $crate::gateway::journey::Journey }; }",
        "macro_rules! m { () => { use $crate::{gateway::journey}; }; }",
        "#[cfg(test)] mod tests { use crate::gateway::journey; }",
        "#[cfg(test)] mod tests { use super::super::super::gateway; }",
        "#[derive(crate::gateway::Shape)] struct S;",
        "pub(in crate::gateway) struct S;",
        "impl From<crate::gateway::journey::Journey> for S {}",
        "use crate::r#gateway;",
        "use borderpost::gateway::journey;",
    ] {
        check_broken("src/policy/x.rs", text);
    }
}

#[test]
fn another_name_hides_nothing() {
    let text = "use crate as ours;\nfn f() { ours::gateway::journey::go() }";
    assert_eq!(lines_broken("src/policy/x.rs", text), [2]);
    let text = "use super::super as up;\nuse up::gateway::journey;";
    assert_eq!(lines_broken("src/policy/x.rs", text), [2]);
    let text = "use crate::policy;\nfn f(_: policy::settings::Settings) {}";
    assert_eq!(lines_broken("src/gateway/x.rs", text), [2]);
    let text = "use crate::policy;\nfn f(_: policy::Settings) {}";
    assert_eq!(lines_broken("src/gateway/x.rs", text), [2]);
    let text = "extern crate self as me;\nuse me::gateway::journey;";
    assert_eq!(lines_broken("src/policy/x.rs", text), [2]);
    let text = "use std as s;\nfn f(_: s::time::Duration) {}";
    assert_eq!(lines_broken("src/policy/x.rs", text), [2]);
}

#[test]
fn importing_everything_is_naming_everything() {
    check_broken("src/policy/x.rs", "use crate::*;");
    check_broken("src/cache/mod.rs", "use super::*;");
    check_broken("src/dialect/x.rs", "use crate::policy::*;");
    check_broken("src/gateway/x.rs", "use crate::policy::*;");
    check_kept(
        "src/policy/x.rs",
        "#[cfg(test)] mod tests { use super::*; }",
    );
    check_kept("src/policy/x.rs", "use super::words::*;");
}

#[test]
fn a_re_export_is_followed_to_where_it_comes_from() {
    check_kept("src/dialect/x.rs", "use crate::policy::{Act, KindSet};");
    check_kept("src/dialect/x.rs", "use crate::policy::words::Act;");
    check_broken("src/dialect/x.rs", "use crate::policy::Settings;");
    check_broken("src/gateway/x.rs", "use crate::policy::Settings;");
    check_broken("src/gateway/x.rs", "use crate::policy::{Act, settings};");
}

#[test]
fn a_row_may_open_a_part() {
    check_kept("src/config/x.rs", "use crate::gateway::settings::Settings;");
    check_broken("src/config/x.rs", "use crate::gateway::journey::Journey;");
}

#[test]
fn what_is_of_the_module_itself_is_free() {
    check_kept("src/policy/x.rs", "use super::words::Act;");
    check_kept("src/policy/x.rs", "use crate::policy::settings::Settings;");
    check_kept("src/gateway/x.rs", "use super::settings::Settings;");
}

#[test]
fn other_crates_are_held_too() {
    check_broken("src/policy/x.rs", "use std::time::Duration;");
    check_broken("src/policy/x.rs", "use std::{fmt, time::Duration};");
    check_broken("src/policy/x.rs", "fn f(_: ::std::time::Duration) {}");
    check_broken("src/policy/x.rs", "#[derive(serde::Serialize)] struct S;");
    check_broken("src/policy/x.rs", "fn f() { tracing::debug!(\"x\"); }");
    check_broken("src/policy/x.rs", "use tokio;");
    check_broken("src/gateway/x.rs", "fn f(_: serde_json::Value) {}");
    check_broken("src/dialect/x.rs", "use std::net::IpAddr;");
    check_broken(
        "src/config/x.rs",
        "async fn f() { tokio::fs::read(\"x\").await; }",
    );
    check_kept(
        "src/policy/x.rs",
        "use std::fmt; #[expect(clippy::panic)] fn f() { u8::from(true); }",
    );
    check_kept("src/gateway/x.rs", "use std::time::Duration;");
}

#[test]
fn a_module_without_a_row_is_refused() {
    check_broken("src/newcomer.rs", "use crate::policy::Act;");
}

/// `count` faults, each with the line that it stands on.
fn check_habit(find: impl Fn(&str) -> Vec<String>, bad: &str, good: &str) {
    let found = find(bad);
    assert_eq!(found.len(), 1, "{bad}: {found:?}");
    assert!(found[0].starts_with("src/gateway/x.rs:"), "{found:?}");
    assert_eq!(find(good), Vec::<String>::new(), "{good}");
}

fn names(text: &str) -> Names {
    Names::of(&sources(&[("src/gateway/x.rs", text)]))
}

#[test]
fn a_protocol_is_found_in_any_case_and_in_comments() {
    let find = |text: &str| habits::protocol_names(&sources(&[("src/gateway/x.rs", text)]));
    check_habit(find, "// as MatterMost does", "// as the protocol does");
    check_habit(
        find,
        "const HOST: &str = \"api.line.me\";",
        "const NETWORK: &str = \"line\";",
    );
}

#[test]
fn the_clock_is_found_under_another_name() {
    let find = |text: &str| habits::clock_readings(&names(text));
    check_habit(
        find,
        "fn f() { std::time::Instant::now(); }",
        "fn f() { clock::now(); }",
    );
    check_habit(
        find,
        "use std::time::SystemTime as S; fn f() { S::now(); }",
        "use std::time::SystemTime; fn f(_: SystemTime) {}",
    );
    check_habit(
        find,
        "fn f() { start.elapsed(); }",
        "fn f() { now.duration_since(start); }",
    );
}

#[test]
fn sql_is_found_wherever_it_is_spoken() {
    check_habit(
        |text| habits::sql(&names(text)),
        "use rusqlite::Connection as C; fn f(_: C) {}",
        "use crate::cache::Snapshot; fn f(_: Snapshot) {}",
    );
}

#[test]
fn macros_are_found_by_their_name() {
    let metrics = |text: &str| habits::raw_metrics(&names(text));
    check_habit(
        metrics,
        "fn f() { metrics::counter!(\"x\").increment(1); }",
        "fn f() { m.counter(n); }",
    );
    let prints = |text: &str| habits::printing(&names(text));
    check_habit(
        prints,
        "fn f() { eprintln!(\"x\"); }",
        "fn f() { writeln!(out, \"x\"); }",
    );
    let undone =
        |text: &str| habits::left_undone(&sources(&[("src/gateway/x.rs", text)]), &names(text));
    check_habit(undone, "fn f() { todo!() }", "fn todo() {}");
    check_habit(undone, concat!("// TO", "DO: later"), "// to do so later");
}

#[test]
fn the_command_line_may_print() {
    let text = "fn f() { println!(\"x\"); }";
    let found = |path: &str| habits::printing(&Names::of(&sources(&[(path, text)])));
    assert!(found("src/cli/run.rs").is_empty() && found("src/main.rs").is_empty());
    assert_eq!(found("src/app.rs").len(), 1);
}

#[test]
fn a_source_from_elsewhere_is_found() {
    let find =
        |text: &str| habits::hidden_sources(&sources(&[("src/gateway/x.rs", text)]), &names(text));
    check_habit(
        find,
        "#[path = \"../policy/settings.rs\"] mod own;",
        "#[cfg(test)] #[path = \"x_tests.rs\"] mod tests;",
    );
    check_habit(
        find,
        "include!(\"y.rs\");",
        "const TEXT: &str = include_str!(\"y.txt\");",
    );
}

#[test]
fn length_is_counted_without_tests() {
    let find = |text: &str| habits::long_files(&sources(&[("src/gateway/x.rs", text)]));
    let lines = |count: usize| "const X: () = ();\n".replace('X', "_").repeat(count);
    let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", lines(200));
    check_habit(find, &lines(501), &lines(500));
    check_habit(
        find,
        &format!("{}{tests}", lines(501)),
        &format!("{}{tests}", lines(500)),
    );
}

#[test]
fn a_reason_for_length_goes_with_the_length() {
    let (path, _) = habits::LONG_FOR_A_REASON[0];
    let found = |text: &str| habits::long_files(&sources(&[(path, text)]));
    assert!(found(&"const _: () = ();\n".repeat(501)).is_empty());
    assert_eq!(found("const _: () = ();\n").len(), 1);
}
