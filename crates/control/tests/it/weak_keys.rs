//! Keys and signatures that nobody holds, or more than one could have made: refused where they enter and
//! at replay, alone and among a thousand good ones.

use crate::world::{GO, OPAL, SAUL, World, accepted, persona, refused, token};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use control::{Body, Broken, Command, Inadmissible, Leaf, LeafError, Replayer, Unauthentic, Verdict, check_authority};
use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::{Scalar, clamp_integer};
use model::{ChangeId, Digest, PersonId, TenantId};
use sha2::{Digest as _, Sha512};
use signed::{Act, Machine, Person, PersonKey, Roster, SignedError, Statement};
use ssh_key::{HashAlg, SshSig, public::Ed25519PublicKey};

/// How many good ones stand around a bad one.
const MANY: u8 = 250;
/// Encodings of points of small order that RFC 8032 (5.1.2) does not write: the sign of an x that is 0,
/// and y beyond the prime.
const NOT_CANONICAL: [&str; 5] = [
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

/// All points of small order in all their encodings, and a proper key with each of them added.
fn bad_keys() -> Vec<(String, [u8; 32])> {
    let other = NOT_CANONICAL.map(|hex| (format!("small order, written as {hex}"), hex.parse::<Digest>().unwrap().0));
    let secret = secret(&persona(200).key);
    let small = |(n, point): (usize, &EdwardsPoint)| (format!("small order {n}"), point.compress().to_bytes());
    let mixed = |(n, point): (usize, &EdwardsPoint)| {
        (format!("mixed order {n}"), (EdwardsPoint::mul_base(&secret) + point).compress().to_bytes())
    };
    let points = || EIGHT_TORSION.iter().enumerate();
    other.into_iter().chain(points().map(small)).chain(points().skip(1).map(mixed)).collect()
}

fn listed(bytes: [u8; 32]) -> PersonKey {
    let openssh = ssh_key::PublicKey::from(Ed25519PublicKey(bytes)).to_openssh().unwrap();
    PersonKey { id: signed::ssh::key_id(&openssh).unwrap(), openssh }
}

/// The secret scalar of a key (RFC 8032, 5.1.5).
fn secret(key: &ssh_key::PrivateKey) -> Scalar {
    let seed = key.key_data().ed25519().unwrap().private.to_bytes();
    let hash = Sha512::digest(seed);
    Scalar::from_bytes_mod_order(clamp_integer(hash[..32].try_into().unwrap()))
}

fn person(id: [u8; 16], key: PersonKey) -> Person {
    Person { id: PersonId(id), roles: vec![GO], keys: vec![key], tenants: None, deputies: vec![] }
}

/// A thousand people more, each with a good key of their own.
fn many() -> Vec<Person> {
    let good = |high: u8, low: u8| {
        let mut seed = [high; 32];
        seed[0] = low;
        let openssh = signed::ssh::private_key(&seed).public_key().to_openssh().unwrap();
        let mut id = [0xee; 16];
        (id[0], id[1]) = (high, low);
        person(id, PersonKey::of(&openssh).unwrap())
    };
    (0..4).flat_map(|high| (0..MANY).map(move |low| (high, low))).map(|(high, low)| good(100 + high, low)).collect()
}

/// Each way to list a bad key: a person's, a machine's, a service's, the console's.
fn with(roster: &Roster, bytes: [u8; 32]) -> [Roster; 4] {
    let mut all = [(); 4].map(|()| roster.clone());
    let middle = roster.people.len() / 2;
    all[0].people.insert(middle, person([0xbb; 16], listed(bytes)));
    all[1].machines.push(Machine { id: PersonId([0xbc; 16]), name: token("ci.bad"), key: listed(bytes) });
    all[2].services[1].key = Digest(bytes);
    all[3].console = Some(Digest(bytes));
    all
}

#[test]
fn a_key_of_small_or_mixed_order_is_not_founded_with_alone_or_among_a_thousand() {
    let world = World::new();
    let leaf = Leaf::decode(&world.leaves[0]).unwrap();
    let Command::Genesis { genesis, signatures } = leaf.command.clone() else { panic!("leaf 0 founds") };
    let mut large = genesis.roster.clone();
    large.people.extend(many());
    let founding = |roster: Roster| {
        let mut genesis = genesis.clone();
        genesis.roster = roster;
        let command = Command::Genesis { genesis, signatures: signatures.clone() };
        let decided = control::decide(&control::State::empty(), &world.shelf, leaf.now, &command);
        // Nor does a ledger replay that says it was. No leaf holds a thousand founders: they join later.
        let forged = Leaf { command, ..leaf.clone() }.encode();
        let replayed = forged.map(|forged| Replayer::unpinned(world.shelf.clone()).push(&forged));
        let broken = matches!(replayed, Err(LeafError::Length(_)) | Ok(Err(Broken::Failed { index: 0, .. })));
        (decided.map(|_| ()), broken)
    };
    assert_eq!(founding(large.clone()).0, Ok(()), "with good keys a thousand found");
    for (name, bytes) in bad_keys() {
        for roster in with(&genesis.roster, bytes).into_iter().chain(with(&large, bytes)) {
            let (decided, broken) = founding(roster);
            let refused = matches!(&decided, Err(Inadmissible::Founding(_) | Inadmissible::Key(_)));
            assert!(refused && broken, "{name}: {decided:?}");
        }
    }
}

#[test]
fn a_key_of_small_or_mixed_order_joins_no_roster_alone_or_among_a_thousand() {
    let mut world = World::new();
    world.replays = false;
    let (base, mut large) = (world.state.roster.clone(), world.state.roster.clone());
    large.people.extend(many());
    for (name, bytes) in bad_keys() {
        for next in with(&base, bytes).into_iter().chain(with(&large, bytes)) {
            let body = Body::RosterChange {
                base: world.state.roster_digest,
                next: world.shelve("roster", &next),
                possessions: vec![],
            };
            let package = world.package_of(ChangeId([3; 16]), body);
            let command = world.opening(OPAL, &package);
            let decided = control::decide(&world.state, &world.shelf, world.now, &command).unwrap();
            let Verdict::Refused(refusal) = &decided.verdict else { panic!("{name} is opened") };
            assert_eq!(refusal.code(), "document.unsound", "{name}");
        }
    }
    // At replay: a leaf that says it was accepted is no leaf of the ledger.
    let next = &with(&base, bad_keys()[0].1)[0];
    let body = world.roster_body(next, &[]);
    let package = world.package_of(ChangeId([3; 16]), body);
    let good = world.leaves.clone();
    refused(world.open(OPAL, &package), "document.unsound");
    let mut leaf = Leaf::decode(world.leaves.last().unwrap()).unwrap();
    leaf.verdict = Verdict::Accepted;
    let index = good.len() as u64;
    let judged = World::judge(&world.trust, &world.shelf, &[good, vec![leaf.encode().unwrap()]].concat());
    assert!(matches!(judged, Err(Broken::Failed { index: at, .. }) if at == index), "{judged:?}");
}

/// The same statement, signed with a point of small order added to R: whoever verifies with the cofactor,
/// as batches do, takes it.
fn with_small_r(key: &ssh_key::PrivateKey, statement: &Statement, small: &EdwardsPoint, honest: &str) -> String {
    let data = SshSig::signed_data("countersign", HashAlg::Sha512, &statement.bytes().unwrap()).unwrap();
    let (a, r) = (secret(key), Scalar::from(4_242_424_242_u64));
    let public = EdwardsPoint::mul_base(&a);
    let big_r = (EdwardsPoint::mul_base(&r) + small).compress();
    let hash = Sha512::new().chain_update(big_r.as_bytes()).chain_update(public.compress().as_bytes());
    let k = Scalar::from_bytes_mod_order_wide(&hash.chain_update(&data).finalize().into());
    let s = r + k * a;
    let left = EdwardsPoint::mul_base(&s) - public * k - CompressedEdwardsY(big_r.0).decompress().unwrap();
    assert!(left.is_small_order(), "verified with the cofactor, it holds");
    let mut blob = STANDARD.decode(honest).unwrap();
    let at = blob.len() - 64;
    blob[at..at + 32].copy_from_slice(big_r.as_bytes());
    blob[at + 32..].copy_from_slice(s.as_bytes());
    STANDARD.encode(blob)
}

#[test]
fn a_signature_with_a_small_part_is_refused_alone_and_among_a_thousand_good_ones() {
    let mut world = World::new();
    world.replays = false;
    for n in 0..4 * u16::from(MANY) {
        let mut id = [0x77; 16];
        id[..2].copy_from_slice(&n.to_be_bytes());
        accepted(world.sign_and_submit(OPAL, Act::RegisterTenant { tenant: TenantId(id) }));
    }
    assert!(World::judge(&world.trust, &world.shelf, &world.leaves).is_ok());
    let middle = world.leaves.len() / 2;
    let leaf = Leaf::decode(&world.leaves[middle]).unwrap();
    let Command::Signed { statement, signature } = &leaf.command else { panic!("it is signed") };
    for (n, small) in EIGHT_TORSION.iter().enumerate() {
        let signature = with_small_r(&world.people[OPAL].key, statement, small, signature);
        let command = Command::Signed { statement: statement.clone(), signature };
        let alone = check_authority(&world.state, &|size| world.tree.root_at(size), &command);
        let forged = Leaf { command, ..leaf.clone() };
        let mut leaves = world.leaves.clone();
        leaves[middle] = forged.encode().unwrap();
        // Up to it: what comes after has seen another tree.
        let judged = World::judge(&world.trust, &world.shelf, &leaves[..=middle]);
        if n == 0 {
            assert_eq!(alone, Ok(()), "with nothing added it is a signature like any other");
            assert!(judged.is_ok(), "{judged:?}");
        } else {
            assert_eq!(alone, Err(Unauthentic::Signature(SignedError::Mismatch)), "{n}");
            assert!(matches!(judged, Err(Broken::Failed { index, .. }) if index == middle as u64), "{n}: {judged:?}");
        }
    }
}

/// Were such a key listed all the same, the one signature that fits every message would say nothing.
#[test]
fn what_is_signed_with_a_key_of_small_order_says_nothing() {
    let mut world = World::new();
    for (name, bytes) in bad_keys().into_iter().filter(|(name, _)| name.starts_with("small")) {
        let key = listed(bytes);
        world.state.roster.people[SAUL].keys = vec![key.clone()];
        let mut statement = world.statement(SAUL, Act::RegisterTenant { tenant: TenantId([1; 16]) });
        statement.key = key.id;
        let honest = statement.sign(&world.people[SAUL].key).unwrap();
        for r in EIGHT_TORSION {
            let mut blob = STANDARD.decode(&honest).unwrap();
            let public = SshSig::from_pem(signed::ssh::to_armour(&honest)).unwrap();
            let theirs = public.public_key().ed25519().unwrap().0;
            let at = blob.windows(32).position(|window| window == theirs).unwrap();
            blob[at..at + 32].copy_from_slice(&bytes);
            let at = blob.len() - 64;
            blob[at..at + 32].copy_from_slice(r.compress().as_bytes());
            blob[at + 32..].fill(0);
            let command = Command::Signed { statement: statement.clone(), signature: STANDARD.encode(blob) };
            let answer = check_authority(&world.state, &|size| world.tree.root_at(size), &command);
            assert_eq!(answer, Err(Unauthentic::Signature(SignedError::Mismatch)), "{name}");
        }
    }
}
