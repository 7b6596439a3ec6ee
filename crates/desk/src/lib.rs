//! A person's desk: an own verified replica, an own key, and what one can do with both.
//!
//! Nothing here believes the server. Digests that are signed are computed from the replica's own
//! fold, `seen` is a checkpoint the replica verified, and what was submitted counts as done when
//! it stands in the own verified state, not when somebody answered so.

mod brake;
mod change;
mod commands;
mod draft;
mod error;
mod fingerprint;
mod readable;
mod register;
mod roster;
mod roster_edit;
mod session;
mod shown;
mod slot;

pub use brake::sign_brake;
pub use change::{Progress, Waiting, goes_on_unchecked, no_record, waits_for};
pub use commands::{commands, ways};
pub use draft::{DraftOrder, reason_missing};
pub use error::DeskError;
pub use fingerprint::{Fingerprint, FingerprintError};
pub use register::{Edition, NewEngine, Publication};
pub use roster::{RosterDraft, RosterOrder};
pub use shown::Shown;
pub use slot::{SlotChoice, SlotChoiceError};

use client::{GovernanceClient, PlatformClient, Signer, StatementDraft};
use control::State;
use follower::Follower;
use model::{AckLevel, Instant, PersonId, Span, Token, canon};
use signed::{Act, ONE_LINE, Opening};
use std::sync::Arc;
use std::time::Duration;
use view::Names;
use wire::Submission;

/// How long a signed statement may wait before it is worthless, milliseconds (10 min).
const STATEMENT_LIFE_MS: i64 = 600_000;

/// Between two looks at a state that has not grown: an answer may depend on the time.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Entries stamped further ahead of this clock say that one of the two is wrong, milliseconds.
const AHEAD_MAX_MS: i64 = 120_000;

/// Nothing is signed by a clock that the ledger's contradicts: it would have ended before it got there.
fn clock_agrees(now: Instant, last: Instant) -> Result<(), DeskError> {
    let ahead_ms = last.millis_since(now);
    if ahead_ms <= AHEAD_MAX_MS {
        return Ok(());
    }
    let by = Span(ahead_ms);
    Err(DeskError::Refused {
        code: "clock.behind_ledger",
        message: format!(
            "the ledger's clock is {by} ahead of yours: its newest entry is stamped {last}, your clock says {now}"
        ),
        next: format!(
            "nothing was signed; set yours right if it is wrong; if the ledger's was, it stands still until {last}, and \
             what is signed from then on is taken"
        ),
    })
}

/// A person at work.
#[derive(Clone)]
pub struct Desk {
    governance: GovernanceClient,
    platform: PlatformClient,
    follower: Follower,
    signer: Arc<Signer>,
    person: PersonId,
    clock: fn() -> Instant,
}

impl Desk {
    /// Sits down: brings the replica up to date and finds out whose key this is.
    ///
    /// # Errors
    /// When the ledger cannot be verified, or the key is nobody's on its roster.
    pub async fn open(
        governance: GovernanceClient,
        platform: PlatformClient,
        follower: Follower,
        signer: Signer,
        clock: fn() -> Instant,
    ) -> Result<Self, DeskError> {
        follower.sync().await?;
        let person = signer.person(&follower.state().roster)?;
        Ok(Self { governance, platform, follower, signer: Arc::new(signer), person, clock })
    }

    /// Who sits here.
    pub fn person(&self) -> PersonId {
        self.person
    }

    /// The replica.
    pub fn follower(&self) -> &Follower {
        &self.follower
    }

    /// The instant by this machine's clock.
    pub fn now(&self) -> Instant {
        (self.clock)()
    }

    /// What ids are called, as far as the credential may read it; each text compared with what was signed,
    /// by the own verified state. None at the desk of a machine identity, which may read no texts: it says ids.
    ///
    /// # Errors
    /// When Governance does not answer.
    pub async fn names(&self) -> Result<Names, DeskError> {
        let state = self.follower.state();
        if state.roster.machine(&self.person).is_some() {
            return Ok(Names::default());
        }
        Ok(self.governance.names().await?.checked(&state))
    }

    /// Signs and submits an act, and waits until the own verified state has it. Answers the leaf's index.
    pub(crate) async fn sign_and_submit(&self, act: Act, texts: Vec<Text>) -> Result<u64, DeskError> {
        self.sign_and_submit_with(act, texts, |_| {}).await
    }

    /// The same with what travels beside the statement: a package, a governed document.
    pub(crate) async fn sign_and_submit_with(
        &self,
        act: Act,
        texts: Vec<Text>,
        beside: impl FnOnce(&mut Submission),
    ) -> Result<u64, DeskError> {
        let seen = self.follower.sync().await?;
        let state = self.follower.state();
        clock_agrees(self.now(), state.last)?;
        let draft = StatementDraft {
            ledger: state.ledger,
            person: self.person,
            act,
            texts,
            not_after: self.now().plus_millis(STATEMENT_LIFE_MS),
            seen,
        };
        let not_after = draft.not_after;
        let mut submission = self.signer.sign_statement(draft)?;
        beside(&mut submission);
        let control::Command::Signed { statement, .. } = &submission.command else {
            return Err(DeskError::Unknown("what was signed is no statement".to_owned()));
        };
        let digest = statement.digest()?;
        let recorded = self.governance.submit(&submission, AckLevel::Published).await?;
        self.reach(recorded.index + 1).await?;
        // Said is what stands in the own verified state, not what somebody answered.
        let found = self.follower.state().spent.get(&(not_after, digest)).copied();
        found.ok_or_else(|| DeskError::Unknown("the ledger does not hold what was signed; sign it again".to_owned()))
    }

    /// Waits until the own verified state has at least `size` leaves.
    pub(crate) async fn reach(&self, size: u64) -> Result<(), DeskError> {
        self.until(Duration::from_secs(30), "the ledger to publish what was recorded", |state| {
            (state.size >= size).then_some(())
        })
        .await
    }

    /// Pulls what is new, as soon as there is more than what is verified here.
    async fn pull(&self) -> Result<(), DeskError> {
        let size = self.follower.seen().map_or(0, |seen| seen.size);
        // The long poll answers as soon as a checkpoint covers more than this.
        self.governance.checkpoint("control", size).await?;
        self.follower.sync().await?;
        Ok(())
    }

    /// Waits until the own verified state answers, pulling as the ledger grows.
    ///
    /// # Errors
    /// When the ledger does not verify, or `within` has passed.
    pub async fn until<T>(
        &self,
        within: Duration,
        what: &'static str,
        mut answer: impl FnMut(&State) -> Option<T>,
    ) -> Result<T, DeskError> {
        let waiting = async {
            let mut look = tokio::time::interval(LOOK_EVERY);
            let mut pull = Box::pin(self.pull());
            loop {
                if let Some(found) = answer(&self.follower.state()) {
                    return Ok(found);
                }
                // The answer may depend on the time: what a rule lets go on after a while needs no further leaf.
                tokio::select! {
                    pulled = &mut pull => {
                        pulled?;
                        pull.set(self.pull());
                    }
                    _ = look.tick() => {}
                }
            }
        };
        let late = |_| DeskError::Late { what: what.to_owned(), within_s: within.as_secs() };
        tokio::time::timeout(within, waiting).await.map_err(late)?
    }
}

/// A text as a part's opening: (about, subject, opening).
pub(crate) type Text = (Token, Option<model::Id>, Opening);

/// A title, a name or a reason, before it is signed.
///
/// # Errors
/// `text.line_break` when it is to be one line and is more.
pub(crate) fn text(about: &str, subject: Option<model::Id>, body: &str) -> Result<Text, DeskError> {
    if ONE_LINE.contains(&about) && !canon::is_one_line(body) {
        return Err(DeskError::Refused {
            code: "text.line_break",
            message: format!("a {about} is one line, and a line break stands in it"),
            next: "write it in one line".to_owned(),
        });
    }
    let about = about.parse().expect("what a part is about is one of our own tokens");
    Ok((about, subject, client::random_opening([("text", body)])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_whose_clock_is_ahead_is_told_by_how_much_before_anything_is_signed() {
        let now = Instant::from_millis(1_772_992_800_000);
        assert!(clock_agrees(now, now.plus_millis(AHEAD_MAX_MS)).is_ok());
        assert!(clock_agrees(now, Instant::EPOCH).is_ok(), "an idle ledger says nothing about clocks");
        let said = clock_agrees(now, now.plus_millis(73 * 3_600_000)).unwrap_err().to_string();
        assert!(said.starts_with("the ledger's clock is 73 h ahead of yours"), "{said}");
        assert!(said.contains("2026-03-08T18:00:00.000Z") && said.ends_with("(clock.behind_ledger)"), "{said}");
    }
}
