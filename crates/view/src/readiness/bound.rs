//! Whether config and retention policy are in order, and whether all of the bundle fits the engine.

use super::{CheckState, Inquiry, ReadinessCheck};
use control::{Merged, Published, Refusal, part_ready};
use model::{Digest, Resource};

impl Inquiry<'_> {
    /// The refusal of one thing that the bundle names, whatever else does not fit.
    pub(super) fn refusal_of(&self, resource: Resource, digest: Digest) -> Option<Refusal> {
        part_ready(self.state, self.engine, resource, digest).err()
    }

    /// Against what the program needs and its manifest allows.
    pub(super) fn config(&self) -> ReadinessCheck {
        let (what, title) = ("config", "Config complete");
        let check = |state, sentence: &str| ReadinessCheck::new(what, title, state, sentence);
        let bound = self.target.config;
        if let Some(refusal) = bound.and_then(|digest| self.refusal_of(Resource::Config, digest)) {
            return self.refused(what, title, &refusal);
        }
        let Some(profile) = self.state.resources.get(&self.target.artifact).and_then(Published::profile) else {
            return check(CheckState::Unknown, "It is not compared: what the program needs is not known.");
        };
        if let Err(refusal) = Merged::of(profile, bound.and_then(|digest| self.state.config(&digest))) {
            return self.refused(what, title, &refusal);
        }
        let Some(digest) = bound else {
            return check(CheckState::Ok, "It binds no config, and its program needs none.");
        };
        let name = self.names.resource(self.state, &digest);
        let sentence =
            format!("{name} sets what the program needs, within what its manifest allows; the ledger itself holds it.");
        self.recorded(check(CheckState::Ok, &sentence), &digest)
    }

    pub(super) fn retention(&self, policy: Digest) -> ReadinessCheck {
        let (what, title) = ("retention", "Retention policy recorded");
        if let Some(refusal) = self.refusal_of(Resource::Retention, policy) {
            return self.refused(what, title, &refusal);
        }
        let name = self.names.resource(self.state, &policy);
        let sentence = format!("{name} was not recalled, and the ledger itself holds it.");
        self.recorded(ReadinessCheck::new(what, title, CheckState::Ok, sentence), &policy)
    }

    fn recorded(&self, check: ReadinessCheck, digest: &Digest) -> ReadinessCheck {
        let entry = self.state.resources.get(digest).map(|published| published.index);
        ReadinessCheck { entry, ..check }
    }

    /// Sort of engine, memory, host names and whose lease it is.
    pub(super) fn engine(&self) -> ReadinessCheck {
        let (what, title) = ("fits", "Fits this engine");
        let check = |state, sentence: &str| ReadinessCheck::new(what, title, state, sentence);
        match &self.fits {
            Ok(_) => {
                check(CheckState::Ok, "Sort of engine, memory, host names and lease are within what it was given.")
            }
            Err(
                refusal @ (Refusal::RuntimeOther { .. }
                | Refusal::MemoryAboveProfile { .. }
                | Refusal::HostOther { .. }
                | Refusal::LeaseOfOther { .. }),
            ) => self.refused(what, title, refusal),
            Err(_) => check(CheckState::Unknown, "It is not compared while something that it names cannot be bound."),
        }
    }
}
