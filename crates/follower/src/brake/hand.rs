//! A brake that is handed to this service: judged by its own verified state, written down, then obeyed.

use super::record::Record;
use super::{BrakeError, Brakes, request};
use crate::{Follower, clock};
use control::{Brake, Command, check_authority, check_brake};
use model::Digest;
use std::collections::BTreeMap;
use wire::{BrakeView, Submission};

/// Most brakes that stand at once.
const STANDING_MAX: usize = 64;

impl Brakes {
    /// Takes a brake, if it holds by this service's own verified state: durable before this answers.
    ///
    /// # Errors
    /// Why it is none; nothing has changed then.
    pub async fn hand(&self, follower: &Follower, submissions: Vec<Submission>) -> Result<BrakeView, BrakeError> {
        let statements = request::statements(&submissions)?;
        if !follower.state().is_founded() {
            return Err(BrakeError::NothingVerified);
        }
        authentic(follower, &submissions).await?;
        let mut inner = self.inner();
        let (state, now) = (follower.state(), clock::now());
        let new = Record::new(submissions, statements, state.size, now)?;
        if let Some(known) = inner.standing().find(|known| known.id == new.id) {
            return Ok(known.view());
        }
        let at = now.max(state.last);
        let standing: Vec<Brake> = inner.standing().map(Record::brake).collect();
        check_brake(&state, at, &standing, &new.brake())?;
        if standing.len() >= STANDING_MAX {
            return Err(BrakeError::Full);
        }
        self.shelf.write(&new)?;
        let view = new.view();
        tracing::info!(brake = %new.id, what = new.what(), until = %new.until, "brake: taken; it stands until the ledger has it");
        inner.records.retain(|known| known.id != new.id);
        inner.records.push(new);
        drop(inner);
        self.news();
        Ok(view)
    }
}

/// Checks that each is its signer's, and that the checkpoint they saw is of this ledger as far as this
/// service has verified it: who saw more is believed until that is compared.
async fn authentic(follower: &Follower, submissions: &[Submission]) -> Result<(), BrakeError> {
    let mut roots: BTreeMap<u64, Digest> = BTreeMap::new();
    for submission in submissions {
        if let Command::Signed { statement, .. } = &submission.command {
            let seen = statement.seen;
            roots.insert(seen.size, follower.root_at(seen.size).await.unwrap_or(seen.root));
        }
    }
    let state = follower.state();
    for submission in submissions {
        check_authority(&state, &|size| roots.get(&size).copied(), &submission.command)?;
    }
    Ok(())
}
