//! The honest way of a change, in one call a step, for tests that are about something else.

use super::{Double, World};
use client::random_bytes;
use control::{Body, Command, Login, Package, SessionCommand, Step, Window, governs};
use model::{
    Bundle, ChangeId, CommandId, Digest, EngineId, Id, Instant, NodeId, PersonId, Profile, Range, Resource, Scope,
    Service, TenantId, Token, canon,
};
use signed::{
    Act, Binding, Certificate, EngineProfile, Observation, Opening, Receipt, Reconciled, Report, Seen, Served,
};
use std::collections::BTreeSet;

impl Double {
    /// The name that [`Double::TENANT`] is registered under.
    pub const TENANT_NAME: &str = "Northwind";
    /// The name that every other tenant is registered under.
    pub const OTHER_NAME: &str = "Harbor";
    /// The name that engines are registered under.
    pub const ENGINE_NAME: &str = "Engine Alpha";
    /// The title of every package.
    pub const TITLE: &str = "Spring collection";
    /// The tenant of [`Double::register`].
    pub const TENANT: TenantId = World::TENANT;
    /// The engine of [`Double::register`].
    pub const ENGINE: EngineId = EngineId([21; 16]);

    /// Signs a person's word as of now; submits nothing.
    pub fn statement(&self, person: PersonId, act: Act) -> Command {
        Self::sign(self.draft_statement(person, act), World::person_key(&person))
    }

    /// A person says something that is accepted.
    pub fn sign_and_submit(&self, person: PersonId, act: Act) -> u64 {
        self.accept(self.statement(person, act))
    }

    /// Signs a service's word; submits nothing. A service of a node speaks from the node that the
    /// report is about.
    pub fn receipt(&self, service: Service, report: Report) -> Command {
        let node = matches!(service, Service::Node | Service::Engine).then(|| self.node_of(&report));
        self.receipt_on(service, node, report)
    }

    /// The same from this node, or from none.
    pub fn receipt_on(&self, service: Service, node: Option<NodeId>, report: Report) -> Command {
        let ledger = self.shared.ledger();
        let seen = Seen { size: ledger.tree.size(), root: ledger.tree.root() };
        let (genesis, command, at) = (self.trust().genesis, client::random_command(), ledger.now());
        let receipt = Receipt { ledger: genesis, command, service, node, at, seen, report, parts: vec![] };
        let signature = World::service_key_on(service, node.as_ref()).sign(&receipt).unwrap();
        Command::Receipt { receipt, signature }
    }

    fn node_of(&self, report: &Report) -> NodeId {
        let state = self.state();
        let engine = match report {
            Report::Restarted { engine, .. } | Report::Regressed { engine, .. } => Some(*engine),
            _ => None,
        };
        let of_engine = engine.and_then(|engine| Some(state.engines.get(&engine)?.node));
        let of_change = report.change().and_then(|change| state.changes.get(&change)?.subject.node);
        of_engine.or(of_change).unwrap_or(World::NODE)
    }

    /// What opens the commitment to a text that is signed here.
    pub fn opening(text: &str) -> Opening {
        Opening { salt: Digest([42; 32]), body: [("text".to_owned(), text.to_owned())].into() }
    }

    /// The names that an act gives.
    pub(super) fn names(act: &Act) -> Vec<(Token, Option<Id>, Opening)> {
        let name = match act {
            Act::RegisterTenant { tenant } if *tenant == Self::TENANT => Self::TENANT_NAME,
            Act::RegisterTenant { .. } => Self::OTHER_NAME,
            Act::RegisterEngine { .. } => Self::ENGINE_NAME,
            _ => return vec![],
        };
        vec![("name".parse().unwrap(), None, Self::opening(name))]
    }

    /// Registers tenant and engine, and publishes an artifact.
    pub fn register(&self, artifact: Digest, memory_mib: u32) {
        let (tenant, engine) = (Self::TENANT, Self::ENGINE);
        self.sign_and_submit(World::AUTHOR, Act::RegisterTenant { tenant });
        let (port, side_ports) = (8_101, [8_201, 8_301]);
        self.sign_and_submit(
            World::AUTHOR,
            Act::RegisterEngine { engine, tenant, node: World::NODE, port, side_ports, profile: shop(), hosts: vec![] },
        );
        self.publish(artifact, "2026.03.1", memory_mib);
    }

    /// Publishes a release of the sample product.
    pub fn publish(&self, artifact: Digest, version: &str, memory_mib: u32) {
        let (product, version) = ("pod-storefront-core".parse().unwrap(), version.parse().unwrap());
        let (resource, digest, tenant) = (Resource::Artifact, artifact, None);
        self.sign_and_submit(World::AUTHOR, Act::Publish { resource, digest, product, version, tenant });
        let known = self.state().resources[&digest].clone();
        let (product, version, profile) = (known.product, known.version, shop_profile(memory_mib));
        self.certify(digest, Certificate::Artifact { product, version, profile });
    }

    /// Says in the name of Platform Services what something published is.
    pub fn certify(&self, digest: Digest, certificate: Certificate) {
        self.accept(self.receipt(Service::Platform, Report::Certified { digest, certificate }));
    }

    /// Opens a credential and gives its token.
    pub fn login(&self, person: PersonId, scope: Scope) -> String {
        let (token, hash) = client::random_token();
        let expires = self.shared.ledger().now().plus_millis(3_600_000);
        let login = Login { token: hash, scope, expires };
        let command = client::random_command();
        self.accept(Command::Session(SessionCommand { command, principal: person.into(), login }));
        token
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
        let body = Body::Deployment { engine, node, bundle: Bundle::of(artifact), proven_on: None };
        self.open(World::AUTHOR, change, body, window);
        change
    }

    /// Draws another revision of a deployment.
    pub fn revise(&self, change: ChangeId, artifact: Digest) {
        let package = self.state().changes[&change].package.clone();
        let (engine, node) = package.body.engine().unwrap();
        let body = Body::Deployment { engine, node, bundle: Bundle::of(artifact), proven_on: None };
        self.open(World::AUTHOR, change, body, package.window);
    }

    /// Opens a change of any kind, or another revision of it. A document that its body names is put
    /// there first ([`Double::keep`]).
    pub fn open(&self, author: PersonId, change: ChangeId, body: Body, window: Option<Window>) -> u64 {
        let (ledger, nonce) = (self.trust().genesis, client::random_nonce());
        let title = vec![("title".parse().unwrap(), None, Self::opening(Self::TITLE))];
        let (parts, _) = client::parts(&ledger, &CommandId(nonce.0), title).unwrap();
        let package = Package { ledger, nonce, change, body, window, supersedes: None, parts };
        self.keep("package", canon::to_vec(&package).unwrap());
        self.sign_and_submit(author, Act::Open { change, package: package.digest().unwrap() })
    }

    /// Keeps a governing blob: a package, a roster or a governed document.
    pub fn keep(&self, object: &str, bytes: Vec<u8>) {
        self.shared.ledger().blobs().put((object, bytes));
    }

    /// What the double itself would observe for a service: all is as it should be.
    pub fn good(&self, service: Service) -> Observation {
        let state = self.state();
        let engine = &state.engines[&Self::ENGINE];
        match service {
            Service::Platform | Service::Governance => Observation::Platform { missing: vec![], zone: None },
            Service::Node => {
                let served = engine.serving;
                let placed = |served: Served| served.placed();
                Observation::Node { memory_free_mib: 2_048, placed: served.into_iter().map(placed).collect() }
            }
            Service::Engine => {
                Observation::Engine { generation: engine.generation, serving: engine.serving, missing: vec![] }
            }
            Service::Integration => Observation::Integration { bindings: Self::no_bindings() },
        }
    }

    /// The same of this change: Platform Services can count in the zone of a lease.
    fn good_of(&self, change: ChangeId, service: Service) -> Observation {
        match (self.good(service), &self.state().changes[&change].package.body) {
            (Observation::Platform { missing, .. }, Body::Grant { terms, .. }) => {
                Observation::Platform { missing, zone: terms.cap().map(|cap| cap.zone.clone()) }
            }
            (good, _) => good,
        }
    }

    /// Digest of the empty set of outside bindings.
    pub fn no_bindings() -> Digest {
        Digest::of_object("bindings", b"[]")
    }

    /// Observes a draft for the services that have not observed it yet.
    pub fn observe(&self, change: ChangeId) {
        let state = self.state();
        let asked = governs(state.changes[&change].kind).observers();
        for service in asked.iter().filter(|service| !state.changes[&change].observed.contains_key(service)) {
            let (revision, observation) = (state.changes[&change].revision, self.good_of(change, *service));
            self.accept(self.receipt(*service, Report::Observed { change, revision, observation }));
        }
    }

    /// What people sign about a change now.
    pub fn binding(&self, change: ChangeId) -> Binding {
        let (state, now) = (self.state(), self.shared.ledger().now());
        state.changes[&change].binding(&state, now).unwrap()
    }

    /// Seals an observed draft and fills each slot with the first person who can.
    pub fn approve(&self, change: ChangeId) -> Binding {
        let binding = self.binding(change);
        self.sign_and_submit(World::AUTHOR, Act::Seal { binding });
        let state = self.state();
        let slots = state.changes[&change].required(&state).unwrap().slots;
        let mut done = BTreeSet::from([World::AUTHOR]);
        for (slot, row) in (0..).zip(slots) {
            let fits = |person: &&signed::Person| person.roles.iter().any(|role| row.roles.contains(role));
            let person = state.roster.people.iter().filter(fits).find(|person| done.insert(person.id)).unwrap();
            self.sign_and_submit(person.id, Act::Approve { binding, slot, on_behalf_of: None });
        }
        binding
    }

    /// Seals, approves and runs an observed draft.
    pub fn countersign(&self, change: ChangeId) {
        let binding = self.approve(change);
        self.sign_and_submit(World::AUTHOR, Act::Run { binding, not_before: None });
    }

    /// Each service reads again after an end that nobody could tell; then one holder of each slot says how it ended.
    pub fn reconcile(&self, change: ChangeId, outcome: Reconciled) {
        let revision = self.state().changes[&change].revision;
        self.sign_and_submit(World::AUTHOR, Act::Observe { change, revision });
        self.observe(change);
        for person in [World::OPERATOR, World::FINANCE, World::AUDITOR] {
            if self.decided().changes.contains_key(&change) {
                self.sign_and_submit(person, Act::Reconcile { change, revision, outcome });
            }
        }
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
            if planned.executor() == service {
                return;
            }
            self.carry_out(step, planned);
        }
    }

    /// The step that is due is refused in the name of its executor.
    pub fn refuse(&self, change: ChangeId, code: &str) {
        self.ends_badly(change, signed::Outcome::Refused, code);
    }

    /// Of the step that is due its executor cannot tell what became.
    pub fn lose(&self, change: ChangeId, code: &str) {
        self.ends_badly(change, signed::Outcome::Unknown, code);
    }

    fn ends_badly(&self, change: ChangeId, outcome: signed::Outcome, code: &str) {
        let state = self.state();
        let record = &state.changes[&change];
        let step = record.step_due().unwrap();
        let executor = record.plan.as_ref().unwrap().steps[step.step as usize].executor();
        let nonce = self.intend(step, executor);
        let code = Some(code.parse().unwrap());
        self.accept(
            self.receipt(executor, Report::Outcome { step, nonce, outcome, code, observed: None, credential: None }),
        );
    }

    /// The codes of the steps that were refused, in order.
    pub fn refusals(&self) -> Vec<String> {
        let effects = self.leaves().into_iter().flat_map(|leaf| control::Leaf::decode(&leaf).unwrap().effects);
        let code = |effect| match effect {
            control::Effect::Step { event: control::StepEvent::Refused { code }, .. } => Some(code.to_string()),
            _ => None,
        };
        effects.filter_map(code).collect()
    }

    pub(super) fn carry_out(&self, step: signed::StepRef, planned: &Step) {
        let executor = planned.executor();
        let nonce = self.intend(step, executor);
        let observed = planned.expect.filter(|_| !step.undo);
        let outcome = signed::Outcome::Done;
        self.accept(
            self.receipt(executor, Report::Outcome { step, nonce, outcome, code: None, observed, credential: None }),
        );
    }

    pub(super) fn intend(&self, step: signed::StepRef, executor: Service) -> model::Nonce {
        let nonce = client::random_nonce();
        let act_by: Instant = self.shared.ledger().now().plus_millis(60_000);
        let key = signed::step_key(&step);
        self.accept(self.receipt(executor, Report::Intent { step, key, nonce, act_by }));
        nonce
    }
}

/// What may be deployed on an engine of a double.
pub fn shop() -> EngineProfile {
    EngineProfile { runtime: "storefront".parse().unwrap(), memory_mib: 65_536 }
}

/// What a release of a double says of itself.
pub fn shop_profile(memory_mib: u32) -> Profile {
    Profile {
        runtime: "storefront".parse().unwrap(),
        memory_mib: Range::only(memory_mib),
        storage_mib: 0,
        start_within_ms: Range::only(10_000),
        needs: vec![],
        outbound: vec![],
    }
}
