//! Who stands behind a request, by whose eyes its answer is read, and what its target names.

use http::HeaderMap;
use http::header::HOST;
use http::uri::PathAndQuery;

use super::Travel;
use crate::dialect::program::Meaning;
use crate::dialect::{Capture, Claimed, Leg, Required, Routed, Sender, Surface};
use crate::gateway::answer::Reader;
use crate::gateway::arrival::{Arrival, Client};
use crate::gateway::classify::Learner;
use crate::gateway::identify;
use crate::gateway::items::Item;
use crate::gateway::lookup::Asker;
use crate::gateway::pseudonym::Translated;
use crate::gateway::refusal::Refused;
use crate::gateway::show::{About, Reads};
use crate::policy::PersonId;

/// A request after it was routed and its sender is known.
pub(super) struct Met<'d> {
    pub(super) surface: &'d Surface,
    /// Who will read the answer, or what the request itself shows.
    pub(super) reader: Reader,
    /// What a server claims, on a leg where one speaks for its people.
    pub(super) claimed: Option<Claimed>,
    pub(super) translated: Translated,
    pub(super) target: PathAndQuery,
    /// What the path and the query name.
    pub(super) item: Item,
    pub(super) file_name: String,
}

/// Who stands behind a request.
#[derive(Default)]
struct Behind {
    person: Option<PersonId>,
    /// Under which the credential's owner is remembered.
    owner_key: Option<[u8; 32]>,
    claimed: Option<Claimed>,
}

impl Met<'_> {
    /// For whom pseudonyms are put back. A server is shown none, and what it sends is signed.
    pub(super) fn translated_for(&self) -> Option<&PersonId> {
        let viewer = self.reader.viewer.as_ref();
        viewer.filter(|_| self.claimed.is_none())
    }

    /// Who acts: on a leg where a server speaks for its people, the one whom the request names, if
    /// that is one of them.
    pub(super) fn actor(&self, body: &[Item]) -> Result<Option<PersonId>, Refused> {
        let mut named = std::iter::once(&self.item)
            .chain(body)
            .flat_map(|item| &item.actors);
        let (Some(claimed), Some(actor)) = (&self.claimed, named.next()) else {
            return Ok(self.reader.viewer.clone());
        };
        if named.any(|other| other != actor) || !claimed.covers(actor.as_str()) {
            return Err(Refused::Unauthenticated);
        }
        Ok(Some(actor.clone()))
    }
}

impl Travel<'_> {
    /// Identifies the sender, and puts the real ids where the sender named people by pseudonyms.
    pub(super) async fn meet<'d>(
        &self,
        arrival: &Arrival,
        leg: &Leg,
        routed: Routed<'d>,
        target: &str,
    ) -> Result<Met<'d>, Refused> {
        let headers = &arrival.head.headers;
        let service = self.parts.lookup_token.as_deref();
        let mut learner = Learner {
            parts: self.parts.clone(),
            service: self.service.clone(),
            tally: self.tally.clone(),
            own: None,
            gateway: service
                .and_then(identify::service_headers)
                .map(|credential| Asker {
                    is_own: true,
                    ..self.asker(&arrival.client, credential)
                }),
        };
        let behind = self
            .behind(arrival, leg, routed.surface, target, &mut learner)
            .await?;
        let mut translated = Translated::default();
        let mut captures = routed.captures;
        let target = self.translate_target(
            behind.person.as_ref().filter(|_| behind.claimed.is_none()),
            target,
            &mut captures,
            &routed.documents,
            &mut translated,
        )?;
        let item = Item::of_target(&captures, &self.service.dialect.words);
        let valued = |wanted: fn(Meaning) -> bool| {
            let is_it = |capture: &&Capture| capture.meaning.is_some_and(wanted);
            captures.iter().find(is_it).map(|capture| &capture.value)
        };
        let page = valued(|meaning| matches!(meaning, Meaning::Limit(_)));
        let file_name = valued(|meaning| meaning == Meaning::FileName).cloned();
        let reader = Reader {
            learner,
            viewer: behind.person,
            reads: match leg.sender {
                Sender::Reader => Reads::ForTheirSide,
                Sender::Credential | Sender::Claimed(_) => Reads::Alone,
            },
            about: About {
                person: item.people.first().cloned(),
                place: item.place.clone(),
                kinds: item.kinds,
            },
            own_origin: own_origin(&arrival.client, headers),
            owner_key: behind.owner_key,
            act: routed.surface.act,
            id: self.id.to_owned(),
            page: page.and_then(|page| page.parse().ok()),
            named: translated.people(),
        };
        Ok(Met {
            surface: routed.surface,
            reader,
            claimed: behind.claimed,
            translated,
            target,
            item,
            file_name: file_name.unwrap_or_default(),
        })
    }

    /// Who stands behind a request on this leg; a credential that can ask is noted in `learner`.
    async fn behind(
        &self,
        arrival: &Arrival,
        leg: &Leg,
        surface: &Surface,
        target: &str,
        learner: &mut Learner,
    ) -> Result<Behind, Refused> {
        let headers = &arrival.head.headers;
        match (&leg.sender, surface.identity) {
            (Sender::Credential, Required::Open) => {
                let own = identify::credential_headers(headers);
                learner.own = Some(self.asker(&arrival.client, own));
                Ok(Behind::default())
            }
            (_, Required::Open) => Ok(Behind::default()),
            (Sender::Credential, Required::Required) => {
                let identity = &self.service.dialect.identity;
                let credential = identity.credential(headers, query(target))?;
                let mut own = self.asker(&arrival.client, identify::credential_headers(headers));
                own.with.clone_from(&credential.with);
                let key = identify::key_of(&credential);
                let owner = identify::owner(self.parts, self.service, &own, &key).await?;
                learner.own = Some(own);
                Ok(Behind {
                    person: Some(owner),
                    owner_key: Some(key),
                    claimed: None,
                })
            }
            (Sender::Reader, Required::Required) => Ok(Behind {
                person: Some(self.leg.reader.clone().ok_or(Refused::Internal)?),
                ..Behind::default()
            }),
            (Sender::Claimed(claim), Required::Required) => {
                let claimed = claim.read_from(headers).ok_or(Refused::Unauthenticated)?;
                Ok(Behind {
                    person: Some(PersonId::from(claimed.anybody.as_str())),
                    claimed: Some(claimed),
                    ..Behind::default()
                })
            }
        }
    }

    /// Who asks the message server.
    fn asker(&self, client: &Client, credential: HeaderMap) -> Asker {
        Asker {
            way: self.questions.clone(),
            client: client.clone(),
            credential,
            with: String::new(),
            is_own: false,
            tally: self.tally.clone(),
        }
    }
}

fn query(target: &str) -> Option<&str> {
    target.split_once('?').map(|(_, query)| query)
}

/// Where the client reached the gateway: what it is told in place of the upstream's own address.
fn own_origin(client: &Client, headers: &HeaderMap) -> Option<String> {
    let host = client
        .forwarded_host
        .as_ref()
        .or_else(|| headers.get(HOST))?;
    Some([client.scheme.as_str(), "://", host.to_str().ok()?].concat())
}
