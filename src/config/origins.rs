//! Where each setting was written: for whoever explains a verdict.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::view::View;
use crate::policy::settings::Network;
use crate::policy::{CompanyIx, NetworkIx};
use crate::yaml::{Document, Key, Node, Source};

/// A place in a file.
#[derive(Clone, Debug)]
pub struct Origin {
    source: Arc<Source>,
    at: usize,
}

/// Where the settings stand. It costs a few entries a company and network, whatever the number of
/// members: a list of them has one place.
#[derive(Clone, Debug, Default)]
pub struct Origins(HashMap<Slot, Origin>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Slot {
    company: Option<CompanyIx>,
    network: Option<NetworkIx>,
    /// The key; none: the network's own.
    key: Option<Box<str>>,
}

impl Origin {
    /// The file, as it was named.
    pub fn path(&self) -> &Path {
        &self.source.path
    }

    /// Line and column, from 1.
    pub fn position(&self) -> (usize, usize) {
        self.source.position(self.at)
    }
}

impl fmt::Display for Origin {
    /// `file:line`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path().display(), self.position().0)
    }
}

impl Origins {
    /// Where a company's setting for a network was written, if it was.
    pub fn setting(&self, company: CompanyIx, network: NetworkIx, key: &str) -> Option<&Origin> {
        self.get(Some(company), Some(network), Some(key))
    }

    /// Where a company begins to speak of a network, if it does.
    pub fn rules(&self, company: CompanyIx, network: NetworkIx) -> Option<&Origin> {
        self.get(Some(company), Some(network), None)
    }

    /// Where a key of a company's file stands: `company`, `members`, `suspended`, ….
    pub fn company(&self, company: CompanyIx, key: &str) -> Option<&Origin> {
        self.get(Some(company), None, Some(key))
    }

    /// Where a setting of a network was written in `gateway.yaml`, if it was.
    pub fn network(&self, network: NetworkIx, key: &str) -> Option<&Origin> {
        self.get(None, Some(network), Some(key))
    }

    fn get(
        &self,
        company: Option<CompanyIx>,
        network: Option<NetworkIx>,
        key: Option<&str>,
    ) -> Option<&Origin> {
        self.0.get(&Slot {
            company,
            network,
            key: key.map(Into::into),
        })
    }

    /// Puts down where the keys of `gateway.yaml` stand that speak of networks.
    pub(super) fn note_gateway(&mut self, document: &Document, networks: &[Network]) {
        let written = View::of(&document.root).key("networks");
        self.note_networks(document, None, written, networks);
    }

    /// Puts down where the keys of a company's file stand.
    pub(super) fn note_company(
        &mut self,
        company: CompanyIx,
        document: &Document,
        networks: &[Network],
    ) {
        let root = View::of(&document.root);
        for (key, _) in root.entries() {
            self.put(document, Some(company), None, Some(key), key);
        }
        let written = root.key("external_messaging");
        self.note_networks(document, Some(company), written, networks);
    }

    fn note_networks(
        &mut self,
        document: &Document,
        company: Option<CompanyIx>,
        written: View<'_>,
        networks: &[Network],
    ) {
        for (name, node) in written.entries() {
            let at = networks.iter().position(|it| it.id.as_str() == name.text);
            let Some(network) = at.and_then(|at| u8::try_from(at).ok()).map(NetworkIx) else {
                continue;
            };
            self.put(document, company, Some(network), None, name);
            for (key, _) in entries(node) {
                self.put(document, company, Some(network), Some(key), key);
            }
        }
    }

    fn put(
        &mut self,
        document: &Document,
        company: Option<CompanyIx>,
        network: Option<NetworkIx>,
        key: Option<&Key>,
        at: &Key,
    ) {
        let slot = Slot {
            company,
            network,
            key: key.map(|key| key.text.as_str().into()),
        };
        let origin = Origin {
            source: Arc::clone(&document.source),
            at: at.span.start,
        };
        self.0.insert(slot, origin);
    }
}

fn entries(node: &Node) -> &[(Key, Node)] {
    View::of(node).entries()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{Budget, parse};

    const ACME: CompanyIx = CompanyIx(0);
    const LINE: NetworkIx = NetworkIx(0);

    fn origins(members: &str) -> Origins {
        let text = format!(
            "company: acme\nmembers: [{members}]\nexternal_messaging:\n  line:\n    connect: allow\n"
        );
        let document = parse(Source::new("acme.yaml", text), Budget::default()).unwrap();
        let network = Network {
            id: "line".into(),
            requires_contact: false,
            restricted_kinds: crate::policy::KindSet::EMPTY,
        };
        let mut origins = Origins::default();
        origins.note_company(ACME, &document, &[network]);
        origins
    }

    fn check(found: Option<&Origin>, expected: Option<&str>) {
        assert_eq!(found.map(Origin::to_string), expected.map(str::to_owned));
    }

    #[test]
    fn a_setting_is_found_where_it_was_written() {
        let origins = origins("alice");
        check(origins.setting(ACME, LINE, "connect"), Some("acme.yaml:5"));
        check(origins.setting(ACME, LINE, "permission"), None);
        check(origins.rules(ACME, LINE), Some("acme.yaml:4"));
        check(origins.rules(ACME, NetworkIx(1)), None);
        check(origins.company(ACME, "members"), Some("acme.yaml:2"));
        check(origins.company(CompanyIx(1), "members"), None);
    }

    #[test]
    fn members_have_no_origin_each() {
        let many: Vec<String> = (0..500).map(|at| format!("member-{at}")).collect();
        assert_eq!(origins(&many.join(", ")).0.len(), origins("alice").0.len());
    }
}
