//! Time is set by hand: minutes and days pass when a test says so.

use super::*;
use crate::scene::{AUDITOR, ByHand, CHANGE, FINANCE, OPERATOR, TENANT, World};
use crate::{Keys, intake, run};
use control::{ChangeEvent, Effect};
use ledger::{Clock, Lane};
use model::{ChangeId, TenantId};
use signed::Act;
use std::sync::atomic::Ordering;
use wire::Event;

#[tokio::test]
async fn what_has_expired_is_written_down_once() {
    let world = World::new().await;
    world.sealed().await;
    let size = world.size();
    world.pass(72 * 3_600_000);
    world.tick().await;
    assert_eq!(world.size(), size, "not before its time is over");
    world.pass(1);
    world.tick().await;
    world.tick().await;
    assert_eq!(world.size(), size + 1);
    assert_eq!(world.last_events(), [(CHANGE, ChangeEvent::Expired {})]);
}

#[tokio::test]
async fn the_first_refusal_of_a_minute_is_a_leaf_and_its_repeats_are_one_sum() {
    let world = World::new().await;
    let refused = async || {
        let problem =
            world.sign_and_submit(FINANCE, Act::RegisterTenant { tenant: TenantId(client::random_bytes()) }).await;
        let problem = problem.unwrap_err().body().error;
        (problem.entry, problem.see_entry)
    };
    assert_eq!(refused().await, (Some(1), None));
    world.pass(59_000);
    // Another tenant each time, and its own refusal stands in no entry.
    assert_eq!((refused().await, refused().await), ((None, Some(1)), (None, Some(1))));
    world.tick().await;
    assert_eq!(world.size(), 2, "the minute is not over");
    world.pass(1_000);
    assert_eq!(refused().await, (Some(2), None), "another minute, another leaf");
    world.tick().await;
    world.tick().await;
    assert_eq!(world.last_effects(), [Effect::RefusalsSummed { first: 1, count: 2 }]);
    assert_eq!(world.size(), 4);
}

#[tokio::test]
async fn the_events_head_is_committed_once_a_minute_and_only_if_it_grew() {
    let world = World::new().await;
    let event: Event = serde_json::from_str(
        r#"{"id":"1","source":"ci","kind":"built","category":"reported","severity":"low","title":"built"}"#,
    )
    .unwrap();
    let checked = world.service.with_state(|state| intake::event(state, OPERATOR, 0, &event)).unwrap();
    let event = crate::event_machine::SealedEvent { entry: checked.entry, payload: NO_TEXT.to_vec() };
    let event = crate::event_machine::NewEvent { event: Arc::new(event), unlike: vec![] };
    world.service.events.submit(Lane::Normal, OPERATOR.into(), event, Ack::Durable).await.unwrap();
    let mut committed = world.service.now();
    world.pass(EPOCH_MS - 1);
    world.service.tick(&mut committed).await;
    assert_eq!(world.size(), 1);
    world.pass(1);
    world.service.tick(&mut committed).await;
    let root = world.service.events.log().root_at(1).unwrap();
    assert_eq!(world.last_effects(), [Effect::EventsHead { size: 1, root }]);
    world.pass(EPOCH_MS);
    world.service.tick(&mut committed).await;
    assert_eq!(world.size(), 2, "nothing new, nothing written");
}

#[tokio::test]
async fn a_clock_that_jumped_is_not_believed_and_decides_nothing() {
    let world = World::new().await;
    let World { dir, clock, service, ledger } = world;
    drop((service, ledger));
    let trust = {
        let keys = Keys::open(dir.path()).unwrap();
        let origin: model::Token = "clock.test/1".parse().unwrap();
        signed::Trust { log_keys: vec![keys.control_vkey(&origin).unwrap().to_string()], origin, genesis: ledger }
    };
    // Off for more than 7 days: the wall clock at the start is far past the last leaf.
    clock.0.store(8 * 86_400_000, Ordering::SeqCst);
    let open = |accept| {
        let hand: Arc<dyn Clock> = Arc::<ByHand>::clone(&clock);
        let service = Arc::new(run::open(dir.path(), &trust, accept, None, hand).unwrap());
        World { dir: tempfile::tempdir().unwrap(), clock: Arc::clone(&clock), service, ledger }
    };
    let world = open(false);
    let refused = world.sign_and_submit(OPERATOR, Act::RegisterTenant { tenant: TENANT }).await.unwrap_err();
    assert_eq!((refused.code(), refused.status().as_u16()), ("ledger.clock", 503));
    let check = world.service.clock_check(model::Instant::EPOCH);
    assert!(!check.ok && check.why.contains("days after the last entry"), "{check:?}");
    // The clock was what was wrong: it is set right, and nobody restarts anything.
    clock.0.store(86_400_000, Ordering::SeqCst);
    world.sign_and_submit(OPERATOR, Act::RegisterTenant { tenant: TenantId([9; 16]) }).await.unwrap();
    assert!(world.service.clock_check(model::Instant::EPOCH).ok);
    drop(world);
    clock.0.store(16 * 86_400_000, Ordering::SeqCst);
    open(true).sign_and_submit(OPERATOR, Act::RegisterTenant { tenant: TENANT }).await.unwrap();
}

#[tokio::test]
async fn a_scheduled_change_starts_when_its_time_has_come() {
    let world = World::new().await;
    world.sealed().await;
    let binding = world.approve(CHANGE, &[FINANCE]).await;
    let not_before = Some(world.service.now().plus_millis(120_000));
    world.sign_and_submit(OPERATOR, Act::Run { binding, not_before }).await.unwrap();
    let size = world.size();
    world.pass(119_999);
    world.tick().await;
    assert_eq!(world.size(), size, "not before its time");
    world.pass(1);
    world.tick().await;
    world.tick().await;
    assert_eq!(world.size(), size + 1);
    assert!(matches!(world.last_events()[..], [(CHANGE, ChangeEvent::Run { by: OPERATOR, .. })]));
}

#[tokio::test]
async fn a_scheduled_change_that_may_not_start_is_told_why_once() {
    let world = World::new().await;
    world.sealed().await;
    let binding = world.approve(CHANGE, &[FINANCE]).await;
    let not_before = Some(world.service.now().plus_millis(120_000));
    world.sign_and_submit(OPERATOR, Act::Run { binding, not_before }).await.unwrap();
    // Whoever ordered it signs nothing any more by then.
    let key = world.service.with_state(|state| state.roster.person(&OPERATOR).unwrap().keys[0].id);
    world.sign_and_submit(OPERATOR, Act::Suspend { person: OPERATOR, key }).await.unwrap();
    let size = world.size();
    world.pass(120_000);
    world.tick().await;
    world.tick().await;
    assert_eq!(world.size(), size + 1);
    let events = world.last_events();
    let [(CHANGE, ChangeEvent::Unscheduled { code })] = &events[..] else { panic!("{events:?}") };
    assert_eq!(code.as_str(), "key.not_active");
    assert!(world.service.with_state(|state| state.changes[&CHANGE].run.is_none()));
}

#[tokio::test]
async fn what_is_due_of_several_tenants_is_a_leaf_for_each() {
    let world = World::new().await;
    world.sealed().await;
    let platform = ChangeId([81; 16]);
    let (target, slot) = ("ci".parse().unwrap(), vec![model::Role::SupportAuditor]);
    let body = control::Body::External { target, digest: model::Digest([1; 32]), slot };
    world.send(world.open(OPERATOR, platform, body, None, vec![])).await.unwrap();
    world.sign_and_submit(OPERATOR, Act::Seal { binding: world.binding(platform) }).await.unwrap();
    let size = world.size();
    world.pass(73 * 3_600_000);
    world.tick().await;
    assert_eq!(world.size(), size + 2, "at one tick");
    let leaves = [size, size + 1].map(|index| world.service.leaf(index).unwrap());
    let mut tags: Vec<_> = leaves.iter().map(|leaf| leaf.tags.clone()).collect();
    tags.sort();
    assert_eq!(tags, [vec![], vec![TENANT]]);
    world.tick().await;
    assert_eq!(world.size(), size + 2);
}

#[tokio::test]
async fn whose_last_key_is_suspended_reads_no_longer() {
    let world = World::new().await;
    let (_, token) = client::random_token();
    let key = world.service.with_state(|state| state.roster.person(&AUDITOR).unwrap().keys[0].id);
    let login = signed::LoginRequest {
        ledger: world.ledger,
        person: AUDITOR,
        key,
        token,
        scope: model::Scope::Read,
        expires: world.service.now().plus_millis(60_000),
    };
    let signer = signed::ssh::private_key(&[AUDITOR.0[0]; 32]);
    let signature = signed::ssh::sign(&signer, &login.message().unwrap()).unwrap();
    let request = wire::SessionRequest::Person { login, signature };
    let session = world.service.with_state(|state| intake::login(state, &request)).unwrap();
    let submitted = Submitted { command: Command::Session(session), payload: NO_TEXT.to_vec() };
    world.service.decide(submitted, Ack::Durable).await.unwrap();
    let reads =
        || world.service.reading(Some(service_shell::Bearer(token))).map(|_| ()).map_err(|problem| problem.code());
    assert_eq!(reads(), Ok(()));
    world.sign_and_submit(AUDITOR, Act::Suspend { person: AUDITOR, key }).await.unwrap();
    assert_eq!(reads(), Err("token.unknown"));
    let again = world.service.with_state(|state| intake::login(state, &request)).unwrap_err();
    assert_eq!(again.code(), "principal.unknown", "nor does it sign in");
}
