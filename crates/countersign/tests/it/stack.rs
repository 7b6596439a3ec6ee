//! What a rollback goes back to: the last certified bundle, never a release that failed.

use crate::plane::{Plane, signal, until};
use crate::shop;
use std::fs;

impl Plane {
    /// Packs and publishes a release that says this in place of being healthy; answers its digest.
    pub fn publish_broken(&self, instead: &str) -> String {
        let dir = self.home.path().join("broken");
        fs::create_dir(&dir).unwrap();
        let (_, files) = storefront::releases().into_iter().find(|(version, _)| *version == "2026.03.1").unwrap();
        for (name, bytes) in files {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            let text = text.replace("\"healthy\": true", instead).replace("2026.03.1", "2026.03.0");
            fs::write(dir.join(name), text).unwrap();
        }
        let tar = self.home.path().join("broken.tar");
        let (dir, tar) = (dir.to_str().unwrap(), tar.to_str().unwrap());
        self.cli(&["artifact", "pack", dir, "-o", tar]).ok();
        let published = self.by("ada", &["publish", tar, "--name", "a release that fails"]).ok().json();
        published["artifact"].as_str().unwrap().to_owned()
    }

    fn memory_free(&self) -> u64 {
        let inventory = self.page("node", "/v1/inventory");
        inventory["memory_free_mib"].as_u64().unwrap_or_else(|| panic!("{inventory}"))
    }
}

#[test]
fn a_release_that_failed_is_never_a_target() {
    let plane = Plane::serving();
    let engine = plane.engine();
    let (a, b, c) = (plane.publish("2026.02"), plane.publish_broken("\"healthy\": false"), plane.publish("2026.03.1"));
    let deploy = |artifact: &str| {
        let change = plane.approved_deployment(engine, artifact);
        plane.by("ben", &["change", "run", &change])
    };
    deploy(&a).ok();
    let free = plane.memory_free();
    let failed = deploy(&b);
    assert_eq!(failed.code, 5, "{failed:?}");
    assert_eq!(failed.json()["status"], "failed");
    assert_eq!(shop::release(plane.shop_port(0)).as_deref(), Some("2026.02"));
    assert_eq!(plane.memory_free(), free, "what was reserved is given back");
    deploy(&c).ok();
    assert_eq!(shop::release(plane.shop_port(0)).as_deref(), Some("2026.03.1"));

    plane.all_signed_in();
    let size = plane.control_size();
    let silent = plane.by("ada", &["change", "new", "--kind", "rollback", "--engine", engine]);
    silent.refused("change.reason_missing");
    assert_eq!(plane.control_size(), size, "a draft that could never be sealed is not opened");
    let rollback = plane.draft(&["--kind", "rollback", "--engine", engine, "--reason", "errors", "--artifact", &b]);
    plane.by("ada", &["change", "seal", &rollback]).refused("rollback.not_last_certified");
    let rollback = plane.approved_rollback(engine);
    plane.by("ada", &["change", "run", &rollback]).ok();
    assert_eq!(shop::release(plane.shop_port(0)).as_deref(), Some("2026.02"));
    let again = plane.draft(&["--kind", "rollback", "--engine", engine, "--reason", "again"]);
    plane.by("ada", &["change", "seal", &again]).refused("rollback.nothing_below");
    plane.verified();
}

#[test]
fn a_release_that_broke_while_it_served_can_be_rolled_back() {
    let plane = Plane::serving();
    let engine = plane.engine();
    let (_, new) = plane.two_deployed(engine);
    // Its kept bytes rot and its process dies: it is not started again, and the shop is down.
    let kept = plane.dir().join("node/store").join(&new).join("style.css");
    fs::set_permissions(&kept, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    fs::write(&kept, "rotten").unwrap();
    let engines = plane.page("engine", "/v1/engines");
    let sides = engines["engines"][0]["sides"].as_array().unwrap();
    let serving = sides.iter().find(|side| side["side"] == engines["engines"][0]["serving_side"]).unwrap();
    signal(u32::try_from(serving["pid"].as_u64().unwrap()).unwrap(), "KILL");
    until("the shop to be down", || shop::release(plane.shop_port(0)).is_none());

    let rollback = plane.approved_rollback(engine);
    plane.by("ada", &["change", "run", &rollback]).ok();
    assert_eq!(shop::release(plane.shop_port(0)).as_deref(), Some("2026.02"));
    plane.verified();
}
