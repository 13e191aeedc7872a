//! A company's policy file: from the tree to the company's settings and its people.

use std::path::Path;

use super::files::Files;
use super::gateway_file::{Networks, kinds};
use super::people::{self, Declared, List, Mention, People, shown};
use super::policy_shape::POLICY;
use super::view::View;
use super::words;
use crate::glob::Glob;
use crate::policy::settings::{
    Company, Connect, EncryptedRooms, History, Permission, Restrict, Rules,
};
use crate::policy::{CompanyIx, NetworkIx};
use crate::yaml::{Decoder, Node, Value};

/// The most messages of a greeting.
const GREETINGS_MAX: usize = 5;

/// The longest message of a greeting, characters.
const GREETING_CHARS_MAX: usize = 5_000;

/// What a greeting may name.
const PLACEHOLDERS: [&str; 3] = ["member", "company", "peer"];

/// Reads one company's file.
pub(super) struct PolicyReader<'r, 'd> {
    pub decoder: &'r mut Decoder<'d>,
    pub files: &'r dyn Files,
    /// The configuration's directory.
    pub root: &'r Path,
    pub networks: &'r Networks,
    pub people: &'r mut People,
    pub declared: &'r mut Declared,
}

impl<'d> PolicyReader<'_, 'd> {
    /// The company, and its people into the directory.
    pub fn read(&mut self, root: &'d Node) -> Option<Company> {
        POLICY.check(self.decoder, root);
        let root = View::of(root);
        let id = self.id(root.key("company"))?;
        let Ok(number) = u16::try_from(self.people.company_ids.len()) else {
            let span = root.key("company").0?.span.clone();
            self.decoder
                .error(&span, "more than 65,536 companies")
                .set_help("run a second gateway for the others");
            return None;
        };
        let company = CompanyIx(number);
        self.people.company_ids.push(id.into());
        let mut list = self.people.list(&self.decoder.document().source);
        let patterns = self.members(&mut list, root, company);
        let suspended = root.key("suspended");
        self.each(&mut list, suspended, &mut |reader, list, mention| {
            let message = "so there is nobody to suspend";
            if reader.is_member(list, mention, company, &patterns, message) {
                reader.people.directory.suspend(mention.id, company);
            }
        });
        let rules = self.external_messaging(&mut list, root, company, &patterns);
        self.contacts(&mut list, root.key("contacts"), company, &patterns);
        self.people.done(list);
        Some(Company {
            id: id.into(),
            name: root.key("name").text().unwrap_or(id).to_owned(),
            rules,
        })
    }

    fn id(&mut self, company: View<'d>) -> Option<&'d str> {
        let node = company.0?;
        let id = company.text()?;
        let source = &self.decoder.document().source;
        if id.len() > 64 || id.contains(|c: char| c.is_whitespace() || c.is_control()) {
            self.decoder
                .error(&node.span, "a company's id is one word of 64 bytes at most")
                .set_help("the name for people stands under `name`");
            return None;
        }
        if let Some((first, span)) = self.declared.get(id) {
            let message = format!("the company `{id}` is declared a second time");
            let fault = crate::yaml::Diagnostic::new(source, node.span.clone(), message)
                .help("one file declares one company: remove one of the two")
                .also(first, span.clone(), "declared first here");
            self.decoder.report(fault);
            return None;
        }
        self.declared
            .insert(id.to_owned(), (source.clone(), node.span.clone()));
        Some(id)
    }

    fn members(&mut self, list: &mut List, root: View<'d>, company: CompanyIx) -> Vec<Glob> {
        let members = root.key("members");
        let patterns = members.key("match").one_or_many();
        let patterns: Vec<Glob> = patterns
            .iter()
            .filter_map(Node::as_text)
            .map(Glob::new)
            .collect();
        for pattern in &patterns {
            self.people
                .directory
                .company_pattern(pattern.clone(), company);
        }
        self.people
            .members(list, company, people::written(listed(members)));
        let file = members.key("file");
        if let Some(source) = people::open(self.people, self.decoder, self.files, self.root, file) {
            let mut lines = self.people.list(&source);
            self.people
                .members(&mut lines, company, people::lines(&source.text));
            self.people.done(lines);
        }
        if let (None, Some(node)) = (members.0, root.key("company").0) {
            self.decoder
                .warn(&node.span, "this company has no members")
                .set_help("name them under `members`: a list, a file or a pattern");
        }
        patterns
    }

    fn external_messaging(
        &mut self,
        list: &mut List,
        root: View<'d>,
        company: CompanyIx,
        patterns: &[Glob],
    ) -> Vec<Option<Rules>> {
        let mut rules: Vec<Option<Rules>> = self.networks.declared.iter().map(|_| None).collect();
        for (key, node) in root.key("external_messaging").entries() {
            let known = || {
                self.networks
                    .declared
                    .iter()
                    .map(|network| network.id.as_str())
            };
            let at = known().position(|id| id == key.text);
            let Some((at, place)) = at.and_then(|at| Some((at, rules.get_mut(at)?))) else {
                let near = self.decoder.suggest(&key.text, known());
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!(
                        "declare it under `networks` in gateway.yaml; declared there: {}",
                        known().collect::<Vec<_>>().join(", ")
                    ),
                };
                let message = format!("there is no network {}", shown(&key.text));
                self.decoder.error(&key.span, message).set_help(help);
                continue;
            };
            let view = View::of(node);
            *place = self.rules(view);
            if let Ok(network) = u8::try_from(at).map(NetworkIx) {
                self.grants(list, view, company, network, patterns);
            }
        }
        rules
    }

    fn rules(&mut self, view: View<'d>) -> Option<Rules> {
        let permission = view
            .key("permission")
            .word(&words::PERMISSION)
            .unwrap_or(Permission::ByMember);
        let auto_grant = view.key("auto_grant_new_members");
        if let (Some(node), Some(true), Permission::AllMembers) =
            (auto_grant.0, auto_grant.bool(), permission)
        {
            let source = &self.decoder.document().source;
            let mut fault = crate::yaml::Diagnostic::new(
                source,
                node.span.clone(),
                "`auto_grant_new_members: true` contradicts `permission: all_members`",
            )
            .help("under `all_members` nobody needs a grant: remove this line, or write `permission: by_member`");
            if let Some(permission) = view.key("permission").0 {
                fault = fault.also(source, permission.span.clone(), "everyone may already");
            }
            self.decoder.report(fault);
        }
        let restricted = view.key("restricted_kinds");
        Some(Rules {
            connect: view
                .key("connect")
                .word(&words::CONNECT)
                .unwrap_or(Connect::Deny),
            permission,
            auto_grant_new_members: auto_grant.bool().unwrap_or(false),
            restrict_attachments: view
                .key("restrict_attachments")
                .word(&words::RESTRICT)
                .unwrap_or(Restrict::Both),
            restricted_kinds: restricted.0.map(|_| kinds(restricted)),
            encrypted_rooms: view
                .key("encrypted_rooms")
                .word(&words::ENCRYPTED)
                .unwrap_or(EncryptedRooms::Auto),
            history_on_external: view
                .key("history_on_external")
                .word(&words::HISTORY)
                .unwrap_or(History::Refuse),
            greeting: self.greeting(view.key("greeting")),
        })
    }

    fn greeting(&mut self, greeting: View<'d>) -> Vec<String> {
        let messages = greeting.key("messages").items();
        for (at, node) in messages.iter().enumerate() {
            let Some(text) = node.as_text() else { continue };
            if at == GREETINGS_MAX {
                self.decoder
                    .error(
                        &node.span,
                        format!("more than {GREETINGS_MAX} greeting messages"),
                    )
                    .set_help("remove this one and those behind it");
            }
            if text.chars().count() > GREETING_CHARS_MAX {
                let message = format!("a message of more than {GREETING_CHARS_MAX} characters");
                let span = self.decoder.first_line(&node.span);
                self.decoder.error(&span, message).set_help("shorten it");
            }
            for name in unknown_placeholders(text) {
                let help = match self.decoder.suggest(name, PLACEHOLDERS) {
                    Some(near) => format!("did you mean `{{{near}}}`?"),
                    None => "known here: `{member}`, `{company}`, `{peer}`".to_owned(),
                };
                let message = format!("unknown placeholder {}", shown(&format!("{{{name}}}")));
                let span = self.decoder.first_line(&node.span);
                self.decoder.error(&span, message).set_help(help);
            }
        }
        let enabled = greeting.key("enabled").bool().unwrap_or(true);
        if let (Some(node), true, true) = (greeting.0, enabled, messages.is_empty()) {
            let span = self.decoder.first_line(&node.span);
            self.decoder
                .warn(&span, "this greeting has no message, so none is sent")
                .set_help("add `messages`, or write `enabled: false`");
        }
        let texts = messages.iter().filter_map(Node::as_text).map(str::to_owned);
        if enabled { texts.collect() } else { Vec::new() }
    }

    fn grants(
        &mut self,
        list: &mut List,
        rules: View<'d>,
        company: CompanyIx,
        network: NetworkIx,
        patterns: &[Glob],
    ) {
        let connected = rules.key("connected_members");
        let permission = rules.key("permission").word(&words::PERMISSION);
        if let (Some(node), Some(Permission::AllMembers)) = (connected.0, permission) {
            let span = self.decoder.first_line(&node.span);
            self.decoder
                .warn(&span, "these grants sleep under `permission: all_members`")
                .set_help("they wake when the permission returns to `by_member`");
        }
        self.each(list, connected, &mut |reader, list, mention| {
            let message = "so this grant has no effect";
            if reader.is_member(list, mention, company, patterns, message) {
                reader.people.directory.grant(mention.id, company, network);
            }
        });
    }

    fn contacts(
        &mut self,
        list: &mut List,
        contacts: View<'d>,
        company: CompanyIx,
        patterns: &[Glob],
    ) {
        for node in listed(contacts) {
            let pair: Vec<_> = people::written(View::of(node).items()).collect();
            match (pair.as_slice(), &node.value) {
                ([member, peer], _) => self.contact(list, member, peer, company, patterns),
                (_, Value::Sequence(_)) => {
                    let help = "write `[member, peer]`";
                    self.decoder
                        .error(&node.span, "a contact is two ids")
                        .set_help(help);
                }
                _ => {}
            }
        }
        let file = contacts.key("file");
        let Some(source) = people::open(self.people, self.decoder, self.files, self.root, file)
        else {
            return;
        };
        let mut lines = self.people.list(&source);
        for entry in people::lines(&source.text) {
            match people::halves(&entry) {
                Some((member, peer)) => {
                    self.contact(&mut lines, &member, &peer, company, patterns);
                }
                None => {
                    let fault = lines.fault(&entry, "a contact is two ids");
                    let fault = fault.help("write the member's id, a space, and the peer's id");
                    lines.findings.push(fault);
                }
            }
        }
        self.people.done(lines);
    }

    fn contact(
        &mut self,
        list: &mut List,
        member: &Mention<'_>,
        peer: &Mention<'_>,
        company: CompanyIx,
        patterns: &[Glob],
    ) {
        let message = "so this contact has no effect";
        if people::valid(list, peer).is_some()
            && self.is_member(list, member, company, patterns, message)
            && !self.people.directory.contact(member.id, peer.id)
        {
            let fault = list.fault(member, "there are too many contacts");
            list.findings
                .push(fault.help("the gateway holds 10,000,000 declared contacts at most"));
        }
    }

    /// Every id of a list, then of the file beside it.
    fn each(
        &mut self,
        list: &mut List,
        ids: View<'d>,
        with: &mut dyn FnMut(&mut Self, &mut List, &Mention<'_>),
    ) {
        for mention in people::written(listed(ids)) {
            with(self, list, &mention);
        }
        let file = ids.key("file");
        if let Some(source) = people::open(self.people, self.decoder, self.files, self.root, file) {
            let mut lines = self.people.list(&source);
            for mention in people::lines(&source.text) {
                with(self, &mut lines, &mention);
            }
            self.people.done(lines);
        }
    }

    /// Whether somebody is a listed member of the company, or becomes one because a pattern fits.
    /// Else a warning says what that is no good for.
    fn is_member(
        &mut self,
        list: &mut List,
        mention: &Mention<'_>,
        company: CompanyIx,
        patterns: &[Glob],
        so: &str,
    ) -> bool {
        let Some(id) = people::valid(list, mention) else {
            return false;
        };
        if self.people.directory.is_listed(id, company) {
            return true;
        }
        if patterns.iter().any(|pattern| pattern.matches(id)) {
            self.people.members(list, company, [mention.clone()]);
            return true;
        }
        let name = self.people.company_ids.get(usize::from(company.0));
        let name = name.map_or("", |id| id.as_str());
        let message = format!("{} is no member of `{name}`, {so}", shown(id));
        let warning = list.fault(mention, message).warning();
        list.findings
            .push(warning.help("list them under `members`, or remove them here"));
        false
    }
}

/// The ids that stand in the file: a list, or the `list` of a mapping.
fn listed(ids: View<'_>) -> &[Node] {
    match ids.0.map(|node| &node.value) {
        Some(Value::Sequence(items)) => items,
        _ => ids.key("list").items(),
    }
}

/// What stands in braces and is no placeholder. A lone brace is text.
fn unknown_placeholders(text: &str) -> impl Iterator<Item = &str> {
    let inside = text
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'));
    inside
        .map(|(name, _)| name)
        .filter(|name| !PLACEHOLDERS.contains(name))
}
