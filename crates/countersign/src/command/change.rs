//! `change …`.

mod causes;
mod ending;
mod export;
mod ls;
mod meant;
mod new;
mod show;
mod silence;

pub use new::{document, of_kind};
pub use show::{Known, next, print};

use super::{Context, signing, waiting, who};
use crate::cli::{About, ChangeCommand, Ended, Who};
use crate::error::CliError;
use crate::find::ChangeRef;
use crate::output;
use client::ClientError;
use desk::{Desk, DeskError, Fingerprint, Progress, Shown};
use meant::meant;
use model::{ChangeId, Instant, Status};
use serde_json::json;
use signed::{Act, Reconciled};
use std::time::Duration;
use view::{ChangeView, Names, WordOutcome};

/// How long `run` waits for the end of a change.
const RUN_WITHIN: Duration = Duration::from_secs(120);

pub async fn run(context: &Context, command: ChangeCommand) -> Result<(), CliError> {
    match command {
        ChangeCommand::New(args) => new::run(context, *args).await,
        ChangeCommand::Ls(args) => ls::run(context, args).await,
        ChangeCommand::Show { change, person } => show::run(context, &change, person.as_deref()).await,
        ChangeCommand::Export { change, revision, out } => export::run(context, &change, revision, &out).await,
        ChangeCommand::Seal { change, read, who } => {
            let desk = who::desk(context, &who).await?;
            let change = meant(&desk, &change)?;
            let shown = signing(context, &desk, &change, "seal", read.package.as_ref()).await?;
            let index = desk.seal(&change, Some(&shown)).await?;
            said(context, &desk, &change, index).await
        }
        ChangeCommand::Approve { change, slot, on_behalf_of, read, who } => {
            let desk = who::desk(context, &who).await?;
            let change = meant(&desk, &change)?;
            let of = match on_behalf_of {
                Some(person) => Some(who::book(&desk).await?.person(&person)?),
                None => None,
            };
            let shown = signing(context, &desk, &change, "approve", read.package.as_ref()).await?;
            let approved = desk.approve_for(&change, slot, of, Some(&shown)).await;
            // Who names a slot is told of that one.
            let index = match slot {
                Some(_) => approved?,
                None => approved.map_err(|error| open_to_others(&desk, &change, error))?,
            };
            said(context, &desk, &change, index).await
        }
        ChangeCommand::Reject { change, slot, reason, read, who } => {
            let desk = who::desk(context, &who).await?;
            let change = meant(&desk, &change)?;
            let shown = signing(context, &desk, &change, "reject", read.package.as_ref()).await?;
            let index = desk.reject(&change, slot, &reason, Some(&shown)).await?;
            said(context, &desk, &change, index).await
        }
        ChangeCommand::Run { change, no_wait, not_before, read, who } => {
            let not_before = not_before.map(|not_before| not_before.0);
            carry_out(context, &change, (no_wait, not_before), read.package.as_ref(), &who).await
        }
        ChangeCommand::Release { of, about } => release(context, of, about).await,
        other => {
            let (about, word, verb) = short_verb(other)?;
            short(context, about, word, verb).await
        }
    }
}

type Verb = Box<dyn FnOnce(ChangeId, u32) -> Act>;

/// The verbs that name a change and its revision, and bind to no plan: about what, the word, the act.
fn short_verb(command: ChangeCommand) -> Result<(About, &'static str, Verb), CliError> {
    let verb = |about, word, act: fn(ChangeId, u32) -> Act| Ok((about, word, Box::new(act) as Verb));
    match command {
        ChangeCommand::Withdraw(about) => {
            verb(about, "withdraw", |change, revision| Act::Withdraw { change, revision })
        }
        ChangeCommand::Hold(about) => verb(about, "hold", |change, revision| Act::Hold { change, revision }),
        ChangeCommand::Cancel(about) => verb(about, "cancel", |change, revision| Act::Cancel { change, revision }),
        ChangeCommand::Observe(about) => verb(about, "observe", |change, revision| Act::Observe { change, revision }),
        ChangeCommand::Escalate(about) => {
            verb(about, "escalate", |change, revision| Act::Escalate { change, revision })
        }
        ChangeCommand::Revoke(about) => verb(about, "revoke", |change, revision| Act::Revoke { change, revision }),
        ChangeCommand::Review(about) => verb(about, "review", |change, revision| Act::Review { change, revision }),
        ChangeCommand::Abort(about) => verb(about, "abort", |change, revision| Act::Abort { change, revision }),
        ChangeCommand::Attach { item, evidence, about } => {
            let act = move |change, revision| Act::Attach { change, revision, item, evidence };
            Ok((about, "attach", Box::new(act)))
        }
        ChangeCommand::Reconcile { outcome, about } => {
            let outcome = match outcome {
                Ended::AsBase => Reconciled::AsBase,
                Ended::AsPlanned => Reconciled::AsPlanned,
            };
            let act = move |change, revision| Act::Reconcile { change, revision, outcome };
            Ok((about, "reconcile", Box::new(act)))
        }
        other => Err(CliError::Usage(format!("this is no short verb: {other:?}"))),
    }
}

/// What is about to be signed, if it is what the person read and can be decided: its plan too.
async fn signing(
    context: &Context,
    desk: &Desk,
    id: &ChangeId,
    verb: &str,
    read: Option<&Fingerprint>,
) -> Result<Shown, CliError> {
    let shown = signing::read(desk, id, read).await?;
    desk.binding(id, Some(&shown)).await?;
    signing::sign_and_submit(context, desk, id, verb, &shown).await?;
    Ok(shown)
}

/// A refusal for want of a role names the roles of one slot; what else is open is said with it.
fn open_to_others(desk: &Desk, id: &ChangeId, mut error: DeskError) -> DeskError {
    if let DeskError::Client(ClientError::Problem(detail, _)) = &mut error
        && detail.code == "role.missing"
    {
        let state = desk.follower().state();
        let Ok(change) = desk.follower().change(&state, id) else { return error };
        let roles =
            |slot| change.slot_roles(&state, slot).iter().map(|role| role.title()).collect::<Vec<_>>().join(" or ");
        let open: Vec<_> = change.open_slots(&state).into_iter().map(roles).collect();
        if open.len() > 1 {
            detail.next = format!("ask somebody for one of the open slots: {}", open.join("; "));
        }
    }
    error
}

/// What a word came to, by the leaf that records it: the first of two people has only asked.
async fn said(context: &Context, desk: &Desk, change: &ChangeId, index: u64) -> Result<(), CliError> {
    let outcome = desk.outcome(index).await?;
    if context.json {
        let WordOutcome { said, in_effect, waits_for } = &outcome;
        let mut said = json!({"change": change, "said": said, "entry": index, "in_effect": in_effect});
        if let Some(waits_for) = waits_for {
            said["waits_for"] = waits_for.as_str().into();
        }
        output::json(&said);
        return Ok(());
    }
    crate::print_line!("{} {change}", outcome.said);
    crate::print_line!("entry {index}");
    if let Some(waits_for) = &outcome.waits_for {
        crate::print_line!("not in effect yet: it waits for {waits_for}");
    }
    Ok(())
}

async fn short(
    context: &Context,
    about: About,
    word: &str,
    verb: impl FnOnce(ChangeId, u32) -> Act,
) -> Result<(), CliError> {
    let desk = who::desk(context, &about.who).await?;
    let change = meant(&desk, &about.change)?;
    let shown = signing::read(&desk, &change, about.read.package.as_ref()).await?;
    // These bind to no plan, so none is shown as if it were signed.
    signing::sign_and_submit(context, &desk, &change, word, &Shown { plan: None, ..shown }).await?;
    let index = desk.sign_and_submit_about(&change, verb, about.reason.as_deref(), Some(&shown)).await?;
    said(context, &desk, &change, index).await
}

async fn release(context: &Context, of: Option<String>, about: About) -> Result<(), CliError> {
    let desk = who::desk(context, &about.who).await?;
    let change = meant(&desk, &about.change)?;
    let of = match of {
        Some(person) => {
            let book = who::book(&desk).await?;
            let held = desk.follower().change(&book.state, &change).ok();
            Some(book.holder(held.as_deref(), &person)?)
        }
        None => None,
    };
    let shown = signing::read(&desk, &change, about.read.package.as_ref()).await?;
    signing::sign_and_submit(context, &desk, &change, "release", &Shown { plan: None, ..shown }).await?;
    let index = desk.release(&change, of, about.reason.as_deref(), Some(&shown)).await?;
    said(context, &desk, &change, index).await
}

async fn carry_out(
    context: &Context,
    change: &ChangeRef,
    (no_wait, not_before): (bool, Option<Instant>),
    read: Option<&Fingerprint>,
    who: &Who,
) -> Result<(), CliError> {
    let desk = who::desk(context, who).await?;
    let id = &meant(&desk, change)?;
    let shown = signing(context, &desk, id, "run", read).await?;
    let index = desk.run_from(id, not_before, Some(&shown)).await?;
    if let Some(not_before) = not_before {
        said(context, &desk, id, index).await?;
        if !context.json {
            crate::print_line!("starts at {not_before}, if everything still holds then");
        }
        return Ok(());
    }
    if no_wait {
        // Who stays and follows it is told by that.
        silence::note(context, &desk, id).await?;
        return said(context, &desk, id, index).await;
    }
    let say = |progress: &Progress| {
        if let Some((executor, action)) = progress.due.as_ref().filter(|_| !context.json) {
            crate::print_line!("step {}/{}  {executor}: {action}", progress.done + 1, progress.steps);
        }
    };
    let end = waiting::on(context, &desk, id, desk.follow(id, RUN_WITHIN, say)).await?;
    if context.json {
        output::json(
            &json!({"change": id, "entry": index, "status": end.status, "done": end.done, "steps": end.steps}),
        );
    } else {
        crate::print_line!("{} {id}", end.status.title().to_lowercase());
    }
    match end.status {
        Status::Effective | Status::ReviewDue | Status::Closed => Ok(()),
        status => Err(not_effective(context, &desk, id, status).await),
    }
}

/// Why a change that was run is not effective: each step that did not go well, with its cause.
async fn not_effective(context: &Context, desk: &Desk, id: &ChangeId, status: Status) -> CliError {
    let view = {
        let state = desk.follower().state();
        let change = desk.follower().change(&state, id).ok();
        change.map(|change| ChangeView::of(&state, &Names::default(), &change, desk.now()))
    };
    let ledger = desk.follower().state().ledger;
    let causes = match (&view, who::reader(context).await) {
        (Some(view), Ok(governance)) => causes::read(&governance, &ledger, view).await,
        _ => vec![],
    };
    if !context.json {
        causes::print(&causes);
    }
    // For a person they are printed above, and not said twice.
    let why: Vec<_> = causes.iter().filter(|_| context.json).map(causes::Cause::line).collect();
    let why = if why.is_empty() { String::new() } else { format!("; {}", why.join("; ")) };
    let message = format!("the change is {}{why}", status.title().to_lowercase());
    let next = format!("see `countersign change show {id}`, which names what can be done now");
    desk::DeskError::Refused { code: "change.not_effective", message, next }.into()
}
