//! Tables and days, for a person.

use crate::cli::say;

/// Columns that line up.
pub(super) struct Table<const N: usize> {
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    pub fn new(head: [&str; N]) -> Self {
        Self {
            rows: vec![head.map(str::to_owned)],
        }
    }

    pub fn row(&mut self, cells: [&str; N]) {
        self.rows.push(cells.map(shown));
    }

    /// Prints it; or, if it has no rows, says so.
    pub fn show(&self, nothing: &str) {
        if self.rows.len() < 2 {
            say(nothing);
            return;
        }
        let mut widths = [0; N];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        for row in &self.rows {
            let cells = row.iter().zip(widths);
            let line: String = cells
                .map(|(cell, width)| format!("{cell:<width$}  "))
                .collect();
            say(line.trim_end());
        }
    }
}

/// A text in one line, whatever stands in it.
fn shown(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// A moment by the day and minute, in UTC; nothing for one that no calendar has.
pub(super) fn day(seconds: i64) -> String {
    let moment = jiff::Timestamp::from_second(seconds);
    moment.map_or_else(
        |_| String::new(),
        |moment| moment.strftime("%Y-%m-%d %H:%MZ").to_string(),
    )
}
