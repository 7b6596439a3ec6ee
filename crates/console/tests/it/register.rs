//! A tenant and an engine are registered on a form, by one word of who holds the role.

use crate::fixture::{Console, in_earnest};
use client::percent_encoded;
use model::PersonId;
use std::net::Ipv4Addr;
use testkit::{Double, World, until};

/// Somebody at a console beside a ledger that has one engine, on port 8101 of the only node.
struct Desk {
    double: Double,
    console: Console,
    cookie: String,
}

impl Desk {
    async fn of(person: PersonId) -> Self {
        let double = Double::serve(World::new(), (Ipv4Addr::LOCALHOST, 0).into()).await;
        double.register(model::Digest([1; 32]), 64);
        let console = Console::demo(&double).await;
        let cookie = console.seated(person).await;
        until("something can be registered", async || {
            (!console.get("/tenants/new", Some(&cookie)).await.body.contains("id=\"ask-blocked\"")).then_some(())
        })
        .await;
        Self { double, console, cookie }
    }

    /// Sends a form; where it leads.
    async fn send(&self, path: &str, answers: &[(&str, &str)]) -> String {
        let csrf = self.console.get(path, Some(&self.cookie)).await.csrf();
        let pairs = [("csrf", csrf.as_str())].into_iter().chain(answers.iter().copied());
        let body: Vec<_> = pairs.map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
        let answer = self.console.post(path, Some(&self.cookie), &body.join("&")).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer.header("location")
    }

    /// A form that is refused for a field, with what was written still there.
    async fn refuses(&self, path: &str, answers: &[(&str, &str)], (field, code): (&str, &str)) {
        let (word, before) = (path.trim_matches('/').split('/').next().unwrap(), self.double.leaves().len());
        assert_eq!(self.send(path, answers).await, path, "{answers:?}");
        let page = self.console.get(path, Some(&self.cookie)).await;
        assert!(page.body.contains(&format!("data-code=\"{code}\"")), "{code}: {}", page.body);
        let wrong = format!("id=\"register-{}-{field}-wrong\"", word.trim_end_matches('s'));
        assert!(page.body.contains(&wrong), "{wrong}: {}", page.body);
        assert!(page.body.contains("aria-invalid=\"true\""), "{}", page.body);
        let (name, kept) = answers[0];
        assert!(kept.is_empty() || page.body.contains(&format!("name=\"{name}\" value=\"{kept}\"")), "{}", page.body);
        assert_eq!(self.double.leaves().len(), before, "nothing was recorded");
    }
}

#[tokio::test]
async fn a_tenant_is_registered_and_its_name_is_no_other_ones() {
    let desk = Desk::of(World::OPERATOR).await;
    desk.refuses("/tenants/new", &[("name", "")], ("name", "form.missing")).await;
    desk.refuses("/tenants/new", &[("name", "turned \u{202e} round")], ("name", "text.character")).await;
    let long = "x".repeat(1_001);
    desk.refuses("/tenants/new", &[("name", &long)], ("name", "text.too_long")).await;
    let known = desk.double.state().tenants.len();
    assert_eq!(desk.send("/tenants/new", &[("name", "Harbor Goods")]).await, "/tenants");
    assert_eq!(desk.double.state().tenants.len(), known + 1);
}

#[tokio::test]
async fn a_name_that_is_taken_is_said_so() {
    let desk = Desk::of(World::OPERATOR).await;
    // What the double calls it by is what the console reads.
    let called = until("the console knows what the tenant is called", async || {
        let page = desk.console.get("/engines/new", Some(&desk.cookie)).await;
        let options = page.between("name=\"tenant\"", "</select>");
        let name = options.split("<option value=\"").nth(1).and_then(|rest| rest.split('>').nth(1)).unwrap_or_default();
        Some(name.split('<').next().unwrap().to_owned()).filter(|name| !name.is_empty())
    })
    .await;
    desk.refuses("/tenants/new", &[("name", &called)], ("name", "name.taken")).await;
}

#[tokio::test]
async fn an_engine_is_registered_and_what_is_wrong_is_said_at_its_field() {
    let desk = Desk::of(World::OPERATOR).await;
    let (tenant, node) = (Double::TENANT.to_string(), World::NODE.to_string());
    let right = [
        ("name", "POD Engine Delta"),
        ("tenant", tenant.as_str()),
        ("node", node.as_str()),
        ("port", "8140"),
        ("runtime", "storefront"),
        ("memory_mib", "256"),
        ("hosts", "b.example.com, a.example.com"),
    ];
    let wrong =
        |field: &str, value: &'static str| right.map(|(name, known)| (name, if name == field { value } else { known }));
    for (field, value, code) in [
        ("name", "", "form.missing"),
        ("tenant", "", "form.missing"),
        ("tenant", "nobody", "form.malformed"),
        ("node", "", "form.missing"),
        ("port", "", "form.missing"),
        ("port", "0", "form.malformed"),
        ("port", "63536", "form.malformed"),
        ("port", "eighty", "form.malformed"),
        ("port", "8101", "port.taken"),
        ("port", "7301", "port.taken"),
        ("runtime", "two words", "form.malformed"),
        ("memory_mib", "0", "form.malformed"),
        ("memory_mib", "-1", "form.malformed"),
        ("hosts", "Shop.Example", "form.malformed"),
        ("hosts", "127.0.0.1", "form.malformed"),
    ] {
        desk.refuses("/engines/new", &wrong(field, value), (field, code)).await;
    }
    let many: Vec<_> = (0..17).map(|n| format!("h{n}.example.com")).collect();
    let many = many.join(",");
    let answers = right.map(|(name, known)| (name, if name == "hosts" { many.as_str() } else { known }));
    desk.refuses("/engines/new", &answers, ("hosts", "form.malformed")).await;

    let page = desk.send("/engines/new", &right).await;
    let id = page.trim_start_matches("/engines/").parse().unwrap();
    let engine = desk.double.state().engines[&id].clone();
    assert_eq!((engine.port, engine.side_ports, engine.profile.memory_mib), (8_140, [9_140, 10_140], 256));
    assert_eq!(engine.hosts.iter().map(model::Token::as_str).collect::<Vec<_>>(), ["a.example.com", "b.example.com"]);
    desk.console.says(&page, &desk.cookie, "Nothing serves").await;
    desk.refuses("/engines/new", &wrong("port", "8141"), ("hosts", "host.taken")).await;
}

#[tokio::test]
async fn who_does_not_hold_the_role_or_no_key_here_registers_nothing() {
    let desk = Desk::of(World::FINANCE).await;
    assert_eq!(desk.send("/tenants/new", &[("name", "Harbor Goods")]).await, "/tenants/new");
    let page = desk.console.get("/tenants/new", Some(&desk.cookie)).await;
    assert!(page.body.contains("RoleMissing") && page.body.contains("value=\"Harbor Goods\""), "{}", page.body);
    let visitor = desk.console.get("/engines/new", None).await;
    assert!(
        visitor.body.contains("data-sign-in=\"register-engine\"")
            && !visitor.body.contains("data-action=\"register-engine\"")
    );
    let earnest = Console::beside(&in_earnest().await).await;
    let visit = earnest.get("/tenants/new", None).await;
    assert!(visit.body.contains("countersign tenant new NAME --key KEY"), "{}", visit.body);
    let csrf = earnest.get("/", Some(&visit.cookie())).await.csrf();
    let sent = earnest.post("/tenants/new", Some(&visit.cookie()), &format!("csrf={csrf}&name=Harbor")).await;
    assert_eq!(sent.header("location"), "/tenants/new");
    let page = earnest.get("/tenants/new", Some(&visit.cookie())).await;
    assert!(page.body.contains("data-code=\"viewer.unknown\""), "whatever was read: {}", page.body);
    assert!(page.body.contains("id=\"refusal-way\" href=\"/sign-in?next=%2Ftenants%2Fnew\""), "{}", page.body);
}
