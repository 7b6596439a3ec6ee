//! Following an honest ledger.

use client::{GovernanceClient, Http};
use control::{Leaf, State};
use follower::{Follower, FollowerError, FollowerHealth, LeafObserver};
use model::{Digest, Scope};
use std::sync::Arc;
use testkit::{Double, Lie, World};

pub(crate) fn artifact() -> Digest {
    Digest::of_bytes(b"a release")
}

pub(crate) fn open(dir: &tempfile::TempDir, double: &Double) -> Follower {
    Follower::open(dir.path(), &double.trust(), double.client()).unwrap()
}

#[tokio::test]
async fn folds_what_governance_decided_and_shows_it_from_disk_with_governance_gone() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    double.register(artifact(), 256);
    let follower = open(&dir, &double);
    assert_eq!(follower.health(), FollowerHealth::Starting);
    assert!(!follower.readiness()[0].ok);
    let seen = follower.sync().await.unwrap();
    assert_eq!(seen.size, 5);
    assert_eq!(*follower.state(), double.state());
    let change = double.running(artifact());
    follower.sync().await.unwrap();
    assert_eq!(*follower.state(), double.state());
    assert!(follower.state().changes.contains_key(&change));
    assert!(follower.readiness()[0].ok);
    let state = follower.state();
    drop(follower);
    let nobody = GovernanceClient::new(Http::new("http://127.0.0.1:1"));
    let again = Follower::open(dir.path(), &double.trust(), nobody).unwrap();
    assert_eq!((&again.state(), again.seen().unwrap().size), (&state, state.size));
    assert!(matches!(again.sync().await, Err(FollowerError::Governance(_))));
    let FollowerHealth::Behind { since, .. } = again.health() else { panic!("{:?}", again.health()) };
    let log_key = [double.trust().log_keys[0].parse().unwrap()];
    for (index, leaf) in (0..).zip(double.leaves()) {
        let proven = again.proven(index).await.unwrap().unwrap();
        assert_eq!(proven.leaf, leaf);
        let checkpoint = proven.proof.verify(&log_key, tlog::leaf_hash(&leaf)).unwrap();
        assert_eq!(checkpoint.size, state.size, "proven with nobody to ask");
    }
    assert_eq!(again.proven(state.size).await.unwrap(), None);
    again.sync().await.unwrap_err();
    let check = &again.readiness()[0];
    assert_eq!((check.ok, check.since), (false, since), "behind since the first failure: {}", check.why);
}

#[tokio::test]
async fn bundles_of_256_are_followed_across_their_edges() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let follower = open(&dir, &double);
    for until in [200, 255, 256, 257, 520] {
        while double.leaves().len() < until {
            double.login(World::AUTHOR, Scope::Read);
        }
        assert_eq!(follower.sync().await.unwrap().size, until as u64);
    }
    assert_eq!(*follower.state(), double.state());
    drop(follower);
    assert_eq!(*open(&dir, &double).state(), double.state());
}

#[tokio::test]
async fn the_loop_sees_news_at_once_and_survives_a_dead_connection() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let follower = open(&dir, &double);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let run = tokio::spawn(follower.clone().run(async move { drop(stopped.await) }));
    let mut changed = follower.changed();
    changed.wait_for(|size| *size == 1).await.unwrap();
    double.register(artifact(), 256);
    changed.wait_for(|size| *size == 5).await.unwrap();
    assert_eq!(*follower.state(), double.state());
    drop(double);
    while !matches!(follower.health(), FollowerHealth::Behind { .. }) {
        tokio::task::yield_now().await;
    }
    assert_eq!(follower.state().size, 5, "it serves on");
    stop.send(()).unwrap();
    run.await.unwrap();
}

#[tokio::test]
async fn one_directory_has_one_follower() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let _first = open(&dir, &double);
    let second = Follower::open(dir.path(), &double.trust(), double.client());
    assert!(matches!(second, Err(FollowerError::Locked(_))));
}

/// Opens the directory as one of several.
pub(crate) fn share(dir: &tempfile::TempDir, double: &Double) -> Follower {
    Follower::open_shared(dir.path(), &double.trust(), double.client()).unwrap()
}

#[tokio::test]
async fn several_share_a_directory_and_each_takes_over_what_another_verified() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let (one, two) = (share(&dir, &double), share(&dir, &double));
    for round in 0..6 {
        double.login(World::AUTHOR, Scope::Read);
        let (first, second) = if round % 2 == 0 { (&one, &two) } else { (&two, &one) };
        first.sync().await.unwrap();
        double.login(World::AUTHOR, Scope::Read);
        second.sync().await.unwrap();
        let (a, b) = tokio::join!(one.sync(), two.sync());
        assert_eq!((a.unwrap(), one.state()), (b.unwrap(), two.state()));
        assert_eq!(*one.state(), double.state());
        assert!(one.proven(0).await.unwrap().is_some() && two.proven(0).await.unwrap().is_some());
    }
    let owner = Follower::open(dir.path(), &double.trust(), double.client()).unwrap();
    assert_eq!(*owner.state(), double.state(), "what was written by turns is whole");
    assert!(matches!(
        Follower::open_shared(dir.path(), &double.trust(), double.client()),
        Err(FollowerError::Busy { .. })
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_that_pull_at_the_same_time_lose_and_double_nothing() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let followers: Vec<_> = (0..4).map(|_| share(&dir, &double)).collect();
    let pulling = followers.iter().map(|follower| {
        let follower = follower.clone();
        tokio::spawn(async move {
            for _ in 0..20 {
                follower.sync().await.unwrap();
            }
        })
    });
    let pulling: Vec<_> = pulling.collect();
    for _ in 0..20 {
        double.login(World::AUTHOR, Scope::Read);
        tokio::task::yield_now().await;
    }
    for pull in pulling {
        pull.await.unwrap();
    }
    for follower in &followers {
        follower.sync().await.unwrap();
        assert_eq!(*follower.state(), double.state());
    }
    drop(followers);
    assert_eq!(*open(&dir, &double).state(), double.state());
}

#[tokio::test]
async fn a_fork_between_two_that_share_a_directory_is_found() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let (one, two) = (share(&dir, &double), share(&dir, &double));
    double.login(World::AUTHOR, Scope::Read);
    one.sync().await.unwrap();
    let mut leaves = double.leaves();
    leaves.pop();
    double.login(World::AUTHOR, Scope::Read);
    leaves.push(double.leaves().pop().unwrap());
    double.lie(Lie::Leaves(leaves));
    let error = two.sync().await.unwrap_err();
    assert!(matches!(error, FollowerError::Stopped { .. }), "{error}");
    double.lie(Lie::None);
    assert!(matches!(one.sync().await, Err(FollowerError::Stopped { .. })), "what one found stops the other");
}

#[tokio::test]
async fn a_trust_file_without_a_log_key_is_refused_at_once() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let trust = signed::Trust { log_keys: vec!["none".to_owned()], ..double.trust() };
    assert!(matches!(Follower::open(dir.path(), &trust, double.client()), Err(FollowerError::Trust(_))));
}

/// The leaves it saw since it last began.
#[derive(Default)]
struct Seen(std::sync::Mutex<Vec<(u64, u64)>>);

impl LeafObserver for Seen {
    fn begin(&self) {
        self.0.lock().unwrap().clear();
    }

    fn leaf(&self, index: u64, _leaf: &Leaf, state: &State) {
        self.0.lock().unwrap().push((index, state.size));
    }
}

#[tokio::test]
async fn an_observer_sees_every_leaf_once_in_order_from_the_wire_from_disk_and_pulled_again() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let seen = Arc::new(Seen::default());
    let watched = || {
        let observer = Arc::clone(&seen) as Arc<dyn LeafObserver>;
        Follower::open_watched(dir.path(), &double.trust(), double.client(), observer).unwrap()
    };
    let whole = || (0..double.state().size).map(|index| (index, index + 1)).collect::<Vec<_>>();
    let follower = watched();
    follower.sync().await.unwrap();
    double.register(artifact(), 256);
    follower.sync().await.unwrap();
    assert_eq!(*seen.0.lock().unwrap(), whole());
    drop(follower);
    let follower = watched();
    assert_eq!(*seen.0.lock().unwrap(), whole(), "from disk");
    drop(follower);
    std::fs::write(dir.path().join("entries.log"), b"damaged").unwrap();
    let follower = watched();
    assert_eq!(*seen.0.lock().unwrap(), []);
    follower.sync().await.unwrap();
    assert_eq!(*seen.0.lock().unwrap(), whole(), "pulled again");
    // Who is owed every leaf gets none from a stored state, which would have only the last.
    for _ in 0..300 {
        double.login(World::AUTHOR, Scope::Read);
    }
    follower.sync().await.unwrap();
    drop(follower);
    open(&dir, &double);
    assert!(dir.path().join("state.snapshot").exists());
    let _follower = watched();
    assert_eq!(*seen.0.lock().unwrap(), whole(), "beside a stored state");
}
