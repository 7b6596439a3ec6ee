//! `change ls`.

use crate::cli::{ListArgs, LsArgs, Who};
use crate::clock;
use crate::command::{Context, listing, who};
use crate::error::CliError;
use crate::output;
use control::{ReadScope, State};
use model::{ChangeId, EngineId, KindName, PersonId, Status};
use std::collections::BTreeSet;
use view::Names;
use view::{ChangeList, ChangeView};

pub async fn run(context: &Context, args: LsArgs) -> Result<(), CliError> {
    let wanted = Wanted::of(context, &args).await?;
    let shown = match served(context, &args, &wanted).await {
        Err(error) if error.is_outage() => of_copy(context, &args, &wanted).await.ok_or(error)?,
        served => served?,
    };
    let release = |change: &ChangeView| change.artifact.as_ref().map(|artifact| artifact.version.to_string());
    let as_json = |change: &ChangeView| serde_json::to_value(change).unwrap_or_default();
    listing::print_of(
        context,
        ListArgs { limit: args.limit },
        shown,
        as_json,
        &[
            ("CHANGE", &|change| change.id.short()),
            ("KIND", &|change| change.kind.to_string()),
            ("ABOUT", &|change| change.about.clone()),
            ("RELEASE", &|change| release(change).unwrap_or_else(|| "-".to_owned())),
            ("STATUS", &|change| change.status.title().to_owned()),
            ("WAITS FOR", &waits_for),
        ],
    );
    Ok(())
}

/// Page by page, until there are more than are asked for, or no more at all; and whether these are all.
async fn served(context: &Context, args: &LsArgs, wanted: &Wanted) -> Result<(Vec<ChangeView>, bool), CliError> {
    let governance = who::reader(context).await?;
    let (mut shown, mut page) = (vec![], governance.changes().await?);
    loop {
        let first = page.iter().filter_map(|view| view.ended).min();
        shown.extend(page.into_iter().filter(|view| wanted.has(view)));
        match first {
            Some(leaf) if shown.len() <= args.limit as usize => page = governance.changes_ended_before(leaf).await?,
            first => return Ok((shown, first.is_none())),
        }
    }
}

/// With Governance gone, the own verified copy answers, and says from when it is.
async fn of_copy(context: &Context, args: &LsArgs, wanted: &Wanted) -> Option<(Vec<ChangeView>, bool)> {
    let copy = who::copy(context).await.ok()?.said();
    let (mut shown, mut ended_before) = (vec![], None);
    loop {
        let list = ChangeList { ended_before, ended_most: args.limit as usize + 1, sight: &ReadScope::Everything };
        let page = ChangeView::listed(&copy.state, &copy.follower, &Names::default(), clock::now(), &list);
        ended_before = page.iter().filter_map(|view| view.ended).min();
        shown.extend(page.into_iter().filter(|view| wanted.has(view)));
        if ended_before.is_none() || shown.len() > args.limit as usize {
            return Some((shown, ended_before.is_none()));
        }
    }
}

/// What the flags ask for.
struct Wanted {
    status: Option<Status>,
    kind: Option<KindName>,
    engine: Option<EngineId>,
    mine: Option<BTreeSet<ChangeId>>,
}

impl Wanted {
    async fn of(context: &Context, args: &LsArgs) -> Result<Self, CliError> {
        let engine = match &args.engine {
            Some(text) => match text.parse() {
                Ok(whole) => Some(whole),
                Err(_) => Some(who::read_book(context).await?.engine(text)?),
            },
            None => None,
        };
        let mine = if args.mine { Some(mine(&who::copy(context).await?, args)?) } else { None };
        Ok(Self { status: args.status, kind: args.kind, engine, mine })
    }

    fn has(&self, view: &ChangeView) -> bool {
        self.status.is_none_or(|status| view.status == status)
            && self.kind.is_none_or(|kind| view.kind == kind)
            && self.engine.is_none_or(|engine| view.engine == Some(engine))
            && self.mine.as_ref().is_none_or(|mine| mine.contains(&view.id))
    }
}

/// The changes that somebody asked for, decided, or has an open slot of.
fn mine(copy: &who::Copy, args: &LsArgs) -> Result<BTreeSet<ChangeId>, CliError> {
    let signer = who::signer(&Who { key: args.key.clone(), agent: args.agent.clone() })?;
    let (state, person) = (&copy.state, signer.person(&copy.state.roster)?);
    let (mut mine, mut lost) = (BTreeSet::new(), 0_u64);
    for id in state.change_ids() {
        match copy.follower.change(state, &id) {
            Ok(change) if is_of(state, &change, &person) => _ = mine.insert(id),
            Ok(_) => {}
            Err(_) => lost += 1,
        }
    }
    if lost > 0 {
        output::note(&format_args!(
            "{lost} changes that have ended are left out: the records of them that were kept here are missing or \
             damaged; run the command again, it makes them again from the ledger"
        ));
    }
    Ok(mine)
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

fn waits_for(change: &ChangeView) -> String {
    let open: Vec<_> =
        change.slots.iter().filter(|slot| slot.person.is_none()).map(|slot| slot.title.as_str()).collect();
    match &change.blocked {
        Some(blocked) => blocked.code.clone(),
        None => match change.status {
            Status::AwaitingApproval => open.join(", "),
            Status::Draft => "its seal".to_owned(),
            Status::Approved => "its run".to_owned(),
            Status::ReviewDue => "its review".to_owned(),
            _ => String::new(),
        },
    }
}
