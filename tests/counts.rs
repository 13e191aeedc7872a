//! The gate for instructions: what it lets pass and what not. `cargo bench --bench counts` is the gate.

#[path = "../benches/counts/table.rs"]
mod table;

use table::Table;

fn table(rows: &[(&str, u64)]) -> Table {
    Table(
        rows.iter()
            .map(|(name, count)| ((*name).into(), *count))
            .collect(),
    )
}

/// The faults of one part of which 1,000 is recorded.
fn faults(count: u64) -> Vec<String> {
    table(&[("a part", count)]).faults(&table(&[("a part", 1_000)]))
}

#[test]
fn a_part_within_the_margin_passes() {
    for count in [950, 1_000, 1_050] {
        assert_eq!(faults(count), [""; 0]);
    }
}

#[test]
fn a_part_that_gets_a_tenth_dearer_fails() {
    assert_eq!(
        faults(1_100),
        ["`a part` takes 1100, recorded 1000, +10.0 %: dearer"]
    );
}

#[test]
fn a_part_that_gets_cheaper_passes_and_is_told() {
    let (counted, recorded) = (table(&[("a part", 900)]), table(&[("a part", 1_000)]));
    assert_eq!(counted.faults(&recorded), [""; 0]);
    assert_eq!(
        counted.gains(&recorded),
        ["`a part` takes 900, recorded 1000, -10.0 %: cheaper: record it, so that it stays so"]
    );
}

#[test]
fn a_part_that_is_not_recorded_fails() {
    let counted = table(&[("another part", 1_000)]);
    let faults = counted.faults(&table(&[("a part", 1_000)]));
    assert_eq!(faults, ["`another part` is not recorded"]);
}

#[test]
fn what_costs_more_the_more_is_known_fails_also_if_it_is_recorded() {
    let rows = [("room, 10 learnt", 100), ("room, 100000 learnt", 110)];
    assert_eq!(
        table(&rows).faults(&table(&rows)),
        ["`room, 100000 learnt` takes 110, more than `room, 10 learnt` with 100"]
    );
}

#[test]
fn a_table_is_read_as_it_was_written() {
    let counted = table(&[("a part, with 10 rooms", 7), ("another part", 1_000_000)]);
    assert_eq!(Table::read(&counted.to_string()).0, counted.0);
}

#[test]
fn recording_some_parts_keeps_the_others() {
    let mut recorded = table(&[("a part", 1), ("another part", 2)]);
    recorded.take(table(&[("a part", 3)]));
    assert_eq!(recorded.0, table(&[("a part", 3), ("another part", 2)]).0);
}
