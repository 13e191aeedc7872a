//! What to look for in a body: a small automaton over JSON paths, compiled from shapes.

use std::sync::Arc;

use super::words::Words;
use crate::policy::{Act, ContentKind};

/// A compiled way to read one kind of body. Nodes may form cycles: a quoted message is a message.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The states.
    pub nodes: Vec<Node>,
    /// The words of the dialect that discriminators, ids and links are looked up in.
    pub words: Arc<Words>,
    /// Where reading starts.
    pub root: Edge,
    /// Where a tombstone is put, by its index: keys from the root inward.
    pub graves: Vec<Vec<Box<str>>>,
}

/// Where a node stands in [`Program::nodes`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeIx(pub u32);

/// A step to a value: the state it is read in, and the scope it opens, if any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    /// The state.
    pub node: NodeIx,
    /// The scope.
    pub opens: Option<Opens>,
}

/// A scope: a stretch of the body that is judged or masked as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opens {
    /// What it is.
    pub scope: ScopeKind,
    /// For a person: in which part the person appears here.
    pub part: Part,
    /// What becomes of it where the person, or somebody whom its words name, is unknown to the
    /// viewer.
    pub unknown: Unknown,
}

/// What a scope is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeKind {
    /// Something that is in a place and is judged: a message, a room, a file, an invitation.
    Item,
    /// The description of one person.
    Person,
}

/// What becomes of the description of a person who is unknown, and of an item whose words name one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// It stays, masked.
    Masked,
    /// It is dropped, with the element of a list that it stands in: a search result would tell that
    /// the person exists, or which words are masked.
    Dropped,
}

/// The part in which a person appears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Is spoken of: a mention, a reader, a reaction.
    Named,
    /// Wrote the item.
    Author,
    /// Is in the place.
    Member,
    /// Would come in, or has been asked to.
    Invitee,
    /// Has come in.
    Joiner,
    /// Goes, or has gone.
    Leaver,
    /// Stands on the other side of a contact that is made.
    Contact,
    /// Is in the place; others may be, too.
    Present,
    /// Is whom the item describes: attributes in it are theirs, and a word beside can tell the part.
    Subject,
    /// Is sent this directly, in no place.
    Addressee,
    /// Does it, on a leg where a server says for whom it speaks.
    Actor,
}

impl Part {
    /// Whether an id that looks like nobody's is none, because what stands there need not be about a
    /// person.
    pub fn is_told_by_looks(self) -> bool {
        matches!(self, Part::Subject | Part::Present)
    }
}

/// One state: what the value here means, and where its members and elements lead.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// What the value itself means; several may hold.
    pub meanings: Vec<Meaning>,
    /// Keys with a meaning, sorted.
    pub keys: Vec<(Box<str>, Edge)>,
    /// Every key that is not named is an id with this meaning; its member can be dropped.
    pub captured: Option<(Meaning, Edge)>,
    /// Every key that is not named, where keys are no ids.
    pub rest: Option<Edge>,
    /// Every element of an array here; elements can be dropped.
    pub elements: Option<Edge>,
    /// A string here holds JSON, read from this step (`!json`).
    pub embedded: Option<Edge>,
    /// This array's name, for counts that follow its length.
    pub list: Option<ListIx>,
    /// What is due here.
    pub due: Due,
}

/// Which types of value the shape speaks of at one place. `null` is always due: it is nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Words and numbers.
    pub scalar: bool,
    /// `true` and `false`.
    pub boolean: bool,
    /// Arrays.
    pub array: bool,
    /// Objects.
    pub object: bool,
}

impl Due {
    /// Nothing yet.
    pub const NOTHING: Self = Self {
        scalar: false,
        boolean: false,
        array: false,
        object: false,
    };
    /// Whatever it may be.
    pub const ANYTHING: Self = Self {
        scalar: true,
        boolean: true,
        array: true,
        object: true,
    };
}

impl Default for Due {
    fn default() -> Self {
        Self::ANYTHING
    }
}

impl Meaning {
    /// What can have this meaning. That something is there, or is no known word, can be told of a
    /// value of any type.
    pub(super) fn due(self) -> Due {
        match self {
            Self::CountsAs(_)
            | Self::FileRef
            | Self::ActIs(_)
            | Self::Kind(_)
            | Self::Encryption
            | Self::HistoryVisible
            | Self::Never
            | Self::Needs(_)
            | Self::Tombstone(_)
            | Self::Grave(..)
            | Self::Stripped => Due::ANYTHING,
            Self::Withheld | Self::Dropped => Due::NOTHING,
            Self::Page(_) => Due {
                array: true,
                ..Due::NOTHING
            },
            Self::Place(_) | Self::Person(_) | Self::Thing(_) => Due {
                scalar: true,
                ..Due::NOTHING
            },
            Self::Text
            | Self::Only(_)
            | Self::Link
            | Self::FileName
            | Self::MediaType
            | Self::Attribute(_)
            | Self::Button(_)
            | Self::Count(_)
            | Self::Shown(_)
            | Self::Limit(_)
            | Self::Sum(_)
            | Self::Addend(_)
            | Self::Part(_)
            | Self::OwnUrl => Due {
                scalar: true,
                boolean: true,
                ..Due::NOTHING
            },
        }
    }

    /// Whether the value is words that somebody wrote, or what is said of a file.
    pub(super) fn is_words(self) -> bool {
        matches!(
            self,
            Self::Text | Self::Link | Self::FileName | Self::MediaType
        )
    }
}

/// A list whose length a count tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ListIx(pub u16);

/// A sum that is told apart from its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SumIx(pub u16);

/// A place of the dialect (`room`, `group`, `board`): which of its sorts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlaceIx(pub u8);

/// A thing of the dialect (`message`, `file`): which of its sorts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ThingIx(pub u8);

/// A table of kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KindTableIx(pub u16);

/// A table of parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartTableIx(pub u16);

/// A choice of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChoiceIx(pub u16);

/// A place where tombstones are put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GraveIx(pub u16);

/// What stands somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The id of a place.
    Place(PlaceIx),
    /// The id of a person.
    Person(Part),
    /// The id of a thing: in a request it is looked up, in an answer it is the id of the item here.
    Thing(ThingIx),
    /// A word that tells what the item is.
    Kind(KindTableIx),
    /// That it is there (and not null, false or empty) makes the item this kind.
    CountsAs(ContentKind),
    /// Words: links in it are looked at, names of unknown people are masked.
    Text,
    /// A link: into a drive, or anywhere.
    Link,
    /// A file's name.
    FileName,
    /// A file's media type.
    MediaType,
    /// That it is there (and not null, false or empty) is a file, of the kind that name and type tell.
    FileRef,
    /// An attribute of the person in scope.
    Attribute(Mask),
    /// A function button: `false` where the viewer may not send this kind.
    Button(ContentKind),
    /// How many elements the list has, here or in all: lowered by as many as are dropped.
    Count(ListIx),
    /// How many elements the list shows. What is beyond them is not told, since a number could tell
    /// that something is there which the list does not show.
    Shown(ListIx),
    /// An array that is a page: cut to as many elements as were asked for, of those that are shown.
    Page(ListIx),
    /// In a request, how many elements of the page are wanted: the upstream is asked for this many,
    /// the most there can be, and what goes beyond the wish is cut here, when all that is hidden has
    /// gone. An upstream that counted what is hidden would tell by a short page that it is there.
    Limit(u32),
    /// A sum: lowered by the parts that are dropped.
    Sum(SumIx),
    /// A part of a sum.
    Addend(SumIx),
    /// That it is there (and not null, false or empty) makes the act this one.
    ActIs(Act),
    /// What gives way to the placeholder when the item is withheld.
    Withheld,
    /// Whether newcomers can read what was said before they came.
    HistoryVisible,
    /// Whether content here is encrypted end to end from now on.
    Encryption,
    /// A word that tells in which part the subject of the item appears.
    Part(PartTableIx),
    /// The element goes where the person whose id it is, is unknown.
    Dropped,
    /// What no request may have (that is not null, false or empty).
    Never,
    /// A word that a request may have only if it is one of this choice.
    Only(ChoiceIx),
    /// An object that a request may have only with a word of this choice in it.
    Needs(ChoiceIx),
    /// What is taken out of requests and answers, whoever reads them.
    Stripped,
    /// An address of the upstream itself: clients are told the gateway's.
    OwnUrl,
    /// Where the item that is this member goes, a client that had it before is told so.
    Tombstone(GraveIx),
    /// An object on the way to where tombstones are put: so many keys from the root.
    Grave(GraveIx, u8),
}

/// How an attribute of an unknown person is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mask {
    /// As the dialect's word for unknown.
    Masked,
    /// As `null`.
    Cleared,
    /// As an empty string.
    Emptied,
    /// Not at all: the member is taken out.
    Removed,
}
