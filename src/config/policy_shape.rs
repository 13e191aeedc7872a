//! What a company's policy file may hold.

use super::words::{
    CONNECT_WORDS, ENCRYPTED_WORDS, HISTORY_WORDS, KIND_WORDS, PERMISSION_WORDS, RESTRICT_WORDS,
};
use crate::yaml::shape::Kind::{Bool, List, ListOr, Mapping, Named, OneOrMany, Path, Text, Word};
use crate::yaml::shape::Presence::{Default, Optional, Required};
use crate::yaml::shape::{Field, Shape};

/// One company's policy file.
pub static POLICY: Shape = Shape {
    title: "Borderpost: one company's policy (policy/*.yaml)",
    fields: &[
        Field::new("company", Text, Required, "the company's id"),
        Field::new(
            "name",
            Text,
            Optional,
            "its name for people; without this key, the id",
        ),
        Field::new(
            "members",
            ListOr(&Text, &MEMBERS),
            Optional,
            "who belongs to it",
        ),
        Field::new(
            "suspended",
            ListOr(&Text, &IDS),
            Optional,
            "members who are as revoked, reversibly",
        ),
        Field::new(
            "external_messaging",
            Named("a network's id", &Mapping(&RULES)),
            Optional,
            "what the company says of each network; one it says nothing of is denied",
        ),
        Field::new(
            "contacts",
            ListOr(&List(&Text), &PAIRS),
            Optional,
            "contacts between members and peers: `[[member, peer], …]`",
        ),
    ],
};

const ID_FILE: Field = Field::new(
    "file",
    Path,
    Optional,
    "a text file, one id a line; `#` begins a comment",
);

static MEMBERS: Shape = Shape {
    title: "members",
    fields: &[
        Field::new("list", List(&Text), Optional, "ids"),
        ID_FILE,
        Field::new(
            "match",
            OneOrMany(&Text),
            Optional,
            "patterns of ids: `*` any characters, `?` one; who is listed in a company belongs there all the same",
        ),
    ],
};

static IDS: Shape = Shape {
    title: "ids",
    fields: &[Field::new("list", List(&Text), Optional, "ids"), ID_FILE],
};

static PAIRS: Shape = Shape {
    title: "pairs",
    fields: &[
        Field::new(
            "list",
            List(&List(&Text)),
            Optional,
            "pairs of a member and a peer",
        ),
        Field::new(
            "file",
            Path,
            Optional,
            "a text file, a member's id and a peer's a line; `#` begins a comment",
        ),
    ],
};

static RULES: Shape = Shape {
    title: "what a company says of a network",
    fields: &[
        Field::new("connect", Word(&CONNECT_WORDS), Required, "the switch"),
        Field::new(
            "permission",
            Word(&PERMISSION_WORDS),
            Default("by_member"),
            "who of the members may use it",
        ),
        Field::new(
            "auto_grant_new_members",
            Bool,
            Default("false"),
            "whether members get a grant when they first appear; only together with by_member",
        ),
        Field::new(
            "restrict_attachments",
            Word(&RESTRICT_WORDS),
            Default("true"),
            "whether attachments are blocked: both ways, not, or outbound only",
        ),
        Field::new(
            "restricted_kinds",
            List(&Word(&KIND_WORDS)),
            Optional,
            "what the restriction covers; without this key, what the network says",
        ),
        Field::new(
            "encrypted_rooms",
            Word(&ENCRYPTED_WORDS),
            Default("auto"),
            "content that can't be read: refused, passed, or refused while attachments are restricted or the audit must hold content",
        ),
        Field::new(
            "history_on_external",
            Word(&HISTORY_WORDS),
            Default("refuse"),
            "whether a room's past may become visible outside when the room becomes external",
        ),
        Field::new(
            "greeting",
            Mapping(&GREETING),
            Optional,
            "sent once to a new contact",
        ),
        Field::new(
            "connected_members",
            ListOr(&Text, &IDS),
            Optional,
            "members who hold a grant under by_member",
        ),
    ],
};

static GREETING: Shape = Shape {
    title: "the greeting",
    fields: &[
        Field::new("enabled", Bool, Default("true"), "whether it is sent"),
        Field::new(
            "messages",
            List(&Text),
            Default("[]"),
            "5 at most; `{member}`, `{company}` and `{peer}` stand for names",
        ),
    ],
};
