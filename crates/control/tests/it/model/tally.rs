//! How often each thing came in the histories: they are worth something only when everything happens.

use control::{
    Command, Effect, EngineEvent, EventName, GrantEvent, Leaf, RosterEvent, State, StepEvent, VERBS, Verdict,
};
use model::{Bundle, ChangeId, EngineId, Instant, KindName, PersonId, Role, SettingName, Status};
use std::collections::{BTreeMap, BTreeSet};

/// Counts by what it was, in words.
pub type Counts = BTreeMap<String, u32>;

/// Counts of one history, and what it takes to know that something came back.
#[derive(Default)]
pub struct Tally {
    pub counts: Counts,
    stood: BTreeMap<(ChangeId, u32), Status>,
    roles_lost: BTreeSet<(PersonId, Role)>,
    people_gone: BTreeSet<PersonId>,
}

/// What must have come, whatever the seed. The words that are not from a table of the core are what
/// only a history can bring about.
pub fn wanted() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    all.extend(EventName::ALL.iter().map(|event| format!("event {}", event.word())));
    all.extend(VERBS.iter().map(|row| format!("verb {}", row.name)));
    all.extend(KindName::ALL.iter().map(|kind| format!("{kind} effective")));
    all.extend(Status::ALL.iter().map(|status| format!("status {}", status.word())));
    all.extend(SettingName::ALL.iter().filter(|name| name.word() != "rules").map(|name| format!("setting {name}")));
    let more = [
        "step intended, done, late, refused, unknown, silent, late outcome",
        "engine switched, certified, popped, restarted, not restarted, regressed",
        "engine rehearsed, credential given, credential over",
        "ledger certified, did not certify",
        "bundle of all five, kept its process",
        "grant started, revoked, ended, used",
        "roster changed, suspension asked, key suspended",
        "person joined, left, came back, got other keys, got a deputy, lost a role, got a role back",
        "approval by a deputy",
        "change of 3 revisions, with a window, started by the clock",
        "ledger recovered from its leaves, told the events head, summed refusals, opened a session",
        "ledger artifact recalled, service distrusted, clock skewed",
        "answer spent, ended, forged, of another ledger, on a fork",
    ];
    for line in more {
        let (noun, words) = line.split_once(' ').unwrap();
        all.extend(words.split(", ").map(|word| format!("{noun} {word}")));
    }
    let refused = [
        "run.outside_window",
        "run.cooling",
        "run.slots_open",
        "deputy.not_now",
        "statement.seen_too_early",
        "change.concerned",
        "lease.not_standing",
        "receipt.certificate",
        "receipt.foreign",
        "receipt.period_open",
        "receipt.journal_shorter",
    ];
    all.extend(refused.iter().map(|code| format!("refused {code}")));
    all
}

impl Tally {
    pub fn add(&mut self, what: impl Into<String>) {
        *self.counts.entry(what.into()).or_default() += 1;
    }

    /// What a leaf says, and what it made of the state.
    pub fn leaf(&mut self, before: &State, state: &State, leaf: &Leaf) {
        if let Verdict::Refused(refusal) = &leaf.verdict {
            return self.add(format!("refused {}", refusal.code()));
        }
        if let Command::Signed { statement, .. } = &leaf.command {
            self.add(format!("verb {}", control::verb_row(statement.act.verb()).name));
        }
        for effect in &leaf.effects {
            self.effect(before, state, effect);
        }
        let touched: BTreeSet<_> = leaf.effects.iter().filter_map(Effect::change).collect();
        for id in touched {
            self.stands(state, &id, leaf.now);
        }
    }

    fn stands(&mut self, state: &State, id: &ChangeId, now: Instant) {
        let closed = state.closed.get(id).map(|closed| (closed.status, closed.revision, false));
        let open = state
            .changes
            .get(id)
            .map(|change| (change.status_at(state, now), change.revision, change.package.window.is_some()));
        let Some((status, revision, windowed)) = open.or(closed) else { return };
        let before = self.stood.insert((*id, revision), status);
        if before != Some(status) {
            self.add(format!("status {}", status.word()));
        }
        if before.is_none() && revision == 3 {
            self.add("change of 3 revisions");
        }
        if before.is_none() && windowed {
            self.add("change with a window");
        }
    }

    fn effect(&mut self, before: &State, state: &State, effect: &Effect) {
        match effect {
            Effect::Change { about, event } => {
                self.add(format!("event {}", event.name().word()));
                if event.name() == EventName::Effective {
                    self.add(format!("{} effective", about.kind));
                }
                if let control::ChangeEvent::ApprovalRecorded { on_behalf_of: Some(_), .. } = event {
                    self.add("approval by a deputy");
                }
            }
            Effect::Step { event, .. } => self.add(format!("step {}", step(event))),
            Effect::Engine { engine: id, event, .. } => {
                self.add(format!("engine {}", engine(event)));
                self.serves(before, state, id, event);
            }
            Effect::Grant { event, .. } => self.add(match event {
                GrantEvent::Started { .. } => "grant started",
                GrantEvent::Revoked { .. } => "grant revoked",
                GrantEvent::Ended { .. } => "grant ended",
                GrantEvent::Used { .. } => "grant used",
            }),
            Effect::Roster { event } => self.roster(before, state, event),
            Effect::SettingChanged { name, .. } => self.add(format!("setting {name}")),
            Effect::EventsHead { .. } => self.add("ledger told the events head"),
            Effect::JournalHead { .. } => self.add("ledger told the head of the journal of leases"),
            Effect::RefusalsSummed { .. } => self.add("ledger summed refusals"),
            Effect::SessionOpened { .. } => self.add("ledger opened a session"),
            Effect::ResourceRecalled { .. } => self.add("ledger artifact recalled"),
            Effect::ServiceDistrusted { .. } => self.add("ledger service distrusted"),
            Effect::ClockSkewed { .. } => self.add("ledger clock skewed"),
            Effect::LedgerFounded {}
            | Effect::TenantRegistered { .. }
            | Effect::EngineRegistered { .. }
            | Effect::ResourcePublished { .. } => {}
            Effect::ResourceCertified { .. } => self.add("ledger certified"),
            Effect::ResourceRefused { .. } => self.add("ledger did not certify"),
        }
    }

    /// Counts a switch: to a bundle of several parts, or to another bundle under the same process.
    fn serves(&mut self, before: &State, state: &State, id: &EngineId, event: &EngineEvent) {
        let EngineEvent::Switched { serving: Some(next), .. } = event else { return };
        let bundle = state.engines.get(id).and_then(control::Engine::bundle).filter(|bundle| *bundle == next.bundle);
        let whole = |bundle: &Bundle| {
            bundle.config.is_some() && bundle.lease.is_some() && bundle.theme.is_some() && bundle.retention.is_some()
        };
        if bundle.as_ref().is_some_and(whole) {
            self.add("bundle of all five");
        }
        let was = before.engines.get(id).and_then(|engine| engine.serving);
        if was.is_some_and(|was| was.side == next.side && was.bundle != next.bundle) {
            self.add("bundle kept its process");
        }
    }

    fn roster(&mut self, before: &State, state: &State, event: &RosterEvent) {
        let RosterEvent::Changed { joined, left, .. } = event else {
            return self.add(match event {
                RosterEvent::KeySuspended { .. } => "roster key suspended",
                _ => "roster suspension asked",
            });
        };
        self.add("roster changed");
        for person in joined {
            let known = self.people_gone.remove(person);
            self.add(if known { "person came back" } else { "person joined" });
        }
        for _ in left {
            self.add("person left");
        }
        self.people_gone.extend(left);
        for person in &before.roster.people {
            let Some(next) = state.roster.person(&person.id) else { continue };
            for role in person.roles.iter().filter(|role| !next.roles.contains(role)) {
                self.add("person lost a role");
                self.roles_lost.insert((person.id, *role));
            }
            let back: Vec<_> = next.roles.iter().filter(|role| self.roles_lost.remove(&(person.id, **role))).collect();
            for _ in back {
                self.add("person got a role back");
            }
            if next.keys != person.keys {
                self.add("person got other keys");
            }
            if next.deputies.len() > person.deputies.len() {
                self.add("person got a deputy");
            }
        }
    }
}

fn step(event: &StepEvent) -> &'static str {
    match event {
        StepEvent::Intended { .. } => "intended",
        StepEvent::Done {} => "done",
        StepEvent::Late {} => "late",
        StepEvent::Refused { .. } => "refused",
        StepEvent::Unknown { .. } => "unknown",
        StepEvent::Silent {} => "silent",
        StepEvent::LateOutcome { .. } => "late outcome",
    }
}

fn engine(event: &EngineEvent) -> &'static str {
    match event {
        EngineEvent::Switched { .. } => "switched",
        EngineEvent::Read { .. } => "read again",
        EngineEvent::Certified { .. } => "certified",
        EngineEvent::Popped { .. } => "popped",
        EngineEvent::Restarted { failed: 0, .. } => "restarted",
        EngineEvent::Restarted { .. } => "not restarted",
        EngineEvent::Regressed { .. } => "regressed",
        EngineEvent::Rehearsed { .. } => "rehearsed",
        EngineEvent::CredentialChanged { credential: Some(_), .. } => "credential given",
        EngineEvent::CredentialChanged { .. } => "credential over",
    }
}
