//! Signing in with one's own key, and everything that must not sign anybody in.

use crate::fixture::{Console, Got, in_earnest};
use client::{Challenge, ChallengeAnswer, OneTimeUrl, Signer};
use model::{Digest, PersonId};
use serde_json::{Value, json};
use signed::{ConsoleSignIn, ssh};
use ssh_key::PrivateKey;
use testkit::World;

const JSON: (&str, &str) = ("content-type", "application/json");

fn public(key: &PrivateKey) -> Digest {
    ssh::key_id(&key.public_key().to_openssh().unwrap()).unwrap()
}

impl Console {
    async fn asked(&self, path: &str, body: &Value) -> Got {
        self.send("POST", path, &[JSON], &body.to_string()).await
    }

    async fn challenge(&self, key: &PrivateKey) -> Challenge {
        let got = self.asked("/v1/sign-in/challenges", &json!({ "key": public(key) })).await;
        assert_eq!(got.status, 200, "{}", got.body);
        serde_json::from_str(&got.body).unwrap()
    }

    async fn answer(&self, answer: &ChallengeAnswer) -> Got {
        self.asked("/v1/sign-in", &serde_json::to_value(answer).unwrap()).await
    }

    /// The path of a one-time URL of this person.
    pub(crate) async fn url(&self, person: PersonId) -> String {
        let key = World::person_key(&person);
        let challenge = self.challenge(&key).await;
        let answer = Signer::Key(Box::new(key)).answer(&challenge).unwrap();
        let got = self.answer(&answer).await;
        assert_eq!(got.status, 200, "{}", got.body);
        let url: OneTimeUrl = serde_json::from_str(&got.body).unwrap();
        let path = url.url.strip_prefix(&self.origin()).unwrap().to_owned();
        let secret = path.strip_prefix("/sign-in/once/").unwrap();
        assert!(secret.parse::<Digest>().is_ok(), "32 random bytes");
        path
    }

    /// Opens a one-time URL in a browser of its own and presses the button.
    pub(crate) async fn press(&self, path: &str) -> (Got, Got) {
        let page = self.get(path, None).await;
        let pressed = self.post(path, Some(&page.cookie()), &format!("csrf={}", page.csrf())).await;
        (page, pressed)
    }

    pub(crate) async fn signed_in(&self, cookie: &str) -> bool {
        self.get("/roster", Some(cookie)).await.body.contains("data-action=\"sign-out\"")
    }
}

fn refused(got: &Got, code: &str) {
    assert!(got.status == 403 && got.body.contains(&format!("\"{code}\"")), "{code}: {} {}", got.status, got.body);
    let problem: Value = serde_json::from_str(&got.body).unwrap();
    assert!(!problem["error"]["next"].as_str().unwrap().is_empty(), "it says what to do next");
}

/// What this person's key signs, after `change`.
fn signed(challenge: &Challenge, key: &PrivateKey, change: impl FnOnce(&mut ConsoleSignIn)) -> ChallengeAnswer {
    let mut answer = Signer::Key(Box::new(key.clone())).answer(challenge).unwrap();
    change(&mut answer.statement);
    answer.signature = answer.statement.sign(key).unwrap();
    answer
}

#[tokio::test]
async fn a_key_of_the_roster_signs_a_browser_in() {
    let double = in_earnest().await;
    let console = Console::beside(&double).await;
    let page = console.get("/sign-in", None).await;
    let command = format!("countersign login --console {} --key ", console.origin());
    assert!(page.body.contains(&command), "the page shows the command");
    let path = console.url(World::FINANCE).await;
    // A preview of the link spends nothing.
    for _ in 0..2 {
        let preview = console.get(&path, None).await;
        assert!(preview.status == 200 && preview.header("cache-control") == "no-store");
    }
    let (page, pressed) = console.press(&path).await;
    assert!(page.body.contains("Finance Reviewer") && page.body.contains(&World::FINANCE.to_string()));
    assert_eq!((pressed.status, pressed.header("location").as_str()), (303, "/"));
    let roster = console.get("/roster", Some(&pressed.cookie())).await;
    assert!(roster.body.contains(&format!("data-person=\"{}\"", World::FINANCE)));
    // The secret is in the form's address and nowhere else.
    let secret = path.rsplit('/').next().unwrap();
    assert_eq!(page.body.matches(secret).count(), 1);
    assert!(!console.get("/metrics", None).await.body.contains(secret));
}

#[tokio::test]
async fn it_works_with_governance_gone_by_the_last_roster_seen() {
    let double = in_earnest().await;
    let console = Console::beside(&double).await;
    drop(double);
    let (_, pressed) = console.press(&console.url(World::AUDITOR).await).await;
    assert!(console.signed_in(&pressed.cookie()).await);
}

#[tokio::test]
async fn a_url_used_a_second_time_ends_the_first_session_and_both_are_told() {
    let console = Console::beside(&in_earnest().await).await;
    let (path, other) = (console.url(World::OPERATOR).await, console.url(World::OPERATOR).await);
    let (_, first) = console.press(&path).await;
    let (_, elsewhere) = console.press(&other).await;
    let first = first.cookie();
    // The browser that used it may come back to it; looking at it from another one ends nothing.
    let back = console.get(&path, Some(&first)).await;
    assert_eq!((back.status, back.header("location").as_str()), (303, "/"));
    let again = console.post(&path, Some(&first), "csrf=").await;
    assert_eq!((again.status, again.header("location").as_str()), (303, "/"), "a second click of its own");
    let looked = console.get(&path, None).await;
    assert!(looked.status == 409 && looked.body.contains("sign_in.spent"));
    assert!(console.signed_in(&first).await);

    let (_, second) = console.press(&path).await;
    assert!(
        second.status == 409 && second.body.contains("sign_in.spent") && second.body.contains("has been ended now")
    );
    assert!(second.header("set-cookie").is_empty(), "no session comes of it");
    // A page's own script is not a person to tell.
    let headers = [("cookie", first.as_str()), ("hx-request", "true")];
    assert_eq!(console.send("GET", "/roster", &headers, "").await.status, 200);
    assert_eq!(console.post("/sources/retry", Some(&first), "csrf=").await.header("location"), "/sign-in");
    let sent = console.get("/roster", Some(&first)).await;
    assert_eq!((sent.status, sent.header("location").as_str()), (303, "/sign-in"));
    let told = console.get("/sign-in", Some(&first)).await;
    assert!(told.body.contains("sign_in.spent") && told.body.contains("used a second time"), "{}", told.body);
    assert!(!console.signed_in(&first).await);
    assert!(console.get("/sign-in", Some(&first)).await.body.matches("sign_in.spent").count() == 0, "told once");
    assert!(console.signed_in(&elsewhere.cookie()).await, "no other session of that person ends");
    let (_, third) = console.press(&path).await;
    assert!(third.status == 409 && third.body.contains("that session is over"));
}

#[tokio::test]
async fn a_fixed_session_is_not_signed_in_and_the_old_one_ends() {
    let console = Console::beside(&in_earnest().await).await;
    let path = console.url(World::OPERATOR).await;
    let page = console.get(&path, None).await;
    let fixed = page.cookie();
    let pressed = console.post(&path, Some(&fixed), &format!("csrf={}", page.csrf())).await;
    assert_ne!(pressed.cookie(), fixed);
    assert!(!console.signed_in(&fixed).await && console.signed_in(&pressed.cookie()).await);
    // Whoever is signed in becomes somebody else by the button only, and is told so before.
    let path = console.url(World::FINANCE).await;
    let page = console.get(&path, Some(&pressed.cookie())).await;
    assert!(page.body.contains("That session ends"));
    let body = format!("csrf={}", page.between("name=\"csrf\" value=\"", "\""));
    let again = console.post(&path, Some(&pressed.cookie()), &body).await;
    assert!(!console.signed_in(&pressed.cookie()).await && console.signed_in(&again.cookie()).await);
}

#[tokio::test]
async fn a_url_is_not_spent_without_this_sessions_token() {
    let console = Console::beside(&in_earnest().await).await;
    let path = console.url(World::OPERATOR).await;
    let cookie = console.get(&path, None).await.cookie();
    let others = console.get(&path, None).await.csrf();
    for body in ["", "csrf=", &format!("csrf={others}"), &format!("csrf={}", "0".repeat(128))] {
        for cookie in [Some(cookie.as_str()), None] {
            let got = console.post(&path, cookie, body).await;
            assert!(got.status == 403 && got.body.contains("csrf.foreign"), "{body}");
        }
    }
    let (_, pressed) = console.press(&path).await;
    assert_eq!(pressed.status, 303, "it was not spent");
}

#[tokio::test]
async fn a_foreign_host_or_origin_asks_answers_and_spends_nothing() {
    let console = Console::beside(&in_earnest().await).await;
    let key = World::person_key(&World::OPERATOR);
    let answer = signed(&console.challenge(&key).await, &key, |_| {});
    let path = console.url(World::OPERATOR).await;
    let page = console.get(&path, None).await;
    let (cookie, form) = (page.cookie(), format!("csrf={}", page.csrf()));
    let (ask, say) = (json!({ "key": public(&key) }).to_string(), serde_json::to_string(&answer).unwrap());
    let form_type = ("content-type", "application/x-www-form-urlencoded");
    for (path, kind, body) in
        [("/v1/sign-in/challenges", JSON, &ask), ("/v1/sign-in", JSON, &say), (path.as_str(), form_type, &form)]
    {
        for (name, value, status, code) in [
            ("host", "evil.example", 421, "host.foreign"),
            ("origin", "http://evil.example", 403, "origin.foreign"),
            ("origin", "null", 403, "origin.foreign"),
        ] {
            let got = console.send("POST", path, &[kind, ("cookie", &cookie), (name, value)], body).await;
            assert!(got.status == status && got.body.contains(code), "{path} {name}: {} {}", got.status, got.body);
        }
    }
    assert_eq!(console.answer(&answer).await.status, 200, "the challenge was not taken");
    assert_eq!(console.post(&path, Some(&cookie), &form).await.status, 303, "the address was not spent");
}

#[tokio::test]
async fn a_challenge_is_answered_once_and_by_the_key_that_was_asked() {
    let console = Console::beside(&in_earnest().await).await;
    let (key, other) = (World::person_key(&World::OPERATOR), World::person_key(&World::FINANCE));
    let challenge = console.challenge(&key).await;
    let answer = signed(&challenge, &key, |_| {});
    assert_eq!(console.answer(&answer).await.status, 200);
    refused(&console.answer(&answer).await, "sign_in.challenge");
    refused(&console.answer(&signed(&challenge, &key, |_| {})).await, "sign_in.challenge");
    // One that was never asked, and one that another key was asked.
    let unasked = signed(&challenge, &key, |said| said.challenge = Digest::of_bytes(b"mine"));
    refused(&console.answer(&unasked).await, "sign_in.challenge");
    let others = Challenge { person: World::FINANCE, ..console.challenge(&key).await };
    refused(&console.answer(&signed(&others, &other, |_| {})).await, "sign_in.challenge");
    // A life that the signer chose.
    let longer = console.challenge(&key).await;
    let longer = signed(&longer, &key, |said| said.expires = said.expires.plus_millis(1));
    refused(&console.answer(&longer).await, "sign_in.challenge");
}

#[tokio::test]
async fn what_was_signed_for_another_console_or_ledger_is_worth_nothing_here() {
    let double = in_earnest().await;
    let (console, other) = (Console::beside(&double).await, Console::beside(&double).await);
    let key = World::person_key(&World::OPERATOR);
    // The whole answer, carried from one console of the same ledger to the other.
    let carried = signed(&other.challenge(&key).await, &key, |_| {});
    refused(&console.answer(&carried).await, "sign_in.other_console");
    let challenge = console.challenge(&key).await;
    let ledger = signed(&challenge, &key, |said| said.ledger = Digest::of_bytes(b"a fork"));
    refused(&console.answer(&ledger).await, "sign_in.other_ledger");
    // Refused answers took nothing from whoever was asked.
    assert_eq!(console.answer(&signed(&challenge, &key, |_| {})).await.status, 200);
}

#[tokio::test]
async fn a_strangers_key_and_another_persons_key_sign_nobody_in() {
    let console = Console::beside(&in_earnest().await).await;
    let (stranger, finance) = (ssh::private_key(&[200; 32]), World::person_key(&World::FINANCE));
    let operator = World::person_key(&World::OPERATOR);
    refused(&console.asked("/v1/sign-in/challenges", &json!({ "key": public(&stranger) })).await, "sign_in.key");
    let challenge = console.challenge(&operator).await;
    refused(&console.answer(&signed(&challenge, &stranger, |_| {})).await, "sign_in.key");
    // Finance's key says that it is the operator, by its own name and by the operator's.
    refused(&console.answer(&signed(&challenge, &finance, |_| {})).await, "sign_in.key");
    let forged = signed(&challenge, &finance, |said| said.key = public(&operator));
    refused(&console.answer(&forged).await, "sign_in.signature");
    let nobody = signed(&challenge, &operator, |said| said.person = PersonId([77; 16]));
    refused(&console.answer(&nobody).await, "sign_in.key");
    let twisted = ChallengeAnswer { signature: "AAAA".to_owned(), ..signed(&challenge, &operator, |_| {}) };
    refused(&console.answer(&twisted).await, "sign_in.signature");
    assert_eq!(console.answer(&signed(&challenge, &operator, |_| {})).await.status, 200, "nobody else spent it");
}

#[tokio::test]
async fn without_a_ledger_nobody_is_asked_and_an_invented_address_opens_nothing() {
    let console = Console::fresh();
    let got = console.asked("/v1/sign-in/challenges", &json!({ "key": Digest::ZERO })).await;
    assert!(got.status == 409 && got.body.contains("sign_in.no_ledger"), "{}", got.body);
    for secret in ["x".to_owned(), Digest::ZERO.to_string()] {
        let path = format!("/sign-in/once/{secret}");
        let page = console.get(&path, None).await;
        assert!(page.status == 404 && page.body.contains("sign_in.unknown"), "{secret}");
        let csrf = console.get("/sources", Some(&page.cookie())).await.csrf();
        let posted = console.post(&path, Some(&page.cookie()), &format!("csrf={csrf}")).await;
        assert!(posted.status == 404 && posted.body.contains("sign_in.unknown"), "{secret}");
    }
}
