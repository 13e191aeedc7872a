//! What a request carries: held, read and judged, or passed on as it comes.

use std::sync::Arc;

use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use tracing::warn;

use super::Travel;
use super::met::Met;
use crate::dialect::{Body, Program};
use crate::gateway::client_body::{ClientBody, ClientBodyFault};
use crate::gateway::enforce::Cleared;
use crate::gateway::items::Item;
use crate::gateway::limit::Limit;
use crate::gateway::making::BeingMade;
use crate::gateway::read;
use crate::gateway::refusal::Refused;
use crate::gateway::upload::{self, Sniffed};
use crate::gateway::upstream::OutboundBody;
use crate::policy::{KindSet, PersonId};

/// A request that was judged and may go.
pub(super) struct Ready<'a> {
    pub(super) body: OutboundBody,
    pub(super) decided: Decided<'a>,
    /// Who was named in the body by a pseudonym.
    pub(super) translated: Vec<PersonId>,
}

/// What was decided of it.
pub(super) struct Decided<'a> {
    pub(super) cleared: Cleared,
    /// See [`crate::gateway::enforce::Judged::Cleared`].
    pub(super) conceals: bool,
    /// The place that it makes.
    pub(super) being_made: Option<BeingMade<'a>>,
}

impl<'a> Travel<'a> {
    /// Judges a request by its body, too. What the upstream is to read of it comes back, with the
    /// proof; `headers` are made to agree.
    pub(super) async fn judge(
        &self,
        met: &Met<'_>,
        asked_headers: &HeaderMap,
        body: ClientBody,
        headers: &mut HeaderMap,
    ) -> Result<Ready<'a>, Refused> {
        let limits = &self.parts.limits;
        match &met.surface.body {
            Body::Nothing => {
                match body.collect_within(Limit::InspectedBodyBytes, 0).await {
                    Ok(_) => {}
                    Err(ClientBodyFault::TooLarge(_)) => return Err(Refused::UnexpectedBody),
                    Err(fault) => return Err(fault.into()),
                }
                self.bare(met, KindSet::default(), OutboundBody::empty())
                    .await
            }
            Body::Json(program) => {
                let bound = (Limit::InspectedBodyBytes, limits.inspected_body_bytes_max);
                let bytes = body.collect_within(bound.0, bound.1).await?;
                if bytes.is_empty() && met.surface.empty_body {
                    return self
                        .bare(met, KindSet::default(), OutboundBody::empty())
                        .await;
                }
                let dialect = &self.service.dialect;
                let bytes = read::json(dialect, limits, asked_headers, bytes, bound).await?;
                headers.remove(CONTENT_ENCODING);
                let held = read::document(dialect, limits, bytes, program)?;
                let (held, items, translated) = self.translate_body(met, held, program)?;
                let by_body = Named {
                    items: &items,
                    translated: &translated,
                };
                let decided = self.decide(met, by_body, KindSet::default()).await?;
                Ok(Ready {
                    body: OutboundBody::full(held.bytes),
                    decided,
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
                self.bare(met, kinds, body).await
            }
            Body::Shown(program) => {
                let shown = self.show_pushed(met, program, asked_headers, body, headers);
                let shown = shown.await.inspect_err(|refused| {
                    let (leg, pushed) = (self.leg.name.as_deref(), met.target.path());
                    let (cause, told) = (refused.cause(), refused.sentence());
                    warn!(
                        request.id = self.id,
                        leg, pushed, cause, told, "what was pushed is refused"
                    );
                })?;
                self.bare(met, KindSet::default(), OutboundBody::full(shown))
                    .await
            }
            Body::Noted(program) => {
                let bytes = self.pushed(asked_headers, body, headers).await?;
                self.note_news(met, &bytes, program);
                self.bare(met, KindSet::default(), OutboundBody::full(bytes))
                    .await
            }
        }
    }

    /// What is pushed, as the reader of the leg may see it.
    async fn show_pushed(
        &self,
        met: &Met<'_>,
        program: &Arc<Program>,
        asked_headers: &HeaderMap,
        body: ClientBody,
        headers: &mut HeaderMap,
    ) -> Result<Vec<u8>, Refused> {
        let bytes = self.pushed(asked_headers, body, headers).await?;
        met.reader.show_pushed(bytes, program).await
    }

    /// What one server pushes to another, held as an answer is: it can be as large.
    async fn pushed(
        &self,
        asked_headers: &HeaderMap,
        body: ClientBody,
        headers: &mut HeaderMap,
    ) -> Result<Vec<u8>, Refused> {
        let limits = &self.parts.limits;
        let bound = (Limit::EditedAnswerBytes, limits.edited_answer_bytes_max);
        let bytes = body.collect_within(bound.0, bound.1).await?;
        let dialect = &self.service.dialect;
        let bytes = read::json(dialect, limits, asked_headers, bytes, bound).await?;
        headers.remove(CONTENT_ENCODING);
        Ok(bytes)
    }

    /// Takes in what is told of people and places. What can't be read may tell of any place.
    fn note_news(&self, met: &Met<'_>, bytes: &[u8], program: &Arc<Program>) {
        if !met.reader.note(bytes, program) {
            warn!(
                request.id = self.id,
                "what was pushed can't be read: every place is learnt anew"
            );
            self.service.places.clear();
        }
    }

    /// A request whose body, if there is one, names nothing.
    async fn bare(
        &self,
        met: &Met<'_>,
        kinds: KindSet,
        body: OutboundBody,
    ) -> Result<Ready<'a>, Refused> {
        let decided = self.decide(met, Named::default(), kinds).await?;
        Ok(Ready {
            body,
            decided,
            translated: Vec::new(),
        })
    }
}

/// What a body names.
#[derive(Clone, Copy, Default)]
pub(super) struct Named<'a> {
    pub(super) items: &'a [Item],
    /// Who is named by a pseudonym.
    pub(super) translated: &'a [PersonId],
}
