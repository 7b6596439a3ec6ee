//! A follower in miniature: pulls tiles and blobs, verifies every leaf, and acts as the executors.

use crate::fixture::{World, now, of_node, service_key, shop_profile};
use client::GovernanceClient;
use control::{
    Blobs, Command, Executor, Leaf, Replayer, State, due_observations, due_steps, package_references, references,
};
use model::{AckLevel, Digest, Service};
use signed::{Certificate, Observation, Outcome, Receipt, Report, Seen, step_key};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tlog::tile::{TilePath, decode_bundle};
use wire::{Recorded, Submission};

pub(crate) const BINDINGS: Digest = Digest([61; 32]);

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<BTreeMap<Digest, Vec<u8>>>>);

impl Blobs for Kept {
    fn get(&self, _object: &str, digest: &Digest) -> Option<Vec<u8>> {
        self.0.lock().unwrap().get(digest).cloned()
    }
}

/// A verified fold that knows nothing but what is served.
pub(crate) struct Replica {
    client: GovernanceClient,
    ledger: Digest,
    origin: String,
    key: tlog::note::VerifierKey,
    blobs: Kept,
    replayer: Replayer<Kept>,
}

impl Replica {
    pub(crate) fn new(world: &World, client: GovernanceClient) -> Self {
        let blobs = Kept::default();
        Self {
            client,
            ledger: world.trust.genesis,
            origin: format!("{}/control", world.trust.origin),
            key: world.trust.log_keys[0].parse().unwrap(),
            replayer: Replayer::new(&world.trust, blobs.clone()),
            blobs,
        }
    }

    pub(crate) fn state(&self) -> &State {
        self.replayer.state()
    }

    /// Everything a signed checkpoint covers, verified.
    pub(crate) async fn sync(&mut self) -> u64 {
        let note = self.client.checkpoint("control", 0).await.unwrap();
        let checkpoint =
            tlog::checkpoint::Checkpoint::open(&note, std::slice::from_ref(&self.key), &self.origin).unwrap();
        for bundle in self.replayer.tree().size() / 256..checkpoint.size.div_ceil(256) {
            let width = u16::try_from((checkpoint.size - bundle * 256).min(256)).unwrap();
            let path = TilePath::Entries { index: bundle, width };
            let bytes = self.client.tile("control", &path.to_string()).await.unwrap();
            for (leaf, index) in decode_bundle(&bytes, width).unwrap().iter().zip(bundle * 256..) {
                if index == self.replayer.tree().size() {
                    self.push(leaf).await;
                }
            }
        }
        assert_eq!(self.replayer.tree().root(), checkpoint.root, "the checkpoint is over these leaves");
        checkpoint.size
    }

    async fn push(&mut self, bytes: &[u8]) {
        for (object, digest) in references(&Leaf::decode(bytes).unwrap().command) {
            self.pull(object, digest).await;
            if object == "package" {
                for (object, digest) in package_references(&self.blobs, &digest) {
                    self.pull(object, digest).await;
                }
            }
        }
        self.replayer.push(bytes).unwrap();
    }

    async fn pull(&self, object: &str, digest: Digest) {
        let blob = self.client.blob(object, &digest).await.unwrap();
        assert_eq!(Digest::of_object(object, &blob), digest);
        self.blobs.0.lock().unwrap().insert(digest, blob);
    }

    pub(crate) fn receipt(&self, service: Service, report: Report) -> Submission {
        let tree = self.replayer.tree();
        self.receipt_seeing(service, report, Seen { size: tree.size(), root: tree.root() })
    }

    pub(crate) fn receipt_seeing(&self, service: Service, report: Report, seen: Seen) -> Submission {
        let (ledger, command, node) = (self.ledger, client::random_command(), of_node(service));
        let receipt = Receipt { ledger, command, service, node, at: now(), seen, report, parts: vec![] };
        let signature = service_key(service).sign(&receipt).unwrap();
        let command = Command::Receipt { receipt, signature };
        Submission { command, openings: vec![], package: None, document: None }
    }

    async fn report(&self, service: Service, report: Report) -> Recorded {
        self.client.submit(&self.receipt(service, report), AckLevel::Published).await.unwrap()
    }

    /// What every executor sees for every draft that asks.
    pub(crate) async fn observe(&mut self) {
        self.sync().await;
        for (digest, _) in control::due_certificates(self.state()) {
            let known = &self.state().resources[&digest];
            let (product, version, profile) = (known.product.clone(), known.version.clone(), shop_profile(64));
            let certificate = Certificate::Artifact { product, version, profile };
            self.report(Service::Platform, Report::Certified { digest, certificate }).await;
        }
        self.sync().await;
        for service in Service::ALL.iter().copied() {
            let who = Executor { service, node: of_node(service) };
            for due in due_observations(self.state(), &who) {
                let engine = self.state().changes[&due.change].subject.engine.unwrap();
                let engine = &self.state().engines[&engine];
                let observation = match service {
                    Service::Platform => Observation::Platform { missing: vec![], zone: None },
                    Service::Node => Observation::Node { memory_free_mib: 512, placed: vec![] },
                    Service::Engine => {
                        Observation::Engine { generation: engine.generation, serving: engine.serving, missing: vec![] }
                    }
                    _ => Observation::Integration { bindings: BINDINGS },
                };
                let report = Report::Observed { change: due.change, revision: due.revision, observation };
                self.report(service, report).await;
            }
        }
        self.sync().await;
    }

    /// Carries out one step that is due, if there is one.
    pub(crate) async fn act(&mut self) -> Option<Service> {
        self.sync().await;
        for (digest, _) in control::due_certificates(self.state()) {
            let known = &self.state().resources[&digest];
            let (product, version, profile) = (known.product.clone(), known.version.clone(), shop_profile(64));
            let certificate = Certificate::Artifact { product, version, profile };
            self.report(Service::Platform, Report::Certified { digest, certificate }).await;
        }
        self.sync().await;
        for service in Service::ALL.iter().copied() {
            let who = Executor { service, node: of_node(service) };
            let Some(due) = due_steps(self.state(), &who).into_iter().next() else { continue };
            let step = due.step;
            let nonce = due.intent.as_ref().map_or_else(client::random_nonce, |intent| intent.nonce);
            if due.intent.is_none() {
                let act_by = now().plus_millis(60_000);
                self.report(service, Report::Intent { step, key: step_key(&step), nonce, act_by }).await;
            }
            let plan = self.state().changes[&step.change].plan.as_ref().unwrap();
            let observed = plan.steps[step.step as usize].expect;
            let outcome =
                Report::Outcome { step, nonce, outcome: Outcome::Done, code: None, observed, credential: None };
            self.report(service, outcome).await;
            return Some(service);
        }
        None
    }
}
