//! Every kind of change is asked for on one page, and shown on one.

use crate::fixture::{Console, Got};
use client::percent_encoded;
use control::{
    Answer, Answers, Body, Document, Input, Quota, Setting, TenantTerm, TenantTerms, Way, foreseen, governs,
};
use model::{ChangeId, Digest, KindName, PersonId, Role, SettingName, Status};
use signed::{Act, Roster};
use std::net::Ipv4Addr;
use testkit::{Double, World, until};

/// An operator at the console, who may ask for anything.
pub(crate) struct Desk {
    pub(crate) double: Double,
    console: Console,
    cookie: String,
}

impl Desk {
    pub(crate) async fn open() -> Self {
        Self::of(World::new()).await
    }

    pub(crate) async fn of(world: World) -> Self {
        let double = Double::serve(world, (Ipv4Addr::LOCALHOST, 0).into()).await;
        double.register(Digest([1; 32]), 64);
        let console = Console::demo(&double).await;
        let cookie = console.seated(World::OPERATOR).await;
        let desk = Self { double, console, cookie };
        // Until then nothing can be asked for: what it rests on was not read.
        until("a change can be asked for", async || {
            (!desk.form(KindName::RosterChange).await.body.contains("id=\"ask-blocked\"")).then_some(())
        })
        .await;
        desk
    }

    pub(crate) async fn get(&self, path: &str) -> Got {
        self.console.get(path, Some(&self.cookie)).await
    }

    async fn form(&self, kind: KindName) -> Got {
        self.get(&format!("/changes/new?kind={kind}")).await
    }

    /// Sends the form of a kind; where it leads.
    pub(crate) async fn ask(&self, kind: KindName, answers: &[(&str, &str)]) -> String {
        let csrf = self.form(kind).await.csrf();
        let pairs = [("csrf", csrf.as_str()), ("kind", kind.word())].into_iter().chain(answers.iter().copied());
        let body: Vec<_> = pairs.map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
        let body = body.join("&");
        let answer = self.console.post("/changes/new", Some(&self.cookie), &body).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer.header("location")
    }

    /// The change that a form opened.
    async fn asked(&self, kind: KindName, answers: &[(&str, &str)]) -> (ChangeId, Got) {
        let path = self.ask(kind, answers).await;
        let page = self.get(&path).await;
        assert!(path.starts_with("/changes/") && page.body.contains("Draft opened in"), "{path}: {}", page.body);
        (path.trim_start_matches("/changes/").parse().unwrap(), page)
    }

    pub(crate) fn roster(&self) -> Roster {
        self.double.state().roster
    }

    /// The roster that these answers ask for, and the change taken back. What its form said of the time it cools is
    /// what holds for it.
    pub(crate) async fn edited(&self, answers: &[(&str, &str)]) -> Roster {
        let (id, _) = self.asked(KindName::RosterChange, answers).await;
        let state = self.double.state();
        let change = &state.changes[&id];
        let edit = answers.iter().find(|(name, _)| *name == "edit").unwrap().1.parse().unwrap();
        let row = state.kinds.kind(change.kind).unwrap();
        let said = foreseen(row, &Answers::default().with("edit", Answer::Token(edit)));
        assert_eq!(Some(said.row), control::requirement(&state, change), "{answers:?}");
        self.press(id, "cancel", "&reason=tried").await;
        match &change.document {
            Some(Document::Roster(next)) => next.clone(),
            other => panic!("{other:?}"),
        }
    }

    /// A roster change without the support auditor, open.
    async fn without_auditor(&self) -> (ChangeId, Got) {
        let mut next = self.roster();
        next.people.retain(|person| person.id != World::AUDITOR);
        let document = serde_json::to_string(&next).unwrap();
        self.asked(KindName::RosterChange, &[("document", &document), ("reason", "left us")]).await
    }

    /// Sends a verb's form with more fields.
    async fn press(&self, change: ChangeId, verb: &str, more: &str) -> Got {
        let path = format!("/changes/{change}");
        let page = self.get(&path).await;
        let form = page.between(&format!("id=\"act-{verb}\""), "</form>");
        let value = |name: &str| {
            let rest = form.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
            format!("{name}={}", rest.split('"').next().unwrap())
        };
        let fields = ["csrf", "revision", "package", "plan"].map(value).join("&");
        let answer = self.console.post(&format!("{path}/{verb}"), Some(&self.cookie), &format!("{fields}{more}")).await;
        self.get(&answer.header("location")).await
    }
}

#[tokio::test]
async fn every_kind_in_force_has_a_form_with_its_own_questions() {
    let desk = Desk::open().await;
    let list = desk.get("/changes/new").await;
    for kind in KindName::ALL {
        assert!(list.body.contains(&format!("href=\"/changes/new?kind={kind}\"")), "{kind}");
        let page = desk.form(*kind).await;
        assert_eq!(page.status, 200, "{kind}");
        let ways: Vec<_> = governs(*kind)
            .form()
            .iter()
            .flat_map(|field| match field.input {
                Input::Way(ways) => ways.iter().map(|way| (field.name, *way)).collect(),
                _ => vec![],
            })
            .collect();
        for field in governs(*kind).form() {
            let asks = |(name, way): &&(&str, Way)| *name == field.name || way.asks.contains(&field.name);
            let page = match ways.iter().find(asks) {
                Some((name, way)) => desk.get(&format!("/changes/new?kind={kind}&{name}={}", way.word)).await,
                None => desk.form(*kind).await,
            };
            assert!(page.body.contains(&format!("name=\"{}\"", field.name)), "{kind}: {}", field.name);
            assert!(page.body.contains(field.label) && page.body.contains(field.help), "{kind}: {}", field.name);
        }
        assert!(page.body.contains(&format!("countersign change new --kind {kind}")), "{kind}");
    }
    assert_eq!(desk.get("/changes/new?kind=no-such-kind").await.status, 404);
    let given = desk.get(&format!("/changes/new?kind=drain&engine={}", Double::ENGINE)).await;
    assert!(given.body.contains(&format!("value=\"{}\" selected", Double::ENGINE)), "what is given is chosen");
    // The document in force stands there to be changed.
    let terms = desk.get("/changes/new?kind=settings-change&name=tenant-terms").await;
    assert!(terms.between("name=\"document\"", "</textarea>").contains("tenant_terms"));
}

#[tokio::test]
async fn who_must_approve_is_said_with_what_the_answers_add_to_it() {
    let desk = Desk::open().await;
    let list = desk.get("/changes/new").await;
    let card = |kind: KindName| list.between(&format!("data-kind=\"{kind}\""), "<li class=\"kind\"");
    assert!(card(KindName::External).contains("Governance Operator + the role it names as “Second approver”"));
    let settings = card(KindName::SettingsChange);
    let rules = settings.split("data-case").find(|case| case.contains(">Rules</a>")).unwrap();
    assert!(rules.contains("Kinds of change</a>: opened by a Governance Operator;"), "{settings}");
    assert!(rules.contains("Governance Operator + Finance Reviewer + Support Auditor"), "{settings}");
    assert!(card(KindName::RosterChange).contains("may act in their place, neither approves"));

    let required =
        async |query: &str| desk.get(&format!("/changes/new?{query}")).await.between("id=\"required\"", "</div>");
    let external = required("kind=external&slot=support-auditor&slot=finance-reviewer").await;
    assert!(external.contains("approved by Governance Operator + Finance Reviewer or Support Auditor,"), "{external}");
    let chosen = desk.form(KindName::SettingsChange).await.between("<select name=\"name\"", "</select>");
    assert!(chosen.contains("<option value=\"\">") && !chosen.contains("selected"), "{chosen}");
    let rules = required("kind=settings-change&name=rules").await;
    assert!(rules.contains("Opened by a Governance Operator; approved by Governance Operator + Finance Reviewer + "));
    assert!(rules.contains("it cools for 24 h") && !rules.contains("data-case"), "{rules}");
    let terms = required("kind=settings-change&name=tenant-terms").await;
    assert!(
        terms.contains("approved by Governance Operator + Finance Reviewer,") && !terms.contains("cools"),
        "{terms}"
    );
    let leaves = required("kind=roster-change&edit=leave").await;
    assert!(!leaves.contains("Once approved it cools"), "{leaves}");
    let rollback = required("kind=rollback").await;
    assert!(
        rollback.contains("was not checked, afterwards a Finance Reviewer or Support Auditor reviews it"),
        "{rollback}"
    );
}

#[tokio::test]
async fn a_refused_form_comes_back_with_what_was_written() {
    let desk = Desk::open().await;
    let path = desk.ask(KindName::RosterChange, &[("document", "{\"people\":7}"), ("title", "Ada leaves")]).await;
    assert_eq!(path, "/changes/new?kind=roster-change");
    let page = desk.get(&path).await;
    assert!(page.body.contains("form.malformed") && page.body.contains("value=\"Ada leaves\""), "{}", page.body);
    assert!(page.between("name=\"document\"", "</textarea>").contains("people"));
    let path = desk.ask(KindName::Rollback, &[("engine", &Double::ENGINE.to_string())]).await;
    assert!(desk.get(&path).await.body.contains("change.reason_missing"));
    assert!(desk.double.state().changes.is_empty());
}

#[tokio::test]
async fn a_roster_change_is_asked_for_and_says_who_leaves_and_who_changes() {
    let desk = Desk::open().await;
    // It only takes away: with three people left nobody could change the rules, so it may give nothing.
    let mut next = desk.roster();
    next.people.retain(|person| person.id != World::AUDITOR);
    next.people.iter_mut().find(|person| person.id == World::FINANCE).unwrap().tenants = Some(vec![]);
    let document = serde_json::to_string(&next).unwrap();
    let (change, page) = desk.asked(KindName::RosterChange, &[("document", &document)]).await;
    let facts = page.between("id=\"plan-facts\"", "</table>");
    let name = |person: PersonId| format!("person {}", person.short());
    assert!(facts.contains(&format!("{} leaves", name(World::AUDITOR))), "{facts}");
    assert!(facts.contains(&format!("{} changes", name(World::FINANCE))), "{facts}");
    assert!(!facts.contains(&format!("{} changes", name(World::AUTHOR))), "{facts}");
    // Another one gives.
    let mut next = desk.roster();
    let finance = next.people.iter_mut().find(|person| person.id == World::FINANCE).unwrap();
    finance.roles.push(Role::SupportAuditor);
    let document = serde_json::to_string(&next).unwrap();
    let (_, given) = desk.asked(KindName::RosterChange, &[("document", &document)]).await;
    let facts = given.between("id=\"plan-facts\"", "</table>");
    assert!(facts.contains("Finance Reviewer + Support Auditor"), "{facts}");
    assert_eq!(desk.double.state().changes[&change].kind, KindName::RosterChange);
    // Nothing of an engine is on its page.
    assert!(!page.body.contains("Production Node") && !page.body.contains("id=\"steps\""));
}

#[tokio::test]
async fn a_roster_change_names_the_kinds_that_nobody_could_ask_for_any_more() {
    let desk = Desk::open().await;
    let (_, page) = desk.without_auditor().await;
    let plan = page.between("id=\"plan\"", "</section>");
    assert!(
        plan.contains("nobody could ask for, approve and run these any more: Rollback package, Settings change."),
        "{plan}"
    );
}

#[tokio::test]
async fn a_settings_change_shows_the_document_before_and_after() {
    let desk = Desk::open().await;
    let quota = Quota { memory_mib: Some(512), ..Quota::default() };
    let terms = TenantTerms { tenants: vec![TenantTerm { tenant: Double::TENANT, quota, envelope: vec![] }] };
    let document = serde_json::to_string(&Setting::TenantTerms(terms)).unwrap();
    let answers = [("name", SettingName::TenantTerms.word()), ("document", document.as_str())];
    let (_, page) = desk.asked(KindName::SettingsChange, &answers).await;
    let documents = page.between("id=\"plan-documents\"", "</section>");
    let (before, after) = documents.split_once("after</h3>").unwrap();
    assert!(!before.contains("512") && after.contains("512"), "{documents}");
    assert!(page.body.contains("Settings change, revision 1"));
}

#[tokio::test]
async fn an_external_change_says_what_may_be_carried_out_by_whom() {
    let desk = Desk::open().await;
    let digest = Digest([7; 32]).to_string();
    let answers =
        [("target", "ci.example"), ("digest", &digest), ("slot", "support-auditor"), ("slot", "finance-reviewer")];
    let (change, page) = desk.asked(KindName::External, &answers).await;
    assert!(page.between("id=\"plan-facts\"", "</table>").contains(&digest));
    let slot = page.between("data-position=\"1\"", "</li>");
    assert!(slot.contains("Finance Reviewer or Support Auditor"), "{slot}");
    let body = desk.double.state().changes[&change].package.body.clone();
    assert!(matches!(body, Body::External { slot, .. } if slot == [Role::FinanceReviewer, Role::SupportAuditor]));
}

#[tokio::test]
async fn the_page_of_an_external_change_says_what_became_of_its_warrant() {
    let desk = Desk::of(World::new().with_machine()).await;
    let digest = Digest([7; 32]).to_string();
    let answers = [("target", "ci.example"), ("digest", digest.as_str()), ("slot", "finance-reviewer")];
    let (change, page) = desk.asked(KindName::External, &answers).await;
    assert!(!page.body.contains("Warrant"), "nothing of one before it is run");
    let binding = desk.double.binding(change);
    desk.double.sign_and_submit(World::OPERATOR, Act::Seal { binding });
    for (slot, person) in [(0, World::AUTHOR), (1, World::FINANCE)] {
        desk.double.sign_and_submit(person, Act::Approve { binding, slot, on_behalf_of: None });
    }
    desk.double.sign_and_submit(World::OPERATOR, Act::Run { binding, not_before: None });
    let path = format!("/changes/{change}");
    desk.console.says(&path, &desk.cookie, "not used").await;
    let page = desk.get(&path).await;
    assert!(page.body.contains("good until") && page.body.contains("ci.example may carry it out once"));
    assert!(page.body.contains("countersign warrant export") && page.body.contains("id=\"act-revoke\""));
    assert!(page.body.contains("data-way=\"revoke\" data-open=\"true\""), "the way out of what still stands");
    desk.double.sign_and_submit(World::MACHINE, Act::Use { change, revision: 1 });
    desk.console.says(&path, &desk.cookie, "used at").await;
    let page = desk.get(&path).await;
    assert!(page.body.contains("by ci.release"), "{}", page.body);
    assert!(!page.body.contains("countersign warrant export") && !page.body.contains("id=\"act-revoke\""));
    assert!(!page.body.contains("id=\"ways-out\""), "it is over");
}

#[tokio::test]
async fn a_change_that_several_people_hold_names_them_and_is_released_one_by_one() {
    let desk = Desk::open().await;
    let (change, _) = desk.without_auditor().await;
    desk.press(change, "seal", "").await;
    for person in [World::OPERATOR, World::FINANCE] {
        desk.double.sign_and_submit(person, Act::Hold { change, revision: 1 });
    }
    let name = |person: PersonId| format!("person {}", person.short());
    desk.console.says(&format!("/changes/{change}"), &desk.cookie, "id=\"holds\"").await;
    desk.console.says(&format!("/changes/{change}"), &desk.cookie, "name=\"of\"").await;
    let page = desk.get(&format!("/changes/{change}")).await;
    let holds = page.between("id=\"holds\"", "</p>");
    assert!(holds.contains(&name(World::OPERATOR)) && holds.contains(&name(World::FINANCE)), "{holds}");

    let page = desk.press(change, "release", &format!("&of={}", World::FINANCE)).await;
    assert!(page.body.contains("Hold released in"), "{}", page.body);
    let held: Vec<_> = desk.double.state().changes[&change].holds.keys().copied().collect();
    assert_eq!(held, [World::OPERATOR]);
    // One is left: whose it is, is not asked.
    assert!(!page.body.contains("name=\"of\""));
    desk.press(change, "release", "").await;
    assert!(desk.double.state().changes[&change].holds.is_empty());
}

#[tokio::test]
async fn verbs_that_a_change_could_never_hear_have_no_button() {
    let desk = Desk::open().await;
    let (change, page) = desk.without_auditor().await;
    for verb in ["escalate", "attach", "observe"] {
        assert!(!page.body.contains(&format!("act-{verb}\"")) && !page.body.contains(&format!("data-verb=\"{verb}\"")));
    }
    for verb in ["seal", "cancel"] {
        assert!(page.body.contains(&format!("id=\"act-{verb}\"")), "{verb}");
    }
    for verb in ["revoke", "review", "abort", "reconcile", "run"] {
        assert!(page.body.contains(&format!("data-verb=\"{verb}\"")), "{verb}: {}", page.body);
    }
    // What executors observe can be observed again.
    let deployment = desk.double.draft(Digest([1; 32]));
    let path = format!("/changes/{deployment}");
    desk.console.says(&path, &desk.cookie, "id=\"act-observe\"").await;
    assert!(desk.press(deployment, "observe", "").await.body.contains("Asked to observe again in"));
    assert_eq!(desk.double.state().changes[&change].status, Status::Draft);
}

#[tokio::test]
async fn the_roster_says_which_keys_are_suspended_and_which_services_there_are() {
    let desk = Desk::open().await;
    let key = |person: PersonId| desk.roster().person(&person).unwrap().keys[0].id;
    let row = |page: &Got, person: PersonId| page.between(&format!("<tr data-person=\"{person}\""), "</tr>");
    let suspend = Act::Suspend { person: World::AUDITOR, key: key(World::AUDITOR) };
    desk.double.sign_and_submit(World::AUTHOR, suspend.clone());
    desk.console.says("/roster", &desk.cookie, "suspension asked").await;
    desk.double.sign_and_submit(World::OPERATOR, suspend);
    desk.console.says("/roster", &desk.cookie, "data-suspended=\"true\"").await;
    let page = desk.get("/roster").await;
    assert!(row(&page, World::AUDITOR).contains(">suspended<") && !row(&page, World::FINANCE).contains(">suspended<"));
    let services = page.between("id=\"roster-services\"", "</section>");
    assert!(services.contains("prod-node-01") && services.contains("Engine Runtime"), "{services}");
    let console = desk.roster().console.unwrap().short();
    assert!(
        services.contains(&format!("Console <span class=\"key\" data-suspended=\"false\"><code>{console}")),
        "{services}"
    );
    assert!(services.contains("Log key"), "{services}");
    assert!(page.body.contains("href=\"/changes/new?kind=roster-change\""));
}

#[tokio::test]
async fn what_a_form_names_and_the_document_in_it_are_one_thing_and_change_something() {
    let desk = Desk::open().await;
    let in_force = Setting::Kinds(desk.double.state().kinds);
    let mut next = desk.double.state().kinds;
    next.kinds[0].approve_within_ms += 60_000;
    let (same, other) =
        (serde_json::to_string(&in_force).unwrap(), serde_json::to_string(&Setting::Kinds(next)).unwrap());
    let roster = serde_json::to_string(&desk.roster()).unwrap();
    let before = desk.double.state().changes.len();
    for (kind, answers, code) in [
        (KindName::SettingsChange, &[("name", "recalls"), ("document", &other[..])][..], "form.other_document"),
        (KindName::SettingsChange, &[("name", "kinds"), ("document", &same)], "form.unchanged"),
        (KindName::RosterChange, &[("document", &roster)], "form.unchanged"),
    ] {
        let path = desk.ask(kind, answers).await;
        let page = desk.get(&path).await;
        assert!(path.starts_with("/changes/new") && page.body.contains(code), "{path}: {}", page.body);
    }
    assert_eq!(desk.double.state().changes.len(), before, "nothing was opened");
    desk.asked(KindName::SettingsChange, &[("name", "kinds"), ("document", &other)]).await;
}
