//! Policies to show the recorded first sync by: everything is allowed, or much is not.

use borderpost::config::{self, Loaded, Memory};

/// The member of 501 rooms.
pub const READER: &str = "@big:acme.localhost:9448";

const ACME: &str = r#"{ match: ["@big:acme.*", "@u0*:acme.*"] }"#;
const BETA: &str = r#"{ match: ["@u1*:acme.*", "@u2*:acme.*", "@xavier:globex.*"] }"#;

const OPEN: &str = "{ connect: allow, permission: all_members, restrict_attachments: false, encrypted_rooms: pass }";

/// What the files hold.
pub struct Policy {
    acme: String,
    beta: String,
}

impl Policy {
    /// Everybody may talk to everybody.
    pub fn open() -> Self {
        Self {
            acme: company("acme", ACME, &format!("{{ line: {OPEN}, works: {OPEN} }}")),
            beta: company("beta", BETA, &format!("{{ line: {OPEN}, works: {OPEN} }}")),
        }
    }

    /// Rooms with people of LINE are not there, half of beta's members are unknown, and no picture
    /// comes from the other half.
    pub fn strict() -> Self {
        let granted = (11..=15).map(|nth| format!("\"@u{nth}:acme.localhost:9448\""));
        let granted = granted.collect::<Vec<_>>().join(", ");
        let some = format!(
            "{{ connect: allow, permission: by_member, connected_members: [{granted}], restrict_attachments: true }}"
        );
        let works = OPEN.replace("restrict_attachments: false", "restrict_attachments: true");
        Self {
            acme: company(
                "acme",
                ACME,
                &format!("{{ line: {{ connect: deny }}, works: {works} }}"),
            ),
            beta: company("beta", BETA, &format!("{{ works: {some} }}")),
        }
    }

    /// The files of a gateway before this upstream, by their names.
    pub fn files(&self, upstream: &str) -> [(&'static str, String); 4] {
        let gateway = format!(
            "
listeners: [{{ address: \"127.0.0.1:0\" }}]
upstream: {{ url: \"http://{upstream}\", lookup_token: token-operator }}
dialect: matrix.yaml
networks:
  line: {{ people: [\"@line_*:acme.*\"] }}
  works: {{ between_companies: true }}
limits: {{ edited_answer_bytes_max: 16MiB }}
admin: {{ address: \"127.0.0.1:0\" }}
log: {{ format: json }}
pseudonym_key: a-key-for-measurements-that-is-long-enough
"
        );
        let dialect = include_str!("../../config/dialects/matrix.yaml");
        [
            ("gateway.yaml", gateway),
            ("matrix.yaml", dialect.to_owned()),
            ("policy/acme.yaml", self.acme.clone()),
            ("policy/beta.yaml", self.beta.clone()),
        ]
    }

    /// The same, read.
    pub fn load(&self) -> Loaded {
        let files = self.files("127.0.0.1:1").into_iter();
        let files = files.fold(Memory::default(), |all, (name, text)| {
            all.with(&format!("post/{name}"), &text)
        });
        config::load_from(&files, "post/gateway.yaml".as_ref(), &|_| None)
            .unwrap_or_else(|faults| panic!("{faults:#?}"))
    }
}

fn company(id: &str, members: &str, external: &str) -> String {
    format!("company: {id}\nname: {id}\nmembers: {members}\nexternal_messaging: {external}\n")
}
