//! `login`: signs a browser in at a console, with one's own key.

use super::{Context, who};
use crate::cli::LoginArgs;
use crate::error::CliError;
use crate::output;
use client::{Challenge, ConsoleClient, Http, HttpOptions, ONCE_PATH, OneTimeUrl, Signer};
use desk::DeskError;
use model::{Digest, PersonId};
use serde_json::json;
use signed::{Trust, ssh};
use std::path::Path;

/// Neither answer is longer than this, bytes.
const ANSWER_MAX: usize = 64 << 10;
/// Longest wait for an answer, milliseconds.
const ANSWER_MS: u64 = 10_000;

/// The only output is the address. It is not opened from here: other users of the machine read what
/// processes are started with, and the address is good for whoever is first.
pub async fn run(context: &Context, args: LoginArgs) -> Result<(), CliError> {
    let trust = trust(context, args.trust.as_deref())?;
    let asked = match args.console {
        Some(console) => console,
        None => who::ports(context)?.console_url(),
    };
    let url = asked.trim_end_matches('/');
    let (person, given) = address(url, &trust, &who::signer(&args.who)?).await?;
    if context.json {
        let expires = given.expires;
        output::json(&json!({"url": given.url, "expires": expires, "console": url, "person": person}));
        return Ok(());
    }
    output::note(&format_args!(
        "signed for {url} as person {person}; open this address in your browser before {} (it works once, so show it to nobody):",
        given.expires
    ));
    crate::print_line!("{}", given.url);
    Ok(())
}

/// An address that signs a browser in at this console, once, and whom.
pub async fn address(url: &str, trust: &Trust, signer: &Signer) -> Result<(PersonId, OneTimeUrl), CliError> {
    let http = Http::with(url, HttpOptions { timeout_ms: ANSWER_MS, answer_max_bytes: ANSWER_MAX });
    let console = ConsoleClient::new(http);
    let challenge = console.challenge(ssh::key_id(&signer.public()?)?).await?;
    is_meant(&challenge, url, trust)?;
    let given = console.sign_in(&signer.answer(&challenge)?).await?;
    // What a browser is sent to is ours to check: the answer of a console is not.
    let secret = given.url.strip_prefix(url).and_then(|path| path.strip_prefix(ONCE_PATH));
    if secret.is_none_or(|secret| secret.parse::<Digest>().is_err()) {
        let next = "do not open it; look at which program answers there".to_owned();
        return Err(refused("login.address", format!("{url} answered with an address that is not its own"), next));
    }
    Ok((challenge.person, given))
}

fn refused(code: &'static str, message: String, next: String) -> CliError {
    DeskError::Refused { code, message, next }.into()
}

/// What was pinned beforehand: no data directory is needed beside it.
fn trust(context: &Context, other: Option<&Path>) -> Result<Trust, CliError> {
    let path = other.map_or_else(|| context.home.trust_path(), Path::to_owned);
    if !path.exists() {
        return Err(CliError::Usage(format!(
            "{} is not there; name your copy of the ledger's trust.json with `--trust FILE`, or its data directory with `--dir DIR`",
            path.display()
        )));
    }
    context.home.trust(Some(&path))
}

/// Before anything is signed: it is the console that was asked for, and it follows the ledger that
/// is trusted here.
fn is_meant(challenge: &Challenge, url: &str, trust: &Trust) -> Result<(), CliError> {
    if challenge.console.as_str() != url {
        let name = &challenge.console;
        return Err(refused(
            "login.other_console",
            format!("what answers at {url} wants a signature for {name}, so nothing was signed"),
            format!("if that is the console you mean, ask it by that name: `--console {name}`"),
        ));
    }
    if challenge.ledger != trust.genesis {
        return Err(refused(
            "login.other_ledger",
            format!(
                "the console at {url} follows the ledger {}, and you trust {}, so nothing was signed",
                challenge.ledger, trust.genesis
            ),
            "name the right trust.json with `--trust FILE`, or the right console with `--console URL`".to_owned(),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Instant, PersonId};

    #[test]
    fn nothing_is_signed_for_another_console_or_another_ledger() {
        let trust =
            Trust { origin: "countersign.test".parse().unwrap(), log_keys: vec![], genesis: Digest::of_bytes(b"ours") };
        let challenge = |console: &str, ledger| Challenge {
            challenge: Digest::ZERO,
            ledger,
            console: console.parse().unwrap(),
            person: PersonId([1; 16]),
            expires: Instant::EPOCH,
        };
        let url = "http://localhost:8088";
        assert!(is_meant(&challenge(url, trust.genesis), url, &trust).is_ok());
        for (console, ledger, code) in [
            ("http://localhost:9088", trust.genesis, "login.other_console"),
            ("http://127.0.0.1:8088", trust.genesis, "login.other_console"),
            (url, Digest::of_bytes(b"theirs"), "login.other_ledger"),
        ] {
            let error = is_meant(&challenge(console, ledger), url, &trust).unwrap_err();
            assert!(error.to_string().contains(code) && error.exit_code() == 5, "{error}");
        }
    }
}
