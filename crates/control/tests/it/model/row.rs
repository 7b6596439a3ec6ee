//! One change as the model knows it.

use control::{Body, Cap, Package, Terms};
use model::{Bundle, Digest, Instant, PersonId, Role};
use signed::Roster;
use std::collections::{BTreeMap, BTreeSet};

/// An approval.
pub struct Filled {
    pub signer: PersonId,
    pub filler: PersonId,
    pub key: Digest,
    pub at: Instant,
    pub index: u64,
}

/// The first of two people's words.
pub struct Word {
    pub person: PersonId,
    pub key: Digest,
    pub until: Instant,
    pub index: u64,
}

/// A change, from its opening or its last revision on.
pub struct Row {
    pub package: Package,
    /// The roster it would put in force.
    pub next: Option<Roster>,
    pub authors: BTreeSet<PersonId>,
    pub escalator: Option<PersonId>,
    pub sealed: u64,
    pub slots: Vec<Vec<Role>>,
    pub filled: BTreeMap<u32, Filled>,
    pub holds: BTreeSet<PersonId>,
    pub scheduled: Option<(PersonId, Digest)>,
    pub run: Option<u64>,
    /// Who ordered it.
    pub run_by: Option<PersonId>,
    /// What served when it was run.
    pub base: Option<Bundle>,
    pub unwinding: bool,
    pub abort: Option<Word>,
    pub reconcile: BTreeMap<PersonId, Word>,
    /// The step that is under way, and whether it is the compensation.
    pub begun: Option<(u32, bool)>,
    pub done: BTreeSet<(u32, bool)>,
    pub effective: bool,
    pub granted: bool,
    /// Until when it may be used, unless it was, or was revoked.
    pub warrant: Option<Instant>,
    pub ended: Option<&'static str>,
}

impl Row {
    pub fn new(package: Package, next: Option<Roster>, by: PersonId) -> Self {
        Self {
            package,
            next,
            authors: [by].into(),
            escalator: None,
            sealed: 0,
            slots: vec![],
            filled: BTreeMap::new(),
            holds: BTreeSet::new(),
            scheduled: None,
            run: None,
            run_by: None,
            base: None,
            unwinding: false,
            abort: None,
            reconcile: BTreeMap::new(),
            begun: None,
            done: BTreeSet::new(),
            effective: false,
            granted: false,
            warrant: None,
            ended: None,
        }
    }

    pub fn asked_for(&self, person: &PersonId) -> bool {
        self.authors.contains(person) || self.escalator == Some(*person)
    }

    /// What it keeps for itself while it is carried out.
    pub fn locks(&self) -> Vec<String> {
        let body = &self.package.body;
        match body {
            Body::RosterChange { .. } => vec!["roster".to_owned()],
            Body::Settings { name, .. } => vec![format!("document {name}")],
            Body::Grant { terms: Terms::Quota { tenant, .. }, .. } => vec![format!("quota {tenant}")],
            Body::Grant { terms: Terms::Cap(Cap { raises, .. }), .. } => {
                raises.iter().map(|lease| format!("lease {lease}")).collect()
            }
            Body::External { .. } => vec![],
            _ => body.engine().map(|(engine, _)| format!("engine {engine}")).into_iter().collect(),
        }
    }

    pub fn nobody_knows(&self) {
        assert!(self.run.is_some() && !self.effective, "nobody knows the end of what was not run");
    }

    pub fn takes_effect(&mut self) {
        assert!(self.run.is_some() && self.begun.is_none(), "effective without a run, or with a step under way");
        assert!(!std::mem::replace(&mut self.effective, true), "effective twice");
    }

    pub fn ends(&mut self, how: &'static str) {
        let before = ["rejected", "cancelled", "superseded", "expired"].contains(&how);
        assert_eq!(before, self.run.is_none(), "{how}");
        self.ended = Some(how);
    }
}
