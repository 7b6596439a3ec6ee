//! Governed changes: open, seal, decide, run, follow.

use crate::{Desk, DeskError, Shown, SlotChoice, Text, slot, text};
use control::{Change, Leaf, Named, NoRecord, Refusal, State, UNCHECKED_AFTER_MS, governs};
use model::{ChangeId, Instant, PersonId, Service, Status};
use signed::{Act, Binding, REASON};
use std::borrow::Cow;
use std::time::Duration;
use view::{Names, WordOutcome};

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
    fn of(state: &State, change: &Change, now: model::Instant) -> Self {
        let due = change.step_due().and_then(|due| {
            let step = change.plan.as_ref()?.steps.get(due.step as usize)?;
            let action = if due.undo { step.undo.as_ref()? } else { &step.action };
            Some((step.executor().title().to_owned(), action.word().to_owned()))
        });
        let done = change.steps.iter().filter(|step| step.done.is_some()).count();
        Self { status: change.status_at(state, now), done, steps: change.steps.len(), due }
    }
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
        return match unobserved(change) {
            all if all.is_empty() => Waiting::Nobody,
            silent => Waiting::Services(silent),
        };
    }
    let Some(due) = change.step_due() else { return Waiting::Nobody };
    let position = due.step as usize;
    let begun = change.steps.get(position).is_some_and(|step| step.intent.is_some());
    // A step that has begun is carried through, held or not, and what is taken back goes on.
    if change.is_stopped() && !begun {
        return Waiting::Release;
    }
    let step = change.plan.as_ref().and_then(|plan| plan.steps.get(position));
    step.map_or(Waiting::Nobody, |step| Waiting::Services(vec![step.executor()]))
}

/// When a draft goes on although those that have not observed it stay silent; none where one of them is needed.
pub fn goes_on_unchecked(state: &State, id: &ChangeId) -> Option<Instant> {
    let change = state.changes.get(id).filter(|change| change.status == Status::Draft)?;
    let (silent, spared) = (unobserved(change), governs(change.kind).may_be_unchecked());
    let all = !silent.is_empty() && silent.iter().all(|service| spared.contains(service));
    all.then(|| change.opened_at.plus_millis(UNCHECKED_AFTER_MS))
}

/// Who has not observed a draft yet.
pub(crate) fn unobserved(change: &Change) -> Vec<Service> {
    let observers = governs(change.kind).observers().iter().copied();
    observers.filter(|service| !change.observed.contains_key(service)).collect()
}

pub(crate) fn refused(refusal: &Refusal, names: &Names) -> DeskError {
    let (message, next) = refusal.message(&|person| names.person(person));
    DeskError::Refused { code: refusal.code(), message, next }
}

/// The text of a change, or of what it is about, that is not what was signed.
fn differing(names: &Names, change: &Change) -> Option<&'static str> {
    let id = change.package.change;
    let artifact = change.package.body.bundle().map(|bundle| (Named::Resource(bundle.artifact), "the release's name"));
    let texts = [(Named::Title(id), "the title"), (Named::Reason(id), "the reason")];
    let engine = change.subject.engine.map(|engine| (Named::Engine(engine), "the engine's name"));
    let tenants = change.subject.tenants.iter().map(|tenant| (Named::Tenant(*tenant), "the tenant's name"));
    let all = texts.into_iter().chain(engine).chain(tenants).chain(artifact);
    all.into_iter().find(|(named, _)| names.differs.contains(named)).map(|(_, what)| what)
}

/// Why a change of the own verified copy cannot be had.
pub fn no_record(error: NoRecord, id: &ChangeId) -> DeskError {
    match error {
        NoRecord::Unknown => DeskError::Unknown(format!("no change {id}")),
        NoRecord::Lost => DeskError::Refused {
            code: "change.record_lost",
            message: format!("{error} ({id})"),
            next: "run the command again, or start the console again: it makes the record again from the ledger"
                .to_owned(),
        },
    }
}

impl Desk {
    /// A change, whether or not it has ended.
    pub(crate) fn found<'a>(&self, state: &'a State, id: &ChangeId) -> Result<Cow<'a, Change>, DeskError> {
        self.follower.change(state, id).map_err(|error| no_record(error, id))
    }

    /// What a word that was signed here came to, by the leaf that records it in the own verified copy.
    ///
    /// # Errors
    /// When the copy cannot be read, or the leaf is about no change.
    pub async fn outcome(&self, index: u64) -> Result<WordOutcome, DeskError> {
        let unknown = || DeskError::Unknown(format!("entry {index} says nothing of a change"));
        let proven = self.follower.proven(index).await?.ok_or_else(unknown)?;
        // INVARIANT: what the follower verified it has decoded.
        let leaf = Leaf::decode(&proven.leaf).map_err(|_| unknown())?;
        WordOutcome::of(&leaf.effects).ok_or_else(unknown)
    }

    /// What is here of a change, as one who reads it now is shown it.
    ///
    /// # Errors
    /// When it is unknown.
    pub async fn shown(&self, id: &ChangeId) -> Result<Shown, DeskError> {
        self.follower.sync().await?;
        let state = self.follower.state();
        let change = self.found(&state, id)?;
        let plan = change.binding(&state, self.now()).map(|binding| binding.plan);
        Ok(Shown { revision: change.revision, package: change.package_digest, plan })
    }

    /// What decisions on a change bind to, by the own verified state, if it is what was `shown`: one and the
    /// same state answers both. Absent: whatever there is.
    ///
    /// # Errors
    /// When it is unknown, or cannot be planned: the refusal that says why; `change.moved` when it is
    /// another one than was shown.
    pub async fn binding(&self, id: &ChangeId, shown: Option<&Shown>) -> Result<Binding, DeskError> {
        self.follower.sync().await?;
        let now = self.now();
        let state = self.follower.state();
        let change = self.found(&state, id)?;
        // Before the plan: that another package cannot be planned is not what one has to know first.
        shown.map_or(Ok(()), |shown| shown.is_package(change.revision, &change.package_digest))?;
        let Some(binding) = change.binding(&state, now) else {
            return Err(match control::plan(&state, &change, now) {
                Err(refusal) => refused(&refusal, &Names::default()),
                Ok(_) => DeskError::Unknown(format!("the kind of change {id} is not in force")),
            });
        };
        shown.map_or(Ok(()), |shown| shown.is_plan(&binding.plan))?;
        Ok(binding)
    }

    /// Nothing is signed over a text that is another one than its author signed: the signature would be to
    /// what the person did not read. Texts that are not to be had are shown to nobody, and mislead nobody.
    ///
    /// # Errors
    /// `text.differs`, and which text.
    pub async fn texts_match(&self, id: &ChangeId) -> Result<(), DeskError> {
        let Ok(names) = self.names().await else { return Ok(()) };
        let state = self.follower.state();
        let differs = differing(&names, &*self.found(&state, id)?);
        differs.map_or(Ok(()), |what| {
            Err(DeskError::Refused {
                code: "text.differs",
                message: format!("{what} that Governance shows of this change is not what was signed"),
                next:
                    "do not sign; `countersign audit verify` names the entry, and the ledger's disk is to be examined"
                        .to_owned(),
            })
        })
    }

    /// Seals a draft, if it is the one that was `shown`; absent: whichever there is.
    ///
    /// # Errors
    /// When it is refused; `change.moved` when it is another one, and then nothing is signed.
    pub async fn seal(&self, id: &ChangeId, shown: Option<&Shown>) -> Result<u64, DeskError> {
        let binding = self.binding(id, shown).await?;
        self.texts_match(id).await?;
        self.sign_and_submit(Act::Seal { binding }, vec![]).await
    }

    /// Fills a slot; absent: the first open one whose role this person holds.
    ///
    /// # Errors
    /// As [`Desk::seal`].
    pub async fn approve(
        &self,
        id: &ChangeId,
        slot: Option<SlotChoice>,
        shown: Option<&Shown>,
    ) -> Result<u64, DeskError> {
        self.approve_for(id, slot, None, shown).await
    }

    /// The same as a deputy of somebody: absent, for oneself.
    ///
    /// # Errors
    /// As [`Desk::seal`].
    pub async fn approve_for(
        &self,
        id: &ChangeId,
        slot: Option<SlotChoice>,
        on_behalf_of: Option<PersonId>,
        shown: Option<&Shown>,
    ) -> Result<u64, DeskError> {
        let binding = self.binding(id, shown).await?;
        self.texts_match(id).await?;
        let slot = self.slot(id, slot, on_behalf_of.as_ref())?;
        self.sign_and_submit(Act::Approve { binding, slot, on_behalf_of }, vec![]).await
    }

    /// Rejects a change.
    ///
    /// # Errors
    /// As [`Desk::seal`].
    pub async fn reject(
        &self,
        id: &ChangeId,
        slot: Option<SlotChoice>,
        reason: &str,
        shown: Option<&Shown>,
    ) -> Result<u64, DeskError> {
        let binding = self.binding(id, shown).await?;
        let slot = self.slot(id, slot, None)?;
        self.sign_and_submit(Act::Reject { binding, slot }, self.reason(reason)?).await
    }

    /// Orders an approved change to be carried out.
    ///
    /// # Errors
    /// As [`Desk::seal`].
    pub async fn run(&self, id: &ChangeId, shown: Option<&Shown>) -> Result<u64, DeskError> {
        self.run_from(id, None, shown).await
    }

    /// The same, not before an instant: the ledger's clock starts it then.
    ///
    /// # Errors
    /// As [`Desk::seal`].
    pub async fn run_from(
        &self,
        id: &ChangeId,
        not_before: Option<Instant>,
        shown: Option<&Shown>,
    ) -> Result<u64, DeskError> {
        let binding = self.binding(id, shown).await?;
        self.texts_match(id).await?;
        self.sign_and_submit(Act::Run { binding, not_before }, vec![]).await
    }

    /// Releases a hold: `of` whom; absent: one's own, or the only one.
    ///
    /// # Errors
    /// As [`Desk::seal`]; when several people hold it and none was named.
    pub async fn release(
        &self,
        id: &ChangeId,
        of: Option<PersonId>,
        reason: Option<&str>,
        shown: Option<&Shown>,
    ) -> Result<u64, DeskError> {
        self.follower.sync().await?;
        let of = {
            let state = self.follower.state();
            let change = self.found(&state, id)?;
            let holds = &change.holds;
            let own = holds.contains_key(&self.person).then_some(self.person);
            let only = holds.keys().next().copied().filter(|_| holds.len() == 1);
            // Where nobody holds it, the ledger itself says so.
            let nobody = holds.is_empty().then_some(self.person);
            of.or(own).or(only).or(nobody)
        };
        let several =
            || DeskError::Form("several people hold this change; say whose hold is released: `--of`".to_owned());
        let of = of.ok_or_else(several)?;
        self.sign_and_submit_about(id, |change, revision| Act::Release { change, revision, of }, reason, shown).await
    }

    /// Says one of the short verbs about the current revision, such as withdraw, hold, cancel, abort.
    /// They bind to no plan, so that none keeps anybody from stopping a change.
    ///
    /// # Errors
    /// As [`Desk::seal`].
    pub async fn sign_and_submit_about(
        &self,
        id: &ChangeId,
        verb: impl FnOnce(ChangeId, u32) -> Act,
        reason: Option<&str>,
        shown: Option<&Shown>,
    ) -> Result<u64, DeskError> {
        self.follower.sync().await?;
        let revision = {
            let state = self.follower.state();
            let change = self.found(&state, id)?;
            shown.map_or(Ok(()), |shown| shown.is_package(change.revision, &change.package_digest))?;
            change.revision
        };
        self.sign_and_submit(verb(*id, revision), self.why(reason)?).await
    }

    pub(crate) fn why(&self, reason: Option<&str>) -> Result<Vec<Text>, DeskError> {
        Ok(reason.map(|reason| self.reason(reason)).transpose()?.unwrap_or_default())
    }

    fn reason(&self, reason: &str) -> Result<Vec<Text>, DeskError> {
        Ok(vec![text(REASON, Some(self.person.into()), reason)?])
    }

    fn slot(&self, id: &ChangeId, slot: Option<SlotChoice>, of: Option<&PersonId>) -> Result<u32, DeskError> {
        let state = self.follower.state();
        slot::chosen(&state, &*self.found(&state, id)?, slot, of.unwrap_or(&self.person))
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
            let progress = Progress::of(state, &*self.found(state, id).ok()?, self.now());
            if last.as_ref() != Some(&progress) {
                say(&progress);
                last = Some(progress.clone());
            }
            (progress.status != Status::Executing).then_some(progress)
        })
        .await
    }
}
