//! The words that the files use, each with what it means.

use super::sections::{LogFormat, LogLevel};
use crate::gateway::settings::{ClientCertificate, UpstreamHttp};
use crate::policy::ContentKind;
use crate::policy::settings::{Connect, EncryptedRooms, History, Permission, Restrict};

/// Words of `client_certificate`.
pub(super) const CLIENT_CERTIFICATE: [(&str, ClientCertificate); 2] = [
    ("optional", ClientCertificate::Optional),
    ("required", ClientCertificate::Required),
];
pub(super) const CLIENT_CERTIFICATE_WORDS: [&str; 2] = words(&CLIENT_CERTIFICATE);

/// Words of the upstream's `http`.
pub(super) const UPSTREAM_HTTP: [(&str, UpstreamHttp); 2] = [
    ("http1", UpstreamHttp::Http1),
    ("http2", UpstreamHttp::Http2),
];
pub(super) const UPSTREAM_HTTP_WORDS: [&str; 2] = words(&UPSTREAM_HTTP);

/// Words of the log's `format`.
pub(super) const LOG_FORMAT: [(&str, LogFormat); 2] =
    [("text", LogFormat::Text), ("json", LogFormat::Json)];
pub(super) const LOG_FORMAT_WORDS: [&str; 2] = words(&LOG_FORMAT);

/// Words of the log's `level`.
pub(super) const LOG_LEVEL: [(&str, LogLevel); 5] = [
    ("error", LogLevel::Error),
    ("warn", LogLevel::Warn),
    ("info", LogLevel::Info),
    ("debug", LogLevel::Debug),
    ("trace", LogLevel::Trace),
];
pub(super) const LOG_LEVEL_WORDS: [&str; 5] = words(&LOG_LEVEL);

/// Words of `connect`.
pub(super) const CONNECT: [(&str, Connect); 2] =
    [("allow", Connect::Allow), ("deny", Connect::Deny)];
pub(super) const CONNECT_WORDS: [&str; 2] = words(&CONNECT);

/// Words of `permission`.
pub(super) const PERMISSION: [(&str, Permission); 2] = [
    ("by_member", Permission::ByMember),
    ("all_members", Permission::AllMembers),
];
pub(super) const PERMISSION_WORDS: [&str; 2] = words(&PERMISSION);

/// Words of `restrict_attachments`.
pub(super) const RESTRICT: [(&str, Restrict); 3] = [
    ("true", Restrict::Both),
    ("false", Restrict::Nothing),
    ("outbound", Restrict::Outbound),
];
pub(super) const RESTRICT_WORDS: [&str; 3] = words(&RESTRICT);

/// Words of `encrypted_rooms`.
pub(super) const ENCRYPTED: [(&str, EncryptedRooms); 3] = [
    ("auto", EncryptedRooms::Auto),
    ("refuse", EncryptedRooms::Refuse),
    ("pass", EncryptedRooms::Pass),
];
pub(super) const ENCRYPTED_WORDS: [&str; 3] = words(&ENCRYPTED);

/// Words of `history_on_external`.
pub(super) const HISTORY: [(&str, History); 2] =
    [("refuse", History::Refuse), ("allow", History::Allow)];
pub(super) const HISTORY_WORDS: [&str; 2] = words(&HISTORY);

/// The kinds that a restriction can name. A call follows permission alone, words are no attachment,
/// and what can't be read or classified is restricted without being named.
pub(super) const KINDS: [(&str, ContentKind); 8] = [
    kind(ContentKind::Sticker),
    kind(ContentKind::Location),
    kind(ContentKind::Link),
    kind(ContentKind::Camera),
    kind(ContentKind::Contacts),
    kind(ContentKind::Drive),
    kind(ContentKind::Template),
    kind(ContentKind::File),
];
pub(super) const KIND_WORDS: [&str; 8] = words(&KINDS);

const fn kind(kind: ContentKind) -> (&'static str, ContentKind) {
    (kind.as_str(), kind)
}

#[expect(
    clippy::indexing_slicing,
    reason = "runs while compiling only, within N"
)]
const fn words<T, const N: usize>(table: &[(&'static str, T); N]) -> [&'static str; N] {
    let mut words = [""; N];
    let mut at = 0;
    while at < N {
        words[at] = table[at].0;
        at += 1;
    }
    words
}
