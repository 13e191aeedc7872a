//! Lengths of time and sizes as people write them: `500ms`, `10s`, `64KiB`.

use std::time::Duration;

const DURATIONS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

const SIZES: [(&str, u64); 5] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

/// Reads `500ms`, `10s`, `5m`, `2h`, `1d`: a whole number and one unit.
pub fn parse_duration(text: &str) -> Option<Duration> {
    measure(text, &DURATIONS).map(Duration::from_millis)
}

/// Reads `100B`, `64KiB`, `1MiB`, `2GiB`: a whole number and one unit. Bytes.
pub fn parse_bytes(text: &str) -> Option<u64> {
    measure(text, &SIZES)
}

/// Writes a length of time as [`parse_duration`] reads it; less than a millisecond is dropped.
pub fn show_duration(duration: Duration) -> String {
    let whole = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    show(whole, &DURATIONS, "0s")
}

/// Writes a size as [`parse_bytes`] reads it.
pub fn show_bytes(bytes: u64) -> String {
    show(bytes, &SIZES, "0B")
}

fn measure(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(digits)?;
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

fn show(whole: u64, units: &[(&str, u64)], nothing: &str) -> String {
    units
        .iter()
        .find(|(_, factor)| whole >= *factor && whole.is_multiple_of(*factor))
        .map_or_else(
            || nothing.to_owned(),
            |(unit, factor)| format!("{}{unit}", whole / factor),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_a_number_and_a_unit() {
        let check = |text: &str, ms: Option<u64>| {
            assert_eq!(
                parse_duration(text),
                ms.map(Duration::from_millis),
                "{text}"
            );
        };
        check("500ms", Some(500));
        check("10s", Some(10_000));
        check("5m", Some(300_000));
        check("2h", Some(7_200_000));
        check("1d", Some(86_400_000));
        check("10", None);
        check("s", None);
        check("-1s", None);
        check("1.5s", None);
        check("1 s", None);
        check("99999999999999999999s", None);
        check("18446744073709551615d", None);
    }

    #[test]
    fn sizes_are_a_number_and_a_unit() {
        let check = |text: &str, bytes: Option<u64>| assert_eq!(parse_bytes(text), bytes, "{text}");
        check("100B", Some(100));
        check("64KiB", Some(65_536));
        check("1MiB", Some(1 << 20));
        check("2GiB", Some(2 << 30));
        check("64KB", None);
        check("64", None);
        check("99999999TiB", None);
    }

    #[test]
    fn what_is_shown_reads_back() {
        for bytes in [0, 1, 1023, 1024, 1 << 20, (1 << 20) + 1] {
            assert_eq!(parse_bytes(&show_bytes(bytes)), Some(bytes));
        }
        for ms in [0, 1, 999, 1000, 90_000, 3_600_000] {
            let duration = Duration::from_millis(ms);
            assert_eq!(parse_duration(&show_duration(duration)), Some(duration));
        }
    }
}
