//! The honest way of a change, in one call a step, for tests that are about something else.

use super::{Double, World};
use client::random_bytes;
use control::{Bundle, Command, Login, Package, Requirement, SessionAct, SessionCommand, Window, plan};
use model::{ChangeId, Digest, EngineId, Instant, KindName, NodeId, PersonId, Role, Scope, Service, TenantId, canon};
use warrant::{Act, Binding, Observation, Receipt, Report};

impl Double {
    /// The tenant of [`Double::register`].
    pub const TENANT: TenantId = TenantId([20; 16]);
    /// The engine of [`Double::register`].
    pub const ENGINE: EngineId = EngineId([21; 16]);

    /// Signs a person's word as of now; submits nothing.
    pub fn statement(&self, person: PersonId, act: Act) -> Command {
        Self::sign(self.draft_statement(person, act), World::person_key(&person))
    }

    /// A person says something that is accepted.
    pub fn say(&self, person: PersonId, act: Act) -> u64 {
        self.accept(self.statement(person, act))
    }

    /// Signs a service's word; submits nothing.
    pub fn receipt(&self, service: Service, report: Report) -> Command {
        let receipt = Receipt { ledger: self.trust().genesis, command: client::random_command(), service, report };
        let signature = World::service_key(service).sign(&receipt).unwrap();
        Command::Receipt { receipt, signature }
    }

    /// Registers tenant and engine, and publishes an artifact.
    pub fn register(&self, artifact: Digest, memory_mib: u32) {
        let (tenant, engine) = (Self::TENANT, Self::ENGINE);
        self.say(World::AUTHOR, Act::RegisterTenant { tenant });
        let (port, slot_ports) = (8_101, [8_201, 8_301]);
        self.say(World::AUTHOR, Act::RegisterEngine { engine, tenant, node: World::NODE, port, slot_ports });
        self.publish(artifact, "2026.03.1", memory_mib);
    }

    /// Publishes a release of the sample product.
    pub fn publish(&self, artifact: Digest, version: &str, memory_mib: u32) {
        let (product, version) = ("pod-storefront-core".parse().unwrap(), version.parse().unwrap());
        self.say(World::AUTHOR, Act::PublishArtifact { artifact, product, version, memory_mib });
    }

    /// Opens a credential and gives its token.
    pub fn login(&self, person: PersonId, scope: Scope) -> String {
        let (token, hash) = client::random_token();
        let expires = self.shared.ledger().now().plus_millis(3_600_000);
        self.session(person, SessionAct::Login(Login { token: hash, scope, expires }));
        token
    }

    fn session(&self, person: PersonId, act: SessionAct) -> u64 {
        let command = client::random_command();
        self.accept(Command::Session(SessionCommand { command, principal: person.into(), idempotency: None, act }))
    }

    /// Opens the draft of a deployment.
    pub fn draft(&self, artifact: Digest) -> ChangeId {
        self.draft_within(artifact, None)
    }

    /// Opens the draft of a deployment that may be run in a window.
    pub fn draft_within(&self, artifact: Digest, window: Option<Window>) -> ChangeId {
        self.draft_on(Self::ENGINE, World::NODE, artifact, window)
    }

    /// Opens the draft of a deployment to any engine.
    pub fn draft_on(&self, engine: EngineId, node: NodeId, artifact: Digest, window: Option<Window>) -> ChangeId {
        let change = ChangeId(random_bytes());
        self.open(change, engine, node, artifact, window);
        change
    }

    /// Draws another revision of a deployment.
    pub fn revise(&self, change: ChangeId, artifact: Digest) {
        let package = self.state().changes[&change].package.clone();
        self.open(change, package.engine, package.node, artifact, package.window);
    }

    fn open(&self, change: ChangeId, engine: EngineId, node: NodeId, artifact: Digest, window: Option<Window>) {
        let package = Package {
            ledger: self.trust().genesis,
            nonce: client::random_nonce(),
            change,
            kind: KindName::Deployment,
            tenant: Self::TENANT,
            engine,
            node,
            bundle: Bundle { artifact },
            window,
            parts: vec![],
        };
        self.shared.ledger().blobs().put(("package", canon::to_vec(&package).unwrap()));
        let (kind, package) = (KindName::Deployment, package.digest().unwrap());
        self.session(World::AUTHOR, SessionAct::OpenDraft { change, kind, package });
    }

    /// What the double itself would observe for a service: all is as it should be.
    pub fn good(&self, service: Service) -> Observation {
        let state = self.state();
        let engine = &state.engines[&Self::ENGINE];
        match service {
            Service::Platform | Service::Governance => Observation::Platform { artifact_held: true },
            Service::Node => Observation::Node { memory_free_mib: 2_048, memory_total_mib: 2_048 },
            Service::Engine => Observation::Engine {
                generation: engine.generation,
                serving: engine.serving.map(|bundle| bundle.artifact),
            },
            Service::Integration => Observation::Integration { bindings: Self::no_bindings(), count: 0 },
        }
    }

    /// Digest of the empty set of outside bindings.
    pub fn no_bindings() -> Digest {
        Digest::of_object("bindings", b"[]")
    }

    /// Observes a draft for the services that have not observed it yet.
    pub fn observe(&self, change: ChangeId) {
        let state = self.state();
        let asked = &state.kinds.kind(KindName::Deployment).unwrap().observers;
        for service in asked.iter().filter(|service| !state.changes[&change].observed.contains_key(service)) {
            let (revision, observation) = (state.changes[&change].revision, self.good(*service));
            self.accept(self.receipt(*service, Report::Observed { change, revision, observation }));
        }
    }

    /// What people sign about a change now.
    pub fn binding(&self, change: ChangeId) -> Binding {
        let state = self.state();
        let record = &state.changes[&change];
        let plan = record.plan_digest.unwrap_or_else(|| {
            let now = self.shared.ledger().now();
            plan(&state, record, now).unwrap().digest().unwrap()
        });
        let requirement = Requirement::of(state.kinds.kind(record.kind).unwrap()).digest().unwrap();
        Binding { change, revision: record.revision, package: record.package_digest, plan, requirement }
    }

    /// Seals, approves and runs an observed draft.
    pub fn countersign(&self, change: ChangeId) {
        let binding = self.binding(change);
        self.say(World::AUTHOR, Act::Seal { binding });
        self.say(World::OPERATOR, Act::Approve { binding, slot: Role::GovernanceOperator });
        self.say(World::FINANCE, Act::Approve { binding, slot: Role::FinanceReviewer });
        self.say(World::AUTHOR, Act::Run { binding });
    }

    /// Observes, countersigns and runs a deployment.
    pub fn running(&self, artifact: Digest) -> ChangeId {
        let change = self.draft(artifact);
        self.observe(change);
        self.countersign(change);
        change
    }

    /// Carries out, in the name of their executors, the steps before the first one of `service`
    /// that is due; stops there or where nothing is due any more.
    pub fn advance_to(&self, change: ChangeId, service: Service) {
        while let Some(step) = self.state().changes[&change].step_due() {
            let state = self.state();
            let planned = &state.changes[&change].plan.as_ref().unwrap().steps[step.step as usize];
            if planned.executor == service {
                return;
            }
            self.carry_out(step, planned.executor);
        }
    }

    /// The step that is due is refused in the name of its executor.
    pub fn refuse(&self, change: ChangeId, code: &str) {
        let state = self.state();
        let record = &state.changes[&change];
        let step = record.step_due().unwrap();
        let executor = record.plan.as_ref().unwrap().steps[step.step as usize].executor;
        let nonce = self.intend(step, executor);
        let (outcome, code) = (warrant::Outcome::Refused, Some(code.parse().unwrap()));
        self.accept(self.receipt(executor, Report::Outcome { step, nonce, outcome, code, observed: None }));
    }

    /// The codes of the steps that were refused, in order.
    pub fn refusals(&self) -> Vec<String> {
        let effects = self.leaves().into_iter().flat_map(|leaf| control::Leaf::decode(&leaf).unwrap().effects);
        let code = |effect| match effect {
            control::Effect::StepRefused { code, .. } => Some(code.to_string()),
            _ => None,
        };
        effects.filter_map(code).collect()
    }

    pub(super) fn carry_out(&self, step: warrant::StepRef, executor: Service) {
        let nonce = self.intend(step, executor);
        let observed = (executor == Service::Integration).then(Self::no_bindings);
        let outcome = warrant::Outcome::Done;
        self.accept(self.receipt(executor, Report::Outcome { step, nonce, outcome, code: None, observed }));
    }

    fn intend(&self, step: warrant::StepRef, executor: Service) -> model::Nonce {
        let nonce = client::random_nonce();
        let act_by: Instant = self.shared.ledger().now().plus_millis(60_000);
        let key = warrant::step_key(&step);
        self.accept(self.receipt(executor, Report::Intent { step, key, nonce, act_by }));
        nonce
    }
}
