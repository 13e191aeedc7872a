//! Content in words, links and files.

use borderpost::dialect::{
    DriveHosts, PlainText, kind_of_file, kind_of_link, kinds_of_file, kinds_of_text,
};
use borderpost::policy::ContentKind;

/// What a text holds, it holds among other lines too; the worst kind is one of the kinds.
pub fn check(input: &[u8]) {
    let drives = DriveHosts::new(["drive.acme.example", "*.files.example"]).expect("hosts");
    let text = String::from_utf8_lossy(input);
    let kinds = kinds_of_text(&PlainText::of(&text), &drives);
    let among = format!("hello\n{text}\nbye");
    let among = kinds_of_text(&PlainText::of(&among), &drives);
    assert_eq!(kinds.union(among), among, "hidden by other lines");
    assert_ne!(kind_of_link(&text, &drives), ContentKind::Text);
    if kinds.contains(ContentKind::Drive) {
        let link = kind_of_link(&text, &drives);
        assert!(
            link >= ContentKind::Drive || link == ContentKind::File,
            "{link:?}"
        );
    }
    let (name, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let (label, head) = rest.split_once('\n').unwrap_or((rest, ""));
    for (name, label, head) in [
        (Some(name), Some(label), head.as_bytes()),
        (None, None, input),
        (Some(name), None, input),
    ] {
        let kinds = kinds_of_file(name, label, head);
        assert!(!kinds.is_empty(), "a file is something");
        assert!(kinds.contains(kind_of_file(name, label, head)));
        let harmless = [ContentKind::Text, ContentKind::Link, ContentKind::Sticker];
        assert!(
            !harmless.iter().any(|kind| kinds.contains(*kind)),
            "a file is a file"
        );
    }
}
