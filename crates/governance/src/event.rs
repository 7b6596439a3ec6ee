//! An entry of the events log: what another system said.

use model::{Category, CommandId, Digest, Instant, PersonId, Severity, TenantId, Token, canon};
use serde::{Deserialize, Serialize};
use signed::{Part, event_command};
use wire::Event;

/// Every entry of the events log begins with these bytes.
pub const EVENT_PREFIX: &[u8] = b"countersign/event/v1\0";
/// The `about` of the one part of an event: `title` and, where there is one, `description`.
pub const EVENT_TEXT: &str = "event";

/// What is hashed of an event: [`EVENT_PREFIX`] and canonical JSON. No text stands in it; title and
/// description are its one part, sealed under the tenant's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventEntry {
    /// When the writer took it.
    pub now: Instant,
    /// Who sent it, as it names itself.
    pub source: Token,
    /// What kind of event.
    pub kind: Token,
    /// Digest of the sender's id of it ([`event_id`]).
    pub id: Digest,
    /// Category on the timeline.
    pub category: Category,
    /// Severity on the timeline.
    pub severity: Severity,
    /// When it happened, by the sender's clock.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub occurred: Option<Instant>,
    /// The tenant it concerns.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tenant: Option<TenantId>,
    /// The first entry of the same source and id, whose content is another: both are kept.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub conflicts: Option<u64>,
    /// Whose token it came with.
    pub by: PersonId,
    /// Commitments to its texts, bound to [`event_command`].
    pub parts: Vec<Part>,
}

/// Digest of a sender's id.
pub fn event_id(id: &str) -> Digest {
    Digest::of_object("event-id", id.as_bytes())
}

impl EventEntry {
    /// The entry of an event, but for its stamp.
    pub(crate) fn of(event: &Event, by: PersonId, parts: Vec<Part>) -> Self {
        Self {
            now: Instant::EPOCH,
            source: event.source.clone(),
            kind: event.kind.clone(),
            id: event_id(&event.id),
            category: event.category,
            severity: event.severity,
            occurred: event.occurred,
            tenant: event.tenant,
            conflicts: None,
            by,
            parts,
        }
    }

    /// Whether another entry says the same, but for its text: whoever sent it, whenever it was taken.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        let said = |entry: &Self| {
            let (source, kind) = (entry.source.clone(), entry.kind.clone());
            (source, kind, entry.id, entry.category, entry.severity, entry.occurred, entry.tenant)
        };
        said(self) == said(other)
    }

    /// The bytes that are stored and hashed.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn encode(&self) -> Result<Vec<u8>, canon::CanonError> {
        let mut bytes = EVENT_PREFIX.to_vec();
        bytes.extend(canon::to_vec(self)?);
        Ok(bytes)
    }

    /// Reads stored bytes, refusing all but their one form.
    ///
    /// # Errors
    /// When they are no entry of the events log.
    pub fn decode(bytes: &[u8]) -> Result<Self, canon::CanonError> {
        let json = bytes.strip_prefix(EVENT_PREFIX);
        canon::from_slice(json.ok_or_else(|| canon::CanonError::Json("it has another prefix".to_owned()))?)
    }

    /// Tenants it concerns.
    pub(crate) fn tags(&self) -> Vec<TenantId> {
        self.tenant.into_iter().collect()
    }

    /// What its parts are bound to.
    pub fn command(&self) -> CommandId {
        event_command(&self.source, &self.id)
    }
}
