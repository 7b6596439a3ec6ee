//! The founding of a test's ledger, and what it registers first.

use super::{FR, GO, HOUR_MS, Persona, SA, Shelf, World, accepted, shop, token};
use control::{Command, Kind, KindTable, Presence, Replayer, Review, ReviewWhen, Setting, Slot, State, TenantTerms};
use model::{CommandId, Digest, EngineId, Instant, KindName, NodeId, PersonId, Role, Service, TenantId, canon};
use signed::{
    Act, FirstSetting, Genesis, Machine, NodeEntry, Person, PersonKey, Roster, ServiceEntry, ServiceKey, Trust, ssh,
};
use std::collections::BTreeMap;
use tlog::Tree;

/// 2026-03-08T18:00:00.000Z.
pub const START_MS: i64 = 1_772_992_800_000;

/// The log's verifier key, of the secret of 32 bytes 121.
const LOG_KEY: &str = "countersign.test/0001/control+9cd0bb73+AUdF0Zxm7JF5+iUJcFZAnvFpZ7ahp0v9j3r9Uo9ZYwYV";

pub fn persona(number: u8) -> Persona {
    let key = ssh::private_key(&[number; 32]);
    let openssh = key.public_key().to_openssh().unwrap();
    Persona { id: PersonId([number; 16]), key_id: ssh::key_id(&openssh).unwrap(), key }
}

/// The node of the tests.
pub const NODE: NodeId = NodeId([0x0d; 16]);

/// The genesis of these people and documents, before anyone signs it.
pub fn genesis(people: &[(Persona, &[Role])], services: &[(Service, ServiceKey)], settings: &[Setting]) -> Genesis {
    let person = |(persona, roles): &(Persona, &[Role])| Person {
        id: persona.id,
        roles: roles.to_vec(),
        keys: vec![PersonKey {
            id: persona.key_id,
            openssh: ssh::normalise(&persona.key.public_key().to_openssh().unwrap()).unwrap(),
        }],
        tenants: None,
        deputies: vec![],
    };
    let entry = |(service, key): &(Service, ServiceKey)| ServiceEntry {
        service: *service,
        node: matches!(service, Service::Node | Service::Engine).then_some(NODE),
        key: key.public(),
    };
    let first = |setting: &Setting| FirstSetting { name: setting.name(), digest: setting.digest().unwrap() };
    Genesis {
        origin: token("countersign.test/0001"),
        roster: Roster {
            people: people.iter().map(person).collect(),
            services: services.iter().map(entry).collect(),
            nodes: vec![NodeEntry { id: NODE, name: token("prod-node-01") }],
            console: Some(console_key().public()),
            machines: vec![],
            log_keys: vec![LOG_KEY.to_owned()],
        },
        founders_needed: u32::try_from(people.len()).unwrap(),
        settings: settings.iter().map(first).collect(),
        demo: false,
        time: Instant::from_millis(START_MS),
        seed: Digest::of_bytes(b"seed"),
        command: CommandId([9; 16]),
        parts: vec![],
    }
}

/// The console's key.
pub fn console_key() -> ServiceKey {
    ServiceKey::from_secret(&[120; 32])
}

pub fn services() -> Vec<(Service, ServiceKey)> {
    let key =
        |(i, service): (usize, &Service)| (*service, ServiceKey::from_secret(&[100 + u8::try_from(i).unwrap(); 32]));
    Service::ALL.iter().enumerate().map(key).collect()
}

impl World {
    /// Two Governance Operators, a Finance Reviewer, a Support Auditor; a tenant with an engine.
    pub fn new() -> Self {
        Self::found(&[&[GO], &[GO], &[FR], &[SA]]).furnished()
    }

    /// The same and Dora, who is Governance Operator and Finance Reviewer.
    pub fn with_dora() -> Self {
        Self::found(&[&[GO], &[GO], &[FR], &[SA], &[GO, FR]]).furnished()
    }

    /// Four people under another table of kinds.
    pub fn under(change: impl FnOnce(&mut KindTable)) -> Self {
        let mut kinds = KindTable::standard();
        change(&mut kinds);
        Self::found_on(&[&[GO], &[GO], &[FR], &[SA], &[GO, FR]], &Setting::standard(kinds)).furnished()
    }

    /// Four people and a fifth, and these terms of tenants.
    pub fn with_terms(terms: TenantTerms) -> Self {
        let mut settings = Setting::standard(KindTable::standard());
        settings[3] = Setting::TenantTerms(terms);
        Self::found_on(&[&[GO], &[GO], &[FR], &[SA], &[GO, FR]], &settings).furnished()
    }

    /// The same under these terms and another table of kinds, with persona 9 as a machine identity.
    pub fn ruled(terms: TenantTerms, kinds: KindTable) -> Self {
        let mut settings = Setting::standard(kinds);
        settings[3] = Setting::TenantTerms(terms);
        let machines = vec![super::machine(&persona(9))];
        Self::found_with(&[&[GO], &[GO], &[FR], &[SA], &[GO, FR]], &settings, machines).furnished()
    }

    /// A ledger of leaf 0 alone.
    pub fn found(roles: &[&[Role]]) -> Self {
        Self::found_on(roles, &Setting::standard(KindTable::standard()))
    }

    fn found_on(roles: &[&[Role]], settings: &[Setting]) -> Self {
        Self::found_with(roles, settings, vec![])
    }

    fn found_with(roles: &[&[Role]], settings: &[Setting], machines: Vec<Machine>) -> Self {
        let people: Vec<_> = roles.iter().zip(1..).map(|(roles, number)| (persona(number), *roles)).collect();
        let services = services();
        let mut genesis = genesis(&people, &services, settings);
        genesis.roster.machines = machines;
        let signatures = people.iter().map(|(persona, _)| genesis.sign(&persona.key).unwrap()).collect();
        let shelf = Shelf::default();
        shelf.0.borrow_mut().extend(blobs(settings));
        let trust = Trust {
            origin: genesis.origin.clone(),
            log_keys: genesis.roster.log_keys.clone(),
            genesis: genesis.digest().unwrap(),
        };
        let mut world = Self {
            now: genesis.time,
            state: State::empty(),
            tree: Tree::new(),
            leaves: vec![],
            replayer: Replayer::new(&trust, shelf.clone()),
            kept: Replayer::new(&trust, shelf.clone()),
            shelf,
            ended: std::collections::BTreeMap::new(),
            trust,
            people: people.into_iter().map(|(persona, _)| persona).collect(),
            services,
            tenant: TenantId([0x07; 16]),
            engine: EngineId([0x0e; 16]),
            node: NODE,
            free_mib: 1_024,
            replays: true,
            counter: 0,
        };
        accepted(world.record(Command::Genesis { genesis, signatures }));
        world
    }

    fn furnished(mut self) -> Self {
        self.register();
        self
    }

    /// The tenant and its engine.
    pub fn register(&mut self) {
        let (tenant, engine, node) = (self.tenant, self.engine, self.node);
        accepted(self.sign_and_submit(super::OPAL, Act::RegisterTenant { tenant }));
        let act = Act::RegisterEngine {
            engine,
            tenant,
            node,
            port: 8101,
            side_ports: [8201, 8202],
            profile: shop(),
            hosts: vec![],
        };
        accepted(self.sign_and_submit(super::OPAL, act));
    }

    /// Another engine of the tenant on the same node.
    pub fn second_engine(&mut self) -> EngineId {
        let (engine, tenant, node) = (EngineId([0x1e; 16]), self.tenant, self.node);
        let act = Act::RegisterEngine {
            engine,
            tenant,
            node,
            port: 8111,
            side_ports: [8211, 8212],
            profile: shop(),
            hosts: vec![],
        };
        accepted(self.sign_and_submit(super::OPAL, act));
        engine
    }
}

/// The documents as governing blobs.
fn blobs(settings: &[Setting]) -> BTreeMap<Digest, Vec<u8>> {
    settings.iter().map(|setting| (setting.digest().unwrap(), canon::to_vec(setting).unwrap())).collect()
}

fn four() -> [(Persona, &'static [Role]); 4] {
    [(persona(1), &[GO]), (persona(2), &[GO]), (persona(3), &[FR]), (persona(4), &[SA])]
}

/// Signed by all founders, or spoilt by whoever holds it.
fn founding(settings: &[Setting], spoil: impl FnOnce(&mut Genesis)) -> Result<(), control::Inadmissible> {
    let people = four();
    let mut genesis = genesis(&people, &services(), settings);
    let signatures = people.iter().map(|(persona, _)| genesis.sign(&persona.key).unwrap()).collect();
    spoil(&mut genesis);
    let time = genesis.time;
    let command = Command::Genesis { genesis, signatures };
    control::decide(&State::empty(), &blobs(settings), time, &command).map(|_| ())
}

#[test]
fn a_genesis_that_does_not_hold_together_founds_nothing() {
    type Spoil = fn(&mut Genesis);
    let cases: [(&str, Spoil); 13] = [
        ("two people share an id", |g| g.roster.people[1].id = g.roster.people[0].id),
        ("two people share a key", |g| g.roster.people[1].keys = g.roster.people[0].keys.clone()),
        ("a person has no key", |g| g.roster.people[3].keys.clear()),
        ("the number of founders needed is not possible", |g| g.founders_needed = 0),
        ("a service has no key", |g| g.roster.services.truncate(4)),
        ("a service has no key", |g| g.roster.services[2].node = None),
        ("a service is listed twice or shares a key", |g| g.roster.services[1].key = g.roster.services[0].key),
        ("the console has the key of a service", |g| g.roster.console = Some(g.roster.services[1].key)),
        ("a person's tenants are not sorted, or one is listed twice", |g| {
            g.roster.people[3].tenants = Some(vec![TenantId([7; 16]); 2]);
        }),
        ("there is no node", |g| g.roster.nodes.clear()),
        ("there are not people enough for every kind of change", |g| g.roster.people[2].roles.clear()),
        ("its documents are not each of the known ones, in order", |g| g.settings.swap(0, 1)),
        ("a document is listed under another name", |g| g.settings[0].digest = g.settings[2].digest),
    ];
    let standard = Setting::standard(KindTable::standard());
    for (why, spoil) in cases {
        assert_eq!(founding(&standard, spoil), Err(control::Inadmissible::Founding(why.into())));
    }
    assert_eq!(founding(&standard, |_| {}), Ok(()));
}

#[test]
fn a_ledger_is_founded_under_the_rules_0_and_a_table_that_keeps_two_slots_for_what_rules_it() {
    type Alter = fn(&mut Vec<Setting>);
    let cases: [(&str, Alter); 5] = [
        ("this binary does not know these rules", |all| all[0] = Setting::Rules { number: control::RULES_MAX + 1 }),
        ("roster and settings changes need two slots each", |all| {
            let Setting::Kinds(table) = &mut all[1] else { panic!() };
            table.kinds.iter_mut().for_each(|kind| kind.slots.truncate(1));
        }),
        ("a tenant has a burst and no rate, so nothing would limit it", |all| {
            let quota = control::Quota { burst: Some(5), ..control::Quota::default() };
            let terms = control::TenantTerm { tenant: TenantId([7; 16]), quota, envelope: vec![] };
            all[3] = Setting::TenantTerms(TenantTerms { tenants: vec![terms] });
        }),
        ("a kind has no slot, or too many", |all| {
            let Setting::Kinds(table) = &mut all[1] else { panic!() };
            table.kinds[0].slots.clear();
        }),
        ("the table has no row for roster changes or settings changes", |all| {
            all[1] = Setting::Kinds(KindTable { kinds: vec![] });
        }),
    ];
    for (why, alter) in cases {
        let mut settings = Setting::standard(KindTable::standard());
        alter(&mut settings);
        let refused = founding(&settings, |_| {}).unwrap_err();
        assert!(matches!(&refused, control::Inadmissible::Founding(unsound) if unsound.why == why), "{refused}");
    }
}

type Alter = fn(&mut Kind);

fn founding_under(name: KindName, alter: Alter) -> Result<(), control::Inadmissible> {
    let mut table = KindTable::standard();
    alter(super::row_of(&mut table, name));
    founding(&Setting::standard(table), |_| {})
}

/// The refusal names the row, in words too.
fn unsound(name: KindName, why: &'static str) -> control::Inadmissible {
    let unsound = control::Unsound::in_row(name, why);
    assert_eq!(unsound.to_string(), format!("the row `{}`: {why}", name.word()));
    control::Inadmissible::Founding(unsound)
}

fn review(row: &mut Kind, blocks_author: bool, when: ReviewWhen) {
    row.review = Some(Review { roles: vec![SA], within_ms: HOUR_MS, blocks_author, when });
}

/// Nothing could be changed any more under such a table, the table included.
#[test]
fn a_table_under_which_what_rules_the_ledger_could_not_be_changed_founds_nothing() {
    let cases: [(&str, Alter); 4] = [
        ("a kind that grants nothing has an end", |row| {
            (row.until, row.until_max_ms) = (Presence::Required, Some(HOUR_MS));
        }),
        ("roster and settings changes leave less than an hour to approve them", |row| {
            row.approve_within_ms = HOUR_MS - 1;
        }),
        ("roster and settings changes leave less than an hour to run them once they have cooled", |row| {
            row.execute_within_ms = row.cooling_ms + HOUR_MS - 1;
        }),
        ("an overdue review would keep people from asking for roster or settings changes", |row| {
            review(row, true, ReviewWhen::Always);
        }),
    ];
    for name in [KindName::RosterChange, KindName::SettingsChange] {
        for (why, alter) in cases {
            assert_eq!(founding_under(name, alter), Err(unsound(name, why)), "{name}");
        }
        let least: Alter = |row| {
            (row.approve_within_ms, row.execute_within_ms) = (HOUR_MS, row.cooling_ms + HOUR_MS);
        };
        assert_eq!(founding_under(name, least), Ok(()), "{name}");
    }
}

/// Each column that a kind has is one that it keeps to.
#[test]
fn a_row_with_what_its_kind_does_not_keep_to_founds_nothing() {
    const CATALOGUE: &str = "a kind is to be listed in the Privileged Workflow Catalog, which has no entry for it";
    let cases: [(KindName, &str, Alter); 7] = [
        (KindName::Drain, "a kind that grants nothing has an end", |row| {
            (row.until, row.until_max_ms) = (Presence::Optional, Some(HOUR_MS));
        }),
        (KindName::QuotaException, "a kind that grants something has no end", |row| {
            (row.until, row.until_max_ms) = (Presence::None, None);
        }),
        (KindName::Drain, "a kind under which no release starts has a time to soak", |row| row.soak_ms = 1),
        (KindName::External, "a kind under which no release starts has a time to soak", |row| row.soak_ms = 1),
        (KindName::Deployment, CATALOGUE, |row| {
            row.in_catalogue = true;
        }),
        (KindName::Deployment, "a kind that leaves nothing unchecked is to be reviewed when it does", |row| {
            review(row, false, ReviewWhen::Unchecked);
        }),
        (
            KindName::External,
            "an external change has a review, which would come before its warrant can be used",
            |row| {
                review(row, false, ReviewWhen::Always);
            },
        ),
    ];
    for (name, why, alter) in cases {
        assert_eq!(founding_under(name, alter), Err(unsound(name, why)), "{name}");
    }
    // Each of the others can be had.
    let had: [(KindName, Alter); 5] = [
        (KindName::RosterChange, |row| row.window = Presence::Required),
        (KindName::SettingsChange, |row| row.escalation = Some(vec![GO])),
        (KindName::Drain, |row| review(row, true, ReviewWhen::Always)),
        (KindName::Undrain, |row| row.soak_ms = 1),
        (KindName::QuotaException, |row| row.in_catalogue = false),
    ];
    for (name, alter) in had {
        assert_eq!(founding_under(name, alter), Ok(()), "{name}");
    }
}

/// The ed25519 key under which one constant signature fits every message, in the forms of a roster.
const NEUTRAL_PERSON: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const NEUTRAL_LOG: &str = "countersign.test/0001/control+a94929ff+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const NEUTRAL: Digest = Digest({
    let mut bytes = [0; 32];
    bytes[0] = 1;
    bytes
});

#[test]
fn a_genesis_that_lists_a_key_nobody_holds_is_refused_when_founded_and_when_replayed() {
    type Spoil = fn(&mut Genesis);
    let cases: [(&str, Spoil); 7] = [
        ("two machine identities share a name", |g| {
            g.roster.machines = [8, 9].map(|n| super::machine(&persona(n))).to_vec();
        }),
        ("the key of person 04040404", |g| {
            g.roster.people[3].keys =
                vec![PersonKey { id: ssh::key_id(NEUTRAL_PERSON).unwrap(), openssh: NEUTRAL_PERSON.to_owned() }];
        }),
        ("is not listed under its own id", |g| g.roster.people[3].keys[0].id = Digest::ZERO),
        ("the key of engine: nobody holds this key", |g| g.roster.services[3].key = NEUTRAL),
        ("the key of the console: nobody holds this key", |g| g.roster.console = Some(NEUTRAL)),
        ("its log key: not a verifier key: nobody holds this key", |g| {
            g.roster.log_keys = vec![NEUTRAL_LOG.to_owned()];
        }),
        ("a log key is not one of the log", |g| g.origin = token("countersign.test/0002")),
    ];
    for (why, spoil) in cases {
        let people: [(Persona, &[Role]); 4] =
            [(persona(1), &[GO]), (persona(2), &[GO]), (persona(3), &[FR]), (persona(4), &[SA])];
        let settings = Setting::standard(KindTable::standard());
        let mut genesis = genesis(&people, &services(), &settings);
        genesis.founders_needed = 3;
        spoil(&mut genesis);
        // Three honest founders sign a roster with somebody in it whom nobody is.
        let signatures = people[..3].iter().map(|(persona, _)| genesis.sign(&persona.key).unwrap()).collect();
        let blob = |setting: &Setting| (setting.digest().unwrap(), canon::to_vec(setting).unwrap());
        let shelf: BTreeMap<_, _> = settings.iter().map(blob).collect();
        let (now, command) = (genesis.time, Command::Genesis { genesis, signatures });
        let refused = control::decide(&State::empty(), &shelf, now, &command).unwrap_err().to_string();
        assert!(refused.contains(why), "{why}: {refused}");
        let founded = control::Effect::LedgerFounded {};
        let verdict = control::Verdict::Accepted;
        let leaf = control::Leaf { rules: 0, now, command, verdict, effects: vec![founded], tags: vec![] };
        let replayed = Replayer::unpinned(shelf).push(&leaf.encode().unwrap());
        let failed = matches!(&replayed, Err(control::Broken::Failed { index: 0, why: told }) if told.contains(why));
        assert!(failed, "{why}: {replayed:?}");
    }
}

#[test]
fn a_kind_with_two_slots_of_one_role_needs_two_people_of_it_besides_the_author() {
    let mut kinds = KindTable::standard();
    kinds.kinds[0].slots = vec![Slot::of(GO), Slot::of(GO)];
    let unreachable = "there are not people enough for every kind of change";
    let answer = founding(&Setting::standard(kinds), |_| {});
    assert_eq!(
        answer,
        Err(control::Inadmissible::Founding(unreachable.into())),
        "two operators, one of them the author"
    );
}

#[test]
fn a_founders_signature_counts_once_however_often_it_is_given() {
    let people = four();
    let genesis = genesis(&people, &services(), &Setting::standard(KindTable::standard()));
    let signature = genesis.sign(&people[0].0.key).unwrap();
    let twice = Command::Genesis { genesis, signatures: vec![signature; 4] };
    let answer = control::check_authority(&State::empty(), &|_| None, &twice);
    assert_eq!(answer, Err(control::Unauthentic::Founders(1, 4)));
}
