//! A configuration in a directory of its own, with every way of spoiling it.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

use tempfile::TempDir;

/// What ships as `plain.yaml`.
pub const PLAIN: &str = include_str!("../../config/dialects/plain.yaml");

/// Two policies of which each blocks what the other lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// alice may talk to LINE.
    A,
    /// bob may.
    B,
}

impl Policy {
    pub fn other(self) -> Self {
        match self {
            Policy::A => Policy::B,
            Policy::B => Policy::A,
        }
    }

    pub fn yaml(self) -> String {
        let (line, works) = match self {
            Policy::A => ("alice", "carol"),
            Policy::B => ("bob", "alice"),
        };
        format!(
            "company: acme
name: Acme Corp
members: [alice, bob, carol, dave]
external_messaging:
  line: {{ connect: allow, permission: by_member, connected_members: [{line}], restrict_attachments: false }}
  works: {{ connect: allow, permission: by_member, connected_members: [{works}], restrict_attachments: false }}
"
        )
    }
}

/// One way in which a configuration can't be used.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    Yaml,
    Contradiction,
    UnknownKey,
    MissingFile,
    MissingDialect,
    Dialect,
    Certificate,
    NoCertificate,
}

pub const FAULTS: [Fault; 8] = [
    Fault::Yaml,
    Fault::Contradiction,
    Fault::UnknownKey,
    Fault::MissingFile,
    Fault::MissingDialect,
    Fault::Dialect,
    Fault::Certificate,
    Fault::NoCertificate,
];

/// The files.
pub struct Files {
    pub directory: TempDir,
    gateway: String,
    certificate: String,
}

impl Files {
    /// Before this upstream, with a listener that speaks plain HTTP and one that speaks TLS.
    pub fn new(upstream: SocketAddr) -> Self {
        let pair =
            rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let gateway = format!(
            "
listeners:
  - {{ address: \"127.0.0.1:0\" }}
  - {{ address: \"127.0.0.1:0\", tls: {{ certificate: cert.pem, key: key.pem }} }}
upstream: {{ url: \"http://{upstream}\", lookup_token: token-operator }}
dialect: plain.yaml
networks:
  line: {{ people: [\"line:*\"] }}
  works: {{ between_companies: true }}
admin: {{ address: \"127.0.0.1:0\" }}
log: {{ format: json, level: info }}
pseudonym_key: a-key-for-tests-that-is-long-enough
workers: 2
waits: {{ drain: 10s }}
"
        );
        let files = Self {
            directory: tempfile::tempdir().expect("a directory"),
            gateway,
            certificate: pair.cert.pem(),
        };
        fs::create_dir(files.path("policy")).expect("a directory");
        fs::write(files.path("key.pem"), pair.signing_key.serialize_pem()).expect("a file");
        files.write(Policy::A, None);
        files
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn gateway(&self) -> PathBuf {
        self.path("gateway.yaml")
    }

    /// Writes everything, with a fault if there is to be one.
    pub fn write(&self, policy: Policy, fault: Option<Fault>) {
        let mut policy = policy.yaml();
        let mut gateway = self.gateway.clone();
        let mut dialect = PLAIN.to_owned();
        let mut certificate = Some(self.certificate.clone());
        match fault {
            None => {}
            Some(Fault::Yaml) => policy.push_str("  sms: {connect: [\n"),
            Some(Fault::Contradiction) => {
                policy = policy.replace(
                    "permission: by_member",
                    "permission: all_members, auto_grant_new_members: true",
                );
            }
            Some(Fault::UnknownKey) => policy.push_str("extrenal: 1\n"),
            Some(Fault::MissingFile) => {
                policy = policy.replace("[alice, bob, carol, dave]", "{ file: nowhere.txt }")
            }
            Some(Fault::MissingDialect) => gateway = gateway.replace("plain.yaml", "nowhere.yaml"),
            Some(Fault::Dialect) => {
                dialect = dialect
                    .replace("is: room_list", "is: no_such_shape")
                    .replace("answer: room_list", "answer: no_such_shape")
            }
            Some(Fault::Certificate) => {
                certificate = Some(
                    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned(),
                )
            }
            Some(Fault::NoCertificate) => certificate = None,
        }
        for (name, text) in [
            ("policy/acme.yaml", policy),
            ("gateway.yaml", gateway),
            ("plain.yaml", dialect),
        ] {
            self.put(name, &text);
        }
        match certificate {
            Some(text) => self.put("cert.pem", &text),
            None => drop(fs::remove_file(self.path("cert.pem"))),
        }
    }

    /// Writes one file unless it is so already.
    pub fn put(&self, name: &str, text: &str) {
        if fs::read_to_string(self.path(name)).ok().as_deref() != Some(text) {
            fs::write(self.path(name), text).expect("a file");
        }
    }

    /// As many editors do it: a new file takes the place of the old.
    pub fn put_by_renaming(&self, name: &str, text: &str) {
        let new = self.path("new-file.tmp");
        fs::write(&new, text).expect("a file");
        fs::rename(new, self.path(name)).expect("to rename");
    }
}
