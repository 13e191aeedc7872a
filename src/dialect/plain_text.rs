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
