//! Rollback Readiness: whether a rollback could be carried out now, cause by cause, before anybody is asked to sign.
//!
//! A pure function of what is decided, what was observed and the time. Each cause is one for which the core refuses a
//! rollback when it is sealed or run, or an executor refuses its first steps; the check names that refusal's code.

mod bound;
mod kept;
mod leads;
mod observed;
mod services;

pub use leads::StandByView;
pub use observed::{Asked as AskedService, EngineSaid, Hashed, NodeSaid, Observed};

use crate::{Names, RehearsedView};
use control::{
    Certified, Change, Engine, Merged, Needs, Refusal, State, UNCHECKED_AFTER_MS, cap_at, fits, quota_left,
    secrets_named,
};
use model::{Bundle, ChangeId, Digest, EngineId, Instant, Resource};
use serde::{Deserialize, Serialize};

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    Ok,
    Not,
    /// Nobody has read it.
    Unknown,
}

impl CheckState {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Not => "not",
            Self::Unknown => "unknown",
        }
    }
}

/// One cause for which a rollback could be refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReadinessCheck {
    /// `target`, `artifact`, `theme`, `config`, `retention`, `fits`, `secrets`, `lease`, `quota`, `node` or `integration`.
    pub what: String,
    pub title: String,
    pub state: CheckState,
    /// Whether a rollback is refused where it does not hold; else it is said and nothing more.
    pub blocks: bool,
    /// Code of the refusal, where it does not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    pub sentence: String,
    /// What to do, where it does not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// It holds only so long after a rollback was asked for, milliseconds: the service that is to say it is silent, and a
    /// rollback goes on without it from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_ms: Option<i64>,
    /// When what it rests on was read; absent where it follows from the ledger alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub at: Option<Instant>,
    /// The entry it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
}

/// Where a rollback would lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TargetView {
    /// The bundle's digest.
    #[schema(value_type = String)]
    pub bundle: Digest,
    #[schema(value_type = String)]
    pub artifact: Digest,
    /// What its release is called.
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub theme: Option<Digest>,
    /// The change that put it in place.
    #[schema(value_type = String)]
    pub change: ChangeId,
    /// The entry that certified the bundle.
    pub entry: u64,
    /// When it was started beside what served, and was healthy; absent where the last rehearsal tried another bundle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rehearsed: Option<RehearsedView>,
}

/// Whether a rollback of an engine could be carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Readiness {
    #[schema(value_type = String)]
    pub engine: EngineId,
    /// `not` as soon as one check that blocks does not hold; `unknown` where one was not read.
    pub state: CheckState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<TargetView>,
    /// What else a rollback can lead to, once a deployment that is open has run; it is not what is judged here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stands_by: Option<StandByView>,
    pub checks: Vec<ReadinessCheck>,
}

impl ReadinessCheck {
    fn new(what: &str, title: &str, state: CheckState, sentence: impl Into<String>) -> Self {
        let (what, title) = (what.to_owned(), title.to_owned());
        let sentence = sentence.into();
        Self {
            what,
            title,
            state,
            blocks: true,
            code: None,
            sentence,
            next: None,
            after_ms: None,
            at: None,
            entry: None,
        }
    }

    fn at(self, at: Option<Instant>) -> Self {
        Self { at, ..self }
    }

    fn next(self, next: impl Into<String>) -> Self {
        Self { next: Some(next.into()), ..self }
    }

    fn code(self, code: &str) -> Self {
        Self { code: Some(code.to_owned()), ..self }
    }
}

/// What one readiness is computed from.
struct Inquiry<'a> {
    state: &'a State,
    names: &'a Names,
    engine: &'a Engine,
    id: EngineId,
    target: Bundle,
    /// What the bundle comes to on the engine, by what is decided.
    fits: Result<Merged, Refusal>,
    observed: &'a Observed,
    now: Instant,
}

impl Readiness {
    /// What a rollback that is asked for now leads to; it is what is judged.
    pub fn target<'a>(state: &'a State, id: &EngineId, now: Instant) -> Option<&'a Certified> {
        leads::target(state, id, now)
    }

    /// What serves, and the open deployment for which a rollback to it can stand by.
    pub fn stands_by<'a>(state: &'a State, id: &EngineId, now: Instant) -> Option<(&'a Certified, &'a Change)> {
        leads::stands_by(state, id, now)
    }

    /// Of an engine that would go back to `target`; none: there is no such engine.
    pub fn of(
        (state, names): (&State, &Names),
        id: &EngineId,
        target: Option<&Certified>,
        observed: &Observed,
        now: Instant,
    ) -> Option<Self> {
        let engine = state.engines.get(id)?;
        let Some(certified) = target else {
            let none = ReadinessCheck::new(TARGET.0, TARGET.1, CheckState::Not, "");
            let check = refused(names, none, &Refusal::NothingBelow {});
            return Some(Self {
                engine: *id,
                state: CheckState::Not,
                target: None,
                stands_by: None,
                checks: vec![check],
            });
        };
        let target = certified.bundle;
        let fits = fits(state, engine, target);
        let inquiry = Inquiry { state, names, engine, id: *id, target, fits, observed, now };
        let mut checks = vec![inquiry.target(certified)];
        checks.push(inquiry.kept("artifact", "Artifact held and hashed again", Resource::Artifact, target.artifact));
        checks.extend(
            target.theme.map(|theme| inquiry.kept("theme", "Theme held and hashed again", Resource::Theme, theme)),
        );
        checks.push(inquiry.config());
        checks.extend(target.retention.map(|policy| inquiry.retention(policy)));
        checks.extend([inquiry.engine(), inquiry.secrets()]);
        checks.extend(inquiry.lease());
        checks.extend(inquiry.quota());
        checks.extend([inquiry.node(), inquiry.integration()]);
        let any = |wanted| checks.iter().any(|check| check.blocks && check.state == wanted);
        let state_of = if any(CheckState::Not) {
            CheckState::Not
        } else if any(CheckState::Unknown) {
            CheckState::Unknown
        } else {
            CheckState::Ok
        };
        let rehearsed = RehearsedView::of(names, engine).filter(|tried| tried.bundle == target.digest());
        let view = TargetView {
            bundle: target.digest(),
            artifact: target.artifact,
            name: names.artifact(&target.artifact),
            theme: target.theme,
            change: certified.change,
            entry: certified.index,
            rehearsed,
        };
        let stands_by = StandByView::of((state, names), id, now).filter(|other| other.bundle != view.bundle);
        Some(Self { engine: *id, state: state_of, target: Some(view), stands_by, checks })
    }

    /// Whether a rollback is carried out only after a while, because a service is silent, milliseconds.
    pub fn after_ms(&self) -> Option<i64> {
        self.checks.iter().filter_map(|check| check.after_ms).max()
    }

    /// The causes for which a rollback would be refused now.
    pub fn causes(&self) -> impl Iterator<Item = &ReadinessCheck> {
        self.checks.iter().filter(|check| check.blocks && check.state == CheckState::Not)
    }
}

const TARGET: (&str, &str) = ("target", "A certified bundle to go back to");

/// The check with the refusal that a rollback would meet.
fn refused(names: &Names, check: ReadinessCheck, refusal: &Refusal) -> ReadinessCheck {
    let (found, next) = refusal.message(&|person| names.person(person));
    ReadinessCheck { state: CheckState::Not, sentence: sentence(&found), ..check }.code(refusal.code()).next(next)
}

/// As a sentence of its own.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

impl Inquiry<'_> {
    fn refused(&self, what: &str, title: &str, refusal: &Refusal) -> ReadinessCheck {
        refused(self.names, ReadinessCheck::new(what, title, CheckState::Not, ""), refusal)
    }

    fn target(&self, certified: &Certified) -> ReadinessCheck {
        let (what, title) = TARGET;
        if self.engine.serving.is_none() {
            return self.refused(what, title, &Refusal::NothingServes {});
        }
        if let Some(by) = self.state.locked_by(&self.id) {
            return self.refused(what, title, &self.state.refusal_of_lock(by, self.now));
        }
        let name = self.names.artifact(&certified.bundle.artifact);
        let sentence = if self.engine.bundle() == Some(certified.bundle) {
            format!("{name} serves now; a rollback to it can stand by, and is run once another bundle serves.")
        } else {
            format!("{name} was certified on this engine and is the last such bundle below what serves.")
        };
        ReadinessCheck { entry: Some(certified.index), ..ReadinessCheck::new(what, title, CheckState::Ok, sentence) }
    }

    fn secrets(&self) -> ReadinessCheck {
        let (what, title) = ("secrets", "Secrets on the engine's node");
        let named = secrets_named(self.state, self.target);
        if named.is_empty() {
            return ReadinessCheck::new(what, title, CheckState::Ok, "Its config names no secret.");
        }
        if let Some((at, Some(said))) = self.observed.engine.now() {
            let missing = named.iter().find(|secret| said.secrets_missing.contains(secret));
            let check = if let Some(secret) = missing {
                self.refused(what, title, &Refusal::SecretMissing { secret: *secret })
            } else {
                let sentence = match named.len() {
                    1 => "The one that its config names is deposited.".to_owned(),
                    n => format!("All {n} that its config names are deposited."),
                };
                ReadinessCheck::new(what, title, CheckState::Ok, sentence)
            };
            check.at(Some(at))
        } else {
            let why = "Whether what its config names is deposited was not read: Engine Runtime did not say.";
            ReadinessCheck::new(what, title, CheckState::Unknown, why).next("see whether Engine Runtime is live")
        }
    }

    /// An ended lease is said and keeps nobody from going back.
    fn lease(&self) -> Option<ReadinessCheck> {
        let lease = self.target.lease?;
        let (what, title) = ("lease", "AI lease standing");
        let check = if let Some(standing) = cap_at(self.state, &lease, self.now) {
            let (cycles, period) = (standing.cycles, standing.cap.period);
            ReadinessCheck::new(what, title, CheckState::Ok, format!("It stands: {cycles} cycles a {period}."))
        } else {
            let why = format!("The AI lease {} is over: the bundle comes back without cycles.", lease.short());
            ReadinessCheck::new(what, title, CheckState::Not, why).next("deploy it with another lease afterwards")
        };
        Some(ReadinessCheck { blocks: false, ..check })
    }

    fn needs(&self) -> Option<Needs> {
        let merged = self.fits.as_ref().ok()?;
        Some(Needs { memory_mib: merged.memory_mib, engines: 1, storage_mib: merged.storage_mib })
    }

    fn quota(&self) -> Option<ReadinessCheck> {
        let refusal = quota_left(self.state, &self.id, self.needs()?, self.now)?;
        Some(self.refused("quota", "Within the tenant's quota", &refusal))
    }
}

/// After how many seconds of silence a rollback can go on without the services that it may do without.
fn unchecked_after_s() -> i64 {
    UNCHECKED_AFTER_MS / 1_000
}
