//! Governed changes: open, seal, decide, run, follow.

use crate::{Desk, DeskError, Shown, Text, text};
use client::wire::{PackageUpload, Submission};
use client::{Names, parts, random_bytes, random_command, random_nonce};
use control::{Bundle, Change, Command, Package, Refusal, SessionAct, SessionCommand, State};
use model::{AckLevel, ChangeId, CommandId, Digest, EngineId, KindName, Role, Service, Status};
use std::time::Duration;
use warrant::{Act, Binding, REASON};

/// How long executors may take to observe a draft.
const OBSERVE_WITHIN: Duration = Duration::from_secs(30);

/// What a new draft asks for.
#[derive(Debug, Clone)]
pub struct DraftOrder {
    /// Of which kind.
    pub kind: KindName,
    /// For which engine.
    pub engine: EngineId,
    /// What shall serve; absent for a rollback: the last certified bundle below the serving one,
    /// or the serving one while a deployment is open (a stand-by).
    pub artifact: Option<Digest>,
    /// A line that says what it is.
    pub title: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The change to revise; absent: a new one.
    pub change: Option<ChangeId>,
}

/// How far a running change is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Where it stands.
    pub status: Status,
    /// Steps whose effect is there.
    pub done: usize,
    /// Steps in all.
    pub steps: usize,
    /// The step whose turn it is: executor and action.
    pub due: Option<(String, String)>,
}

impl Progress {
    fn of(change: &Change, now: model::Instant) -> Self {
        let due = change.step_due().and_then(|due| {
            let step = change.plan.as_ref()?.steps.get(due.step as usize)?;
            let action = if due.undo { step.undo.as_ref()? } else { &step.action };
            Some((step.executor.title().to_owned(), action.word().to_owned()))
        });
        let done = change.steps.iter().filter(|step| step.done.is_some()).count();
        Self { status: change.status_at(now), done, steps: change.steps.len(), due }
    }
}

/// Who has not observed a draft yet.
fn unobserved(state: &State, change: &Change) -> Vec<Service> {
    let observers = state.kinds.kind(change.kind).map(|kind| kind.observers.clone()).unwrap_or_default();
    observers.into_iter().filter(|service| !change.observed.contains_key(service)).collect()
}

/// What an open change waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiting {
    /// Nothing that is known here, or it has ended.
    Nobody,
    /// These services: they observe it, or a step is theirs.
    Services(Vec<Service>),
    /// That somebody releases their hold.
    Release,
}

/// What a change waits for, in this state.
pub fn waits_for(state: &State, id: &ChangeId) -> Waiting {
    let Some(change) = state.changes.get(id) else { return Waiting::Nobody };
    if change.status == Status::Draft {
        return match unobserved(state, change) {
            all if all.is_empty() => Waiting::Nobody,
            silent => Waiting::Services(silent),
        };
    }
    let Some(due) = change.step_due() else { return Waiting::Nobody };
    let position = due.step as usize;
    let begun = change.steps.get(position).is_some_and(|step| step.intent.is_some());
    // A step that has begun is carried through, held or not.
    if change.held_by.is_some() && !begun {
        return Waiting::Release;
    }
    let step = change.plan.as_ref().and_then(|plan| plan.steps.get(position));
    step.map_or(Waiting::Nobody, |step| Waiting::Services(vec![step.executor]))
}

fn target(state: &State, order: &DraftOrder) -> Result<Digest, DeskError> {
    if let Some(artifact) = order.artifact {
        return Ok(artifact);
    }
    let engine = state.engines.get(&order.engine).ok_or_else(|| DeskError::Unknown("no such engine".to_owned()))?;
    if order.kind != KindName::Rollback {
        return Err(DeskError::Unknown("a deployment names an artifact: `--artifact`".to_owned()));
    }
    let below = engine.stack.len().checked_sub(2).map(|below| engine.stack[below].bundle.artifact);
    let standby = engine.stack.last().map(|top| top.bundle.artifact);
    below.or(standby).ok_or_else(|| refused(&Refusal::NothingBelow {}, &Names::default()))
}

fn refused(refusal: &Refusal, names: &Names) -> DeskError {
    let (message, next) = refusal.message(&|person| names.person(person));
    DeskError::Refused { code: refusal.code(), message, next }
}

fn found<'a>(state: &'a State, id: &ChangeId) -> Result<&'a Change, DeskError> {
    state.changes.get(id).ok_or_else(|| DeskError::Unknown(format!("no change {id}")))
}

impl Desk {
    /// Opens a draft and waits until every executor has observed it.
    ///
    /// # Errors
    /// When it is refused, or an executor stays silent.
    pub async fn draft(&self, order: &DraftOrder) -> Result<ChangeId, DeskError> {
        let change = self.open_draft(order).await?;
        self.observed(&change).await?;
        Ok(change)
    }

    /// Waits until every executor has observed a draft.
    ///
    /// # Errors
    /// When an executor stays silent; the draft stands all the same.
    pub async fn observed(&self, id: &ChangeId) -> Result<(), DeskError> {
        let waiting = self.until(OBSERVE_WITHIN, "every executor to observe it", |state| {
            let change = state.changes.get(id)?;
            // One that has ended meanwhile is observed by nobody any more.
            (change.status != Status::Draft || unobserved(state, change).is_empty()).then_some(())
        });
        waiting.await.map_err(|error| match error {
            DeskError::Late { within_s, .. } => {
                let silent = self.follower.state().changes.get(id).map(|change| {
                    let silent = unobserved(&self.follower.state(), change);
                    silent.iter().map(|service| service.title()).collect::<Vec<_>>().join(" and ")
                });
                let silent = silent.unwrap_or_default();
                let what = format!("{silent} to observe the draft {id}, which stands (`countersign change show {id}`)");
                DeskError::Late { what, within_s }
            }
            other => other,
        })
    }

    /// Opens a draft; it is recorded when this answers, and not observed yet.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn open_draft(&self, order: &DraftOrder) -> Result<ChangeId, DeskError> {
        self.follower.sync().await?;
        let (package, openings) = {
            let state = self.follower.state();
            let engine =
                state.engines.get(&order.engine).ok_or_else(|| DeskError::Unknown("no such engine".to_owned()))?;
            let nonce = random_nonce();
            let mut texts = vec![];
            let subject = Some(engine.tenant.into());
            for (about, body) in [("title", &order.title), (REASON, &order.reason)] {
                texts.extend(body.as_ref().map(|body| text(about, subject, body)).transpose()?);
            }
            let (parts, openings) = parts(&state.ledger, &CommandId(nonce.0), texts)?;
            let package = Package {
                ledger: state.ledger,
                nonce,
                change: order.change.unwrap_or_else(|| ChangeId(random_bytes())),
                kind: order.kind,
                tenant: engine.tenant,
                engine: order.engine,
                node: engine.node,
                bundle: Bundle { artifact: target(&state, order)? },
                window: None,
                parts,
            };
            (package, openings)
        };
        let digest = package.digest().map_err(warrant::WarrantError::from)?;
        let act = SessionAct::OpenDraft { change: package.change, kind: package.kind, package: digest };
        let command =
            SessionCommand { command: random_command(), principal: self.person.into(), idempotency: None, act };
        let change = package.change;
        let submission = Submission {
            command: Command::Session(command),
            openings: vec![],
            package: Some(PackageUpload { package, openings }),
        };
        let recorded = self.governance.submit(&submission, AckLevel::Published).await?;
        self.reach(recorded.index + 1).await?;
        Ok(change)
    }

    /// What is here of a change, as one who reads it now is shown it.
    ///
    /// # Errors
    /// When it is unknown.
    pub async fn shown(&self, id: &ChangeId) -> Result<Shown, DeskError> {
        self.follower.sync().await?;
        let state = self.follower.state();
        let change = found(&state, id)?;
        let plan = change.binding(&state, self.now()).map(|binding| binding.plan);
        Ok(Shown { revision: change.revision, package: change.package_digest, plan })
    }

    /// What decisions on a change bind to, by the own fold, if it is what was `shown`: one and the
    /// same state answers both. Absent: whatever there is.
    ///
    /// # Errors
    /// When it is unknown, or cannot be planned: the refusal that says why; `change.moved` when it is
    /// another one than was shown.
    pub async fn binding(&self, id: &ChangeId, shown: Option<&Shown>) -> Result<Binding, DeskError> {
        self.follower.sync().await?;
        let now = self.now();
        let state = self.follower.state();
        let change = found(&state, id)?;
        // Before the plan: that another package cannot be planned is not what one has to know first.
        shown.map_or(Ok(()), |shown| shown.is_package(change.revision, &change.package_digest))?;
        let Some(binding) = change.binding(&state, now) else {
            return Err(match control::plan(&state, change, now) {
                Err(refusal) => refused(&refusal, &Names::default()),
                Ok(_) => DeskError::Unknown(format!("the kind of change {id} is not in force")),
            });
        };
        shown.map_or(Ok(()), |shown| shown.is_plan(&binding.plan))?;
        Ok(binding)
    }

    /// Seals a draft, if it is the one that was `shown`; absent: whichever there is.
    ///
    /// # Errors
    /// When it is refused; `change.moved` when it is another one, and then nothing is signed.
    pub async fn seal(&self, id: &ChangeId, shown: Option<&Shown>) -> Result<u64, DeskError> {
        let binding = self.binding(id, shown).await?;
        self.say(Act::Seal { binding }, vec![]).await
    }

    /// Fills a slot; absent: the first open one whose role this person holds.
    ///
    /// # Errors
    /// As [`Desk::seal`].
    pub async fn approve(&self, id: &ChangeId, slot: Option<Role>, shown: Option<&Shown>) -> Result<u64, DeskError> {
        let binding = self.binding(id, shown).await?;
        let slot = self.slot(id, slot)?;
        self.say(Act::Approve { binding, slot }, vec![]).await
    }

    /// Rejects a change.
    ///
    /// # Errors
    /// As [`Desk::seal`].
    pub async fn reject(
        &self,
        id: &ChangeId,
        slot: Option<Role>,
        reason: &str,
        shown: Option<&Shown>,
    ) -> Result<u64, DeskError> {
        let binding = self.binding(id, shown).await?;
        let slot = self.slot(id, slot)?;
        self.say(Act::Reject { binding, slot }, self.reason(reason)?).await
    }

    /// Orders an approved change to be carried out.
    ///
    /// # Errors
    /// As [`Desk::seal`].
    pub async fn run(&self, id: &ChangeId, shown: Option<&Shown>) -> Result<u64, DeskError> {
        let binding = self.binding(id, shown).await?;
        self.say(Act::Run { binding }, vec![]).await
    }

    /// Says one of the short verbs about the current revision: withdraw, hold, release, cancel.
    /// They bind to no plan, so that none keeps anybody from stopping a change.
    ///
    /// # Errors
    /// As [`Desk::seal`].
    pub async fn say_about(
        &self,
        id: &ChangeId,
        verb: impl FnOnce(ChangeId, u32) -> Act,
        reason: Option<&str>,
        shown: Option<&Shown>,
    ) -> Result<u64, DeskError> {
        self.follower.sync().await?;
        let revision = {
            let state = self.follower.state();
            let change = found(&state, id)?;
            shown.map_or(Ok(()), |shown| shown.is_package(change.revision, &change.package_digest))?;
            change.revision
        };
        let texts = reason.map(|reason| self.reason(reason)).transpose()?.unwrap_or_default();
        self.say(verb(*id, revision), texts).await
    }

    fn reason(&self, reason: &str) -> Result<Vec<Text>, DeskError> {
        Ok(vec![text(REASON, Some(self.person.into()), reason)?])
    }

    fn slot(&self, id: &ChangeId, slot: Option<Role>) -> Result<Role, DeskError> {
        let state = self.follower.state();
        let change = found(&state, id)?;
        let roles = state.roster.person(&self.person).map(|person| person.roles.clone()).unwrap_or_default();
        let slots = state.kinds.kind(change.kind).map(|kind| kind.slots.clone()).unwrap_or_default();
        let open = change.open_slots();
        let mine = |slots: &[Role]| slots.iter().copied().find(|slot| roles.contains(slot));
        // Where no open slot is this person's, the ledger itself says why not: nothing is decided here.
        let any = mine(&open).or_else(|| mine(&slots)).or_else(|| open.first().or(slots.first()).copied());
        slot.or(any).ok_or_else(|| DeskError::Unknown("this kind of change has no slots".to_owned()))
    }

    /// Follows a running change until it has ended; `say` hears of every step forwards.
    ///
    /// # Errors
    /// When the ledger does not verify, or it has not ended within `within`.
    pub async fn follow(
        &self,
        id: &ChangeId,
        within: Duration,
        mut say: impl FnMut(&Progress),
    ) -> Result<Progress, DeskError> {
        let mut last = None;
        self.until(within, "the change to end (it goes on without this command)", |state| {
            let progress = Progress::of(state.changes.get(id)?, self.now());
            if last.as_ref() != Some(&progress) {
                say(&progress);
                last = Some(progress.clone());
            }
            (progress.status != Status::Executing).then_some(progress)
        })
        .await
    }
}
