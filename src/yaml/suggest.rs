//! "Did you mean": the known word that is nearest to what was written.

/// The nearest of `known` to `written`, if one is near enough to be meant.
pub fn suggest<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    // A word longer than any key of ours is no slip of a finger, and costs the square of its length.
    const LENGTH_MAX: usize = 64;
    let plain = folded(written);
    if plain.len() > LENGTH_MAX {
        return None;
    }
    known
        .into_iter()
        .map(|word| (distance(&plain, &folded(word)), word))
        .filter(|(distance, word)| *distance <= (word.chars().count().max(plain.len()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

fn folded(word: &str) -> Vec<char> {
    word.chars()
        .flat_map(char::to_lowercase)
        .map(|c| if c == '-' || c == ' ' { '_' } else { c })
        .collect()
}

/// Edits from `a` to `b`: a letter more, less, other, or two neighbours swapped (optimal string
/// alignment). Three rows of the table are kept.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX / 2);
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut best = (at(&last, j + 1) + 1)
                .min(at(&row, j) + 1)
                .min(at(&last, j) + usize::from(x != y));
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    at(&last, b.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_offered_and_a_far_one_is_not() {
        let known = ["connect", "permission", "connected_members", "tls"];
        let check = |written: &str, expected: Option<&str>| {
            assert_eq!(suggest(written, known), expected, "{written}");
        };
        check("conect", Some("connect"));
        check("Connect", Some("connect"));
        check("ocnnect", Some("connect"));
        check("permision", Some("permission"));
        check("connected-members", Some("connected_members"));
        check("tsl", Some("tls"));
        check("greeting", None);
        check("x", None);
        check(&"connect".repeat(1000), None);
    }
}
