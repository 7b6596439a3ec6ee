//! `log-key …`: one key of the log takes the place of another. Each change of the list is a governed change.

use super::{Context, asking, who};
use crate::cli::LogKeyCommand;
use crate::document_file;
use crate::error::CliError;
use crate::given::content;
use crate::output;
use desk::RosterOrder;
use governance::Keys;
use model::Digest;
use serde::{Deserialize, Serialize};
use serde_json::json;
use signed::{LogKeyChallenge, Possession, Trust};
use tlog::note::VerifierKey;

/// A new log key with the proof that Governance holds it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LogKeyProof {
    ledger: Digest,
    log_key: String,
    possession: Possession,
}

pub async fn run(context: &Context, command: LogKeyCommand) -> Result<(), CliError> {
    match command {
        LogKeyCommand::Ls => list(context).await,
        LogKeyCommand::New => new(context),
        LogKeyCommand::Add { possession, asking } => {
            let desk = who::desk(context, &asking.who).await?;
            let state = desk.follower().state();
            let proof: LogKeyProof = document_file::json(&possession, "what `countersign log-key new` printed")?;
            if proof.ledger != state.ledger {
                return Err(content(possession, "it is for another ledger than this one", "make a key for this one"));
            }
            let mut next = RosterOrder::of(&state.roster);
            next.list_log_key(proof.log_key, proof.possession)?;
            asking::roster(context, &desk, &asking, next).await
        }
        LogKeyCommand::Remove { log_key, asking } => {
            let desk = who::desk(context, &asking.who).await?;
            let state = desk.follower().state();
            let mut next = RosterOrder::of(&state.roster);
            next.remove_log_key(&found(&state.roster.log_keys, &log_key)?)?;
            asking::roster(context, &desk, &asking, next).await
        }
        LogKeyCommand::Trust => {
            let (pinned, state) = (context.home.trust(None)?, who::copy(context).await?.state);
            let log_keys = state.roster.log_keys.clone();
            output::json(&Trust { log_keys, ..pinned });
            Ok(())
        }
    }
}

/// On the machine where Governance runs: the secret half never leaves its directory.
fn new(context: &Context) -> Result<(), CliError> {
    crate::home::founded(&context.home)?;
    let trust = context.home.trust(None)?;
    let dir = context.home.governance();
    let log_key = Keys::add(&dir, &trust.origin)?.to_string();
    let challenge = LogKeyChallenge { ledger: trust.genesis, log_key };
    let possession = Keys::open(&dir)?.possession(&challenge)?;
    let LogKeyChallenge { ledger, log_key } = challenge;
    // It is a file for `log-key add`, so it is JSON either way.
    output::json(&LogKeyProof { ledger, log_key, possession });
    Ok(())
}

/// The short id that tells keys apart, eight hexadecimal digits.
fn short(key: &str) -> String {
    key.parse::<VerifierKey>().map(|key| format!("{:08x}", key.id())).unwrap_or_default()
}

fn found(listed: &[String], wanted: &str) -> Result<String, CliError> {
    let is = |key: &&String| *key == wanted || short(key) == wanted;
    let unknown =
        || CliError::Usage(format!("no log key is called {wanted}; `countersign log-key ls` lists those there are"));
    listed.iter().find(is).cloned().ok_or_else(unknown)
}

async fn list(context: &Context) -> Result<(), CliError> {
    let state = who::copy(context).await?.state;
    let keys = &state.roster.log_keys;
    if context.json {
        output::json(&keys.iter().map(|key| json!({"id": short(key), "key": key})).collect::<Vec<_>>());
        return Ok(());
    }
    let rows: Vec<_> = keys.iter().map(|key| vec![short(key), key.clone()]).collect();
    output::table(&["ID", "KEY"], &rows);
    Ok(())
}
