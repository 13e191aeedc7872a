//! A text as a person sees it: width, invisible characters and case taken away before comparing.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use super::references::Dereferenced;

/// A text made plain once for whoever looks for something in it: as it is seen, in small letters. A
/// text that is so already is not copied.
pub struct PlainText<'t> {
    as_it_stands: Cow<'t, str>,
    /// As a reader of markup takes it, where that differs.
    dereferenced: Option<String>,
}

impl<'t> PlainText<'t> {
    /// The text, made plain.
    pub fn of(text: &'t str) -> Self {
        let read = Dereferenced::of(text);
        Self {
            as_it_stands: plain(text),
            dereferenced: read.map(|read| plain(read.text()).into_owned()),
        }
    }

    /// Every text that its readers could take it for.
    pub fn readings(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.as_it_stands).chain(self.dereferenced.as_deref())
    }
}

fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().all(is_seen_as_written) {
        return small(visible(text));
    }
    match text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(text.to_ascii_lowercase()),
        false => Cow::Borrowed(text),
    }
}

/// Letters of which a text is [`visible`] as it stands, and [`small`] but for those of ASCII: most of
/// what is written, told without tables.
fn is_seen_as_written(c: char) -> bool {
    matches!(c,
        '\0'..='\u{7F}'
        | '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7A3}')
}

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

/// The text in small letters.
fn small(text: Cow<'_, str>) -> Cow<'_, str> {
    let is_small = |c: char| {
        let mut small = c.to_lowercase();
        small.next() == Some(c) && small.next().is_none()
    };
    let is_plain = match text.is_ascii() {
        true => !text.bytes().any(|byte| byte.is_ascii_uppercase()),
        false => text.chars().all(is_small),
    };
    match is_plain {
        true => text,
        false => Cow::Owned(text.to_lowercase()),
    }
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

#[cfg(test)]
mod tests {
    use unicode_normalization::char::canonical_combining_class;

    use super::*;

    #[test]
    fn what_is_seen_as_written_is_what_the_tables_say() {
        for c in ('\0'..=char::MAX).filter(|c| is_seen_as_written(*c)) {
            let text = format!("{c}x{c}{c}");
            let slowly = small(visible(&text));
            assert_eq!(plain(&text), slowly, "{c:?}");
            // Nothing that comes before or behind it changes it.
            let alone = is_nfkc_quick(std::iter::once(c)) == IsNormalized::Yes;
            assert!(alone && canonical_combining_class(c) == 0, "{c:?}");
        }
    }

    #[test]
    fn a_text_that_is_plain_is_not_copied() {
        for (text, is_copied) in [
            ("see you at 3 o'clock", false),
            ("안녕하세요, 3시에 봐요.", false),
            ("AT", true),
            ("É", true),
            ("ｗｉｄｅ", true),
            ("a\u{200B}b", true),
        ] {
            let plain = PlainText::of(text);
            let is_owned = matches!(plain.as_it_stands, Cow::Owned(_));
            assert_eq!((is_owned, plain.dereferenced), (is_copied, None), "{text}");
        }
    }
}
