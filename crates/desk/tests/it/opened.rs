//! Desks that are open, and what lies before them.

use client::{Http, PlatformClient, Signer};
use desk::Desk;
use follower::Follower;
use model::{Digest, Instant, PersonId};
use std::path::Path;
use testkit::{Double, World};

/// The machine's clock.
pub fn now() -> Instant {
    let wall = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    Instant::from_millis(i64::try_from(wall).unwrap())
}

/// A person's desk, with its copy of the ledger below `dir`.
pub async fn desk(double: &Double, dir: &Path, person: PersonId) -> Desk {
    desk_by(double, dir, person, now).await
}

/// The same by another clock.
pub async fn desk_by(double: &Double, dir: &Path, person: PersonId, clock: fn() -> Instant) -> Desk {
    let replica = dir.join(person.to_string());
    std::fs::create_dir_all(&replica).unwrap();
    let governance = double.client();
    let follower = Follower::open(&replica, &double.trust(), governance.clone()).unwrap();
    let signer = Signer::Key(Box::new(World::person_key(&person)));
    // Nothing here asks Platform Services.
    let platform = PlatformClient::new(Http::new("http://127.0.0.1:1"));
    Desk::open(governance, platform, follower, signer, clock).await.unwrap()
}

/// Two releases, the second of which serves.
pub fn two_releases(double: &Double) {
    double.register(Digest([1; 32]), 64);
    double.publish(Digest([2; 32]), "2026.03.2", 64);
    for artifact in [Digest([1; 32]), Digest([2; 32])] {
        let change = double.running(artifact);
        double.advance_until(change, |_| false);
    }
}
