//! Package Audit Trace: the chain of one package, its gaps shown as gaps.

use super::moment::Moment;
use super::panel::{Notice, Panel};
use super::{deployment, link, newest, number};
use crate::scene::Scene;
use control::{Change, governs};
use model::{EngineId, Instant, Service, Status};
use view::ChangeView;

/// A link of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// `01`.
    pub number: String,
    /// What happened, or would.
    pub title: String,
    /// Who, or what it waits for.
    pub sentence: String,
    /// `done`, `current`, `gap` or `ended`.
    pub state: &'static str,
    /// When; none for what happened: not known, because this console has not read that entry yet.
    pub at: Option<Moment>,
    pub href: Option<String>,
}

/// The section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    pub panel: Panel,
    /// `5 Events`.
    pub count: String,
    /// Why there is nothing to show.
    pub notice: Option<Notice>,
    pub stages: Vec<Stage>,
    /// The change's page.
    pub href: Option<String>,
    /// The same chain on the change's page; empty where there is none.
    pub evidence: String,
}

struct Chain<'a> {
    scene: &'a Scene,
    change: &'a Change,
    stages: Vec<Stage>,
}

impl Chain<'_> {
    fn done(&mut self, title: String, sentence: String, index: u64, at: Option<Instant>) {
        let at = at.or_else(|| self.scene.recorded(index)).map(Moment::of);
        let href = Some(link::control(index));
        self.stages.push(Stage { number: String::new(), title, sentence, state: "done", at, href });
    }

    fn gap(&mut self, title: &str, sentence: String) {
        let over = self.change.has_ended(&self.scene.state, self.scene.now);
        let sentence = if over { "It ended before that.".to_owned() } else { sentence };
        let (title, number) = (title.to_owned(), String::new());
        self.stages.push(Stage { number, title, sentence, state: "gap", at: None, href: None });
    }

    /// Of what is read-only until it is escalated: who did.
    fn escalated(&mut self, view: &ChangeView) {
        let needed = self.change.required(&self.scene.state).is_some_and(|row| row.escalation.is_some());
        match &view.escalated {
            Some(by) => {
                let said = format!("{} escalated the draft, which was read-only.", by.name);
                self.done("Escalated".to_owned(), said, by.entry, Some(by.at));
            }
            None if needed => self.gap("Escalated", "Not yet: the draft is read-only.".to_owned()),
            None => {}
        }
    }

    /// That what it granted was ended before its time.
    fn revoked(&mut self, view: &ChangeView) {
        let Some(by) = &view.revoked else { return };
        self.done("Revoked".to_owned(), format!("{} ended it before its time.", by.name), by.entry, Some(by.at));
        if let Some(stage) = self.stages.last_mut() {
            stage.state = "ended";
        }
    }

    fn sealed(&mut self) {
        match self.change.sealed {
            Some(index) => {
                let authors: Vec<_> =
                    self.change.authors.iter().map(|person| self.scene.names().person(person)).collect();
                self.done("Sealed".to_owned(), format!("Asked for by {}.", authors.join(" + ")), index, None);
            }
            None => self.gap("Sealed", "Not yet: the draft is not sealed.".to_owned()),
        }
    }

    fn approved(&mut self, view: &ChangeView) {
        for slot in &view.slots {
            let title = format!("Approved: {}", slot.title);
            match (slot.entry, &slot.name) {
                (Some(index), Some(name)) => self.done(title, format!("{name} filled the slot."), index, slot.at),
                _ => self.gap(&title, "Not yet: the slot is open.".to_owned()),
            }
        }
    }

    fn run(&mut self, view: &ChangeView) {
        match &self.change.run {
            Some(run) => {
                let who = view.run_by.clone().unwrap_or_default();
                self.done("Run".to_owned(), format!("{who} ordered the approved plan."), run.index, Some(run.at));
            }
            None => self.gap("Run", "Not yet: nobody has ordered it to be carried out.".to_owned()),
        }
    }

    fn steps(&mut self, view: &ChangeView) {
        let done = view.steps.iter().filter(|step| step.state == "done").count();
        let last = view.steps.iter().filter(|step| step.state == "done").filter_map(|step| step.entry).max();
        // What only the ledger carries out has no steps, whoever observes it before.
        if view.steps.is_empty() && (self.change.plan.is_some() || governs(view.kind).observers().is_empty()) {
            return;
        }
        let title = format!("Steps {done} of {}", view.steps.len());
        if let Some(index) = last {
            self.done(title, "The service that carried out the last step signed its outcome.".to_owned(), index, None);
        } else {
            self.gap(&title, "Not yet: no step has been carried out.".to_owned());
            if let Some(stage) = self.stages.last_mut() {
                stage.href = Some(link::change(&self.change.package.change) + "#plan");
            }
        }
        if done > 0
            && done < view.steps.len()
            && let Some(stage) = self.stages.last_mut()
        {
            stage.state = "current";
        }
    }

    fn end(&mut self, view: &ChangeView) {
        // What has no steps takes effect with the leaf of its run; what came after the end is not the end.
        let run = self.change.run.as_ref().filter(|_| view.steps.is_empty() && view.status == Status::Effective);
        let end = run.map(|run| run.index).or(view.ended).unwrap_or(view.last);
        match view.status {
            Status::Effective => {
                let serves = self.change.subject.engine.is_none() || deployment::serves(self.scene, self.change);
                let sentence =
                    if serves { serving(view) } else { "It took effect; another bundle serves now.".to_owned() };
                self.done("Effective".to_owned(), sentence, end, None);
                if let Some(stage) = self.stages.last_mut().filter(|_| !serves) {
                    stage.state = "ended";
                }
            }
            status if status.is_open() => self.gap("Effective", "Not yet.".to_owned()),
            status => {
                let said = if view.revoked.is_some() {
                    "Whoever enforced it has read back that it no longer holds."
                } else {
                    "It ended here."
                };
                self.done(status.title().to_owned(), said.to_owned(), end, None);
                if let Some(stage) = self.stages.last_mut() {
                    stage.state = "ended";
                }
            }
        }
    }
}

/// What holds once a change is effective.
fn serving(view: &ChangeView) -> String {
    if let Some(warrant) = &view.warrant {
        return match warrant.standing.as_str() {
            "good" => format!("{} may carry it out once, before {}.", warrant.target, Moment::of(warrant.until).text),
            "used" => format!("{} carries it out; its warrant is used.", warrant.target),
            "revoked" => "Its warrant was revoked; nobody may carry it out.".to_owned(),
            _ => "Its warrant was not used in time; nobody may carry it out.".to_owned(),
        };
    }
    if view.revoked.is_some() {
        return "It took effect; it was revoked since.".to_owned();
    }
    match (&view.node, &view.artifact, view.granted_until) {
        (Some(node), Some(_), _) => format!("It serves on {node}."),
        (Some(node), None, _) => format!("Nothing serves on {node}, as planned."),
        (None, _, Some(until)) => format!("It holds until {}.", Moment::of(until).text),
        (None, _, None) => "It is in force.".to_owned(),
    }
}

/// The chain of one change.
pub fn stages(scene: &Scene, change: &Change) -> Vec<Stage> {
    let view = ChangeView::of(&scene.state, scene.names(), change, scene.now);
    let mut chain = Chain { scene, change, stages: vec![] };
    chain.done("Drafted".to_owned(), format!("{}.", view.untitled()), view.opened, None);
    chain.escalated(&view);
    chain.sealed();
    chain.approved(&view);
    chain.run(&view);
    chain.steps(&view);
    chain.revoked(&view);
    chain.end(&view);
    let mut stages = chain.stages;
    stages.iter_mut().enumerate().for_each(|(n, stage)| stage.number = number(n + 1));
    stages
}

/// The section for an engine.
pub fn of(scene: &Scene, engine: Option<&EngineId>) -> Trace {
    let change = engine.and_then(|engine| deployment::newest(scene, engine));
    let notice = Notice::of(scene, Service::Governance).or_else(|| {
        change.is_none().then(|| newest::none(scene, engine, "There is no package to trace on this engine."))
    });
    let change = change.as_deref().filter(|_| notice.is_none());
    let stages = change.map(|change| stages(scene, change)).unwrap_or_default();
    let events = stages.iter().filter(|stage| stage.state != "gap").count();
    let href = change.map(|change| link::change(&change.package.change));
    Trace {
        panel: Panel::of(scene, Service::Governance),
        count: notice.as_ref().map_or_else(|| format!("{events} Events"), Notice::label),
        evidence: href.as_ref().map(|href| format!("{href}#change-trace")).unwrap_or_default(),
        href,
        notice,
        stages,
    }
}
