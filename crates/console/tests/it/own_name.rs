//! What must not reach somebody else's port on the same machine: the session, and the console's credential.

use crate::fixture::Console;
use control::Principal;
use model::{Scope, Service};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use testkit::{Double, World, until};

#[tokio::test]
async fn pages_answer_by_one_name_and_set_no_cookie_under_another() {
    let console = Console::fresh();
    let own = console.origin();
    for name in ["127.0.0.1", "[::1]"] {
        let host = own.replace("http://localhost", name);
        for method in ["GET", "HEAD"] {
            let led = console.send(method, "/changes?said=run", &[("host", &host)], "").await;
            assert_eq!((led.status, led.header("location")), (308, format!("{own}/changes?said=run")), "{host}");
            assert!(led.header("set-cookie").is_empty() && led.header("cache-control").contains("no-store"));
        }
        let visit = console.get("/", None).await;
        let (cookie, body) = (visit.cookie(), format!("csrf={}", visit.csrf()));
        let sent = console.send("POST", "/sources/retry", &[("host", &host), ("cookie", &cookie)], &body).await;
        assert!(sent.status == 421 && sent.body.contains("host.other_name"), "{}", sent.body);
        for probe in ["/readyz", "/healthz", "/metrics"] {
            assert_ne!(console.send("GET", probe, &[("host", &host)], "").await.status, 308, "{probe}");
        }
        // A program carries no cookie; it is told the console's name in the answer itself.
        let asked = console.send("POST", "/v1/sign-in/challenges", &[("host", &host)], "{}").await;
        assert_ne!(asked.status, 421);
    }
}

/// Stands on a service's port, says that it is ready, and keeps the heads of all it is asked.
fn squatter() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let heads = Arc::new(Mutex::new(vec![]));
    let kept = Arc::clone(&heads);
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let (mut head, mut chunk) = (vec![], [0; 4_096]);
            while !head.windows(4).any(|end| end == b"\r\n\r\n") {
                match stream.read(&mut chunk) {
                    Ok(0) | Err(_) => break,
                    Ok(read) => head.extend(&chunk[..read]),
                }
            }
            kept.lock().unwrap().push(String::from_utf8_lossy(&head).to_lowercase());
            let body = r#"{"ready":true,"checks":[]}"#;
            let length = body.len();
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
            // Who asked may be gone; the next one is answered all the same.
            let _ = write!(stream, "{head}\r\ncontent-length: {length}\r\n\r\n{body}");
        }
    });
    (url, heads)
}

#[tokio::test]
async fn the_consoles_credential_is_shown_to_governance_alone() {
    let double = Double::start().await;
    let others: Vec<_> = Service::ALL.iter().filter(|service| **service != Service::Governance).collect();
    let squatters: Vec<_> = others.iter().map(|_| squatter()).collect();
    let urls = others.iter().zip(&squatters).map(|(service, (url, _))| (**service, url.clone()));
    let sources = urls.chain([(Service::Governance, double.url().to_owned())]).collect();
    let _console = Console::start(tempfile::tempdir().unwrap(), sources, Some(double.trust()), false);
    let signed_in = || double.state().sessions.values().any(|held| matches!(held.principal, Principal::Console { .. }));
    until("the console has signed in", async || signed_in().then_some(())).await;
    let data =
        |heads: &Mutex<Vec<String>>| heads.lock().unwrap().iter().filter(|head| head.starts_with("get /v1/")).count();
    // It reads all sources again whenever the ledger grows: what it does from now on, it does signed in.
    for _ in 0..2 {
        let before: Vec<_> = squatters.iter().map(|(_, heads)| data(heads)).collect();
        double.login(World::AUTHOR, Scope::Read);
        let all = || squatters.iter().zip(&before).all(|((_, heads), before)| data(heads) > *before);
        until("every source was asked again", async || all().then_some(())).await;
    }
    for (_, heads) in &squatters {
        for head in heads.lock().unwrap().iter() {
            assert!(!head.contains("authorization") && !head.contains("cookie") && !head.contains("viewer"), "{head}");
        }
    }
}
