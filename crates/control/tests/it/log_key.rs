//! One key of the log takes the place of another, by roster changes.

use crate::world::{HOUR_MS, OPAL, World, accepted, refused};
use control::{Body, log_keys, trusted_log_keys};
use ed25519_dalek::SigningKey;
use model::Digest;
use signed::{LogKeyChallenge, Possession, Roster, Trust};
use tlog::note::NoteSigner;

fn signer(world: &World, secret: u8) -> NoteSigner {
    let name = format!("{}/control", world.state.origin.as_ref().unwrap());
    NoteSigner::new(name, SigningKey::from_bytes(&[secret; 32])).unwrap()
}

/// What the key signs before a roster lists it.
fn possession(world: &World, signer: &NoteSigner) -> Possession {
    let challenge = LogKeyChallenge { ledger: world.state.ledger, log_key: signer.vkey().to_string() };
    challenge.possession(&signer.signature(&challenge.message().unwrap()))
}

fn body(world: &mut World, next: &Roster, possessions: Vec<Possession>) -> Body {
    let Body::RosterChange { base, next, .. } = world.roster_body(next, &[]) else { unreachable!("a roster change") };
    Body::RosterChange { base, next, possessions }
}

/// Lists the key beside those there are.
fn add(world: &mut World, signer: &NoteSigner) {
    let mut next = world.state.roster.clone();
    next.log_keys.push(signer.vkey().to_string());
    let possession = possession(world, signer);
    let body = body(world, &next, vec![possession]);
    let id = world.approved_of(OPAL, body);
    refused(world.run(OPAL, id), "run.cooling");
    world.advance(24 * HOUR_MS);
    accepted(world.run(OPAL, id));
}

fn remove(world: &mut World, key: &str) {
    let mut next = world.state.roster.clone();
    next.log_keys.retain(|listed| listed != key);
    let body = body(world, &next, vec![]);
    let id = world.approved_of(OPAL, body);
    accepted(world.run(OPAL, id));
}

#[test]
fn a_log_key_takes_the_place_of_another_and_the_old_one_is_trusted_no_more() {
    let mut world = World::new();
    let founding = world.state.roster.log_keys[0].clone();
    let pinned = Trust {
        origin: world.state.origin.clone().unwrap(),
        log_keys: vec![founding.clone()],
        genesis: world.state.ledger,
    };
    let fresh = signer(&world, 71);
    add(&mut world, &fresh);
    let both: Vec<_> = log_keys(&world.state.roster).iter().map(ToString::to_string).collect();
    assert_eq!(both, [founding.clone(), fresh.vkey().to_string()]);
    assert_eq!(trusted_log_keys(&pinned, &world.state).len(), 2);

    remove(&mut world, &founding);
    assert_eq!(trusted_log_keys(&pinned, &world.state), [fresh.vkey()], "what was taken away is not trusted by a pin");

    let mut next = world.state.roster.clone();
    next.log_keys.push(founding);
    let body = body(&mut world, &next, vec![]);
    let package = world.package_of(model::ChangeId([77; 16]), body);
    refused(world.open(OPAL, &package), "roster.key_returns");
}

#[test]
fn a_pin_that_knows_a_key_the_verified_state_does_not_know_yet_is_believed() {
    let world = World::new();
    let fresh = signer(&world, 72);
    let origin = world.state.origin.clone().unwrap();
    let pinned = Trust { origin, log_keys: vec![fresh.vkey().to_string()], genesis: world.state.ledger };
    assert!(trusted_log_keys(&pinned, &world.state).contains(&fresh.vkey()));
}

#[test]
fn a_log_key_that_nobody_proved_or_that_is_another_logs_is_not_listed() {
    let mut world = World::new();
    let (fresh, other) = (signer(&world, 73), signer(&world, 74));
    let of_another_log = NoteSigner::new("countersign.test/0001/events", SigningKey::from_bytes(&[73; 32])).unwrap();
    let stale = LogKeyChallenge { ledger: Digest::ZERO, log_key: fresh.vkey().to_string() };
    let stale = stale.possession(&fresh.signature(&stale.message().unwrap()));
    let mut by_another = possession(&world, &other);
    by_another.key = signed::log_key_id(&fresh.vkey().to_string());
    let proven = possession(&world, &fresh);
    let (key, foreign) = (fresh.vkey().to_string(), of_another_log.vkey().to_string());
    let cases = [
        (vec![key.clone()], vec![], "roster.possession_missing"),
        (vec![key.clone()], vec![stale], "roster.possession_missing"),
        (vec![key.clone()], vec![by_another], "roster.possession_missing"),
        (vec![key.clone()], vec![proven.clone(), possession(&world, &other)], "roster.possession_missing"),
        (vec![foreign], vec![possession(&world, &of_another_log)], "document.unsound"),
        (vec!["no key".to_owned()], vec![proven.clone()], "document.unsound"),
        (vec![key.clone(), key], vec![proven], "document.unsound"),
    ];
    for (n, (added, possessions, code)) in cases.into_iter().enumerate() {
        let mut next = world.state.roster.clone();
        next.log_keys.extend(added);
        let body = body(&mut world, &next, possessions);
        let package = world.package_of(model::ChangeId([80 + u8::try_from(n).unwrap(); 16]), body);
        refused(world.open(OPAL, &package), code);
    }
    let mut next = world.state.roster.clone();
    next.log_keys.clear();
    let body = body(&mut world, &next, vec![]);
    let package = world.package_of(model::ChangeId([90; 16]), body);
    refused(world.open(OPAL, &package), "document.unsound");
}
