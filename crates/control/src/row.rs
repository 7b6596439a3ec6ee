//! How leaves stand on the timeline. A row is a pure function of its leaf: it never looks at the
//! state, so that history stands still. Names of ids are filled in by who knows them.

mod actor;
mod fragment;
mod template;
mod words;

pub use actor::{Actor, actor};
pub use fragment::Fragment;
pub use template::{counted_words, restart_words};

use crate::effect::{EngineEvent, GrantEvent, RosterEvent};
use crate::event::{About, ChangeEvent, Party, StepEvent};
use crate::{Command, Effect, Leaf, Refusal, Verdict, governs};
use model::{Category, ChangeId, PersonId, Severity, Token};
use signed::Verb;
use template::Context;
use words::Default;

/// One row: one effect, or one refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Shown by default, or among all entries only.
    pub headline: bool,
    pub category: Category,
    pub severity: Severity,
    pub title: Vec<Fragment>,
    pub sentence: Vec<Fragment>,
    pub actor: Actor,
    /// The change it belongs to.
    pub change: Option<ChangeId>,
    /// Why it was refused, when it was.
    pub refused: Option<Refusal>,
}

/// The rows of a leaf, one for each effect; one for a refusal.
pub fn rows(leaf: &Leaf) -> Vec<Row> {
    match &leaf.verdict {
        Verdict::Refused(refusal) => vec![refused(leaf, refusal)],
        Verdict::Accepted => leaf.effects.iter().map(|effect| row(leaf, effect)).collect(),
    }
}

/// A refusal of what would have decided something is a headline; a try to get around another person
/// weighs more than a slip.
fn refused(leaf: &Leaf, refusal: &Refusal) -> Row {
    let (verb, decides) = match &leaf.command {
        Command::Signed { statement, .. } => {
            let verb = statement.act.verb();
            (crate::verb_row(verb).name, matches!(verb, Verb::Seal | Verb::Approve | Verb::Run))
        }
        Command::Receipt { .. } => ("receipt", false),
        Command::Session(_) => ("sign-in", false),
        Command::Genesis { .. } => ("genesis", false),
        Command::Clock { .. } => ("clock", false),
    };
    let change = leaf.command.change();
    let mut title = vec![Fragment::text("Refused: "), Fragment::text(verb)];
    if let Some(change) = change {
        title.extend([Fragment::text(" for "), Fragment::Change(change)]);
    }
    Row {
        headline: decides,
        category: Category::Integrity,
        severity: if decides || refusal.is_evasion() { Severity::Medium } else { Severity::Low },
        title,
        sentence: vec![Fragment::Refusal(Box::new(refusal.clone()))],
        actor: actor(leaf),
        change,
        refused: Some(refusal.clone()),
    }
}

fn row(leaf: &Leaf, effect: &Effect) -> Row {
    let mut context = Context { actor: Some(actor(leaf)), tenant: leaf.tags.first().copied(), ..Context::default() };
    let default = match effect {
        Effect::Change { about, event } => change_row(about, event, &mut context),
        Effect::Step { about, executor, event, .. } => {
            context.about(about);
            context.service = Some(*executor);
            context.code = step_code(event);
            words::step(event)
        }
        Effect::Engine { engine, node, event } => {
            (context.engine, context.node) = (Some(*engine), Some(*node));
            match event {
                EngineEvent::Regressed { counted, .. } => context.counted = Some(*counted),
                EngineEvent::Restarted { count, failed } => context.restarts = Some((*count, *failed)),
                _ => {}
            }
            words::engine(event)
        }
        Effect::Grant { event, .. } => {
            let (GrantEvent::Started { about, .. }
            | GrantEvent::Revoked { about }
            | GrantEvent::Ended { about, .. }
            | GrantEvent::Used { about, .. }) = event;
            context.about(about);
            context.grant(event);
            let default = words::grant(event);
            let own = matches!(event, GrantEvent::Used { .. });
            let category = if own { default.category } else { governs(about.kind).category() };
            Default { category, ..default }
        }
        Effect::Roster { event } => {
            context.people = roster_people(event);
            words::roster(event)
        }
        effect => {
            context.name(effect);
            words::other(effect)
        }
    };
    Row {
        headline: default.headline,
        category: default.category,
        severity: default.severity,
        title: context.fill(default.title),
        sentence: context.fill(default.sentence),
        actor: actor(leaf),
        change: effect.change().or_else(|| leaf.command.change()),
        refused: None,
    }
}

fn change_row(about: &About, event: &ChangeEvent, context: &mut Context) -> Default {
    context.about(about);
    context.event(event);
    let kind = governs(about.kind);
    let default = Default { category: kind.category(), ..words::change(event) };
    match kind.words(event.name()) {
        None => default,
        Some(own) => Default { title: own.title, sentence: own.sentence, severity: own.severity, ..default },
    }
}

fn step_code(event: &StepEvent) -> Option<Token> {
    match event {
        StepEvent::Refused { code } | StepEvent::Unknown { code } => Some(code.clone()),
        _ => None,
    }
}

fn roster_people(event: &RosterEvent) -> Vec<PersonId> {
    match event {
        RosterEvent::Changed { joined, left, altered, .. } => [&joined[..], &left[..], &altered[..]].concat(),
        RosterEvent::SuspensionAsked { person, .. } | RosterEvent::KeySuspended { person, .. } => vec![*person],
    }
}

impl Context {
    fn about(&mut self, about: &About) {
        (self.kind, self.engine, self.node) = (Some(about.kind), about.engine, about.node);
    }

    fn event(&mut self, event: &ChangeEvent) {
        let parties = |parties: &[Party]| parties.iter().map(|party| party.person).collect::<Vec<PersonId>>();
        match event {
            ChangeEvent::Observed { service } | ChangeEvent::ReadLate { service } => self.service = Some(*service),
            ChangeEvent::Attached { item } => self.items = vec![item.clone()],
            ChangeEvent::ChecklistComplete { items } => self.items.clone_from(items),
            ChangeEvent::Sealed { blocked, .. } => self.blocked.clone_from(blocked),
            ChangeEvent::SealedFlagged { flagged, .. } => self.flagged = Some(flagged.clone()),
            ChangeEvent::ApprovalRecorded { party, on_behalf_of, .. } => {
                self.people = vec![party.person];
                self.roles.clone_from(&party.roles);
                self.behalf = *on_behalf_of;
            }
            ChangeEvent::ApprovalLapsed { party, .. } => {
                self.people = vec![party.person];
                self.roles.clone_from(&party.roles);
            }
            ChangeEvent::Approved { by, .. } => self.people = parties(by),
            ChangeEvent::ApprovalWithdrawn { roles, .. } | ChangeEvent::Rejected { roles } => {
                self.roles.clone_from(roles);
            }
            ChangeEvent::HoldReleased { of } => self.behalf = Some(*of),
            ChangeEvent::Superseded { by } => self.change = Some(*by),
            ChangeEvent::Scheduled { not_before } => self.until = Some(*not_before),
            ChangeEvent::Unscheduled { code } => self.code = Some(code.clone()),
            ChangeEvent::Run { by, .. } => self.people = vec![*by],
            ChangeEvent::Invalidated { service, code } => {
                (self.service, self.code) = (Some(*service), Some(code.clone()));
            }
            ChangeEvent::ReviewDue { review_by } | ChangeEvent::ReviewOverdue { review_by } => {
                self.until = Some(*review_by);
            }
            ChangeEvent::WarrantIssued { until } => self.until = Some(*until),
            _ => {}
        }
    }

    fn grant(&mut self, event: &GrantEvent) {
        match event {
            GrantEvent::Started { until, .. } => self.until = *until,
            GrantEvent::Ended { service, node, .. } => (self.service, self.node) = (Some(*service), *node),
            GrantEvent::Used { until, cycles, .. } => (self.until, self.cycles) = (Some(*until), Some(*cycles)),
            GrantEvent::Revoked { .. } => {}
        }
    }

    fn name(&mut self, effect: &Effect) {
        match effect {
            Effect::TenantRegistered { tenant } => self.tenant = Some(*tenant),
            Effect::EngineRegistered { engine, node } => (self.engine, self.node) = (Some(*engine), Some(*node)),
            Effect::ResourcePublished { resource, digest }
            | Effect::ResourceCertified { resource, digest }
            | Effect::ResourceRecalled { resource, digest } => self.resource = Some((*resource, *digest)),
            Effect::ResourceRefused { resource, digest, code } => {
                (self.resource, self.code) = (Some((*resource, *digest)), Some(code.clone()));
            }
            Effect::ClockSkewed { service, .. } | Effect::ServiceDistrusted { service, .. } => {
                self.service = Some(*service);
            }
            Effect::SettingChanged { name, .. } => self.setting = Some(*name),
            _ => {}
        }
    }
}
