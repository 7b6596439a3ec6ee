//! `POST /v1/commands`: from what was sent to a command that may be decided.

use super::openings::{openings, subjects};
use crate::problems;
use api::Problem;
use client::wire::Submission;
use control::{Command, Principal, SessionAct, State, check_authority};
use model::{CommandId, Digest, Id, PersonId, canon};
use warrant::{Act, Opening, Part};

/// A command that is its author's, with the texts that explain it.
#[derive(Debug)]
pub(crate) struct Checked {
    /// The command.
    pub(crate) command: Command,
    /// What its parts are bound to.
    pub(crate) bound_to: CommandId,
    /// Its parts, or those of its package.
    pub(crate) parts: Vec<Part>,
    /// Their openings.
    pub(crate) openings: Vec<Opening>,
    /// Canonical bytes of its package, to be kept before the leaf that names it.
    pub(crate) package: Option<Vec<u8>>,
}

fn not_accepted(message: &str, next: &str) -> Problem {
    Problem::malformed("command.not_accepted", message, next)
}

/// Checks a submission against the durable state. `root_at` answers the log's own roots; `bearer`
/// is the person of a person-scope credential, if the request shows one.
pub(crate) fn submission(
    state: &State,
    root_at: &dyn Fn(u64) -> Option<Digest>,
    bearer: Option<PersonId>,
    submission: Submission,
) -> Result<Checked, Problem> {
    canon::to_vec(&submission.command).map_err(|error| {
        Problem::malformed("command.not_canonical", error.to_string(), "write it in the profile countersign-json/1")
    })?;
    match &submission.command {
        Command::Genesis { .. } => {
            return Err(not_accepted("a ledger is founded once", "found another one with `countersign init`"));
        }
        Command::Clock { .. } => {
            return Err(not_accepted("time passes by the ledger's own clock", "there is nothing to do"));
        }
        Command::Session(_) => return draft(state, bearer, submission),
        Command::Signed { .. } | Command::Receipt { .. } => {}
    }
    if submission.package.is_some() {
        return Err(not_accepted("only `open_draft` brings a package", "leave `package` out"));
    }
    check_authority(state, root_at, &submission.command).map_err(|why| problems::unauthentic(&why))?;
    let Submission { command, openings: opened, .. } = submission;
    let (bound_to, parts) = command.parts().map_or((CommandId([0; 16]), vec![]), |(id, parts)| (id, parts.to_vec()));
    subjects(state, &parts, registering(&command))?;
    openings(&state.ledger, &bound_to, &parts, &opened)?;
    Ok(Checked { command, bound_to, parts, openings: opened, package: None })
}

fn registering(command: &Command) -> Option<Id> {
    match command {
        Command::Signed { statement, .. } => match &statement.act {
            Act::RegisterTenant { tenant } => Some((*tenant).into()),
            _ => None,
        },
        _ => None,
    }
}

fn draft(state: &State, bearer: Option<PersonId>, submission: Submission) -> Result<Checked, Problem> {
    let Submission { command, openings: stray, package } = submission;
    let Command::Session(session) = &command else {
        return Err(not_accepted("this is no session command", "send `open_draft`"));
    };
    let SessionAct::OpenDraft { package: named, .. } = &session.act else {
        return Err(not_accepted("a login is signed", "sign in at `POST /v1/sessions`"));
    };
    let person = bearer.ok_or_else(|| {
        Problem::unauthenticated(
            "token.missing",
            "a draft is opened by a signed-in person",
            "sign in, then send `authorization: Bearer <token>`",
        )
    })?;
    if session.principal != Principal::Person(person) {
        return Err(Problem::forbidden(
            "principal.other",
            "the credential is another person's",
            "open the draft under your own name",
        ));
    }
    if session.idempotency.is_some() {
        return Err(not_accepted("the idempotency tag is this server's to make", "send an `idempotency-key` header"));
    }
    if !stray.is_empty() {
        return Err(not_accepted("openings of a draft belong to its package", "move them into `package`"));
    }
    let upload = package.ok_or_else(|| {
        Problem::not_found("blob.missing", "the draft's package was not sent", "send it in `package`")
    })?;
    let bytes = canon::to_vec(&upload.package).map_err(|error| {
        Problem::malformed("package.not_canonical", error.to_string(), "write it in the profile countersign-json/1")
    })?;
    if Digest::of_object("package", &bytes) != *named {
        return Err(Problem::malformed(
            "package.differs",
            "the package sent is not the one the command names",
            "name the digest of the package you send",
        ));
    }
    if upload.package.ledger != state.ledger {
        return Err(problems::other_ledger());
    }
    let (bound_to, parts) = (CommandId(upload.package.nonce.0), upload.package.parts);
    subjects(state, &parts, None)?;
    openings(&state.ledger, &bound_to, &parts, &upload.openings)?;
    Ok(Checked { command, bound_to, parts, openings: upload.openings, package: Some(bytes) })
}
