//! What was handed, and whether it has the form of a brake.

use super::BrakeError;
use control::{BRAKE_STATEMENTS_MAX, Command, NotBrake};
use signed::{Part, Statement};
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
