//! `change …`.

use super::{Context, signing, waiting, who};
use crate::cli::{About, ChangeCommand, Who};
use crate::clock;
use crate::error::CliError;
use crate::output;
use client::view::{ChangeView, Explained};
use desk::{Desk, DraftOrder, Fingerprint, Progress, Shown};
use model::{ChangeId, EngineId, Status};
use serde_json::json;
use std::time::Duration;
use warrant::Act;

/// How long `run` waits for the end of a change.
const RUN_WITHIN: Duration = Duration::from_secs(120);

pub async fn run(context: &Context, command: ChangeCommand) -> Result<(), CliError> {
    match command {
        ChangeCommand::New { kind, engine, artifact, title, reason, change, who } => {
            let desk = who::desk(context, &who).await?;
            let engine = find_engine(&desk, &engine).await?;
            let change = desk.open_draft(&DraftOrder { kind, engine, artifact, title, reason, change }).await?;
            // At once: what comes now may take its time, and the draft stands whatever becomes of it.
            if context.json {
                output::note(&format_args!("opened {change}"));
            } else {
                crate::say!("opened {change}");
            }
            waiting::on(context, &desk, &change, desk.observed(&change)).await?;
            opened(context, &desk, &change).await
        }
        ChangeCommand::Ls => list(context).await,
        ChangeCommand::Show { change, person } => show(context, &change, person).await,
        ChangeCommand::Seal { change, read, who } => {
            let desk = who::desk(context, &who).await?;
            let shown = signing(context, &desk, &change, "seal", read.package.as_ref()).await?;
            said(context, "sealed", &change, desk.seal(&change, Some(&shown)).await?);
            Ok(())
        }
        ChangeCommand::Approve { change, slot, read, who } => {
            let desk = who::desk(context, &who).await?;
            let shown = signing(context, &desk, &change, "approve", read.package.as_ref()).await?;
            said(context, "approved", &change, desk.approve(&change, slot, Some(&shown)).await?);
            Ok(())
        }
        ChangeCommand::Reject { change, slot, reason, read, who } => {
            let desk = who::desk(context, &who).await?;
            let shown = signing(context, &desk, &change, "reject", read.package.as_ref()).await?;
            said(context, "rejected", &change, desk.reject(&change, slot, &reason, Some(&shown)).await?);
            Ok(())
        }
        ChangeCommand::Withdraw(about) => {
            short(context, about, ("withdraw", "withdrawn"), |change, revision| Act::Withdraw { change, revision })
                .await
        }
        ChangeCommand::Hold(about) => {
            short(context, about, ("hold", "held"), |change, revision| Act::Hold { change, revision }).await
        }
        ChangeCommand::Release(about) => {
            short(context, about, ("release", "released"), |change, revision| Act::Release { change, revision }).await
        }
        ChangeCommand::Cancel(about) => {
            short(context, about, ("cancel", "cancelled"), |change, revision| Act::Cancel { change, revision }).await
        }
        ChangeCommand::Run { change, no_wait, read, who } => {
            carry_out(context, &change, no_wait, read.package.as_ref(), &who).await
        }
    }
}

async fn find_engine(desk: &Desk, text: &str) -> Result<EngineId, CliError> {
    let names = desk.names().await?;
    match names.find_engines(text)[..] {
        [only] => Ok(only),
        [] => {
            let known: Vec<_> = names.engines.values().map(String::as_str).collect();
            Err(CliError::Usage(format!("no engine `{text}`; there are: {}", known.join(", "))))
        }
        ref several => {
            let ids: Vec<_> = several.iter().map(ToString::to_string).collect();
            Err(CliError::Usage(format!(
                "several engines are called `{text}`; say which by its id: {}",
                ids.join(", ")
            )))
        }
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
    signing::say(context, desk, id, verb, &shown).await?;
    Ok(shown)
}

fn said(context: &Context, what: &str, change: &ChangeId, index: u64) {
    if context.json {
        output::json(&json!({"change": change, "said": what, "entry": index}));
    } else {
        crate::say!("{what} {change}");
        crate::say!("entry {index}");
    }
}

async fn short(
    context: &Context,
    about: About,
    (word, past): (&str, &str),
    verb: impl FnOnce(ChangeId, u32) -> Act,
) -> Result<(), CliError> {
    let desk = who::desk(context, &about.who).await?;
    let shown = signing::read(&desk, &about.change, about.read.package.as_ref()).await?;
    // These bind to no plan, so none is shown as if it were signed.
    signing::say(context, &desk, &about.change, word, &Shown { plan: None, ..shown }).await?;
    let index = desk.say_about(&about.change, verb, about.reason.as_deref(), Some(&shown)).await?;
    said(context, past, &about.change, index);
    Ok(())
}

/// What a new draft can do next, computed from the own fold.
async fn opened(context: &Context, desk: &Desk, id: &ChangeId) -> Result<(), CliError> {
    let names = desk.names().await?;
    let view = {
        let state = desk.follower().state();
        let change = state.changes.get(id).ok_or_else(|| CliError::Usage(format!("no change {id}")))?;
        ChangeView::of(&state, &names, change, clock::now())
    };
    if context.json {
        output::json(&view);
        return Ok(());
    }
    print(&view);
    if view.blocked.is_none() {
        next(context, &view);
    }
    Ok(())
}

async fn list(context: &Context) -> Result<(), CliError> {
    let changes = who::reader(context).await?.changes().await?;
    if context.json {
        output::json(&changes);
        return Ok(());
    }
    let row = |change: &ChangeView| {
        let release = change.artifact.as_ref().map_or("-", |artifact| artifact.version.as_str());
        let blocked = change.blocked.as_ref().map_or("", |blocked| blocked.code.as_str());
        vec![
            change.id.to_string(),
            change.kind.to_string(),
            change.engine_name.clone(),
            release.to_owned(),
            change.status.title().to_owned(),
            blocked.to_owned(),
        ]
    };
    let rows: Vec<_> = changes.iter().map(row).collect();
    output::table(&["CHANGE", "KIND", "ENGINE", "RELEASE", "STATUS", "BLOCKED"], &rows);
    Ok(())
}

async fn show(context: &Context, id: &ChangeId, person: Option<model::PersonId>) -> Result<(), CliError> {
    let governance = who::reader(context).await?;
    let Some(person) = person else {
        let view = governance.change(id).await?;
        if context.json {
            output::json(&view);
        } else {
            print(&view);
            next(context, &view);
        }
        return Ok(());
    };
    let explained = governance.explain(id, &person).await?;
    if context.json {
        output::json(&explained);
        return Ok(());
    }
    print(&explained.change);
    explain(&explained);
    next(context, &explained.change);
    Ok(())
}

fn explain(explained: &Explained) {
    crate::say!();
    for (slot, names) in &explained.who_can {
        let who = if names.is_empty() { "nobody now".to_owned() } else { names.join(", ") };
        crate::say!("{} can be filled by {who}", slot.title());
    }
    for verb in &explained.verbs {
        match &verb.refused {
            None => crate::say!("{:<9} possible", verb.verb),
            Some(refused) => crate::say!("{:<9} {}; {} ({})", verb.verb, refused.message, refused.next, refused.code),
        }
    }
}

/// The lines that decide it as it is shown here, to be pasted.
fn next(context: &Context, view: &ChangeView) {
    let dir = std::path::absolute(context.home.path()).unwrap_or_else(|_| context.home.path().to_owned());
    let lines = desk::commands(view, &output::word(&dir));
    if !lines.is_empty() {
        crate::say!("\nnext");
        for line in lines {
            crate::say!("  {line}");
        }
    }
}

fn print(view: &ChangeView) {
    crate::say!("{} {} for {} ({})", view.kind.title(), view.id, view.engine_name, view.tenant_name);
    crate::say!("status       {} (revision {})", view.status.title(), view.revision);
    if let Some(artifact) = &view.artifact {
        crate::say!("release      {}  {}", artifact.name, artifact.artifact.short());
    }
    crate::say!("node         {}", view.node);
    for (label, text) in [("title", &view.title), ("reason", &view.reason), ("run by", &view.run_by)] {
        if let Some(text) = text {
            output::quoted(&format!("{label:<12}"), text);
        }
    }
    crate::say!("package      {}", view.package);
    crate::say!("fingerprint  {}", Fingerprint::of(&view.package));
    if let Some(plan) = view.plan {
        crate::say!("plan         {plan}");
    }
    for slot in &view.slots {
        crate::say!("slot         {}: {}", slot.slot.title(), slot.name.as_deref().unwrap_or("open"));
    }
    for (number, step) in view.steps.iter().enumerate() {
        crate::say!("step {number:<7} {:<20} {:<15} {}", step.executor.title(), step.action, step.state);
    }
    if let Some(blocked) = &view.blocked {
        crate::say!("blocked      {}; {} ({})", blocked.message, blocked.next, blocked.code);
    }
}

async fn carry_out(
    context: &Context,
    id: &ChangeId,
    no_wait: bool,
    read: Option<&Fingerprint>,
    who: &Who,
) -> Result<(), CliError> {
    let desk = who::desk(context, who).await?;
    let shown = signing(context, &desk, id, "run", read).await?;
    let index = desk.run(id, Some(&shown)).await?;
    if no_wait {
        said(context, "run", id, index);
        return Ok(());
    }
    let say = |progress: &Progress| {
        if let Some((executor, action)) = progress.due.as_ref().filter(|_| !context.json) {
            crate::say!("step {}/{}  {executor}: {action}", progress.done + 1, progress.steps);
        }
    };
    let end = waiting::on(context, &desk, id, desk.follow(id, RUN_WITHIN, say)).await?;
    if context.json {
        output::json(
            &json!({"change": id, "entry": index, "status": end.status, "done": end.done, "steps": end.steps}),
        );
    } else {
        crate::say!("{} {id}", end.status.title().to_lowercase());
    }
    match end.status {
        Status::Effective => Ok(()),
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
