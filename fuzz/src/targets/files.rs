//! The files of an administrator: `gateway.yaml`, and a company's policy.

use borderpost::config::report::{Colour, Format, render};
use borderpost::config::{Memory, load_from};

const PLAIN: &str = include_str!("../../../config/dialects/plain.yaml");
const GATEWAY: &str = include_str!("../../corpus/config/gateway.yaml");
const POLICY: &str = include_str!("../../corpus/config/policy.yaml");

/// A configuration is loaded, or its mistakes can be shown. Files that name a company are policies.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let (gateway, policy) = if text.contains("company") {
        (GATEWAY, text)
    } else {
        (text, POLICY)
    };
    let files = Memory::default()
        .with("post/gateway.yaml", gateway)
        .with("post/plain.yaml", PLAIN)
        .with("post/policy/acme.yaml", policy);
    if let Err(found) = load_from(&files, "post/gateway.yaml".as_ref(), &|_| None) {
        assert!(!found.is_empty(), "refused without a reason");
        for format in [Format::Text(Colour::None), Format::Json, Format::Github] {
            assert!(!render(&found, format).is_empty());
        }
    }
}
