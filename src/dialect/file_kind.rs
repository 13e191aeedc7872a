//! What an upload is, by everything that is known of it: its name, its label, its first bytes.
//!
//! Each fact that says something counts, so that a picture is a picture by any other name.

use file_format::{FileFormat, Kind};

use super::plain_text::visible;
use crate::policy::{ContentKind, KindSet};

/// How many first bytes of a file are looked at.
pub const HEAD_BYTES: usize = 4 << 10;

/// The kinds of a file. What no fact tells to be anything else is a file.
pub fn kinds_of_file(name: Option<&str>, media_type: Option<&str>, head: &[u8]) -> KindSet {
    let mut kinds = told_by(name, media_type);
    kinds = kinds.union(kind_of_bytes(head).into_iter().collect());
    if kinds.is_empty() {
        return KindSet::of(ContentKind::File);
    }
    kinds
}

/// What a file's name and label tell of it by themselves.
pub fn told_by(name: Option<&str>, media_type: Option<&str>) -> KindSet {
    let facts = [
        name.and_then(kind_of_name),
        media_type.and_then(kind_of_media_type),
    ];
    facts.into_iter().flatten().collect()
}

/// The worst kind of a file; see [`kinds_of_file`].
pub fn kind_of_file(name: Option<&str>, media_type: Option<&str>, head: &[u8]) -> ContentKind {
    let kinds = kinds_of_file(name, media_type, head);
    kinds.iter().max().unwrap_or(ContentKind::File)
}

/// By the extension; `None` where the name has none that is known.
fn kind_of_name(name: &str) -> Option<ContentKind> {
    let name = visible(name).to_lowercase();
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    // Systems that drop trailing dots and blanks, or take what follows a colon for a stream, see
    // another extension than the last.
    let parts: Vec<&str> = name
        .split(['.', ':'])
        .skip(1)
        .map(|part| part.trim_matches(|c: char| c.is_whitespace() || c == '\u{0}'))
        .filter(|part| !part.is_empty())
        .collect();
    if parts.iter().any(|part| matches!(*part, "vcf" | "vcard")) {
        return Some(ContentKind::Contacts);
    }
    let extension = *parts.last()?;
    let formats = FileFormat::from_extension(extension);
    match extension {
        // What the list of formats does not know, or files elsewhere.
        "svg" | "svgz" | "heif" | "heics" | "dng" | "mpg" | "m2ts" | "mts" | "3gpp" | "opus"
        | "oga" | "ogv" | "amr" | "weba" => Some(ContentKind::Camera),
        _ if formats.is_empty() => None,
        _ if formats.iter().any(is_camera) => Some(ContentKind::Camera),
        _ => Some(ContentKind::File),
    }
}

/// By the label; `None` for one that says nothing.
fn kind_of_media_type(media_type: &str) -> Option<ContentKind> {
    let essence = media_type.split([';', ',']).next().unwrap_or_default();
    let essence = visible(essence).trim().to_lowercase();
    let (top, sub) = essence.split_once('/').unwrap_or((&essence, ""));
    match (top, sub) {
        ("text", "vcard" | "x-vcard" | "directory") => Some(ContentKind::Contacts),
        ("application", "vcard" | "x-vcard" | "vcard+xml" | "vcard+json") => {
            Some(ContentKind::Contacts)
        }
        ("image" | "video" | "audio", _) => Some(ContentKind::Camera),
        ("application", "octet-stream" | "binary" | "x-binary" | "") | ("", _) | ("binary", _) => {
            None
        }
        _ => Some(ContentKind::File),
    }
}

/// By the first bytes; `None` where they tell nothing.
fn kind_of_bytes(head: &[u8]) -> Option<ContentKind> {
    let head = head.get(..HEAD_BYTES).unwrap_or(head);
    if starts_card(head) {
        return Some(ContentKind::Contacts);
    }
    let format = FileFormat::from_bytes(head);
    match format {
        FileFormat::ArbitraryBinaryData | FileFormat::PlainText | FileFormat::Empty => None,
        format if is_camera(&format) => Some(ContentKind::Camera),
        _ if format.media_type() == "text/vcard" => Some(ContentKind::Contacts),
        _ => Some(ContentKind::File),
    }
}

fn is_camera(format: &FileFormat) -> bool {
    // Containers of sound and moving pictures, whose first bytes do not tell which.
    let is_container = matches!(
        format,
        FileFormat::Mpeg4Part14
            | FileFormat::AdvancedSystemsFormat
            | FileFormat::ExtensibleBinaryMetaLanguage
            | FileFormat::OggMultiplexedMedia
            | FileFormat::Realmedia
    );
    is_container || matches!(format.kind(), Kind::Image | Kind::Video | Kind::Audio)
}

/// Whether an address card starts here: behind a byte order mark and blanks, in UTF-8 or UTF-16.
fn starts_card(head: &[u8]) -> bool {
    const START: &[u8] = b"BEGIN:VCARD";
    let mut seen = head
        .iter()
        .copied()
        .filter(|byte| !matches!(byte, 0 | 0xEF | 0xBB | 0xBF | 0xFE | 0xFF))
        .skip_while(u8::is_ascii_whitespace);
    START.iter().all(|wanted| {
        seen.next()
            .is_some_and(|byte| byte.eq_ignore_ascii_case(wanted))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0";
    const PDF: &[u8] = b"%PDF-1.7\n";
    const ZIP: &[u8] = b"PK\x03\x04\x14\0\0\0";
    const MP4: &[u8] = b"\0\0\0\x18ftypisom\0\0\0\0isommp42";
    const CARD: &[u8] = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Mei\r\nEND:VCARD\r\n";

    #[test]
    fn every_fact_of_a_file_counts() {
        let check = |name: &str, media_type: &str, head: &[u8], expected: &str| {
            let kinds = kinds_of_file(Some(name), Some(media_type), head);
            let shown: Vec<_> = kinds.iter().map(|kind| kind.as_str()).collect();
            assert_eq!(shown.join(" "), expected, "{name} {media_type}");
        };
        check("plan.pdf", "application/pdf", PDF, "file");
        check("a.zip", "application/zip", ZIP, "file");
        check("photo.png", "image/png", PNG, "camera");
        check("photo.jpg", "image/jpeg", JPEG, "camera");
        check("clip.mp4", "video/mp4", MP4, "camera");
        check("voice.ogg", "audio/ogg", b"", "camera");
        check("me.vcf", "text/vcard", CARD, "contacts");
        // One fact is enough.
        check("data", "application/octet-stream", PNG, "camera");
        check("data", "image/x-anything", b"???", "camera");
        check("photo.HEIC", "application/octet-stream", b"???", "camera");
        check("data", "application/octet-stream", CARD, "contacts");
        check("me.vcf", "application/octet-stream", b"", "contacts");
        check("me.VCF. ", "", b"", "contacts");
        check("me.vcf:x.txt", "", b"", "contacts");
        check("me\u{FF0E}vcf", "", b"", "contacts");
        check("me.v\u{200B}cf", "", b"", "contacts");
        check("x", "text/x-vcard; charset=utf-8", b"", "contacts");
        check("x", "TEXT/VCARD", b"", "contacts");
        // Facts that differ all count.
        check("photo.png", "image/png", PDF, "camera file");
        check("plan.pdf", "application/pdf", PNG, "camera file");
        check("card.png", "image/png", CARD, "camera contacts");
        // Nothing known, or nothing special.
        check("", "", b"", "file");
        check("notes", "text/plain", b"hello", "file");
        check(
            "notes.txt",
            "text/plain",
            b"a vcard starts with BEGIN:VCARD",
            "file",
        );
        check("vcf", "text/plain", b"", "file");
        check("jpg.txt", "text/plain", b"jpg", "file");
        check("README.ts", "text/plain", b"export {}", "camera file");
    }

    #[test]
    fn a_card_is_known_by_its_start_in_any_coding() {
        let utf16: Vec<u8> = "BEGIN:VCARD"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for head in [
            CARD,
            b"begin:vcard\n",
            b"\xef\xbb\xbfBEGIN:VCARD",
            b"\r\n  BEGIN:VCARD",
            &utf16,
        ] {
            assert_eq!(kind_of_bytes(head), Some(ContentKind::Contacts));
        }
        assert_eq!(kind_of_bytes(b"BEGIN:VCALENDAR"), Some(ContentKind::File));
    }

    #[test]
    fn the_worst_kind_is_told() {
        let worst = kind_of_file(Some("photo.png"), Some("image/png"), PDF);
        assert_eq!(worst, ContentKind::File);
    }
}
