//! Each of four people loses their key, and is given another one by the other three.

use crate::plane::{Plane, until};

/// Whose key is lost, which two suspend it, who asks for another one, which two approve that, who runs it,
/// and the change that needs them afterwards: who asks for it, and who approves it besides them.
struct Loss {
    whose: &'static str,
    suspend: [&'static str; 2],
    asks: &'static str,
    approve: [&'static str; 2],
    runs: &'static str,
    then: &'static str,
    by: [&'static str; 2],
}

const LOSSES: [Loss; 4] = [
    Loss {
        whose: "ada",
        suspend: ["cy", "di"],
        asks: "cy",
        approve: ["ben", "di"],
        runs: "ben",
        then: "deployment",
        by: ["ben", "cy"],
    },
    Loss {
        whose: "ben",
        suspend: ["ada", "di"],
        asks: "di",
        approve: ["ada", "cy"],
        runs: "ada",
        then: "deployment",
        by: ["ada", "cy"],
    },
    Loss {
        whose: "cy",
        suspend: ["ada", "ben"],
        asks: "ada",
        approve: ["ben", "di"],
        runs: "ada",
        then: "deployment",
        by: ["ada", "ben"],
    },
    Loss {
        whose: "di",
        suspend: ["ada", "cy"],
        asks: "ben",
        approve: ["ada", "cy"],
        runs: "ada",
        then: "rollback",
        by: ["ada", "ben"],
    },
];

impl Plane {
    /// Suspends the lost key, and has another one listed: the person's key file is that one then.
    fn replaced(&self, loss: &Loss) {
        let Loss { whose, suspend: [first, second], asks, approve, runs, .. } = loss;
        self.by(first, &["person", "suspend", whose, "--reason", "key lost"]).ok();
        let done = self.by(second, &["person", "suspend", whose, "--reason", "key lost"]).ok().json();
        assert_eq!(done["suspended"], true, "{whose}");
        let key = self.key(&format!("{whose}-2"));
        let key = key.to_str().unwrap();
        self.cli(&["key", "new", key]).ok();
        let proof = self.home.path().join(format!("{whose}.proof"));
        std::fs::write(&proof, self.cli(&["key", "prove", "--person", whose, "--key", key]).ok().stdout).unwrap();
        let add = ["person", "key", "add", whose, "--possession", proof.to_str().unwrap(), "--reason", "key lost"];
        let change = self.by(asks, &add).ok().json()["id"].as_str().unwrap().to_owned();
        self.by(asks, &["change", "seal", &change]).ok();
        for who in approve {
            self.by(who, &["change", "approve", &change]).ok();
        }
        until("the change to have cooled", || {
            self.cli(&["change", "show", &change, "--json"]).ok().json()["cools_until"].is_null()
        });
        self.by(runs, &["change", "run", &change]).ok();
        std::fs::copy(key, self.key(whose)).unwrap();
    }
}

#[test]
fn each_of_four_people_is_given_another_key_by_the_other_three_and_approves_with_it() {
    let plane = Plane::serving();
    let engine = plane.engine();
    let (old, _) = plane.two_deployed(engine);
    for loss in &LOSSES {
        plane.replaced(loss);
        let [asks, other] = loss.by;
        let mut args = vec!["change", "new", "--kind", loss.then, "--engine", engine, "--reason", "as before"];
        if loss.then == "deployment" {
            args.extend(["--artifact", &old]);
        }
        let change = plane.by(asks, &args).ok().json()["id"].as_str().unwrap().to_owned();
        plane.by(asks, &["change", "seal", &change]).ok();
        plane.by(other, &["change", "approve", &change]).ok();
        plane.by(loss.whose, &["change", "approve", &change]).ok();
        let view = plane.cli(&["change", "show", &change, "--json"]).ok().json();
        assert_eq!(view["status"], "approved", "{}: {view}", loss.whose);
        let filled = view["slots"].as_array().unwrap().iter().any(|slot| slot["name"] == loss.whose);
        assert!(filled, "{}: {view}", loss.whose);
        plane.by(asks, &["change", "cancel", &change]).ok();
    }
    plane.verified();
}
