//! The core, played: what people, services and the clock try, each leaf held against the model.

use super::book::Book;
use super::tally::Tally;
use crate::world::{HOUR_MS, MINUTE_MS, No, World, code, persona, token};
use control::{Change, ClockAct, Command, EventName, Inadmissible, Leaf, Login, State, Unauthentic};
use model::{ChangeId, Digest, EngineId, Instant, KindName, PersonId, Role, Scope, Service, Status, TenantId};
use signed::{Act, Report, ServiceKey};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What each place asks for, again and again; those from the ninth on are of the second engine.
const NAMED: [KindName; 13] = [
    KindName::Deployment,
    KindName::Rollback,
    KindName::Drain,
    KindName::Undrain,
    KindName::QuotaException,
    KindName::RosterChange,
    KindName::SettingsChange,
    KindName::External,
    KindName::Deployment,
    KindName::Rollback,
    KindName::RosterChange,
    KindName::SettingsChange,
    KindName::Deployment,
];
/// What each place asks for: those, and every kind that is not among them.
pub static PLACES: LazyLock<Vec<KindName>> = LazyLock::new(|| {
    let others = KindName::ALL.iter().filter(|kind| !NAMED.contains(kind));
    NAMED.iter().chain(others).copied().collect()
});

/// The places that the others have.
pub fn other_places() -> std::ops::Range<usize> {
    NAMED.len()..PLACES.len()
}

/// Who of the world's people is a machine identity.
pub const MACHINE: usize = 6;
pub const VERSIONS: [&str; 4] = ["a", "b", "c", "big"];
pub const VERBS: [&str; 16] = [
    "seal",
    "approve",
    "reject",
    "withdraw",
    "hold",
    "release",
    "cancel",
    "run",
    "abort",
    "abort",
    "observe",
    "reconcile",
    "revoke",
    "review",
    "escalate",
    "withdraw",
];

/// One try; numbers are taken modulo what there is.
#[derive(Debug, Clone)]
pub enum Op {
    /// The next sensible thing about this place's change, so that histories get far.
    Onward {
        place: usize,
        pick: u8,
    },
    /// Opened, or another revision of it.
    Open {
        place: usize,
        who: usize,
        pick: u8,
        supersede: bool,
    },
    Say {
        place: usize,
        who: usize,
        verb: usize,
        slot: u32,
        wrong: u8,
    },
    Deputise {
        place: usize,
        who: usize,
        of: usize,
        slot: u32,
    },
    Schedule {
        place: usize,
        hours: i64,
    },
    /// Held, then taken back by one and by another.
    TakeBack {
        place: usize,
        who: usize,
    },
    Attach {
        place: usize,
        who: usize,
    },
    Observe {
        place: usize,
        service: usize,
        lie: bool,
    },
    Step {
        place: usize,
        how: u8,
    },
    Ended {
        place: usize,
    },
    /// A warrant is used: by the machine identity, or by a person, who may not.
    Use {
        place: usize,
        who: usize,
    },
    Health {
        place: usize,
        how: u8,
    },
    /// Something new is published, and certified or not.
    Publish {
        who: usize,
        how: u8,
    },
    /// What was used of a lease in hours that are over, or not.
    Used {
        place: usize,
        hours: i64,
        size: u64,
    },
    Login {
        who: usize,
        token: u8,
    },
    /// The writer's process ends, and the next one starts from what it keeps and the leaves.
    Crash {
        keep: bool,
    },
    Start {
        place: usize,
    },
    Suspend {
        who: usize,
        whom: usize,
    },
    Recall {
        who: usize,
        version: usize,
    },
    Again {
        which: usize,
    },
    Clock {
        how: u8,
    },
    Jump {
        how: usize,
    },
}

/// Who signs, and with the key of which number.
pub struct Play {
    pub world: World,
    pub book: Book,
    pub engines: [EngineId; 2],
    pub places: Vec<Option<ChangeId>>,
    /// Keys that a roster change would give: of whom, and the number it is made of.
    pub keys: BTreeMap<ChangeId, (usize, u8)>,
    /// The same of a service.
    pub service_keys: BTreeMap<ChangeId, (Service, u8)>,
    pub next_key: u8,
    /// Refusals of what seemed sensible, by place.
    pub stuck: Vec<u8>,
    pub tried: Vec<Command>,
    /// What was answered to each try, in words that settling does not alter.
    pub answers: Vec<String>,
    pub ended: BTreeMap<(ChangeId, u32), Status>,
    /// Whether what time has brought is written down before each try.
    pub sweeps: bool,
    /// How often each thing came.
    pub tally: Tally,
    /// Size of the events log, as the writer says it.
    heads: u64,
    /// The last refusal.
    refusal: u64,
}

/// What is decided at this time: all but what a refusal may move.
fn decided(state: &State, now: Instant) -> State {
    let mut state = state.clone();
    // A credential that is no longer good is forgotten by any leaf.
    state.sessions.retain(|_, session| now <= session.expires);
    state.session_ends.retain(|(expires, _), ()| now <= *expires);
    (state.size, state.last) = (0, Instant::EPOCH);
    state.spent.clear();
    state.receipts.clear();
    state
}

impl Play {
    pub fn new() -> Self {
        let terms = Self::terms(TenantId([0x07; 16]), 1);
        let mut world = World::ruled(terms, Self::kinds(u8::MAX));
        Self::publish_all(&mut world);
        let engines = [world.engine, world.second_engine()];
        world.people.push(persona(6));
        world.people.push(persona(9));
        let mut book = Book::default();
        let mut tally = Tally::default();
        for (index, bytes) in (0..).zip(&world.leaves) {
            let leaf = Leaf::decode(bytes).unwrap();
            book.take(index, &leaf, &world.shelf);
            tally.leaf(&world.state, &world.state, &leaf);
        }
        Self {
            world,
            book,
            engines,
            places: vec![None; PLACES.len()],
            keys: BTreeMap::new(),
            service_keys: BTreeMap::new(),
            next_key: 130,
            stuck: vec![0; PLACES.len()],
            tried: vec![],
            answers: vec![],
            ended: BTreeMap::new(),
            sweeps: false,
            tally,
            heads: 0,
            refusal: 0,
        }
    }

    pub fn artifact(version: usize) -> Digest {
        Digest::of_object("manifest", VERSIONS[version % VERSIONS.len()].as_bytes())
    }

    /// The change at a place, unless there is none yet.
    pub fn at(&self, place: usize) -> Option<(ChangeId, &Change)> {
        let id = self.places[place]?;
        let known = self.world.state.kind_of(&id).is_some();
        known.then(|| (id, self.world.change(id)))
    }

    /// What is said next is about this place's engine.
    pub fn turn_to(&mut self, place: usize) {
        self.world.engine = self.engines[usize::from(place >= 8)];
    }

    /// Decides a command a second later, and holds what came of it against the model.
    pub fn attempt(&mut self, command: Command) -> bool {
        self.world.advance(1_000);
        if self.sweeps {
            while self.record(Command::Clock { act: ClockAct::Settle {} }).is_ok() {}
        }
        self.tried.push(command.clone());
        // What time has brought is nobody's word: with a sweeper it is written down already.
        let settles = matches!(command, Command::Clock { act: ClockAct::Settle {} });
        let answer = self.record(command);
        let accepted = answer.as_ref().is_ok_and(|leaf| code(leaf).is_none());
        self.tally_answer(&answer);
        if settles {
            return accepted;
        }
        self.answers.push(match answer {
            // Which of the two it says depends on whether the lapse was written down.
            Ok(leaf) if code(&leaf) == Some("run.approver_not_eligible") => "run.slots_open".to_owned(),
            Ok(leaf) => code(&leaf).unwrap_or("accepted").to_owned(),
            Err(No::Inadmissible(Inadmissible::Spent(_))) => "recorded already".to_owned(),
            Err(No::Inadmissible(Inadmissible::Ended(_))) => "has ended".to_owned(),
            Err(No::Authority(_)) => "not authentic".to_owned(),
            Err(other) => format!("{other:?}"),
        });
        accepted
    }

    fn tally_answer(&mut self, answer: &Result<Leaf, No>) {
        let what = match answer {
            Ok(_) => return,
            Err(No::Inadmissible(Inadmissible::Spent(_))) => "spent",
            Err(No::Inadmissible(Inadmissible::Ended(_))) => "ended",
            Err(No::Authority(Unauthentic::Fork(_))) => "on a fork",
            Err(No::Authority(Unauthentic::OtherLedger(_))) => "of another ledger",
            Err(No::Authority(_)) => "forged",
            Err(No::Inadmissible(_)) => "inadmissible",
        };
        self.tally.add(format!("answer {what}"));
    }

    fn record(&mut self, command: Command) -> Result<Leaf, No> {
        let (now, index) = (self.world.now, self.world.state.size);
        let before = decided(&self.world.state, now);
        let leaf = self.world.record(command)?;
        if code(&leaf).is_some() {
            self.refusal = index;
            assert_eq!(leaf.effects, [], "a refusal has no effects");
            assert!(decided(&self.world.state, now) == before, "a refusal leaves what is decided: {:?}", leaf.verdict);
        }
        self.book.take(index, &leaf, &self.world.shelf);
        if matches!(leaf.command, Command::Clock { act: ClockAct::Start { .. } })
            && leaf.effects.iter().filter_map(control::Effect::event).any(|event| event.name() == EventName::Run)
        {
            self.tally.add("change started by the clock");
        }
        self.tally.leaf(&before, &self.world.state, &leaf);
        self.new_keys(&leaf);
        Ok(leaf)
    }

    /// Who was given a key by the roster in force signs with that from now on.
    fn new_keys(&mut self, leaf: &Leaf) {
        let changed = |effect: &control::Effect| {
            matches!(effect, control::Effect::Roster { event: control::RosterEvent::Changed { .. } })
        };
        let id = leaf.command.change().filter(|_| leaf.effects.iter().any(changed));
        if let Some((whom, number)) = id.and_then(|id| self.keys.remove(&id)) {
            let id = self.world.people[whom].id;
            self.world.people[whom] = crate::world::Persona { id, ..persona(number) };
        }
        let id = leaf.command.change().filter(|_| leaf.effects.iter().any(changed));
        if let Some((service, number)) = id.and_then(|id| self.service_keys.remove(&id)) {
            let known = self.world.services.iter_mut().find(|(known, _)| *known == service).unwrap();
            known.1 = ServiceKey::from_secret(&[number; 32]);
        }
    }

    pub fn play(&mut self, op: &Op) {
        match *op {
            Op::Onward { place, pick } => {
                self.onward(place, pick);
                // In two of three cases it goes on for a while, without anything special.
                (0..pick % 3).for_each(|_| self.onward(place, 9));
            }
            Op::Open { place, who, pick, supersede } => drop(self.open(place, who, pick, supersede)),
            Op::Say { place, who, verb, slot, wrong } => self.sign_and_submit(place, who, VERBS[verb], slot, wrong),
            Op::Deputise { place, who, of, slot } => self.deputise(place, who, of, slot),
            Op::Schedule { place, hours } => drop(self.schedule(place, hours)),
            Op::TakeBack { place, who } => drop(self.take_back(place, who)),
            Op::Attach { place, who } => drop(self.attach(place, who)),
            Op::Observe { place, service, lie } => drop(self.observe(place, Service::ALL[service], lie)),
            Op::Step { place, how } => drop(self.step(place, how)),
            Op::Use { place, who } => drop(self.use_warrant(place, who)),
            Op::Ended { place } => {
                let Some(grant) = self.places[place] else { return };
                let by = if place.is_multiple_of(2) { Service::Engine } else { Service::Platform };
                let command = self.world.receipt(by, Report::Ended { grant });
                self.attempt(command);
            }
            Op::Start { place } => {
                let Some(change) = self.places[place] else { return };
                self.attempt(Command::Clock { act: ClockAct::Start { change } });
            }
            Op::Suspend { who, whom } => {
                let (person, key) = (self.world.people[whom].id, self.world.people[whom].key_id);
                self.speak(who, Act::Suspend { person, key });
            }
            // What is recalled is served no more, so that few are.
            Op::Recall { who, version } if version < VERSIONS.len() => {
                self.speak(who, Act::Recall { digest: Self::artifact(version) });
            }
            Op::Recall { .. } => {}
            Op::Again { which } => {
                if !self.tried.is_empty() {
                    let command = self.tried[which % self.tried.len()].clone();
                    self.attempt(command);
                }
            }
            Op::Health { place, how } => drop(self.health(place, how)),
            Op::Publish { who, how } => drop(self.publish(who, how)),
            Op::Used { place, hours, size } => drop(self.used(place, hours, size)),
            Op::Login { who, token } => {
                let expires = self.world.now.plus_millis(HOUR_MS);
                let login = Login { token: Digest([token; 32]), scope: Scope::Person, expires };
                let command = self.world.session(who, login);
                self.attempt(command);
            }
            Op::Crash { keep } => {
                self.world.recover(keep);
                self.tally.add("ledger recovered from its leaves");
            }
            Op::Clock { how } => self.clock(how),
            Op::Jump { how } => {
                let ms = [59_999, 61_000, 11 * MINUTE_MS, 21 * MINUTE_MS, HOUR_MS, 9 * HOUR_MS, 25 * HOUR_MS];
                self.world.advance(ms[how % ms.len()]);
            }
        }
    }

    /// What the writer's clock does by itself.
    fn clock(&mut self, how: u8) {
        let act = match how {
            0 => {
                self.heads += 1;
                ClockAct::EventsHead { size: self.heads, root: Digest::ZERO }
            }
            1 => ClockAct::Refusals { first: self.refusal, count: 3 },
            _ => ClockAct::Settle {},
        };
        // What there is nothing to say of leaves no leaf.
        drop(self.record(Command::Clock { act }));
    }

    pub fn speak(&mut self, who: usize, act: Act) -> bool {
        let command = self.world.said(who, act);
        self.attempt(command)
    }

    pub fn use_warrant(&mut self, place: usize, who: usize) -> bool {
        let Some((change, known)) = self.at(place) else { return false };
        let revision = known.revision;
        self.speak(who, Act::Use { change, revision })
    }

    fn deputise(&mut self, place: usize, who: usize, of: usize, slot: u32) {
        let Some((id, _)) = self.at(place) else { return };
        let (binding, on_behalf_of) = (self.world.binding(id), Some(self.world.people[of].id));
        self.speak(who, Act::Approve { binding, slot, on_behalf_of });
    }

    pub fn schedule(&mut self, place: usize, hours: i64) -> bool {
        let Some((id, known)) = self.at(place) else { return false };
        let scheduled = known.scheduled.is_some();
        let who = (0..6).find(|who| self.able(*who, &[Role::GovernanceOperator])).unwrap_or_default();
        let not_before = Some(self.world.now.plus_millis(hours * HOUR_MS));
        let binding = self.world.binding(id);
        !scheduled && self.speak(who, Act::Run { binding, not_before })
    }

    pub fn take_back(&mut self, place: usize, who: usize) -> bool {
        let Some((change, known)) = self.at(place) else { return false };
        let (revision, held) = (known.revision, !known.holds.is_empty());
        self.speak(who, if held { Act::Abort { change, revision } } else { Act::Hold { change, revision } })
    }

    pub fn attach(&mut self, place: usize, who: usize) -> bool {
        let Some((change, known)) = self.at(place) else { return false };
        let (revision, item) = (known.revision, token("load-test"));
        let evidence = Digest::of_bytes(&self.world.fresh());
        self.speak(who, Act::Attach { change, revision, item, evidence })
    }

    /// Whether this person is on the roster with their key, holding one of the roles.
    pub fn able(&self, who: usize, roles: &[Role]) -> bool {
        let known = &self.world.people[who];
        let person: Option<&signed::Person> = self.world.state.roster.person(&known.id);
        self.book.key_since(&known.key_id, u64::MAX)
            && person.is_some_and(|person| person.roles.iter().any(|role| roles.contains(role)))
    }

    pub fn index_of(&self, id: &PersonId) -> Option<usize> {
        self.world.people.iter().position(|known| known.id == *id)
    }
}

/// A settled history takes a leaf more; nothing else is different.
pub fn same_answers(ops: &[Op]) {
    let (mut plain, mut swept) = (Play::new(), Play::new());
    swept.sweeps = true;
    // Settling unschedules what has lapsed, and that is all it does that anybody is answered by.
    let scheduling = |op: &&Op| !matches!(op, Op::Clock { .. } | Op::Start { .. } | Op::Schedule { .. });
    for op in ops.iter().filter(scheduling) {
        plain.play(op);
        swept.play(op);
        assert_eq!(plain.answers, swept.answers, "with and without the sweeper, after {op:?}");
    }
}
