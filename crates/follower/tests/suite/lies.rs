//! Each lie: what is signed by the log and wrong stops the follower for good; what is not signed
//! proves nothing and only keeps it behind.

use crate::follow::open;
use control::Leaf;
use ed25519_dalek::SigningKey;
use follower::{Follower, FollowerError, FollowerHealth};
use model::{Digest, Scope};
use testkit::{Double, Lie, World};
use tlog::checkpoint::Checkpoint;
use tlog::note::NoteSigner;

struct Scene {
    dir: tempfile::TempDir,
    double: Double,
    follower: Follower,
}

/// A follower that has seen `seen` of five leaves.
async fn scene(seen: usize) -> Scene {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let follower = open(&dir, &double);
    while double.leaves().len() < 5 {
        if double.leaves().len() == seen {
            follower.sync().await.unwrap();
        }
        double.login(World::AUTHOR, Scope::Read);
    }
    if seen == 5 {
        follower.sync().await.unwrap();
    }
    Scene { dir, double, follower }
}

/// Another acceptable leaf in the place of one, so that only the root tells.
fn other(bytes: &[u8]) -> Vec<u8> {
    let mut leaf = Leaf::decode(bytes).unwrap();
    leaf.now = leaf.now.plus_millis(1);
    leaf.encode().unwrap()
}

impl Scene {
    async fn stops(self, index: u64, word: &str) {
        let before = self.follower.state();
        let Err(FollowerError::Stopped { index: at, why }) = self.follower.sync().await else { panic!("went on") };
        assert_eq!(at, index, "{why}");
        assert!(why.contains(word), "{why}");
        assert_eq!(self.follower.state(), before, "nothing of the lie is folded");
        // For good: not when the lie ends, and not after a restart.
        self.double.lie(Lie::None);
        assert!(matches!(self.follower.sync().await, Err(FollowerError::Stopped { .. })));
        drop(self.follower);
        let again = open(&self.dir, &self.double);
        assert!(matches!(again.health(), FollowerHealth::Stopped { index: at, .. } if at == index));
        assert!(matches!(again.sync().await, Err(FollowerError::Stopped { .. })));
        assert_eq!(again.state(), before, "it serves on");
        let check = &again.readiness()[0];
        assert!(!check.ok && check.why.contains(&format!("leaf {index}")), "{}", check.why);
    }

    async fn stays_only_behind(self, word: &str) {
        let before = self.follower.state();
        let error = self.follower.sync().await.unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
        assert!(matches!(self.follower.health(), FollowerHealth::Behind { .. }));
        assert_eq!(self.follower.state(), before);
        self.double.lie(Lie::None);
        assert_eq!(self.follower.sync().await.unwrap().size, 5);
        assert_eq!(*self.follower.state(), self.double.state());
        drop(self.follower);
        assert_eq!(*open(&self.dir, &self.double).state(), self.double.state());
    }
}

#[tokio::test]
async fn a_signed_leaf_that_does_not_verify_stops_it_at_that_leaf() {
    for (at, lie) in [(3, b"garbage".to_vec()), (4, vec![])] {
        let scene = scene(2).await;
        let mut leaves = scene.double.leaves();
        leaves[at] = lie;
        scene.double.lie(Lie::Leaves(leaves));
        scene.stops(at as u64, "countersign/leaf").await;
    }
    let scene = scene(5).await;
    let mut leaves = scene.double.leaves();
    leaves.push(leaves[4].clone());
    scene.double.lie(Lie::Leaves(leaves));
    scene.stops(5, "recorded already").await;
}

#[tokio::test]
async fn a_leaf_nobody_signed_stops_it_at_that_leaf() {
    let scene = scene(5).await;
    let signed = scene.double.statement(World::AUTHOR, signed::Act::RegisterTenant { tenant: Double::TENANT });
    let control::Command::Signed { mut statement, signature } = signed else { unreachable!() };
    statement.act = signed::Act::RegisterTenant { tenant: model::TenantId([99; 16]) };
    let effects = vec![control::Effect::TenantRegistered { tenant: model::TenantId([99; 16]) }];
    let forged = Leaf {
        rules: 0,
        now: scene.double.state().last,
        command: control::Command::Signed { statement, signature },
        verdict: control::Verdict::Accepted,
        effects,
        tags: vec![model::TenantId([99; 16])],
    };
    let mut leaves = scene.double.leaves();
    leaves.push(forged.encode().unwrap());
    scene.double.lie(Lie::Leaves(leaves));
    scene.stops(5, "signature").await;
}

#[tokio::test]
async fn two_trees_of_one_size_are_a_fork() {
    let scene = scene(5).await;
    let mut leaves = scene.double.leaves();
    leaves[4] = other(&leaves[4]);
    scene.double.lie(Lie::Leaves(leaves));
    scene.stops(5, "fork: the log signed two different trees").await;
}

#[tokio::test]
async fn a_longer_tree_that_does_not_extend_the_known_one_is_a_fork() {
    let scene = scene(3).await;
    let mut leaves = scene.double.leaves();
    leaves[1] = other(&leaves[1]);
    scene.double.lie(Lie::Leaves(leaves));
    scene.stops(3, "fork: the log signed a tree that does not extend").await;
}

#[tokio::test]
async fn a_shorter_tree_is_a_step_back() {
    let scene = scene(5).await;
    let mut leaves = scene.double.leaves();
    leaves.pop();
    scene.double.lie(Lie::Leaves(leaves));
    scene.stops(4, "fork: the log now signs a tree of 4 leaves, 5 were published").await;
}

#[tokio::test]
async fn another_ledger_under_the_same_key_stops_it_at_its_genesis() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let trust = signed::Trust { genesis: Digest::of_bytes(b"another"), ..double.trust() };
    let follower = Follower::open(dir.path(), &trust, double.client()).unwrap();
    let error = follower.sync().await.unwrap_err();
    assert!(matches!(error, FollowerError::Stopped { index: 0, .. }), "{error}");
    assert_eq!(follower.state().size, 0);
}

#[tokio::test]
async fn a_checkpoint_of_another_key_or_log_proves_nothing() {
    let sign = |name: &str, secret: [u8; 32], origin: &str| {
        let signer = NoteSigner::new(name, SigningKey::from_bytes(&secret)).unwrap();
        Checkpoint { origin: origin.to_owned(), size: 9, root: Digest::ZERO }.sign(&[&signer])
    };
    let name = "countersign.test/double/control";
    let (unknown, other) = ("signed by no log key known here", "not one of the trusted log");
    let another_log = sign(name, [7; 32], "countersign.test/double/events");
    for (note, word) in [(sign(name, [8; 32], name), unknown), (another_log, other), (String::new(), other)] {
        let scene = scene(3).await;
        scene.double.lie(Lie::Note(note));
        scene.stays_only_behind(word).await;
    }
}

#[tokio::test]
async fn bundles_other_than_what_was_signed_prove_nothing() {
    for (seen, at) in [(3, 4), (3, 1), (5, 4)] {
        let scene = scene(seen).await;
        let mut leaves = scene.double.leaves();
        leaves[at] = other(&leaves[at]);
        scene.double.lie(Lie::Bundles(leaves));
        // What it has it does not fetch again: only what is new is compared.
        if seen == 3 && at == 4 {
            scene.stays_only_behind("not those the log signed").await;
        } else {
            assert_eq!(scene.follower.sync().await.unwrap().size, 5);
        }
    }
}

#[tokio::test]
async fn a_blob_that_is_missing_or_changed_keeps_it_behind() {
    for lie in [Lie::NoBlobs, Lie::OtherBlobs] {
        let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
        let follower = open(&dir, &double);
        while double.leaves().len() < 5 {
            double.login(World::AUTHOR, Scope::Read);
        }
        double.lie(lie);
        Scene { dir, double, follower }.stays_only_behind("governing blob settings").await;
    }
}

#[tokio::test]
async fn a_leaf_of_newer_rules_waits_for_a_newer_binary() {
    let scene = scene(3).await;
    let mut leaves = scene.double.leaves();
    let text = String::from_utf8(leaves[4].clone()).unwrap();
    leaves[4] = text.replace("\"rules\":0", "\"rules\":1").into_bytes();
    scene.double.lie(Lie::Leaves(leaves));
    scene.stays_only_behind("get a newer one").await;
}
