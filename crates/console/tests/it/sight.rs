//! The console's own credential, and what each viewer gets of what it reads.

use crate::fixture::Console;
use control::{ClockAct, Command, Named, Principal, State};
use model::{Digest, Service, TenantId};
use signed::Act;
use std::net::Ipv4Addr;
use testkit::{Double, World, until};
use view::Names;

/// A tenant that only who reads everything may see.
const OTHER: TenantId = TenantId([0xb0; 16]);

/// A draft of one tenant, and another tenant.
pub(crate) async fn furnished() -> Double {
    furnish(World::scoped()).await
}

pub(crate) async fn furnish(world: World) -> Double {
    let double = Double::serve(world, (Ipv4Addr::LOCALHOST, 0).into()).await;
    let artifact = Digest([1; 32]);
    double.register(artifact, 64);
    let change = double.draft(artifact);
    double.sign_and_submit(World::AUTHOR, Act::RegisterTenant { tenant: OTHER });
    let mut names = Names::default();
    for (named, text) in [
        (Named::Tenant(Double::TENANT), Double::TENANT_NAME),
        (Named::Tenant(OTHER), Double::OTHER_NAME),
        (Named::Engine(Double::ENGINE), Double::ENGINE_NAME),
        (Named::Title(change), Double::TITLE),
    ] {
        names.say(named, Double::opening(text), true);
    }
    double.name(names);
    double
}

fn console_sessions(state: &State) -> usize {
    let of_console = |principal: Principal| principal == Principal::Console { key: World::console_key().public() };
    state.sessions.values().filter(|session| of_console(session.principal)).count()
}

impl Console {
    pub(crate) async fn pulse(&self, cookie: &str) -> String {
        let event = self.first_event_for("/live", cookie).await;
        event.split("event: pulse").nth(1).unwrap().to_owned()
    }
}

#[tokio::test]
async fn it_signs_in_with_its_key_by_itself_and_again_when_its_credential_is_refused() {
    let double = furnished().await;
    let console = Console::demo(&double).await;
    double.until(|state| console_sessions(state) == 1).await;
    let operator = console.seated(World::OPERATOR).await;
    console.says("/?all=1", &operator, "Tenant registered: Harbor").await;

    double.forget_sessions();
    let late = TenantId([0xc0; 16]);
    double.sign_and_submit(World::AUTHOR, Act::RegisterTenant { tenant: late });
    double.until(|state| console_sessions(state) == 2).await;
    console.says("/?all=1", &operator, &format!("Tenant registered: tenant {}", late.short())).await;
}

#[tokio::test]
async fn while_governance_is_away_it_asks_nobody_and_signs_in_once_when_it_comes() {
    let world = World::scoped();
    let at = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let sources = vec![(Service::Governance, format!("http://{at}"))];
    let console = Console::start(tempfile::tempdir().unwrap(), sources, Some(world.trust()), false);
    console.says("/sources", "", "offline").await;
    let double = Double::serve(world, at).await;
    let state = double.until(|state| console_sessions(state) > 0).await;
    assert_eq!(console_sessions(&state), 1);
}

#[tokio::test]
async fn each_viewer_gets_their_tenants_matters_and_no_word_or_count_of_others() {
    let double = furnished().await;
    let console = Console::demo(&double).await;
    let operator = console.seated(World::OPERATOR).await;
    console.says("/?all=1", &operator, "Tenant registered: Harbor").await;
    let (finance, auditor) = (console.seated(World::FINANCE).await, console.seated(World::AUDITOR).await);
    let engine = format!("/engines/{}", Double::ENGINE);
    let other = format!("/entries/control/{}", double.state().tenants[&OTHER].index);
    let search = "/?all=1&q=registered";
    let pages = ["/", "/?all=1", search, "/changes", "/engines", &engine, &other, "/sources", "/roster"];
    for (who, cookie, hidden) in [
        ("the reviewer of one tenant", finance.as_str(), &["Harbor"][..]),
        ("the auditor of none", &auditor, &["Harbor", "Northwind", "Engine Alpha", "Spring collection"]),
    ] {
        for path in pages {
            let body = console.get(path, Some(cookie)).await.body;
            for words in hidden {
                assert!(!body.contains(words), "{who} reads `{words}` at {path}");
            }
        }
    }
    for words in ["Tenant registered: Northwind", "Engine registered: Engine Alpha"] {
        assert!(console.get("/?all=1", Some(&finance)).await.body.contains(words), "{words}");
        assert!(console.get(search, Some(&finance)).await.body.contains(words), "{words}");
    }
    assert_eq!(console.get(&engine, Some(&finance)).await.status, 200);
    assert_eq!(console.get(&engine, Some(&auditor)).await.status, 404);
    assert!(console.get("/?all=1", Some(&auditor)).await.body.contains("Artifact published"), "the platform's own");

    let quiet = [console.pulse(&finance).await, console.pulse(&auditor).await];
    let before = console.pulse(&operator).await;
    double.sign_and_submit(World::AUTHOR, Act::RegisterTenant { tenant: TenantId([0xc0; 16]) });
    until("the operator's page has moved", async || (console.pulse(&operator).await != before).then_some(())).await;
    console.says("/?all=1", &operator, "Tenant registered: tenant c0c0").await;
    let after = [console.pulse(&finance).await, console.pulse(&auditor).await];
    assert_eq!(quiet, after, "what happened elsewhere moves nothing here");
}

/// What an entry's page shows of the entry itself.
const BYTES: &str = "id=\"leaf-hash\"";

#[tokio::test]
async fn in_an_outage_a_sum_of_refusals_is_read_by_who_may_read_what_was_refused() {
    let double = furnished().await;
    let refused = double.statement(World::AUTHOR, Act::RegisterTenant { tenant: OTHER });
    let (first, leaf) = double.record(refused).unwrap();
    assert_eq!((leaf.tags.as_slice(), leaf.effects.as_slice()), (&[OTHER][..], &[][..]), "refused, about another");
    let sum = double.accept(Command::Clock { act: ClockAct::Refusals { first, count: 2 } });
    let console = Console::demo(&double).await;
    let (operator, finance) = (console.seated(World::OPERATOR).await, console.seated(World::FINANCE).await);
    let page = |index: u64| format!("/entries/control/{index}");
    console.says("/?all=1", &operator, "Tenant registered: Harbor").await;
    drop(double);
    console.says(&page(sum), &operator, BYTES).await;
    console.says(&page(0), &finance, BYTES).await;
    for index in [first, sum] {
        assert!(console.get(&page(index), Some(&operator)).await.body.contains(BYTES), "entry {index}");
        let body = console.get(&page(index), Some(&finance)).await.body;
        assert!(!body.contains(BYTES) && !body.contains("Harbor"), "entry {index} is not for one tenant's reviewer");
    }
}

#[tokio::test]
async fn in_an_outage_damaged_bytes_of_the_replica_are_not_shown() {
    let double = furnished().await;
    let console = Console::demo(&double).await;
    let operator = console.seated(World::OPERATOR).await;
    console.says("/?all=1", &operator, "Tenant registered: Harbor").await;
    let index = double.state().tenants[&OTHER].index;
    drop(double);
    let entry = format!("/entries/control/{index}");
    console.says(&entry, &operator, BYTES).await;
    // Its command lines say where the console keeps its data.
    let dir = console.get(&entry, Some(&operator)).await.between("verify --dir ", "<");
    let path = std::path::Path::new(&dir).join("console/replica/entries.log");
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    let got = console.get(&entry, Some(&operator)).await;
    assert!(!got.body.contains(BYTES));
    assert!(got.body.contains("this is what the snapshot holds") && got.body.contains("Tenant registered: Harbor"));
}

#[tokio::test]
async fn a_text_that_is_not_what_was_signed_is_not_shown_and_its_page_says_so() {
    let double = furnished().await;
    let change = *double.state().changes.keys().next().unwrap();
    let mut names = Names::default();
    names.say(Named::Title(change), Double::opening("Nothing to see here"), true);
    names.say(Named::Engine(Double::ENGINE), Double::opening("Engine Beta"), true);
    // Nobody signed a reason at all.
    names.say(Named::Reason(change), Double::opening("Everybody agreed to it"), true);
    double.name(names);
    let console = Console::demo(&double).await;
    let (path, cookie) = (format!("/changes/{change}"), console.seated(World::OPERATOR).await);
    console.says(&path, &cookie, view::DIFFERS).await;
    let page = console.get(&path, Some(&cookie)).await.body;
    assert!(page.contains("its name does not match what was signed"), "{page}");
    for forged in ["Nothing to see here", "Engine Beta", "Everybody agreed to it"] {
        assert!(!page.contains(forged), "{forged}");
    }
}
