//! Configuration: YAML as written → settings as meant, all mistakes of all files at once.
//!
//! Loading is a pure function of the files and the environment: no clock, no sockets, no runtime.
//! Start at [`load`]. What a file may hold stands in `gateway_shape.rs` and `policy_shape.rs`, from
//! which the JSON Schemas are made too; [`report`] shows mistakes to people and machines.

mod files;
mod gateway_file;
mod gateway_sections;
mod gateway_shape;
mod legs;
mod origins;
mod people;
mod policy_file;
mod policy_shape;
pub mod report;
mod sections;
mod store_section;
mod tls_section;
mod view;
mod words;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use files::{Disk, Files, Memory};
pub use origins::{Origin, Origins};
pub use sections::{AdminSettings, LearntSettings, LogFormat, LogLevel, LogSettings, Secret};

use crate::cache::Directory;
use crate::dialect::{self, Dialect, DriveHosts};
use crate::gateway;
use crate::policy;
use crate::policy::CompanyIx;
use crate::store;
use crate::yaml::shape::Shape;
use crate::yaml::{
    Budget, Decoder, Diagnostic, Document, Environment, Severity, Source, Variables, parse,
    substitute,
};
use gateway_file::{GatewayReader, Networks};
use people::{Declared, People};
use policy_file::PolicyReader;
use view::View;

/// Everything that the files say.
#[derive(Debug)]
pub struct Loaded {
    /// Listeners, upstream, limits, waits.
    pub gateway: gateway::settings::Settings,
    /// The administrator's listener.
    pub admin: AdminSettings,
    /// The log.
    pub log: LogSettings,
    /// How long facts about rooms are believed, and how many are kept.
    pub rooms: LearntSettings,
    /// The same for tokens' owners.
    pub tokens: LearntSettings,
    /// The secret that makes pseudonyms, if one is set.
    pub pseudonym_key: Option<Secret>,
    /// Where what is changed at run time lasts, if it does.
    pub store: Option<store::Settings>,
    /// Networks and companies.
    pub policy: policy::Settings,
    /// The people.
    pub directory: Directory,
    /// Where the policy's settings stand.
    pub origins: Origins,
    /// The dialect, compiled.
    pub dialect: Dialect,
    /// The dialect as written: by it, a reload sees whether the dialect has changed.
    pub dialect_source: Arc<Source>,
    /// The gateway's own token for look-ups, if it has one.
    pub lookup_token: Option<Secret>,
    /// Hosts whose links lead into a drive.
    pub drive_hosts: DriveHosts,
    /// Every file that was read.
    pub files: Vec<PathBuf>,
    /// What can be used, but should be looked at.
    pub warnings: Vec<Diagnostic>,
}

/// Loads the configuration whose `gateway.yaml` stands at `path`, from disk.
///
/// # Errors
/// Everything that is wrong in any of the files, warnings included.
pub fn load(
    path: &Path,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Loaded, Vec<Diagnostic>> {
    load_from(&Disk, path, environment)
}

/// [`load`] from wherever `files` come.
///
/// # Errors
/// The same.
pub fn load_from(
    files: &dyn Files,
    path: &Path,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Loaded, Vec<Diagnostic>> {
    let mut loader = Loader {
        files,
        root: match path.parent() {
            Some(parent) if parent != Path::new("") => parent.to_owned(),
            _ => PathBuf::from("."),
        },
        found: Vec::new(),
        read: Vec::new(),
    };
    let loaded = loader.load(path, environment);
    let failed = loader
        .found
        .iter()
        .any(|one| one.severity == Severity::Error);
    match loaded {
        Some(loaded) if !failed => Ok(Loaded {
            warnings: loader.found,
            files: loader.read,
            ..loaded
        }),
        _ => Err(loader.found),
    }
}

/// The files that have a schema here.
pub const SCHEMAS: [&str; 2] = ["gateway", "policy"];

/// The JSON Schema of one of [`SCHEMAS`], for editors.
pub fn schema(name: &str) -> Option<String> {
    match name {
        "gateway" => Some(gateway_shape::GATEWAY.json_schema(Variables::Filled)),
        "policy" => Some(policy_shape::POLICY.json_schema(Variables::Literal)),
        _ => None,
    }
}

/// What the file of one of [`SCHEMAS`] may hold.
pub fn shape(name: &str) -> Option<&'static Shape> {
    match name {
        "gateway" => Some(&gateway_shape::GATEWAY),
        "policy" => Some(&policy_shape::POLICY),
        _ => None,
    }
}

struct Loader<'f> {
    files: &'f dyn Files,
    root: PathBuf,
    found: Vec<Diagnostic>,
    read: Vec<PathBuf>,
}

impl Loader<'_> {
    fn load(
        &mut self,
        path: &Path,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Option<Loaded> {
        let mut document = self.document(path)?;
        let allowed = View::of(&document.root).key("env_allow").items();
        let allowed = allowed
            .iter()
            .filter_map(|node| Some(node.as_text()?.to_owned()));
        let environment = Environment::new(environment, allowed.collect());
        let unfilled = substitute(&mut document, &environment);
        let mut decoder = Decoder::new(&document);
        let file = GatewayReader {
            decoder: &mut decoder,
            files: self.files,
            directory: &self.root,
        }
        .read(&document.root);
        // What could not be filled in is no value either; that needs no second mention.
        let filled =
            |one: &Diagnostic| !unfilled.iter().any(|two| two.span.start == one.span.start);
        let mut found = decoder.finish();
        found.retain(filled);
        found.extend(unfilled);
        found.sort_by_key(|one| one.span.start);
        self.found.append(&mut found);
        // The other files are read even where this one has mistakes: all are to be found at once.
        let mut networks = file.networks;
        let mut origins = Origins::default();
        origins.note_gateway(&document, &networks.declared);
        let dialect = file.dialect.and_then(|path| self.document(&path));
        let dialect = dialect.and_then(|document| self.compile(document));
        let ids = dialect.as_ref().map(|(dialect, _)| dialect.people.clone());
        let (policy, directory) = self.policy(&file.policy, &mut networks, ids, &mut origins);
        let (mut dialect, dialect_source) = dialect?;
        if let Some(name) = &file.upstream_name {
            dialect.name_upstream(name);
        }
        let gateway = file.gateway?;
        let others = legs::Others {
            dialect: &dialect,
            directory: &directory,
            may_ask: file.lookup_token.is_some(),
        };
        let wrong = legs::disagreements(&gateway.legs, &file.legs, &others, &document.source);
        self.found.extend(wrong);
        Some(Loaded {
            gateway,
            lookup_token: file.lookup_token,
            drive_hosts: file.drive_hosts,
            admin: file.admin,
            log: file.log,
            rooms: file.rooms,
            tokens: file.tokens,
            pseudonym_key: file.pseudonym_key,
            store: file.store,
            policy,
            directory,
            origins,
            dialect,
            dialect_source,
            files: Vec::new(),
            warnings: Vec::new(),
        })
    }

    fn document(&mut self, path: &Path) -> Option<Document> {
        let budget = Budget::default();
        let source = match self.files.read(path, budget.bytes_max) {
            Ok(source) => source,
            Err(fault) => {
                self.found.push(fault);
                return None;
            }
        };
        self.read.push(path.to_owned());
        match parse(source, budget) {
            Ok(document) => Some(document),
            Err(faults) => {
                self.found.extend(faults);
                None
            }
        }
    }

    fn compile(&mut self, document: Document) -> Option<(Dialect, Arc<Source>)> {
        match Dialect::compile(&document) {
            Ok(compiled) => {
                self.found.extend(compiled.warnings);
                Some((compiled.dialect, document.source))
            }
            Err(faults) => {
                self.found.extend(faults);
                None
            }
        }
    }

    fn policy(
        &mut self,
        named: &[PathBuf],
        networks: &mut Networks,
        ids: Option<dialect::People>,
        origins: &mut Origins,
    ) -> (policy::Settings, Directory) {
        let mut people = People::default();
        people.ids = ids;
        for (pattern, network) in std::mem::take(&mut networks.people) {
            people.directory.network_pattern(pattern, network);
        }
        let mut declared = Declared::new();
        let mut companies = Vec::new();
        let paths = self.policy_files(named);
        if let (true, Some(first)) = (paths.is_empty(), named.first()) {
            let warning = Diagnostic::of_file(first, "no company's policy stands here").warning();
            self.found
                .push(warning.help("add a file for each company, such as `acme.yaml`"));
        }
        for path in paths {
            let Some(document) = self.document(&path) else {
                continue;
            };
            let mut decoder = Decoder::new(&document);
            let company = PolicyReader {
                decoder: &mut decoder,
                files: self.files,
                root: &self.root,
                networks,
                people: &mut people,
                declared: &mut declared,
            }
            .read(&document.root);
            if let (Some(_), Ok(number)) = (&company, u16::try_from(companies.len())) {
                origins.note_company(CompanyIx(number), &document, &networks.declared);
            }
            companies.extend(company);
            let mut found = decoder.finish();
            found.append(&mut people.found);
            // By file, and in each by place: so people read them.
            found.sort_by(|a, b| {
                let own = |one: &Diagnostic| one.path != path;
                (own(a), &a.path, a.span.start).cmp(&(own(b), &b.path, b.span.start))
            });
            self.found.append(&mut found);
        }
        self.read.append(&mut people.files);
        let settings = policy::Settings {
            networks: std::mem::take(&mut networks.declared),
            companies,
            between_companies: networks.between_companies,
        };
        (settings, people.directory.finish())
    }

    /// The files that are named, and those of the directories that are named; each once.
    fn policy_files(&mut self, named: &[PathBuf]) -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> = Vec::new();
        for path in named {
            let listed = if self.files.is_file(path) {
                Ok(vec![path.clone()])
            } else {
                self.files.list(path)
            };
            match listed {
                Ok(listed) => {
                    for path in listed {
                        if !self.files.is_below(&path, &self.root) {
                            let message = "this file leads outside the configuration's directory";
                            let fault = Diagnostic::of_file(&path, message);
                            self.found
                                .push(fault.help("put the file itself here, not a link"));
                        } else if !paths.contains(&path) {
                            paths.push(path);
                        }
                    }
                }
                Err(fault) => self.found.push(fault),
            }
        }
        paths
    }
}
