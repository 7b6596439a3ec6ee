//! kill -9 of Platform Services, again and again, with 64 callers over HTTP.

use super::callers::{Caller, Known, Told};
use super::caps::Caps;
use super::checks::Checked;
use super::stage::Stage;
use crate::plane::until;
use crate::seed::{Seed, rounds};
use platform::leases::LeaseUsage;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use testkit::Double;
use tokio::task::JoinSet;

const CALLERS: u8 = 64;
/// Cycles by which each round raises the cap.
const RAISE: u64 = 200;
const ROUNDS: usize = 200;

#[test]
fn soak_of_64_callers_none_is_granted_beyond_the_cap_whenever_platform_services_is_killed() {
    let (mut seed, rounds) = (Seed::of_run(), rounds(ROUNDS) as u64);
    let mut stage = Stage::new(RAISE);
    let (told, mut caps, mut checked) = (Arc::<Told>::default(), Caps::new(RAISE), Checked::default());
    let known: Vec<_> = (0..CALLERS).map(|_| Arc::<Mutex<Known>>::default()).collect();
    let mut calling = JoinSet::new();
    for (number, known) in (1..).zip(&known) {
        let (http, lease, engine) = (stage.http(), stage.lease, Double::ENGINE);
        let (seed, told, known) = (Seed::from(seed.below(usize::MAX)), Arc::clone(&told), Arc::clone(known));
        calling.spawn_on(Caller { http, lease, engine, number, seed, told, known }.run(), stage.runtime.handle());
    }
    for round in 1..=rounds {
        stage.start();
        if round > 1 {
            caps.raise(&stage, RAISE * round);
        }
        // Somewhere in the stream of answers, and then anywhere between two of them.
        let from = told.answers.load(SeqCst);
        let wanted = from + 100 + seed.below(900) as u64;
        until("callers to be answered", || told.answers.load(SeqCst) >= wanted);
        std::thread::sleep(Duration::from_micros(seed.below(3_000) as u64));
        stage.kill_9();
        told.kills.store(round, SeqCst);
        // Whatever was answered before it died has been heard by then.
        until("every caller to be alone", || known.iter().all(|known| known.lock().unwrap().alone == round));
        checked.read(&stage.journal(), &caps);
        checked.compare(&known);
    }
    // Once more, for those who were not answered.
    stage.start();
    told.stop.store(true, SeqCst);
    stage.runtime.block_on(async {
        let all = async {
            while let Some(ended) = calling.join_next().await {
                ended.unwrap();
            }
        };
        tokio::time::timeout(Duration::from_secs(60), all).await.expect("every question is answered");
    });
    let usage = format!("/v1/leases/{}/usage", stage.lease);
    let usage: LeaseUsage = stage.runtime.block_on(stage.http().get(&usage)).unwrap();
    stage.kill_9();
    checked.read(&stage.journal(), &caps);
    checked.compare(&known);
    assert_eq!(known.iter().filter(|known| known.lock().unwrap().asked.is_some()).count(), 0);
    let period = &usage.periods[0];
    assert!(period.posted + period.reserved <= RAISE * rounds);
    assert_eq!(period.posted, checked.used().0, "what it shows is what is recorded");
    let yes: usize = known.iter().map(|known| known.lock().unwrap().yes.len()).sum();
    println!(
        "{rounds} kills, {} entries, {yes} yeses, {} asked again and answered the same, the cap met to its last cycle {} \
         times, {} cycles used",
        checked.entries,
        told.same.load(SeqCst),
        checked.full,
        checked.used().0
    );
    assert!(checked.full > 0, "the cap was never met: this has shown nothing");
}
