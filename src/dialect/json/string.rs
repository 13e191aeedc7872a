//! JSON strings: from their escapes and back.

use std::borrow::Cow;

/// The text of a string as it stands in a scanned body, quotes included.
pub fn unescape(_raw: &[u8]) -> Option<Cow<'_, str>> {
    todo!()
}

/// The text as a JSON string, quotes included.
pub fn quote(_text: &str) -> Vec<u8> {
    todo!()
}
