//! kill -9: of each service and of the supervisor at each step of a change, of the front, of the
//! engine itself, of everything but those two. Visitors shop on.

use crate::flow::Order;
use crate::moment::{Moment, Reader};
use crate::plane::{Plane, signal, until};
use crate::seed::{Seed, rounds};
use crate::shop;
use crate::visitor::{Basket, Visitor};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const SERVICES: [&str; 5] = ["governance", "platform", "node", "engine", "integration"];
const SUPERVISOR: &str = "supervisor";
/// Rounds on one installation, so that its ledger stays quick to verify after each.
const ROUNDS_EACH: usize = 15;
/// How long the shop may be gone with its front.
const FRONT_BACK_WITHIN: Duration = Duration::from_secs(2);

/// Who is killed when.
#[derive(Debug, Clone, Copy)]
struct Pair {
    victim: &'static str,
    moment: Moment,
}

impl Pair {
    /// Each pair once, in an order of the seed's.
    fn shuffled(seed: &mut Seed) -> Vec<Self> {
        let moments = Moment::all();
        let victims = SERVICES.into_iter().chain([SUPERVISOR]);
        let pairs = victims.flat_map(|victim| moments.iter().map(move |moment| Self { victim, moment: *moment }));
        let mut pairs: Vec<_> = pairs.collect();
        for i in (1..pairs.len()).rev() {
            pairs.swap(i, seed.below(i + 1));
        }
        pairs
    }
}

impl Plane {
    /// Serving 2026.02 on one engine; answers the engine's name.
    fn selling(&self) -> &'static str {
        let engine = self.engine();
        let change = self.approved_deployment(engine, &self.publish("2026.02"));
        self.by("ben", &["change", "run", &change]).ok();
        engine
    }

    fn pids(&self) -> Vec<u32> {
        SERVICES.iter().map(|service| self.pid(service).expect("the service answers")).collect()
    }

    /// The services end with the pipe of their supervisor; then it is started again, as an operator
    /// or an init system would.
    fn supervise_again(&mut self) {
        self.kill_supervisor();
        self.all_gone();
        self.serve();
    }

    fn all_gone(&self) {
        for service in SERVICES {
            until(&format!("{service} to be gone"), || self.pid(service).is_none());
        }
    }

    fn basket(&self) -> Basket {
        let mut basket = Basket { port: self.shop_port(0), cookie: None, pieces: 0 };
        self.sells(&mut basket, "before");
        basket
    }

    /// Demands that a shop sells: its page, one piece more in the cart, and the page again.
    fn sells(&self, basket: &mut Basket, when: &str) {
        let sold = basket.page().and_then(|()| basket.change()).and_then(|()| basket.page());
        sold.unwrap_or_else(|why| panic!("{when}: {why}\n{}", self.logs()));
    }

    /// One change with one murder.
    fn round(&mut self, engine: &str, order: &Order, pair: Pair, visitor: &Visitor) {
        let pids = self.pids();
        let position = SERVICES.iter().position(|service| *service == pair.victim);
        let pid = position.map_or_else(|| self.supervisor(), |position| pids[position]);
        let mut knife = Some(self.reader().kill_at(pair.moment, self.control_size(), pid));
        let mut strike = |plane: &mut Self, wait: bool| {
            if let Some(thread) = knife.take_if(|thread| wait || thread.is_finished()) {
                let leaf = thread.join().unwrap();
                assert!(leaf.is_some(), "{pair:?} never came");
                if pair.victim == SUPERVISOR {
                    plane.supervise_again();
                }
            }
        };
        self.carry(engine, order, |plane| strike(plane, false));
        strike(self, true);
        self.ready();
        for (position, (now, before)) in self.pids().iter().zip(&pids).enumerate() {
            let killed = pair.victim == SUPERVISOR || pair.victim == SERVICES[position];
            assert_eq!(now != before, killed, "{}", SERVICES[position]);
        }
        visitor.shops_on(3);
    }

    fn reader(&self) -> Reader {
        let mut files = std::fs::read_dir(self.dir().join("cli")).unwrap().map(|entry| entry.unwrap().path());
        let kept = files.find(|path| path.to_string_lossy().ends_with(".session.json")).unwrap();
        let kept: Value = serde_json::from_slice(&std::fs::read(kept).unwrap()).unwrap();
        Reader { governance: self.port("governance"), token: kept["token"].as_str().unwrap().to_owned() }
    }
}

#[test]
fn soak_killed_at_any_step_the_flow_ends_and_no_visitor_notices() {
    let mut seed = Seed::of_run();
    let pairs = Pair::shuffled(&mut seed);
    let pairs = &pairs[..rounds(pairs.len())];
    let (mut number, mut pages, mut changes, mut slowest) = (0, 0, 0, Duration::ZERO);
    for some in pairs.chunks(ROUNDS_EACH) {
        let mut plane = Plane::serving();
        let engine = plane.selling();
        let next = plane.publish("2026.03.1");
        let visitor = Visitor::of(plane.shop_port(0));
        let orders = [(Order::Deploy(next), "2026.03.1"), (Order::Rollback, "2026.02")];
        for (pair, (order, release)) in some.iter().zip(orders.iter().cycle()) {
            let began = Instant::now();
            let when = format!("round {number}: {} killed at {}, to {release}", pair.victim, pair.moment);
            println!("{when}");
            plane.round(engine, order, *pair, &visitor);
            visitor.content(&when);
            assert_eq!(shop::release(plane.shop_port(0)).as_deref(), Some(*release), "{when}");
            plane.verified();
            println!("  effective and verified after {:.1} s", began.elapsed().as_secs_f64());
            number += 1;
        }
        let seen = visitor.seen();
        (pages, changes, slowest) = (pages + seen.pages, changes + seen.changes, slowest.max(seen.slowest));
    }
    println!("{number} rounds; {pages} pages and {changes} changes of a cart, no failed request, slowest {slowest:?}");
}

#[test]
fn the_front_is_back_within_two_seconds_on_the_routes_it_had() {
    let plane = Plane::serving();
    plane.selling();
    let mut basket = plane.basket();
    let before = plane.page("engine", "/v1/front");
    signal(u32::try_from(before["pid"].as_u64().unwrap()).unwrap(), "KILL");
    let killed = Instant::now();
    until("the shop to be back", || basket.page().is_ok());
    let took = killed.elapsed();
    assert!(took <= FRONT_BACK_WITHIN, "the shop was gone for {took:?}");
    plane.sells(&mut basket, "the front is back");
    assert_eq!(shop::release(plane.shop_port(0)).as_deref(), Some("2026.02"));
    let after = plane.page("engine", "/v1/front");
    assert_ne!(after["pid"], before["pid"]);
    assert_eq!((&after["routes"], &after["restarts"]), (&before["routes"], &Value::from(1)));
    plane.verified();
}

#[test]
fn a_killed_engine_is_started_again_as_the_ledger_says() {
    let plane = Plane::serving();
    plane.selling();
    let mut basket = plane.basket();
    let serving = || {
        let engine = plane.page("engine", "/v1/engines")["engines"][0].clone();
        let sides = engine["sides"].as_array().unwrap();
        let side = sides.iter().find(|side| side["side"] == engine["serving_side"]).unwrap();
        (
            u32::try_from(side["pid"].as_u64().unwrap_or_default()).unwrap(),
            engine["serving"].clone(),
            engine["generation"].clone(),
        )
    };
    let (pid, serves, generation) = serving();
    signal(pid, "KILL");
    until("another process to serve", || serving().0 != pid && basket.page().is_ok());
    plane.sells(&mut basket, "the engine is back");
    assert_eq!(serving(), (serving().0, serves, generation), "restarting is not a step");
    assert_eq!(shop::release(plane.shop_port(0)).as_deref(), Some("2026.02"));
    plane.ready();
    plane.verified();
}

#[test]
fn with_all_five_services_gone_the_shop_still_sells() {
    let mut plane = Plane::serving();
    plane.selling();
    let mut basket = plane.basket();
    let visitor = Visitor::of(plane.shop_port(0));
    plane.stop();
    plane.all_gone();
    plane.sells(&mut basket, "the services were stopped");
    visitor.shops_on(10);
    plane.serve();

    // As a machine that is out of memory would: no word to anybody, the supervisor first.
    let pids = plane.pids();
    plane.kill_supervisor();
    for pid in pids {
        signal(pid, "KILL");
    }
    plane.all_gone();
    plane.sells(&mut basket, "the services were killed");
    visitor.shops_on(10);
    plane.serve();
    plane.sells(&mut basket, "the services are back");
    visitor.content("without and with services");
    assert_eq!(shop::release(plane.shop_port(0)).as_deref(), Some("2026.02"));
    plane.verified();
}

/// A tenant's limit, what raises it and when that ends are the front's own: nobody need be there to take it away.
#[test]
fn an_exception_ends_at_its_time_with_all_five_services_killed() {
    let mut plane = Plane::serving();
    plane.selling();
    let tenant = plane.cli(&["tenant", "ls", "--json"]).ok().json()[0]["id"].clone();
    let quota = json!({"per_second": 1, "burst": 1});
    let terms = json!({"tenant_terms": {"tenants": [{"tenant": tenant, "quota": quota}]}});
    plane.set("tenant-terms", &terms, &["ben", "cy"]);
    let shop = format!("http://127.0.0.1:{}/", plane.shop_port(0));
    // Of twelve visitors at once.
    let let_in = || (0..12).filter(|_| shop::get(&shop).is_some_and(|(status, _)| status == 200)).count();
    until("the base quota to hold", || let_in() < 12);
    let raised = ["--per-second", "1000", "--burst", "1000", "--for", "30s"];
    let asked = [&["--kind", "quota-exception", "--tenant", "acme"][..], &raised].concat();
    let grant = plane.carried(&asked, &["ben", "cy"]);
    let ends: model::Instant = plane.shown(&grant)["granted_until"].as_str().unwrap().parse().unwrap();
    let over = || model::Instant::from_millis(jiff::Timestamp::now().as_millisecond()) >= ends;
    until("the exception to hold", || let_in() == 12);

    let pids = plane.pids();
    plane.kill_supervisor();
    for pid in pids {
        signal(pid, "KILL");
    }
    plane.all_gone();
    let with_nobody_there = let_in();
    assert!(!over(), "this machine is too slow for this test");
    assert_eq!(with_nobody_there, 12);
    until("its end", over);
    assert!(let_in() < 12, "it goes on beyond its end");

    plane.serve();
    until("its end to be read back", || plane.shown(&grant)["status"] == "closed");
    plane.verified();
}
