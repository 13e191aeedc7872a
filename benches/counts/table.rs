//! Counts by the names of parts: as a text, and held to recorded ones.

use std::collections::BTreeMap;
use std::fmt;

/// How far a count may be from the recorded one, in hundredths. Machines differ by some: what the
/// processor can do decides by which code the system copies and searches.
const MARGIN: u64 = 5;

/// Parts that cost the same however much is known: the few, the many.
const FLAT: &[(&str, &str)] = &[
    (
        "message, room of 2, 1000 members",
        "message, room of 2, 1000000 members",
    ),
    ("person, 1000 members", "person, 1000000 members"),
    ("room, 10 learnt", "room, 100000 learnt"),
];

const HEAD: &str = "\
# Instructions that one run of each part takes, without the kernel's: x86_64, release build.
# Made by `cargo bench --bench counts -- --record`; CONTRIBUTING.md says when.
";

/// What was counted.
#[derive(Debug, Default)]
pub struct Table(pub BTreeMap<String, u64>);

impl Table {
    /// Reads its text: a count and a name in each line.
    pub fn read(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let rows = lines.filter_map(|line| line.trim_start().split_once("  "));
        Self(
            rows.filter_map(|(count, name)| Some((name.to_owned(), count.parse().ok()?)))
                .collect(),
        )
    }

    /// Takes over what was counted anew.
    pub fn take(&mut self, counted: Self) {
        self.0.extend(counted.0);
    }

    /// What got cheaper, a sentence each: no fault, since another machine's code may be shorter.
    pub fn gains(&self, recorded: &Self) -> Vec<String> {
        let rows = self.0.iter();
        let gains = rows.filter_map(|(name, count)| {
            let recorded = *recorded.0.get(name)?;
            let is_gain = count * 100 < recorded * (100 - MARGIN);
            is_gain.then(|| {
                strayed(
                    name,
                    *count,
                    recorded,
                    "cheaper: record it, so that it stays so",
                )
            })
        });
        gains.collect()
    }

    /// What is wrong with these counts, a sentence each.
    pub fn faults(&self, recorded: &Self) -> Vec<String> {
        let rows = self.0.iter();
        let dearer = rows.filter_map(|(name, count)| {
            let Some(&recorded) = recorded.0.get(name) else {
                return Some(format!("`{name}` is not recorded"));
            };
            let is_dearer = count * 100 > recorded * (100 + MARGIN);
            is_dearer.then(|| strayed(name, *count, recorded, "dearer"))
        });
        let steep = FLAT.iter().filter_map(|(few, many)| {
            let (a, b) = (*self.0.get(*few)?, *self.0.get(*many)?);
            (b * 100 > a * (100 + MARGIN))
                .then(|| format!("`{many}` takes {b}, more than `{few}` with {a}"))
        });
        dearer.chain(steep).collect()
    }
}

fn strayed(name: &str, count: u64, recorded: u64, is: &str) -> String {
    let percent = (count as f64 / recorded as f64 - 1.0) * 100.0;
    format!("`{name}` takes {count}, recorded {recorded}, {percent:+.1} %: {is}")
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HEAD)?;
        let mut rows = self.0.iter();
        rows.try_for_each(|(name, count)| writeln!(f, "{count:>12}  {name}"))
    }
}
