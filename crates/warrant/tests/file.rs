//! What a file proves, and what it does not pass for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what went wrong by failing")]

use control::{About, Body, ChangeEvent, Effect, Verdict};
use follower::{Copied, Follower};
use model::{ChangeId, Digest, Instant, Role};
use signed::{Act, Binding};
use testkit::{Double, World};
use tlog::checkpoint::Checkpoint;
use warrant::{Checked, Intended, WarrantError, WarrantFile, check};

const CHANGE: ChangeId = ChangeId([0x77; 16]);
const HOUR_MS: i64 = 3_600_000;

fn digest() -> Digest {
    Digest::of_bytes(b"a pipeline's plan")
}

/// A ledger with a pipeline, on which an external change is drafted.
async fn drafted() -> Double {
    let double = Double::serve(World::new().with_machine(), ([127, 0, 0, 1], 0).into()).await;
    let target = "ci.example/deploy".parse().unwrap();
    let body = Body::External { target, digest: digest(), slot: vec![Role::FinanceReviewer] };
    double.open(World::AUTHOR, CHANGE, body, None);
    double
}

/// The same, run.
async fn run() -> Double {
    let double = drafted().await;
    double.countersign(CHANGE);
    double
}

async fn copied(double: &Double) -> Copied {
    let dir = tempfile::tempdir().unwrap();
    let follower = Follower::open(dir.path(), &double.trust(), double.client()).unwrap();
    follower.sync().await.unwrap();
    follower.copied(warrant::MAX_BYTES).await.unwrap().unwrap()
}

fn file(double: &Double, copied: &Copied) -> WarrantFile {
    let (checkpoint, genesis) = (copied.checkpoint.clone(), double.trust().genesis);
    WarrantFile::new(CHANGE, genesis, checkpoint, &copied.entries, &copied.blobs).unwrap()
}

/// As exported, written and read again.
async fn exported(double: &Double) -> WarrantFile {
    let file = file(double, &copied(double).await);
    let again = WarrantFile::parse(&file.to_bytes().unwrap()).unwrap();
    assert_eq!(again, file);
    again
}

async fn proven(double: &Double) -> Checked {
    check(&exported(double).await, &double.trust()).unwrap()
}

/// Now by the ledger's clock.
fn now(double: &Double) -> Instant {
    double.state().last
}

fn code(answer: Result<(), WarrantError>) -> Option<(&'static str, u8)> {
    answer.err().map(|error| (error.code(), error.exit_code()))
}

fn refused(file: &WarrantFile, double: &Double) -> (&'static str, u8) {
    let error = check(file, &double.trust()).unwrap_err();
    assert!(!error.to_string().is_empty() && !error.next().is_empty());
    (error.code(), error.exit_code())
}

#[tokio::test]
async fn a_file_proves_who_sealed_countersigned_and_ran_what() {
    let double = run().await;
    let proven = proven(&double).await;
    assert_eq!((proven.change, proven.digest, proven.target.as_str()), (CHANGE, digest(), "ci.example/deploy"));
    assert_eq!((&proven.authors[..], proven.run_by), (&[World::AUTHOR][..], World::AUTHOR));
    let people: Vec<_> = proven.approved.iter().map(|approved| (approved.person, approved.roles.clone())).collect();
    let wanted = [(World::OPERATOR, vec![Role::GovernanceOperator]), (World::FINANCE, vec![Role::FinanceReviewer])];
    assert_eq!(people, wanted);
    assert_eq!(proven.until, proven.run_at.plus_millis(72 * HOUR_MS));
    assert_eq!((proven.as_of, proven.as_of_time), (double.state().size, now(&double)));
}

#[tokio::test]
async fn it_allows_this_digest_for_this_target_until_its_end() {
    let double = run().await;
    let (proven, now) = (proven(&double).await, now(&double));
    let asked = |digest, target: &str| Intended { digest: Some(digest), target: Some(target.parse().unwrap()) };
    assert_eq!(proven.allows(now, &Intended::default()), Ok(()));
    assert_eq!(proven.allows(now, &asked(digest(), "ci.example/deploy")), Ok(()));
    let other = proven.allows(now, &asked(Digest::of_bytes(b"other"), "ci.example/deploy"));
    assert_eq!(code(other), Some(("warrant.other_digest", 23)));
    let other = proven.allows(now, &asked(digest(), "ci.example/other"));
    assert_eq!(code(other), Some(("warrant.other_target", 24)));
    assert_eq!(proven.allows(proven.until.plus_millis(-1), &Intended::default()), Ok(()));
    assert_eq!(code(proven.allows(proven.until, &Intended::default())), Some(("warrant.over", 20)));
}

/// Whoever turns their own clock back gains nothing: the last entry's time counts.
#[tokio::test]
async fn a_clock_that_was_turned_back_makes_no_warrant_good_again() {
    let double = run().await;
    let until = proven(&double).await.until;
    double.set_now(Some(until));
    double.login(World::AUTHOR, model::Scope::Read);
    let proven = proven(&double).await;
    assert_eq!(code(proven.allows(Instant::EPOCH, &Intended::default())), Some(("warrant.over", 20)));
}

#[tokio::test]
async fn a_file_of_a_used_or_revoked_warrant_says_so() {
    let double = run().await;
    let (change, revision) = (CHANGE, 1);
    double.sign_and_submit(World::MACHINE, Act::Use { change, revision });
    let used = proven(&double).await;
    assert_eq!(code(used.allows(now(&double), &Intended::default())), Some(("warrant.used", 22)));
    let double = run().await;
    double.sign_and_submit(World::FINANCE, Act::Revoke { change, revision });
    let revoked = proven(&double).await;
    assert_eq!(code(revoked.allows(now(&double), &Intended::default())), Some(("warrant.revoked", 21)));
}

#[tokio::test]
async fn a_change_that_was_not_run_has_none() {
    let double = drafted().await;
    assert_eq!(refused(&exported(&double).await, &double), ("warrant.missing", 5));
    let file = WarrantFile { change: ChangeId([1; 16]), ..exported(&run().await).await };
    assert_eq!(check(&file, &double.trust()), Err(WarrantError::Missing(ChangeId([1; 16]))));
}

/// A run that nobody countersigned, under a checkpoint that the true log key signed: who stole the
/// server has that key, and makes no warrant with it.
#[tokio::test]
async fn a_run_without_approvals_is_found_although_the_log_signed_it() {
    let double = drafted().await;
    let honest = copied(&double).await;
    let binding: Binding = double.binding(CHANGE);
    double.sign_and_submit(World::AUTHOR, Act::Seal { binding });
    let command = double.statement(World::AUTHOR, Act::Run { binding, not_before: None });
    let about = About::of(&double.state().changes[&CHANGE]);
    let until = now(&double).plus_millis(72 * HOUR_MS);
    let event = |event| Effect::Change { about: about.clone(), event };
    let run = event(ChangeEvent::Run { by: World::AUTHOR, alone: false });
    let effects = vec![run, event(ChangeEvent::Effective {}), event(ChangeEvent::WarrantIssued { until })];
    let at = double.forge(command, Verdict::Accepted, effects);
    let entries = double.leaves();
    let forged = Copied { checkpoint: signed(&entries), entries, ..honest };
    let error = check(&file(&double, &forged), &double.trust()).unwrap_err();
    assert!(matches!(error, WarrantError::Forged { at: Some(found), .. } if found == at), "{error}");
    assert_eq!((error.code(), error.exit_code()), ("warrant.forged", 1));
}

/// A checkpoint over these entries by the true log key.
fn signed(entries: &[Vec<u8>]) -> String {
    let mut tree = tlog::Tree::new();
    for entry in entries {
        tree.push(tlog::leaf_hash(entry));
    }
    let origin = World::signer().name().to_owned();
    Checkpoint { origin, size: tree.size(), root: tree.root() }.sign(&[&World::signer()])
}

#[tokio::test]
async fn altered_entries_and_another_logs_checkpoint_are_found() {
    let double = run().await;
    let honest = copied(&double).await;
    let mut altered = honest.clone();
    *altered.entries[3].last_mut().unwrap() ^= 1;
    assert_eq!(refused(&file(&double, &altered), &double), ("warrant.forged", 1));
    let swapped = Copied { checkpoint: honest.checkpoint.replace("— ", "— x"), ..honest.clone() };
    assert_eq!(refused(&file(&double, &swapped), &double), ("warrant.forged", 1));
    // An earlier checkpoint covers fewer entries than there are.
    let fewer = Copied { checkpoint: signed(&honest.entries[..4]), ..honest };
    assert_eq!(refused(&file(&double, &fewer), &double).1, 3);
}

/// The entries are a history that might have been, and not the one that was signed.
#[tokio::test]
async fn a_history_without_the_revocation_is_not_the_one_that_was_signed() {
    let double = run().await;
    double.sign_and_submit(World::FINANCE, Act::Revoke { change: CHANGE, revision: 1 });
    let honest = copied(&double).await;
    double.rewind(double.state().size - 1);
    double.login(World::AUTHOR, model::Scope::Read);
    let hiding = Copied { entries: double.leaves(), ..honest };
    assert_eq!(refused(&file(&double, &hiding), &double), ("warrant.forged", 1));
}

#[tokio::test]
async fn a_file_of_another_ledger_proves_nothing_here() {
    let double = run().await;
    let other = World::new().in_earnest().trust();
    let error = check(&exported(&double).await, &other).unwrap_err();
    assert_eq!((error.code(), error.exit_code()), ("warrant.other_ledger", 1));
    // It may say that it is of the trusted one.
    let lying = WarrantFile { ledger: other.genesis, ..exported(&double).await };
    let error = check(&lying, &other).unwrap_err();
    assert!(matches!(error, WarrantError::Forged { at: Some(0), .. }), "{error}");
}

#[tokio::test]
async fn what_is_cut_short_or_left_out_is_told_from_what_contradicts() {
    let double = run().await;
    let file = exported(&double).await;
    let bytes = file.to_bytes().unwrap();
    for length in [0, 1, bytes.len() / 2, bytes.len() - 1] {
        assert_eq!(WarrantFile::parse(&bytes[..length]).unwrap_err().code(), "warrant.truncated", "{length} bytes");
    }
    assert_eq!(refused(&WarrantFile { bundles: vec![], ..file.clone() }, &double), ("warrant.truncated", 3));
    assert_eq!(refused(&WarrantFile { blobs: vec![], ..file.clone() }, &double), ("warrant.inconclusive", 3));
    for bad in [&b"[]"[..], b"{}", b"{\"format\":1}", b"\xff"] {
        assert_eq!(WarrantFile::parse(bad).unwrap_err().code(), "warrant.unreadable");
    }
    let newer = WarrantFile { format: 2, ..file.clone() }.to_bytes().unwrap();
    assert_eq!(WarrantFile::parse(&newer).unwrap_err().code(), "warrant.unreadable");
    let garbled = WarrantFile { bundles: vec!["!".to_owned()], ..file };
    assert_eq!(refused(&garbled, &double), ("warrant.unreadable", 3));
}

#[tokio::test]
async fn a_copy_that_would_be_too_long_is_refused_before_it_is_read() {
    let double = run().await;
    let dir = tempfile::tempdir().unwrap();
    let follower = Follower::open(dir.path(), &double.trust(), double.client()).unwrap();
    assert_eq!(follower.copied(u64::MAX).await.unwrap(), None);
    follower.sync().await.unwrap();
    let error = follower.copied(100).await.unwrap_err();
    assert!(error.to_string().contains("at most 100"), "{error}");
}
