//! `change …`.

mod export;
mod ls;
mod new;
mod show;

pub use new::document;
pub use show::{next, print};

use super::{Context, signing, waiting, who};
use crate::cli::{About, ChangeCommand, Ended, Who};
use crate::error::CliError;
use crate::find::ChangeRef;
use crate::output;
use desk::{Desk, Fingerprint, Progress, Shown};
use model::{ChangeId, Instant, Status};
use serde_json::json;
use signed::{Act, Reconciled};
use std::time::Duration;

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
            said(context, "sealed", &change, desk.seal(&change, Some(&shown)).await?);
            Ok(())
        }
        ChangeCommand::Approve { change, slot, on_behalf_of, read, who } => {
            let desk = who::desk(context, &who).await?;
            let change = meant(&desk, &change)?;
            let of = match on_behalf_of {
                Some(person) => Some(who::book(&desk).await?.person(&person)?),
                None => None,
            };
            let shown = signing(context, &desk, &change, "approve", read.package.as_ref()).await?;
            said(context, "approved", &change, desk.approve_for(&change, slot, of, Some(&shown)).await?);
            Ok(())
        }
        ChangeCommand::Reject { change, slot, reason, read, who } => {
            let desk = who::desk(context, &who).await?;
            let change = meant(&desk, &change)?;
            let shown = signing(context, &desk, &change, "reject", read.package.as_ref()).await?;
            said(context, "rejected", &change, desk.reject(&change, slot, &reason, Some(&shown)).await?);
            Ok(())
        }
        ChangeCommand::Run { change, no_wait, not_before, read, who } => {
            let not_before = not_before.map(|not_before| not_before.0);
            carry_out(context, &change, (no_wait, not_before), read.package.as_ref(), &who).await
        }
        ChangeCommand::Release { of, about } => release(context, of, about).await,
        other => {
            let (about, words, verb) = short_verb(other)?;
            short(context, about, words, verb).await
        }
    }
}

type Verb = Box<dyn FnOnce(ChangeId, u32) -> Act>;
/// A verb as one says it, and as it was said.
type Words = (&'static str, &'static str);

/// The verbs that name a change and its revision, and bind to no plan.
fn short_verb(command: ChangeCommand) -> Result<(About, Words, Verb), CliError> {
    let verb = |about, words, act: fn(ChangeId, u32) -> Act| Ok((about, words, Box::new(act) as Verb));
    match command {
        ChangeCommand::Withdraw(about) => {
            verb(about, ("withdraw", "withdrawn"), |change, revision| Act::Withdraw { change, revision })
        }
        ChangeCommand::Hold(about) => verb(about, ("hold", "held"), |change, revision| Act::Hold { change, revision }),
        ChangeCommand::Cancel(about) => {
            verb(about, ("cancel", "cancelled"), |change, revision| Act::Cancel { change, revision })
        }
        ChangeCommand::Observe(about) => {
            verb(about, ("observe", "asked to observe"), |change, revision| Act::Observe { change, revision })
        }
        ChangeCommand::Escalate(about) => {
            verb(about, ("escalate", "escalated"), |change, revision| Act::Escalate { change, revision })
        }
        ChangeCommand::Revoke(about) => {
            verb(about, ("revoke", "revoked"), |change, revision| Act::Revoke { change, revision })
        }
        ChangeCommand::Review(about) => {
            verb(about, ("review", "reviewed"), |change, revision| Act::Review { change, revision })
        }
        ChangeCommand::Abort(about) => {
            verb(about, ("abort", "asked to abort"), |change, revision| Act::Abort { change, revision })
        }
        ChangeCommand::Attach { item, evidence, about } => {
            let act = move |change, revision| Act::Attach { change, revision, item, evidence };
            Ok((about, ("attach", "attached to"), Box::new(act)))
        }
        ChangeCommand::Reconcile { outcome, about } => {
            let outcome = match outcome {
                Ended::AsBase => Reconciled::AsBase,
                Ended::AsPlanned => Reconciled::AsPlanned,
            };
            let act = move |change, revision| Act::Reconcile { change, revision, outcome };
            Ok((about, ("reconcile", "reconciled"), Box::new(act)))
        }
        other => Err(CliError::Usage(format!("this is no short verb: {other:?}"))),
    }
}

/// The change that is meant, among those of the own verified state.
fn meant(desk: &Desk, change: &ChangeRef) -> Result<ChangeId, CliError> {
    change.among(desk.follower().state().changes.keys().copied())
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

fn said(context: &Context, what: &str, change: &ChangeId, index: u64) {
    if context.json {
        output::json(&json!({"change": change, "said": what, "entry": index}));
    } else {
        crate::print_line!("{what} {change}");
        crate::print_line!("entry {index}");
    }
}

async fn short(
    context: &Context,
    about: About,
    (word, past): Words,
    verb: impl FnOnce(ChangeId, u32) -> Act,
) -> Result<(), CliError> {
    let desk = who::desk(context, &about.who).await?;
    let change = meant(&desk, &about.change)?;
    let shown = signing::read(&desk, &change, about.read.package.as_ref()).await?;
    // These bind to no plan, so none is shown as if it were signed.
    signing::sign_and_submit(context, &desk, &change, word, &Shown { plan: None, ..shown }).await?;
    let index = desk.sign_and_submit_about(&change, verb, about.reason.as_deref(), Some(&shown)).await?;
    said(context, past, &change, index);
    Ok(())
}

async fn release(context: &Context, of: Option<String>, about: About) -> Result<(), CliError> {
    let desk = who::desk(context, &about.who).await?;
    let change = meant(&desk, &about.change)?;
    let of = match of {
        Some(person) => Some(who::book(&desk).await?.person(&person)?),
        None => None,
    };
    let shown = signing::read(&desk, &change, about.read.package.as_ref()).await?;
    signing::sign_and_submit(context, &desk, &change, "release", &Shown { plan: None, ..shown }).await?;
    let index = desk.release(&change, of, about.reason.as_deref(), Some(&shown)).await?;
    said(context, "released", &change, index);
    Ok(())
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
        said(context, "scheduled", id, index);
        if !context.json {
            crate::print_line!("starts at {not_before}, if everything still holds then");
        }
        return Ok(());
    }
    if no_wait {
        said(context, "run", id, index);
        return Ok(());
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
        status => {
            let title = status.title().to_lowercase();
            let next = format!("see `countersign change show {id}` and `countersign audit ls --all`");
            Err(desk::DeskError::Refused {
                code: "change.not_effective",
                message: format!("the change is {title}"),
                next,
            }
            .into())
        }
    }
}
