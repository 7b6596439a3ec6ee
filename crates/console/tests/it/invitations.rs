//! A person is invited by a link: what becomes of it, and everything that must become nothing.

use crate::fixture::{Console, Got, in_earnest};
use client::percent_encoded;
use control::{Body, Document};
use model::{ChangeId, Digest, PersonId, Role};
use signed::{Challenge, KeyProof, ssh};
use ssh_key::PrivateKey;
use std::net::Ipv4Addr;
use testkit::{Double, World, until};

fn key() -> PrivateKey {
    ssh::private_key(&[200; 32])
}

/// What `key prove` prints.
fn proof(key: &PrivateKey, ledger: Digest, person: PersonId) -> String {
    let openssh = key.public_key().to_openssh().unwrap();
    let challenge = Challenge { ledger, person, key: ssh::key_id(&openssh).unwrap() };
    serde_json::to_string(&KeyProof { ledger, person, openssh, possession: challenge.sign(key).unwrap() }).unwrap()
}

/// What is pasted, for whom.
type Text = Box<dyn FnOnce(PersonId) -> String>;

/// An inviter's browser in a demonstration.
struct Inviter {
    double: Double,
    console: Console,
    cookie: String,
}

impl Inviter {
    async fn new() -> Self {
        let double = Double::serve(World::new(), (Ipv4Addr::LOCALHOST, 0).into()).await;
        let console = Console::demo(&double).await;
        let cookie = console.seated(World::OPERATOR).await;
        Self { double, console, cookie }
    }

    async fn send(&self, path: &str, answers: &[(&str, &str)]) -> Got {
        let csrf = self.console.get("/roster", Some(&self.cookie)).await.csrf();
        let pairs = [("csrf", csrf.as_str())].into_iter().chain(answers.iter().copied());
        let body: Vec<_> = pairs.map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
        self.console.post(path, Some(&self.cookie), &body.join("&")).await
    }

    /// The path of a link that was made.
    async fn invites(&self, answers: &[(&str, &str)]) -> String {
        let made = self.send("/invitations/new", answers).await;
        assert_eq!(made.status, 200, "{}", made.body);
        let link = made.between("id=\"invitation-link\">", "<").replace("&#38;", "&");
        link.strip_prefix(&self.console.origin()).unwrap().to_owned()
    }

    async fn invites_eve(&self) -> String {
        self.invites(&[("name", "Eve"), ("roles", "finance-reviewer"), ("roles", "support-auditor")]).await
    }

    /// Its only invitation as the page Roster has it.
    async fn listed(&self) -> (String, Got) {
        let page = self.console.get("/roster", Some(&self.cookie)).await;
        (page.between("data-invitation=\"", "\""), page)
    }

    fn ledger(&self) -> Digest {
        self.double.trust().genesis
    }
}

/// Whom the proof is for, as the command on the page says it.
fn person(page: &Got) -> PersonId {
    page.between("--person ", " ").parse().unwrap()
}

/// Opens a link in a browser of its own, and sends what a text says; where it leads, and that page.
async fn answers(console: &Console, link: &str, text: impl FnOnce(PersonId) -> String) -> (Got, Got) {
    let page = console.get(link, None).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let cookie = page.cookie();
    let body = format!("csrf={}&proof={}", page.csrf(), percent_encoded(&text(person(&page))));
    let sent = console.post(link.split('?').next().unwrap(), Some(&cookie), &body).await;
    let told = console.get(link, Some(&cookie)).await;
    (sent, told)
}

fn is_refused(got: &Got, status: u16, code: &str) {
    let said = got.status == status && got.body.contains(&format!("data-code=\"{code}\""));
    assert!(said && got.body.contains("To go on: "), "{code}: {} {}", got.status, got.body);
}

#[tokio::test]
async fn an_answered_invitation_becomes_a_draft_that_its_inviter_signs() {
    let inviter = Inviter::new().await;
    let (console, before) = (&inviter.console, inviter.double.submitted().len());
    let link = inviter.invites_eve().await;
    let page = console.get(&link, None).await;
    for words in ["Governance Operator 1", "invites Eve", "Finance Reviewer + Support Auditor", "every tenant"] {
        assert!(page.body.contains(words), "{words}");
    }
    assert!(page.body.contains(&inviter.double.trust().origin.to_string()));
    let ledger = inviter.ledger();
    let (sent, told) = answers(console, &link, |person| proof(&key(), ledger, person)).await;
    assert_eq!(sent.status, 303);
    assert!(told.body.contains("2 people must countersign") && told.body.contains("you can close this page"));
    let id = ssh::key_id(&key().public_key().to_openssh().unwrap()).unwrap();
    assert!(told.body.contains(&id.short()));
    let session = |command: &control::Command| matches!(command, control::Command::Signed { .. });
    let signed = |double: &Double| double.submitted().iter().filter(|command| session(command)).count();
    assert_eq!(signed(&inviter.double), 0, "{before}: nobody signed anything so far");

    let (invitation, roster) = inviter.listed().await;
    assert!(roster.body.contains(&id.short()) && roster.body.contains("data-action=\"open-invited\""));
    until("a roster change can be asked for", async || {
        let form = console.get("/changes/new?kind=roster-change", Some(&inviter.cookie)).await;
        (!form.body.contains("ask-blocked")).then_some(())
    })
    .await;
    let opened = inviter.send(&format!("/invitations/{invitation}/open"), &[("reason", "Eve joins")]).await;
    let path = opened.header("location");
    let change: ChangeId = path.strip_prefix("/changes/").unwrap_or_else(|| panic!("{path}")).parse().unwrap();
    let state = inviter.double.state();
    let change = &state.changes[&change];
    assert_eq!(change.authors.iter().copied().collect::<Vec<_>>(), [World::OPERATOR]);
    let Some(Document::Roster(next)) = &change.document else { panic!("a roster") };
    let eve = next.people.iter().find(|person| state.roster.person(&person.id).is_none()).unwrap();
    assert_eq!(eve.roles, [Role::FinanceReviewer, Role::SupportAuditor]);
    assert_eq!(eve.keys.iter().map(|key| key.id).collect::<Vec<_>>(), [id]);
    let Body::RosterChange { possessions, .. } = &change.package.body else { panic!("a roster change") };
    assert_eq!(possessions.len(), 1);
    let (_, roster) = inviter.listed().await;
    assert!(roster.body.contains("You asked for it") && !roster.body.contains("open-invited"));
}

#[tokio::test]
async fn a_link_is_answered_once_and_the_second_browser_is_told() {
    let inviter = Inviter::new().await;
    let (console, ledger) = (&inviter.console, inviter.ledger());
    let link = inviter.invites_eve().await;
    let page = console.get(&link, None).await;
    let late = (page.cookie(), page.csrf(), person(&page));
    // A preview of a link spends nothing, and it signs nobody in.
    assert!(page.body.contains("id=\"prove\"") && page.header("cache-control") == "no-store");
    answers(console, &link, |person| proof(&key(), ledger, person)).await;
    is_refused(&console.get(&link, None).await, 409, "invitation.used");
    let other = proof(&ssh::private_key(&[201; 32]), ledger, late.2);
    let body = format!("csrf={}&proof={}", late.1, percent_encoded(&other));
    is_refused(&console.post(link.split('?').next().unwrap(), Some(&late.0), &body).await, 409, "invitation.used");
    let (_, roster) = inviter.listed().await;
    let id = ssh::key_id(&key().public_key().to_openssh().unwrap()).unwrap();
    assert!(roster.body.contains(&id.short()), "the first answer stands");
}

#[tokio::test]
async fn a_proof_that_proves_nothing_says_why_and_spends_no_link() {
    let inviter = Inviter::new().await;
    let (console, ledger) = (&inviter.console, inviter.ledger());
    let link = inviter.invites_eve().await;
    let mut identity = [0_u8; 32];
    identity[0] = 1;
    let weak = ssh_key::PublicKey::from(ssh_key::public::Ed25519PublicKey(identity)).to_openssh().unwrap();
    let listed = World::person_key(&World::FINANCE);
    let texts: [(&str, Text); 6] = [
        ("invitation.no_proof", Box::new(|_| "hello".to_owned())),
        (
            "invitation.key_unsound",
            Box::new(move |person| {
                let mut proof: KeyProof = serde_json::from_str(&proof(&key(), ledger, person)).unwrap();
                proof.openssh = weak;
                serde_json::to_string(&proof).unwrap()
            }),
        ),
        ("invitation.key_listed", Box::new(move |person| proof(&listed, ledger, person))),
        ("invitation.other_ledger", Box::new(|person| proof(&key(), Digest::of_bytes(b"a fork"), person))),
        ("invitation.other_challenge", Box::new(move |_| proof(&key(), ledger, World::FINANCE))),
        (
            "invitation.other_challenge",
            Box::new(move |person| {
                let other: KeyProof = serde_json::from_str(&proof(&key(), ledger, World::FINANCE)).unwrap();
                serde_json::to_string(&KeyProof { person, ..other }).unwrap()
            }),
        ),
    ];
    for (code, text) in texts {
        let (sent, told) = answers(console, &link, text).await;
        assert_eq!(sent.status, 303, "{code}");
        is_refused(&told, 200, code);
    }
    let (_, roster) = inviter.listed().await;
    assert!(roster.body.contains("data-answered=\"false\""));
    let (_, told) = answers(console, &link, |person| proof(&key(), ledger, person)).await;
    assert!(told.body.contains("id=\"answered\""), "it was not spent");
}

#[tokio::test]
async fn a_link_of_another_ledger_or_console_an_invented_and_a_withdrawn_one_open_nothing() {
    let inviter = Inviter::new().await;
    let console = &inviter.console;
    let link = inviter.invites_eve().await;
    let (path, marks) = link.split_once('?').unwrap();
    let (ledger, other) = marks.split_once('&').unwrap();
    is_refused(
        &console.get(&format!("{path}?ledger=000000000000&{other}"), None).await,
        409,
        "invitation.other_ledger",
    );
    is_refused(
        &console.get(&format!("{path}?{ledger}&console=000000000000"), None).await,
        409,
        "invitation.other_console",
    );
    let beside = Console::demo(&inviter.double).await;
    is_refused(&beside.get(&link, None).await, 409, "invitation.other_console");
    is_refused(&beside.get(path, None).await, 404, "invitation.unknown");
    for invented in ["/invitations/x", &format!("/invitations/{}", Digest::ZERO)] {
        is_refused(&console.get(invented, None).await, 404, "invitation.unknown");
    }
    let page = console.get(&link, None).await;
    let (invitation, _) = inviter.listed().await;
    // Nobody else withdraws it or opens a draft with it.
    let stranger = console.seated(World::FINANCE).await;
    let csrf = console.get("/roster", Some(&stranger)).await.csrf();
    for verb in ["withdraw", "open"] {
        let path = format!("/invitations/{invitation}/{verb}");
        let answer = console.post(&path, Some(&stranger), &format!("csrf={csrf}")).await;
        assert_eq!((answer.status, answer.header("location").as_str()), (303, "/roster"));
        is_refused(&console.get("/roster", Some(&stranger)).await, 200, "invitation.unknown");
    }
    inviter.send(&format!("/invitations/{invitation}/open"), &[]).await;
    let told = console.get("/roster", Some(&inviter.cookie)).await;
    is_refused(&told, 200, "invitation.unanswered");
    inviter.send(&format!("/invitations/{invitation}/withdraw"), &[]).await;
    is_refused(&console.get(&link, None).await, 404, "invitation.unknown");
    let body =
        format!("csrf={}&proof={}", page.csrf(), percent_encoded(&proof(&key(), inviter.ledger(), person(&page))));
    is_refused(&console.post(path, Some(&page.cookie()), &body).await, 404, "invitation.unknown");
}

#[tokio::test]
async fn who_is_not_signed_in_invites_nobody_and_a_foreign_form_makes_no_link() {
    let inviter = Inviter::new().await;
    let console = &inviter.console;
    let page = console.get("/invitations/new", None).await;
    assert!(page.body.contains("data-sign-in=\"invite\"") && !page.body.contains("data-action=\"invite\""));
    let body = format!("csrf={}&name=Eve&roles=finance-reviewer", page.csrf());
    let sent = console.post("/invitations/new", Some(&page.cookie()), &body).await;
    assert_eq!((sent.status, sent.header("location").as_str()), (303, "/invitations/new"));
    is_refused(&console.get("/invitations/new", Some(&page.cookie())).await, 200, "viewer.unknown");
    for body in ["", "csrf=", &body] {
        let foreign = console.post("/invitations/new", Some(&inviter.cookie), body).await;
        assert!(foreign.status == 403 && foreign.body.contains("csrf.foreign"), "{body}");
    }
    for (answers, code) in [
        (&[("roles", "finance-reviewer")][..], "form.malformed"),
        (&[("name", "Eve")], "form.malformed"),
        (&[("name", "Eve"), ("roles", "king")], "form.malformed"),
        (
            &[("name", "Eve"), ("roles", "finance-reviewer"), ("tenants", "00000000000000000000000000000000")],
            "form.malformed",
        ),
        (&[("name", "turned \u{202e} round"), ("roles", "finance-reviewer")], "text.character"),
    ] {
        inviter.send("/invitations/new", answers).await;
        is_refused(&console.get("/invitations/new", Some(&inviter.cookie)).await, 200, code);
    }
    assert!(!console.get("/roster", Some(&inviter.cookie)).await.body.contains("data-invitation"));
    // A link's form wants a token of the session that reads it.
    let link = inviter.invites_eve().await;
    let path = link.split('?').next().unwrap();
    let page = console.get(&link, None).await;
    let others = console.get(&link, None).await.csrf();
    for csrf in ["", &others] {
        let got = console.post(path, Some(&page.cookie()), &format!("csrf={csrf}&proof=x")).await;
        assert!(got.status == 403 && got.body.contains("csrf.foreign"));
    }
}

#[tokio::test]
async fn one_persons_invitations_are_bounded_and_the_next_one_is_refused() {
    let inviter = Inviter::new().await;
    for _ in 0..16 {
        inviter.invites_eve().await;
    }
    inviter.send("/invitations/new", &[("name", "Eve"), ("roles", "finance-reviewer")]).await;
    let page = inviter.console.get("/invitations/new", Some(&inviter.cookie)).await;
    is_refused(&page, 200, "invitation.too_many");
    assert!(page.body.contains("value=\"Eve\""), "what was written is still there");
}

#[tokio::test]
async fn another_key_of_a_person_is_asked_for_by_a_link_and_outside_the_demo_by_the_inviters_own_command() {
    let double = in_earnest().await;
    let console = Console::beside(&double).await;
    let address = console.url(World::OPERATOR).await;
    let page = console.get(&address, None).await;
    let cookie = console.post(&address, Some(&page.cookie()), &format!("csrf={}", page.csrf())).await.cookie();
    let person = World::FINANCE;
    let form = console.get(&format!("/invitations/new?person={person}"), Some(&cookie)).await;
    assert!(
        form.body.contains("<h1>Another key for ")
            && form.body.contains(&format!("name=\"person\" value=\"{person}\""))
    );
    let body = format!("csrf={}&person={person}", form.csrf());
    let made = console.post("/invitations/new", Some(&cookie), &body).await;
    let link = made.between("id=\"invitation-link\">", "<").replace("&#38;", "&");
    let link = link.strip_prefix(&console.origin()).unwrap().to_owned();
    let ledger = double.trust().genesis;
    let (_, told) = answers(&console, &link, |asked| {
        assert_eq!(asked, person);
        proof(&key(), ledger, person)
    })
    .await;
    assert!(told.body.contains("id=\"answered\""));
    let roster = console.get("/roster", Some(&cookie)).await;
    let command = roster.between("<code data-copy>printf ", "</code>");
    assert!(command.contains(&format!("countersign person key add {person} --possession ")), "{command}");
    assert!(!roster.body.contains("open-invited"), "nobody's key is here");
    let missing = console.get(&format!("/invitations/new?person={}", "7".repeat(32)), Some(&cookie)).await;
    assert_eq!(missing.status, 404);
}

#[tokio::test]
async fn a_key_is_suspended_on_the_page_by_two_people_and_no_later_word_says_it_again() {
    let double = Double::serve(World::new(), (Ipv4Addr::LOCALHOST, 0).into()).await;
    let console = Console::demo(&double).await;
    let key = double.state().roster.person(&World::AUDITOR).unwrap().keys[0].id;
    let path = format!("/roster/suspend?person={}&key={key}", World::AUDITOR);
    let say = async |who: PersonId| {
        let cookie = console.seated(who).await;
        until("the key can be suspended", async || {
            let page = console.get(&path, Some(&cookie)).await;
            (!page.body.contains("data-action=\"suspend\" disabled")).then_some(())
        })
        .await;
        let csrf = console.get(&path, Some(&cookie)).await.csrf();
        let body = format!("csrf={csrf}&person={}&key={key}&reason=lost", World::AUDITOR);
        let said = console.post("/roster/suspend", Some(&cookie), &body).await;
        (cookie, said)
    };
    let unsigned = console.get(&path, None).await;
    assert!(unsigned.body.contains("data-sign-in=\"suspend\"") && !unsigned.body.contains("data-action=\"suspend\""));
    let (cookie, said) = say(World::OPERATOR).await;
    assert_eq!((said.status, said.header("location").as_str()), (303, "/roster"), "{}", said.body);
    assert!(console.get("/roster", Some(&cookie)).await.body.contains("suspension asked"));
    assert!(double.state().since.key_is_active(&key), "one person's word suspends nobody's key");
    // The same person a second time is refused, and is told so.
    let (cookie, said) = say(World::OPERATOR).await;
    assert!(said.header("location").starts_with("/roster/suspend"));
    assert!(console.get(&path, Some(&cookie)).await.body.contains("id=\"refusal\""));
    assert!(double.state().since.key_is_active(&key));
    let (cookie, said) = say(World::FINANCE).await;
    assert_eq!(said.header("location"), "/roster");
    assert!(!double.state().since.key_is_active(&key));
    let roster = console.get("/roster", Some(&cookie)).await;
    assert!(roster.body.contains("data-suspended=\"true\""));
    assert_eq!(console.get(&path, Some(&cookie)).await.status, 404, "there is no active key any more");
}
