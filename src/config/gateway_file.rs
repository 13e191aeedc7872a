//! `gateway.yaml`: from the tree to the settings of each part.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use http::HeaderName;
use ipnet::IpNet;

use super::files::{Files, join_within};
use super::gateway_sections::{learnt, limits, log, waits};
use super::gateway_shape::GATEWAY;
use super::legs::NamedLeg;
use super::sections::{AdminSettings, LearntSettings, LogSettings, Secret};
use super::view::View;
use super::words;
use crate::dialect::DriveHosts;
use crate::gateway::settings::{Listener, Settings, Upstream, UpstreamHttp};
use crate::glob::Glob;
use crate::policy::settings::Network;
use crate::policy::words::NETWORKS_MAX;
use crate::policy::{ContentKind, KindSet, NetworkIx};
use crate::store;
use crate::yaml::{Decoder, Node};

/// The shortest secret that is taken for pseudonyms, characters.
const PSEUDONYM_KEY_CHARS_MIN: usize = 32;

/// Connections to the upstream, for each worker, unless the file says otherwise.
const UPSTREAM_CONNECTIONS_MAX: usize = 64;

/// What `gateway.yaml` says.
pub(super) struct GatewayFile {
    /// `None` where the upstream is not said, which was reported.
    pub gateway: Option<Settings>,
    /// Where its legs were named.
    pub legs: Vec<NamedLeg>,
    pub lookup_token: Option<Secret>,
    /// What the upstream calls itself.
    pub upstream_name: Option<String>,
    pub drive_hosts: DriveHosts,
    pub admin: AdminSettings,
    pub log: LogSettings,
    pub rooms: LearntSettings,
    pub tokens: LearntSettings,
    pub pseudonym_key: Option<Secret>,
    pub store: Option<store::Settings>,
    pub networks: Networks,
    pub dialect: Option<PathBuf>,
    /// Directories and files, each with the value that named it.
    pub policy: Vec<PathBuf>,
}

/// The networks, and whose ids belong to them.
#[derive(Default)]
pub(super) struct Networks {
    pub declared: Vec<Network>,
    pub people: Vec<(Glob, NetworkIx)>,
    pub between_companies: Option<NetworkIx>,
}

/// Reads one `gateway.yaml`.
pub(super) struct GatewayReader<'r, 'd> {
    pub decoder: &'r mut Decoder<'d>,
    pub files: &'r dyn Files,
    /// The directory that the file stands in: the configuration's.
    pub directory: &'r Path,
}

impl<'d> GatewayReader<'_, 'd> {
    /// Everything in it. What is wrong was reported, and stands for its default here.
    pub fn read(&mut self, root: &'d Node) -> GatewayFile {
        GATEWAY.check(self.decoder, root);
        let root = View::of(root);
        let mut listeners = Vec::new();
        self.listeners(root.key("listeners"), None, &mut listeners);
        let (legs, named_legs) = self.legs(root.key("legs"), &mut listeners);
        let admin = AdminSettings {
            address: self
                .address(root.key("admin").key("address"))
                .unwrap_or(AdminSettings::default().address),
        };
        self.refuse_taken_address(root, &listeners, admin.address);
        let upstream = self.upstream(root.key("upstream"));
        let trusted_proxies = self.nets(root.key("trusted_proxies"));
        let identity_headers = self.header_names(root.key("identity_headers"));
        let networks = self.networks(root.key("networks"));
        let pseudonym_key = self.pseudonym_key(root.key("pseudonym_key"));
        let store = self.store(root.key("store"));
        let dialect = self.file_within(root.key("dialect"));
        let policy = self.policy(root.key("policy"));
        let gateway = upstream.map(|upstream| Settings {
            listeners,
            upstream,
            legs,
            limits: limits(root.key("limits")),
            waits: waits(root.key("waits")),
            workers: root.key("workers").number(),
            trusted_proxies,
            identity_headers,
        });
        GatewayFile {
            lookup_token: root
                .key("upstream")
                .key("lookup_token")
                .text()
                .map(Secret::new),
            upstream_name: root.key("upstream").key("name").text().map(str::to_owned),
            drive_hosts: self.drive_hosts(root.key("drive_hosts")),
            gateway,
            legs: named_legs,
            admin,
            log: log(root.key("log")),
            rooms: learnt(root.key("rooms")),
            tokens: learnt(root.key("tokens")),
            pseudonym_key,
            store,
            networks,
            dialect,
            policy,
        }
    }

    fn drive_hosts(&mut self, list: View<'d>) -> DriveHosts {
        let mut hosts = Vec::new();
        for node in list.items() {
            match node
                .as_text()
                .filter(|text| DriveHosts::new([*text]).is_ok())
            {
                Some(host) => hosts.push(host),
                None => drop(
                    self.decoder
                        .mismatch(node, "the name of a host, without scheme or path"),
                ),
            }
        }
        DriveHosts::new(hosts).unwrap_or_default()
    }

    /// The listeners of one leg, added to those of the others.
    pub(super) fn listeners(
        &mut self,
        list: View<'d>,
        leg: Option<usize>,
        listeners: &mut Vec<Listener>,
    ) {
        if let (Some(node), true) = (list.0, list.items().is_empty()) {
            self.complain(
                node,
                "there is no listener",
                "add `- address: 127.0.0.1:7700`",
            );
        }
        for node in list.items() {
            let view = View::of(node);
            let Some(address) = self.address(view.key("address")) else {
                continue;
            };
            if address.port() != 0 && listeners.iter().any(|other| other.address == address) {
                let at = view.key("address").0.unwrap_or(node);
                let message = format!("two listeners have the address {}", at.shown());
                self.complain(at, &message, "give each its own port");
            }
            listeners.push(Listener {
                address,
                tls: self.server_tls(view.key("tls")),
                http2: view.key("http2").bool().unwrap_or(true),
                leg,
            });
        }
    }

    pub(super) fn upstream(&mut self, upstream: View<'d>) -> Option<Upstream> {
        let url = upstream.key("url").0?;
        let wanted = "`http://host:port` or `https://host:port`";
        let Some((https, host, port)) = url.as_text().and_then(split_url) else {
            if url.as_text().is_some_and(|text| !text.is_empty()) {
                self.decoder
                    .mismatch(url, wanted)
                    .set_help("without user, path or query");
            }
            return None;
        };
        let tls = self.client_tls(upstream.key("tls"));
        if let (Some(node), false) = (upstream.key("tls").0, https) {
            let help = "write `https://` in the url, or remove `tls`";
            self.complain(node, "`tls` without an `https` url", help);
        }
        let host_header = upstream.key("host");
        if let (Some(node), Some(text)) = (host_header.0, host_header.text())
            && text.parse::<http::uri::Authority>().is_err()
        {
            self.decoder
                .mismatch(node, "a host name, with a port if need be");
        }
        Some(Upstream {
            tls: https.then_some(tls),
            host,
            port,
            host_header: host_header.text().map(str::to_owned),
            http: upstream
                .key("http")
                .word(&words::UPSTREAM_HTTP)
                .unwrap_or(UpstreamHttp::Http1),
            connections_max: upstream
                .key("connections_max")
                .number()
                .unwrap_or(UPSTREAM_CONNECTIONS_MAX),
        })
    }

    fn networks(&mut self, networks: View<'d>) -> Networks {
        if networks.0.is_none() {
            return shipped_networks();
        }
        let mut read = Networks::default();
        for (at, (key, node)) in networks.entries().iter().enumerate() {
            let index = u8::try_from(at).ok().filter(|_| at < NETWORKS_MAX);
            let Some(index) = index.map(NetworkIx) else {
                self.decoder
                    .error(&key.span, format!("more than {NETWORKS_MAX} networks"))
                    .set_help("merge networks that are treated alike");
                break;
            };
            let view = View::of(node);
            if view.key("between_companies").bool() == Some(true) {
                if read.between_companies.is_some() {
                    let at = view.key("between_companies").0.unwrap_or(node);
                    let message = "a second network `between_companies`";
                    self.complain(
                        at,
                        message,
                        "members of two companies meet through one network",
                    );
                }
                read.between_companies = Some(index);
            }
            let people = view.key("people").one_or_many().iter();
            let patterns = people.filter_map(Node::as_text).map(Glob::new);
            read.people.extend(patterns.map(|glob| (glob, index)));
            let restricted = view.key("restricted_kinds");
            read.declared.push(Network {
                id: key.text.as_str().into(),
                requires_contact: view.key("requires_contact").bool().unwrap_or(false),
                restricted_kinds: restricted.0.map_or_else(attachments, |_| kinds(restricted)),
            });
        }
        read
    }

    fn nets(&mut self, list: View<'d>) -> Vec<IpNet> {
        let mut nets = Vec::new();
        for node in list.items() {
            let text = node.as_text().unwrap_or_default();
            match text
                .parse()
                .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            {
                Ok(net) => nets.push(net),
                Err(_) if text.is_empty() => {}
                Err(_) => {
                    let wanted = "an address or a net, such as `10.0.0.0/8`";
                    self.decoder.mismatch(node, wanted);
                }
            }
        }
        nets
    }

    fn header_names(&mut self, list: View<'d>) -> Vec<HeaderName> {
        let mut names = Vec::new();
        for node in list.items() {
            let text = node.as_text().unwrap_or_default();
            match text.parse() {
                Ok(name) => names.push(name),
                Err(_) if text.is_empty() => {}
                Err(_) => {
                    let wanted = "the name of a header, such as `x-forwarded-user`";
                    self.decoder.mismatch(node, wanted);
                }
            }
        }
        names
    }

    fn pseudonym_key(&mut self, view: View<'d>) -> Option<Secret> {
        let scalar = view.0?.as_scalar()?;
        let span = &view.0?.span;
        if scalar.text.chars().count() < PSEUDONYM_KEY_CHARS_MIN {
            self.decoder
                .error(
                    span,
                    format!("this secret is shorter than {PSEUDONYM_KEY_CHARS_MIN} characters"),
                )
                .set_help("make one by `openssl rand -hex 32`");
        } else if scalar.written.is_none() {
            self.decoder
                .warn(span, "a secret stands in the file")
                .set_help("write `${BORDERPOST_PSEUDONYM_KEY}` and set that variable");
        }
        Some(Secret::new(&scalar.text))
    }

    fn policy(&mut self, policy: View<'d>) -> Vec<PathBuf> {
        if policy.0.is_none() {
            return vec![self.directory.join("policy")];
        }
        let nodes = policy.one_or_many();
        let paths = nodes.iter().filter_map(|node| self.path_within(node));
        paths.collect::<Vec<_>>()
    }

    fn address(&mut self, view: View<'d>) -> Option<SocketAddr> {
        let text = view.text()?;
        let parsed = text.parse().ok();
        if let (Some(node), None) = (view.0, parsed) {
            let wanted = "an address and a port, such as `127.0.0.1:7700`";
            self.decoder.mismatch(node, wanted);
        }
        parsed
    }

    fn refuse_taken_address(&mut self, root: View<'d>, listeners: &[Listener], admin: SocketAddr) {
        let taken = admin.port() != 0 && listeners.iter().any(|one| one.address == admin);
        let at = root
            .key("admin")
            .key("address")
            .0
            .or(root.key("listeners").0);
        if let (Some(node), true) = (at, taken) {
            let message = "a listener and `admin` have the same address";
            self.complain(
                node,
                message,
                "give the administrator's listener its own port",
            );
        }
    }

    /// A file below the configuration's directory.
    fn file_within(&mut self, view: View<'d>) -> Option<PathBuf> {
        let path = self.path_within(view.0?)?;
        if self.files.is_file(&path) {
            return Some(path);
        }
        self.missing(view.0?, &path);
        None
    }

    fn path_within(&mut self, node: &'d Node) -> Option<PathBuf> {
        let written = node.as_text().filter(|text| !text.is_empty())?;
        let joined = join_within(self.directory, self.directory, written)
            .filter(|path| self.files.is_below(path, self.directory));
        if joined.is_none() {
            let message = format!(
                "{} lies outside the configuration's directory",
                node.shown()
            );
            self.complain(
                node,
                &message,
                "move the file below the directory of gateway.yaml",
            );
        } else if let Some(path) = joined.as_deref()
            && !self.files.is_file(path)
            && !self.files.is_directory(path)
        {
            self.missing(node, path);
            return None;
        }
        joined
    }

    pub(super) fn missing(&mut self, node: &Node, path: &Path) {
        let message = format!("there is no file {}", node.shown());
        let from_environment = node
            .as_scalar()
            .is_some_and(|scalar| scalar.written.is_some());
        let help = match from_environment {
            true => "set the variable to a file that is there".to_owned(),
            false => format!("it was looked for at `{}`", path.display()),
        };
        self.complain(node, &message, &help);
    }

    pub(super) fn complain(&mut self, node: &Node, message: &str, help: &str) {
        let span = self.decoder.first_line(&node.span);
        self.decoder.error(&span, message).set_help(help);
    }
}

/// The kinds that a list names.
pub(super) fn kinds(list: View<'_>) -> KindSet {
    let mut kinds = KindSet::default();
    for node in list.items() {
        if let Some(kind) = View::of(node).word(&words::KINDS) {
            kinds.insert(kind);
        }
    }
    kinds
}

fn attachments() -> KindSet {
    let mut kinds = KindSet::default();
    for kind in [
        ContentKind::Camera,
        ContentKind::Contacts,
        ContentKind::Drive,
        ContentKind::File,
    ] {
        kinds.insert(kind);
    }
    kinds
}

/// The two networks of the settings guide.
fn shipped_networks() -> Networks {
    let mut between = attachments();
    between.insert(ContentKind::Template);
    let network = |id: &str, restricted_kinds| Network {
        id: id.into(),
        requires_contact: false,
        restricted_kinds,
    };
    Networks {
        declared: vec![network("line", attachments()), network("works", between)],
        people: vec![(Glob::new("line:*"), NetworkIx(0))],
        between_companies: Some(NetworkIx(1)),
    }
}

fn split_url(text: &str) -> Option<(bool, String, u16)> {
    let url: http::Uri = text.parse().ok()?;
    let https = match url.scheme_str()? {
        "https" => true,
        "http" => false,
        _ => return None,
    };
    let bare = !text.contains(['@', '?', '#']) && matches!(url.path(), "" | "/");
    let host = url.host().filter(|host| bare && !host.is_empty())?;
    // `host:` with nothing behind, and ports that are no port, read as no port at all.
    let authority = url.authority()?.as_str();
    let port = match url.port_u16() {
        Some(0) => return None,
        Some(port) => port,
        None if authority.len() > host.len() => return None,
        None if https => 443,
        None => 80,
    };
    Some((https, host.to_owned(), port))
}
