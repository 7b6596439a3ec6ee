//! What people and services say in a test.

use super::{No, World, accepted, token};
use control::{Bundle, ClockAct, Command, Leaf, Login, Package, SessionAct, SessionCommand};
use model::{ChangeId, CommandId, Digest, KindName, Nonce, Role, Scope, Service, canon};
use warrant::{Act, Binding, Observation, Opening, Part, PartBody, REASON, Receipt, Report, Seen, Statement, commit};

impl World {
    /// A statement of this person, ten minutes good, on the newest checkpoint.
    pub fn statement(&mut self, who: usize, act: Act) -> Statement {
        Statement {
            ledger: self.state.ledger,
            command: CommandId(self.fresh()),
            person: self.people[who].id,
            key: self.people[who].key_id,
            act,
            parts: vec![],
            not_after: self.now.plus_millis(600_000),
            seen: Seen { size: self.tree.size(), root: self.tree.root() },
        }
    }

    /// Signed with this person's key, whatever it says.
    pub fn sign(&self, who: usize, statement: Statement) -> Command {
        let signature = statement.sign(&self.people[who].key).unwrap();
        Command::Signed { statement, signature }
    }

    pub fn said(&mut self, who: usize, act: Act) -> Command {
        let statement = self.statement(who, act);
        self.sign(who, statement)
    }

    pub fn say(&mut self, who: usize, act: Act) -> Result<Leaf, No> {
        let command = self.said(who, act);
        self.submit(command)
    }

    pub fn receipt(&mut self, service: Service, report: Report) -> Command {
        let receipt = Receipt { ledger: self.state.ledger, command: CommandId(self.fresh()), service, report };
        let key = &self.services.iter().find(|(known, _)| *known == service).unwrap().1;
        let signature = key.sign(&receipt).unwrap();
        Command::Receipt { receipt, signature }
    }

    pub fn report(&mut self, service: Service, report: Report) -> Result<Leaf, No> {
        let command = self.receipt(service, report);
        self.submit(command)
    }

    pub fn clock(&mut self, act: ClockAct) -> Result<Leaf, No> {
        self.submit(Command::Clock { act })
    }

    pub fn session(&mut self, who: usize, idempotency: Option<Digest>, act: SessionAct) -> Command {
        let (command, principal) = (CommandId(self.fresh()), self.people[who].id.into());
        Command::Session(SessionCommand { command, principal, idempotency, act })
    }

    pub fn login(&mut self, who: usize, token: Digest, life_ms: i64) -> Result<Leaf, No> {
        let login = Login { token, scope: Scope::Person, expires: self.now.plus_millis(life_ms) };
        let command = self.session(who, None, SessionAct::Login(login));
        self.submit(command)
    }

    /// A package with a title and a reason.
    pub fn package(&mut self, change: ChangeId, kind: KindName, artifact: Digest) -> Package {
        let (nonce, ledger) = (self.fresh(), self.state.ledger);
        let part = |(position, about): (usize, &str)| {
            let body: PartBody = [("text".to_owned(), format!("the {about}"))].into();
            let opening = Opening { salt: Digest::of_bytes(about.as_bytes()), body };
            let commitment = commit(&ledger, &CommandId(nonce), position, &opening).unwrap();
            Part { about: token(about), subject: None, commitment }
        };
        Package {
            ledger,
            nonce: Nonce(nonce),
            change,
            kind,
            tenant: self.tenant,
            engine: self.engine,
            node: self.node,
            bundle: Bundle { artifact },
            window: None,
            parts: ["title", REASON].into_iter().enumerate().map(part).collect(),
        }
    }

    /// Puts the package on the shelf.
    pub fn keep(&mut self, package: &Package) -> Digest {
        let digest = package.digest().unwrap();
        self.shelf.0.borrow_mut().insert(digest, canon::to_vec(package).unwrap());
        digest
    }

    pub fn opening(&mut self, who: usize, package: &Package) -> Command {
        let digest = self.keep(package);
        let act = SessionAct::OpenDraft { change: package.change, kind: package.kind, package: digest };
        self.session(who, None, act)
    }

    pub fn open(&mut self, who: usize, package: &Package) -> Result<Leaf, No> {
        let command = self.opening(who, package);
        self.submit(command)
    }

    /// A new draft of this kind.
    pub fn draft(&mut self, who: usize, kind: KindName, artifact: Digest) -> ChangeId {
        let change = ChangeId(self.fresh());
        let package = self.package(change, kind, artifact);
        accepted(self.open(who, &package));
        change
    }

    /// What this service would truthfully see now.
    pub fn sight(&self, service: Service) -> Observation {
        let engine = &self.state.engines[&self.engine];
        match service {
            Service::Platform | Service::Governance => Observation::Platform { artifact_held: true },
            Service::Node => Observation::Node { memory_free_mib: self.free_mib, memory_total_mib: 2_048 },
            Service::Engine => Observation::Engine {
                generation: engine.generation,
                serving: engine.serving.map(|bundle| bundle.artifact),
            },
            Service::Integration => Observation::Integration { bindings: bindings(), count: 2 },
        }
    }

    pub fn observe(&mut self, change: ChangeId, service: Service) -> Result<Leaf, No> {
        let (revision, observation) = (self.state.changes[&change].revision, self.sight(service));
        self.report(service, Report::Observed { change, revision, observation })
    }

    pub fn observe_all(&mut self, change: ChangeId) {
        for service in [Service::Platform, Service::Node, Service::Engine, Service::Integration] {
            accepted(self.observe(change, service));
        }
    }

    /// The digests as they are now.
    pub fn binding(&self, change: ChangeId) -> Binding {
        let known = &self.state.changes[&change];
        known.binding(&self.state, self.now).unwrap_or(Binding {
            change,
            revision: known.revision,
            package: known.package_digest,
            plan: Digest::ZERO,
            requirement: Digest::ZERO,
        })
    }

    pub fn act(&self, verb: &str, id: ChangeId, slot: Role) -> Act {
        let (change, revision, binding) = (id, self.state.changes[&id].revision, self.binding(id));
        match verb {
            "seal" => Act::Seal { binding },
            "approve" => Act::Approve { binding, slot },
            "reject" => Act::Reject { binding, slot },
            "withdraw" => Act::Withdraw { change, revision },
            "hold" => Act::Hold { change, revision },
            "release" => Act::Release { change, revision },
            "cancel" => Act::Cancel { change, revision },
            "run" => Act::Run { binding },
            other => panic!("no verb {other}"),
        }
    }

    /// Says a verb that needs no slot.
    pub fn verb(&mut self, who: usize, verb: &str, id: ChangeId) -> Result<Leaf, No> {
        let act = self.act(verb, id, super::GO);
        self.say(who, act)
    }

    pub fn seal(&mut self, who: usize, id: ChangeId) -> Result<Leaf, No> {
        self.verb(who, "seal", id)
    }

    pub fn approve(&mut self, who: usize, id: ChangeId, slot: Role) -> Result<Leaf, No> {
        let act = self.act("approve", id, slot);
        self.say(who, act)
    }

    pub fn run(&mut self, who: usize, id: ChangeId) -> Result<Leaf, No> {
        self.verb(who, "run", id)
    }
}

/// The outside bindings, which never change in these tests.
pub fn bindings() -> Digest {
    Digest::of_object("bindings", b"dns and certificates")
}
