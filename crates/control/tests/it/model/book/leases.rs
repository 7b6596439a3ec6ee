//! What is granted, until when, what was used of it, and which processes may use it.

use super::{Book, Entry};
use control::{Body, Cap, ChangeEvent, Command, GrantEvent, TenantTerms, Terms};
use model::{ChangeId, Digest, EngineId, Instant, Service, Side};
use std::collections::{BTreeMap, BTreeSet};

/// Something granted.
struct Granted {
    terms: Terms,
    until: Option<Instant>,
    revoked: bool,
    /// The end of the last period that was counted.
    used: Option<Instant>,
}

/// What stands, who may use it, and what was looked at.
#[derive(Default)]
pub struct Leases {
    grants: BTreeMap<ChangeId, Granted>,
    /// Entries of the journal at its last report.
    journal: u64,
    pub credentials: BTreeMap<Digest, (EngineId, Side)>,
    looked_at: BTreeSet<Digest>,
}

/// Whether a lease needs no finance review.
pub(super) fn inside(terms: &TenantTerms, cap: &Cap) -> bool {
    let own = terms.tenants.iter().filter(|terms| terms.tenant == cap.tenant);
    let mut classes = own.flat_map(|terms| &terms.envelope).filter(|envelope| envelope.class == cap.class);
    classes
        .any(|envelope| envelope.period == cap.period && envelope.price == cap.price && envelope.cycles >= cap.cycles)
}

impl Granted {
    fn stands(&self, now: Instant) -> bool {
        !self.revoked && self.until.is_none_or(|until| now < until)
    }

    fn raises(&self) -> Option<ChangeId> {
        match &self.terms {
            Terms::Cap(cap) => cap.raises,
            Terms::Quota { .. } => None,
        }
    }
}

impl Leases {
    /// A credential is one process's, until that has another one or none.
    pub(super) fn given(&mut self, process: (EngineId, Side), credential: Option<Digest>) {
        self.credentials.retain(|_, known| *known != process);
        if let Some(credential) = credential {
            assert_eq!(self.credentials.insert(credential, process), None, "two processes with one credential");
        }
    }

    /// How far the journal of leases has come.
    pub(super) fn grown(&mut self, entry: &Entry, size: u64) {
        assert_eq!(entry.service(), Some(Service::Platform), "counted by another service");
        assert!(size > 0 && size >= self.journal, "the journal is shorter");
        self.journal = size;
    }

    /// Something published is certified, or found to be something else, once.
    pub(super) fn looked_at(&mut self, entry: &Entry, digest: Digest) {
        assert_eq!(entry.service(), Some(Service::Platform), "certified by another service");
        assert!(self.looked_at.insert(digest), "certified twice");
    }

    fn begins(&mut self, id: ChangeId, granted: Granted, now: Instant) {
        if let Some(lease) = granted.raises() {
            assert!(self.grants[&lease].stands(now), "it raises what is over");
            let mut others = self.grants.values().filter(|other| other.raises() == Some(lease));
            assert!(!others.any(|other| other.stands(now)), "two overrides of one lease");
        }
        self.grants.insert(id, granted);
    }
}

impl Entry<'_> {
    pub(super) fn service(&self) -> Option<Service> {
        match &self.leaf.command {
            Command::Receipt { receipt, .. } => Some(receipt.service),
            _ => None,
        }
    }
}

impl Book {
    pub(super) fn grant(&mut self, entry: &Entry, id: ChangeId, event: &GrantEvent) {
        let now = entry.leaf.now;
        if let GrantEvent::Started { until, .. } = event {
            let Body::Grant { terms, .. } = &self.carried_out(entry).package.body else { panic!("it grants nothing") };
            let granted = Granted { terms: terms.clone(), until: *until, revoked: false, used: None };
            assert!(entry.has(&ChangeEvent::Effective {}), "granted before it is effective");
            assert!(!std::mem::replace(&mut self.rows.get_mut(&id).unwrap().granted, true), "granted twice");
            return self.leases.begins(id, granted, now);
        }
        let journal_before = self.leases.journal;
        let granted = self.leases.grants.get_mut(&id).expect("it was granted");
        match event {
            GrantEvent::Started { .. } => {}
            GrantEvent::Revoked { .. } => {
                assert!(granted.stands(now), "revoked though it is over");
                granted.revoked = true;
            }
            GrantEvent::Ended { service, .. } => {
                assert!(!granted.stands(now), "over before its end");
                let enforces = match granted.terms {
                    Terms::Quota { .. } => Service::Engine,
                    Terms::Cap(_) => Service::Platform,
                };
                assert_eq!((*service, entry.service()), (enforces, Some(enforces)), "ended by who does not enforce it");
            }
            GrantEvent::Used { from, until, journal, .. } => {
                assert_eq!(entry.service(), Some(Service::Platform), "counted by another service");
                assert!(granted.raises().is_none(), "an override is used by nobody");
                assert!(*until <= now || !granted.stands(now), "counted before its end");
                assert!(granted.used.is_none_or(|before| before <= *from), "counted twice");
                assert!(journal.size >= journal_before, "the journal is shorter");
                granted.used = Some(*until);
                self.leases.journal = journal.size;
            }
        }
    }
}
