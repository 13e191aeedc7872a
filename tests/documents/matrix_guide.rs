//! The guide for Matrix, taken at its word: its settings load, each of its variants in its place.

use std::fs;
use std::path::Path;

use borderpost::config::{Memory, load_from};

use super::markdown::{pages, root};

/// The YAML block of the guide that has this line.
fn block(line: &str) -> String {
    let pages = pages();
    let guide = pages
        .iter()
        .find(|page| page.path == "docs/guide/matrix.md");
    let mut blocks = guide.expect("the guide").blocks.iter();
    let found = blocks.find(|block| block.text.lines().any(|own| own == line));
    found.expect("a block with this line").text.clone()
}

fn gateway() -> String {
    block("upstream:")
}

fn policy() -> String {
    block("company: acme")
}

/// `text` with something else in place of a part that it must have.
fn replaced(text: &str, part: &str, other: &str) -> String {
    assert!(text.contains(part), "the guide has no {part:?}");
    text.replace(part, other)
}

/// Loads these settings, with the files that the guide has the reader put beside them.
fn loads(gateway: &str, policy: &str) {
    let dialect = fs::read_to_string(root().join("config/dialects/matrix.yaml"));
    let files = Memory::default()
        .with("etc/gateway.yaml", gateway)
        .with("etc/policy/acme.yaml", policy)
        .with("etc/dialects/matrix.yaml", &dialect.expect("a dialect"))
        .with("/etc/borderpost/tls/chat.acme.example.crt", "")
        .with("/etc/borderpost/tls/chat.acme.example.key", "");
    let variable = |_: &str| Some("a secret of thirty-two characters or more".to_owned());
    let loaded = load_from(&files, Path::new("etc/gateway.yaml"), &variable)
        .unwrap_or_else(|faults| panic!("{faults:?}"));
    assert_eq!(loaded.policy.companies.len(), 1);
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
}

#[test]
fn its_settings_load() {
    loads(&gateway(), &policy());
}

#[test]
fn its_settings_with_a_bridge_load() {
    let networks = "networks:\n  outside:\n    people: \"@*:*\"\n";
    loads(
        &replaced(&gateway(), networks, &block("  line:")),
        &policy(),
    );
}

#[test]
fn its_settings_with_more_legs_load() {
    let networks = "networks:\n  outside:\n    people: \"@*:*\"\n";
    let bridged = replaced(&gateway(), networks, &block("  line:"));
    loads(&format!("{bridged}{}", block("  - leg: bridge")), &policy());
    let federated = block("  - leg: federation");
    let (upstream, legs) = federated.split_once("legs:").expect("legs");
    let alone = "upstream:\n  url: http://127.0.0.1:8008\n  lookup_token: ${BORDERPOST_LOOKUP_TOKEN:?the token of a server administrator}\n";
    let named = replaced(&gateway(), alone, upstream);
    loads(&format!("{named}legs:{legs}"), &policy());
}

#[test]
fn its_settings_with_tls_load() {
    let listeners = "listeners:\n  - address: 127.0.0.1:7700\n";
    loads(
        &replaced(&gateway(), listeners, &block("    tls:")),
        &policy(),
    );
}
