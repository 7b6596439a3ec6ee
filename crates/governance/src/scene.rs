//! For tests: a founded ledger whose time is set by hand.

use crate::service::Service;
use crate::{Founding, Keys, found, intake, run};
use api::Problem;
use client::wire::{Recorded, Submission};
use control::{Command, Effect, Kind, KindTable, SessionAct, SessionCommand};
use ledger::{Ack, Clock};
use model::{
    ChangeId, Digest, EngineId, Instant, KindName, NodeId, Nonce, PersonId, Role, Service as Source, TenantId,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use warrant::{
    Act, Genesis, NodeEntry, Observation, Person, PersonKey, Receipt, Report, Roster, Seen, ServiceEntry, ServiceKey,
    ssh,
};

pub(crate) const OPERATOR: PersonId = PersonId([1; 16]);
pub(crate) const FINANCE: PersonId = PersonId([2; 16]);
pub(crate) const TENANT: TenantId = TenantId([3; 16]);
pub(crate) const ENGINE: EngineId = EngineId([4; 16]);
pub(crate) const NODE: NodeId = NodeId([5; 16]);
pub(crate) const ARTIFACT: Digest = Digest([6; 32]);
pub(crate) const CHANGE: ChangeId = ChangeId([7; 16]);

pub(crate) struct ByHand(pub(crate) AtomicI64, Instant);

impl Clock for ByHand {
    fn wall(&self) -> Instant {
        self.1.plus_millis(self.0.load(Ordering::SeqCst))
    }

    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

pub(crate) struct World {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) clock: Arc<ByHand>,
    pub(crate) service: Arc<Service>,
    pub(crate) ledger: Digest,
}

pub(crate) fn source_key(source: Source) -> ServiceKey {
    let position = Source::ALL.iter().position(|known| *known == source).unwrap();
    ServiceKey::from_secret(&[100 + u8::try_from(position).unwrap(); 32])
}

/// One operator, one reviewer, one kind of change that one approval carries.
pub(crate) fn founding(keys: &Keys) -> Founding {
    let kinds: Vec<Kind> = KindTable::standard()
        .kinds
        .into_iter()
        .filter(|kind| kind.name == KindName::Deployment)
        .map(|kind| Kind { slots: vec![Role::FinanceReviewer], ..kind })
        .collect();
    let kinds = KindTable { kinds };
    let person = |id: PersonId, role| {
        let openssh = ssh::private_key(&[id.0[0]; 32]).public_key().to_openssh().unwrap();
        let openssh = ssh::normalise(&openssh).unwrap();
        Person {
            id,
            roles: vec![role],
            keys: vec![PersonKey { id: ssh::key_id(&openssh).unwrap(), openssh }],
            tenants: None,
        }
    };
    let origin = "clock.test/1".parse().unwrap();
    let genesis = Genesis {
        log_key: keys.control_vkey(&origin).unwrap().to_string(),
        origin,
        roster: Roster {
            people: vec![person(OPERATOR, Role::GovernanceOperator), person(FINANCE, Role::FinanceReviewer)],
            services: Source::ALL
                .iter()
                .map(|service| ServiceEntry { service: *service, key: source_key(*service).public() })
                .collect(),
            nodes: vec![NodeEntry { id: NODE, name: "prod-node-01".parse().unwrap() }],
            console: None,
        },
        founders_needed: 1,
        kind_table: kinds.digest().unwrap(),
        rules: control::RULES,
        witnesses_needed: 0,
        demo: false,
        time: Instant::EPOCH,
        seed: Digest(client::random_bytes()),
        command: client::random_command(),
        parts: vec![],
    };
    let signatures = vec![genesis.sign(&ssh::private_key(&[OPERATOR.0[0]; 32])).unwrap()];
    Founding { genesis, signatures, kinds, openings: vec![] }
}

impl World {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let trust = found(dir.path(), founding(&Keys::create(dir.path()).unwrap())).await.unwrap();
        // On a whole minute after the founding, so that a test knows where minutes end.
        let minute = ledger::SystemClock::new().wall().as_millis() / 60_000 + 1;
        let clock = Arc::new(ByHand(AtomicI64::new(0), Instant::from_millis(minute * 60_000)));
        let hand: Arc<dyn Clock> = Arc::<ByHand>::clone(&clock);
        let service = Arc::new(run::open(dir.path(), &trust, false, None, hand).unwrap());
        Self { dir, clock, service, ledger: trust.genesis }
    }

    pub(crate) fn pass(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }

    pub(crate) fn size(&self) -> u64 {
        self.service.control.log().size()
    }

    pub(crate) async fn send(&self, submission: Submission, bearer: Option<PersonId>) -> Result<Recorded, Problem> {
        let log = self.service.control.log();
        let root_at = |size| log.root_at(size);
        let checked = self.service.with_state(|state| intake::submission(state, &root_at, bearer, submission))?;
        self.service.decide(self.service.prepare(checked).await?, Ack::Durable).await
    }

    /// A person's signed statement.
    pub(crate) fn statement(&self, person: PersonId, act: Act) -> Submission {
        let (size, log) = (self.size(), self.service.control.log());
        let name = |id: &dyn std::fmt::Display| {
            vec![("name".parse().unwrap(), None, client::random_opening([("text", &format!("Number {id}"))]))]
        };
        let texts = match &act {
            Act::RegisterTenant { tenant } => name(tenant),
            Act::RegisterEngine { engine, .. } => name(engine),
            _ => vec![],
        };
        let draft = client::StatementDraft {
            ledger: self.ledger,
            person,
            act,
            texts,
            not_after: self.service.now().plus_millis(60_000),
            seen: Seen { size, root: log.root_at(size).unwrap() },
        };
        client::Signer::Key(Box::new(ssh::private_key(&[person.0[0]; 32]))).say(draft).unwrap()
    }

    pub(crate) async fn say(&self, person: PersonId, act: Act) -> Result<Recorded, Problem> {
        self.send(self.statement(person, act), None).await
    }

    pub(crate) async fn tick(&self) {
        self.service.tick(&mut self.service.now()).await;
    }

    pub(crate) fn last_effects(&self) -> Vec<Effect> {
        self.service.leaf(self.size() - 1).unwrap().effects
    }

    /// A sealed change that waits for its approval.
    pub(crate) async fn sealed(&self) {
        self.say(OPERATOR, Act::RegisterTenant { tenant: TENANT }).await.unwrap();
        let (port, slot_ports) = (8101, [8201, 8301]);
        self.say(OPERATOR, Act::RegisterEngine { engine: ENGINE, tenant: TENANT, node: NODE, port, slot_ports })
            .await
            .unwrap();
        let (product, version) = ("shop".parse().unwrap(), "1".parse().unwrap());
        self.say(OPERATOR, Act::PublishArtifact { artifact: ARTIFACT, product, version, memory_mib: 1 }).await.unwrap();
        let package = control::Package {
            ledger: self.ledger,
            nonce: Nonce(client::random_bytes()),
            change: CHANGE,
            kind: KindName::Deployment,
            tenant: TENANT,
            engine: ENGINE,
            node: NODE,
            bundle: control::Bundle { artifact: ARTIFACT },
            window: None,
            parts: vec![],
        };
        let act =
            SessionAct::OpenDraft { change: CHANGE, kind: KindName::Deployment, package: package.digest().unwrap() };
        let command = client::random_command();
        let session = SessionCommand { command, principal: OPERATOR.into(), idempotency: None, act };
        let package = Some(client::wire::PackageUpload { package, openings: vec![] });
        let draft = Submission { command: Command::Session(session), openings: vec![], package };
        self.send(draft, Some(OPERATOR)).await.unwrap();
        for (service, observation) in [
            (Source::Platform, Observation::Platform { artifact_held: true }),
            (Source::Node, Observation::Node { memory_free_mib: 9, memory_total_mib: 9 }),
            (Source::Engine, Observation::Engine { generation: 0, serving: None }),
            (Source::Integration, Observation::Integration { bindings: Digest([8; 32]), count: 0 }),
        ] {
            let report = Report::Observed { change: CHANGE, revision: 1, observation };
            let receipt = Receipt { ledger: self.ledger, command: client::random_command(), service, report };
            let signature = source_key(service).sign(&receipt).unwrap();
            let command = Command::Receipt { receipt, signature };
            self.send(Submission { command, openings: vec![], package: None }, None).await.unwrap();
        }
        let now = self.service.now();
        let binding = self.service.with_state(|state| state.changes[&CHANGE].binding(state, now)).unwrap();
        self.say(OPERATOR, Act::Seal { binding }).await.unwrap();
    }
}
