//! What a signed word came to: by the effects of the leaf that records it, never by its verb. The same verb is a
//! question the first time and an act the second, where two people must say it.

use control::{ChangeEvent, Effect, GrantEvent};
use model::Instant;
use serde::{Deserialize, Serialize};

/// What became of a word about a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordOutcome {
    /// In past tense, before the change: `sealed`, `asked to abort`.
    pub said: String,
    /// Whether what the verb is for has happened; otherwise others must say the same.
    pub in_effect: bool,
    /// Who must say the same, and until when; absent where it is in effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<String>,
}

impl WordOutcome {
    /// What a leaf with these effects says of the change; none where it says nothing of one.
    pub fn of(effects: &[Effect]) -> Option<Self> {
        effects.iter().find_map(|effect| match effect {
            Effect::Change { event, .. } => Self::of_event(event),
            Effect::Grant { event: GrantEvent::Revoked { .. }, .. } => Some(Self::done("revoked")),
            _ => None,
        })
    }

    fn done(said: &str) -> Self {
        Self { said: said.to_owned(), in_effect: true, waits_for: None }
    }

    fn asked(said: &str, who: &str, until: Instant) -> Self {
        let waits_for = Some(format!("{who}, before {until}"));
        Self { said: said.to_owned(), in_effect: false, waits_for }
    }

    fn of_event(event: &ChangeEvent) -> Option<Self> {
        Some(match event {
            ChangeEvent::Opened { .. } => Self::done("opened"),
            ChangeEvent::ObservationAsked {} => Self::done("asked to observe"),
            ChangeEvent::Escalated {} => Self::done("escalated"),
            ChangeEvent::Attached { .. } => Self::done("attached to"),
            ChangeEvent::Sealed { .. } => Self::done("sealed"),
            ChangeEvent::SealedFlagged { .. } => Self::done("sealed, flagged for finance review,"),
            ChangeEvent::ApprovalRecorded { .. } => Self::done("approved"),
            ChangeEvent::Rejected { .. } => Self::done("rejected"),
            ChangeEvent::ApprovalWithdrawn { .. } => Self::done("withdrawn"),
            ChangeEvent::Held {} => Self::done("held"),
            ChangeEvent::HoldReleased { .. } => Self::done("released"),
            ChangeEvent::Cancelled {} => Self::done("cancelled"),
            ChangeEvent::Scheduled { .. } => Self::done("scheduled"),
            ChangeEvent::Run { .. } => Self::done("run"),
            ChangeEvent::AbortAsked { until } => {
                Self::asked("asked to abort", "a second person to say the same", *until)
            }
            ChangeEvent::Aborted {} => Self::done("aborted"),
            ChangeEvent::ReconcileAsked { until, .. } => {
                Self::asked("asked to reconcile", "one holder of each of its slots to say the same", *until)
            }
            ChangeEvent::Reconciled { .. } => Self::done("reconciled"),
            ChangeEvent::Reviewed {} => Self::done("reviewed"),
            ChangeEvent::WarrantUsed {} => Self::done("used"),
            ChangeEvent::WarrantRevoked {} => Self::done("revoked"),
            _ => return None,
        })
    }
}
