//! Node Runtime's actions, each three times.

use super::*;
use crate::archives::Archives;
use artifact::unpack;
use client::{Http, PlatformClient};
use durable_file::Mended;
use model::Side;
use tempfile::TempDir;
use testkit::thrice::{Planned, Stage, thrice};
use testkit::{Double, World};

/// A shelf that fetches from there, and the follower it has in common with its executor.
fn shelf(dir: &std::path::Path, double: &Double, http: Http, placements: &Arc<Placements>) -> (Shelf, Follower) {
    let follower = Follower::open(&dir.join("replica"), &double.trust(), double.client()).unwrap();
    let (platform, key, clock) =
        (PlatformClient::new(http), World::service_key(Service::Node), follower::system_clock());
    let archives = Archives { platform, follower: follower.clone(), key, clock };
    let here = (Arc::clone(placements), Mended::default());
    (Shelf::open(dir, archives, follower::system_clock(), here).unwrap(), follower)
}

fn nobody() -> Http {
    Http::new("http://127.0.0.1:1".to_owned())
}

struct Node {
    /// Lives as long as what is in it.
    _dir: TempDir,
    executor: NodeExecutor,
    planned: Planned,
}

impl Stage for Node {
    type Executor = NodeExecutor;

    fn executor(&self) -> &NodeExecutor {
        &self.executor
    }

    fn planned(&self) -> &Planned {
        &self.planned
    }

    async fn look(&self) -> String {
        format!("{:?}", self.executor.placements.all())
    }
}

#[tokio::test]
async fn three_times_is_once_and_each_step_is_taken_back() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let (old, tar) = (Digest::of_object("manifest", b"old"), dir.path().join("new.tar"));
    let new = testkit::packed(&tar, "2026.04", b"new");
    double.register(old, 256);
    double.publish(new, "2026.04", 256);
    let planned = Planned::over(&double, old, new);
    // What serves is placed on the blue side, and the release is on the disk.
    let fresh = || async {
        let dir = tempfile::tempdir().unwrap();
        let placements = Arc::new(Placements::open(dir.path(), 2_048, Mended::default()).unwrap());
        let (shelf, follower) = shelf(dir.path(), &double, nobody(), &placements);
        unpack(&tar, &dir.path().join("store")).unwrap();
        let (engine, side) = (Double::ENGINE, Side::Blue);
        let serving = Placement { engine, side, artifact: old, theme: None, memory_mib: 256, key: None };
        assert!(placements.reserve(serving).is_ok());
        follower.sync().await.unwrap();
        let executor = NodeExecutor { node: OwnNode::default(), follower, placements, shelf };
        Node { _dir: dir, executor, planned: planned.clone() }
    };
    thrice(Service::Node, fresh).await;
}

/// Only what certainly changed nothing is refused; else a person looks.
#[tokio::test]
async fn a_reservation_that_cannot_be_written_down_is_refused_where_nothing_changed_and_unknown_else() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let tar = dir.path().join("new.tar");
    let artifact = testkit::packed(&tar, "2026.04", b"new");
    unpack(&tar, &dir.path().join("store")).unwrap();
    let of_placements = dir.path().join("placements");
    std::fs::create_dir(&of_placements).unwrap();
    let placements = Arc::new(Placements::open(&of_placements, 2_048, Mended::default()).unwrap());
    let (shelf, follower) = shelf(dir.path(), &double, nobody(), &placements);
    let executor = NodeExecutor { node: OwnNode::default(), follower, placements, shelf };
    let one =
        Placement { engine: Double::ENGINE, side: Side::Green, artifact, theme: None, memory_mib: 256, key: None };
    std::fs::remove_dir(&of_placements).unwrap();
    let acted = executor.place(one.clone(), None).await;
    assert!(matches!(&acted, Acted::Refused { code, .. } if code.as_str() == "node.disk_failed"), "{acted:?}");
    std::fs::create_dir_all(of_placements.join("placements.json")).unwrap();
    let acted = executor.place(one, None).await;
    assert!(matches!(&acted, Acted::Unknown { code, .. } if code.as_str() == "node.disk_failed"), "{acted:?}");
    assert!(executor.placements.all().is_empty());
}

/// A step that takes longer than the ledger waits would leave the change indeterminate, although nothing is wrong.
#[tokio::test]
async fn a_release_that_does_not_come_is_refused_before_the_step_counts_as_silent() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    // It takes connections and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let options = client::HttpOptions { timeout_ms: 600_000, ..client::HttpOptions::default() };
    let http = Http::with(format!("http://{}", silent.local_addr().unwrap()), options);
    let placements = Arc::new(Placements::open(dir.path(), 2_048, Mended::default()).unwrap());
    let (shelf, follower) = shelf(dir.path(), &double, http, &placements);
    let executor = NodeExecutor { node: OwnNode::default(), follower, placements, shelf };
    let (engine, side) = (Double::ENGINE, Side::Green);
    let (artifact, theme) = (Digest([1; 32]), Some(Digest([2; 32])));
    tokio::time::pause();
    let begin = Instant::now();
    let acted = executor.place(Placement { engine, side, artifact, theme, memory_mib: 256, key: None }, None).await;
    assert!(begin.elapsed() <= PLACE_WITHIN + Duration::from_secs(1), "{:?}", begin.elapsed());
    let Acted::Refused { code, cause } = acted else { panic!("{acted:?}") };
    assert_eq!(code.as_str(), "bundle.unavailable");
    // What to do next is said with it, here and where there is no room.
    assert!(cause.found.contains("countersign artifact ls"), "{}", cause.found);
    let Acted::Refused { cause: full, .. } = executor.insufficient(4_096) else { panic!("it is refused") };
    assert!(full.found.contains("2048 MiB are left; make room on this node"), "{}", full.found);
    for found in [cause.found, full.found] {
        assert!(found.ends_with("ask for the change again (`countersign change new --from ID …`)"), "{found}");
    }
}
