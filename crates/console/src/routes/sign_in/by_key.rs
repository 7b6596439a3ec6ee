//! `/v1/sign-in`: a person's key answers a challenge and gets a URL that signs a browser in, once.
//!
//! The roster is that of the console's own verified fold, the last one it saw: it works with every
//! service gone, and opens nothing but this console's pages.

use crate::app::App;
use crate::clock;
use crate::sign_ins::{ChallengeError, IssuedChallenge};
use axum::Json;
use axum::extract::State;
use client::{Challenge, ChallengeAnswer, ChallengeRequest, ONCE_PATH, OneTimeUrl};
use control::State as Fold;
use model::Digest;
use service_shell::Problem;
use signed::{ConsoleSignIn, Person};
use std::sync::Arc;

const AGAIN: &str = "ask again with `countersign login --key KEY`";

fn unknown_key() -> Problem {
    Problem::forbidden(
        "sign_in.key",
        "this key is suspended or not that of anybody who may read here, by the last roster this console has seen",
        "sign with the key that the roster lists for you",
    )
}

/// The fold, once there is a roster in it.
fn fold(app: &App) -> Result<(Digest, Arc<Fold>), Problem> {
    let ledger = app.sign_ins.ledger().ok_or_else(|| {
        Problem::refused(
            "sign_in.no_ledger",
            "this console follows no ledger, so it knows nobody",
            "found one (`countersign init --help`), then start the console again",
        )
    })?;
    let state = app.state();
    if state.size == 0 {
        let message = "this console has not read the ledger yet";
        return Err(Problem::unavailable("sign_in.not_read", message, "ask again in a second", 1));
    }
    Ok((ledger, state))
}

/// A challenge for a key of the roster.
#[utoipa::path(post, path = "/v1/sign-in/challenges", tag = "console",
    responses((status = 200), (status = 403), (status = 409), (status = 503)))]
pub(crate) async fn challenge(
    State(app): State<Arc<App>>,
    Json(ChallengeRequest { key }): Json<ChallengeRequest>,
) -> Result<Json<Challenge>, Problem> {
    let (ledger, state) = fold(&app)?;
    // One that was suspended, as a stolen one is, shows nothing to whoever has it.
    let holds = |person: &&Person| state.since.key_is_active(&key) && person.keys.iter().any(|known| known.id == key);
    let person = state.roster.people.iter().find(holds).filter(|person| app.viewer(&person.id).is_some());
    let person = person.ok_or_else(unknown_key)?.id;
    let (challenge, expires) = app.sign_ins.ask(key, clock::now());
    Ok(Json(Challenge { challenge, ledger, console: app.sign_ins.console().clone(), person, expires }))
}

/// The signed challenge, for a URL. The challenge is taken last: whoever cannot sign spends nobody's.
#[utoipa::path(post, path = "/v1/sign-in", tag = "console",
    responses((status = 200), (status = 403), (status = 409), (status = 503)))]
pub(crate) async fn answer(
    State(app): State<Arc<App>>,
    Json(ChallengeAnswer { statement, signature }): Json<ChallengeAnswer>,
) -> Result<Json<OneTimeUrl>, Problem> {
    let (ledger, state) = fold(&app)?;
    let now = clock::now();
    is_meant_for(&app, &ledger, &statement)?;
    let active = state.since.key_is_active(&statement.key);
    let key = state.roster.key(&statement.person, &statement.key).filter(|_| active).ok_or_else(unknown_key)?;
    app.viewer(&statement.person).ok_or_else(unknown_key)?;
    statement.verify(&key.openssh, &signature).map_err(|error| {
        Problem::forbidden("sign_in.signature", error.to_string(), "sign exactly what the challenge's answer says")
    })?;
    let said = IssuedChallenge { key: statement.key, expires: statement.expires };
    app.sign_ins.take(&statement.challenge, said, now).map_err(unanswered)?;
    let (secret, expires) = app.sign_ins.give(statement.person, now);
    Ok(Json(OneTimeUrl { url: format!("{}{ONCE_PATH}{secret}", app.sign_ins.console()), expires }))
}

fn unanswered(why: ChallengeError) -> Problem {
    match why {
        ChallengeError::Unasked => {
            let message = "this console did not ask this key for that signature, or has had it already";
            Problem::forbidden("sign_in.challenge", message, AGAIN)
        }
        ChallengeError::Late => Problem::forbidden("sign_in.expired", "the challenge was not answered in time", AGAIN),
    }
}

fn is_meant_for(app: &App, ledger: &Digest, statement: &ConsoleSignIn) -> Result<(), Problem> {
    let console = app.sign_ins.console();
    if statement.console != *console {
        return Err(Problem::forbidden(
            "sign_in.other_console",
            format!("signed for {}, this is {console}", statement.console),
            "sign in at the console you mean, by the name it calls itself",
        ));
    }
    if statement.ledger != *ledger {
        return Err(Problem::forbidden(
            "sign_in.other_ledger",
            "signed for another ledger than this console follows",
            "compare the genesis digest in your trust.json with this ledger's",
        ));
    }
    Ok(())
}
