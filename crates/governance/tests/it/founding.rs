//! A ledger is founded once, by whom it says, with what it names.

use crate::fixture::{World, founding};
use governance::{GovernanceError, Keys, found};
use signed::Opening;

#[tokio::test]
async fn a_founded_ledger_answers_as_the_pinned_one() {
    let world = World::new(true).await;
    let info = world.client().ledger().await.unwrap();
    assert_eq!(info.genesis, world.trust.genesis);
    assert_eq!((info.control_vkey, info.demo, info.control_size), (world.trust.log_keys[0].clone(), true, 1));
    assert_eq!(info.origin, "governance.test/1");
    assert!(info.events_vkey.starts_with("governance.test/1/events+"));
}

#[tokio::test]
async fn a_directory_holds_one_ledger() {
    let mut world = World::new(true).await;
    world.stop().await;
    let keys = Keys::open(world.dir.path()).unwrap();
    let again = found(world.dir.path(), founding(&keys, true)).await;
    assert!(matches!(again, Err(GovernanceError::Founded(_))), "{again:?}");
    world.start();
    assert_eq!(world.client().ledger().await.unwrap().genesis, world.trust.genesis);
}

#[tokio::test]
async fn a_founding_that_was_cut_off_can_be_repeated() {
    let dir = tempfile::tempdir().unwrap();
    let once = founding(&Keys::create(dir.path()).unwrap(), false);
    let trust = found(dir.path(), once.clone()).await.unwrap();
    assert_eq!(found(dir.path(), once).await.unwrap(), trust, "the same genesis is the same ledger");
}

#[tokio::test]
async fn what_does_not_hold_together_founds_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::create(dir.path()).unwrap();
    let good = founding(&keys, false);
    let mut unsigned = good.clone();
    unsigned.signatures.pop();
    let mut forged = good.clone();
    forged.genesis.demo = true;
    let mut unnamed = good.clone();
    unnamed.openings[0] =
        Opening { body: [("text".to_owned(), "Mallory".to_owned())].into(), ..good.openings[0].clone() };
    let mut kinds = good.clone();
    let control::Setting::Kinds(table) = &mut kinds.settings[1] else { panic!("kinds") };
    table.kinds.pop();
    let other = tempfile::tempdir().unwrap();
    let log_key = founding(&Keys::create(other.path()).unwrap(), false);
    let refused = |founding| async { found(dir.path(), founding).await.unwrap_err().to_string() };
    assert!(refused(unsigned).await.contains("3 founders have signed, 4 are needed"));
    assert!(refused(forged).await.contains("does not match"));
    assert!(refused(unnamed).await.contains("part 0 does not fit"));
    assert!(refused(kinds).await.contains("other documents"));
    assert!(refused(log_key).await.contains("other log keys"));
    found(dir.path(), good).await.unwrap();
}

#[tokio::test]
async fn another_ledgers_trust_or_no_ledger_starts_nothing() {
    let world = World::new(true).await;
    let (empty, founded) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    Keys::create(empty.path()).unwrap();
    let trust =
        governance::found(founded.path(), founding(&Keys::create(founded.path()).unwrap(), true)).await.unwrap();
    let run = |trust: &signed::Trust| {
        let mut options = world.options();
        (options.dir, options.trust) = (founded.path().to_owned(), trust.clone());
        governance::run(options, async {})
    };
    let error = run(&world.trust).await.unwrap_err();
    assert!(matches!(error, GovernanceError::Trust(_)), "{error}");
    std::fs::write(founded.path().join("keys/log.key"), [7; 32]).unwrap();
    let error = run(&trust).await.unwrap_err();
    assert!(matches!(error, GovernanceError::LogKey(_)), "{error}");
    assert!(error.to_string().contains(founded.path().join("keys").to_str().unwrap()), "its place is named: {error}");
    let mut options = world.options();
    options.dir = empty.path().to_owned();
    let error = governance::run(options, async {}).await.unwrap_err();
    assert!(matches!(error, GovernanceError::NotFounded(_)), "{error}");
}
