//! The journey of a request: the stages in their order.
//!
//! route → identify → read → classify → decide → forward → the answer, judged for its reader.

mod bodies;
mod met;
mod noted;
mod preflight;
mod translate;

use std::rc::Rc;
use std::sync::Arc;

use http::header::UPGRADE;
use http::uri::PathAndQuery;

use super::answer::{Expected, ask_for_the_whole};
use super::arrival::{Answer, Arrival, Pass};
use super::canonical::X_REQUEST_ID;
use super::enforce::{ActAsked, Cleared, Judged, judge};
use super::facts::{Facts, PlaceKey};
use super::legs::{Leg, Legs};
use super::limit::Limit;
use super::parts::{InService, Parts};
use super::refusal::Refused;
use super::tally::Tally;
use super::upstream::OutboundBody;
use super::way::Way;
use crate::clock;
use crate::dialect::{AnswerForm, RouteFault, SurfaceIx};
use crate::policy::{Act, KindSet, PersonId};
use bodies::{Decided, Named, Ready};
use met::Met;

/// One worker's gateway.
pub struct Journey {
    parts: Arc<Parts>,
    legs: Legs,
    tally: Rc<Tally>,
}

impl Journey {
    /// A gateway with legs of its own.
    pub fn new(parts: Arc<Parts>, legs: Legs) -> Self {
        let tally = Tally::new(parts.meters.clone(), parts.hits.clone());
        Self {
            parts,
            legs,
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
            leg: self.legs.at(arrival.client.listener),
            questions: self.legs.questions(),
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
    leg: &'a Leg,
    /// The way to the message server, which is asked what must be learnt.
    questions: &'a Rc<Way>,
    tally: &'a Rc<Tally>,
    service: &'a Arc<InService>,
    id: &'a str,
}

impl<'a> Travel<'a> {
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
        let Some((leg_ix, leg)) = service.dialect.leg(self.leg.name.as_deref()) else {
            return Err(Refused::Route(RouteFault::NoSurface));
        };
        let method = arrival.head.method.as_str();
        let routed = match service.dialect.route_on(leg_ix, method, &target) {
            Ok(routed) => routed,
            Err(RouteFault::Forward) => return self.forward_unmatched(arrival).await,
            Err(fault) => return Err(Refused::Route(fault)),
        };
        *surface = Some(routed.surface.ix);
        let met = self.meet(&arrival, leg, routed, &target).await?;
        let Arrival {
            head, body, client, ..
        } = arrival;
        let mut outbound = self.leg.way.head(&head, &client);
        outbound.target = met.target.clone();
        let Ready {
            body,
            decided,
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
        if let (true, Some(key)) = (met.surface.forgets_identity, &met.reader.owner_key) {
            self.service.owners.forget(key);
        }
        let Decided {
            cleared,
            conceals,
            being_made,
        } = decided;
        let answer = self.send(cleared, outbound, body, &met).await?;
        let instead = self.told_of_unknown(&met);
        let mut reader = met.reader;
        reader.named.extend(translated);
        let expected = Expected {
            form: &met.surface.answer,
            method: &head.method,
            asked: &head.headers,
            conceals,
            instead,
        };
        let answer = reader.answer(answer, &expected).await?;
        if let (Some(being_made), true) = (being_made, answer.status().is_success()) {
            being_made.end();
        }
        Ok(answer)
    }

    /// Learns what must be known, and decides.
    async fn decide(
        &self,
        met: &Met<'_>,
        by_body: Named<'_>,
        upload: KindSet,
    ) -> Result<Decided<'a>, Refused> {
        let actor = met.actor(by_body.items)?;
        let mut by_pseudonym = met.translated.people();
        by_pseudonym.extend_from_slice(by_body.translated);
        if met.surface.answer_of_unknown().is_some() {
            // The answer is the same whether or not there is such a person.
            by_pseudonym.extend_from_slice(&met.item.people);
        }
        let asked = ActAsked {
            actor: actor.as_ref(),
            act: met.surface.act,
            target: &met.item,
            body: by_body.items,
            upload,
            history_visible: met.surface.history_visible,
            by_pseudonym: &by_pseudonym,
            sorts: &self.service.dialect.places,
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
                    makes,
                    conceals,
                    ..
                } => {
                    self.widen(changes);
                    let made = actor.as_ref().zip(makes);
                    let being_made =
                        made.map(|(maker, comers)| self.service.making.begin(maker, &comers));
                    return Ok(Decided {
                        cleared,
                        conceals,
                        being_made: being_made.transpose()?,
                    });
                }
                Judged::Refused(refused, _) => return Err(refused),
                Judged::Wanted(wanted) => {
                    let missing = wanted.into_inner();
                    looked_up += missing.len();
                    if looked_up > self.parts.limits.lookups_max {
                        return Err(Refused::TooLarge(Limit::Lookups));
                    }
                    let under_way = self.service.making.under_way();
                    met.reader.learner.learn(&mut facts, missing).await?;
                    facts.amend_places(|place| under_way.with_comers(place));
                }
            }
        }
    }

    /// What the surface says of people who are unknown, if the request's target names one.
    fn told_of_unknown(&self, met: &Met<'_>) -> Option<Vec<u8>> {
        let document = met.surface.answer_of_unknown()?;
        let snapshot = self.parts.current.load();
        let viewer = snapshot.standing(met.reader.viewer.as_ref()?.as_str());
        let mut named = met.item.people.iter();
        let is_unknown = |person: &PersonId| {
            let subject = snapshot.standing(person.as_str());
            snapshot.is_unknown_to(subject, viewer)
        };
        named.any(is_unknown).then_some(document)
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
        let answer = self.leg.way.send(cleared, head, body).await;
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
            && let Some(key) = &met.reader.owner_key
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
                if let Some(actor) = &met.reader.viewer {
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
        let head = self.leg.way.head(&arrival.head, &arrival.client);
        let bytes_max = self.parts.limits.upload_bytes_max;
        let body = arrival.body.limited(Limit::UploadBytes, bytes_max);
        let answer = self
            .leg
            .way
            .send(Cleared::unjudged(), head, body.into())
            .await?;
        let (mut head, body) = answer.into_parts();
        super::canonical::answer_head(&mut head);
        Ok(http::Response::from_parts(head, body.into()))
    }
}
