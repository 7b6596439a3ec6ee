//! Who founded the ledger: people with their keys, services with theirs, one node.

use control::{Command, KindTable, Setting, TenantTerms};
use ed25519_dalek::SigningKey;
use model::{CommandId, Digest, Instant, NodeId, PersonId, Role, Service, SettingName, TenantId, canon};
use signed::{
    FirstSetting, Genesis, Machine, NodeEntry, Person, PersonKey, Roster, ServiceEntry, ServiceKey, Trust, ssh,
};
use ssh_key::PrivateKey;
use ssh_key::private::Ed25519Keypair;
use tlog::note::NoteSigner;

const ORIGIN: &str = "countersign.test/double";

/// People, keys and the genesis, the same in every run.
#[derive(Debug, Clone)]
pub struct World {
    genesis: Genesis,
    settings: Vec<Setting>,
}

impl World {
    /// Authors and runs.
    pub const AUTHOR: PersonId = PersonId([1; 16]);
    /// A second governance operator.
    pub const OPERATOR: PersonId = PersonId([2; 16]);
    /// A finance reviewer.
    pub const FINANCE: PersonId = PersonId([3; 16]);
    /// A support auditor.
    pub const AUDITOR: PersonId = PersonId([4; 16]);
    /// Holds two roles; only in [`World::wide`].
    pub const BOTH: PersonId = PersonId([5; 16]);
    /// A pipeline; only in [`World::with_machine`].
    pub const MACHINE: PersonId = PersonId([8; 16]);
    /// The first node, `prod-node-01`.
    pub const NODE: NodeId = NodeId([9; 16]);
    /// A second node, `prod-node-02`; only in [`World::wide`].
    pub const OTHER_NODE: NodeId = NodeId([10; 16]);

    /// The tenant that a double registers.
    pub const TENANT: TenantId = TenantId([20; 16]);

    /// Four people, one node.
    #[allow(clippy::new_without_default, reason = "a world is no default of anything")]
    pub fn new() -> Self {
        let people = vec![
            (Self::AUTHOR, vec![Role::GovernanceOperator]),
            (Self::OPERATOR, vec![Role::GovernanceOperator]),
            (Self::FINANCE, vec![Role::FinanceReviewer]),
            (Self::AUDITOR, vec![Role::SupportAuditor]),
        ];
        Self::of(people, vec![(Self::NODE, "prod-node-01")])
    }

    /// With a person who holds two roles, and with two nodes.
    pub fn wide() -> Self {
        let people = vec![
            (Self::AUTHOR, vec![Role::GovernanceOperator]),
            (Self::OPERATOR, vec![Role::GovernanceOperator]),
            (Self::FINANCE, vec![Role::FinanceReviewer]),
            (Self::AUDITOR, vec![Role::SupportAuditor]),
            (Self::BOTH, vec![Role::GovernanceOperator, Role::FinanceReviewer]),
        ];
        Self::of(people, vec![(Self::NODE, "prod-node-01"), (Self::OTHER_NODE, "prod-node-02")])
    }

    /// Where the finance reviewer may read the matters of [`Self::TENANT`] only, and the support
    /// auditor those of no tenant.
    pub fn scoped() -> Self {
        let mut world = Self::new();
        for person in &mut world.genesis.roster.people {
            person.tenants = match person.id {
                Self::FINANCE => Some(vec![Self::TENANT]),
                Self::AUDITOR => Some(vec![]),
                _ => None,
            };
        }
        world
    }

    /// The same, founded in earnest: its genesis does not say `demo`.
    #[must_use]
    pub fn in_earnest(mut self) -> Self {
        self.genesis.demo = false;
        self
    }

    /// The same, with a machine identity, `ci.release`, from the beginning.
    #[must_use]
    pub fn with_machine(mut self) -> Self {
        let openssh = person_key(&Self::MACHINE).public_key().to_openssh().unwrap();
        let (id, name, key) = (Self::MACHINE, "ci.release".parse().unwrap(), PersonKey::of(&openssh).unwrap());
        self.genesis.roster.machines.push(Machine { id, name, key });
        self
    }

    /// The same, where this person has one more key from the beginning.
    #[must_use]
    pub fn with_second_key(mut self, of: PersonId) -> Self {
        let openssh = ssh::private_key(&[70; 32]).public_key().to_openssh().unwrap();
        let people = self.genesis.roster.people.iter_mut().filter(|person| person.id == of);
        people.for_each(|person| person.keys.push(PersonKey::of(&openssh).unwrap()));
        self
    }

    /// The same, with these terms of tenants from the beginning.
    #[must_use]
    pub fn with_terms(mut self, terms: TenantTerms) -> Self {
        self.settings.retain(|setting| setting.name() != SettingName::TenantTerms);
        self.settings.push(Setting::TenantTerms(terms));
        self.genesis.settings = self.settings.iter().map(first).collect();
        self
    }

    fn of(people: Vec<(PersonId, Vec<Role>)>, nodes: Vec<(NodeId, &str)>) -> Self {
        let person = |(id, roles)| {
            let openssh = ssh::normalise(&person_key(&id).public_key().to_openssh().unwrap()).unwrap();
            let key = PersonKey { id: ssh::key_id(&openssh).unwrap(), openssh };
            Person { id, roles, keys: vec![key], tenants: None, deputies: vec![] }
        };
        let entry = |(service, node): (Service, Option<NodeId>)| ServiceEntry {
            service,
            node,
            key: Self::service_key_on(service, node.as_ref()).public(),
        };
        let ids: Vec<NodeId> = nodes.iter().map(|(id, _)| *id).collect();
        let places = Service::ALL.iter().flat_map(|service| match service {
            Service::Node | Service::Engine => ids.iter().map(|node| (*service, Some(*node))).collect(),
            _ => vec![(*service, None)],
        });
        let roster = Roster {
            people: people.into_iter().map(person).collect(),
            services: places.map(entry).collect(),
            nodes: nodes.into_iter().map(|(id, name)| NodeEntry { id, name: name.parse().unwrap() }).collect(),
            console: Some(Self::console_key().public()),
            machines: vec![],
            log_keys: vec![signer().vkey().to_string()],
        };
        let settings = Setting::standard(KindTable::standard());
        let genesis = Genesis {
            origin: ORIGIN.parse().unwrap(),
            roster,
            founders_needed: 1,
            settings: settings.iter().map(first).collect(),
            demo: true,
            time: Instant::from_millis(1_700_000_000_000),
            seed: Digest([5; 32]),
            command: CommandId([6; 16]),
            parts: vec![],
        };
        Self { genesis, settings }
    }

    /// The key of a person.
    pub fn person_key(id: &PersonId) -> PrivateKey {
        person_key(id)
    }

    /// The receipt key of a service; of one that is on each node, the key on the first.
    pub fn service_key(service: Service) -> ServiceKey {
        ServiceKey::from_secret(&Self::service_secret(service))
    }

    /// The receipt key of a service on a node.
    pub fn service_key_on(service: Service, node: Option<&NodeId>) -> ServiceKey {
        let other = u8::from(node == Some(&Self::OTHER_NODE)) * 10;
        ServiceKey::from_secret(&[Self::service_secret(service)[0] + other; 32])
    }

    /// The secret of a service's receipt key, as its key file holds it.
    pub fn service_secret(service: Service) -> [u8; 32] {
        [100 + service as u8; 32]
    }

    /// The console's key.
    pub fn console_key() -> ServiceKey {
        ServiceKey::from_secret(&[120; 32])
    }

    /// What a follower pins.
    pub fn trust(&self) -> Trust {
        let log_keys = self.genesis.roster.log_keys.clone();
        Trust { origin: self.genesis.origin.clone(), log_keys, genesis: self.genesis.digest().unwrap() }
    }

    /// The true signer of the log: with it a test can sign what no honest log would.
    pub fn signer() -> NoteSigner {
        signer()
    }

    pub(crate) fn genesis(&self) -> Command {
        let signatures = vec![self.genesis.sign(&person_key(&Self::AUTHOR)).unwrap()];
        Command::Genesis { genesis: self.genesis.clone(), signatures }
    }

    /// The documents the ledger begins with, as governing blobs: object and canonical bytes.
    pub(crate) fn blobs(&self) -> impl Iterator<Item = (&'static str, Vec<u8>)> + '_ {
        self.settings.iter().map(|setting| ("settings", canon::to_vec(setting).unwrap()))
    }
}

fn first(setting: &Setting) -> FirstSetting {
    FirstSetting { name: setting.name(), digest: setting.digest().unwrap() }
}

fn signer() -> NoteSigner {
    NoteSigner::new(format!("{ORIGIN}/control"), SigningKey::from_bytes(&[7; 32])).unwrap()
}

fn person_key(id: &PersonId) -> PrivateKey {
    PrivateKey::new(Ed25519Keypair::from_seed(&[id.0[0]; 32]).into(), "").unwrap()
}
