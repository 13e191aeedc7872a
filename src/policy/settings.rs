//! What administrators decided, as meant: per company, per network.

use super::words::{CompanyId, CompanyIx, ContentKind, KindSet, NetworkId, NetworkIx};

/// The whole policy of an installation: its networks and its companies' settings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// The networks, in the order of their [`NetworkIx`].
    pub networks: Vec<Network>,
    /// The companies, in the order of their [`CompanyIx`].
    pub companies: Vec<Company>,
    /// The network by which members of different companies reach one another (`works`), if any.
    pub between_companies: Option<NetworkIx>,
}

/// An outside world.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// Its id in YAML, metrics and the audit.
    pub id: NetworkId,
    /// Whether talking needs a contact between the member and the peer (rule 3).
    pub requires_contact: bool,
    /// What an attachment restriction covers here, unless a company says otherwise.
    pub restricted_kinds: KindSet,
}

/// One company.
#[derive(Clone, Debug, PartialEq)]
pub struct Company {
    /// Its id.
    pub id: CompanyId,
    /// Its name for people.
    pub name: String,
    /// Its rules for each network, by [`NetworkIx`]; `None`: it says nothing of it, so it is denied.
    pub rules: Vec<Option<Rules>>,
}

/// What one company says of one network.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// The switch.
    pub connect: Connect,
    /// Who may use the network.
    pub permission: Permission,
    /// Whether members get a grant when they first appear. Only together with `by_member`.
    pub auto_grant_new_members: bool,
    /// What the attachment restriction covers.
    pub restrict_attachments: Restrict,
    /// The company's own list of restricted kinds, else the network's.
    pub restricted_kinds: Option<KindSet>,
    /// What happens to content that can't be read.
    pub encrypted_rooms: EncryptedRooms,
    /// Whether a room's history may become visible outside when the room becomes external (rule 6).
    pub history_on_external: History,
    /// The greeting for a new contact; empty: none.
    pub greeting: Vec<String>,
}

/// A company's switch for a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connect {
    /// Permitted members may use it.
    Allow,
    /// Nobody may.
    Deny,
}

/// Who of the members may use a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Everyone.
    AllMembers,
    /// Those with a grant.
    ByMember,
}

/// Which direction an attachment restriction covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restrict {
    /// None.
    Nothing,
    /// What members send out.
    Outbound,
    /// What members send out and what comes in.
    Both,
}

/// What happens to content that is encrypted end to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncryptedRooms {
    /// Refused while attachments are restricted or the audit must hold content; else passed.
    Auto,
    /// Always refused.
    Refuse,
    /// Passed unread.
    Pass,
}

/// Whether the past of a room may be read by those who come in from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum History {
    /// A room with a history that newcomers can read does not become external.
    Refuse,
    /// It may.
    Allow,
}

/// Which way an act goes, as seen by one company.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From a member to the outside.
    Outbound,
    /// From the outside to members.
    Inbound,
}

impl Settings {
    /// The rules of `company` for `network`, if it has any.
    pub fn rules(&self, company: CompanyIx, network: NetworkIx) -> Option<&Rules> {
        self.companies
            .get(usize::from(company.0))?
            .rules
            .get(usize::from(network.0))?
            .as_ref()
    }

    /// A network by its index.
    pub fn network(&self, network: NetworkIx) -> Option<&Network> {
        self.networks.get(usize::from(network.0))
    }

    /// Whether talking on `network` needs a contact. One that is not declared needs it.
    pub fn requires_contact(&self, network: NetworkIx) -> bool {
        self.network(network)
            .is_none_or(|network| network.requires_contact)
    }

    /// The kinds that an attachment restriction of `rules` covers on `network`.
    ///
    /// What could not be classified is always among them, and a call never is: it follows
    /// permission alone. On a network that is not declared, every other kind is.
    pub fn restricted_kinds(&self, rules: Option<&Rules>, network: NetworkIx) -> KindSet {
        let mut kinds = rules
            .and_then(|rules| rules.restricted_kinds)
            .or_else(|| {
                self.network(network)
                    .map(|network| network.restricted_kinds)
            })
            .unwrap_or_else(KindSet::all);
        kinds.insert(ContentKind::Other);
        kinds.remove(ContentKind::Call);
        kinds
    }
}

impl Rules {
    /// Whether content that can't be read is refused (rule 4).
    ///
    /// `auto` refuses while attachments are restricted or the audit must hold content. The audit
    /// holds every decision of an external room with its message, and these rules are only asked
    /// about external rooms: so `auto` refuses, until an installation can record without content.
    pub const fn refuses_encrypted(&self) -> bool {
        match self.encrypted_rooms {
            EncryptedRooms::Auto | EncryptedRooms::Refuse => true,
            EncryptedRooms::Pass => false,
        }
    }
}

impl Restrict {
    /// Whether the restriction covers what goes this way (rule 5).
    pub const fn covers(self, direction: Direction) -> bool {
        match (self, direction) {
            (Self::Both, _) | (Self::Outbound, Direction::Outbound) => true,
            (Self::Nothing, _) | (Self::Outbound, Direction::Inbound) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_that_is_not_declared_is_as_strict_as_can_be() {
        let settings = Settings::default();
        let network = NetworkIx(0);
        assert_eq!(settings.network(network), None);
        assert_eq!(settings.rules(CompanyIx(0), network), None);
        assert!(settings.requires_contact(network));
        let mut restricted = KindSet::all();
        restricted.remove(ContentKind::Call);
        assert_eq!(settings.restricted_kinds(None, network), restricted);
    }
}
