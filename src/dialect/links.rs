//! Content that stands in words: links, links into a drive, embedded files, address cards.
//!
//! Words, code, markup and quoted protocol text are no content; what a client would make a link of,
//! or open, is.

use std::fmt;

use memchr::memchr_iter;
use percent_encoding::percent_decode_str;

use super::plain_text::{PlainText, folded, visible};
use crate::policy::{ContentKind, KindSet};

/// The hosts of the drives that links are judged by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DriveHosts {
    hosts: Vec<Host>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    /// This host.
    Exact(String),
    /// Every host under this one: `.drive.example`.
    Under(String),
}

/// A text that is no host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAHost(pub String);

impl fmt::Display for NotAHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no host: write `drive.example` or `*.drive.example`",
            self.0
        )
    }
}

impl std::error::Error for NotAHost {}

impl DriveHosts {
    /// Hosts as an administrator writes them: `drive.example`, or `*.drive.example` for all under it.
    pub fn new<'h>(hosts: impl IntoIterator<Item = &'h str>) -> Result<Self, NotAHost> {
        let hosts = hosts.into_iter().map(|written| {
            let host = folded(written);
            let host = host.trim_end_matches('.');
            let (bare, under) = match host.strip_prefix("*.") {
                Some(bare) => (bare, true),
                None => (host, false),
            };
            let legal = |c: char| c.is_alphanumeric() || "-._[:]".contains(c);
            if bare.is_empty() || !bare.chars().all(legal) {
                return Err(NotAHost(written.to_owned()));
            }
            Ok(match under {
                true => Host::Under(format!(".{bare}")),
                false => Host::Exact(bare.to_owned()),
            })
        });
        Ok(Self {
            hosts: hosts.collect::<Result<_, _>>()?,
        })
    }

    /// Whether a host, folded, is one of these. What follows it in other scripts is no part of it:
    /// clients end a link there.
    fn has(&self, host: &str) -> bool {
        let ascii_end = host.find(|c: char| !c.is_ascii()).unwrap_or(host.len());
        let spellings = [host, host.get(..ascii_end).unwrap_or_default()];
        spellings.iter().any(|host| {
            let host = host.trim_end_matches('.');
            self.hosts.iter().any(|known| match known {
                Host::Exact(known) => host == known,
                Host::Under(known) => host.ends_with(known.as_str()),
            })
        })
    }
}

/// The kind of a value that is a link as a whole.
pub fn kind_of_link(link: &str, drives: &DriveHosts) -> ContentKind {
    let whole = visible(link);
    // Readers of URLs take blanks at the ends, and tabs and line ends anywhere, away.
    let link: String = whole
        .trim_matches(|c: char| c.is_whitespace() || c.is_control())
        .chars()
        .filter(|c| !matches!(c, '\t' | '\r' | '\n'))
        .collect();
    let small = link.to_ascii_lowercase();
    if small.starts_with("data:") {
        return ContentKind::File;
    }
    let mut kinds = kinds_of_text(&PlainText::of(&link), drives);
    if link != whole {
        // Others leave them where they are.
        kinds = kinds.union(kinds_of_text(&PlainText::of(&whole), drives));
    }
    kinds.insert(ContentKind::Link);
    let authority = small
        .split_once(':')
        .map_or(small.as_str(), |(_, rest)| rest);
    if drives.has(&host_of(authority)) || drives.has(&host_of(&small)) {
        kinds.insert(ContentKind::Drive);
    }
    kinds.iter().max().unwrap_or(ContentKind::Link)
}

/// The kinds of content in a text, as it stands and as a reader of markup takes it; none in mere words.
pub fn kinds_of_text(text: &PlainText<'_>, drives: &DriveHosts) -> KindSet {
    let kinds = text.readings().map(|read| kinds_of_words(read, drives));
    kinds.fold(KindSet::EMPTY, KindSet::union)
}

/// `small` is plain text.
fn kinds_of_words(small: &str, drives: &DriveHosts) -> KindSet {
    let mut kinds = KindSet::EMPTY;
    let mut has_colon = false;
    for at in memchr_iter(b':', small.as_bytes()) {
        has_colon = true;
        let before = small.get(..at).unwrap_or_default();
        let behind = small.get(at + 1..).unwrap_or_default();
        if before.ends_with("http") || before.ends_with("https") {
            kinds = kinds.union(kind_of_address(behind, drives).into_iter().collect());
        }
        if before.strip_suffix("data").is_some_and(ends_word) && is_data_uri(behind) {
            kinds.insert(ContentKind::File);
        }
    }
    if names_drive(small, drives) {
        kinds.insert(ContentKind::Drive);
    }
    if has_colon && small.contains("begin:vcard") && small.lines().any(is_card_line) {
        kinds.insert(ContentKind::Contacts);
    }
    kinds
}

/// What an address leads to, by what follows the colon of its scheme.
fn kind_of_address(behind: &str, drives: &DriveHosts) -> Option<ContentKind> {
    let host = host_of(behind.starts_with(['/', '\\']).then_some(behind)?);
    match drives.has(&host) {
        true => Some(ContentKind::Drive),
        false => (!host.is_empty()).then_some(ContentKind::Link),
    }
}

/// The host of what follows a scheme, folded: without slashes, user, port and escapes.
fn host_of(rest: &str) -> String {
    let rest = rest.trim_start_matches(['/', '\\']);
    let end = rest
        .find(|c: char| c.is_whitespace() || c.is_control() || "/\\?#<>\"`|^{}".contains(c))
        .unwrap_or(rest.len());
    let authority = rest.get(..end).unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let decoded = percent_decode_str(host).decode_utf8_lossy();
    let host = folded(&decoded);
    let is_part = |c: char| c.is_alphanumeric() || "-._".contains(c);
    let end = host.find(|c: char| !is_part(c)).unwrap_or(host.len());
    host.get(..end)
        .unwrap_or_default()
        .trim_end_matches('.')
        .to_owned()
}

/// Whether a drive's host stands in the text without a scheme: clients make links of hosts, too.
fn names_drive(small: &str, drives: &DriveHosts) -> bool {
    drives.hosts.iter().any(|host| {
        let (Host::Exact(name) | Host::Under(name)) = host;
        small.match_indices(name.as_str()).any(|(at, _)| {
            let before = small.get(..at).unwrap_or_default();
            let behind = small.get(at + name.len()..).unwrap_or_default();
            let starts = match host {
                Host::Under(_) => before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-'),
                Host::Exact(_) => starts_host(before),
            };
            starts && ends_host(behind)
        })
    })
}

/// Whether no word runs on behind this.
fn ends_word(before: &str) -> bool {
    !before
        .chars()
        .next_back()
        .is_some_and(char::is_alphanumeric)
}

fn starts_host(before: &str) -> bool {
    match before.chars().next_back() {
        None => true,
        Some('/') => before.ends_with("//"),
        Some(c) => !c.is_ascii_alphanumeric() && !"-.%@\\".contains(c),
    }
}

fn ends_host(behind: &str) -> bool {
    let mut behind = behind.chars();
    match behind.next() {
        None => true,
        Some('.') => !behind.next().is_some_and(|c| c.is_ascii_alphanumeric()),
        Some(c) => !c.is_ascii_alphanumeric() && !"-@".contains(c),
    }
}

/// Whether what follows `data:` is a file inside a link (RFC 2397), and not a word of prose or code.
fn is_data_uri(rest: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || "/;=+-._!#$&^*'%".contains(c);
    let Some((head, behind)) = rest
        .find(|c| !legal(c))
        .and_then(|end| rest.split_at_checked(end))
    else {
        return false;
    };
    behind.starts_with(',') && (head.contains('/') || head.ends_with(";base64"))
}

/// Whether a line is the first of an address card: quoted or indented, but nothing else on it.
fn is_card_line(line: &str) -> bool {
    line.trim_matches(|c: char| c.is_whitespace() || c == '>' || c == '|') == "begin:vcard"
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn drives() -> DriveHosts {
        DriveHosts::new(["drive.acme.example", "*.files.example"]).unwrap()
    }

    fn check(text: &str, expected: &str) {
        let kinds = kinds_of_text(&PlainText::of(text), &drives());
        let shown: Vec<_> = kinds.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(shown.join(" "), expected, "{text}");
    }

    #[test]
    fn a_link_into_a_drive_is_known_in_any_spelling() {
        for text in [
            "https://drive.acme.example/s/1",
            "see http://drive.acme.example",
            "HTTPS://DRIVE.ACME.EXAMPLE/S/1",
            "https://drive.acme.example./s",
            "https://drive.acme.example:8443/s",
            "https://drive.acme.example:443",
            "https://alice@drive.acme.example/s",
            "https://other.example@drive.acme.example/s",
            "https://a:b@drive.acme.example/s",
            "https://dr%69ve.acme.example/s",
            "https://drive%2Eacme%2Eexample/s",
            "https://ｄｒｉｖｅ.acme.example/s",
            "ｈｔｔｐｓ：//drive.acme.example/s",
            "https://drive。acme。example/s",
            "https://drive．acme．example/s",
            "https://drive｡acme｡example/s",
            "https://dri\u{200B}ve.acme.example/s",
            "https://dri\u{AD}ve.acme.example/s",
            "ht\u{2060}tps://drive.acme.example/s",
            "https:\\\\drive.acme.example\\s",
            "https:/drive.acme.example/s",
            "https:///drive.acme.example/s",
            "https://drive.acme.example?x=1",
            "https://drive.acme.example#x",
            "[plan](https://drive.acme.example/s/1)",
            "<a href=\"https://drive.acme.example/s\">plan</a>",
            "https://drive.acme.example입니다",
            "파일은 https://drive.acme.example, 확인",
            "https://x.files.example/1",
            "https://a.b.files.example/1",
            "drive.acme.example/s/1",
            "(drive.acme.example)",
            "//drive.acme.example/s",
            "<a href=\"https&#58;//drive&period;acme.example/s\">plan</a>",
            "보세요:drive.acme.example/s",
            "x.files.example/1",
            "https://r.example/?u=https://drive.acme.example/s",
        ] {
            let kinds = kinds_of_text(&PlainText::of(text), &drives());
            assert!(kinds.contains(ContentKind::Drive), "{text}");
        }
    }

    #[test]
    fn a_link_elsewhere_is_a_link() {
        check("https://example.org/a", "link");
        check("http://example.org", "link");
        check("https://drive.acme.example.evil.example/s", "link");
        check("https://xdrive.acme.example/s", "link");
        check("https://drive.acme.example@evil.example/s", "link");
        check("https://files.example/1", "link");
        check("https://myfiles.example/1", "link");
        check("https://evil.example/drive.acme.example/s", "link");
        check("<https://例え.example/x>", "link");
    }

    #[test]
    fn words_are_no_content() {
        for text in [
            "",
            "hello",
            "안녕하세요, 3시에 봐요.",
            "こんにちは。明日は3時です。",
            "see file.txt and main.rs",
            "std::fmt::Display e.g. a.b.c",
            "the http: scheme and the https: scheme",
            "GET / HTTP/1.1\r\nHost: x",
            "data: 12, 13",
            "{\"data\":{\"type\":\"image\"},\"x\":[1,2]}",
            "metadata:image/png,yes",
            "let data:Vec<u8>, n",
            "the data:, prefix",
            "a card starts with BEGIN:VCARD, they say",
            "`BEGIN:VCARD`",
            "mail alice@drive.acme.example",
            "drive.acme.example.org",
            "my-drive.acme.example",
            "drive acme example",
            "BEGIN:VCALENDAR",
            "C:\\drive.acme.example",
            "drive&#95;acme&period;example &amp; more",
            "https://",
            "**bold** _it_ ~~no~~ | a | b |",
            "👩‍👩‍👧 ok",
        ] {
            check(text, "");
        }
    }

    #[test]
    fn a_file_or_card_inside_a_text_counts() {
        check("data:image/png;base64,iVBORw0KGgo=", "file");
        check("<img src=\"data:image/png;base64,iVBOR\">", "file");
        check("data:text/html,<b>x</b>", "file");
        check(
            "<img src=\"data&#x3a;image/png;base64&comma;iVBOR\">",
            "file",
        );
        check("DATA:;base64,AAAA", "file");
        check("BEGIN:VCARD\nVERSION:3.0\nFN:Mei\nEND:VCARD", "contacts");
        check("my card:\r\nbegin:vcard\r\nN:Mei", "contacts");
        check("> BEGIN:VCARD\n> FN:Mei", "contacts");
        check("ＢＥＧＩＮ：ＶＣＡＲＤ\nFN:Mei", "contacts");
    }

    #[test]
    fn a_value_that_is_a_link_is_one_even_without_a_scheme() {
        let check = |link: &str, expected: ContentKind| {
            assert_eq!(kind_of_link(link, &drives()), expected, "{link}");
        };
        check("https://example.org", ContentKind::Link);
        check("example.org/x", ContentKind::Link);
        check("mailto:a@example.org", ContentKind::Link);
        check("https://drive.acme.example/s", ContentKind::Drive);
        check("ftp://drive.acme.example/s", ContentKind::Drive);
        check("drive.acme.example/s", ContentKind::Drive);
        check("//drive.acme.example/s", ContentKind::Drive);
        check(" ht\ntps://drive.ac\tme.example/s", ContentKind::Drive);
        check("https:drive.acme.example/s", ContentKind::Drive);
        check("data:text/plain,x", ContentKind::File);
        check("\u{1}DATA:x", ContentKind::File);
        check("x:drive.acme.example\nmore", ContentKind::Drive);
    }

    #[test]
    fn only_hosts_are_taken_for_hosts() {
        let check = |host: &str, is_one: bool| {
            assert_eq!(DriveHosts::new([host]).is_ok(), is_one, "{host}");
        };
        check("drive.example", true);
        check("Drive.Example.", true);
        check("*.drive.example", true);
        check("드라이브.example", true);
        check("https://drive.example", false);
        check("drive.example/x", false);
        check("*", false);
        check("", false);
    }
    proptest! {
        #[test]
        fn a_text_in_references_holds_what_it_holds(
            parts in vec(select(&["https", ":", "/", "drive.acme.example", "data", "image/png,", "BEGIN:VCARD", "\n", "x", " ", "．", "김"][..]), 0..9),
        ) {
            let text = parts.concat();
            let letters = text.chars();
            let markup: String = letters.map(|c| format!("&#x{:x};", u32::from(c))).collect();
            let kinds = |text: &str| kinds_of_text(&PlainText::of(text), &drives());
            prop_assert_eq!(kinds(&markup), kinds(&text));
            let capitals = text.to_uppercase();
            prop_assert_eq!(kinds(&capitals), kinds(&text));
        }
    }
}
