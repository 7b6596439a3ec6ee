//! A service that has just started grants nothing until it knows what there is to know.

use crate::running::{Running, code, leased};
use std::net::TcpListener;

/// Takes connections and never says a word.
struct Silent(TcpListener);

impl Silent {
    fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }
}

/// What was revoked while it was away must not be granted by the state it left.
#[tokio::test]
async fn nothing_is_reserved_before_governance_was_asked_for_what_is_new() {
    let dir = tempfile::tempdir().unwrap();
    let (double, lease) = leased(100, None).await;
    let running = Running::start(dir.path(), &double, lease).await;
    running.reserve(1, 10).await.unwrap();
    running.end().await;
    double.revoke(lease);
    let silent = Silent::new();
    let running = Running::following(dir.path(), &double, &silent.url(), lease);
    let refused = running.raw_reserve(2, 10).await;
    for says in ["HTTP/1.1 503", "retry-after: 1", "ledger.behind", "just started", "same id"] {
        assert!(refused.contains(says), "{says}: {refused}");
    }
    // What takes nothing is not kept waiting: the engine is known, and what it has reserved it may post.
    assert_eq!(running.post(1, 4).await.unwrap().posted, 4);
    running.end().await;
    let running = Running::start(dir.path(), &double, lease).await;
    assert_eq!(code(running.reserve(2, 10).await), "409 lease.ended");
    running.end().await;
}

/// What was decided is enforced with Governance gone, too.
#[tokio::test]
async fn with_governance_gone_it_grants_by_what_it_has_verified() {
    let dir = tempfile::tempdir().unwrap();
    let (double, lease) = leased(100, None).await;
    Running::start(dir.path(), &double, lease).await.end().await;
    let gone = Silent::new().url();
    let running = Running::following(dir.path(), &double, &gone, lease);
    running.until_check("ledger", |ok, why| !ok && why.starts_with("behind")).await;
    running.reserve(1, 100).await.unwrap();
    assert_eq!(code(running.reserve(2, 1).await), "409 lease.cap_reached");
    running.end().await;
}

/// Its own copy is damaged: until it is pulled again the state is of nothing, and that is no answer about a token.
#[tokio::test]
async fn while_its_copy_of_the_ledger_is_pulled_again_everybody_is_told_to_wait() {
    let dir = tempfile::tempdir().unwrap();
    let (double, lease) = leased(100, None).await;
    let running = Running::start(dir.path(), &double, lease).await;
    running.reserve(1, 10).await.unwrap();
    running.end().await;
    std::fs::write(dir.path().join("replica/entries.log"), b"damaged").unwrap();
    let gone = Silent::new().url();
    let running = Running::following(dir.path(), &double, &gone, lease);
    running.until_check("ledger", |ok, why| !ok && why.starts_with("behind")).await;
    for refused in
        [running.reserve(2, 1).await.map(drop), running.post(1, 4).await.map(drop), running.usage().await.map(drop)]
    {
        assert_eq!(code(refused), "503 ledger.behind");
    }
    running.end().await;
    let running = Running::start(dir.path(), &double, lease).await;
    assert_eq!(running.post(1, 4).await.unwrap().posted, 4);
    running.end().await;
}
