//! What a change's page says where it does not go on: its cause, the ways out, and what must be typed first.

use crate::fixture::{Console, Got};
use control::{Body, Item, Kind, KindTable, Package, PastWords, Presence, Setting, Slot, VERBS};
use desk::{Waiting, waits_for};
use model::{Bundle, ChangeId, Digest, KindName, PersonId, Role, Service, SettingName, Status, canon};
use signed::{Act, Outcome, Part, Reconciled, Report, StepRef};
use std::net::Ipv4Addr;
use testkit::{Double, World};
use view::{ChangeView, Names, PastView, Way};

const FIRST: Digest = Digest([1; 32]);
const SECOND: Digest = Digest([2; 32]);

struct Desk {
    double: Double,
    console: Console,
    cookie: String,
}

impl Desk {
    /// An operator; the first release serves, the second is published.
    async fn open() -> Self {
        let double = Double::serve(World::new(), (Ipv4Addr::LOCALHOST, 0).into()).await;
        double.register(FIRST, 64);
        let first = double.running(FIRST);
        double.advance_to(first, Service::Governance);
        double.publish(SECOND, "2026.03.2", 64);
        let console = Console::demo(&double).await;
        let cookie = console.seated(World::OPERATOR).await;
        Self { double, console, cookie }
    }

    /// The page of a change, once it says this.
    async fn page(&self, change: ChangeId, says: &str) -> Got {
        let path = format!("/changes/{change}");
        self.console.says(&path, &self.cookie, says).await;
        self.console.get(&path, Some(&self.cookie)).await
    }

    /// The ways out that the page of a change offers, once it says this: verb, and whether anybody may.
    async fn ways(&self, change: ChangeId, says: &str) -> Vec<(String, bool)> {
        let page = self.page(change, says).await;
        let ways = page.body.split("data-way=\"").skip(1);
        let way = |rest: &str| {
            let (verb, rest) = rest.split_once('"').unwrap();
            (verb.to_owned(), rest.starts_with(" data-open=\"true\""))
        };
        ways.map(way).collect()
    }

    fn hold(&self, person: PersonId, change: ChangeId) {
        self.double.sign_and_submit(person, Act::Hold { change, revision: 1 });
    }

    /// The step that is due ends so in the name of its executor.
    fn end(&self, change: ChangeId, outcome: Outcome, code: &str) {
        let step = self.begin(change);
        self.ended(step, outcome, code);
    }

    /// The executor of the step that is due says that it begins it.
    fn begin(&self, change: ChangeId) -> StepRef {
        let state = self.double.state();
        let step = state.changes[&change].step_due().unwrap();
        let executor = state.changes[&change].plan.as_ref().unwrap().steps[step.step as usize].executor();
        let (key, nonce, act_by) = (signed::step_key(&step), model::Nonce([7; 16]), state.last.plus_millis(60_000));
        self.double.accept(self.double.receipt(executor, Report::Intent { step, key, nonce, act_by }));
        step
    }

    fn ended(&self, step: StepRef, outcome: Outcome, code: &str) {
        let state = self.double.state();
        let plan = state.changes[&step.change].plan.as_ref().unwrap();
        let (executor, nonce) = (plan.steps[step.step as usize].executor(), model::Nonce([7; 16]));
        let code = Some(code.parse().unwrap());
        let report = Report::Outcome { step, nonce, outcome, code, observed: None, credential: None };
        self.double.accept(self.double.receipt(executor, report));
    }
}

fn all(verbs: &[&str]) -> Vec<(String, bool)> {
    verbs.iter().map(|verb| ((*verb).to_owned(), true)).collect()
}

#[tokio::test]
async fn each_status_offers_the_ways_out_that_are_possible_and_says_who_may() {
    let desk = Desk::open().await;
    let double = &desk.double;
    let change = double.draft(SECOND);
    assert_eq!(desk.ways(change, "data-status=\"draft\"").await, []);
    double.observe(change);
    let binding = double.approve(change);
    assert_eq!(desk.ways(change, "data-status=\"approved\"").await, []);
    desk.hold(World::AUDITOR, change);
    assert_eq!(desk.ways(change, "id=\"ways-out\"").await[..2], all(&["release", "cancel"]));
    double.sign_and_submit(World::AUDITOR, Act::Release { change, revision: 1, of: World::AUDITOR });
    double.sign_and_submit(World::AUTHOR, Act::Run { binding, not_before: None });
    assert_eq!(desk.ways(change, "data-status=\"executing\"").await, []);

    // Held while it is carried out.
    double.advance_to(change, Service::Engine);
    desk.hold(World::AUDITOR, change);
    assert_eq!(desk.ways(change, "id=\"ways-out\"").await, all(&["release", "abort"]));
    let page = desk.page(change, "id=\"ways-out\"").await.between("id=\"ways-out\"", "</div>");
    assert!(
        page.contains("held by person") && page.contains("Can be done by") && page.contains("reverse order"),
        "{page}"
    );
    double.sign_and_submit(World::OPERATOR, Act::Abort { change, revision: 1 });
    desk.page(change, "has asked already: one more person").await;
    double.sign_and_submit(World::AUDITOR, Act::Abort { change, revision: 1 });
    desk.page(change, "data-status=\"failed\"").await;
    assert_eq!(desk.ways(change, "data-status=\"failed\"").await, [], "what has ended has no way out");
}

#[tokio::test]
async fn a_change_of_which_nobody_knows_how_it_ended_is_observed_again_and_reconciled() {
    let desk = Desk::open().await;
    let double = &desk.double;
    let change = double.running(SECOND);
    double.advance_to(change, Service::Engine);
    desk.end(change, Outcome::Unknown, "route.unread");
    let ways = desk.ways(change, "id=\"ways-out\"").await;
    assert_eq!(ways[0], ("observe".to_owned(), true), "{ways:?}");
    let page = desk.page(change, "id=\"ways-out\"").await;
    let row = page.between("data-state=\"unknown\"", "</tr>");
    assert!(row.contains("outcome not known") && row.contains("route.unread"), "{row}");
    assert!(page.body.contains("data-state=\"not-begun\"") && !page.body.contains("data-state=\"waiting\""));
    double.sign_and_submit(World::OPERATOR, Act::Observe { change, revision: 1 });
    double.observe(change);
    desk.page(change, "Reconcile").await;
    double.sign_and_submit(World::OPERATOR, Act::Reconcile { change, revision: 1, outcome: Reconciled::AsBase });
    let page = desk.page(change, "data-way=\"reconcile\" data-open=\"true\"").await;
    let way = page.between("data-way=\"reconcile\"", "</li>");
    assert!(way.contains("Can be done by"), "{way}");
    // Who has said so already is named, as of two people's word to take it back.
    let says = format!("As before, say so far: {}.", Names::default().person(&World::OPERATOR));
    desk.page(change, &says).await;
    let state = double.state();
    let view = ChangeView::of(&state, &Names::default(), &state.changes[&change], state.last);
    let asked: Vec<_> = view.asked.iter().map(|asked| (asked.verb.as_str(), asked.outcome)).collect();
    assert_eq!(asked, [("reconcile", Some(Reconciled::AsBase))]);
    // A word to take it back says nothing where that cannot be said any more.
    let mut change = state.changes[&change].clone();
    change.abort_asked = change.reconcile_asked.values().next().map(|(_, asked)| asked.clone());
    let view = ChangeView::of(&state, &Names::default(), &change, state.last);
    assert!(view.asked.iter().all(|asked| asked.verb == "reconcile"), "{:?}", view.asked);
}

#[tokio::test]
async fn only_what_the_table_of_verbs_allows_where_a_change_stands_is_offered() {
    let desk = Desk::open().await;
    let double = &desk.double;
    let change = double.running(SECOND);
    double.advance_to(change, Service::Engine);
    let step = desk.begin(change);
    desk.hold(World::AUDITOR, change);
    let held = desk.page(change, "id=\"holds\"").await;
    assert!(held.between("id=\"cli\"", "</details>").contains(&format!("change release {change} --of")));
    assert!(held.between("id=\"holds\"", "</p>").contains("It goes on once each of them has been released"));
    desk.ended(step, Outcome::Unknown, "route.unread");
    let page = desk.page(change, "data-status=\"indeterminate\"").await;
    let commands = page.between("id=\"cli\"", "</details>");
    assert!(commands.contains("change reconcile") && !commands.contains("change release"), "{commands}");
    assert!(!page.between("id=\"holds\"", "</p>").contains("It goes on"), "{}", page.body);

    let state = double.state();
    let mut change = state.changes[&change].clone();
    for status in Status::ALL {
        change.status = *status;
        for way in Way::all(&state, &change, state.last) {
            let row = VERBS.iter().find(|row| row.name == way.verb);
            assert!(row.is_none_or(|row| row.statuses.contains(status)), "{} of {status}", way.verb);
        }
    }
}

#[tokio::test]
async fn what_is_taken_back_waits_for_its_executor_and_for_no_release() {
    let desk = Desk::open().await;
    let change = desk.double.running(SECOND);
    desk.double.advance_to(change, Service::Engine);
    desk.hold(World::AUDITOR, change);
    let mut state = desk.double.state();
    assert_eq!(waits_for(&state, &change), Waiting::Release);
    let mut unwinding = state.changes[&change].clone();
    unwinding.unwinding = true;
    for step in unwinding.steps.iter_mut().zip(&unwinding.plan.as_ref().unwrap().steps) {
        step.0.done = step.1.undo.as_ref().map(|_| 1);
    }
    state.changes.insert(change, unwinding);
    assert!(matches!(waits_for(&state, &change), Waiting::Services(_)), "{:?}", waits_for(&state, &change));
}

#[tokio::test]
async fn a_held_draft_can_only_be_cancelled_until_it_is_sealed() {
    let desk = Desk::open().await;
    let change = desk.double.draft(SECOND);
    desk.double.observe(change);
    desk.double.approve(change);
    desk.hold(World::AUDITOR, change);
    desk.double.revise(change, FIRST);
    assert_eq!(desk.ways(change, "It is held: once it is sealed").await, all(&["cancel"]));
}

#[tokio::test]
async fn what_replaces_a_document_that_is_not_in_force_any_more_is_asked_for_again_from_the_one_that_is() {
    let desk = Desk::open().await;
    let double = &desk.double;
    double.sign_and_submit(World::AUTHOR, Act::Recall { digest: FIRST });
    let setting = Setting::Recalls { digests: vec![] };
    double.keep("settings", canon::to_vec(&setting).unwrap());
    let (name, next) = (SettingName::Recalls, setting.digest().unwrap());
    let (change, base) = (ChangeId([8; 16]), double.state().settings[&name]);
    double.open(World::AUTHOR, change, Body::Settings { name, base, next }, None);
    let binding = double.binding(change);
    double.sign_and_submit(World::AUTHOR, Act::Seal { binding });
    desk.page(change, "data-status=\"awaiting-approval\"").await;
    double.sign_and_submit(World::AUTHOR, Act::Recall { digest: SECOND });
    let page = desk.page(change, "data-code=\"base.drifted\"").await;
    assert!(!page.body.contains("act-redraw"), "its copy names the same base, and would be refused for ever");
    let said = page.between("id=\"ask-again\"", "</p>");
    let href = format!("/changes/new?kind=settings-change&#38;name=recalls&#38;supersedes={change}");
    assert!(said.contains(&format!("href=\"{href}\"")) && said.contains("from the one in force"), "{said}");
    let form = desk.console.get(&href.replace("&#38;", "&"), Some(&desk.cookie)).await;
    assert!(form.body.contains(&format!("value=\"{change}\" selected")), "{}", form.body);

    double.sign_and_submit(World::AUTHOR, Act::Cancel { change, revision: 1 });
    let page = desk.page(change, "data-status=\"cancelled\"").await;
    let commands = page.between("id=\"cli\"", "</details>");
    assert!(commands.contains("change new --kind settings-change --name recalls --document FILE"), "{commands}");
    assert!(!commands.contains("--from"), "{commands}");
}

#[tokio::test]
async fn a_step_that_was_refused_says_so_with_its_cause_and_what_follows_is_not_begun() {
    let desk = Desk::open().await;
    let double = &desk.double;
    let change = double.running(SECOND);
    double.advance_to(change, Service::Engine);
    desk.end(change, Outcome::Refused, "base.drifted");
    let page = desk.page(change, "data-status=\"invalidated\"").await;
    let row = page.between("data-state=\"refused\"", "</tr>");
    assert!(row.contains("refused, nothing changed") && row.contains("base.drifted"), "{row}");
    let cause = page.between("data-cause=\"base.drifted\"", "</div>");
    assert!(cause.contains("Step 03, check-engine (Engine Runtime): refused, nothing changed"), "{cause}");
    assert!(!page.body.contains("data-state=\"waiting\""), "nothing of it waits");
}

#[tokio::test]
async fn a_rollback_is_approved_by_who_types_how_its_fingerprint_begins() {
    let desk = Desk::open().await;
    let double = &desk.double;
    let second = double.running(SECOND);
    double.advance_to(second, Service::Governance);
    let change = ChangeId([7; 16]);
    let body = Body::Rollback { engine: Double::ENGINE, node: World::NODE, bundle: Bundle::of(FIRST) };
    let reason = Part { about: "reason".parse().unwrap(), subject: None, commitment: Digest([3; 32]) };
    let (ledger, nonce) = (double.state().ledger, model::Nonce([9; 16]));
    let package = Package { ledger, nonce, change, body, window: None, supersedes: None, parts: vec![reason] };
    double.keep("package", canon::to_vec(&package).unwrap());
    double.sign_and_submit(World::AUTHOR, Act::Open { change, package: package.digest().unwrap() });
    double.observe(change);
    let binding = double.binding(change);
    double.sign_and_submit(World::AUTHOR, Act::Seal { binding });
    let page = desk.page(change, "act-approve").await;
    let form = page.between("id=\"act-approve\"", "</form>");
    assert!(
        form.contains("name=\"fingerprint\"") && form.contains("pattern=\"") && form.contains("required"),
        "{form}"
    );
    assert!(!page.body.contains("id=\"act-hold-fingerprint"), "to stop something nothing is typed");

    let digits = binding.package.to_string();
    let csrf = page.csrf();
    let send = async |typed: &str| {
        let plan = binding.plan;
        let body = format!("csrf={csrf}&revision=1&package={digits}&plan={plan}&fingerprint={typed}");
        desk.console.post(&format!("/changes/{change}/approve"), Some(&desk.cookie), &body).await;
        desk.console.get(&format!("/changes/{change}"), Some(&desk.cookie)).await
    };
    let leaves = double.leaves().len();
    for wrong in ["", "00000000", &digits[..7]] {
        let page = send(wrong).await;
        let said = page.between("id=\"refusal\"", "</section>");
        assert!(said.contains("fingerprint.mismatch") && said.contains("first 8 characters"), "{wrong}: {said}");
    }
    assert_eq!(double.leaves().len(), leaves, "nothing was signed");
    let page = send(&format!("{}+{}", &digits[..4], &digits[4..8])).await;
    assert!(!page.body.contains("fingerprint.mismatch"), "{}", page.body);
}

#[tokio::test]
async fn another_table_of_kinds_is_told_row_by_row_and_with_what_was_decided_before() {
    let desk = Desk::open().await;
    let double = &desk.double;
    let state = double.state();
    let mut next: KindTable = state.kinds.clone();
    let row = next.kinds.iter_mut().find(|row| row.name == KindName::Deployment).unwrap();
    row.slots.push(Slot::of(Role::SupportAuditor));
    let setting = Setting::Kinds(next);
    double.keep("settings", canon::to_vec(&setting).unwrap());
    let (name, base, next) = (SettingName::Kinds, state.settings[&SettingName::Kinds], setting.digest().unwrap());
    let change = ChangeId([8; 16]);
    double.open(World::AUTHOR, change, Body::Settings { name, base, next }, None);
    let page = desk.page(change, "id=\"past\"").await;
    let facts = page.between("id=\"plan-facts\"", "</table>");
    assert!(facts.contains("Deployment package: approved by") && facts.contains("+ Support Auditor"), "{facts}");
    let past = page.between("id=\"past\"", "</section>");
    assert!(past.contains("Of the 1 newest approved changes, 1 would have been decided otherwise"), "{past}");
    assert!(past.contains("these approvals would not have been enough") && past.contains("not signed"), "{past}");
}

/// Another row, made of the one in force.
type Alter<'a> = &'a dyn Fn(&mut Kind);

#[tokio::test]
async fn a_past_change_is_held_against_each_column_of_another_table_that_decides() {
    let state = Desk::open().await.double.state();
    let now = |alter: &dyn Fn(&mut Kind)| {
        let mut next: KindTable = state.kinds.clone();
        alter(next.kinds.iter_mut().find(|row| row.name == KindName::Deployment).unwrap());
        let past = PastView::of(&state, &(), &Names::default(), &Setting::Kinds(next), &PastWords::default()).unwrap();
        past.rows[0].now.clone()
    };
    let item = Item { item: "scan-report".parse().unwrap(), role: Role::SupportAuditor };
    let (finance, operator) = (Role::FinanceReviewer, Role::GovernanceOperator);
    let cases: [(Alter, &str); 9] = [
        (&|_| {}, "approved all the same"),
        (&|row| row.author = vec![finance], "could only have been asked for by Finance Reviewer"),
        (&|row| row.reason_required = true, "could not have been sealed without a reason"),
        (&|row| row.window = Presence::Required, "could not have been opened without a window"),
        (&|row| row.escalation = Some(vec![operator]), "could not have been sealed before it was escalated"),
        (&|row| row.checklist = vec![item.clone()], "could not have been approved without evidence for scan-report"),
        (&|row| row.runner = finance, "approved, but only a Finance Reviewer could have run it"),
        (&|row| row.cooling_ms = 3_600_000, "approved, but could not have been run so soon"),
        // No clock of a row is negative: here nothing is ever in time.
        (&|row| row.approve_within_ms = -1, "would have expired before it was approved"),
    ];
    for (alter, says) in cases {
        assert_eq!(now(alter), says);
    }
}
