//! Small sets of networks and of content kinds: one bit each, so that a decision allocates nothing.

use super::words::{ContentKind, NetworkIx};

/// The most networks an installation may declare: one bit each in a [`NetworkSet`].
pub const NETWORKS_MAX: usize = 16;

/// A set of networks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NetworkSet(pub u16);

impl NetworkSet {
    /// No network.
    pub const EMPTY: Self = Self(0);

    /// The bit of a network; none for an index of [`NETWORKS_MAX`] or more.
    fn bit(network: NetworkIx) -> u16 {
        1_u16.checked_shl(u32::from(network.0)).unwrap_or(0)
    }

    /// Takes `network` in. An index of [`NETWORKS_MAX`] or more has no place in a set, and
    /// [`contains`](Self::contains) stays false for it.
    pub fn insert(&mut self, network: NetworkIx) {
        self.0 |= Self::bit(network);
    }

    /// Takes `network` out.
    pub fn remove(&mut self, network: NetworkIx) {
        self.0 &= !Self::bit(network);
    }

    /// Whether `network` is in it.
    pub fn contains(self, network: NetworkIx) -> bool {
        self.0 & Self::bit(network) != 0
    }

    /// Whether there is none in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many there are.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Those in either.
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those in both.
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Each of them, by index.
    pub fn iter(self) -> impl Iterator<Item = NetworkIx> {
        // The index of a bit of 16 fits a byte.
        (0_u8..16).map(NetworkIx).filter(move |&n| self.contains(n))
    }
}

impl FromIterator<NetworkIx> for NetworkSet {
    fn from_iter<I: IntoIterator<Item = NetworkIx>>(networks: I) -> Self {
        let mut set = Self::EMPTY;
        networks.into_iter().for_each(|network| set.insert(network));
        set
    }
}

/// A set of content kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct KindSet(pub u16);

impl KindSet {
    /// No kind: an act without content.
    pub const EMPTY: Self = Self(0);

    /// The bit of a kind.
    const fn bit(kind: ContentKind) -> u16 {
        1 << (kind as u8)
    }

    /// The set of one kind.
    pub const fn of(kind: ContentKind) -> Self {
        Self(Self::bit(kind))
    }

    /// Every kind.
    pub fn all() -> Self {
        ContentKind::ALL.iter().copied().collect()
    }

    /// Takes `kind` in.
    pub fn insert(&mut self, kind: ContentKind) {
        self.0 |= Self::bit(kind);
    }

    /// Takes `kind` out.
    pub fn remove(&mut self, kind: ContentKind) {
        self.0 &= !Self::bit(kind);
    }

    /// Whether `kind` is in it.
    pub const fn contains(self, kind: ContentKind) -> bool {
        self.0 & Self::bit(kind) != 0
    }

    /// Whether there is none in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many there are.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Those in either.
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those in both.
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Each of them, the most harmless first.
    pub fn iter(self) -> impl Iterator<Item = ContentKind> {
        ContentKind::ALL
            .iter()
            .copied()
            .filter(move |&kind| self.contains(kind))
    }

    /// The worst of them, which decides.
    pub fn worst(self) -> Option<ContentKind> {
        self.iter().max()
    }
}

impl FromIterator<ContentKind> for KindSet {
    fn from_iter<I: IntoIterator<Item = ContentKind>>(kinds: I) -> Self {
        let mut set = Self::EMPTY;
        kinds.into_iter().for_each(|kind| set.insert(kind));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(of: &[u8]) -> NetworkSet {
        of.iter().copied().map(NetworkIx).collect()
    }

    #[test]
    fn a_network_set_holds_what_was_put_in_and_nothing_else() {
        let mut set = networks(&[0, 15]);
        assert!(set.contains(NetworkIx(0)) && set.contains(NetworkIx(15)));
        assert!(!set.contains(NetworkIx(1)));
        assert_eq!(set.len(), 2);
        assert_eq!(
            set.iter().collect::<Vec<_>>(),
            [NetworkIx(0), NetworkIx(15)]
        );
        set.remove(NetworkIx(15));
        assert_eq!(set, networks(&[0]));
        assert!(!set.is_empty() && NetworkSet::EMPTY.is_empty());
    }

    #[test]
    fn a_network_beyond_the_limit_is_in_no_set() {
        let edge = u8::try_from(NETWORKS_MAX).unwrap();
        for (network, holds) in [(edge - 1, true), (edge, false), (edge + 1, false)] {
            let set = networks(&[network]);
            assert_eq!(set.contains(NetworkIx(network)), holds, "{network}");
            assert_eq!(set.iter().count(), usize::from(holds), "{network}");
        }
    }

    #[test]
    fn network_sets_unite_and_intersect() {
        let (a, b) = (networks(&[1, 2]), networks(&[2, 3]));
        assert_eq!(a.union(b), networks(&[1, 2, 3]));
        assert_eq!(a.intersection(b), networks(&[2]));
    }

    #[test]
    fn a_kind_set_holds_what_was_put_in_and_nothing_else() {
        let mut set: KindSet = [ContentKind::Other, ContentKind::Text]
            .into_iter()
            .collect();
        assert!(set.contains(ContentKind::Text) && set.contains(ContentKind::Other));
        assert!(!set.contains(ContentKind::File));
        assert_eq!(set.len(), 2);
        assert_eq!(
            set.iter().collect::<Vec<_>>(),
            [ContentKind::Text, ContentKind::Other]
        );
        set.remove(ContentKind::Text);
        assert_eq!(set, KindSet::of(ContentKind::Other));
        assert!(!set.is_empty() && KindSet::EMPTY.is_empty());
    }

    #[test]
    fn kind_sets_unite_and_intersect() {
        let (a, b) = (KindSet::of(ContentKind::File), KindSet::all());
        assert_eq!(a.union(KindSet::EMPTY), a);
        assert_eq!(a.union(b), b);
        assert_eq!(a.intersection(b), a);
        assert_eq!(
            a.intersection(KindSet::of(ContentKind::Text)),
            KindSet::EMPTY
        );
        assert_eq!(b.len(), ContentKind::ALL.len());
    }

    #[test]
    fn the_worst_kind_is_the_last_declared() {
        let set: KindSet = [ContentKind::Drive, ContentKind::Camera]
            .into_iter()
            .collect();
        assert_eq!(set.worst(), Some(ContentKind::Drive));
        assert_eq!(KindSet::EMPTY.worst(), None);
    }
}
