//! A change's page, and the list of all.

use super::action::{self, Action};
use super::deployment::Fact;
use super::moment::Moment;
use super::panel::{Notice, Panel};
use super::plan::{self, PlanFacts};
use super::quota::{self, OverQuota};
use super::step::{self, StepRow};
use super::trace::{self, Stage};
use super::ways_out::{self, WaysOut};
use super::{deployment, kinds, link};
use crate::scene::{Scene, UNKNOWN};
use control::Change;
use desk::Fingerprint;
use model::{ChangeId, Digest, Instant, Service, Status, canon};
use view::{Against, BlockedView, BoundThing, ChangeView, Names, SlotState, WarrantView, Way, is_said_in};

/// Bytes that are signed by their digest, as shown and hashed in the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// `package`, `plan` or `requirement`: part of what is hashed before the bytes.
    pub object: &'static str,
    /// Its digest by this console's own verified state.
    pub digest: String,
    /// The canonical bytes.
    pub bytes: String,
}

/// A slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotRow {
    pub position: u32,
    /// The words of its roles, with a space between.
    pub words: String,
    pub title: String,
    /// Who fills it.
    pub name: Option<String>,
    /// Since when.
    pub at: Option<Moment>,
    /// The entry that records it.
    pub href: Option<String>,
    /// Who could fill it now.
    pub who_can: Vec<String>,
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    pub id: String,
    pub href: String,
    pub kind: &'static str,
    pub title: String,
    /// What it is about: an engine, a tenant, or its kind.
    pub about: String,
    /// The engine's page, where it is about one.
    pub about_href: Option<String>,
    pub release: String,
    /// Where it stands, as a word.
    pub status: &'static str,
    /// The same in the page's words.
    pub state: String,
    pub waits: String,
}

/// The page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangePage {
    /// The row's facts.
    pub row: ChangeRow,
    pub panel: Panel,
    pub revision: u32,
    /// Why it is asked for.
    pub reason: Option<String>,
    /// Facts with their evidence.
    pub facts: Vec<Fact>,
    /// What keeps it.
    pub blocked: Option<BlockedView>,
    pub slots: Vec<SlotRow>,
    /// Who holds it, since which entry.
    pub holds: Vec<(String, String)>,
    /// Whether it goes on once they are released.
    pub waits_for_release: bool,
    /// The ways out, where it is stuck.
    pub ways_out: Option<WaysOut>,
    /// What holds before and after.
    pub plan: PlanFacts,
    /// The plan's steps.
    pub steps: Vec<StepRow>,
    /// What it needs beyond its tenant's quota.
    pub over_quota: Option<OverQuota>,
    /// Why there is no plan.
    pub no_plan: Option<BlockedView>,
    /// Whether it is being carried out.
    pub running: bool,
    /// What is signed.
    pub documents: Vec<Document>,
    /// The package's digest in short groups.
    pub fingerprint: String,
    /// What each form says that its page showed.
    pub shown: Shown,
    /// Buttons.
    pub actions: Vec<Action>,
    /// Verbs that mean nothing where it stands.
    pub idle: Vec<Action>,
    /// Whether it can be asked for again as a new revision: what it rests on has moved.
    pub redraw: bool,
    /// Where it is asked for again from what is in force: what it replaces has moved, so that no revision of it can
    /// ever be carried out.
    pub ask_again: Option<String>,
    pub stages: Vec<Stage>,
    /// The same by command line.
    pub commands: Vec<String>,
}

/// `6bd7 81c2 …`: the first 16 bytes, as the reader compares them; what is no digest, as it is.
pub fn fingerprint(digest: &str) -> String {
    digest.parse().map_or_else(|_| digest.to_owned(), |digest| Fingerprint::of(&digest).to_string())
}

/// What a person sees on the page, as its forms send it back: of the bytes shown, not of any others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub revision: u32,
    /// Digest of the package.
    pub package: String,
    /// Digest of the plan; empty: there is none.
    pub plan: String,
}

impl Shown {
    fn of(revision: u32, documents: &[Document]) -> Self {
        let digest = |object| documents.iter().find(|document| document.object == object);
        let digest = |object| digest(object).map(|document| document.digest.clone()).unwrap_or_default();
        Self { revision, package: digest("package"), plan: digest("plan") }
    }
}

/// A row.
pub fn row(view: &ChangeView, now: Instant) -> ChangeRow {
    let waits = match (&view.blocked, view.status) {
        (Some(blocked), _) => format!("Blocked: {}", blocked.message),
        (None, Status::AwaitingApproval) => {
            let open = view.slots.iter().filter(|slot| slot.name.is_none()).map(|slot| slot.title.clone());
            format!("Awaits {}", open.collect::<Vec<_>>().join(" + "))
        }
        (None, Status::Draft) => "Awaits its seal".to_owned(),
        (None, Status::Approved) => match (view.cools_until, view.scheduled) {
            (Some(until), _) => format!("Cools until {}", Moment::of(until).text),
            (None, Some(at)) => format!("Will be run from {}", Moment::of(at).text),
            (None, None) => "Awaits its run".to_owned(),
        },
        (None, Status::ReviewDue) if view.deadline.is_some_and(|by| now > by) => "Review overdue".to_owned(),
        (None, Status::ReviewDue) => "Awaits its review".to_owned(),
        (None, Status::Executing) if view.soaking_until.is_some() => {
            view.soaking_until.map(|until| format!("Soaks until {}", Moment::of(until).text)).unwrap_or_default()
        }
        (None, Status::Executing) => {
            let done = view.steps.iter().filter(|step| step.state == "done").count();
            format!("{done} of {} steps", view.steps.len())
        }
        _ => String::new(),
    };
    ChangeRow {
        id: view.id.to_string(),
        href: link::change(&view.id),
        kind: view.kind.title(),
        title: view.title.clone().unwrap_or_else(|| view.untitled()),
        about: view.about.clone(),
        about_href: view.engine.as_ref().map(link::engine),
        release: view.artifact.as_ref().map_or_else(String::new, |artifact| artifact.name.clone()),
        status: view.status.word(),
        state: if kinds::is_deployment(view.kind) {
            deployment::state(view.status)
        } else {
            view.status.title().to_owned()
        },
        waits,
    }
}

/// Most changes that have ended of one page of the list.
const LISTED_MAX: usize = 100;

/// The list of changes, newest first.
pub struct Listed {
    pub panel: Panel,
    pub notice: Option<Notice>,
    pub rows: Vec<ChangeRow>,
    /// Where those that ended earlier are.
    pub older: Option<String>,
}

/// One page of it: the open ones and the last that ended, or those that had ended before a leaf.
pub fn list(scene: &Scene, ended_before: Option<u64>) -> Listed {
    let views = scene.changes(LISTED_MAX, ended_before);
    let first = views.iter().filter_map(|view| view.ended).min();
    let older = first.filter(|first| scene.state.ended_before(Some(*first)).next().is_some());
    let rows: Vec<_> = views.iter().map(|view| row(view, scene.now)).collect();
    let empty =
        if ended_before.is_some() { "No change ended before that." } else { "No change has been asked for yet." };
    let notice =
        Notice::of(scene, Service::Governance).or_else(|| rows.is_empty().then(|| Notice::new("empty", empty)));
    let older = older.map(|leaf| format!("/changes?ended_before={leaf}"));
    Listed { panel: Panel::of(scene, Service::Governance), notice, rows, older }
}

fn slot(view: &SlotState, who_can: &[(String, Vec<String>)]) -> SlotRow {
    let can = who_can.iter().find(|(title, _)| *title == view.title);
    SlotRow {
        position: view.slot,
        words: view.roles.iter().map(|role| role.word()).collect::<Vec<_>>().join(" "),
        title: view.title.clone(),
        name: view.name.clone(),
        at: view.at.map(Moment::of),
        href: view.entry.map(link::control),
        who_can: can.map(|(_, names)| names.clone()).unwrap_or_default(),
    }
}

fn document<T: serde::Serialize>(object: &'static str, value: &T) -> Option<Document> {
    let bytes = canon::to_vec(value).ok()?;
    let digest = model::Digest::of_object(object, &bytes).to_string();
    Some(Document { object, digest, bytes: String::from_utf8_lossy(&bytes).into_owned() })
}

fn deadline(view: &ChangeView) -> &'static str {
    match view.status {
        Status::Approved => "To be run by",
        Status::ReviewDue => "To be reviewed by",
        _ => "To be approved by",
    }
}

fn facts(view: &ChangeView, change: &Change, names: &Names) -> Vec<Fact> {
    let mut facts = vec![];
    if let Some(engine) = &view.engine {
        facts.push(Fact::new("Engine", view.about.clone(), Some(link::engine(engine))));
    }
    if !view.tenant_names.is_empty() {
        let href = change.subject.tenants.first().filter(|_| view.tenant_names.len() == 1).map(link::tenant);
        facts.push(Fact::new("Tenant", view.tenant_names.join(", "), href));
    }
    if view.node.is_some() {
        facts.push(Fact::new("Production Node", deployment::node(view), Some("/sources#said-node".to_owned())));
    }
    facts.extend(view.bound.iter().map(bound));
    facts.push(Fact::new("Opened by entry", view.opened.to_string(), Some(link::control(view.opened))));
    facts.push(Fact::new("Newest entry", view.last.to_string(), Some(link::control(view.last))));
    facts.extend(view.deadline.map(|at| Fact::at(deadline(view), at)));
    if let Some(window) = &view.window {
        facts.push(Fact::at("May be run from", window.from));
        facts.push(Fact::at("May be run until", window.until));
    }
    facts.extend(view.cools_until.map(|at| Fact::at("Cools until", at)));
    if view.run_by.is_none() {
        facts.extend(view.scheduled.map(|at| Fact::at("Will be run from", at)));
    }
    facts.extend(view.run_by.iter().map(|name| Fact::new("Run by", name.clone(), None)));
    facts.extend(view.soaking_until.map(|at| Fact::at("Soaks until", at)));
    facts.extend(view.escalated.iter().map(|by| who("Escalated", &by.name, by.at, by.entry)));
    facts.extend(view.granted_until.map(|at| Fact::at("Granted until", at)));
    facts.extend(view.revoked.iter().map(|by| who("Revoked", &by.name, by.at, by.entry)));
    facts.extend(view.warrant.iter().map(warrant));
    if let Some(supersedes) = &change.package.supersedes {
        let title = names.titles.get(supersedes);
        let text = title.map_or_else(|| names.change(supersedes), |title| format!("{title} ({})", supersedes.short()));
        facts.push(Fact::new("Replaces", text, Some(link::change(supersedes))));
    }
    if !view.unchecked.is_empty() {
        let unchecked: Vec<_> = view.unchecked.iter().map(|service| service.title()).collect();
        facts.push(Fact::new("Unchecked", unchecked.join(", "), None));
    }
    for item in change.requirement.iter().flat_map(|row| &row.checklist) {
        let attached = change.attached.get(&item.item);
        let text = attached
            .map_or_else(|| "nothing attached".to_owned(), |known| format!("sha256 {}", known.evidence.short()));
        let href = attached.map(|known| link::control(known.index));
        facts.push(Fact { name: format!("Checklist: {}", item.item).into(), text, href, iso: None });
    }
    facts
}

/// Who did something, and when.
fn who(what: &'static str, name: &str, at: Instant, entry: u64) -> Fact {
    Fact::new(what, format!("by {name} at {}", Moment::of(at).text), Some(link::control(entry)))
}

/// One thing that it binds, and how it stands against what served before.
fn bound(thing: &BoundThing) -> Fact {
    let before = thing.before.as_deref().unwrap_or("another");
    let text = match (&thing.name, thing.against) {
        (None, _) => format!("none any more, {before} before"),
        (Some(name), Some(Against::Changed)) => format!("{name}, {before} before"),
        (Some(name), Some(Against::New)) => format!("{name}, none before"),
        (Some(name), Some(Against::Kept)) => format!("{name}, as before"),
        (Some(name), _) => name.clone(),
    };
    let href = thing.digest.as_ref().map(link::resource).or_else(|| thing.lease.as_ref().map(link::change));
    Fact { name: thing.title.clone().into(), text, href, iso: None }
}

impl ChangePage {
    /// Puts what a release says of itself after the fact that names it.
    pub(crate) fn beside(&mut self, release: &Digest, says: Vec<Fact>) {
        let href = Some(link::resource(release));
        if let Some(at) = self.facts.iter().position(|fact| fact.href == href) {
            let after = self.facts.split_off(at + 1);
            self.facts.extend(says.into_iter().chain(after));
        }
    }
}

/// What became of a change's warrant so far.
fn warrant(warrant: &WarrantView) -> Fact {
    let until = Moment::of(warrant.until).text;
    let text = match (&warrant.used_by, warrant.used_at) {
        (Some(by), Some(at)) => format!("used at {} by {by}", Moment::of(at).text),
        _ if warrant.standing == "good" => format!("good until {until}, not used"),
        _ if warrant.standing == "revoked" => "revoked, not used".to_owned(),
        _ => format!("over since {until}, not used"),
    };
    Fact::new("Warrant", text, warrant.entry.map(link::control))
}

/// Whether what it rests on has moved since it was sealed, so that it must be asked for again.
fn has_moved(view: &ChangeView) -> bool {
    let moved = |blocked: &BlockedView| matches!(blocked.code.as_str(), "base.drifted" | "requirement.changed");
    matches!(view.status, Status::AwaitingApproval | Status::Approved) && view.blocked.as_ref().is_some_and(moved)
}

/// Where a change that replaces what is not in force any more is asked for again, in its place.
fn ask_again(scene: &Scene, change: &Change) -> Option<String> {
    let again = Way::again(&scene.state, change, scene.now);
    let (name, id) = (again.name.map(|name| name.to_string()).unwrap_or_default(), change.package.change.to_string());
    again.from_in_force.then(|| link::ask(change.kind, &[("name", &name), ("supersedes", &id)]))
}

/// Whether a hold keeps it from going on: in what has ended, or is taken back, it keeps nothing.
fn waits_for_release(view: &ChangeView, change: &Change) -> bool {
    view.status == Status::Draft || (is_said_in(view.status, "release") && !change.unwinding)
}

fn commands(view: &ChangeView, dir: &str) -> Vec<String> {
    let show = format!("countersign change show {} --dir {dir}", view.id);
    std::iter::once(show).chain(desk::commands(view, dir)).collect()
}

/// The page of one change; none when there is no such change.
pub fn of(scene: &Scene, id: &ChangeId, dir: &str) -> Option<ChangePage> {
    let change = scene.change(id).ok()?;
    let change: &Change = &change;
    let view = ChangeView::of(&scene.state, scene.names(), change, scene.now);
    let who_can = action::who_can(scene, change);
    // Of what has ended there is what was sealed, and nothing else: it will not be planned any more.
    let over = change.has_ended(&scene.state, scene.now);
    let computed = || if over { None } else { Some(control::plan(&scene.state, change, scene.now)) };
    let plan = change.plan.clone().map(Ok).or_else(computed);
    let no_plan =
        plan.as_ref().and_then(|plan| plan.as_ref().err()).map(|refusal| BlockedView::of(refusal, scene.names()));
    let plan = plan.and_then(Result::ok);
    let requirement = if over { change.requirement.clone() } else { change.required(&scene.state) };
    let documents = [
        document("package", &change.package),
        plan.as_ref().and_then(|plan| document("plan", plan)),
        requirement.as_ref().and_then(|requirement| document("requirement", requirement)),
    ];
    let documents: Vec<_> = documents.into_iter().flatten().collect();
    let (actions, idle) = action::all(scene, change);
    let moved = has_moved(&view);
    let ask_again = moved.then(|| ask_again(scene, change)).flatten();
    let over_quota = plan.as_ref().and_then(|plan| quota::over(scene, change, plan));
    Some(ChangePage {
        row: row(&view, scene.now),
        panel: Panel::of(scene, Service::Governance),
        revision: view.revision,
        reason: view.reason.clone(),
        facts: facts(&view, change, scene.names()),
        // What it needs beyond the quota is told with the way to ask for it.
        blocked: view.blocked.clone().filter(|blocked| over_quota.is_none() || blocked.code != "quota.exceeded"),
        slots: view.slots.iter().map(|known| slot(known, &who_can)).collect(),
        holds: view.holds.iter().map(|hold| (hold.name.clone(), link::control(hold.entry))).collect(),
        waits_for_release: waits_for_release(&view, change),
        ways_out: ways_out::of(scene, change),
        plan: plan::facts_of(scene, change, plan.as_ref()),
        steps: plan.as_ref().map(|plan| step::rows(scene, plan, &view.steps)).unwrap_or_default(),
        over_quota,
        no_plan,
        running: view.status == Status::Executing,
        shown: Shown::of(view.revision, &documents),
        documents,
        fingerprint: fingerprint(&view.package.to_string()),
        redraw: moved
            && ask_again.is_none()
            && scene.blocked(&kinds::needs(change.kind)).is_none_or(|blocked| blocked.code == UNKNOWN),
        ask_again,
        actions,
        idle,
        stages: trace::stages(scene, change),
        commands: commands(&view, dir),
    })
}
