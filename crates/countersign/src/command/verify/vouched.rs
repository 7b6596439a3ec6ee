//! Who vouches for the ledger: each signature names the newest tree that its signer had verified.

use control::Command;
use model::{PersonId, Service};
use serde::Serialize;
use std::collections::BTreeSet;

/// What a group of signers has vouched for.
#[derive(Debug, Default, Serialize)]
pub struct Vouched {
    /// How many of them signed something.
    pub signers: usize,
    pub signatures: u64,
    /// The largest tree that one of them had verified when they signed.
    pub seen: u64,
}

/// What people and services say they had verified; each root was compared with the tree.
#[derive(Debug, Default, Serialize)]
pub struct Vouchers {
    /// By signed statements.
    pub people: Vouched,
    /// By signed receipts.
    pub services: Vouched,
    #[serde(skip)]
    persons: BTreeSet<PersonId>,
    #[serde(skip)]
    executors: BTreeSet<(Service, Option<model::NodeId>)>,
}

impl Vouchers {
    /// Takes in what stands in a leaf.
    pub fn count(&mut self, command: &Command) {
        let (vouched, seen) = match command {
            Command::Signed { statement, .. } => {
                self.persons.insert(statement.person);
                self.people.signers = self.persons.len();
                (&mut self.people, statement.seen)
            }
            Command::Receipt { receipt, .. } => {
                self.executors.insert((receipt.service, receipt.node));
                self.services.signers = self.executors.len();
                (&mut self.services, receipt.seen)
            }
            Command::Genesis { .. } | Command::Session(_) | Command::Clock { .. } => return,
        };
        vouched.signatures += 1;
        vouched.seen = vouched.seen.max(seen.size);
    }

    /// A line for each group that signed.
    pub fn lines(&self) -> Vec<String> {
        let line = |vouched: &Vouched, who: &str| {
            let Vouched { signers, signatures, seen } = vouched;
            format!("{signatures} signatures of {signers} {who}, who had verified up to {seen} leaves before signing")
        };
        let groups = [(&self.people, "people"), (&self.services, "services")];
        groups.into_iter().filter(|(vouched, _)| vouched.signatures > 0).map(|(v, who)| line(v, who)).collect()
    }
}
