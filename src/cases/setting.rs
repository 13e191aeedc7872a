//! The settings of a story: networks, companies, and what a case has otherwise.

use super::reader::{Reader, get, is_nothing};
use crate::policy::settings::{
    Company, Connect, EncryptedRooms, History, Network, Permission, Restrict, Rules,
};
use crate::policy::words::NETWORKS_MAX;
use crate::policy::{CompanyIx, ContentKind, KindSet, NetworkIx, NetworkSet, Settings};
use crate::yaml::Node;

const SWITCH: &[(&str, bool)] = &[("true", true), ("false", false)];

/// What a company says of a network until it says more: as strict as can be.
const STRICTEST: Rules = Rules {
    connect: Connect::Deny,
    permission: Permission::ByMember,
    auto_grant_new_members: false,
    restrict_attachments: Restrict::Both,
    restricted_kinds: None,
    encrypted_rooms: EncryptedRooms::Auto,
    history_on_external: History::Refuse,
    greeting: Vec::new(),
};

/// The settings of the story at `root`, upon those it is told of.
pub(super) fn read_settings(reader: &mut Reader<'_>, root: &Node, base: &Settings) -> Settings {
    let mut settings = base.clone();
    if let Some(networks) = get(root, "networks") {
        read_networks(reader, networks, &mut settings);
    }
    if let Some(between) = get(root, "between_companies") {
        settings.between_companies = (!is_nothing(between))
            .then(|| network(reader, &settings, between))
            .flatten();
    }
    if let Some(companies) = get(root, "companies") {
        for (key, rules) in reader.entries(companies, "companies") {
            let at = company_or_new(&mut settings, &key.text);
            read_company(reader, rules, &mut settings, at);
        }
    }
    settings
}

/// The settings with what a case has otherwise.
pub(super) fn read_given(reader: &mut Reader<'_>, given: &Node, base: &Settings) -> Settings {
    let mut settings = base.clone();
    for (key, rules) in reader.entries(given, "`given`") {
        match company_named(&settings, &key.text) {
            Some(at) => read_company(reader, rules, &mut settings, usize::from(at.0)),
            None => reader.wrong(
                rules,
                format!("there is no company `{}`", key.text),
                "name one of the story's companies",
            ),
        }
    }
    settings
}

fn read_networks(reader: &mut Reader<'_>, node: &Node, settings: &mut Settings) {
    for (key, value) in reader.entries(node, "networks") {
        reader.only(
            value,
            "a network",
            &["requires_contact", "restricted_kinds"],
        );
        let requires_contact = get(value, "requires_contact")
            .and_then(|node| reader.choice(node, "`requires_contact`", SWITCH));
        let restricted = get(value, "restricted_kinds").map(|node| read_kinds(reader, node));
        let network = Network {
            id: key.text.as_str().into(),
            requires_contact: requires_contact.unwrap_or(true),
            restricted_kinds: restricted.unwrap_or_else(KindSet::all),
        };
        let at = settings.networks.iter().position(|it| it.id == network.id);
        let at = at.unwrap_or(settings.networks.len());
        if at == NETWORKS_MAX {
            let message = format!("there are more than {NETWORKS_MAX} networks");
            reader.wrong(value, message, "declare fewer");
            return;
        }
        match settings.networks.get_mut(at) {
            Some(known) => *known = network,
            None => settings.networks.push(network),
        }
    }
}

fn company_or_new(settings: &mut Settings, id: &str) -> usize {
    let known = settings
        .companies
        .iter()
        .position(|it| it.id.as_str() == id);
    known.unwrap_or_else(|| {
        settings.companies.push(Company {
            id: id.into(),
            name: id.to_owned(),
            rules: Vec::new(),
        });
        settings.companies.len() - 1
    })
}

/// Reads what a company says of each network, upon what it says already.
fn read_company(reader: &mut Reader<'_>, node: &Node, settings: &mut Settings, at: usize) {
    for (key, value) in reader.entries(node, "a company") {
        let Some(network) = network_named(settings, &key.text) else {
            let known = settings.networks.iter().map(|it| it.id.as_str());
            reader.no_such(value, "a network", &key.text, known);
            continue;
        };
        let Some(company) = settings.companies.get_mut(at) else {
            continue;
        };
        let network = usize::from(network.0);
        if company.rules.len() <= network {
            company.rules.resize(network + 1, None);
        }
        if let Some(rules) = company.rules.get_mut(network) {
            let says_nothing = is_nothing(value) || value.as_text() == Some("nothing");
            *rules = (!says_nothing)
                .then(|| read_rules(reader, value, rules.clone().unwrap_or(STRICTEST)));
        }
    }
}

fn read_rules(reader: &mut Reader<'_>, node: &Node, mut rules: Rules) -> Rules {
    for (key, value) in reader.entries(node, "what a company says of a network") {
        let name = format!("`{}`", key.text);
        match key.text.as_str() {
            "connect" => {
                let words = [("allow", Connect::Allow), ("deny", Connect::Deny)];
                set(&mut rules.connect, reader.choice(value, &name, &words));
            }
            "permission" => {
                let words = [
                    ("all_members", Permission::AllMembers),
                    ("by_member", Permission::ByMember),
                ];
                set(&mut rules.permission, reader.choice(value, &name, &words));
            }
            "auto_grant_new_members" => {
                let chosen = reader.choice(value, &name, SWITCH);
                set(&mut rules.auto_grant_new_members, chosen);
            }
            "restrict_attachments" => {
                let words = [
                    ("true", Restrict::Both),
                    ("false", Restrict::Nothing),
                    ("outbound", Restrict::Outbound),
                ];
                let chosen = reader.choice(value, &name, &words);
                set(&mut rules.restrict_attachments, chosen);
            }
            "restricted_kinds" => rules.restricted_kinds = Some(read_kinds(reader, value)),
            "encrypted_rooms" => {
                let words = [
                    ("auto", EncryptedRooms::Auto),
                    ("refuse", EncryptedRooms::Refuse),
                    ("pass", EncryptedRooms::Pass),
                ];
                set(&mut rules.encrypted_rooms, reader.choice(value, &name, &words));
            }
            "history_on_external" => {
                let words = [("refuse", History::Refuse), ("allow", History::Allow)];
                let chosen = reader.choice(value, &name, &words);
                set(&mut rules.history_on_external, chosen);
            }
            "greeting" => rules.greeting = read_greeting(reader, value),
            _ => reader.wrong(
                value,
                format!("there is no setting {name}"),
                "write the settings of a company's `external_messaging`, without the lists of members",
            ),
        }
    }
    rules
}

fn set<T>(setting: &mut T, chosen: Option<T>) {
    if let Some(chosen) = chosen {
        *setting = chosen;
    }
}

fn read_greeting(reader: &mut Reader<'_>, node: &Node) -> Vec<String> {
    reader.only(node, "a greeting", &["enabled", "messages"]);
    let enabled = get(node, "enabled").and_then(|node| reader.choice(node, "`enabled`", SWITCH));
    let Some(messages) = get(node, "messages").filter(|_| enabled != Some(false)) else {
        return Vec::new();
    };
    let messages = reader.list(messages, "`messages`");
    messages
        .iter()
        .filter_map(|message| reader.text(message, "a message").map(str::to_owned))
        .collect()
}

/// A set of kinds: a list of them, or `all`.
pub(super) fn read_kinds(reader: &mut Reader<'_>, node: &Node) -> KindSet {
    if node.as_text() == Some("all") {
        return KindSet::all();
    }
    let words: Vec<_> = ContentKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let kinds = reader.list(node, "a list of kinds").iter();
    kinds
        .filter_map(|kind| reader.word::<ContentKind>(kind, "a kind", &words))
        .collect()
}

/// A network by its name.
pub(super) fn network(
    reader: &mut Reader<'_>,
    settings: &Settings,
    node: &Node,
) -> Option<NetworkIx> {
    let text = reader.text(node, "a network")?;
    let found = network_named(settings, text);
    if found.is_none() {
        let known = settings.networks.iter().map(|it| it.id.as_str());
        reader.no_such(node, "a network", text, known);
    }
    found
}

/// The networks of a list.
pub(super) fn networks(reader: &mut Reader<'_>, settings: &Settings, node: &Node) -> NetworkSet {
    let nodes = reader.list(node, "a list of networks").iter();
    nodes
        .filter_map(|node| network(reader, settings, node))
        .collect()
}

/// A company by its name.
pub(super) fn company(
    reader: &mut Reader<'_>,
    settings: &Settings,
    node: &Node,
) -> Option<CompanyIx> {
    let text = reader.text(node, "a company")?;
    let found = company_named(settings, text);
    if found.is_none() {
        let known = settings.companies.iter().map(|it| it.id.as_str());
        reader.no_such(node, "a company", text, known);
    }
    found
}

fn company_named(settings: &Settings, id: &str) -> Option<CompanyIx> {
    let at = settings
        .companies
        .iter()
        .position(|it| it.id.as_str() == id);
    at.and_then(|at| u16::try_from(at).ok()).map(CompanyIx)
}

fn network_named(settings: &Settings, id: &str) -> Option<NetworkIx> {
    let at = settings.networks.iter().position(|it| it.id.as_str() == id);
    at.and_then(|at| u8::try_from(at).ok()).map(NetworkIx)
}
