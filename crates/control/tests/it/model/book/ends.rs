//! How a change ends, and what its warrant comes to.

use super::{Book, Entry, Row};
use control::ChangeEvent;
use model::Role;

impl Book {
    pub(super) fn warrant(&self, entry: &Entry, row: &mut Row, event: &ChangeEvent) {
        match event {
            ChangeEvent::WarrantIssued { until } => {
                assert!(row.run.is_some(), "a warrant of what was not run");
                row.warrant = Some(*until);
            }
            ChangeEvent::WarrantUsed {} => {
                let (by, key) = entry.signer();
                let machines = &self.roster.as_ref().unwrap().machines;
                assert!(machines.iter().any(|known| (known.id, known.key.id) == (by, key)), "used by no machine");
                let good = row.warrant.take().is_some_and(|until| entry.leaf.now < until);
                assert!(good, "used twice, late, or after its end");
            }
            _ => {
                self.speaks(entry, Role::ALL);
                assert!(row.warrant.take().is_some(), "revoked though it was no more");
            }
        }
    }

    pub(super) fn ended(&self, entry: &Entry, row: &mut Row, event: &ChangeEvent) {
        match event {
            ChangeEvent::Rejected { .. } => {
                let by = self.speaks(entry, Role::ALL);
                assert!(!row.asked_for(&by) && !self.concerned(row).contains(&by), "rejected by somebody barred");
                row.ends("rejected");
            }
            ChangeEvent::Cancelled {} => {
                let (by, key) = entry.signer();
                assert!(self.key_since(&key, entry.index), "the key does not sign");
                let operator = self.role_since(&by, &[Role::GovernanceOperator], entry.index);
                assert!(operator || row.authors.contains(&by), "cancelled by neither author nor operator");
                assert!(!self.concerned(row).contains(&by), "cancelled by somebody concerned");
                row.ends("cancelled");
            }
            ChangeEvent::Superseded { .. } => {
                assert!(!self.concerned(row).contains(&entry.signer().0), "superseded by somebody concerned");
                row.ends("superseded");
            }
            ChangeEvent::Failed {} => {
                if let Some((engine, _)) = row.package.body.engine() {
                    assert_eq!(self.serving[&engine], row.base, "what failed left nothing behind");
                }
                row.ends("failed");
            }
            ChangeEvent::Expired {} | ChangeEvent::Invalidated { .. } | ChangeEvent::Closed {} => {
                row.ends(event.name().word());
            }
            _ => {}
        }
    }
}
