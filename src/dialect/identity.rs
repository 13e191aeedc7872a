//! Whose credential is this? Where a credential stands, and that there is exactly one.

use std::fmt;

use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE, HeaderName};

use super::automaton::Automata;
use super::lookup::Lookup;
use super::shape::Shapes;
use super::target;
use crate::yaml::{Decoder, Node};

/// The longest credential, bytes.
const CREDENTIAL_BYTES_MAX: usize = 8 << 10;

/// How a request says who asks.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Where a credential can stand, in the upstream's order.
    pub token: Vec<TokenPlace>,
    /// How its owner is asked for.
    pub owner: Lookup,
    /// Query parameters that belong to the credential: whose it is depends on them, too.
    pub with: Vec<Box<str>>,
    /// The upstream's statuses after which the owner is asked for anew.
    pub forget_on: Vec<u16>,
}

/// A place where a credential can stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenPlace {
    /// `Authorization: Bearer …`.
    Bearer,
    /// `Authorization` with another scheme.
    Scheme(Box<str>),
    /// A header of its own.
    Header(HeaderName),
    /// A cookie.
    Cookie(Box<str>),
    /// A query parameter.
    Query(Box<str>),
}

/// The one credential of a request. It is a secret: it can't be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// Its text.
    pub text: String,
    /// Where it stood: which of [`Identity::token`].
    pub place: usize,
    /// The parameters that belong to it ([`Identity::with`]), as they stood in the query.
    pub with: String,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

/// Why a request has no one credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CredentialFault {
    /// There is none.
    None,
    /// There are several that differ, or one beside another that we can't read.
    Conflict,
}

impl Identity {
    /// The one credential of a request.
    pub fn credential(
        &self,
        headers: &HeaderMap,
        query: Option<&str>,
    ) -> Result<Credential, CredentialFault> {
        let mut found: Option<Credential> = None;
        let mut add = |text: &str, place: usize| match &found {
            Some(first) if first.text != text => Err(CredentialFault::Conflict),
            Some(_) => Ok(()),
            None => {
                found = Some(Credential {
                    text: text.to_owned(),
                    place,
                    with: String::new(),
                });
                Ok(())
            }
        };
        let mut unread = false;
        for value in headers.get_all(AUTHORIZATION) {
            match value
                .to_str()
                .ok()
                .and_then(|text| self.authorization(text))
            {
                Some((text, place)) => add(text, place)?,
                // The upstream may know what to do with it, and it is not the one that we judge by.
                None => unread = true,
            }
        }
        for (place, token) in self.token.iter().enumerate() {
            match token {
                TokenPlace::Bearer | TokenPlace::Scheme(_) => {}
                TokenPlace::Header(name) => {
                    for value in headers.get_all(name) {
                        add(plain(value.to_str().ok())?, place)?;
                    }
                }
                TokenPlace::Cookie(name) => {
                    for value in cookies(headers, name) {
                        add(plain(value.ok())?, place)?;
                    }
                }
                TokenPlace::Query(name) => {
                    let parameters = target::parameters(query.unwrap_or_default(), 0)
                        .map_err(|_| CredentialFault::Conflict)?;
                    for parameter in parameters.iter().filter(|p| p.name == **name) {
                        add(plain(Some(&parameter.value))?, place)?;
                    }
                }
            }
        }
        match found {
            Some(_) if unread => Err(CredentialFault::Conflict),
            Some(credential) => Ok(Credential {
                with: self.companions(query.unwrap_or_default())?,
                ..credential
            }),
            None => Err(CredentialFault::None),
        }
    }

    /// The parameters that belong to a credential, as a query of their own.
    fn companions(&self, query: &str) -> Result<String, CredentialFault> {
        if self.with.is_empty() {
            return Ok(String::new());
        }
        let parameters = target::parameters(query, 0).map_err(|_| CredentialFault::Conflict)?;
        let known = |name: &str| self.with.iter().any(|known| **known == *name);
        let companions = parameters.iter().filter(|p| known(&p.name));
        let pairs: Vec<String> = companions
            .map(|p| format!("{}={}", p.name, p.raw))
            .collect();
        Ok(pairs.join("&"))
    }

    /// The credential in the value of an `Authorization` header, if it has a scheme of ours.
    fn authorization<'v>(&self, value: &'v str) -> Option<(&'v str, usize)> {
        let (scheme, text) = value.split_once(' ')?;
        let text = plain(Some(text.trim_start_matches(' '))).ok()?;
        let place = self.token.iter().position(|place| match place {
            TokenPlace::Bearer => scheme.eq_ignore_ascii_case("bearer"),
            TokenPlace::Scheme(known) => scheme.eq_ignore_ascii_case(known),
            _ => false,
        })?;
        Some((text, place))
    }

    /// Reads the section `identity`.
    pub(super) fn read<'d>(
        node: &'d Node,
        shapes: &Shapes,
        automata: &mut Automata<'_>,
        decoder: &mut Decoder<'d>,
    ) -> Option<Self> {
        let mut fields = decoder.mapping(node)?;
        let token = fields.required(decoder, "token");
        let owner = fields.required(decoder, "owner");
        let with = fields.optional("with");
        let forget_on = fields.optional("forget_on");
        fields.finish(decoder);
        let mut companions: Vec<Box<str>> = Vec::new();
        for node in with.map(|n| decoder.one_or_many(n)).unwrap_or_default() {
            companions.extend(companion(node, decoder));
        }
        let mut places = Vec::new();
        for node in token
            .map(|token| decoder.one_or_many(token))
            .unwrap_or_default()
        {
            let place = token_place(node, decoder)?;
            if places.contains(&place) {
                decoder.error(&node.span, "this place is named twice");
            }
            places.push(place);
        }
        let mut statuses = Vec::new();
        for node in forget_on
            .map(|n| decoder.one_or_many(n))
            .unwrap_or_default()
        {
            let status = decoder.integer(node, 400..=599);
            statuses.extend(status.and_then(|status| u16::try_from(status).ok()));
        }
        let owner = Lookup::read(owner?, None, shapes, automata, decoder);
        Some(Self {
            token: places,
            owner: owner?,
            with: companions,
            forget_on: statuses,
        })
    }
}

/// A credential as it can be compared: visible ASCII, no blanks, not too long.
fn plain(text: Option<&str>) -> Result<&str, CredentialFault> {
    text.filter(|text| {
        !text.is_empty()
            && text.len() <= CREDENTIAL_BYTES_MAX
            && text
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b',')
    })
    .ok_or(CredentialFault::Conflict)
}

/// The values of all cookies of this name; `Err` for one that can't be read.
fn cookies<'h>(
    headers: &'h HeaderMap,
    name: &str,
) -> impl Iterator<Item = Result<&'h str, CredentialFault>> {
    let lines = headers.get_all(COOKIE).iter();
    lines.flat_map(move |line| {
        let pairs: Vec<_> = match line.to_str() {
            Ok(line) => line
                .split(';')
                .filter_map(|pair| pair.trim().split_once('='))
                .filter(|(known, _)| *known == name)
                .map(|(_, value)| Ok(value))
                .collect(),
            Err(_) => vec![Err(CredentialFault::Conflict)],
        };
        pairs
    })
}

fn companion<'d>(node: &'d Node, decoder: &mut Decoder<'d>) -> Option<Box<str>> {
    let text = decoder.string(node)?;
    let plain = |name: &&str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
        !name.is_empty() && name.bytes().all(plain)
    };
    let name = text.strip_prefix("query ").filter(plain);
    if name.is_none() {
        decoder
            .error(&node.span, format!("`{text}` can't belong to a credential"))
            .set_help("`query NAME`");
    }
    name.map(Into::into)
}

fn token_place<'d>(node: &'d Node, decoder: &mut Decoder<'d>) -> Option<TokenPlace> {
    let text = decoder.string(node)?;
    let place = match text.split_once(' ') {
        None if text == "bearer" => Some(TokenPlace::Bearer),
        Some(("scheme", name)) => Some(TokenPlace::Scheme(name.into())),
        Some(("cookie", name)) => Some(TokenPlace::Cookie(name.into())),
        Some(("query", name)) => Some(TokenPlace::Query(name.into())),
        Some(("header", name)) => HeaderName::from_bytes(name.as_bytes())
            .ok()
            .filter(|name| *name != AUTHORIZATION && *name != COOKIE)
            .map(TokenPlace::Header),
        _ => None,
    };
    if place.is_none() {
        decoder
            .error(&node.span, format!("`{text}` is no place of a credential"))
            .set_help("`bearer`, `scheme NAME`, `header NAME`, `cookie NAME` or `query NAME`");
    }
    place
}

#[cfg(test)]
mod tests {
    use super::super::program::Program;
    use super::*;

    fn identity() -> Identity {
        Identity {
            token: vec![
                TokenPlace::Cookie("TOKEN".into()),
                TokenPlace::Bearer,
                TokenPlace::Scheme("token".into()),
                TokenPlace::Header(HeaderName::from_static("x-token")),
                TokenPlace::Query("access_token".into()),
            ],
            owner: Lookup::for_test(Program::default()),
            with: vec!["user_id".into()],
            forget_on: Vec::new(),
        }
    }

    #[test]
    fn what_belongs_to_a_credential_comes_along() {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", "Bearer t1".parse().unwrap());
        let with = |query| identity().credential(&headers, query).unwrap().with;
        assert_eq!(with(None), "");
        assert_eq!(with(Some("a=1&user_id=%40b%3Ac&d=2")), "user_id=%40b%3Ac");
        assert_eq!(with(Some("user%5Fid=@b:c")), "user_id=@b:c");
    }

    #[test]
    fn exactly_one_credential_is_found_or_none() {
        let check = |headers: &[(&str, &str)], query: Option<&str>, expected| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
                map.append(name, value.parse().unwrap());
            }
            let found = identity().credential(&map, query);
            assert_eq!(found.map(|c| c.text), expected, "{headers:?} {query:?}");
        };
        let one = || Ok("t1".to_owned());
        let conflict = || Err(CredentialFault::Conflict);
        check(&[("authorization", "Bearer t1")], None, one());
        check(&[("authorization", "BEARER t1")], None, one());
        check(&[("authorization", "Bearer  t1")], None, one());
        check(&[("authorization", "token t1")], None, one());
        check(&[("cookie", "a=b; TOKEN=t1; c=d")], None, one());
        check(&[("cookie", "a=b"), ("cookie", "TOKEN=t1")], None, one());
        check(&[("x-token", "t1")], None, one());
        check(&[], Some("a=1&access_token=t1"), one());
        check(&[], Some("access%5Ftoken=t%31"), one());
        check(
            &[("authorization", "Bearer t1"), ("cookie", "TOKEN=t1")],
            None,
            one(),
        );
        check(&[], None, Err(CredentialFault::None));
        check(
            &[("cookie", "TOKENS=t1")],
            Some("token=t1"),
            Err(CredentialFault::None),
        );
        check(
            &[("authorization", "Basic dDE=")],
            None,
            Err(CredentialFault::None),
        );
        check(
            &[("authorization", "Bearer t1"), ("cookie", "TOKEN=t2")],
            None,
            conflict(),
        );
        check(
            &[("authorization", "Bearer t1")],
            Some("access_token=t2"),
            conflict(),
        );
        check(
            &[
                ("authorization", "Bearer t1"),
                ("authorization", "Bearer t2"),
            ],
            None,
            conflict(),
        );
        check(
            &[("authorization", "Basic x"), ("cookie", "TOKEN=t1")],
            None,
            conflict(),
        );
        check(&[("cookie", "TOKEN=t1; TOKEN=t2")], None, conflict());
        check(
            &[("authorization", "Bearer t1, Bearer t1")],
            None,
            Err(CredentialFault::None),
        );
        check(
            &[("authorization", "Bearer ")],
            None,
            Err(CredentialFault::None),
        );
        check(&[], Some("access_token="), conflict());
    }

    #[test]
    fn a_credential_is_not_printed() {
        let credential = Credential {
            text: "canary".into(),
            place: 1,
            with: String::new(),
        };
        assert!(!format!("{credential:?}").contains("canary"));
    }
}
