//! `change show`.

use super::{causes, ending};
use crate::clock;
use crate::command::past::Words;
use crate::command::{Context, asks, bound, held, who};
use crate::error::CliError;
use crate::find::ChangeRef;
use crate::output;
use client::GovernanceClient;
use control::{Change, NoRecord, State};
use desk::{Fingerprint, no_record};
use follower::Follower;
use model::ChangeId;
use std::borrow::Cow;
use std::sync::Arc;
use view::{ChangeView, Explained, Names, WarrantView, explained};

/// What this machine can say itself: its verified copy of the ledger, and names, each compared with what
/// was signed. Governance's own view has its words for both.
struct Own {
    follower: Follower,
    state: Arc<State>,
    names: Names,
    words: Option<Words>,
}

pub async fn run(context: &Context, change: &ChangeRef, person: Option<&str>) -> Result<(), CliError> {
    let governance = match who::reader(context).await {
        Err(error) if error.is_outage() && person.is_none() => return of_copy(context, change).await,
        reader => reader?,
    };
    let ledger = context.home.trust(None)?.genesis;
    let id = who::change(context, change).await?;
    let Some(person) = person else {
        let served = governance.change(&id).await?;
        let own = own(context, &governance, &served).await;
        let view = match own.as_ref().and_then(|own| Some((own, own.change(&id)?))) {
            Some((own, change)) => ChangeView::of(&own.state, &own.names, &change, own.now()),
            None => served,
        };
        if context.json {
            output::json(&view);
        } else {
            print_with(&view, held::starts(context, &view.bound).await);
            ending::print(&governance, &ledger, &view).await;
            causes::print(&causes::read(&governance, &ledger, &view).await);
            asked(own.as_ref(), &view);
            let change = own.as_ref().and_then(|own| own.change(&id));
            let known = own.as_ref().zip(change.as_deref()).map(|(own, change)| own.known(change));
            next(context, &view, known.as_ref());
        }
        return Ok(());
    };
    let person = match person.parse() {
        Ok(whole) => whole,
        Err(_) => who::read_book(context).await?.person(person)?,
    };
    let served = governance.explain(&id, &person).await?;
    let own = own(context, &governance, &served.change).await;
    let shown = match own.as_ref().and_then(|own| Some((own, own.change(&id)?))) {
        Some((own, change)) => explained(&own.state, &own.names, &change, &person, own.now()),
        None => served,
    };
    if context.json {
        output::json(&shown);
        return Ok(());
    }
    print_with(&shown.change, held::starts(context, &shown.change.bound).await);
    ending::print(&governance, &ledger, &shown.change).await;
    causes::print(&causes::read(&governance, &ledger, &shown.change).await);
    asked(own.as_ref(), &shown.change);
    explain(&shown);
    let change = own.as_ref().and_then(|own| own.change(&id));
    let known = own.as_ref().zip(change.as_deref()).map(|(own, change)| own.known(change));
    next(context, &shown.change, known.as_ref());
    Ok(())
}

/// With Governance gone, the own verified copy answers, without names and texts.
async fn of_copy(context: &Context, change: &ChangeRef) -> Result<(), CliError> {
    let copy = who::copy(context).await?.said();
    let id = change.among(copy.state.change_ids())?;
    let change = copy.follower.change(&copy.state, &id).map_err(|error| no_record(error, &id))?;
    let (names, now) = (Names::default(), clock::now());
    let view = ChangeView::of(&copy.state, &names, &change, now);
    if context.json {
        output::json(&view);
        return Ok(());
    }
    print_with(&view, held::starts(context, &view.bound).await);
    next(context, &view, Some(&Known { state: &copy.state, names: &names, change: &change, now }));
    Ok(())
}

/// The own copy, where it has the change as it was answered; else it is said whose words these are, and why.
async fn own(context: &Context, governance: &GovernanceClient, served: &ChangeView) -> Option<Own> {
    let copy = who::copy(context).await.ok().filter(|copy| copy.outage.is_none());
    let found = copy.as_ref().map(|copy| copy.follower.change(&copy.state, &served.id));
    let why = match found {
        Some(Ok(change)) if change.package_digest == served.package => None,
        Some(Err(error @ NoRecord::Lost)) => Some(no_record(error, &served.id).to_string()),
        _ => Some("this machine's own copy of the ledger does not have the change so".to_owned()),
    };
    if let Some(why) = why {
        output::note(&format_args!("this is Governance's word: {why}"));
        return None;
    }
    let copy = copy?;
    let names = governance.names().await.unwrap_or_default().checked(&copy.state);
    let words = {
        let change = copy.follower.change(&copy.state, &served.id).ok();
        asks::words(context, &copy.follower, change.as_deref()).await
    };
    Some(Own { follower: copy.follower, state: copy.state, names, words })
}

impl Own {
    fn change(&self, id: &ChangeId) -> Option<Cow<'_, Change>> {
        self.follower.change(&self.state, id).ok()
    }

    fn known<'a>(&'a self, change: &'a Change) -> Known<'a> {
        Known { state: &self.state, names: &self.names, change, now: self.now() }
    }

    /// Never before the last leaf.
    fn now(&self) -> model::Instant {
        clock::now().max(self.state.last)
    }
}

/// What it asks for, by this machine's own verified copy of the ledger: who signs decides about these
/// bytes.
fn asked(own: Option<&Own>, view: &ChangeView) {
    let Some((own, change)) = own.and_then(|own| Some((own, own.change(&view.id)?))) else { return };
    let lines = asks::lines(&own.state, &own.names, &change, own.words.as_ref());
    if !lines.is_empty() {
        crate::print_line!("\nasks for");
        for (label, text) in &lines {
            crate::print_line!("  {label:<18} {text}");
        }
    }
}

fn explain(explained: &Explained) {
    crate::print_line!();
    for (slot, names) in &explained.who_can {
        let who = if names.is_empty() { "nobody now".to_owned() } else { names.join(", ") };
        crate::print_line!("{slot} can be filled by {who}");
    }
    for verb in &explained.verbs {
        match &verb.refused {
            None => crate::print_line!("{:<9} possible", verb.verb),
            Some(refused) => {
                crate::print_line!("{:<9} {}; {} ({})", verb.verb, refused.message, refused.next, refused.code);
            }
        }
    }
}

/// A change with what this machine has verified of the ledger.
pub struct Known<'a> {
    pub state: &'a State,
    pub names: &'a Names,
    pub change: &'a Change,
    pub now: model::Instant,
}

/// Most people who are named beside a command.
const NAMED_MAX: usize = 6;

/// The commands that would take the change on, and by the own verified copy of the ledger who may give them.
pub fn next(context: &Context, view: &ChangeView, known: Option<&Known>) {
    let dir = std::path::absolute(context.home.path()).unwrap_or_else(|_| context.home.path().to_owned());
    let lines = desk::ways(view, &output::word(&dir));
    if !lines.is_empty() {
        crate::print_line!("\nnext");
        for (way, line) in lines {
            crate::print_line!("  {line}");
            if let Some(who) = way.zip(known).and_then(|(way, known)| known.who_may(&way.verb)) {
                crate::print_line!("    {who}");
            }
        }
    }
}

impl Known<'_> {
    /// Who may say a verb about the change; none where it is no verb about one, as to ask for another.
    fn who_may(&self, verb: &str) -> Option<String> {
        match control::who_may(self.state, self.change, verb, self.now) {
            Ok(able) => {
                let named: Vec<_> = able.iter().take(NAMED_MAX).map(|person| self.names.person(person)).collect();
                let more = able.len().saturating_sub(NAMED_MAX);
                let more = if more > 0 { format!(" or {more} others") } else { String::new() };
                Some(output::cell(&format!("signed by {}{more}", named.join(" or "))))
            }
            Err(Some(refusal)) => {
                let (message, _) = refusal.message(&|person| self.names.person(person));
                Some(output::cell(&format!("by nobody now: {message} ({})", refusal.code())))
            }
            Err(None) => None,
        }
    }
}

/// A change of any kind.
pub fn print(view: &ChangeView) {
    print_with(view, vec![]);
}

/// The same, with what its release says of itself.
fn print_with(view: &ChangeView, starts: Vec<(&'static str, String)>) {
    let tenants = view.tenant_names.join(", ");
    // What is about a tenant has said so.
    let tenants = if tenants.is_empty() || tenants == view.about { String::new() } else { format!(" ({tenants})") };
    // A change of the roster or of a document is about itself.
    let about = if view.about == view.kind.title() { String::new() } else { format!(" for {}", view.about) };
    crate::print_line!("{} {}{about}{tenants}", view.kind.title(), view.id);
    crate::print_line!("status       {} (revision {})", view.status.title(), view.revision);
    for (label, text) in bound::lines(&view.bound).into_iter().chain(starts) {
        crate::print_line!("{label:<12} {text}");
    }
    if let Some(node) = &view.node {
        crate::print_line!("node         {node}");
    }
    for (label, text) in [("title", &view.title), ("reason", &view.reason), ("run by", &view.run_by)] {
        if let Some(text) = text {
            output::quoted(&format!("{label:<12}"), text);
        }
    }
    crate::print_line!("package      {}", view.package);
    crate::print_line!("fingerprint  {}", Fingerprint::of(&view.package));
    if let Some(plan) = view.plan {
        crate::print_line!("plan         {plan}");
    }
    for slot in &view.slots {
        crate::print_line!("slot {:<7} {}: {}", slot.slot, slot.title, slot.name.as_deref().unwrap_or("open"));
    }
    times(view);
    if let Some(escalated) = &view.escalated {
        let (name, at, entry) = (&escalated.name, escalated.at, escalated.entry);
        crate::print_line!("escalated    by {name} at {at} (entry {entry})");
    }
    if let Some(revoked) = &view.revoked {
        let (name, at, entry) = (&revoked.name, revoked.at, revoked.entry);
        crate::print_line!("revoked      by {name} at {at} (entry {entry})");
    }
    for hold in &view.holds {
        crate::print_line!("held by      {} (entry {})", hold.name, hold.entry);
    }
    for asked in &view.asked {
        let (verb, name, entry, until) = (&asked.verb, &asked.name, asked.entry, asked.until);
        crate::print_line!("asked        {verb}, by {name} (entry {entry}); others must say the same before {until}");
    }
    if let Some(warrant) = &view.warrant {
        said_of(warrant);
    }
    if !view.loses_reach.is_empty() {
        let kinds: Vec<_> = view.loses_reach.iter().map(|kind| kind.title()).collect();
        crate::print_line!("loses reach  nobody could ask for, approve and run these any more: {}", kinds.join(", "));
    }
    steps(view);
    if let Some(blocked) = &view.blocked {
        crate::print_line!("blocked      {}; {} ({})", blocked.message, blocked.next, blocked.code);
    }
}

/// When what ends or begins.
fn times(view: &ChangeView) {
    if let Some(window) = &view.window {
        crate::print_line!("window       {} to {}", window.from, window.until);
    }
    let times = [
        ("deadline", view.deadline),
        ("cools until", view.cools_until),
        ("starts at", view.scheduled),
        ("soaks until", view.soaking_until),
        ("holds until", view.granted_until),
    ];
    for (label, at) in times {
        if let Some(at) = at {
            crate::print_line!("{label:<12} {at}");
        }
    }
}

/// What its warrant allows, and what became of it.
fn said_of(warrant: &WarrantView) {
    let entry = warrant.entry.map(|entry| format!(" (entry {entry})")).unwrap_or_default();
    match (&warrant.used_by, warrant.used_at) {
        (Some(by), Some(at)) => crate::print_line!("warrant      used at {at} by {by}{entry}"),
        _ if warrant.standing == "good" => crate::print_line!("warrant      good until {}, not used", warrant.until),
        _ if warrant.standing == "revoked" => crate::print_line!("warrant      revoked, not used{entry}"),
        _ => crate::print_line!("warrant      over since {}, not used", warrant.until),
    }
    crate::print_line!("             for {}, sha256:{}", warrant.target, warrant.digest);
}

/// Counted from 1, as `change run` counts them.
fn steps(view: &ChangeView) {
    for service in &view.unchecked {
        crate::print_line!("unchecked    {}: it was silent, and what it holds is read later", service.title());
    }
    for (number, step) in (1..).zip(&view.steps) {
        crate::print_line!("step {number:<7} {:<20} {:<15} {}", step.executor.title(), step.action, step.state);
        if let Some(code) = &step.trouble {
            crate::print_line!("             did not succeed: {code}");
        }
    }
}
