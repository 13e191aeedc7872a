//! The walls, held: `src/` is read as source, and each module kept to its row.
//!
//! A failing test prints `file:line`, what stands there, and the row or the habit that it breaks.
//! The table itself is in `architecture/walls.rs`; ARCHITECTURE.md says what it is for.

#[path = "architecture/habits.rs"]
mod habits;
#[path = "architecture/names.rs"]
mod names;
#[path = "architecture/self_tests.rs"]
mod self_tests;
#[path = "architecture/source.rs"]
mod source;
#[path = "architecture/walls.rs"]
mod walls;

use names::Names;
use source::crate_sources;

fn check(found: &[String]) {
    let all = found.join("\n");
    assert!(found.is_empty(), "{} found:\n{all}", found.len());
}

#[test]
fn every_module_keeps_to_its_row() {
    check(&walls::broken(&Names::of(&crate_sources())));
}

#[test]
fn every_row_is_of_a_module() {
    let sources = crate_sources();
    let has = |row: &&walls::Row| sources.iter().any(|source| source.module == [row.module]);
    let idle: Vec<_> = walls::ROWS.iter().filter(|row| !has(row)).collect();
    check(
        &idle
            .iter()
            .map(|row| row.module.to_owned())
            .collect::<Vec<_>>(),
    );
}

#[test]
fn no_protocol_is_named() {
    check(&habits::protocol_names(&crate_sources()));
}

#[test]
fn time_is_read_in_one_place() {
    check(&habits::clock_readings(&Names::of(&crate_sources())));
}

#[test]
fn metrics_go_through_the_list_of_names() {
    check(&habits::raw_metrics(&Names::of(&crate_sources())));
}

#[test]
fn only_the_store_speaks_sql() {
    check(&habits::sql(&Names::of(&crate_sources())));
}

#[test]
fn only_the_command_line_prints() {
    check(&habits::printing(&Names::of(&crate_sources())));
}

#[test]
fn nothing_is_left_undone() {
    let sources = crate_sources();
    check(&habits::left_undone(&sources, &Names::of(&sources)));
}

#[test]
fn sources_stand_where_they_are_looked_for() {
    let sources = crate_sources();
    check(&habits::hidden_sources(&sources, &Names::of(&sources)));
}

#[test]
fn files_have_one_reason_to_change() {
    check(&habits::long_files(&crate_sources()));
}

#[test]
fn files_that_are_long_for_a_reason_exist() {
    let sources = crate_sources();
    let has = |path: &str| sources.iter().any(|source| source.path == path);
    let gone = habits::LONG_FOR_A_REASON
        .iter()
        .filter(|(path, _)| !has(path));
    check(&gone.map(|(path, _)| (*path).to_owned()).collect::<Vec<_>>());
}
