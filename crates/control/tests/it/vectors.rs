//! Conformance vectors: `docs/vectors` holds states, as the leaves that lead to them, and commands with
//! the answer each must get. They are made here (`UPDATE=1` writes them), and then read as a stranger
//! would and decided again.

use crate::scenes::{exception, indeterminate, issued, quota_world, rollback_to, running, scenes, unchecked};
use crate::world::{End, FAYE, FR, GO, HOUR_MS, OMAR, OPAL, SAUL, World, accepted};
use control::{Body, ClockAct, Command, Effect, Inadmissible, Leaf, Setting, State, Verdict, apply, decide};
use model::{Bundle, ChangeId, Digest, Instant, KindName, Service, TenantId, canon};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use signed::{Act, JournalHead, Reconciled, Report};
use std::collections::{BTreeMap, BTreeSet};
use std::{fs, path::PathBuf};

/// A governing blob.
#[derive(Serialize, Deserialize)]
struct Blob {
    digest: Digest,
    json: serde_json::Value,
}

/// A leaf and the leaf before it, by their places in the file; leaf 0 has none.
#[derive(Serialize, Deserialize)]
struct Link {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    after: Option<usize>,
    leaf: Leaf,
}

/// A command, decided in the state after a leaf.
#[derive(Serialize, Deserialize)]
struct Case {
    name: String,
    after: usize,
    now: Instant,
    command: Command,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    answer: Option<Answer>,
    /// Why it is not one to decide.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    no_leaf: Option<String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Answer {
    verdict: Verdict,
    effects: Vec<Effect>,
    tags: Vec<TenantId>,
}

fn answer(
    state: &State,
    shelf: &dyn control::Blobs,
    now: Instant,
    command: &Command,
) -> (Option<Answer>, Option<String>) {
    let name = |no: Inadmissible| format!("{no:?}").split('(').next().unwrap().to_owned();
    match decide(state, shelf, now, command) {
        Ok(decided) => (Some(Answer { verdict: decided.verdict, effects: decided.effects, tags: decided.tags }), None),
        Err(no) => (None, Some(name(no))),
    }
}

#[derive(Default)]
struct Vectors {
    blobs: BTreeMap<Digest, serde_json::Value>,
    links: Vec<Link>,
    known: BTreeMap<(Option<usize>, Vec<u8>), usize>,
    cases: Vec<Case>,
}

impl Vectors {
    /// The leaves of a world, shared with those that began alike; the place of the last.
    fn ledger(&mut self, world: &World) -> usize {
        for (digest, bytes) in world.shelf.0.borrow().iter() {
            self.blobs.insert(*digest, serde_json::from_slice(bytes).unwrap());
        }
        let mut after = None;
        for bytes in &world.leaves {
            let next = self.links.len();
            let place = *self.known.entry((after, bytes.clone())).or_insert(next);
            if place == next {
                self.links.push(Link { after, leaf: Leaf::decode(bytes).unwrap() });
            }
            after = Some(place);
        }
        after.unwrap()
    }

    fn case(&mut self, name: &str, world: &World, now: Instant, command: Command) {
        let after = self.ledger(world);
        let (answer, no_leaf) = answer(&world.state, &world.shelf, now, &command);
        self.cases.push(Case { name: name.to_owned(), after, now, command, answer, no_leaf });
    }

    fn files(&self) -> [(&'static str, String); 3] {
        let blobs = self.blobs.iter().map(|(digest, json)| lines(&Blob { digest: *digest, json: json.clone() }));
        [
            ("blobs.jsonl", blobs.collect()),
            ("leaves.jsonl", self.links.iter().map(lines).collect()),
            ("cases.jsonl", self.cases.iter().map(lines).collect()),
        ]
    }
}

fn lines<T: Serialize>(value: &T) -> String {
    format!("{}\n", String::from_utf8(canon::to_vec(value).unwrap()).unwrap())
}

/// Every kind from draft to its end, with what may come between.
pub fn lives() -> Vec<World> {
    let mut all = vec![engine_life(), failed_life(), quota_life(), governed_life(), scheduled_life()];
    all.extend(vec![aborted_life(), ended_lives(), reconciled_life(), reviewed_life(), warrant_life()]);
    all.extend(vec![lease_life(), bundle_life()]);
    let lived: BTreeSet<_> = all.iter().flat_map(World::kinds).collect();
    all.extend(KindName::ALL.iter().filter(|kind| !lived.contains(*kind)).map(|kind| other_life(*kind)));
    all
}

/// Of a kind that none of the others shows: on an engine that serves.
fn other_life(kind: KindName) -> World {
    let mut world = World::new();
    let artifact = world.publish("a", 64);
    world.deploy(artifact);
    world.effective(kind, artifact);
    world
}

fn engine_life() -> World {
    let (mut world, id) = rollback_to("2026.01");
    accepted(world.seal(OPAL, id));
    world.approve_all(id);
    accepted(world.run(OPAL, id));
    world.carry_out(id, |_, _| End::Done);
    let serving = world.serving().unwrap();
    world.effective(KindName::Drain, serving);
    world.effective(KindName::Undrain, serving);
    world
}

fn warrant_life() -> World {
    let (mut world, id, machine) = issued();
    accepted(world.verb(machine, "use", id));
    let body = world.body(KindName::External, Digest::of_bytes(b"another plan"));
    let id = world.approved_of(OPAL, body);
    accepted(world.run(OPAL, id));
    accepted(world.verb(SAUL, "revoke", id));
    world
}

fn failed_life() -> World {
    let mut world = World::new();
    let artifact = world.publish("a", 64);
    let id = world.running(KindName::Deployment, artifact);
    let end = |word: &str, undo: bool| if word == "soak" && !undo { End::Refused("unhealthy") } else { End::Done };
    world.carry_out(id, end);
    world
}

fn quota_life() -> World {
    let mut world = quota_world();
    let body = exception(&world);
    let id = world.approved_of(OPAL, body);
    accepted(world.run(OPAL, id));
    world.advance(8 * HOUR_MS);
    accepted(world.report(Service::Engine, Report::Ended { grant: id }));
    world
}

/// An AI lease and an override, used, ended, and read back.
fn lease_life() -> World {
    let mut world = World::new();
    let lease = world.leased();
    let body = world.raise(lease, 2_000, HOUR_MS);
    let raised = world.granted(body);
    world.advance(HOUR_MS);
    let (from, until) = (world.now.plus_millis(-HOUR_MS), world.now);
    let journal = JournalHead { size: 4, root: Digest::of_bytes(b"a journal") };
    accepted(world.report(Service::Platform, Report::Used { lease, from, until, cycles: 1_500, journal }));
    let journal = JournalHead { size: 9, root: Digest::of_bytes(b"the journal, grown") };
    accepted(world.report(Service::Platform, Report::JournalGrown { journal }));
    accepted(world.report(Service::Platform, Report::Ended { grant: raised }));
    accepted(world.verb(SAUL, "revoke", lease));
    accepted(world.report(Service::Platform, Report::Ended { grant: lease }));
    world
}

/// Whole bundles: the second is the first with another lease, the third another altogether; then back.
fn bundle_life() -> World {
    let mut world = World::new();
    let first = world.whole_bundle("2026.02");
    world.deploy_bundle(first);
    let second = Bundle { lease: Some(world.leased()), ..first };
    world.deploy_bundle(second);
    let third = world.whole_bundle("2026.03");
    world.deploy_bundle(third);
    let (engine, node) = (world.engine, world.node);
    let id = world.approved_of(OPAL, Body::Rollback { engine, node, bundle: second });
    accepted(world.run(OPAL, id));
    world.carry_out(id, |_, _| End::Done);
    world
}

fn governed_life() -> World {
    let mut world = World::new();
    let mut next = world.state.roster.clone();
    next.people[FAYE].tenants = Some(vec![]);
    world.change_roster(OPAL, &next, &[]);
    world.change_setting(&Setting::Recalls { digests: vec![Digest::of_bytes(b"one")] });
    let body = world.body(KindName::External, Digest::ZERO);
    let id = world.approved_of(OPAL, body);
    accepted(world.run(OPAL, id));
    let (person, key) = (world.id(SAUL), world.people[SAUL].key_id);
    accepted(world.sign_and_submit(OMAR, Act::Suspend { person, key }));
    accepted(world.sign_and_submit(FAYE, Act::Suspend { person, key }));
    world
}

fn scheduled_life() -> World {
    let mut world = World::new();
    let artifact = world.publish("a", 64);
    let id = world.approved(KindName::Deployment, artifact);
    let (binding, at) = (world.binding(id), world.now.plus_millis(HOUR_MS));
    accepted(world.sign_and_submit(OPAL, Act::Run { binding, not_before: Some(at) }));
    world.advance(HOUR_MS);
    accepted(world.clock(ClockAct::Start { change: id }));
    let (service, due) = world.due(id).unwrap();
    accepted(world.intend(service, &due).1);
    world.advance(HOUR_MS);
    accepted(world.clock(ClockAct::Settle {}));
    world
}

fn aborted_life() -> World {
    let (mut world, id) = running();
    world.carry_until(id, "switch");
    accepted(world.verb(SAUL, "hold", id));
    accepted(world.verb(SAUL, "abort", id));
    accepted(world.verb(FAYE, "abort", id));
    world.carry_out(id, |_, _| End::Done);
    world
}

fn ended_lives() -> World {
    let mut world = World::new();
    let artifact = world.publish("a", 64);
    let [rejected, cancelled, expired] = [(); 3].map(|()| world.sealed(KindName::Deployment, artifact));
    let act = world.act("reject", rejected, FR);
    accepted(world.sign_and_submit(FAYE, act));
    accepted(world.verb(OPAL, "cancel", cancelled));
    accepted(world.approve(OMAR, expired, GO));
    accepted(world.verb(OMAR, "withdraw", expired));
    world.advance(73 * HOUR_MS);
    accepted(world.clock(ClockAct::Settle {}));
    world
}

fn reconciled_life() -> World {
    let (mut world, change) = indeterminate();
    world.observe_all(change);
    for who in [OPAL, FAYE] {
        accepted(world.sign_and_submit(who, Act::Reconcile { change, revision: 1, outcome: Reconciled::AsBase }));
    }
    world
}

fn reviewed_life() -> World {
    let (mut world, id) = unchecked();
    accepted(world.observe(id, Service::Platform));
    accepted(world.verb(FAYE, "review", id));
    world
}

/// What leaves no leaf.
fn undecided(vectors: &mut Vectors) {
    let mut world = ended_lives();
    let now = world.now.plus_millis(1_000);
    let change = *world.state.closed.keys().next().unwrap();
    let ended = world.said(SAUL, Act::Hold { change, revision: 1 });
    let unknown = world.said(SAUL, Act::Hold { change: ChangeId([1; 16]), revision: 1 });
    let mut elsewhere = world.statement(SAUL, Act::Hold { change, revision: 1 });
    elsewhere.ledger = Digest::ZERO;
    let elsewhere = world.sign(SAUL, elsewhere);
    let blobless = world.said(OPAL, Act::Open { change: ChangeId([1; 16]), package: Digest::ZERO });
    let settled = Command::Clock { act: ClockAct::Settle {} };
    let again = world.said(OPAL, Act::RegisterTenant { tenant: TenantId([9; 16]) });
    accepted(world.submit(again.clone()));
    let cases = [
        ("about what has ended", ended),
        ("about what is not known", unknown),
        ("of another ledger", elsewhere),
        ("of a package that is not there", blobless),
        ("nothing to settle", settled),
        ("recorded already", again),
    ];
    for (name, command) in cases {
        vectors.case(name, &world, now.plus_millis(1_000), command);
    }
    assert!(vectors.cases.iter().rev().take(6).all(|case| case.no_leaf.is_some()));
}

fn made() -> Vectors {
    let mut vectors = Vectors::default();
    for world in &lives() {
        vectors.ledger(world);
    }
    undecided(&mut vectors);
    let mut had = BTreeSet::new();
    // Its ledger is long and of a table of its own.
    let long = |code: &str| code == "review.overdue";
    for (name, code, guard, _, scene) in scenes().into_iter().filter(|(_, code, ..)| !long(code)) {
        let scene = scene();
        // One of each code by each guard: a ledger of its own is a hundred lines.
        if scene.natural && had.insert((code, guard)) {
            let now = scene.world.now.plus_millis(1_000);
            vectors.case(&format!("{name}: {code}"), &scene.world, now, scene.command);
        }
    }
    vectors
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/vectors").join(name)
}

#[test]
fn the_vectors_are_what_the_core_decides() {
    let mut bytes = 0;
    for (name, text) in made().files() {
        if std::env::var_os("UPDATE").is_some() {
            let fresh = path(name).with_extension("fresh");
            fs::write(&fresh, &text).unwrap();
            fs::rename(fresh, path(name)).unwrap();
        }
        bytes += text.len();
        let known = fs::read_to_string(path(name)).unwrap_or_default();
        assert!(known == text, "{name} differs; if that is meant, run again with UPDATE=1 and review the difference");
    }
    assert!(bytes < 1_600_000, "{bytes} bytes");
}

fn read<T: DeserializeOwned>(name: &str) -> Vec<T> {
    let text = fs::read_to_string(path(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// As a stranger would: with nothing but the files.
#[test]
fn the_published_vectors_are_decided_as_they_say() {
    let blobs: BTreeMap<Digest, Vec<u8>> =
        read::<Blob>("blobs.jsonl").into_iter().map(|blob| (blob.digest, canon::to_vec(&blob.json).unwrap())).collect();
    let mut states: Vec<State> = vec![];
    let mut kinds = BTreeSet::new();
    for link in read::<Link>("leaves.jsonl") {
        let mut state = link.after.map_or_else(State::empty, |after| states[after].clone());
        let leaf = &link.leaf;
        let (decided, _) = answer(&state, &blobs, leaf.now, &leaf.command);
        let wanted = Answer { verdict: leaf.verdict.clone(), effects: leaf.effects.clone(), tags: leaf.tags.clone() };
        assert_eq!(decided, Some(wanted), "{:?}", leaf.command);
        let index = state.size;
        apply(&mut state, &blobs, index, leaf);
        let effective =
            leaf.effects.iter().filter_map(Effect::event).any(|event| *event == control::ChangeEvent::Effective {});
        let kind = leaf.command.change().and_then(|id| state.kind_of(&id));
        kinds.extend(kind.filter(|_| effective).map(KindName::word));
        states.push(state);
    }
    assert_eq!(kinds.len(), KindName::ALL.len(), "each kind takes effect: {kinds:?}");
    for case in read::<Case>("cases.jsonl") {
        let decided = answer(&states[case.after], &blobs, case.now, &case.command);
        assert_eq!(decided, (case.answer, case.no_leaf), "{}", case.name);
    }
}
