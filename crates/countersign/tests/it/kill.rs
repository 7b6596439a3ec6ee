//! kill -9 at each step: of each service, of the supervisor, of the front, of the engine itself.

use crate::plane::{PATIENCE, Plane, signal, until};
use crate::shop;
use crate::visitor::Visitor;
use serde_json::Value;
use std::time::{Duration, Instant};

const VICTIMS: [&str; 6] = ["governance", "platform", "node", "engine", "integration", "supervisor"];
/// Named moments of a deployment: before it is run, then each of its ten steps intended and done.
const BEFORE: [&str; 4] = ["observed", "sealed", "half-approved", "approved"];
const STEPS: usize = 10;
/// Rounds of the normal run; the soak plays each pair once.
const ROUNDS: usize = 3;

#[derive(Debug, Clone, Copy)]
struct Round {
    victim: &'static str,
    /// Position among the moments.
    moment: usize,
}

impl Round {
    fn name(self) -> String {
        if let Some(name) = BEFORE.get(self.moment) {
            return (*name).to_owned();
        }
        let after = self.moment - BEFORE.len();
        format!("step {} {}", after / 2, if after.is_multiple_of(2) { "intended" } else { "done" })
    }

    fn all() -> Vec<Self> {
        let moments = BEFORE.len() + 2 * STEPS;
        VICTIMS.iter().flat_map(|victim| (0..moments).map(|moment| Self { victim, moment })).collect()
    }
}

/// A small generator of our own (SplitMix64), so that a printed seed repeats a run.
struct Seed(u64);

impl Seed {
    fn of_run() -> Self {
        let given = std::env::var("COUNTERSIGN_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| u64::from_be_bytes(client::random_bytes()));
        println!("COUNTERSIGN_SEED={seed}");
        Self(seed)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % bound as u64).unwrap()
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

impl Plane {
    fn view(&self, change: &str) -> Option<Value> {
        let shown = self.cli(&["change", "show", change, "--json"]);
        (shown.code == 0).then(|| shown.json())
    }

    /// Which moment a change has reached: see [`Round`].
    fn reached(&self, change: &str) -> Option<usize> {
        let view = self.view(change)?;
        if view["status"] == "effective" {
            return Some(usize::MAX);
        }
        let steps = view["steps"].as_array()?;
        let done = steps.iter().filter(|step| step["state"] == "done").count();
        let intended = usize::from(steps.iter().any(|step| step["state"] == "intended"));
        (done + intended > 0).then_some(BEFORE.len() - 1 + 2 * done + intended)
    }

    /// Kills the victim; a supervisor is started again, as an operator would.
    fn kill(&mut self, victim: &str) {
        if victim == "supervisor" {
            self.kill_supervisor();
            return self.serve();
        }
        if let Some(pid) = self.pid(victim) {
            signal(pid, "KILL");
        }
    }

    /// Says it again until it has been heard: what a person does while services come back.
    fn insist(&self, who: &str, args: &[&str], heard: impl Fn(&Value) -> bool) {
        let change = args[2];
        until(&format!("{args:?} to be heard"), || {
            self.by(who, args);
            self.view(change).is_some_and(|view| heard(&view))
        });
    }
}

fn approved(view: &Value, slots: usize) -> bool {
    let filled =
        view["slots"].as_array().map_or(0, |slots| slots.iter().filter(|slot| !slot["person"].is_null()).count());
    filled >= slots
}

/// One deployment with one murder.
fn play(plane: &mut Plane, engine: &str, artifact: &str, round: Round) {
    let mut struck = false;
    let mut strike = |plane: &mut Plane, moment: usize| {
        if !struck && round.moment == moment {
            struck = true;
            plane.kill(round.victim);
        }
    };
    let change = plane.draft(&["--kind", "deployment", "--engine", engine, "--artifact", artifact]);
    let change = change.as_str();
    strike(plane, 0);
    plane.insist("ada", &["change", "seal", change], |view| view["status"] != "draft");
    strike(plane, 1);
    plane.insist("ben", &["change", "approve", change], |view| approved(view, 1));
    strike(plane, 2);
    plane.insist("cy", &["change", "approve", change], |view| view["status"] == "approved");
    strike(plane, 3);
    plane.insist("ben", &["change", "run", change, "--no-wait"], |view| {
        matches!(view["status"].as_str(), Some("executing" | "effective"))
    });
    if round.moment >= BEFORE.len() {
        until("the moment", || plane.reached(change).is_some_and(|moment| moment >= round.moment));
        plane.kill(round.victim);
    }
    let began = Instant::now();
    until("the change to be effective", || {
        let view = plane.view(change);
        let status = view.as_ref().map(|view| view["status"].clone()).unwrap_or_default();
        assert!(!["failed", "invalidated", "indeterminate"].contains(&status.as_str().unwrap_or_default()), "{view:?}");
        assert!(began.elapsed() < PATIENCE, "{view:?}");
        status == "effective"
    });
    plane.ready();
}

#[test]
fn soak_killed_at_any_step_the_flow_ends_and_no_visitor_notices() {
    let mut seed = Seed::of_run();
    let mut rounds = Round::all();
    seed.shuffle(&mut rounds);
    if std::env::var("COUNTERSIGN_SOAK").is_err() {
        rounds.truncate(ROUNDS);
    }
    let mut plane = Plane::serving();
    let engine = plane.engine();
    let artifacts = [plane.publish("2026.03.1"), plane.publish("2026.02")];
    let first = plane.approved_deployment(engine, &artifacts[1]);
    plane.by("ben", &["change", "run", &first]).ok();
    let visitor = Visitor::of(plane.shop_port(0));
    for (number, round) in rounds.iter().enumerate() {
        println!("round {number}: {} at {}", round.victim, round.name());
        play(&mut plane, engine, &artifacts[number % 2], *round);
        assert!(visitor.is_content(), "{:?}: a request failed: {}", round, visitor.home());
        let serving = if number % 2 == 0 { "2026.03.1" } else { "2026.02" };
        assert_eq!(shop::release(plane.shop_port(0)).as_deref(), Some(serving));
    }
    println!("{} rounds, {} pages, no failed request", rounds.len(), visitor.home());
    plane.verified();
}

#[test]
fn the_front_is_back_within_two_seconds_on_the_routes_it_had() {
    let plane = Plane::serving();
    let engine = plane.engine();
    let change = plane.approved_deployment(engine, &plane.publish("2026.02"));
    plane.by("ben", &["change", "run", &change]).ok();
    let front = plane.process("front");
    signal(front, "KILL");
    let killed = Instant::now();
    until("the shop to be back", || shop::release(plane.shop_port(0)).as_deref() == Some("2026.02"));
    let took = killed.elapsed();
    assert!(took <= Duration::from_secs(2), "{took:?}");
    assert_ne!(plane.process("front"), front);
}

#[test]
fn a_killed_engine_is_started_again_as_the_ledger_says() {
    let plane = Plane::serving();
    let engine = plane.engine();
    let change = plane.approved_deployment(engine, &plane.publish("2026.02"));
    plane.by("ben", &["change", "run", &change]).ok();
    let storefront = plane.process("storefront");
    signal(storefront, "KILL");
    until("another process to serve", || {
        plane.find_process("storefront").is_some_and(|pid| pid != storefront)
            && shop::release(plane.shop_port(0)).as_deref() == Some("2026.02")
    });
}

#[test]
fn with_all_five_services_stopped_the_shop_still_sells() {
    let mut plane = Plane::serving();
    let engine = plane.engine();
    let change = plane.approved_deployment(engine, &plane.publish("2026.02"));
    plane.by("ben", &["change", "run", &change]).ok();
    let visitor = Visitor::of(plane.shop_port(0));
    plane.stop();
    for service in VICTIMS.iter().filter(|victim| **victim != "supervisor") {
        assert_eq!(plane.pid(service), None, "{service} is stopped");
    }
    let cart = shop::post(plane.shop_port(0), "/cart/add", "sku=canvas-tote").expect("the shop answers");
    assert_eq!(cart, 303, "a visitor can still put something into the cart");
    assert!(visitor.is_content() && visitor.home() > 0);
}
