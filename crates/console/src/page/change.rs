//! A change's page, and the list of all.

use super::action::{self, Action};
use super::deployment::Fact;
use super::moment::Moment;
use super::panel::{Notice, Panel};
use super::step::{self, StepRow};
use super::trace::{self, Stage};
use super::{deployment, link};
use crate::scene::{Scene, UNKNOWN};
use client::view::{BlockedView, ChangeView, SlotState};
use control::Change;
use desk::Fingerprint;
use model::{ChangeId, Role, Service, Status, canon};

/// Bytes that are signed by their digest, as shown and hashed in the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// `package`, `plan` or `requirement`: part of what is hashed before the bytes.
    pub object: &'static str,
    /// Its digest by this console's own fold.
    pub digest: String,
    /// The canonical bytes.
    pub bytes: String,
}

/// A slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotRow {
    /// The role's word.
    pub word: &'static str,
    /// The role.
    pub role: &'static str,
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
    /// Its id.
    pub id: String,
    /// Its page.
    pub href: String,
    /// Its kind.
    pub kind: &'static str,
    /// Its title.
    pub title: String,
    /// Its engine.
    pub engine: String,
    /// The engine's page.
    pub engine_href: String,
    /// The release.
    pub release: String,
    /// Where it stands, as a word.
    pub status: &'static str,
    /// The same in the page's words.
    pub state: String,
    /// What it waits for.
    pub waits: String,
}

/// The page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangePage {
    /// The row's facts.
    pub row: ChangeRow,
    /// Its data.
    pub panel: Panel,
    /// Revision.
    pub revision: u32,
    /// Why it is asked for.
    pub reason: Option<String>,
    /// Facts with their evidence.
    pub facts: Vec<Fact>,
    /// What keeps it.
    pub blocked: Option<BlockedView>,
    /// Its slots.
    pub slots: Vec<SlotRow>,
    /// Base and target, in words.
    pub from_to: Option<(String, String)>,
    /// The plan's steps.
    pub steps: Vec<StepRow>,
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
    /// Whether the draft can be observed again.
    pub observe: bool,
    /// The chain.
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
    /// Revision.
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
pub fn row(view: &ChangeView) -> ChangeRow {
    let waits = match (&view.blocked, view.status) {
        (Some(blocked), _) => format!("Blocked: {}", blocked.message),
        (None, Status::AwaitingApproval) => {
            let open = view.slots.iter().filter(|slot| slot.name.is_none()).map(|slot| slot.slot.title());
            format!("Awaits {}", open.collect::<Vec<_>>().join(" + "))
        }
        (None, Status::Draft) => "Awaits its seal".to_owned(),
        (None, Status::Approved) => "Awaits a Governance Operator's run".to_owned(),
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
        title: view.title.clone().unwrap_or_else(|| format!("{} for {}", view.kind.title(), view.engine_name)),
        engine: view.engine_name.clone(),
        engine_href: link::engine(&view.engine),
        release: view.artifact.as_ref().map_or_else(String::new, |artifact| artifact.name.clone()),
        status: view.status.word(),
        state: if view.kind == model::KindName::Deployment {
            deployment::state(view.status)
        } else {
            view.status.title().to_owned()
        },
        waits,
    }
}

/// Every change, newest first.
pub fn list(scene: &Scene) -> (Panel, Option<Notice>, Vec<ChangeRow>) {
    let rows: Vec<_> = ChangeView::all(&scene.state, scene.names(), scene.now).iter().map(row).collect();
    let notice = Notice::of(scene, Service::Governance)
        .or_else(|| rows.is_empty().then(|| Notice::new("empty", "No change has been asked for yet.")));
    (Panel::of(scene, Service::Governance), notice, rows)
}

fn slot(view: &SlotState, who_can: &[(Role, Vec<String>)]) -> SlotRow {
    SlotRow {
        word: view.slot.word(),
        role: view.slot.title(),
        name: view.name.clone(),
        at: view.at.map(Moment::of),
        href: view.entry.map(link::control),
        who_can: who_can
            .iter()
            .find(|(role, _)| *role == view.slot)
            .map(|(_, names)| names.clone())
            .unwrap_or_default(),
    }
}

fn document<T: serde::Serialize>(object: &'static str, value: &T) -> Option<Document> {
    let bytes = canon::to_vec(value).ok()?;
    let digest = model::Digest::of_object(object, &bytes).to_string();
    Some(Document { object, digest, bytes: String::from_utf8_lossy(&bytes).into_owned() })
}

fn facts(view: &ChangeView) -> Vec<Fact> {
    let fact = |name, text, href| Fact { name, text, href, iso: None };
    let mut facts = vec![
        fact("Engine", view.engine_name.clone(), Some(link::engine(&view.engine))),
        fact("Tenant", view.tenant_name.clone(), None),
        fact("Production Node", view.node.to_string(), Some("/sources#said-node".to_owned())),
        fact("Opened by entry", view.opened.to_string(), Some(link::control(view.opened))),
        fact("Newest entry", view.last.to_string(), Some(link::control(view.last))),
    ];
    if let Some(deadline) = view.deadline {
        let moment = Moment::of(deadline);
        let name = if view.status == Status::Approved { "To be run by" } else { "To be approved by" };
        facts.push(Fact { name, text: moment.text, href: None, iso: Some(moment.iso) });
    }
    if let Some(run_by) = &view.run_by {
        facts.push(fact("Run by", run_by.clone(), None));
    }
    facts
}

fn commands(view: &ChangeView, dir: &str) -> Vec<String> {
    let show = format!("countersign change show {} --dir {dir}", view.id);
    std::iter::once(show).chain(desk::commands(view, dir)).collect()
}

/// The page of one change; none when there is no such change.
pub fn of(scene: &Scene, id: &ChangeId, dir: &str) -> Option<ChangePage> {
    let change: &Change = scene.state.changes.get(id)?;
    let view = ChangeView::of(&scene.state, scene.names(), change, scene.now);
    let who_can = action::who_can(scene, change);
    let computed = control::plan(&scene.state, change, scene.now);
    let plan = change.plan.clone().map_or(computed, Ok);
    let no_plan = plan.as_ref().err().map(|refusal| BlockedView::of(refusal, scene.names()));
    let plan = plan.ok();
    let requirement = change.requirement.clone();
    let kind = scene.state.kinds.kind(change.kind);
    let requirement = requirement.or_else(|| kind.map(control::Requirement::of));
    let documents = [
        document("package", &change.package),
        plan.as_ref().and_then(|plan| document("plan", plan)),
        requirement.as_ref().and_then(|requirement| document("requirement", requirement)),
    ];
    let documents: Vec<_> = documents.into_iter().flatten().collect();
    let (actions, idle) = action::all(scene, change);
    let name = |bundle: Option<&control::Bundle>| {
        bundle.map_or_else(|| "nothing serves".to_owned(), |bundle| scene.names().artifact(&bundle.artifact))
    };
    let from_to = plan.as_ref().map(|plan| {
        (
            format!("generation {}: {}", plan.base.generation, name(plan.base.serving.as_ref())),
            format!("generation {}: {}", plan.target.generation, name(Some(&plan.target.bundle))),
        )
    });
    Some(ChangePage {
        row: row(&view),
        panel: Panel::of(scene, Service::Governance),
        revision: view.revision,
        reason: view.reason.clone(),
        facts: facts(&view),
        blocked: view.blocked.clone(),
        slots: view.slots.iter().map(|known| slot(known, &who_can)).collect(),
        from_to,
        steps: plan.as_ref().map(|plan| step::rows(scene, plan, &view.steps)).unwrap_or_default(),
        no_plan,
        running: view.status == Status::Executing,
        shown: Shown::of(view.revision, &documents),
        documents,
        fingerprint: fingerprint(&view.package.to_string()),
        observe: (view.status == Status::Draft
            || view.blocked.as_ref().is_some_and(|blocked| blocked.code == "base.drifted"))
            && scene.blocked(action::needs("seal")).is_none_or(|blocked| blocked.code == UNKNOWN),
        actions,
        idle,
        stages: trace::stages(scene, change),
        commands: commands(&view, dir),
    })
}
