//! What a page says of the past, when the rows it keeps do not reach that far any more.

use crate::fixture::Console;
use model::{ChangeId, Digest, Scope};
use signed::Act;
use std::net::Ipv4Addr;
use testkit::{Double, World, until};

const RELEASE: Digest = Digest([1; 32]);
/// More rows than a console keeps.
const MANY: usize = 600;

/// An approved deployment, an approval that was refused, and then many rows of other matters.
async fn buried() -> (Double, ChangeId) {
    let double = Double::serve(World::scoped(), (Ipv4Addr::LOCALHOST, 0).into()).await;
    double.register(RELEASE, 64);
    let change = double.draft(RELEASE);
    double.observe(change);
    let binding = double.binding(change);
    double.sign_and_submit(World::AUTHOR, Act::Seal { binding });
    double.sign_and_submit(World::OPERATOR, Act::Approve { binding, slot: 0, on_behalf_of: None });
    double.sign_and_submit(World::FINANCE, Act::Approve { binding, slot: 1, on_behalf_of: None });
    while double.leaves().len() < MANY {
        double.login(World::AUTHOR, Scope::Read);
    }
    (double, change)
}

/// The part of a page between the heads of two sections.
fn section(body: &str, id: &str) -> String {
    let from = body.split_once(&format!("<section id=\"{id}\"")).unwrap_or_else(|| panic!("no {id}: {body}")).1;
    from.split_once("</section>").unwrap().0.to_owned()
}

async fn page(console: &Console, cookie: &str) -> String {
    until("the page knows what the rules decided", async || {
        let body = console.get("/", Some(cookie)).await.body;
        let trace = section(&body, "package-audit-trace");
        let known = trace.contains("Sealed") && !section(&body, "lifecycle-guardrails").contains("is not known");
        known.then_some(body)
    })
    .await
}

#[tokio::test]
async fn no_number_of_newer_rows_hides_what_a_rule_decided_or_when_a_package_was_sealed() {
    let (double, change) = buried().await;
    let console = Console::demo(&double).await;
    let operator = console.seated(World::OPERATOR).await;
    let body = page(&console, &operator).await;
    let guardrails = section(&body, "lifecycle-guardrails");
    let approval = double.state().changes[&change].approvals[&1].index;
    assert!(guardrails.contains("Last decided: Deployment package approved for "), "{guardrails}");
    assert!(guardrails.contains(&format!("/entries/control/{approval}")), "{guardrails}");
    assert_eq!(guardrails.matches("It has decided nothing yet.").count(), 1, "no rollback was asked for");
    let trace = section(&body, "package-audit-trace");
    let stages = trace.matches("data-state=\"done\"").count();
    assert_eq!((stages, trace.matches("<time ").count()), (4, 4), "drafted, sealed, approved twice: {trace}");

    let author =
        double.statement(World::AUTHOR, Act::Approve { binding: double.binding(change), slot: 1, on_behalf_of: None });
    let (refused, leaf) = double.record(author).unwrap();
    assert!(matches!(leaf.verdict, control::Verdict::Refused(_)), "{leaf:?}");
    for _ in 0..MANY {
        double.login(World::AUTHOR, Scope::Read);
    }
    let entry = format!("/entries/control/{refused}");
    until("the guardrails name the refusal", async || {
        section(&page(&console, &operator).await, "lifecycle-guardrails").contains(&entry).then_some(())
    })
    .await;
}

#[tokio::test]
async fn who_may_not_read_a_decision_is_not_told_that_there_is_none() {
    let (double, _) = buried().await;
    let console = Console::demo(&double).await;
    let operator = console.seated(World::OPERATOR).await;
    page(&console, &operator).await;
    let auditor = console.seated(World::AUDITOR).await;
    let body = console.get("/", Some(&auditor)).await.body;
    let guardrails = section(&body, "lifecycle-guardrails");
    assert_eq!(guardrails.matches("It has decided nothing yet that you may read.").count(), 2, "{guardrails}");
    assert!(!guardrails.contains("Last decided"), "{guardrails}");
}

#[tokio::test]
async fn in_an_outage_an_entry_does_not_say_that_its_change_has_no_other_entries() {
    let (double, change) = buried().await;
    let console = Console::demo(&double).await;
    let operator = console.seated(World::OPERATOR).await;
    page(&console, &operator).await;
    let entry = format!("/entries/control/{}", double.state().changes[&change].sealed.unwrap());
    drop(double);
    let body = until("the entry is shown from what is kept", async || {
        let body = console.get(&entry, Some(&operator)).await.body;
        body.contains("id=\"kept\"").then_some(body)
    })
    .await;
    assert!(!body.contains("No other entry belongs to the same change."), "{body}");
    assert!(body.contains("only those of this change that the snapshot holds"), "{body}");
}
