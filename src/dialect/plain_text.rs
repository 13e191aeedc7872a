//! A text as a person sees it: width, invisible characters and case taken away before comparing.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// The text in compatibility form (NFKC), without what can't be seen, with the full stops of other
/// scripts as dots. Case stays.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    let plain = text.is_ascii()
        || (is_nfkc_quick(text.chars()) == IsNormalized::Yes && !text.chars().any(is_changed));
    if plain {
        return Cow::Borrowed(text);
    }
    let seen = text.chars().filter(|c| !is_invisible(*c)).nfkc();
    Cow::Owned(
        seen.filter(|c| !is_invisible(*c))
            .map(|c| if c == '\u{3002}' { '.' } else { c })
            .collect(),
    )
}

/// The same in small letters: what two spellings of a host have in common.
pub(super) fn folded(text: &str) -> String {
    visible(text).to_lowercase().nfkc().collect()
}

/// The text as a reader of markup takes it, its character references (HTML, 13.5) read once; `None`:
/// it has none. Of the names, those of ASCII and of what can't be seen: no link needs others.
pub(super) fn dereferenced(text: &str) -> Option<String> {
    let mut read = String::new();
    let mut rest = text;
    let mut any = false;
    while let Some((before, after)) = rest.split_once('&') {
        read.push_str(before);
        match reference(after) {
            Some((letter, behind)) => {
                read.push(letter);
                rest = behind;
                any = true;
            }
            None => {
                read.push('&');
                rest = after;
            }
        }
    }
    read.push_str(rest);
    any.then_some(read)
}

/// The letter that a reference stands for, and what follows it. A number needs no semicolon.
fn reference(after: &str) -> Option<(char, &str)> {
    if let Some(number) = after.strip_prefix('#') {
        let (digits, radix) = match number.strip_prefix(['x', 'X']) {
            Some(digits) => (digits, 16),
            None => (number, 10),
        };
        let end = digits.find(|c: char| !c.is_digit(radix));
        let (digits, behind) = digits.split_at_checked(end.unwrap_or(digits.len()))?;
        let letter = char::from_u32(u32::from_str_radix(digits, radix).ok()?)?;
        return Some((letter, behind.strip_prefix(';').unwrap_or(behind)));
    }
    let (name, behind) = after.split_once(';')?;
    let letter = NAMED.iter().find(|(known, _)| *known == name)?.1;
    Some((letter, behind))
}

const NAMED: [(&str, char); 43] = [
    ("Tab", '\t'),
    ("NewLine", '\n'),
    ("nbsp", '\u{A0}'),
    ("excl", '!'),
    ("quot", '"'),
    ("num", '#'),
    ("dollar", '$'),
    ("percnt", '%'),
    ("amp", '&'),
    ("apos", '\''),
    ("lpar", '('),
    ("rpar", ')'),
    ("ast", '*'),
    ("plus", '+'),
    ("comma", ','),
    ("hyphen", '\u{2010}'),
    ("period", '.'),
    ("sol", '/'),
    ("colon", ':'),
    ("semi", ';'),
    ("lt", '<'),
    ("equals", '='),
    ("gt", '>'),
    ("quest", '?'),
    ("commat", '@'),
    ("lsqb", '['),
    ("lbrack", '['),
    ("bsol", '\\'),
    ("rsqb", ']'),
    ("rbrack", ']'),
    ("Hat", '^'),
    ("lowbar", '_'),
    ("grave", '`'),
    ("lcub", '{'),
    ("verbar", '|'),
    ("rcub", '}'),
    ("shy", '\u{AD}'),
    ("zwnj", '\u{200C}'),
    ("zwj", '\u{200D}'),
    ("lrm", '\u{200E}'),
    ("rlm", '\u{200F}'),
    ("ZeroWidthSpace", '\u{200B}'),
    ("NoBreak", '\u{2060}'),
];

fn is_changed(c: char) -> bool {
    c == '\u{3002}' || is_invisible(c)
}

/// Characters that take no room: zero-width, joiners, direction marks, variation selectors, tags.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_once() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(dereferenced(text).as_deref(), expected, "{text}");
        };
        check("a&#58;//b", Some("a://b"));
        check("a&#x3A;&#X2f/b", Some("a://b"));
        check("m&#120c&colon;&sol;&sol;x", Some("mxc://x"));
        check("drive&period;acme", Some("drive.acme"));
        check("&amp;colon;", Some("&colon;"));
        check("AT&T & co; &nothing; &#; &#x; &#1114112; &", None);
        check("no reference", None);
    }
}
