//! `brake …`: signed here, handed to each service that acts, whether or not Governance answers.

use super::{Context, listing, who};
use crate::cli::{BrakeCommand, ListArgs, Who};
use crate::clock;
use crate::error::CliError;
use crate::find::ChangeRef;
use crate::output;
use client::{BrakeClient, ClientError, GovernanceClient, Http, HttpOptions};
use control::State;
use desk::sign_brake;
use follower::Follower;
use model::{Digest, PersonId, Service};
use serde_json::{Value, json};
use signed::{Act, ssh};
use std::time::Duration;
use wire::{BrakeRequest, BrakeView, Submission};

/// Longest wait for Governance before what is verified here has to do.
const SYNC_WITHIN: Duration = Duration::from_secs(3);
/// Longest wait for each service, milliseconds.
const HAND_MS: u64 = 5_000;
/// What a service answers of a change that has ended.
const ENDED: &str = "change.ended";
/// What it answers when it stands still already.
const STANDS_ALREADY: [&str; 2] = ["command.spent", "change.held"];

pub async fn run(context: &Context, command: BrakeCommand) -> Result<(), CliError> {
    match command {
        BrakeCommand::Hold { change, reason, who } => {
            let act = |change, revision| Act::Hold { change, revision };
            about(context, &change, &who, reason.as_deref(), ("hold", act)).await
        }
        BrakeCommand::Revoke { change, reason, who } => {
            let act = |change, revision| Act::Revoke { change, revision };
            about(context, &change, &who, reason.as_deref(), ("revoke", act)).await
        }
        BrakeCommand::Suspend { of_key, with, reason, who } => {
            let (follower, signer) = (verified(context).await?, who::signer(&who)?);
            let state = follower.state();
            let own = ssh::key_id(&signer.public()?)?;
            let (person, key) = match of_key {
                Some(text) => listed(&state, &text)?,
                None => (signer.person(&state.roster)?, own),
            };
            if key != own && with.is_none() {
                let next = "let a second person sign beside you: `--with KEY`".to_owned();
                let message = "another's key is suspended by two people together".to_owned();
                return Err(CliError::State { code: "brake.second_person", message, next });
            }
            told(context, &format!("suspend the key {key}"));
            let mut statements = vec![];
            let second = with.as_deref().filter(|_| key != own).map(who::key_file).transpose()?;
            for signer in [Some(signer), second].into_iter().flatten() {
                statements.push(sign_brake(
                    &follower,
                    &signer,
                    clock::now(),
                    Act::Suspend { person, key },
                    reason.as_deref(),
                )?);
            }
            hand(context, statements).await
        }
        BrakeCommand::Ls(args) => list(context, args).await,
    }
}

async fn about(
    context: &Context,
    change: &ChangeRef,
    who: &Who,
    reason: Option<&str>,
    (verb, act): (&str, fn(model::ChangeId, u32) -> Act),
) -> Result<(), CliError> {
    let (follower, signer) = (verified(context).await?, who::signer(who)?);
    let state = follower.state();
    let id = change.among(state.change_ids())?;
    // INVARIANT: it is among them, open or ended.
    let ended = state.closed.get(&id).map_or(1, |closed| closed.revision);
    let revision = state.changes.get(&id).map_or(ended, |change| change.revision);
    let kind = state.kind_of(&id).map_or("change", model::KindName::title);
    told(context, &format!("{verb}: {kind}, change {id}, revision {revision}"));
    let submission = sign_brake(&follower, &signer, clock::now(), act(id, revision), reason)?;
    hand(context, vec![submission]).await
}

/// The own copy of the ledger, brought up to date only as far as that takes no time.
async fn verified(context: &Context) -> Result<Follower, CliError> {
    let governance = GovernanceClient::new(Http::new(who::ports(context)?.url(Service::Governance)));
    let (trust, replica) = (context.home.trust(None)?, context.home.create_dir("cli/replica")?);
    let follower = Follower::open_shared(&replica, &trust, governance)?;
    if !matches!(tokio::time::timeout(SYNC_WITHIN, follower.sync()).await, Ok(Ok(_))) {
        let size = follower.state().size;
        output::note(&format_args!(
            "Governance does not answer as it should: signed on {size} entries that are verified here"
        ));
    }
    Ok(follower)
}

/// A key of the roster, of a person or a machine identity, by the beginning of its id.
fn listed(state: &State, text: &str) -> Result<(PersonId, Digest), CliError> {
    let of_people = state.roster.people.iter().flat_map(|person| person.keys.iter().map(|key| (person.id, key.id)));
    let of_machines = state.roster.machines.iter().map(|machine| (machine.id, machine.key.id));
    let hits: Vec<_> =
        of_people.chain(of_machines).filter(|(_, key)| text.len() >= 4 && key.to_string().starts_with(text)).collect();
    match hits[..] {
        [only] => Ok(only),
        _ => Err(CliError::unknown(format!(
            "no one key of the roster begins with `{text}`; `countersign person ls` and `machine ls` list them"
        ))),
    }
}

fn told(context: &Context, what: &str) {
    if !context.json {
        crate::print_line!("you sign     {what}");
    }
}

fn acting(context: &Context) -> Result<Vec<(Service, BrakeClient)>, CliError> {
    let ports = who::ports(context)?;
    let client = |service: &Service| {
        let options = HttpOptions { timeout_ms: HAND_MS, answer_max_bytes: 1 << 20 };
        (*service, BrakeClient::new(Http::with(ports.url(*service), options).of(*service)))
    };
    Ok(Service::ALL.iter().filter(|service| **service != Service::Governance).map(client).collect())
}

/// Whether nothing more goes on there.
fn stands(answer: &Result<BrakeView, ClientError>) -> bool {
    match answer {
        Ok(_) => true,
        Err(error) => error.code().is_some_and(|code| STANDS_ALREADY.contains(&code)),
    }
}

fn words(answer: &Result<BrakeView, ClientError>) -> String {
    match answer {
        Ok(view) => format!("stands until the ledger has it, {} at the latest", view.until),
        Err(error) if error.code() == Some(ENDED) => format!("nothing to stop: {error}"),
        Err(error) if stands(answer) => format!("stands still already: {error}"),
        Err(error) => format!("NOT stopped: {error}"),
    }
}

/// Hands it to each service, and says what came of it at each.
async fn hand(context: &Context, statements: Vec<Submission>) -> Result<(), CliError> {
    let request = BrakeRequest { statements };
    let mut tried = tokio::task::JoinSet::new();
    for (n, (service, client)) in acting(context)?.into_iter().enumerate() {
        let request = request.clone();
        tried.spawn(async move { (n, service, client.hand(&request).await) });
    }
    let mut all = tried.join_all().await;
    all.sort_by_key(|(n, ..)| *n);
    if context.json {
        let row = |(_, service, answer): &(usize, Service, Result<BrakeView, ClientError>)| match answer {
            Ok(view) => json!({"service": service, "stands": true, "brake": view}),
            Err(error) => {
                json!({"service": service, "stands": stands(answer), "code": error.code(), "why": error.to_string()})
            }
        };
        output::json(&all.iter().map(row).collect::<Vec<Value>>());
    } else {
        for (_, service, answer) in &all {
            crate::print_line!("{:<20} {}", service.title(), words(answer));
        }
    }
    let failed = all.into_iter().filter(|(_, _, answer)| !stands(answer));
    let mut failed: Vec<_> = failed.filter_map(|(_, _, answer)| answer.err()).collect();
    // Who is silent weighs more than who refuses: it may go on.
    failed.sort_by_key(|error| error.code().is_some());
    failed.into_iter().next().map_or(Ok(()), |error| Err(error.into()))
}

async fn list(context: &Context, args: ListArgs) -> Result<(), CliError> {
    let (mut rows, mut silent) = (vec![], None);
    for (service, client) in acting(context)? {
        match client.standing().await {
            Ok(view) => rows.extend(view.brakes.into_iter().map(|brake| (service, brake))),
            Err(error) => {
                output::note(&format_args!("{}: {error}", service.title()));
                silent = Some(error);
            }
        }
    }
    let about = |brake: &BrakeView| brake.change.map(|change| change.to_string()).or(brake.key.map(|key| key.short()));
    let ends = |brake: &BrakeView| match &brake.lifted {
        Some(lifted) => format!("lifted: {}", lifted.why),
        None => format!("{} at the latest", brake.until),
    };
    let as_json = |(service, brake): &(Service, BrakeView)| json!({"service": service, "brake": brake});
    listing::print(
        context,
        args,
        rows,
        as_json,
        &[
            ("SERVICE", &|(service, _)| service.title().to_owned()),
            ("BRAKE", &|(_, brake)| brake.verb.to_string()),
            ("OF", &|(_, brake)| about(brake).unwrap_or_default()),
            ("UNTIL", &|(_, brake)| ends(brake)),
        ],
    );
    silent.map_or(Ok(()), |error| Err(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use signed::{Machine, PersonKey};

    #[test]
    fn the_key_of_a_machine_identity_is_found_by_the_beginning_of_its_id() {
        let openssh = ssh::private_key(&[91; 32]).public_key().to_openssh().unwrap();
        let (id, key) = (PersonId([8; 16]), PersonKey::of(&openssh).unwrap());
        let mut state = State::empty();
        state.roster.machines.push(Machine { id, name: "ci.release".parse().unwrap(), key: key.clone() });
        assert_eq!(listed(&state, &key.id.to_string()[..8]).unwrap(), (id, key.id));
        let error = listed(&state, "0000").unwrap_err().to_string();
        assert!(error.contains("`countersign person ls` and `machine ls`"), "{error}");
    }
}
