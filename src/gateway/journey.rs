//! The journey of a request: the stages in their order.
//!
//! route → identify → read → classify → decide → forward → the answer, judged for its reader.

mod noted;
mod preflight;
mod translate;

use std::rc::Rc;
use std::sync::Arc;

use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HOST, UPGRADE};
use http::uri::PathAndQuery;

use super::answer::{Expected, Reader, ask_for_the_whole};
use super::arrival::{Answer, Arrival, Client, Pass};
use super::canonical::X_REQUEST_ID;
use super::classify::Learner;
use super::client_body::{ClientBody, ClientBodyFault};
use super::enforce::{ActAsked, Cleared, Judged, judge};
use super::facts::{Facts, PlaceKey};
use super::identify;
use super::items::Item;
use super::limit::Limit;
use super::lookup::Asker;
use super::parts::{InService, Parts};
use super::pseudonym::Translated;
use super::read::{self};
use super::refusal::Refused;
use super::show::About;
use super::tally::Tally;
use super::upload::{self, Sniffed};
use super::upstream::OutboundBody;
use super::way::Way;
use crate::clock;
use crate::dialect::program::Meaning;
use crate::dialect::{AnswerForm, Body, Required, RouteFault, Routed, Surface, SurfaceIx};
use crate::policy::{Act, KindSet, PersonId};

/// One worker's gateway.
pub struct Journey {
    parts: Arc<Parts>,
    way: Rc<Way>,
    tally: Rc<Tally>,
}

impl Journey {
    /// A gateway with its own way upstream.
    pub fn new(parts: Arc<Parts>, way: Way) -> Self {
        let tally = Tally::new(parts.meters.clone(), parts.hits.clone());
        Self {
            parts,
            way: Rc::new(way),
            tally: Rc::new(tally),
        }
    }
}

impl Pass for Journey {
    async fn pass(&self, arrival: Arrival) -> Answer {
        let started = clock::now();
        let service = self.parts.in_service.load_full();
        let request_id = arrival.client.request_id.clone();
        let id = request_id.to_str().unwrap_or_default().to_owned();
        let mut surface = None;
        let travel = Travel {
            parts: &self.parts,
            way: &self.way,
            tally: &self.tally,
            service: &service,
            id: &id,
        };
        let mut answer = match travel.pass(arrival, &mut surface).await {
            Ok(answer) => answer,
            Err(refused) => {
                travel.note(&refused);
                refused.answer(&service.dialect, &id)
            }
        };
        answer.headers_mut().insert(X_REQUEST_ID, request_id);
        let dialect = &service.dialect;
        service.requests.answered(dialect, surface, answer.status());
        self.tally
            .request_took(clock::now().duration_since(started));
        answer
    }
}

/// One request on its way.
struct Travel<'a> {
    parts: &'a Arc<Parts>,
    way: &'a Rc<Way>,
    tally: &'a Rc<Tally>,
    service: &'a Arc<InService>,
    id: &'a str,
}

/// A request after it was routed and its sender is known.
struct Met<'d> {
    surface: &'d Surface,
    actor: Option<PersonId>,
    /// Under which the credential's owner is remembered.
    owner_key: Option<[u8; 32]>,
    learner: Learner,
    translated: Translated,
    target: PathAndQuery,
    /// What the path and the query name.
    item: Item,
    file_name: String,
    /// How many elements of the answer's page are wanted.
    page: Option<usize>,
}

/// A request that was judged and may go.
struct Ready {
    body: OutboundBody,
    cleared: Cleared,
    /// See [`Judged::Cleared`].
    conceals: bool,
    /// Who was named in the body by a pseudonym.
    translated: Vec<PersonId>,
}

impl Travel<'_> {
    /// `surface` is where the request turned out to be.
    async fn pass(
        &self,
        arrival: Arrival,
        surface: &mut Option<SurfaceIx>,
    ) -> Result<Answer, Refused> {
        if let Some(fault) = arrival.fault {
            return Err(Refused::Head(fault));
        }
        if arrival.head.headers.contains_key(UPGRADE) {
            return Err(Refused::Upgrade);
        }
        let service = self.service.clone();
        let target = arrival
            .head
            .uri
            .path_and_query()
            .map_or("/", PathAndQuery::as_str)
            .to_owned();
        if preflight::is_one(&arrival.head, &service.dialect) {
            return Ok(preflight::answer(&service.dialect));
        }
        let routed = match service.dialect.route(arrival.head.method.as_str(), &target) {
            Ok(routed) => routed,
            Err(RouteFault::Forward) => return self.forward_unmatched(arrival).await,
            Err(fault) => return Err(Refused::Route(fault)),
        };
        *surface = Some(routed.surface.ix);
        let met = self.meet(&arrival, routed, &target).await?;
        let Arrival {
            head, body, client, ..
        } = arrival;
        let mut outbound = self.way.head(&head, &client);
        outbound.target = met.target.clone();
        let Ready {
            body,
            cleared,
            conceals,
            translated,
        } = self
            .judge(&met, &head.headers, body, &mut outbound.headers)
            .await?;
        if matches!(met.surface.answer, AnswerForm::Bytes) && !met.translated.people().is_empty() {
            // Bytes can't be masked: of an unknown person there is no picture.
            return Err(Refused::Hidden);
        }
        if met.surface.answer.is_read() {
            outbound.ask_for_identity();
            ask_for_the_whole(&mut outbound.headers);
        }
        if let (true, Some(key)) = (met.surface.forgets_identity, &met.owner_key) {
            self.service.owners.forget(key);
        }
        let answer = self.send(cleared, outbound, body, &met).await?;
        let reader = Reader {
            learner: met.learner,
            viewer: met.actor,
            about: About {
                person: met.item.people.into_iter().next(),
                place: met.item.place,
                kinds: met.item.kinds,
            },
            own_origin: own_origin(&client, &head.headers),
            owner_key: met.owner_key,
            id: self.id.to_owned(),
            page: met.page,
            named: met
                .translated
                .people()
                .into_iter()
                .chain(translated)
                .collect(),
        };
        let expected = Expected {
            form: &met.surface.answer,
            method: &head.method,
            asked: &head.headers,
            conceals,
        };
        reader.answer(answer, &expected).await
    }

    /// Identifies the sender, and puts the real ids where the sender named people by pseudonyms.
    async fn meet<'d>(
        &self,
        arrival: &Arrival,
        routed: Routed<'d>,
        target: &str,
    ) -> Result<Met<'d>, Refused> {
        let headers = &arrival.head.headers;
        let mut own = self.asker(&arrival.client, identify::credential_headers(headers));
        let (actor, owner_key) = match routed.surface.identity {
            Required::Open => (None, None),
            Required::Required => {
                let credential = self
                    .service
                    .dialect
                    .identity
                    .credential(headers, query(target))?;
                own.with.clone_from(&credential.with);
                let owner = identify::owner(self.parts, self.service, &own, &credential).await?;
                (Some(owner), Some(identify::key_of(&credential)))
            }
        };
        let lookup_token = self.parts.lookup_token.as_deref();
        let service = lookup_token.and_then(identify::service_headers);
        let learner = Learner {
            parts: self.parts.clone(),
            service: self.service.clone(),
            own,
            gateway: service.map(|credential| self.asker(&arrival.client, credential)),
        };
        let mut translated = Translated::default();
        let mut captures = routed.captures;
        let target = self.translate_target(
            actor.as_ref(),
            target,
            &mut captures,
            &routed.documents,
            &mut translated,
        )?;
        let item = Item::of_target(&captures, &self.service.dialect.words);
        let page = captures
            .iter()
            .find(|capture| matches!(capture.meaning, Some(Meaning::Limit(_))))
            .and_then(|capture| capture.value.parse().ok());
        let file_name = captures
            .into_iter()
            .find(|capture| capture.meaning == Some(Meaning::FileName))
            .map(|capture| capture.value)
            .unwrap_or_default();
        let surface = routed.surface;
        Ok(Met {
            surface,
            actor,
            owner_key,
            learner,
            translated,
            target,
            item,
            file_name,
            page,
        })
    }

    fn asker(&self, client: &Client, credential: HeaderMap) -> Asker {
        Asker {
            way: self.way.clone(),
            client: client.clone(),
            credential,
            with: String::new(),
            tally: self.tally.clone(),
        }
    }

    async fn judge(
        &self,
        met: &Met<'_>,
        asked_headers: &HeaderMap,
        body: ClientBody,
        headers: &mut HeaderMap,
    ) -> Result<Ready, Refused> {
        let limits = &self.parts.limits;
        match &met.surface.body {
            Body::Nothing => {
                match body.collect_within(Limit::InspectedBodyBytes, 0).await {
                    Ok(_) => {}
                    Err(ClientBodyFault::TooLarge(_)) => return Err(Refused::UnexpectedBody),
                    Err(fault) => return Err(fault.into()),
                }
                let (cleared, conceals) = self.decide(met, &[], KindSet::default(), &[]).await?;
                Ok(Ready {
                    body: OutboundBody::empty(),
                    cleared,
                    conceals,
                    translated: Vec::new(),
                })
            }
            Body::Json(program) => {
                let bytes = body
                    .collect_within(Limit::InspectedBodyBytes, limits.inspected_body_bytes_max)
                    .await?;
                if bytes.is_empty() && met.surface.empty_body {
                    let (cleared, conceals) =
                        self.decide(met, &[], KindSet::default(), &[]).await?;
                    return Ok(Ready {
                        body: OutboundBody::empty(),
                        cleared,
                        conceals,
                        translated: Vec::new(),
                    });
                }
                let held = read::json(&self.service.dialect, limits, asked_headers, bytes, program)
                    .await?;
                headers.remove(CONTENT_ENCODING);
                let (held, items, translated) = self.translate_body(met, held, program)?;
                let (cleared, conceals) = self
                    .decide(met, &items, KindSet::default(), &translated)
                    .await?;
                Ok(Ready {
                    body: OutboundBody::full(held.bytes),
                    cleared,
                    conceals,
                    translated,
                })
            }
            Body::Bytes => {
                if asked_headers.contains_key(CONTENT_ENCODING) {
                    // What a coded upload is can't be seen from its bytes.
                    return Err(Refused::UnsupportedMedia);
                }
                let body = body.limited(Limit::UploadBytes, limits.upload_bytes_max);
                let media_type = asked_headers.get(CONTENT_TYPE);
                let Sniffed { kinds, body } =
                    upload::sniff(body, &met.file_name, media_type).await?;
                let (cleared, conceals) = self.decide(met, &[], kinds, &[]).await?;
                Ok(Ready {
                    body,
                    cleared,
                    conceals,
                    translated: Vec::new(),
                })
            }
        }
    }

    /// Real ids in place of pseudonyms in a body, and its items.
    async fn decide(
        &self,
        met: &Met<'_>,
        items: &[Item],
        upload: KindSet,
        translated: &[PersonId],
    ) -> Result<(Cleared, bool), Refused> {
        let by_pseudonym: Vec<PersonId> = met
            .translated
            .people()
            .into_iter()
            .chain(translated.iter().cloned())
            .collect();
        let asked = ActAsked {
            actor: met.actor.as_ref(),
            act: met.surface.act,
            target: &met.item,
            body: items,
            upload,
            history_visible: met.surface.history_visible,
            by_pseudonym: &by_pseudonym,
        };
        let mut facts = Facts::default();
        let mut looked_up = 0;
        loop {
            let judged = {
                let snapshot = self.parts.current.load();
                let judged = judge(&snapshot, &asked, &facts);
                self.tally.decided(&snapshot, judged.decisions());
                judged
            };
            match judged {
                Judged::Cleared {
                    cleared,
                    changes,
                    conceals,
                    ..
                } => {
                    self.widen(changes);
                    return Ok((cleared, conceals));
                }
                Judged::Refused(refused, _) => return Err(refused),
                Judged::Wanted(wanted) => {
                    let missing = wanted.into_inner();
                    looked_up += missing.len();
                    if looked_up > self.parts.limits.lookups_max {
                        return Err(Refused::TooLarge(Limit::Lookups));
                    }
                    met.learner.learn(&mut facts, missing).await?;
                }
            }
        }
    }

    /// A room that becomes external is external before the change is sent (threat model, R1).
    fn widen(&self, changes: Vec<(PlaceKey, Vec<PersonId>)>) {
        for (place, comers) in changes {
            self.service
                .places
                .amend(&place, |known| Arc::new(known.with(comers.iter().cloned())));
        }
    }

    async fn send(
        &self,
        cleared: Cleared,
        head: super::canonical::CanonicalHead,
        body: OutboundBody,
        met: &Met<'_>,
    ) -> Result<http::Response<super::upstream::UpstreamBody>, Refused> {
        let started = clock::now();
        let answer = self.way.send(cleared, head, body).await;
        self.tally
            .upstream_took(clock::now().duration_since(started));
        self.forget_changed(met);
        let answer = answer?;
        if self
            .service
            .dialect
            .identity
            .forget_on
            .contains(&answer.status().as_u16())
            && let Some(key) = &met.owner_key
        {
            self.service.owners.forget(key);
        }
        Ok(answer)
    }

    /// What the act may have changed is learnt anew.
    fn forget_changed(&self, met: &Met<'_>) {
        match met.surface.act {
            Act::Invite | Act::Join | Act::Leave | Act::Create => {
                if let Some(place) = &met.item.place {
                    self.service.places.forget(place);
                }
            }
            // Somebody who changes the own profile may be known by another name from now on.
            Act::Describe if met.item.place.is_none() => {
                if let Some(actor) = &met.actor {
                    self.service.known_as.forget(actor);
                }
            }
            Act::Edit | Act::Delete => {
                for thing in &met.item.things {
                    self.service.things.forget(thing);
                }
            }
            _ => {}
        }
    }

    /// A route that the dialect forwards unjudged.
    async fn forward_unmatched(&self, arrival: Arrival) -> Result<Answer, Refused> {
        let head = self.way.head(&arrival.head, &arrival.client);
        let bytes_max = self.parts.limits.upload_bytes_max;
        let body = arrival.body.limited(Limit::UploadBytes, bytes_max);
        let answer = self
            .way
            .send(Cleared::unjudged(), head, body.into())
            .await?;
        let (mut head, body) = answer.into_parts();
        super::canonical::answer_head(&mut head);
        Ok(http::Response::from_parts(head, body.into()))
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
    Some(format!(
        "{}://{}",
        client.scheme.as_str(),
        host.to_str().ok()?
    ))
}
