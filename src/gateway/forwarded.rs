//! Who really asks: the socket's other end, or what proxies that we trust say of it.
//!
//! Only what stands to the right of the last address that is not a trusted proxy's is believed;
//! whatever a client wrote itself stands to the left of that and is not read.

use std::net::IpAddr;

use http::header::FORWARDED;
use http::{HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;
use uuid::Uuid;

use super::arrival::{Client, Scheme};
use super::canonical::{X_FORWARDED_FOR, X_FORWARDED_HOST, X_FORWARDED_PROTO, X_REQUEST_ID};
use super::connection::Facts;
use super::head::meaning::is_host;

/// A trusted proxy's request id is kept up to this length, bytes.
const REQUEST_ID_BYTES_MAX: usize = 128;

/// Whether an address belongs to one of the trusted proxies.
pub fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|net| net.contains(&address))
}

/// What is known of the client of one request on the connection that `facts` describe.
pub(super) fn client(facts: &Facts, headers: &HeaderMap, trusted: &[IpNet]) -> Client {
    let socket = facts.socket.ip().to_canonical();
    let mut client = Client {
        address: socket,
        hops: Vec::new(),
        socket: facts.socket,
        scheme: facts.scheme,
        forwarded_host: None,
        request_id: HeaderValue::from_static(""),
        tls: facts.tls.clone(),
        listener: facts.listener,
    };
    let mut request_id = None;
    if is_trusted(socket, trusted) {
        (client.address, client.hops) = believed(socket, &said_addresses(headers), trusted);
        if let Some(scheme) = last(headers, X_FORWARDED_PROTO).and_then(scheme_named) {
            client.scheme = scheme;
        }
        client.forwarded_host = last(headers, X_FORWARDED_HOST)
            .filter(|host| is_host(host.as_bytes()))
            .and_then(|host| HeaderValue::from_str(host).ok());
        request_id = headers
            .get(X_REQUEST_ID)
            .filter(|id| is_request_id(id.as_bytes()))
            .cloned();
    }
    client.request_id = request_id.unwrap_or_else(new_request_id);
    client
}

/// The client's address and the hops after it, from the socket's address and what was said, the
/// client's own word first.
fn believed(socket: IpAddr, said: &[Option<IpAddr>], trusted: &[IpNet]) -> (IpAddr, Vec<IpAddr>) {
    let mut address = socket;
    let mut hops = Vec::new();
    for word in said.iter().rev() {
        if !is_trusted(address, trusted) {
            break;
        }
        // An unreadable word ends what can be believed: the last proxy stands for its client.
        let Some(next) = word else { break };
        hops.insert(0, address);
        address = *next;
    }
    (address, hops)
}

/// The addresses that proxies said, in order; `None` where one cannot be read. `X-Forwarded-For`,
/// or `Forwarded` where that is missing.
fn said_addresses(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let (name, read): (HeaderName, fn(&str) -> Option<IpAddr>) =
        if headers.contains_key(X_FORWARDED_FOR) {
            (X_FORWARDED_FOR, address_of)
        } else {
            (FORWARDED, forwarded_for)
        };
    headers
        .get_all(name)
        .iter()
        .flat_map(|value| match value.to_str() {
            Ok(text) => text.split(',').map(|word| read(word.trim())).collect(),
            Err(_) => vec![None],
        })
        .collect()
}

/// `for=` of one element of a Forwarded header.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        if !name.trim().eq_ignore_ascii_case("for") {
            return None;
        }
        address_of(value.trim().trim_matches('"'))
    })
}

/// An address, with or without brackets and port.
fn address_of(word: &str) -> Option<IpAddr> {
    if let Ok(address) = word.parse::<IpAddr>() {
        return Some(address.to_canonical());
    }
    if let Ok(socket) = word.parse::<std::net::SocketAddr>() {
        return Some(socket.ip().to_canonical());
    }
    let inner = word.strip_prefix('[')?.strip_suffix(']')?;
    inner.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

/// The last word of a list header: what the nearest proxy said.
fn last(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let value = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    value.rsplit(',').next().map(str::trim)
}

fn scheme_named(word: &str) -> Option<Scheme> {
    if word.eq_ignore_ascii_case("https") {
        Some(Scheme::Https)
    } else if word.eq_ignore_ascii_case("http") {
        Some(Scheme::Http)
    } else {
        None
    }
}

fn is_request_id(id: &[u8]) -> bool {
    !id.is_empty()
        && id.len() <= REQUEST_ID_BYTES_MAX
        && id
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:+/=".contains(byte))
}

/// A new id, in order of time.
fn new_request_id() -> HeaderValue {
    let mut buffer = Uuid::encode_buffer();
    let text = Uuid::now_v7().hyphenated().encode_lower(&mut buffer);
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(said: &[&str], trusted: &[&str], client: &str, hops: &[&str]) {
        let said: Vec<_> = said.iter().map(|word| address_of(word)).collect();
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().unwrap()).collect();
        let socket: IpAddr = "10.0.0.1".parse().unwrap();
        let hops: Vec<IpAddr> = hops.iter().map(|hop| hop.parse().unwrap()).collect();
        assert_eq!(
            believed(socket, &said, &trusted),
            (client.parse().unwrap(), hops)
        );
    }

    #[test]
    fn only_words_of_trusted_proxies_are_believed() {
        check(&["6.6.6.6"], &[], "10.0.0.1", &[]);
        check(&["6.6.6.6"], &["10.0.0.0/8"], "6.6.6.6", &["10.0.0.1"]);
        check(
            &["1.1.1.1", "6.6.6.6"],
            &["10.0.0.0/8"],
            "6.6.6.6",
            &["10.0.0.1"],
        );
        check(
            &["1.1.1.1", "6.6.6.6", "10.2.2.2"],
            &["10.0.0.0/8"],
            "6.6.6.6",
            &["10.2.2.2", "10.0.0.1"],
        );
        check(&["1.1.1.1", "unknown"], &["10.0.0.0/8"], "10.0.0.1", &[]);
        check(&[], &["10.0.0.0/8"], "10.0.0.1", &[]);
        check(&["10.9.9.9"], &["10.0.0.0/8"], "10.9.9.9", &["10.0.0.1"]);
    }

    #[test]
    fn addresses_are_read_with_brackets_and_ports() {
        for (word, address) in [
            ("1.2.3.4", Some("1.2.3.4")),
            ("1.2.3.4:99", Some("1.2.3.4")),
            ("[2001:db8::1]:99", Some("2001:db8::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("::ffff:1.2.3.4", Some("1.2.3.4")),
            ("_hidden", None),
            ("", None),
        ] {
            assert_eq!(address_of(word), address.map(|text| text.parse().unwrap()));
        }
        assert_eq!(
            forwarded_for("proto=https; For=\"[2001:db8::1]:1\""),
            address_of("2001:db8::1")
        );
    }
}
