//! The brake: handed over HTTP, obeyed from the own verified state, kept, passed on and lifted.

use crate::bench::{Fake, Gate, Outside, artifact, running};
use axum::http::Method;
use client::{BrakeClient, ClientError, GovernanceClient, Http};
use control::Command;
use follower::{Follower, ServiceTasks, brake_limits, brake_routes};
use model::{ChangeId, Digest, Scope, Service, Status};
use service_shell::{Check, Shell, ShellOptions};
use signed::Act;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use testkit::{Double, Failure, Lie, World};
use tokio::sync::oneshot;
use wire::{BrakeRequest, BrakesView, Submission};

/// A node's service: replica, duties and the routes of the brake.
struct Node {
    follower: Follower,
    duties: ServiceTasks,
    brake: BrakeClient,
    http: Http,
    served: tokio::task::JoinHandle<()>,
    _stop: oneshot::Sender<()>,
}

impl Node {
    async fn start(dir: &Path, double: &Double, outside: &Arc<Outside>) -> Self {
        Self::start_with(dir, double, outside, double.client()).await
    }

    /// With this Governance, which need not answer.
    async fn start_with(dir: &Path, double: &Double, outside: &Arc<Outside>, governance: GovernanceClient) -> Self {
        let follower = Follower::start(dir, double.trust(), governance.clone()).await.unwrap();
        let key = World::service_key(Service::Node);
        let duties = ServiceTasks::start(dir, &follower, governance, key, Fake(Arc::clone(outside))).unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let listen = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let followed = follower.clone();
        let checks = move || {
            let check = |check: follower::ReadyCheck| Check::new(check.name, check.ok, check.why, check.since);
            followed.readiness().into_iter().map(check).collect()
        };
        let shell = Shell::new(ShellOptions::new("node", "0", listen));
        let shell = shell.limits(follower::BRAKE, brake_limits()).ready(checks);
        let router = shell.router(brake_routes(&follower));
        let served = tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            service_shell::serve(listener, router, stopped).await.unwrap();
        });
        let http = Http::new(format!("http://{listen}"));
        Self { follower, duties, brake: BrakeClient::new(http.clone()), http, served, _stop: stop }
    }

    async fn hand(&self, statements: Vec<Submission>) -> Result<wire::BrakeView, ClientError> {
        self.brake.hand(&BrakeRequest { statements }).await
    }

    /// Why it is refused: the stable code.
    async fn refused(&self, statements: Vec<Submission>) -> String {
        self.hand(statements).await.unwrap_err().code().unwrap().to_owned()
    }

    async fn brakes_until(&self, holds: impl Fn(&BrakesView) -> bool) -> BrakesView {
        let wait = async {
            loop {
                let view = self.brake.standing().await.unwrap();
                if holds(&view) {
                    return view;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), wait).await.unwrap()
    }

    async fn said(&self) -> String {
        let checks = self.http.ready().await.unwrap().checks;
        checks.into_iter().find(|check| check.name == "brake").and_then(|check| check.why).unwrap_or_default()
    }

    async fn sees(&self, holds: impl Fn(&control::State) -> bool) {
        let mut changed = self.follower.changed();
        let wait = async {
            while !holds(&self.follower.state()) {
                changed.changed().await.unwrap();
            }
        };
        tokio::time::timeout(Duration::from_secs(30), wait).await.unwrap();
    }

    async fn stop(self) {
        self.duties.stop().await;
        self.served.abort();
        let _ = self.served.await;
    }
}

fn nobody() -> GovernanceClient {
    // A port of the reserved range that nothing listens on.
    GovernanceClient::new(Http::new("http://127.0.0.1:1"))
}

fn submission(command: Command) -> Submission {
    Submission { command, openings: vec![], package: None, document: None }
}

fn hold(double: &Double, change: ChangeId) -> Submission {
    submission(double.statement(World::AUDITOR, Act::Hold { change, revision: 1 }))
}

/// A hold that is good for so long.
fn hold_for(double: &Double, change: ChangeId, ms: i64) -> Submission {
    let mut draft = double.draft_statement(World::AUDITOR, Act::Hold { change, revision: 1 });
    draft.not_after = follower::system_clock()().plus_millis(ms);
    submission(Double::sign(draft, World::person_key(&World::AUDITOR)))
}

/// A node that has verified everything and whose Governance is dead from then on.
async fn cut_off(dir: &Path, double: &Double, outside: &Arc<Outside>) -> Node {
    let follower = Follower::start(dir, double.trust(), double.client()).await.unwrap();
    follower.sync().await.unwrap();
    drop(follower);
    Node::start_with(dir, double, outside, nobody()).await
}

#[tokio::test]
async fn a_step_that_waits_for_governance_is_not_begun_once_it_is_braked() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    // As a Governance that is down: every intent is answered 503 until the brake is there.
    double.fail(std::iter::repeat_n(Failure::Unavailable, 10_000));
    let node = Node::start(dir.path(), &double, &outside).await;
    node.sees(|state| state.changes.contains_key(&change)).await;
    let intent = |command: &Command| matches!(command, Command::Receipt { .. });
    double.submitted_until(|all| all.iter().any(intent)).await;
    let taken = node.hand(vec![hold(&double, change)]).await.unwrap();
    assert_eq!((taken.verb.as_str(), taken.change), ("hold", Some(change)));
    assert!(node.said().await.contains(&format!("brake on: hold of change {change}")), "{}", node.said().await);
    // It comes back: the hold is recorded by that person, the step is not begun.
    double.fail([]);
    double.until(|state| state.changes[&change].holds.contains_key(&World::AUDITOR)).await;
    node.brakes_until(|view| view.brakes.is_empty()).await;
    assert_eq!((*outside.begun.borrow(), node.said().await), (0, String::new()));
    assert!(double.state().changes[&change].steps[1].intent.is_none());
    double.sign_and_submit(World::AUDITOR, Act::Release { change, revision: 1, of: World::AUDITOR });
    double.until(|state| state.changes[&change].steps[1].done.is_some()).await;
    node.stop().await;
}

#[tokio::test]
async fn a_suspension_stops_what_rests_on_the_key_before_the_ledger_has_it_and_after() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    let approval = double.state().changes[&change].approvals.values().next().unwrap().clone();
    let (person, key) = (approval.person, approval.key);
    let suspend = double.statement(person, Act::Suspend { person, key });
    double.fail(std::iter::repeat_n(Failure::Unavailable, 10_000));
    let node = Node::start(dir.path(), &double, &outside).await;
    node.sees(|state| state.changes.contains_key(&change)).await;
    node.hand(vec![submission(suspend)]).await.unwrap();
    let (braked, state) = (node.follower.braked(), node.follower.state());
    assert!(braked.changes[&change].is_stopped() && !state.changes[&change].is_stopped());
    // The ledger has it: the brake lets go, and the change stands held in the verified state.
    double.fail([]);
    node.brakes_until(|view| view.brakes.is_empty()).await;
    let state = node.follower.state();
    assert!(!state.since.key_is_active(&key) && state.changes[&change].holds.contains_key(&person));
    let draft = double.draft(artifact());
    double.until(|state| state.changes[&draft].observed.contains_key(&Service::Node)).await;
    assert!(double.state().changes[&change].steps[1].intent.is_none());
    assert_eq!((*outside.begun.borrow(), node.said().await), (0, String::new()));
    double.sign_and_submit(World::AUDITOR, Act::Release { change, revision: 1, of: person });
    double.until(|state| state.changes[&change].steps[1].done.is_some()).await;
    node.stop().await;
}

#[tokio::test]
async fn what_was_accepted_goes_on() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    outside.gate.send_replace(Gate::BeforeEffect);
    let node = Node::start(dir.path(), &double, &outside).await;
    outside.acts(1).await;
    node.hand(vec![hold(&double, change)]).await.unwrap();
    outside.gate.send_replace(Gate::Open);
    double.until(|state| state.changes[&change].steps[1].done.is_some()).await;
    assert_eq!(outside.at_most_once(), 1);
    node.stop().await;
}

#[tokio::test]
async fn an_intent_that_governance_takes_only_after_the_brake_is_not_begun() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    // It records the intent and shows it only later.
    double.lie(Lie::Leaves(double.leaves()));
    let node = Node::start(dir.path(), &double, &outside).await;
    double.until(|state| state.changes[&change].steps[1].intent.is_some()).await;
    double.fail(std::iter::repeat_n(Failure::Refused, 10_000));
    node.hand(vec![hold(&double, change)]).await.unwrap();
    double.lie(Lie::None);
    node.sees(|state| state.changes[&change].steps[1].intent.is_some()).await;
    let before = statements(&double.submitted());
    double.submitted_until(|all| statements(all) >= before + 3).await;
    assert_eq!(*outside.begun.borrow(), 0);
    // Nor once the ledger has the hold, which came after the intent there; it was to begin within a minute.
    double.fail([]);
    node.sees(|state| state.changes[&change].is_stopped()).await;
    let draft = double.draft(artifact());
    double.until(|state| state.changes[&draft].observed.contains_key(&Service::Node)).await;
    assert_eq!((*outside.begun.borrow(), node.brake.standing().await.unwrap().brakes.len()), (0, 1));
    double.sign_and_submit(World::AUDITOR, Act::Release { change, revision: 1, of: World::AUDITOR });
    double.until(|state| state.changes[&change].steps[1].done.is_some()).await;
    node.brakes_until(|view| view.brakes.is_empty()).await;
    node.stop().await;
}

/// Two other people's words that a key be suspended which has approved the change.
fn two_words(double: &Double, change: ChangeId) -> (Command, Command) {
    let approval = double.state().changes[&change].approvals.values().next().unwrap().clone();
    let (person, key) = (approval.person, approval.key);
    let people = double.state().roster.people.iter().map(|listed| listed.id).collect::<Vec<_>>();
    let mut others = people.into_iter().filter(|other| *other != person);
    let mut word = || double.statement(others.next().unwrap(), Act::Suspend { person, key });
    (word(), word())
}

#[tokio::test]
async fn of_two_words_the_ledger_may_have_had_the_first_before_and_the_second_ends_the_brake() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    let (first, second) = two_words(&double, change);
    let index = double.accept(first.clone());
    double.fail(std::iter::repeat_n(Failure::Unavailable, 10_000));
    let node = Node::start(dir.path(), &double, &outside).await;
    node.sees(|state| state.size > index).await;
    node.hand(vec![submission(first), submission(second)]).await.unwrap();
    assert!(node.follower.braked().changes[&change].is_stopped());
    double.fail([]);
    node.brakes_until(|view| view.brakes.is_empty()).await;
    assert!(node.follower.state().changes[&change].is_stopped());
    assert_eq!((*outside.begun.borrow(), node.said().await), (0, String::new()));
    node.stop().await;
}

fn statements(all: &[Command]) -> usize {
    all.iter().filter(|command| matches!(command, Command::Signed { .. })).count()
}

#[tokio::test]
async fn it_stands_after_the_service_was_killed() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    let node = cut_off(dir.path(), &double, &outside).await;
    let given = hold(&double, change);
    let taken = node.hand(vec![given.clone()]).await.unwrap();
    assert_eq!(node.hand(vec![given]).await.unwrap(), taken, "the same again is answered as the first time");
    node.stop().await;
    let node = cut_off(dir.path(), &double, &outside).await;
    assert_eq!(node.brake.standing().await.unwrap().brakes, [taken]);
    assert!(
        node.follower.braked().changes[&change].is_stopped() && !node.follower.state().changes[&change].is_stopped()
    );
    node.stop().await;
    // Governance is back: it is passed on by the service that came up with it.
    let node = Node::start(dir.path(), &double, &outside).await;
    double.until(|state| state.changes[&change].holds.contains_key(&World::AUDITOR)).await;
    node.brakes_until(|view| view.brakes.is_empty()).await;
    assert_eq!(*outside.begun.borrow(), 0);
    node.stop().await;
}

#[tokio::test]
async fn it_lifts_at_its_not_after_if_the_ledger_has_it_not_and_says_so() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    let node = cut_off(dir.path(), &double, &outside).await;
    node.hand(vec![hold_for(&double, change, 1_500)]).await.unwrap();
    assert!(node.follower.braked().changes[&change].is_stopped());
    let view = node.brakes_until(|view| view.brakes[0].lifted.is_some()).await;
    assert!(!node.follower.braked().changes[&change].is_stopped());
    assert!(view.brakes[0].lifted.as_ref().unwrap().why.contains("did not have it by"), "{view:?}");
    let said = node.follower.readiness();
    let brake = said.iter().find(|check| check.name == "brake").unwrap();
    assert!(brake.ok && brake.why.contains(&format!("brake lifted: hold of change {change}")), "{brake:?}");
    node.stop().await;
    // It is said after a restart too, and no text of it is kept.
    let node = cut_off(dir.path(), &double, &outside).await;
    assert_eq!(node.brake.standing().await.unwrap(), view);
    node.stop().await;
}

#[tokio::test]
async fn it_lifts_when_the_ledger_refuses_it_in_a_verified_leaf() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    let node = cut_off(dir.path(), &double, &outside).await;
    let given = hold(&double, change);
    node.hand(vec![given.clone()]).await.unwrap();
    node.stop().await;
    // The same person holds it otherwise first, so that the ledger refuses the one that was handed.
    double.sign_and_submit(World::AUDITOR, Act::Hold { change, revision: 1 });
    let (index, leaf) = double.record(given.command).unwrap();
    assert!(matches!(leaf.verdict, control::Verdict::Refused(_)));
    double.sign_and_submit(World::AUDITOR, Act::Release { change, revision: 1, of: World::AUDITOR });
    let node = Node::start(dir.path(), &double, &outside).await;
    let view = node.brakes_until(|view| view.brakes.iter().any(|brake| brake.lifted.is_some())).await;
    let why = &view.brakes[0].lifted.as_ref().unwrap().why;
    assert_eq!(*why, format!("the ledger refused it in entry {index} (change.held)"));
    double.until(|state| state.changes[&change].steps[1].done.is_some()).await;
    node.stop().await;
}

#[tokio::test]
async fn an_answer_that_pretends_lifts_nothing() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    let node = cut_off(dir.path(), &double, &outside).await;
    node.hand(vec![hold(&double, change)]).await.unwrap();
    node.stop().await;
    double.fail([Failure::Pretended, Failure::Refused, Failure::Pretended]);
    let node = Node::start(dir.path(), &double, &outside).await;
    double.submitted_until(|all| statements(all) >= 3).await;
    assert!(node.follower.braked().changes[&change].is_stopped());
    assert_eq!(*outside.begun.borrow(), 0);
    double.until(|state| state.changes[&change].holds.contains_key(&World::AUDITOR)).await;
    node.stop().await;
}

#[tokio::test]
async fn what_is_no_brake_is_refused_by_name_and_changes_nothing() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    let node = cut_off(dir.path(), &double, &outside).await;
    let say = |act| submission(double.statement(World::AUDITOR, act));
    let about = |change| say(Act::Hold { change, revision: 1 });
    let release = say(Act::Release { change, revision: 1, of: World::AUDITOR });
    let mut stranger = double.draft_statement(World::AUDITOR, Act::Hold { change, revision: 1 });
    let mut elsewhere = stranger.clone();
    elsewhere.ledger = Digest([7; 32]);
    let mut fork = stranger.clone();
    fork.seen.root = Digest([9; 32]);
    stranger.not_after = stranger.not_after.plus_millis(1);
    let key = || World::person_key(&World::AUDITOR);
    let mut changed = hold(&double, change);
    if let Command::Signed { statement, .. } = &mut changed.command {
        statement.act = Act::Hold { change, revision: 2 };
    }
    let mut opened = hold(&double, change);
    opened.openings.push(client::random_opening([("text", "not signed for")]));
    let receipt = submission(double.receipt(Service::Node, signed::Report::Ended { grant: change }));
    let cases = [
        (vec![], "brake.malformed"),
        (vec![hold(&double, change); 3], "brake.malformed"),
        (vec![receipt], "brake.malformed"),
        (vec![opened], "brake.malformed"),
        (vec![release], "brake.gives"),
        (vec![say(Act::Abort { change, revision: 1 })], "brake.gives"),
        (vec![about(ChangeId([0xee; 16]))], "object.unknown"),
        (vec![submission(Double::sign(stranger, Double::stranger_key()))], "principal.unknown"),
        (vec![submission(Double::sign(elsewhere, key()))], "statement.other_ledger"),
        (vec![submission(Double::sign(fork, key()))], "statement.fork"),
        (vec![changed], "statement.unsigned"),
        (vec![hold_for(&double, change, -1)], "statement.expired"),
        (vec![hold_for(&double, change, 25 * 3_600_000)], "statement.not_after_too_far"),
        (vec![say(Act::Hold { change, revision: 2 })], "change.revision_stale"),
    ];
    let before = node.follower.state();
    for (statements, code) in cases {
        assert_eq!(node.refused(statements).await, code);
        assert_eq!(node.brake.standing().await.unwrap().brakes, []);
        assert!(Arc::ptr_eq(&node.follower.braked(), &before), "{code}");
    }
    assert_eq!(std::fs::read_dir(dir.path().join("brakes")).unwrap().count(), 0);
    for body in ["", "{", "[]", r#"{"statements":null}"#, r#"{"statements":[{}]}"#, r#"{"statements":[],"more":1}"#] {
        let sent = node.http.send(Method::POST, "/v1/brake", "application/json", body.to_owned().into()).await;
        assert!(sent.is_err(), "{body}");
    }
    let large = format!(r#"{{"statements":[{:?}]}}"#, "x".repeat(2 << 20));
    let sent = node.http.send(Method::POST, "/v1/brake", "application/json", large.into()).await;
    assert_eq!(sent.unwrap_err().code(), Some("body.too_large"));
    node.stop().await;
}

#[tokio::test]
async fn a_signer_who_had_seen_more_is_obeyed_until_the_trees_are_compared() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    let node = cut_off(dir.path(), &double, &outside).await;
    // Recorded when this service was cut off already.
    double.draft(artifact());
    let mut lie = double.draft_statement(World::FINANCE, Act::Hold { change, revision: 1 });
    lie.seen.root = Digest([9; 32]);
    let lie = submission(Double::sign(lie, World::person_key(&World::FINANCE)));
    node.hand(vec![hold(&double, change)]).await.unwrap();
    node.hand(vec![lie]).await.unwrap();
    node.stop().await;
    let node = Node::start(dir.path(), &double, &outside).await;
    double.until(|state| state.changes[&change].holds.contains_key(&World::AUDITOR)).await;
    let lifted = |view: &BrakesView| view.brakes.len() == 1 && view.brakes[0].lifted.is_some();
    let view = node.brakes_until(lifted).await;
    assert!(view.brakes[0].lifted.as_ref().unwrap().why.contains("another history"), "{view:?}");
    assert!(!double.state().changes[&change].holds.contains_key(&World::FINANCE));
    node.stop().await;
}

#[tokio::test]
async fn a_damaged_file_is_named_and_the_service_starts() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    let node = cut_off(dir.path(), &double, &outside).await;
    node.hand(vec![hold(&double, change)]).await.unwrap();
    node.stop().await;
    let file = std::fs::read_dir(dir.path().join("brakes")).unwrap().next().unwrap().unwrap().path();
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let node = cut_off(dir.path(), &double, &outside).await;
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let said = node.follower.readiness();
    assert!(said.iter().any(|check| check.name == "brake" && check.why.contains(&name)), "{said:?}");
    assert!(said.iter().any(|check| check.name == "files" && !check.ok && check.why.contains(&name)), "{said:?}");
    assert_eq!(double.state().changes[&change].status, Status::Executing);
    node.stop().await;
}

/// A ledger of so many leaves that a state is stored.
async fn grown(dir: &Path, double: &Double) {
    for _ in 0..300 {
        double.login(World::AUTHOR, Scope::Read);
    }
    let follower = Follower::start(dir, double.trust(), double.client()).await.unwrap();
    follower.sync().await.unwrap();
    assert!(dir.join("replica").join("state.snapshot").exists(), "no brake stands");
}

#[tokio::test]
async fn a_start_goes_on_from_the_stored_state_while_no_brake_stands() {
    let (dir, double, _) = running().await;
    grown(dir.path(), &double).await;
    // What only a replay from leaf 0 needs.
    std::fs::remove_dir_all(dir.path().join("replica").join("blobs")).unwrap();
    let follower = Follower::start(dir.path(), double.trust(), nobody()).await.unwrap();
    assert_eq!(*follower.state(), double.state());
}

#[tokio::test]
async fn a_brake_that_the_ledger_had_before_the_stored_state_ends_with_the_start() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    let node = cut_off(dir.path(), &double, &outside).await;
    let held = hold(&double, change);
    node.hand(vec![held.clone()]).await.unwrap();
    node.stop().await;
    let (brakes, away) = (dir.path().join("brakes"), dir.path().join("away"));
    std::fs::rename(&brakes, &away).unwrap();
    double.accept(held.command);
    grown(dir.path(), &double).await;
    std::fs::remove_dir_all(&brakes).unwrap();
    std::fs::rename(&away, &brakes).unwrap();
    let node = Node::start_with(dir.path(), &double, &outside, nobody()).await;
    node.brakes_until(|view| view.brakes.is_empty()).await;
    assert_eq!(node.said().await, "", "it is not told of as one that was lifted");
    node.stop().await;
}

#[tokio::test]
async fn an_intent_between_two_words_is_not_begun_once_the_second_is_there() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    let (first, second) = two_words(&double, change);
    double.accept(first.clone());
    double.lie(Lie::Leaves(double.leaves()));
    let node = Node::start(dir.path(), &double, &outside).await;
    double.until(|state| state.changes[&change].steps[1].intent.is_some()).await;
    double.fail(std::iter::repeat_n(Failure::Refused, 10_000));
    node.hand(vec![submission(first), submission(second)]).await.unwrap();
    double.lie(Lie::None);
    node.sees(|state| state.changes[&change].steps[1].intent.is_some()).await;
    let before = statements(&double.submitted());
    double.submitted_until(|all| statements(all) >= before + 4).await;
    assert_eq!(*outside.begun.borrow(), 0, "while the brake stands");
    double.fail([]);
    node.sees(|state| state.changes[&change].is_stopped()).await;
    // It has folded all of it, and had its chance.
    let draft = double.draft(artifact());
    double.until(|state| state.changes[&draft].observed.contains_key(&Service::Node)).await;
    assert_eq!(*outside.begun.borrow(), 0, "a step began although it was braked and is held");
    node.stop().await;
}
