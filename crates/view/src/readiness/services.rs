//! What the services of the engine's node, and Integration Control, would say to a draft of the rollback.

use super::{CheckState, Inquiry, ReadinessCheck, unchecked_after_s};
use control::{Refusal, UNCHECKED_AFTER_MS};
use model::Service;

impl Inquiry<'_> {
    pub(super) fn node(&self) -> ReadinessCheck {
        let (what, title) = ("node", "Node reachable, with memory left");
        let missing = |service| self.refused(what, title, &Refusal::ObservationMissing { service });
        let unread = |service: Service| {
            let why = format!("What {} says of it was not read yet.", service.title());
            ReadinessCheck::new(what, title, CheckState::Unknown, why)
        };
        if self.observed.node.silent {
            return silent(missing(Service::Node), Service::Node);
        }
        if self.observed.engine.silent {
            return silent(missing(Service::Engine), Service::Engine);
        }
        let Some((at, node)) = self.observed.node.now() else { return unread(Service::Node) };
        let Some((_, Some(engine))) = self.observed.engine.now() else { return unread(Service::Engine) };
        let name = self.names.node(&self.engine.node);
        if node.node != Some(self.engine.node) {
            let why = format!("The Node Runtime that was asked is not that of {name}.");
            return ReadinessCheck::new(what, title, CheckState::Unknown, why).at(Some(at));
        }
        if let Some(why) = &engine.unobserved {
            let sentence = format!("Engine Runtime tells no draft what serves: {why}.");
            let next = "see what Engine Runtime says of the engine; a draft is told once front and record agree";
            return ReadinessCheck { sentence, ..missing(Service::Engine) }.next(next).at(Some(at));
        }
        let decided = self.engine.serving.map(|serving| (serving.side, serving.bundle.digest()));
        if (engine.generation, engine.serving) != (self.engine.generation, decided) {
            return self.refused(what, title, &Refusal::BaseDrifted {}).at(Some(at));
        }
        let Some(needs) = self.needs() else {
            let why = format!("{name} answers; how much memory the bundle needs is not known while it does not fit.");
            return ReadinessCheck::new(what, title, CheckState::Unknown, why).at(Some(at));
        };
        // Where the process that serves can be the bundle's already, nothing is started for it.
        let stays =
            self.engine.bundle().is_some_and(|serving| serving != self.target && serving.runs_like(&self.target));
        let (needed_mib, free_mib) = (if stays { 0 } else { needs.memory_mib }, node.memory_free_mib);
        if needed_mib > free_mib {
            let refusal = Refusal::PlacementInsufficient { needed_mib, free_mib };
            return self.refused(what, title, &refusal).at(Some(at));
        }
        let left =
            format!("{name} and its Engine Runtime answer; {needed_mib} MiB are needed, {free_mib} MiB are left.");
        ReadinessCheck::new(what, title, CheckState::Ok, left).at(Some(at))
    }

    /// Outside bindings are read before a rollback; without that it goes on after a while, and is reviewed.
    pub(super) fn integration(&self) -> ReadinessCheck {
        let (what, title) = ("integration", "Outside bindings read");
        let check = |state, sentence: String| ReadinessCheck::new(what, title, state, sentence);
        if self.observed.integration.silent {
            let seconds = unchecked_after_s();
            let why = format!(
                "Integration Control does not answer: after {seconds} s a rollback goes on without the reading of outside \
                 bindings, and is reviewed afterwards."
            );
            let after_ms = Some(UNCHECKED_AFTER_MS);
            return ReadinessCheck { after_ms, ..check(CheckState::Ok, why) };
        }
        match self.observed.integration.now() {
            Some((at, true)) => {
                let why = "Integration Control reads what the engine is bound to outside.";
                check(CheckState::Ok, why.to_owned()).at(Some(at))
            }
            Some((at, false)) => {
                let why = "Integration Control did not name this engine when it was read.";
                check(CheckState::Unknown, why.to_owned()).next("see whether it follows the ledger").at(Some(at))
            }
            None => check(CheckState::Unknown, "What Integration Control says of it was not read yet.".to_owned()),
        }
    }
}

/// What a rollback waits for that a service does not observe.
fn silent(check: ReadinessCheck, service: Service) -> ReadinessCheck {
    let sentence = format!("{} does not answer, and no rollback is planned without it.", service.title());
    let next = format!("see whether {} is live", service.title());
    ReadinessCheck { sentence, ..check }.next(next)
}
