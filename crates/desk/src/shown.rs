//! What a person saw before they decided: bytes that came in between are never signed.

use crate::{DeskError, Fingerprint};
use model::Digest;

/// What a page or a command showed of a change, to be compared with what is about to be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    pub revision: u32,
    pub package: Digest,
    /// Digest of the plan; absent: there was none to be seen.
    pub plan: Option<Digest>,
}

impl Shown {
    /// Compares with the package as it stands.
    ///
    /// # Errors
    /// `change.moved` when it is another one.
    pub fn is_package(&self, revision: u32, package: &Digest) -> Result<(), DeskError> {
        if (self.revision, &self.package) == (revision, package) { Ok(()) } else { Err(moved(revision, package)) }
    }

    /// Compares with the plan as it stands.
    pub(crate) fn is_plan(&self, plan: &Digest) -> Result<(), DeskError> {
        let print = Fingerprint::of(plan);
        match &self.plan {
            Some(shown) if shown == plan => Ok(()),
            Some(_) => Err(refused(format!("the plan is another one than you were shown: fingerprint {print}"))),
            None => Err(refused(format!("there is a plan now, and you were shown none: fingerprint {print}"))),
        }
    }

    /// Compares with the fingerprint of the package that was read elsewhere.
    ///
    /// # Errors
    /// `change.moved` when it is another one's.
    pub fn has(&self, fingerprint: &Fingerprint) -> Result<(), DeskError> {
        if fingerprint.begins(&self.package) { Ok(()) } else { Err(moved(self.revision, &self.package)) }
    }
}

fn moved(revision: u32, package: &Digest) -> DeskError {
    let print = Fingerprint::of(package);
    refused(format!("the package is another one than you were shown: revision {revision}, fingerprint {print}"))
}

fn refused(message: String) -> DeskError {
    DeskError::Refused { code: "change.moved", message, next: "read it again, then decide".to_owned() }
}
