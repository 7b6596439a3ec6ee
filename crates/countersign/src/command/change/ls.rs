//! `change ls`.

use crate::cli::{LsArgs, Who};
use crate::clock;
use crate::command::{Context, who};
use crate::error::CliError;
use crate::find::Book;
use crate::output;
use control::State;
use model::{ChangeId, PersonId};
use std::collections::BTreeSet;
use view::ChangeView;
use view::Names;

pub async fn run(context: &Context, args: LsArgs) -> Result<(), CliError> {
    let (all, names) = match served(context).await {
        Ok(served) => served,
        Err(error) if error.is_outage() => match of_copy(context).await {
            Some(all) => (all, Names::default()),
            None => return Err(error),
        },
        Err(error) => return Err(error),
    };
    let shown = filtered(context, &args, all, names).await?;
    if context.json {
        output::json(&shown);
        return Ok(());
    }
    let rows: Vec<_> = shown.iter().map(cells).collect();
    output::table(&["CHANGE", "KIND", "ABOUT", "RELEASE", "STATUS", "WAITS FOR"], &rows);
    Ok(())
}

async fn served(context: &Context) -> Result<(Vec<ChangeView>, Names), CliError> {
    let governance = who::reader(context).await?;
    Ok((governance.changes().await?, governance.names().await.unwrap_or_default()))
}

/// With Governance gone, the own verified copy answers, and says from when it is.
async fn of_copy(context: &Context) -> Option<Vec<ChangeView>> {
    let copy = who::copy(context).await.ok()?;
    let state = copy.state;
    let (size, last) = (state.size, state.last);
    output::note(&format_args!(
        "Governance does not answer; this is from this machine's verified copy of the ledger: {size} entries, the newest of {last}"
    ));
    Some(ChangeView::all(&state, &Names::default(), clock::now()))
}

async fn filtered(
    context: &Context,
    args: &LsArgs,
    all: Vec<ChangeView>,
    names: Names,
) -> Result<Vec<ChangeView>, CliError> {
    let needed = args.engine.is_some() || args.mine;
    let state = if needed { Some(who::copy(context).await?.state) } else { None };
    let engine = match (&args.engine, &state) {
        (Some(text), Some(state)) => {
            let names = names.checked(state);
            Some(Book { state: state.clone(), names }.engine(text)?)
        }
        _ => None,
    };
    let mine = match (args.mine, &state) {
        (true, Some(state)) => Some(mine(state, args)?),
        _ => None,
    };
    let wanted = |view: &ChangeView| {
        args.status.is_none_or(|status| view.status == status)
            && args.kind.is_none_or(|kind| view.kind == kind)
            && engine.is_none_or(|engine| view.engine == Some(engine))
            && mine.as_ref().is_none_or(|mine| mine.contains(&view.id))
    };
    Ok(all.into_iter().filter(wanted).take(args.limit as usize).collect())
}

/// The changes that somebody asked for, decided, or has an open slot of.
fn mine(state: &State, args: &LsArgs) -> Result<BTreeSet<ChangeId>, CliError> {
    let signer = who::signer(&Who { key: args.key.clone(), agent: args.agent.clone() })?;
    let person = signer.person(&state.roster)?;
    Ok(state.changes.values().filter(|change| is_of(state, change, &person)).map(|c| c.package.change).collect())
}

fn is_of(state: &State, change: &control::Change, person: &PersonId) -> bool {
    let approved =
        change.approvals.values().any(|approval| approval.person == *person || approval.filled_by() == *person);
    let roles = state.roster.person(person).map(|person| person.roles.clone()).unwrap_or_default();
    let open = change.status_at(state, clock::now()).is_open();
    let slot = |slot: &u32| change.slot_roles(state, *slot).iter().any(|role| roles.contains(role));
    let waits = open && change.run.is_none() && change.open_slots(state).iter().any(slot);
    let run = change.run.as_ref().is_some_and(|run| run.person == *person);
    change.authors.contains(person) || approved || run || waits || change.holds.contains_key(person)
}

fn cells(change: &ChangeView) -> Vec<String> {
    let release = change.artifact.as_ref().map_or("-", |artifact| artifact.version.as_str());
    let open: Vec<_> =
        change.slots.iter().filter(|slot| slot.person.is_none()).map(|slot| slot.title.as_str()).collect();
    let waits = match &change.blocked {
        Some(blocked) => blocked.code.clone(),
        None if change.status == model::Status::AwaitingApproval => open.join(", "),
        None => String::new(),
    };
    vec![
        change.id.short(),
        change.kind.to_string(),
        change.about.clone(),
        release.to_owned(),
        change.status.title().to_owned(),
        waits,
    ]
}
