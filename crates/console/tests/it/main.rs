//! The console over real HTTP: sessions, forms, headers, and a fresh directory.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up its world has failed")]

mod fixture;
mod forged;
mod history;
mod invitations;
mod kinds;
mod own_name;
mod recall;
mod register;
mod resources;
mod roster_form;
mod shown;
mod sight;
mod sign_in;
mod stuck;
mod suspend;
mod tenants;
mod visitor;

use fixture::{Console, Got, in_earnest};
use testkit::Double;

/// Every page that needs no id.
const PAGES: [&str; 14] = [
    "/",
    "/changes",
    "/changes/new",
    "/engines",
    "/engines/new",
    "/tenants/new",
    "/resources",
    "/resources/new",
    "/tenants",
    "/sources",
    "/roster",
    "/sign-in",
    "/no-such-page",
    "/changes/7",
];

#[tokio::test]
async fn a_fresh_directory_opens_with_nothing_else_there() {
    let console = Console::fresh();
    let page = console.get("/", None).await;
    assert_eq!(page.status, 200);
    for words in ["Awaiting first sync", "0/5 Live Sources", "Loading Snapshot", "Awaiting the first live snapshot."] {
        assert!(page.body.contains(words), "{words}");
    }
    assert!(!page.body.contains("class=\"event\""));
}

#[tokio::test]
async fn every_answer_carries_the_policy_with_a_nonce_of_its_own() {
    let console = Console::fresh();
    let mut nonces = std::collections::BTreeSet::new();
    for path in PAGES {
        let page = console.get(path, None).await;
        let policy = page.header("content-security-policy");
        let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap_or_default();
        assert_eq!(
            policy,
            format!(
                "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; \
                 connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
                 require-trusted-types-for 'script'; trusted-types htmx"
            ),
            "{path}"
        );
        assert!(page.body.contains(nonce) && nonce.len() == 32, "{path}");
        assert!(nonces.insert(nonce.to_owned()), "a nonce is used once");
        assert!(!page.body.contains("style=") && !page.body.contains("<style"), "{path}");
    }
    let css = console.get("/", None).await.between("rel=\"stylesheet\" href=\"", "\"");
    let asset = console.get(&css, None).await;
    assert_eq!((asset.status, asset.header("cache-control").contains("immutable")), (200, true));
    assert!(asset.header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(console.get("/assets/console.0000000000000000.css", None).await.status, 404);
}

#[tokio::test]
async fn a_form_without_this_sessions_token_changes_nothing() {
    let console = Console::demo(&Double::start().await).await;
    let visit = console.get("/sign-in", None).await;
    let (cookie, person) = (visit.cookie(), visit.between("name=\"person\" value=\"", "\""));
    let other = console.get("/sign-in", None).await.csrf();
    for csrf in ["", "0", &other] {
        let body = format!("person={person}&next=/&csrf={csrf}");
        let refused = console.post("/sign-in", Some(&cookie), &body).await;
        assert_eq!(refused.status, 403, "{csrf}");
        assert!(refused.body.contains("csrf.foreign") && refused.header("set-cookie").is_empty());
    }
    for path in ["/resources/new", "/tenants/new", "/engines/new", "/resources/recall"] {
        assert_eq!(console.post(path, Some(&cookie), "csrf=0").await.status, 403, "{path}");
    }
    for path in ["/sign-out", "/sources/retry", &format!("/changes/{}/run", "0".repeat(32))] {
        assert_eq!(console.post(path, Some(&cookie), "").await.status, 403, "{path}");
    }
    for kind in model::KindName::ALL {
        let body = format!("kind={kind}&reason=x");
        assert_eq!(console.post("/changes/new", Some(&cookie), &body).await.status, 403, "{kind}");
    }
}

async fn sign_in(console: &Console, cookie: Option<&str>) -> (Got, Got) {
    let visit = console.get("/sign-in", cookie).await;
    let body = format!("person={}&next=/roster&csrf={}", visit.between("name=\"person\" value=\"", "\""), visit.csrf());
    let set = if visit.header("set-cookie").is_empty() { cookie.unwrap().to_owned() } else { visit.cookie() };
    let signed = console.post("/sign-in", Some(&set), &body).await;
    (visit, signed)
}

#[tokio::test]
async fn signing_in_makes_a_new_session_and_signing_out_ends_it() {
    let console = Console::demo(&Double::start().await).await;
    let (visit, signed) = sign_in(&console, None).await;
    assert_eq!((signed.status, signed.header("location").as_str()), (303, "/roster"));
    assert_ne!(signed.cookie(), visit.cookie(), "a fixed session is not signed in");
    for mark in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(signed.header("set-cookie").contains(mark), "{mark}");
    }
    let signed_in = |got: &Got| got.body.contains("data-action=\"sign-out\"");
    assert!(!signed_in(&console.get("/", Some(&visit.cookie())).await), "the id from before is worth nothing");
    let page = console.get("/", Some(&signed.cookie())).await;
    assert!(signed_in(&page) && page.body.contains("Governance Operator 1"));
    let out = console.post("/sign-out", Some(&signed.cookie()), &format!("csrf={}", page.csrf())).await;
    assert_eq!(out.status, 303);
    assert!(!signed_in(&console.get("/", Some(&signed.cookie())).await), "a session that ended is worth nothing");
}

#[tokio::test]
async fn an_id_somebody_else_chose_is_never_taken_over() {
    let console = Console::demo(&Double::start().await).await;
    let name = console.get("/", None).await.cookie().split('=').next().unwrap().to_owned();
    let planted = format!("{name}={}", "a".repeat(64));
    let page = console.get("/", Some(&planted)).await;
    assert!(!page.header("set-cookie").is_empty() && page.cookie() != planted);
}

#[tokio::test]
async fn only_a_persona_of_the_roster_can_be_chosen_and_only_in_a_demonstration() {
    let console = Console::demo(&Double::start().await).await;
    let visit = console.get("/sign-in", None).await;
    let body = format!("person={}&next=/&csrf={}", "7".repeat(32), visit.csrf());
    let refused = console.post("/sign-in", Some(&visit.cookie()), &body).await;
    assert!(refused.status == 403 && refused.body.contains("viewer.unknown"));
    let fresh = Console::fresh();
    let visit = fresh.get("/sign-in", None).await;
    assert!(!visit.body.contains("name=\"person\"") && visit.body.contains("There is no ledger here"));
    let csrf = fresh.get("/", Some(&visit.cookie())).await.csrf();
    let body = format!("person={}&next=/&csrf={csrf}", "1".repeat(32));
    assert_eq!(fresh.post("/sign-in", Some(&visit.cookie()), &body).await.status, 403);
}

#[tokio::test]
async fn a_foreign_host_and_a_foreign_origin_are_refused() {
    let console = Console::fresh();
    assert_eq!(console.send("GET", "/", &[("host", "evil.example")], "").await.status, 421);
    let visit = console.get("/", None).await;
    let body = format!("csrf={}", visit.csrf());
    let headers = [("cookie", visit.cookie()), ("origin", "http://evil.example".to_owned())];
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(console.send("POST", "/sources/retry", &headers, &body).await.status, 403);
    assert_eq!(console.post("/sources/retry", Some(&visit.cookie()), &body).await.status, 303);
}

#[tokio::test]
async fn who_is_not_signed_in_gets_no_change_no_engine_no_entry_and_cannot_act() {
    let console = Console::beside(&in_earnest().await).await;
    for path in ["/entries/control/0", "/entries/events/0"] {
        let page = console.get(path, None).await;
        assert!(page.status == 403 && page.body.contains("viewer.unknown"), "{path}");
    }
    for path in ["/changes", "/engines", "/resources", "/roster"] {
        let page = console.get(path, None).await;
        assert!(!page.body.contains("<tbody"), "{path}");
    }
    let visit = console.get("/", None).await;
    let body = format!("csrf={}&kind=rollback&engine={}&reason=because", visit.csrf(), "0".repeat(32));
    let answer = console.post("/changes/new", Some(&visit.cookie()), &body).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/changes/new?kind=rollback".to_owned()));
    let page = console.get(&answer.header("location"), Some(&visit.cookie())).await;
    assert!(page.status == 403 && page.body.contains("viewer.unknown"));
}

#[tokio::test]
async fn a_forms_address_leads_back_to_its_page() {
    let console = Console::fresh();
    let id = "0".repeat(32);
    for (path, page) in [
        (format!("/changes/{id}/approve"), format!("/changes/{id}")),
        (format!("/engines/{id}/rollback"), format!("/changes/new?kind=rollback&engine={id}")),
        (format!("/engines/{id}/deployment"), format!("/changes/new?kind=deployment&engine={id}")),
        (format!("/engines/{id}/no-such-kind"), "/changes/new".to_owned()),
        ("/changes/x/approve".to_owned(), "/changes".to_owned()),
        ("/sign-out".to_owned(), "/".to_owned()),
        ("/sources/retry".to_owned(), "/".to_owned()),
    ] {
        let answer = console.get(&path, None).await;
        assert_eq!((answer.status, answer.header("location")), (303, page), "{path}");
    }
}

#[tokio::test]
async fn the_live_stream_sends_chips_at_once() {
    let console = Console::fresh();
    let text = console.first_event("/live").await;
    assert!(text.starts_with("data: ") && text.contains("id=\"chips\"") && text.contains("hx-swap-oob"));
    assert!(text.contains("event: pulse") && text.contains("\"fresh\":{\"control\":[],\"events\":[]"));
}

#[tokio::test]
async fn empty_fields_of_a_form_do_not_stay_in_the_address() {
    let console = Console::fresh();
    let sent = console.get("/?q=dns+drift&category=&severity=&of=&actor=&from=&to=", None).await;
    assert_eq!((sent.status, sent.header("location").as_str()), (303, "/?q=dns%20drift"));
    assert_eq!(console.get("/?q=", None).await.header("location"), "/");
    assert_eq!(console.get("/?q=dns%20drift", None).await.status, 200);
}
