//! The main job with fresh keys and no demo: found, serve, publish, deploy, deploy again, roll back.

use crate::plane::{Plane, until};
use crate::shop;

impl Plane {
    /// A tenant and an engine; answers the engine's name.
    pub fn engine(&self) -> &'static str {
        let tenant = self.by("ada", &["tenant", "new", "Acme"]).ok().json()["tenant"].as_str().unwrap().to_owned();
        let port = self.shop_port(0).to_string();
        self.by("ada", &["engine", "new", "POD Engine Alpha", "--tenant", &tenant, "--port", &port]).ok();
        "alpha"
    }

    /// Packs and publishes a shipped release; answers its digest.
    pub fn publish(&self, version: &str) -> String {
        let tar = self.home.path().join(format!("{version}.tar"));
        let tar = tar.to_str().unwrap();
        self.cli(&["artifact", "pack", version, "-o", tar]).ok();
        let name = format!("POD Storefront Core {version}");
        self.by("ada", &["publish", tar, "--name", &name]).ok().json()["artifact"].as_str().unwrap().to_owned()
    }

    /// A draft; answers the change.
    pub fn draft(&self, args: &[&str]) -> String {
        let mut all = vec!["change", "new"];
        all.extend(args);
        self.by("ada", &all).ok().json()["id"].as_str().unwrap().to_owned()
    }

    /// A deployment that is sealed by ada and approved by ben and cy.
    pub fn approved_deployment(&self, engine: &str, artifact: &str) -> String {
        let change = self.draft(&["--kind", "deployment", "--engine", engine, "--artifact", artifact]);
        self.by("ada", &["change", "seal", &change]).ok();
        self.by("ben", &["change", "approve", &change]).ok();
        self.by("cy", &["change", "approve", &change]).ok();
        change
    }

    /// 2026.02 and then 2026.03.1, both deployed: their digests, the older one first.
    pub fn two_deployed(&self, engine: &str) -> (String, String) {
        let (old, new) = (self.publish("2026.02"), self.publish("2026.03.1"));
        for artifact in [&old, &new] {
            let change = self.approved_deployment(engine, artifact);
            self.by("ben", &["change", "run", &change]).ok();
        }
        (old, new)
    }

    /// A rollback that is sealed by ada and approved by ben and di.
    pub fn approved_rollback(&self, engine: &str) -> String {
        let change = self.draft(&["--kind", "rollback", "--engine", engine, "--reason", "checkout errors"]);
        self.by("ada", &["change", "seal", &change]).ok();
        self.by("ben", &["change", "approve", &change]).ok();
        self.by("di", &["change", "approve", &change]).ok();
        change
    }

    /// Demands that the ledger verifies with replay.
    pub fn verified(&self) {
        let verified = self.cli(&["audit", "verify", "--json"]).ok().json();
        assert_eq!(verified["verdict"]["verdict"], "verified_this_server_only", "{verified}");
    }
}

#[test]
fn deployed_twice_rolled_back_and_proven() {
    let mut plane = Plane::serving();
    let engine = plane.engine();
    let (old, new) = (plane.publish("2026.02"), plane.publish("2026.03.1"));
    for (artifact, version) in [(&old, "2026.02"), (&new, "2026.03.1")] {
        let change = plane.approved_deployment(engine, artifact);
        let ran = plane.by("ben", &["change", "run", &change]).ok().json();
        assert_eq!(ran["status"], "effective");
        assert_eq!(shop::release(plane.shop_port(0)).as_deref(), Some(version));
    }
    let change = plane.approved_rollback(engine);
    plane.by("ada", &["change", "run", &change]).ok();
    assert_eq!(shop::release(plane.shop_port(0)).as_deref(), Some("2026.02"));
    let again = plane.draft(&["--kind", "rollback", "--engine", engine, "--reason", "again"]);
    plane.by("ada", &["change", "seal", &again]).refused("rollback.nothing_below");
    plane.verified();

    // Started again, it is where it was, and the shop was never gone.
    plane.stop();
    assert_eq!(shop::release(plane.shop_port(0)).as_deref(), Some("2026.02"));
    plane.serve();
    until("the engine to be observed", || shop::release(plane.shop_port(0)).as_deref() == Some("2026.02"));
    plane.verified();
}
