//! What is said with something wrong in it: another digest, another ledger, a fork, too late, by
//! another's key.

use super::play::Play;
use crate::world::{HOUR_MS, World};
use control::Command;
use model::{Digest, Role};
use signed::{Act, Binding, Reconciled, Statement};

/// What is wrong with the act.
fn spoil(act: &mut Act, slot: u32, wrong: u8) {
    let binding = |binding: &mut Binding| match wrong {
        0 => binding.plan = Digest::ZERO,
        1 => binding.package = Digest::ZERO,
        2 => binding.revision += 1,
        _ => {}
    };
    match act {
        Act::Approve { slot: of, binding: named, .. } | Act::Reject { slot: of, binding: named } => {
            *of = slot;
            binding(named);
        }
        Act::Seal { binding: named } | Act::Run { binding: named, .. } => binding(named),
        Act::Reconcile { outcome, .. } if wrong.is_multiple_of(2) => *outcome = Reconciled::AsPlanned,
        Act::Withdraw { revision, .. } | Act::Hold { revision, .. } | Act::Release { revision, .. } if wrong == 0 => {
            *revision += 1;
        }
        _ => {}
    }
}

/// What is wrong with the statement around it.
fn spoil_statement(world: &World, statement: &mut Statement, who: usize, wrong: u8) {
    match wrong {
        3 => statement.not_after = world.now,
        4 => statement.not_after = world.now.plus_millis(25 * HOUR_MS),
        5 => {
            let size = 2;
            statement.seen = signed::Seen { size, root: world.tree.root_at(size).unwrap() };
        }
        6 => statement.key = world.people[(who + 1) % 6].key_id,
        7 => statement.not_after = world.now.plus_millis(20 * HOUR_MS),
        8 => statement.seen.root = Digest::ZERO,
        9 => statement.ledger = Digest::ZERO,
        _ => {}
    }
}

impl Play {
    /// A verb as anybody might say it.
    pub fn sign_and_submit(&mut self, place: usize, who: usize, verb: &str, slot: u32, wrong: u8) {
        self.turn_to(place);
        let Some((id, _)) = self.at(place) else { return };
        let mut act = self.world.act(verb, id, Role::GovernanceOperator);
        spoil(&mut act, slot, wrong);
        let mut statement = self.world.statement(who, act);
        spoil_statement(&self.world, &mut statement, who, wrong);
        let command = self.world.sign(who, statement);
        // Signed by one and said to be another's.
        let command = match command {
            Command::Signed { mut statement, signature } if wrong == 10 => {
                statement.person = self.world.people[(who + 1) % 6].id;
                Command::Signed { statement, signature }
            }
            command => command,
        };
        self.attempt(command);
    }
}
