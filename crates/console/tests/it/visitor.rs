//! Whoever comes without having signed in: the visitor of a demonstration, and nobody elsewhere.

use crate::fixture::{Console, in_earnest};
use crate::sight::{furnish, furnished};
use control::Command;
use model::TenantId;
use signed::Act;
use std::net::Ipv4Addr;
use testkit::{Double, World};

const VISITOR: &str = "data-person=\"demo-visitor\"";

/// Pages of the furnished world, with something that only readers see on each.
fn pages(double: &Double) -> Vec<(String, &'static str)> {
    let change = double.state().changes.keys().next().copied().unwrap();
    vec![
        ("/?all=1".to_owned(), "Tenant registered: Harbor"),
        ("/?all=1&q=registered".to_owned(), "Tenant registered: Harbor"),
        ("/changes".to_owned(), "Spring collection"),
        (format!("/changes/{change}"), "Spring collection"),
        ("/engines".to_owned(), "Engine Alpha"),
        (format!("/engines/{}", Double::ENGINE), "Engine Alpha"),
        ("/roster".to_owned(), "<tbody"),
        ("/sources".to_owned(), "Genesis digest"),
    ]
}

fn signed(double: &Double) -> usize {
    double.submitted().iter().filter(|command| matches!(command, Command::Signed { .. })).count()
}

#[tokio::test]
async fn in_a_demonstration_whoever_comes_reads_as_the_demo_visitor_and_signs_nothing() {
    let double = furnished().await;
    let console = Console::demo(&double).await;
    console.says("/?all=1", "", "Tenant registered: Harbor").await;
    // A title is shown once this console has verified what was signed of it.
    console.says("/changes", "", "Spring collection").await;
    for (path, words) in pages(&double) {
        let page = console.get(&path, None).await;
        assert!(page.status == 200 && page.body.contains(words) && page.body.contains(VISITOR), "{path}: {words}");
        assert!(page.body.contains("id=\"sign-in\"") && !page.body.contains("sign-out"), "{path}");
    }
    let visit = console.get("/", None).await;
    assert!(visit.body.contains("You are the Demo visitor"));

    // Where a privileged button would be, it says that one must sign in, and leads there and back.
    let change = double.state().changes.keys().next().copied().unwrap();
    let change = format!("/changes/{change}");
    let form = |kind: &str| format!("/changes/new?kind={kind}&engine={}", Double::ENGINE);
    let (rollback, deployment) = (form("rollback"), form("deployment"));
    let offers = [(&change, &["seal", "cancel"][..]), (&rollback, &["rollback"]), (&deployment, &["deployment"])];
    for (path, verbs) in offers {
        let page = console.get(path, None).await;
        for verb in verbs {
            let offer = page.between(&format!("data-sign-in=\"{verb}\""), "</a>");
            assert!(offer.contains("(sign in first)"), "{verb}: {offer}");
            let next = client::percent_encoded(path);
            assert!(offer.contains(&format!("href=\"/sign-in?next={next}\"")), "{verb}: {offer}");
            assert!(!page.body.contains(&format!("data-action=\"{verb}\"")), "{verb}");
            assert!(!page.body.contains("data-action=\"ask\""), "{verb}");
        }
    }
    // And who sends the forms all the same is told so.
    let cookie = visit.cookie();
    let fields = format!("csrf={}&reason=because&revision=1&package={}&plan=", visit.csrf(), model::Digest([1; 32]));
    let machine = |row: &&control::VerbRow| matches!(row.speaker, control::Speaker::Machine);
    let about = control::VERBS.iter().filter(|row| row.object == control::Object::Change && row.name != "open");
    let about = about.filter(|row| !machine(row));
    let verbs = about.map(|row| row.name).chain(["redraw"]);
    let digest = model::Digest([1; 32]);
    let asked = format!("{fields}&outcome=as-base&item=evidence&evidence={digest}");
    let acts = verbs.map(|verb| (format!("{change}/{verb}"), change.clone(), asked.clone()));
    let forms = ["rollback", "deployment"].map(|kind| {
        let answers = format!("{fields}&kind={kind}&engine={}&artifact={digest}", Double::ENGINE);
        ("/changes/new".to_owned(), format!("/changes/new?kind={kind}"), answers)
    });
    for (verb, page, fields) in acts.chain(forms) {
        let answer = console.post(&verb, Some(&cookie), &fields).await;
        assert_eq!((answer.status, answer.header("location")), (303, page.clone()), "{verb}");
        let told = console.get(&page, Some(&cookie)).await;
        let code = told.between("id=\"refusal\"", ">");
        let known = ["viewer.unknown", "data.unavailable"].iter().any(|known| code.contains(known));
        assert!(known, "{verb}: {code}");
    }
    assert_eq!(signed(&double), 0);
}

#[tokio::test]
async fn outside_a_demonstration_there_is_no_visitor_and_nobody_reads() {
    let double = furnish(World::scoped().in_earnest()).await;
    let console = Console::beside(&double).await;
    let address = console.url(World::OPERATOR).await;
    let page = console.get(&address, None).await;
    let operator = console.post(&address, Some(&page.cookie()), &format!("csrf={}", page.csrf())).await.cookie();
    console.says("/?all=1", &operator, "Tenant registered: Harbor").await;
    for (path, _) in pages(&double) {
        let body = console.get(&path, None).await.body;
        for words in ["Harbor", "Northwind", "Engine Alpha", "Spring collection", "class=\"event\"", VISITOR, "visitor"]
        {
            assert!(!body.contains(words), "nobody reads `{words}` at {path}");
        }
    }
    let quiet = console.pulse("").await;
    assert!(quiet.contains("\"who\":\"\""));
    double.sign_and_submit(World::AUTHOR, Act::RegisterTenant { tenant: TenantId([0xc0; 16]) });
    console.says("/?all=1", &operator, "Tenant registered: tenant c0c0").await;
    assert_eq!(quiet, console.pulse("").await, "what happens moves nothing for nobody");
}

#[tokio::test]
async fn a_directory_of_personas_makes_no_demonstration_of_a_ledger_that_was_founded_in_earnest() {
    let console = Console::demo(&in_earnest().await).await;
    for path in ["/", "/sign-in"] {
        let body = console.get(path, None).await.body;
        assert!(
            !body.contains("demo-banner") && !body.contains("name=\"person\"") && !body.contains(VISITOR),
            "{path}"
        );
    }
    let visit = console.get("/", None).await;
    let body = format!("person={}&next=/&csrf={}", World::OPERATOR, visit.csrf());
    let refused = console.post("/sign-in", Some(&visit.cookie()), &body).await;
    assert!(refused.status == 403 && refused.body.contains("viewer.unknown"));
}

#[tokio::test]
async fn every_page_of_a_demonstration_has_its_personas_one_press_away() {
    let double = furnished().await;
    let console = Console::demo(&double).await;
    console.says("/?all=1", "", "Tenant registered: Harbor").await;
    let paths: Vec<_> = pages(&double).into_iter().map(|(path, _)| path).chain(["/no-such-page".to_owned()]).collect();
    for path in paths {
        let page = console.get(&path, None).await;
        let cast = page.between("id=\"cast\"", "</form>");
        for name in ["Governance Operator 1", "Finance Reviewer 1", "Support Auditor 1"] {
            assert!(cast.contains(&format!("data-become=\"{name}\"")), "{path}: {name}");
        }
        let next = page.between("name=\"next\" value=\"", "\"").replace("&#38;", "&");
        assert_eq!(next, path);
        let next = next.replace('&', "%26");
        let body = format!("csrf={}&next={next}&person={}", page.csrf(), World::FINANCE);
        let pressed = console.post("/sign-in", Some(&page.cookie()), &body).await;
        assert_eq!((pressed.status, pressed.header("location")), (303, path.clone()));
        let cast = console.get(&path, Some(&pressed.cookie())).await.between("id=\"cast\"", "</form>");
        let current: Vec<_> = cast.split("<button").filter(|button| button.contains("aria-current")).collect();
        assert!(current.len() == 1 && current[0].contains("Finance Reviewer 1"), "{path}");
    }
}

#[tokio::test]
async fn who_comes_by_a_deep_link_is_offered_the_sign_in_and_comes_back() {
    let double = furnish(World::new().in_earnest()).await;
    let console = Console::beside(&double).await;
    let change = double.state().changes.keys().next().copied().unwrap();
    let known = format!("/changes/{change}");
    for path in [&known, "/changes/7", "/engines/7", "/entries/control/0", "/entries/nonsense/x"] {
        let page = console.get(path, None).await;
        assert!(page.status == 403 && page.body.contains("<h1>Sign in</h1>"), "{path}");
        assert!(page.body.contains("you come back to it") && !page.body.contains("Refused"), "{path}");
        assert!(page.body.contains("id=\"login-command\""), "{path}");
    }
    let come = async |path: &str| {
        let cookie = console.get(path, None).await.cookie();
        let address = console.url(World::OPERATOR).await;
        let page = console.get(&address, Some(&cookie)).await;
        let body = format!("csrf={}", page.between("name=\"csrf\" value=\"", "\""));
        console.post(&address, Some(&cookie), &body).await.header("location")
    };
    assert_eq!(come(&known).await, known);
    assert_eq!(come(&format!("/sign-in?next={}", known.replace('/', "%2F"))).await, known);
    for foreign in ["%2F%2Fevil.example", "https:%2F%2Fevil.example", "%2F%5Cevil.example"] {
        assert_eq!(come(&format!("/sign-in?next={foreign}")).await, "/");
    }
    assert_eq!(come("//evil.example/changes/7").await, "/", "a path that a browser takes for a host");
}

#[tokio::test]
async fn a_link_on_another_site_ends_no_session_and_leads_to_its_page() {
    let console = Console::demo(&Double::start().await).await;
    for (path, page) in [
        ("/changes/7?a=b&c=d", "/changes/7?a=b&#38;c=d"),
        ("/sign-in?next=%2F", "/sign-in?next=%2F"),
        ("//evil.example/x", "/evil.example/x"),
        ("/x'%22%3E%3Cscript%3E;url=//evil.example", "/x&#39;%22%3E%3Cscript%3E;url=//evil.example"),
    ] {
        let led = console.send("GET", path, &[("sec-fetch-site", "cross-site")], "").await;
        assert!(led.status == 200 && led.header("set-cookie").is_empty(), "{path}: its cookie would be lost");
        assert_eq!(led.between("http-equiv=\"refresh\" content=\"0; url=", "\""), page);
        assert_eq!(led.between("id=\"follow\" href=\"", "\""), page);
        assert!(!led.body.contains("csrf"), "{path}");
    }
    for site in ["none", "same-origin", "same-site"] {
        let page = console.send("GET", "/", &[("sec-fetch-site", site)], "").await;
        assert!(!page.header("set-cookie").is_empty() && page.body.contains("id=\"cast\""), "{site}");
    }
    let cookie = console.seated(World::OPERATOR).await;
    let page = console.send("GET", "/", &[("sec-fetch-site", "cross-site"), ("cookie", &cookie)], "").await;
    assert!(page.body.contains("sign-out"), "a browser that says who it is needs no second try");
}

/// A page that is being left asks for its parts once more, and its answer may come after the sign-in's.
#[tokio::test]
async fn a_page_that_is_left_does_not_sign_out_who_has_just_signed_in() {
    let double = Double::serve(World::new(), (Ipv4Addr::LOCALHOST, 0).into()).await;
    let console = Console::demo(&double).await;
    let before = console.get("/", None).await;
    let left = before.cookie();
    let chosen = format!("csrf={}&person={}&next=%2F", before.csrf(), World::OPERATOR);
    let signed_in = console.post("/sign-in", Some(&left), &chosen).await.cookie();
    for (path, script) in [("/engines", "true"), ("/live", "")] {
        let headers = [("cookie", left.as_str()), ("hx-request", script)];
        let headers = if script.is_empty() { &headers[..1] } else { &headers };
        let late = console.ask("GET", path, headers, "").await;
        assert_eq!(late.headers().get("set-cookie"), None, "{path}: the cookie is the new session's");
    }
    assert!(console.signed_in(&signed_in).await);
}

#[tokio::test]
async fn a_form_of_a_session_that_has_ended_says_so_and_offers_the_sign_in() {
    let double = Double::serve(World::new(), (Ipv4Addr::LOCALHOST, 0).into()).await;
    let console = Console::demo(&double).await;
    let operator = console.seated(World::OPERATOR).await;
    let page = console.get("/engines", Some(&operator)).await;
    let form = format!("csrf={}&kind=rollback&reason=because", page.csrf());
    // A console that was started again knows nobody's session: this id was good once.
    let lost = format!("{}={}", operator.split('=').next().unwrap(), "b".repeat(64));
    let rollback = "/changes/new";
    for cookie in [lost.clone(), console.get("/", Some(&lost)).await.cookie()] {
        let ended = console.post(rollback, Some(&cookie), &form).await;
        assert!(ended.status == 403 && ended.body.contains("session.ended"), "{}", ended.body);
        assert!(!ended.body.contains("csrf.foreign") && ended.body.contains("data-persona="));
        let next = ended.between("name=\"next\" value=\"", "\"");
        assert_eq!(next, "/changes/new?kind=rollback", "and leads back");
    }
    // So does one whose person signed out in another tab.
    console.post("/sign-out", Some(&operator), &form).await;
    let after = console.get("/", Some(&operator)).await.cookie();
    assert!(console.post(rollback, Some(&after), &form).await.body.contains("session.ended"));
    // What no page of ours wrote is foreign, whoever sends it.
    assert!(console.post(rollback, Some(&after), "csrf=0").await.body.contains("csrf.foreign"));
    assert_eq!(signed(&double), 0);
}
