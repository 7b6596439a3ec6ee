//! For tests: a founded ledger whose time is set by hand.

use crate::service::Service;
use crate::{Founding, Keys, found, intake, run};
use control::{Body, Command, Effect, Kind, KindTable, Package, Setting, Slot};
use ledger::{Ack, Clock};
use model::{
    Bundle, ChangeId, Digest, EngineId, Instant, KindName, NodeId, Nonce, PersonId, Profile, Range, Resource, Role,
    Service as Source, TenantId,
};
use service_shell::Problem;
use signed::{
    Act, Binding, Certificate, EngineProfile, FirstSetting, Genesis, NodeEntry, Observation, Person, PersonKey,
    Receipt, Report, Roster, Seen, ServiceEntry, ServiceKey, ssh,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use wire::{DocumentUpload, PackageUpload, Recorded, Submission};

pub(crate) const OPERATOR: PersonId = PersonId([1; 16]);
pub(crate) const FINANCE: PersonId = PersonId([2; 16]);
pub(crate) const OTHER_OPERATOR: PersonId = PersonId([8; 16]);
pub(crate) const AUDITOR: PersonId = PersonId([9; 16]);
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

/// Four people; a deployment needs one approval, and a roster change cools for a minute.
pub(crate) fn founding(keys: &Keys) -> Founding {
    let shaped = |kind: Kind| match kind.name {
        KindName::Deployment => Kind { slots: vec![Slot::of(Role::FinanceReviewer)], ..kind },
        KindName::RosterChange | KindName::SettingsChange => Kind { cooling_ms: 60_000, ..kind },
        _ => kind,
    };
    let kinds = KindTable { kinds: KindTable::standard().kinds.into_iter().map(shaped).collect() };
    let settings = Setting::standard(kinds);
    let person = |id: PersonId, role| {
        let openssh = ssh::private_key(&[id.0[0]; 32]).public_key().to_openssh().unwrap();
        let openssh = ssh::normalise(&openssh).unwrap();
        Person {
            id,
            roles: vec![role],
            keys: vec![PersonKey { id: ssh::key_id(&openssh).unwrap(), openssh }],
            tenants: None,
            deputies: vec![],
        }
    };
    let origin = "clock.test/1".parse().unwrap();
    let log_keys = vec![keys.control_vkey(&origin).unwrap().to_string()];
    let genesis = Genesis {
        origin,
        roster: Roster {
            people: vec![
                person(OPERATOR, Role::GovernanceOperator),
                person(FINANCE, Role::FinanceReviewer),
                person(OTHER_OPERATOR, Role::GovernanceOperator),
                person(AUDITOR, Role::SupportAuditor),
            ],
            services: Source::ALL
                .iter()
                .map(|service| ServiceEntry {
                    service: *service,
                    node: of_node(*service),
                    key: source_key(*service).public(),
                })
                .collect(),
            nodes: vec![NodeEntry { id: NODE, name: "prod-node-01".parse().unwrap() }],
            console: None,
            machines: vec![],
            log_keys,
        },
        founders_needed: 1,
        settings: settings.iter().map(first).collect(),
        demo: false,
        time: Instant::EPOCH,
        seed: Digest(client::random_bytes()),
        command: client::random_command(),
        parts: vec![],
    };
    let signatures = vec![genesis.sign(&ssh::private_key(&[OPERATOR.0[0]; 32])).unwrap()];
    Founding { genesis, signatures, settings, openings: vec![] }
}

fn first(setting: &Setting) -> FirstSetting {
    FirstSetting { name: setting.name(), digest: setting.digest().unwrap() }
}

/// The node of a service that is on one.
fn of_node(service: Source) -> Option<NodeId> {
    matches!(service, Source::Node | Source::Engine).then_some(NODE)
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

    pub(crate) async fn send(&self, submission: Submission) -> Result<Recorded, Problem> {
        let log = self.service.control.log();
        let root_at = |size| log.root_at(size);
        let checked = self.service.with_state(|state| intake::submission(state, &root_at, submission))?;
        self.service.decide(self.service.prepare(checked).await?, Ack::Durable).await
    }

    /// A person's signed statement.
    pub(crate) fn statement(&self, person: PersonId, act: Act) -> Submission {
        let name = |id: &dyn std::fmt::Display| {
            vec![("name".parse().unwrap(), None, client::random_opening([("text", &format!("Number {id}"))]))]
        };
        let texts = match &act {
            Act::RegisterTenant { tenant } => name(tenant),
            Act::RegisterEngine { engine, .. } => name(engine),
            _ => vec![],
        };
        self.saying(person, act, texts)
    }

    /// The same with these texts.
    pub(crate) fn saying(
        &self,
        person: PersonId,
        act: Act,
        texts: Vec<(model::Token, Option<model::Id>, signed::Opening)>,
    ) -> Submission {
        let (size, log) = (self.size(), self.service.control.log());
        let draft = client::StatementDraft {
            ledger: self.ledger,
            person,
            act,
            texts,
            not_after: self.service.now().plus_millis(60_000),
            seen: Seen { size, root: log.root_at(size).unwrap() },
        };
        client::Signer::Key(Box::new(ssh::private_key(&[person.0[0]; 32]))).sign_statement(draft).unwrap()
    }

    pub(crate) async fn sign_and_submit(&self, person: PersonId, act: Act) -> Result<Recorded, Problem> {
        self.send(self.statement(person, act)).await
    }

    pub(crate) async fn tick(&self) {
        self.service.tick(&mut self.service.now()).await;
    }

    pub(crate) fn last_effects(&self) -> Vec<Effect> {
        self.service.leaf(self.size() - 1).unwrap().effects
    }

    /// What the last leaf says of changes.
    pub(crate) fn last_events(&self) -> Vec<(ChangeId, control::ChangeEvent)> {
        let effects = self.last_effects();
        effects.iter().filter_map(|effect| Some((effect.change()?, effect.event()?.clone()))).collect()
    }

    /// A person's word that opens a change, with its package and what that names.
    pub(crate) fn open(
        &self,
        person: PersonId,
        change: ChangeId,
        body: Body,
        document: Option<DocumentUpload>,
        texts: Vec<(model::Token, Option<model::Id>, signed::Opening)>,
    ) -> Submission {
        let nonce = Nonce(client::random_bytes());
        let (parts, openings) = client::parts(&self.ledger, &model::CommandId(nonce.0), texts).unwrap();
        let (ledger, window, supersedes) = (self.ledger, None, None);
        let package = Package { ledger, nonce, change, body, window, supersedes, parts };
        let act = Act::Open { change, package: package.digest().unwrap() };
        Submission { package: Some(PackageUpload { package, openings }), document, ..self.statement(person, act) }
    }

    /// What a person would sign about a change now.
    pub(crate) fn binding(&self, change: ChangeId) -> Binding {
        let now = self.service.now();
        self.service.with_state(|state| state.changes[&change].binding(state, now)).unwrap()
    }

    /// A service's signed word.
    pub(crate) fn receipt(&self, service: Source, report: Report) -> Submission {
        let (size, log) = (self.size(), self.service.control.log());
        let receipt = Receipt {
            ledger: self.ledger,
            command: client::random_command(),
            service,
            node: of_node(service),
            at: self.service.now(),
            seen: Seen { size, root: log.root_at(size).unwrap() },
            report,
            parts: vec![],
        };
        let signature = source_key(service).sign(&receipt).unwrap();
        let command = Command::Receipt { receipt, signature };
        Submission { command, openings: vec![], package: None, document: None }
    }

    /// Approves a sealed change in these slots.
    pub(crate) async fn approve(&self, change: ChangeId, people: &[PersonId]) -> Binding {
        let binding = self.binding(change);
        for (slot, person) in (0..).zip(people) {
            self.sign_and_submit(*person, Act::Approve { binding, slot, on_behalf_of: None }).await.unwrap();
        }
        binding
    }

    /// A tenant, its engine and an artifact.
    pub(crate) async fn registered(&self) {
        self.sign_and_submit(OPERATOR, Act::RegisterTenant { tenant: TENANT }).await.unwrap();
        let (port, side_ports) = (8101, [8201, 8301]);
        self.sign_and_submit(
            OPERATOR,
            Act::RegisterEngine {
                engine: ENGINE,
                tenant: TENANT,
                node: NODE,
                port,
                side_ports,
                profile: shop(),
                hosts: vec![],
            },
        )
        .await
        .unwrap();
        let (product, version) = ("shop".parse().unwrap(), "1".parse().unwrap());
        let (resource, digest, tenant) = (Resource::Artifact, ARTIFACT, None);
        let act = Act::Publish { resource, digest, product, version, tenant };
        self.sign_and_submit(OPERATOR, act).await.unwrap();
        let (product, version) = ("shop".parse().unwrap(), "1".parse().unwrap());
        let certificate = Certificate::Artifact { product, version, profile: shop_profile(1) };
        self.send(self.receipt(Source::Platform, Report::Certified { digest, certificate })).await.unwrap();
    }

    /// A sealed change that waits for its approval.
    pub(crate) async fn sealed(&self) {
        self.registered().await;
        self.deployment(CHANGE).await;
    }

    /// A sealed deployment.
    pub(crate) async fn deployment(&self, change: ChangeId) {
        let body = Body::Deployment { engine: ENGINE, node: NODE, bundle: Bundle::of(ARTIFACT), proven_on: None };
        self.send(self.open(OPERATOR, change, body, None, vec![])).await.unwrap();
        for (service, observation) in [
            (Source::Platform, Observation::Platform { missing: vec![], zone: None }),
            (Source::Node, Observation::Node { memory_free_mib: 9, placed: vec![] }),
            (Source::Engine, Observation::Engine { generation: 0, serving: None, missing: vec![] }),
            (Source::Integration, Observation::Integration { bindings: Digest([8; 32]) }),
        ] {
            let report = Report::Observed { change, revision: 1, observation };
            self.send(self.receipt(service, report)).await.unwrap();
        }
        self.sign_and_submit(OPERATOR, Act::Seal { binding: self.binding(change) }).await.unwrap();
    }
}

/// What may be deployed on the engines of these tests.
pub(crate) fn shop() -> EngineProfile {
    EngineProfile { runtime: "storefront".parse().unwrap(), memory_mib: 4_096 }
}

/// What a release of these tests says of itself.
pub(crate) fn shop_profile(memory_mib: u32) -> Profile {
    Profile {
        runtime: "storefront".parse().unwrap(),
        memory_mib: Range::only(memory_mib),
        storage_mib: 0,
        start_within_ms: Range::only(10_000),
        needs: vec![],
        outbound: vec![],
    }
}
