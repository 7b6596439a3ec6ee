//! Why a brake is not taken: nothing has changed then.

use crate::FollowerError;
use control::{Inadmissible, NotBrake, Unauthentic};
use service_shell::Problem;

/// Why a brake is not taken.
#[derive(Debug, thiserror::Error)]
pub enum BrakeError {
    /// Not of this form, or not with its own texts.
    #[error("this is no brake: {0}")]
    Malformed(String),
    /// Not its claimed signer's.
    #[error(transparent)]
    Unauthentic(#[from] Unauthentic),
    /// It does not hold here and now.
    #[error(transparent)]
    NotBrake(#[from] NotBrake),
    /// As many stand as are kept.
    #[error("as many brakes stand here as are kept")]
    Full,
    /// This service has verified nothing yet.
    #[error("this service has not verified any of the ledger yet, so it cannot tell whose word this is")]
    NothingVerified,
    /// It could not be made durable.
    #[error(transparent)]
    Unwritten(#[from] FollowerError),
}

const SIGN_AGAIN: &str =
    "sign it again in a data directory of this ledger, with `countersign brake hold …` or its like";

impl From<BrakeError> for Problem {
    fn from(error: BrakeError) -> Self {
        let says = error.to_string();
        match &error {
            BrakeError::Malformed(_) => {
                Self::malformed("brake.malformed", says, "send what you would send to Governance")
            }
            BrakeError::Unauthentic(why) => unauthentic(why, says),
            BrakeError::NotBrake(why) => not_brake(why, says),
            BrakeError::Full => Self::too_many("brake.full", says, 60),
            BrakeError::NothingVerified => Self::unavailable(
                "ledger.not_verified",
                says,
                "hand it to the other services, and to this one again",
                5,
            ),
            BrakeError::Unwritten(why) => {
                tracing::error!(error = %why, "brake: could not be written down, so it was not taken");
                let says = "this service could not write it down, so it was not taken";
                Self::unavailable("brake.unwritten", says, "free its disk, then hand it again", 5)
            }
        }
    }
}

fn unauthentic(why: &Unauthentic, says: String) -> Problem {
    match why {
        Unauthentic::OtherLedger(_) => {
            Problem::refused("statement.other_ledger", says, "compare the genesis digest in your trust.json")
        }
        Unauthentic::Fork(_) => Problem::unauthenticated("statement.fork", says, SIGN_AGAIN),
        Unauthentic::Signature(_) => Problem::unauthenticated("statement.unsigned", says, SIGN_AGAIN),
        _ => Problem::unauthenticated("principal.unknown", says, "sign with a key that this ledger's roster lists"),
    }
}

fn not_brake(why: &NotBrake, says: String) -> Problem {
    match why {
        NotBrake::Count => Problem::malformed("brake.malformed", says, "send one statement, or two people's"),
        NotBrake::Gives(_) => Problem::forbidden("brake.gives", says, "send it to Governance, which decides it"),
        NotBrake::SecondMissing => {
            Problem::refused("brake.second_person", says, "let a second person sign the same, and send both")
        }
        NotBrake::Refused(refusal) => {
            let (what, next) = refusal.message(&|person| format!("person {person}"));
            Problem::refused(refusal.code(), what, next)
        }
        NotBrake::Inadmissible(why) => inadmissible(why, says),
    }
}

fn inadmissible(why: &Inadmissible, says: String) -> Problem {
    match why {
        Inadmissible::Spent(index) => {
            let next = "nothing: the ledger has it, and this service obeys the ledger";
            Problem::refused("command.spent", says, next).see_entry(*index)
        }
        Inadmissible::Ended(index) => {
            let next = "nothing: no step of it is begun any more";
            Problem::refused("change.ended", format!("the change has ended, in entry {index}"), next).see_entry(*index)
        }
        Inadmissible::UnknownObject => {
            let next = "check the id; if it is new, hand it again when this service has caught up";
            Problem::not_found("object.unknown", says, next)
        }
        Inadmissible::Stranger => {
            Problem::unauthenticated("principal.unknown", says, "sign with a key that this ledger's roster lists")
        }
        Inadmissible::OtherLedger => {
            Problem::refused("statement.other_ledger", says, "compare the genesis digest in your trust.json")
        }
        Inadmissible::NewerRules(_) => {
            Problem::unavailable("rules.unknown", says, "let an operator start a newer version of this service", 60)
        }
        _ => Problem::malformed("brake.malformed", says, SIGN_AGAIN),
    }
}
