//! A small world: four people, five services, one running Governance.

use client::{ClientError, GovernanceClient, Http, Signer, StatementDraft};
use control::{Body, KindTable, Package, Setting};
use governance::{Founding, GovernanceError, GovernanceOptions, Keys};
use ledger::{Clock as _, SystemClock};
use model::{
    AckLevel, Bundle, ChangeId, Digest, EngineId, Instant, NodeId, Nonce, PersonId, Profile, Range, Resource, Role,
    Scope, Service, TenantId, Token,
};
use signed::{
    Act, EngineProfile, FirstSetting, Genesis, NodeEntry, Opening, Person, PersonKey, Roster, Seen, ServiceEntry,
    ServiceKey, Trust, ssh,
};
use ssh_key::PrivateKey;
use std::net::{SocketAddr, TcpListener};
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle};
use wire::{PackageUpload, Recorded, Submission};

pub(crate) const OPERATOR_1: u8 = 1;
pub(crate) const OPERATOR_2: u8 = 2;
pub(crate) const FINANCE: u8 = 3;
pub(crate) const AUDITOR: u8 = 4;
pub(crate) const TENANT: TenantId = TenantId([21; 16]);
pub(crate) const ENGINE: EngineId = EngineId([31; 16]);
pub(crate) const NODE: NodeId = NodeId([41; 16]);
pub(crate) const ARTIFACT: Digest = Digest([51; 32]);

const PEOPLE: [(u8, Role, &str); 4] = [
    (OPERATOR_1, Role::GovernanceOperator, "Governance Operator 1"),
    (OPERATOR_2, Role::GovernanceOperator, "Governance Operator 2"),
    (FINANCE, Role::FinanceReviewer, "Finance Reviewer 1"),
    (AUDITOR, Role::SupportAuditor, "Support Auditor 1"),
];

pub(crate) fn person(n: u8) -> PersonId {
    PersonId([n; 16])
}

pub(crate) fn key(n: u8) -> PrivateKey {
    ssh::private_key(&[n; 32])
}

pub(crate) fn signer(n: u8) -> Signer {
    Signer::Key(Box::new(key(n)))
}

pub(crate) fn service_key(service: Service) -> ServiceKey {
    let position = Service::ALL.iter().position(|known| *known == service).unwrap();
    ServiceKey::from_secret(&[100 + u8::try_from(position).unwrap(); 32])
}

/// The node of a service that is on one.
pub(crate) fn of_node(service: Service) -> Option<NodeId> {
    matches!(service, Service::Node | Service::Engine).then_some(NODE)
}

pub(crate) fn console_key() -> ServiceKey {
    ServiceKey::from_secret(&[120; 32])
}

pub(crate) fn token(text: &str) -> Token {
    text.parse().unwrap()
}

pub(crate) fn now() -> Instant {
    SystemClock::new().wall()
}

pub(crate) fn text(about: &str, subject: Option<model::Id>, body: &str) -> (Token, Option<model::Id>, Opening) {
    (token(about), subject, client::random_opening([("text", body)]))
}

/// A genesis for the keys in `dir`, signed by all.
pub(crate) fn founding(keys: &Keys, demo: bool) -> Founding {
    shaped(keys, demo, |_| {})
}

/// The same with another roster.
fn shaped(keys: &Keys, demo: bool, shape: impl FnOnce(&mut Roster)) -> Founding {
    let openssh = |n| ssh::normalise(&key(n).public_key().to_openssh().unwrap()).unwrap();
    let origin = token("governance.test/1");
    let command = client::random_command();
    let names = PEOPLE.map(|(n, _, name)| text("name", Some(person(n).into()), name));
    let (parts, openings) = client::parts(&Digest::ZERO, &command, names.to_vec()).unwrap();
    let people = PEOPLE.map(|(n, role, _)| Person {
        id: person(n),
        roles: vec![role],
        keys: vec![PersonKey { id: ssh::key_id(&openssh(n)).unwrap(), openssh: openssh(n) }],
        tenants: None,
        deputies: vec![],
    });
    let services = Service::ALL.iter().map(|service| ServiceEntry {
        service: *service,
        node: of_node(*service),
        key: service_key(*service).public(),
    });
    let settings = Setting::standard(KindTable::standard());
    let first = |setting: &Setting| FirstSetting { name: setting.name(), digest: setting.digest().unwrap() };
    let log_keys = vec![keys.control_vkey(&origin).unwrap().to_string()];
    let mut genesis = Genesis {
        origin,
        roster: Roster {
            people: people.to_vec(),
            services: services.collect(),
            nodes: vec![NodeEntry { id: NODE, name: token("prod-node-01") }],
            console: Some(console_key().public()),
            machines: vec![],
            log_keys,
        },
        founders_needed: 4,
        settings: settings.iter().map(first).collect(),
        demo,
        time: now(),
        seed: Digest(client::random_bytes()),
        command,
        parts,
    };
    shape(&mut genesis.roster);
    let signatures = PEOPLE.map(|(n, _, _)| genesis.sign(&key(n)).unwrap()).to_vec();
    Founding { genesis, signatures, settings, openings }
}

type Running = (SocketAddr, oneshot::Sender<()>, JoinHandle<Result<(), GovernanceError>>);

/// A founded ledger, perhaps served.
pub(crate) struct World {
    pub(crate) dir: TempDir,
    pub(crate) trust: Trust,
    running: Option<Running>,
}

impl World {
    /// Founded and served.
    pub(crate) async fn new(demo: bool) -> Self {
        Self::shaped(demo, |_| {}).await
    }

    /// The same with another roster.
    pub(crate) async fn shaped(demo: bool, shape: impl FnOnce(&mut Roster)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::create(dir.path()).unwrap();
        let trust = governance::found(dir.path(), shaped(&keys, demo, shape)).await.unwrap();
        let mut world = Self { dir, trust, running: None };
        world.start();
        world
    }

    pub(crate) fn options(&self) -> GovernanceOptions {
        GovernanceOptions {
            dir: self.dir.path().to_owned(),
            listener: TcpListener::bind("127.0.0.1:0").unwrap(),
            trust: self.trust.clone(),
            accept_clock: false,
            version: "0.0.0".to_owned(),
            entries_public: None,
            own_ports: vec![8088],
        }
    }

    pub(crate) fn start(&mut self) {
        let options = self.options();
        let at = options.listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(governance::run(options, async { drop(stopped.await) }));
        self.running = Some((at, stop, task));
    }

    pub(crate) async fn stop(&mut self) {
        let (_, stop, task) = self.running.take().unwrap();
        drop(stop);
        task.await.unwrap().unwrap();
    }

    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.running.as_ref().unwrap().0)
    }

    pub(crate) fn client(&self) -> GovernanceClient {
        GovernanceClient::new(Http::new(self.base()))
    }

    /// A client with a credential of this person.
    pub(crate) async fn signed_in(&self, n: u8, scope: Scope) -> GovernanceClient {
        let expires = now().plus_millis(3_600_000);
        let said = signer(n).login(self.trust.genesis, person(n), scope, expires).unwrap();
        self.client().login(&said.request).await.unwrap();
        self.client().bearer(said.token)
    }

    /// What a signer's own client would have verified: the newest checkpoint.
    pub(crate) async fn seen(&self) -> Seen {
        let note = self.client().checkpoint("control", 0).await.unwrap();
        let key = self.trust.log_keys[0].parse().unwrap();
        let origin = format!("{}/control", self.trust.origin);
        let checkpoint = tlog::checkpoint::Checkpoint::open(&note, std::slice::from_ref(&key), &origin).unwrap();
        Seen { size: checkpoint.size, root: checkpoint.root }
    }

    /// A signed statement of this person, ready to be sent. A tenant or engine without texts is named after its id.
    pub(crate) async fn said(
        &self,
        n: u8,
        act: Act,
        mut texts: Vec<(Token, Option<model::Id>, Opening)>,
    ) -> Submission {
        match &act {
            Act::RegisterTenant { tenant } if texts.is_empty() => {
                texts.push(text("name", None, &format!("Tenant {tenant}")));
            }
            Act::RegisterEngine { engine, .. } if texts.is_empty() => {
                texts.push(text("name", None, &format!("Engine {engine}")));
            }
            _ => {}
        }
        let draft = StatementDraft {
            ledger: self.trust.genesis,
            person: person(n),
            act,
            texts,
            not_after: now().plus_millis(600_000),
            seen: self.seen().await,
        };
        signer(n).sign_statement(draft).unwrap()
    }

    /// Says it.
    pub(crate) async fn sign_and_submit(&self, n: u8, act: Act) -> Result<Recorded, ClientError> {
        let submission = self.said(n, act, vec![]).await;
        self.client().submit(&submission, AckLevel::Published).await
    }

    /// A tenant, an engine and an artifact with their names.
    pub(crate) async fn registered(&self) {
        let tenant = Act::RegisterTenant { tenant: TENANT };
        let engine = Act::RegisterEngine {
            engine: ENGINE,
            tenant: TENANT,
            node: NODE,
            port: 8101,
            side_ports: [8201, 8301],
            profile: shop(),
            hosts: vec![],
        };
        let artifact = Act::Publish {
            resource: Resource::Artifact,
            digest: ARTIFACT,
            product: token("pod-storefront-core"),
            version: token("2026.03.1"),
            tenant: None,
        };
        let subject = Some(TENANT.into());
        for (act, texts) in [
            (tenant, vec![text("name", subject, "Northwind Studio")]),
            (engine, vec![text("name", subject, "POD Engine Alpha")]),
            (artifact, vec![]),
        ] {
            let submission = self.said(OPERATOR_1, act, texts).await;
            self.client().submit(&submission, AckLevel::Published).await.unwrap();
        }
    }

    /// The word that opens a deployment, as its author would send it.
    pub(crate) async fn draft(&self, n: u8, change: ChangeId) -> Submission {
        let bundle = Bundle::of(ARTIFACT);
        let body = Body::Deployment { engine: ENGINE, node: NODE, bundle, proven_on: None };
        let texts = vec![text("title", None, "Deploy 2026.03.1"), text("reason", None, "New season")];
        self.open(n, change, body, texts).await
    }

    /// The word that opens a change, with its package.
    pub(crate) async fn open(
        &self,
        n: u8,
        change: ChangeId,
        body: Body,
        texts: Vec<(Token, Option<model::Id>, Opening)>,
    ) -> Submission {
        let nonce = Nonce(client::random_bytes());
        let (parts, openings) = client::parts(&self.trust.genesis, &model::CommandId(nonce.0), texts).unwrap();
        let (ledger, window, supersedes) = (self.trust.genesis, None, None);
        let package = Package { ledger, nonce, change, body, window, supersedes, parts };
        let act = Act::Open { change, package: package.digest().unwrap() };
        Submission { package: Some(PackageUpload { package, openings }), ..self.said(n, act, vec![]).await }
    }
}

/// Code and entry of a problem.
pub(crate) fn problem<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> (u16, String, Option<u64>) {
    match answer {
        Err(ClientError::Problem(detail, status)) => (status, detail.code, detail.entry),
        other => panic!("not a problem: {other:?}"),
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
