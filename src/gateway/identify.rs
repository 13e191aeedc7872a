//! Who is asking: the credential's owner, by the upstream's own word.

use aws_lc_rs::digest;
use http::{HeaderMap, HeaderValue, header};

use super::lookup::{Asker, Found};
use super::parts::{InService, Parts};
use super::refusal::Refused;
use crate::dialect::Credential;
use crate::dialect::program::Meaning;
use crate::policy::PersonId;

/// The owner of a credential, which is remembered under `key`.
pub async fn owner(
    parts: &Parts,
    service: &InService,
    asker: &Asker,
    key: &[u8; 32],
) -> Result<PersonId, Refused> {
    service
        .owners
        .get_or_learn(key, || Box::pin(ask(parts, service, asker)))
        .await
}

/// The key under which an owner is remembered: no credential is kept.
pub fn key_of(credential: &Credential) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(&credential.place.to_be_bytes());
    context.update(credential.with.as_bytes());
    context.update(b" ");
    context.update(credential.text.as_bytes());
    let digest = context.finish();
    let mut key = [0; 32];
    key.copy_from_slice(digest.as_ref());
    key
}

async fn ask(parts: &Parts, service: &InService, asker: &Asker) -> Result<PersonId, Refused> {
    let lookup = &service.dialect.identity.owner;
    match asker.ask("owner", &parts.limits, lookup, "").await? {
        Found::Body(body, reading) => {
            let read = super::items::ReadBody {
                bytes: &body,
                reading: &reading,
                program: &lookup.program,
                drive_hosts: &service.drive_hosts,
            };
            let mut people = reading
                .finds
                .iter()
                .filter(|find| matches!(find.meaning, Meaning::Person(_)))
                .filter_map(|find| read.id(find));
            let owner = people.next().map(|id| PersonId::from(&*id));
            owner
                .inspect(|owner| note(parts, owner))
                .ok_or(Refused::LookupFailed)
        }
        Found::Nothing | Found::Unauthenticated => Err(Refused::Unauthenticated),
    }
}

/// Tells of a member who is seen for the first time. Nobody waits for that: if there is no room for
/// the notice now, the next look-up brings another.
fn note(parts: &Parts, owner: &PersonId) {
    if let Some(first_seen) = &parts.first_seen
        && parts.current.load().is_new(owner.as_str())
    {
        let _ = first_seen.try_send(owner.clone());
    }
}

/// The headers that carry the credential, for look-ups in the actor's name.
pub fn credential_headers(headers: &HeaderMap) -> HeaderMap {
    let mut own = HeaderMap::new();
    for name in [header::AUTHORIZATION, header::COOKIE] {
        for value in headers.get_all(&name) {
            own.append(name.clone(), value.clone());
        }
    }
    own
}

/// The headers that carry the gateway's own credential.
pub fn service_headers(token: &str) -> Option<HeaderMap> {
    let mut value = HeaderValue::try_from(format!("Bearer {token}")).ok()?;
    value.set_sensitive(true);
    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, value);
    Some(headers)
}
