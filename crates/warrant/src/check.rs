//! Checking a file: every entry is decided again, under nothing but what was pinned.

use crate::{WarrantError, WarrantFile};
use control::{Broken, Change, Replayer, Standing, State, Warranted, governs};
use model::{ChangeId, Digest, Instant, PersonId, Role, Token};
use serde::Serialize;
use signed::Trust;
use std::collections::BTreeMap;
use tlog::checkpoint::Checkpoint;
use tlog::note::VerifierKey;
use tlog::{Tree, leaf_hash};

/// Who filled a slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Approved {
    /// Roles of the slot.
    pub roles: Vec<Role>,
    /// Whose slot it is.
    pub person: PersonId,
    /// Who signed in their place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<PersonId>,
    pub entry: u64,
}

/// What a file proves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    pub change: ChangeId,
    /// Who carries it out.
    pub target: Token,
    /// SHA-256 of what is carried out.
    pub digest: Digest,
    /// Digest of the package that was countersigned.
    pub package: Digest,
    /// Who asked for it.
    pub authors: Vec<PersonId>,
    /// Who countersigned it.
    pub approved: Vec<Approved>,
    /// Who ran it.
    pub run_by: PersonId,
    pub run_entry: u64,
    pub run_at: Instant,
    /// Good before then.
    pub until: Instant,
    /// Entries that were decided again: nothing is known of later ones.
    pub as_of: u64,
    /// When the last of them was recorded.
    pub as_of_time: Instant,
    #[serde(skip)]
    warrant: control::Warrant,
}

/// What somebody is about to do under a warrant. What is absent is not compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intended {
    /// SHA-256 of what would be carried out.
    pub digest: Option<Digest>,
    /// Who would carry it out.
    pub target: Option<Token>,
}

impl Intended {
    /// Whether it is what a warrant allows.
    ///
    /// # Errors
    /// What differs.
    pub fn is_of(&self, warranted: &Warranted) -> Result<(), WarrantError> {
        if let Some(asked) = self.digest.filter(|asked| *asked != warranted.digest) {
            return Err(WarrantError::OtherDigest { warranted: warranted.digest, asked });
        }
        match self.target.clone().filter(|asked| *asked != warranted.target) {
            Some(asked) => Err(WarrantError::OtherTarget { warranted: warranted.target.clone(), asked }),
            None => Ok(()),
        }
    }
}

/// Verifies a file: the checkpoint's signature, its root over the entries, and each entry's signatures
/// and decision under the pinned genesis.
///
/// # Errors
/// What contradicts or is missing; [`WarrantError::Missing`] when all is well and the change has no warrant.
pub fn check(file: &WarrantFile, trust: &Trust) -> Result<Checked, WarrantError> {
    if file.ledger != trust.genesis {
        return Err(WarrantError::OtherLedger(file.ledger));
    }
    let unusable = |error: tlog::TlogError| WarrantError::Inconclusive(format!("the trusted log key: {error}"));
    let keys: Vec<VerifierKey> =
        trust.log_keys.iter().map(|key| key.parse()).collect::<Result<_, _>>().map_err(unusable)?;
    let forged = |at, why| WarrantError::Forged { at, why };
    let checkpoint = Checkpoint::open(&file.checkpoint, &keys, &format!("{}/control", trust.origin));
    let checkpoint = checkpoint.map_err(|error| forged(None, error.to_string()))?;
    let entries = file.entries(checkpoint.size)?;
    let mut tree = Tree::new();
    for entry in &entries {
        tree.push(leaf_hash(entry));
    }
    if tree.root() != checkpoint.root {
        return Err(forged(None, format!("the entries are not the {} that the log signed", checkpoint.size)));
    }
    let mut replayer = Replayer::new(trust, file.held()?);
    let mut ended = BTreeMap::new();
    for entry in &entries {
        replayer.push(entry).map_err(|broken| match broken {
            Broken::Failed { index, why } => forged(Some(index), why),
            Broken::Inconclusive { index, why } => WarrantError::Inconclusive(format!("at leaf {index}: {why}")),
        })?;
        let own = replayer.ended().iter().find(|change| change.package.change == file.change);
        ended.extend(own.map(|change| (file.change, change.clone())));
    }
    let change = replayer.state().record(&ended, &file.change).ok();
    change.and_then(|change| found(replayer.state(), &change)).ok_or(WarrantError::Missing(file.change))
}

/// The warrant of a change in a state that was verified.
fn found(state: &State, change: &Change) -> Option<Checked> {
    let (warrant, run) = (change.warrant.clone()?, change.run.as_ref()?);
    let warranted = governs(change.kind).warranted(&change.package.body)?;
    Some(Checked {
        change: change.package.change,
        target: warranted.target,
        digest: warranted.digest,
        package: change.package_digest,
        authors: change.authors.iter().copied().collect(),
        approved: approved(state, change),
        run_by: run.person,
        run_entry: run.index,
        run_at: run.at,
        until: warrant.until,
        as_of: state.size,
        as_of_time: state.last,
        warrant,
    })
}

fn approved(state: &State, change: &Change) -> Vec<Approved> {
    let view = |(slot, approval): (&u32, &control::Approval)| Approved {
        roles: change.slot_roles(state, *slot),
        person: approval.filled_by(),
        signed_by: approval.on_behalf_of.map(|_| approval.person),
        entry: approval.index,
    };
    change.approvals.iter().map(view).collect()
}

impl Checked {
    /// Whether it allows what is intended at `now`: the later of one's own clock and the last entry counts.
    ///
    /// # Errors
    /// Why it does not.
    pub fn allows(&self, now: Instant, intended: &Intended) -> Result<(), WarrantError> {
        intended.is_of(&Warranted { target: self.target.clone(), digest: self.digest })?;
        stands(&self.warrant, now.max(self.as_of_time))
    }
}

/// Whether a warrant is good at `now`.
///
/// # Errors
/// Why it is not.
pub fn stands(warrant: &control::Warrant, now: Instant) -> Result<(), WarrantError> {
    match (warrant.standing(now), &warrant.used, warrant.revoked) {
        (Standing::Good, ..) => Ok(()),
        (Standing::Used, Some(used), _) => Err(WarrantError::Used { index: used.index, at: used.at }),
        (Standing::Revoked, _, Some(index)) => Err(WarrantError::Revoked { index }),
        _ => Err(WarrantError::Over { until: warrant.until }),
    }
}
