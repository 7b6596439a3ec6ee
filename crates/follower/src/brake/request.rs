//! What must hold of what was handed before it is judged.

use super::BrakeError;
use crate::Follower;
use control::{BRAKE_STATEMENTS_MAX, Command, NotBrake, check_authority};
use model::Digest;
use signed::{Part, Statement};
use std::collections::BTreeMap;
use wire::Submission;

/// The statements, if each is one with exactly its own texts.
pub(super) fn statements(submissions: &[Submission]) -> Result<Vec<Statement>, BrakeError> {
    if submissions.is_empty() || submissions.len() > BRAKE_STATEMENTS_MAX {
        return Err(NotBrake::Count.into());
    }
    submissions.iter().map(statement).collect()
}

fn statement(submission: &Submission) -> Result<Statement, BrakeError> {
    let Command::Signed { statement, .. } = &submission.command else {
        return Err(BrakeError::Malformed("it is no person's statement".to_owned()));
    };
    if submission.package.is_some() || submission.document.is_some() {
        return Err(BrakeError::Malformed("nothing that governs comes with it".to_owned()));
    }
    Part::check(&statement.parts, &statement.ledger, &statement.command, &submission.openings)
        .map_err(|error| BrakeError::Malformed(error.to_string()))?;
    Ok(statement.clone())
}

/// Checks that each is its signer's, and that the checkpoint they saw is of this ledger as far as this
/// service has verified it: who saw more is believed until that is compared.
pub(super) async fn authentic(follower: &Follower, submissions: &[Submission]) -> Result<(), BrakeError> {
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
