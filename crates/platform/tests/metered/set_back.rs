//! An older copy of the journal's directory is put back.

use crate::running::{Running, TOKEN, artifact, code, leased};
use std::fs;
use std::path::Path;
use testkit::Double;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for item in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(item.file_name());
        if item.path().is_dir() {
            copy(&item.path(), &target);
        } else {
            fs::copy(item.path(), target).unwrap();
        }
    }
}

/// What was granted in a period that still runs stands in no total: how far the journal has come is in the ledger anyway.
#[tokio::test]
async fn a_journal_that_was_set_back_within_a_period_grants_nothing_either() {
    let (dir, kept) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (double, lease) = leased(100, None).await;
    let journal = dir.path().join("leases");
    let mut running = Running::start(dir.path(), &double, lease).await;
    running.end().await;
    copy(&journal, &kept.path().join("old"));
    running = Running::start(dir.path(), &double, lease).await;
    running.reserve(1, 60).await.unwrap();
    running.post(1, 60).await.unwrap();
    double.until(|state| state.journal.is_some_and(|(head, _)| head.size > 0)).await;
    running.end().await;
    fs::remove_dir_all(&journal).unwrap();
    copy(&kept.path().join("old"), &journal);
    fs::remove_dir_all(dir.path().join("replica")).unwrap();
    running = Running::start(dir.path(), &double, lease).await;
    assert_eq!(code(running.reserve(2, 60).await), "503 journal.rolled_back");
    running.end().await;
}

#[tokio::test]
async fn a_journal_that_was_set_back_grants_nothing_until_it_is_restored() {
    let (dir, kept) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (double, lease) = leased(100, None).await;
    let other = double.grant(Double::cap(100, "UTC", None), None);
    let journal = dir.path().join("leases");
    let mut running = Running::start(dir.path(), &double, lease).await;
    running.reserve(1, 60).await.unwrap();
    running.end().await;
    copy(&journal, &kept.path().join("old"));
    // The lease is over and accounted for; another one is bound and used.
    running = Running::start(dir.path(), &double, lease).await;
    running.post(1, 60).await.unwrap();
    double.revoke(lease);
    double.until(|state| !state.grants.contains_key(&lease)).await;
    running.end().await;
    double.serve_with(artifact(), Some(other), TOKEN);
    copy(&journal, &kept.path().join("new"));
    fs::remove_dir_all(&journal).unwrap();
    copy(&kept.path().join("old"), &journal);
    // The whole service is put back, too: that its journal is short it learns from the ledger alone.
    fs::remove_dir_all(dir.path().join("replica")).unwrap();
    running = Running::start(dir.path(), &double, other).await;
    assert_eq!(code(running.reserve(9, 1).await), "503 journal.rolled_back");
    running.until_check("lease_journal", |ok, why| !ok && why.contains("put back the newest copy")).await;
    running.end().await;
    fs::remove_dir_all(&journal).unwrap();
    copy(&kept.path().join("new"), &journal);
    running = Running::start(dir.path(), &double, other).await;
    running.reserve(9, 1).await.unwrap();
    running.end().await;
}
