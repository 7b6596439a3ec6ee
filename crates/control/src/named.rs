//! Which texts say what something is called, and what they were committed to: so that who shows a
//! text can compute its commitment first. No text is here.

use crate::{Command, Leaf, Package, Verdict};
use model::{ChangeId, CommandId, Digest, EngineId, PersonId, TenantId};
use serde::{Deserialize, Serialize};
use signed::{Act, Opening, Part, REASON, commit};

/// The `about` of a part that says what its subject, or what the command registers, is called.
const NAME: &str = "name";
/// The `about` of a package's line.
const TITLE: &str = "title";

/// What a text is the name, the title or the reason of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Named {
    Person(PersonId),
    Tenant(TenantId),
    Engine(EngineId),
    Resource(Digest),
    Title(ChangeId),
    Reason(ChangeId),
}

/// What one text was committed to, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Committed {
    /// The command, or the package's nonce in its place.
    pub to: CommandId,
    /// Position among its parts.
    pub position: u32,
    pub commitment: Digest,
}

impl Committed {
    fn at(to: CommandId, position: usize, part: &Part) -> Self {
        Self { to, position: u32::try_from(position).unwrap_or(u32::MAX), commitment: part.commitment }
    }

    /// Whether this is the text that was committed to in `ledger`.
    pub fn opens(&self, ledger: &Digest, opening: &Opening) -> bool {
        opens(ledger, &self.to, self.position as usize, &self.commitment, opening)
    }
}

/// Whether an opening is the text that a commitment of `ledger` is to. The parts of the genesis, whose
/// digest covers them, are bound to the zero digest in the ledger's place.
pub fn opens(ledger: &Digest, to: &CommandId, position: usize, commitment: &Digest, opening: &Opening) -> bool {
    [*ledger, Digest::ZERO].iter().any(|bound| commit(bound, to, position, opening).is_ok_and(|own| own == *commitment))
}

/// The first part about something.
fn first(to: CommandId, parts: &[Part], about: &str) -> Option<Committed> {
    let found = parts.iter().enumerate().find(|(_, part)| part.about.as_str() == about);
    found.map(|(position, part)| Committed::at(to, position, part))
}

/// The parts that say what people are called.
fn people(to: CommandId, parts: &[Part]) -> Vec<(Named, Committed)> {
    let named = parts.iter().enumerate().filter(|(_, part)| part.about.as_str() == NAME);
    named
        .filter_map(|(position, part)| {
            Some((Named::Person(PersonId(part.subject?.0)), Committed::at(to, position, part)))
        })
        .collect()
}

impl Package {
    /// The texts of its parts: title and reason.
    pub fn named(&self) -> Vec<(Named, Committed)> {
        let to = CommandId(self.nonce.0);
        let title = first(to, &self.parts, TITLE).map(|at| (Named::Title(self.change), at));
        let reason = first(to, &self.parts, REASON).map(|at| (Named::Reason(self.change), at));
        title.into_iter().chain(reason).collect()
    }

    /// What its parts call people: it counts once the roster that lists them is in force.
    pub fn people_named(&self) -> Vec<(Named, Committed)> {
        people(CommandId(self.nonce.0), &self.parts)
    }
}

/// What an accepted leaf's own parts call something.
pub fn named(leaf: &Leaf) -> Vec<(Named, Committed)> {
    if leaf.verdict != Verdict::Accepted {
        return vec![];
    }
    match &leaf.command {
        Command::Genesis { genesis, .. } => people(genesis.command, &genesis.parts),
        Command::Signed { statement, .. } => {
            let named = match &statement.act {
                Act::RegisterTenant { tenant } => Named::Tenant(*tenant),
                Act::RegisterEngine { engine, .. } => Named::Engine(*engine),
                Act::Publish { digest, .. } => Named::Resource(*digest),
                _ => return vec![],
            };
            first(statement.command, &statement.parts, NAME).map(|at| (named, at)).into_iter().collect()
        }
        Command::Receipt { .. } | Command::Session(_) | Command::Clock { .. } => vec![],
    }
}
