//! `POST /v1/commands`: from what was sent to a command that may be decided.

use super::openings::{openings, subjects};
use super::package::{Blob, published, uploads};
use crate::openings::{Bound, Texts};
use crate::problems;
use control::{Command, State, check_authority};
use model::{Digest, Id, Resource, canon};
use service_shell::Problem;
use signed::Act;
use wire::Submission;

/// A command that is its author's, with the texts that explain it.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) command: Command,
    /// What explains it: its own texts, then those of the package it opens.
    pub(crate) texts: Vec<Texts>,
    /// Governing blobs, to be kept before the leaf that names them.
    pub(crate) blobs: Vec<Blob>,
}

fn not_accepted(message: &str, next: &str) -> Problem {
    Problem::malformed("command.not_accepted", message, next)
}

/// Checks a submission against the durable state. `root_at` answers the log's own roots.
pub(crate) fn submission(
    state: &State,
    root_at: &dyn Fn(u64) -> Option<Digest>,
    submission: Submission,
) -> Result<Checked, Problem> {
    let Submission { command, openings: opened, package, document } = submission;
    canon::to_vec(&command).map_err(|error| {
        Problem::malformed("command.not_canonical", error.to_string(), "write it in the profile countersign-json/1")
    })?;
    match &command {
        Command::Genesis { .. } => {
            return Err(not_accepted("a ledger is founded once", "found another one with `countersign init`"));
        }
        Command::Clock { .. } => {
            return Err(not_accepted("time passes by the ledger's own clock", "there is nothing to do"));
        }
        Command::Session(_) => return Err(not_accepted("a login is signed", "sign in at `POST /v1/sessions`")),
        Command::Signed { .. } | Command::Receipt { .. } => {}
    }
    check_authority(state, root_at, &command).map_err(|why| problems::unauthentic(&why))?;
    let mut texts = vec![];
    if let Some((to, parts)) = command.parts() {
        subjects(state, parts, &registering(&command))?;
        openings(&state.ledger, &to, parts, &opened)?;
        texts.push(Texts { bound: Bound { to, parts: parts.to_vec() }, openings: opened });
    }
    let blobs = match act(&command) {
        Some(Act::Open { package: named, .. }) => {
            let (explained, blobs) = uploads(state, named, package, document)?;
            texts.push(explained);
            blobs
        }
        Some(Act::Publish { resource: Resource::Config, digest, .. }) => published("config", *digest, document)?,
        Some(Act::Publish { resource: Resource::Retention, digest, .. }) => published("retention", *digest, document)?,
        _ if package.is_some() || document.is_some() => {
            let next = "leave `package` and `document` out";
            return Err(not_accepted("only `open` and `publish` bring a package or a document", next));
        }
        _ => vec![],
    };
    Ok(Checked { command, texts, blobs })
}

fn act(command: &Command) -> Option<&Act> {
    match command {
        Command::Signed { statement, .. } => Some(&statement.act),
        _ => None,
    }
}

/// The tenant that is being registered: its name is about it.
fn registering(command: &Command) -> Vec<Id> {
    match act(command) {
        Some(Act::RegisterTenant { tenant }) => vec![(*tenant).into()],
        _ => vec![],
    }
}
