//! Keys that nobody holds sign nothing, and stand in no roster.
#![allow(clippy::unwrap_used)]

use model::{CommandId, Digest, Instant, KeyFault, NodeId, PersonId, Role, Service, Token};
use signed::{
    FounderSignature, Genesis, NodeEntry, Person, PersonKey, Roster, ServiceEntry, ServiceKey, SignedError, ssh,
};
use ssh_key::public::{Ed25519PublicKey, KeyData};
use ssh_key::{Algorithm, HashAlg, LineEnding, PublicKey, Signature, SshSig};

/// The neutral point: `R` the same, `S` zero fits every message in a verification that is not strict.
const NEUTRAL: [u8; 32] = {
    let mut bytes = [0; 32];
    bytes[0] = 1;
    bytes
};

fn openssh(bytes: [u8; 32]) -> String {
    PublicKey::from(KeyData::Ed25519(Ed25519PublicKey(bytes))).to_openssh().unwrap()
}

/// One signature for every message, which nobody made.
fn constant_signature() -> String {
    let raw = [NEUTRAL, [0; 32]].concat();
    let signature = Signature::new(Algorithm::Ed25519, raw).unwrap();
    let key = KeyData::Ed25519(Ed25519PublicKey(NEUTRAL));
    let sig = SshSig::new(key, ssh::NAMESPACE, HashAlg::Sha512, signature).unwrap();
    ssh::from_armour(&sig.to_pem(LineEnding::LF).unwrap()).unwrap()
}

/// A proper key plus a point of order eight.
fn mixed() -> [u8; 32] {
    let eight = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05".parse::<Digest>().unwrap();
    let point = |bytes: &[u8; 32]| ed25519_dalek::VerifyingKey::from_bytes(bytes).unwrap().to_edwards();
    let proper = ServiceKey::from_secret(&[9; 32]).public();
    (point(&proper.0) + point(&eight.0)).compress().to_bytes()
}

fn listed(openssh: &str) -> PersonKey {
    PersonKey { id: ssh::key_id(openssh).unwrap(), openssh: ssh::normalise(openssh).unwrap() }
}

fn roster(openssh: &str) -> Roster {
    let person = Person {
        id: PersonId([1; 16]),
        roles: vec![Role::GovernanceOperator],
        keys: vec![listed(openssh)],
        tenants: None,
        deputies: vec![],
    };
    let key = ServiceKey::from_secret(&[3; 32]).public();
    Roster {
        people: vec![person],
        services: vec![ServiceEntry { service: Service::Node, node: Some(NodeId([4; 16])), key }],
        nodes: vec![NodeEntry { id: NodeId([4; 16]), name: "prod-node-01".parse().unwrap() }],
        console: Some(ServiceKey::from_secret(&[5; 32]).public()),
        machines: vec![],
        log_keys: vec![],
    }
}

fn good() -> Roster {
    roster(&ssh::private_key(&[1; 32]).public_key().to_openssh().unwrap())
}

#[test]
fn a_constant_signature_of_a_key_that_nobody_holds_signs_nothing() {
    let key = openssh(NEUTRAL);
    for message in [&b"one message"[..], b"another"] {
        assert_eq!(ssh::verify(&key, message, &constant_signature()), Err(SignedError::Mismatch));
    }
}

#[test]
fn a_founder_whom_nobody_is_founds_nothing() {
    let origin: Token = "countersign.test/0001".parse().unwrap();
    let genesis = Genesis {
        origin,

        roster: roster(&openssh(NEUTRAL)),
        founders_needed: 1,
        settings: vec![],
        demo: false,
        time: Instant::from_millis(0),
        seed: Digest::ZERO,
        command: CommandId([9; 16]),
        parts: vec![],
    };
    let founder = &genesis.roster.people[0];
    let signature = FounderSignature { person: founder.id, key: founder.keys[0].id, signature: constant_signature() };
    assert_eq!(genesis.count(&[signature]), Err(SignedError::Mismatch));
}

#[test]
fn a_roster_lists_only_keys_that_somebody_holds() {
    assert_eq!(good().check_keys(), Ok(()));
    for (bytes, fault) in [(NEUTRAL, KeyFault::SmallOrder), (mixed(), KeyFault::MixedOrder)] {
        let refused = |holder: &str| Err(SignedError::UnsafeKey { holder: holder.to_owned(), fault });
        let person = format!("person {}", PersonId([1; 16]));
        assert_eq!(roster(&openssh(bytes)).check_keys(), refused(&person));
        let mut service = good();
        service.services[0].key = Digest(bytes);
        assert_eq!(service.check_keys(), refused("node"));
        let mut console = good();
        console.console = Some(Digest(bytes));
        assert_eq!(console.check_keys(), refused("the console"));
    }
}

#[test]
fn a_key_is_listed_under_its_own_id_in_one_spelling() {
    let mut other_id = good();
    other_id.people[0].keys[0].id = Digest::ZERO;
    let mut other_words = good();
    other_words.people[0].keys[0].openssh.push_str(" a comment");
    for roster in [other_id, other_words] {
        assert_eq!(roster.check_keys(), Err(SignedError::Listing(PersonId([1; 16]))));
    }
}
