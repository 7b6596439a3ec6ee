//! Deployment Package Summary: who approved it, when, where it goes.

use super::moment::Moment;
use super::panel::{Notice, Panel};
use super::{kinds, link, newest};
use crate::scene::Scene;
use control::Change;
use model::{EngineId, Instant, Service, Span, Status};
use std::borrow::Cow;
use view::{ChangeView, LeaseView, SlotState};

/// A line with its evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub name: Cow<'static, str>,
    /// What it says.
    pub text: String,
    pub href: Option<String>,
    /// The full instant, where it is a time.
    pub iso: Option<String>,
}

impl Fact {
    /// Of a text.
    pub fn new(name: &'static str, text: String, href: Option<String>) -> Self {
        Self { name: name.into(), text, href, iso: None }
    }

    /// Of a time.
    pub fn at(name: &'static str, at: Instant) -> Self {
        let moment = Moment::of(at);
        Self { name: name.into(), text: moment.text, href: None, iso: Some(moment.iso) }
    }
}

/// The section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    pub panel: Panel,
    /// Why there is nothing to show.
    pub notice: Option<Notice>,
    /// `Deployment ready`, or where else it stands.
    pub state: String,
    /// The same as a word.
    pub status: &'static str,
    pub href: Option<String>,
    pub facts: Vec<Fact>,
    /// What keeps it from going on.
    pub blocked: Option<String>,
}

/// The newest deployment package of an engine: sealed ones before drafts.
pub fn newest<'a>(scene: &'a Scene, engine: &EngineId) -> Option<Cow<'a, Change>> {
    newest::deployment(scene, Some(engine))
}

/// The engine whose panels are shown: the one asked for, else that of the newest sealed deployment
/// package, else the first.
pub fn engine(scene: &Scene, asked: &str) -> Option<EngineId> {
    let asked = asked.parse().ok().or_else(|| scene.names().find_engines(asked).first().copied());
    let known = |id: &EngineId| scene.state.engines.contains_key(id);
    asked
        .filter(known)
        .or_else(|| newest::deployment(scene, None)?.subject.engine)
        .or_else(|| scene.state.engines.keys().next().copied())
}

/// What a status is called on this page.
pub fn state(status: Status) -> String {
    match status {
        Status::Approved => "Deployment ready".to_owned(),
        status => status.title().to_owned(),
    }
}

/// Whether what serves on the engine is what this change brought: what a deployment certified, or
/// what another change led back to.
pub fn serves(scene: &Scene, change: &Change) -> bool {
    let engine = change.subject.engine.and_then(|engine| scene.state.engines.get(&engine));
    let top = engine.and_then(|engine| engine.stack.last());
    let brought = !kinds::is_deployment(change.kind) || top.is_some_and(|top| top.change == change.package.change);
    brought && engine.is_some_and(|engine| engine.bundle() == change.package.body.bundle())
}

/// The release a rollback of this deployment leads to: what serves while it is open, afterwards
/// what lies below it on the engine's stack.
pub fn fallback(scene: &Scene, change: &Change) -> Option<(String, u64)> {
    let engine = scene.state.engines.get(&change.subject.engine?)?;
    let below = match engine.stack.iter().position(|certified| certified.change == change.package.change) {
        Some(position) => position.checked_sub(1).and_then(|below| engine.stack.get(below)),
        None => engine.stack.last(),
    }?;
    let version = scene.state.resources.get(&below.bundle.artifact).map(|artifact| artifact.version.to_string());
    let version = version.unwrap_or_else(|| below.bundle.artifact.short());
    Some((format!("{version} storefront fallback"), below.index))
}

fn approved_by(view: &ChangeView) -> String {
    let filled: Vec<_> = view.slots.iter().filter_map(|slot| slot.name.clone()).collect();
    let open: Vec<_> = view.slots.iter().filter(|slot| slot.name.is_none()).map(|slot| slot.title.clone()).collect();
    match (filled.is_empty(), open.is_empty()) {
        (false, true) => filled.join(" + "),
        (false, false) => format!("{}; awaits {}", filled.join(" + "), open.join(" + ")),
        (true, _) => format!("Nobody yet; awaits {}", open.join(" + ")),
    }
}

/// One slot: who filled it, by role and name.
fn approver(slot: &SlotState) -> Fact {
    let at = slot.at.map(Moment::of);
    let who = slot.name.clone().unwrap_or_else(|| "Nobody yet".to_owned());
    let text = at.as_ref().map_or(who.clone(), |at| format!("{who}, {}", at.text));
    Fact { name: slot.title.clone().into(), text, href: slot.entry.map(link::control), iso: None }
}

/// For how long a sealed package waits, by the requirement that was frozen with it.
fn window(change: &Change) -> Option<Fact> {
    let (requirement, sealed) = change.requirement.as_ref().zip(change.sealed)?;
    let (approve, execute) = (Span(requirement.approve_within_ms), Span(requirement.execute_within_ms));
    let text = format!("{approve} from its seal to approve, then {execute} to run");
    Some(Fact { name: "Approval window".into(), text, href: Some(link::control(sealed)), iso: None })
}

/// The node's name.
pub fn node(view: &ChangeView) -> String {
    view.node.as_ref().map(ToString::to_string).unwrap_or_default()
}

fn facts(scene: &Scene, change: &Change, view: &ChangeView) -> Vec<Fact> {
    let last = view.slots.iter().filter_map(|slot| Some((slot.at?, slot.entry?))).max();
    let fact = Fact::new;
    let approved = last.filter(|_| view.slots.iter().all(|slot| slot.at.is_some()));
    let when = approved.map(|(at, _)| Moment::of(at));
    let mut facts = vec![
        fact("Approved by", approved_by(view), last.map(|(_, entry)| link::control(entry))),
        Fact {
            name: "Approved at".into(),
            text: when.as_ref().map_or_else(|| "Not approved yet".to_owned(), |when| when.text.clone()),
            href: approved.map(|(_, entry)| link::control(entry)),
            iso: when.map(|when| when.iso),
        },
        fact("Production Node", node(view), Some("/sources#said-node".to_owned())),
    ];
    facts.extend(view.slots.iter().map(approver));
    facts.extend(window(change));
    let fallback = fallback(scene, change);
    facts.push(match fallback {
        Some((text, entry)) => fact("Fallback release", text, Some(link::control(entry))),
        None => fact("Fallback release", "None: nothing was certified before".to_owned(), None),
    });
    let release = view.artifact.as_ref().map_or_else(|| "Not published".to_owned(), |artifact| artifact.name.clone());
    facts.push(fact("Release", release, Some(link::change(&view.id))));
    let lease = change.package.body.bundle().and_then(|bundle| bundle.lease);
    let lease = lease.and_then(|lease| LeaseView::of(&scene.state, &lease, scene.now));
    facts.extend(lease.map(|lease| {
        let text = format!("{}, {} cycles a {}", lease.cap.class.title(), lease.cycles, lease.cap.period);
        fact("AI lease", text, Some(link::lease(&lease.id)))
    }));
    if let Some(deadline) = view.deadline {
        let moment = Moment::of(deadline);
        let name = if view.status == Status::Approved { "To be run by" } else { "To be approved by" };
        let name = name.into();
        facts.push(Fact { name, text: moment.text, href: Some(link::change(&view.id)), iso: Some(moment.iso) });
    }
    facts
}

/// The section for an engine.
pub fn of(scene: &Scene, engine: Option<&EngineId>) -> Deployment {
    let panel = Panel::of(scene, Service::Governance);
    let change = engine.and_then(|engine| newest(scene, engine));
    let notice = Notice::of(scene, Service::Governance).or_else(|| {
        let words = "No deployment package has been asked for on this engine.";
        change.is_none().then(|| newest::none(scene, engine, words))
    });
    let Some(change) = change.filter(|_| notice.is_none()) else {
        let state = notice.as_ref().map(Notice::label).unwrap_or_default();
        return Deployment { panel, notice, state, status: "none", href: None, facts: vec![], blocked: None };
    };
    let view = ChangeView::of(&scene.state, scene.names(), &change, scene.now);
    Deployment {
        panel,
        notice: None,
        state: if view.status == Status::Effective && !serves(scene, &change) {
            "Effective once; another bundle serves now".to_owned()
        } else {
            state(view.status)
        },
        status: view.status.word(),
        href: Some(link::change(&view.id)),
        facts: facts(scene, &change, &view),
        blocked: view.blocked.map(|blocked| format!("Blocked: {}. To go on: {}.", blocked.message, blocked.next)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::rollback::tests::serving;
    use super::*;

    #[tokio::test]
    async fn a_window_that_is_no_whole_number_of_hours_is_told_as_it_is() {
        let double = serving().await;
        let id = double.draft(model::Digest([2; 32]));
        double.observe(id);
        double.approve(id);
        let mut change = double.state().changes[&id].clone();
        let requirement = change.requirement.as_mut().unwrap();
        (requirement.approve_within_ms, requirement.execute_within_ms) = (30 * 60_000, 90 * 60_000);
        assert_eq!(window(&change).unwrap().text, "30 min from its seal to approve, then 1 h 30 min to run");
    }
}
