//! A release is recalled on the page, by who holds the role.

use crate::fixture::Console;
use model::{Digest, PersonId};
use std::net::Ipv4Addr;
use testkit::{Double, World, until};

const FIRST: Digest = Digest([1; 32]);
const SECOND: Digest = Digest([2; 32]);

#[tokio::test]
async fn a_release_is_recalled_on_the_page_by_one_word_and_what_serves_goes_on() {
    let double = Double::serve(World::new(), (Ipv4Addr::LOCALHOST, 0).into()).await;
    double.register(FIRST, 64);
    double.publish(SECOND, "2026.03.2", 64);
    let first = double.running(FIRST);
    double.advance_to(first, model::Service::Governance);
    let console = Console::demo(&double).await;
    let path = |artifact: Digest| format!("/resources/recall?digest={artifact}");
    let page = async |who: PersonId, artifact: Digest| {
        let cookie = console.seated(who).await;
        let page = until("the release can be recalled", async || {
            let page = console.get(&path(artifact), Some(&cookie)).await;
            let open = page.status == 200 && !page.body.contains("data-action=\"recall\" disabled");
            open.then_some(page)
        })
        .await;
        (cookie, page)
    };
    let say = async |who: PersonId, artifact: Digest| {
        let (cookie, page) = page(who, artifact).await;
        let body = format!("csrf={}&digest={artifact}&reason=a+hole", page.csrf());
        let said = console.post("/resources/recall", Some(&cookie), &body).await;
        assert_eq!(said.status, 303, "{}", said.body);
        (cookie, said.header("location"))
    };
    let visitor = console.get(&path(FIRST), None).await;
    assert!(visitor.body.contains("data-sign-in=\"recall\"") && !visitor.body.contains("data-action=\"recall\""));
    let (cookie, one) = page(World::OPERATOR, FIRST).await;
    for words in [
        "No later plan may name it",
        "is bound to it, until something else is deployed there",
        "Governance Operator or Support Auditor",
    ] {
        assert!(one.body.contains(words), "{words}: {}", one.body);
    }
    assert!(one.body.contains(&format!("countersign artifact recall {FIRST} --reason WHY --key KEY")));
    assert!(page(World::OPERATOR, SECOND).await.1.body.contains("no engine is bound to it now"));
    let list = console.get("/resources", Some(&cookie)).await;
    for artifact in [FIRST, SECOND] {
        assert!(list.body.contains(&format!("href=\"{}\"", path(artifact))), "{}", list.body);
    }

    // Who does not hold the role is refused, and nothing is recalled.
    let (cookie, back) = say(World::FINANCE, FIRST).await;
    assert_eq!(back, path(FIRST));
    let refused = console.get(&back, Some(&cookie)).await.between("id=\"refusal\"", "</section>");
    assert!(refused.contains("RoleMissing"), "{refused}");
    assert!(double.state().recalled.is_empty());
    let serving = double.state().engines[&Double::ENGINE].serving;
    let (cookie, back) = say(World::AUDITOR, FIRST).await;
    assert_eq!(back, format!("/resources/{FIRST}"));
    let state = double.state();
    assert!(state.recalled.contains_key(&FIRST) && state.engines[&Double::ENGINE].serving == serving);
    let row = format!("data-digest=\"{}\" data-recalled=\"true\"", FIRST.short());
    console.says("/resources", &cookie, &row).await;
    let list = console.get("/resources", Some(&cookie)).await;
    assert!(!list.body.contains(&path(FIRST)) && list.body.contains(&path(SECOND)), "{}", list.body);
    console.says(&back, &cookie, "no later plan may name it; where it serves, it goes on").await;
    let again = console.get(&path(FIRST), Some(&cookie)).await;
    let recalled = format!("entry {}: no later plan may name it", state.recalled[&FIRST]);
    assert_eq!(
        (again.status, again.header("location")),
        (303, back.clone()),
        "its page says since when it is recalled"
    );
    assert!(console.get(&back, Some(&cookie)).await.body.contains(&recalled));
}
