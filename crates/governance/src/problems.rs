//! What is wrong with a command, as an answer: codes are stable, words are the user's.

use control::{Inadmissible, Unauthentic};
use ledger::SubmitError;
use service_shell::Problem;
use signed::SignedError;

const SIGN_AGAIN: &str = "let your client read the newest checkpoint of this ledger and sign again";

/// What helps a service or a console that the roster does not list; a roster is fixed at the founding.
pub(crate) const LISTED_KEY: &str =
    "start it with the key that the roster lists for it: `countersign audit show 0` shows the roster";

/// A command that is not its claimed author's. It leaves nothing.
pub(crate) fn unauthentic(why: &Unauthentic) -> Problem {
    let says = why.to_string();
    match why {
        Unauthentic::OtherLedger(_) => other_ledger(),
        Unauthentic::Stranger(_) => {
            Problem::unauthenticated("principal.unknown", says, "sign with a key that this ledger's roster lists")
        }
        Unauthentic::UnknownService | Unauthentic::UnknownConsole => {
            Problem::unauthenticated("principal.unknown", says, LISTED_KEY)
        }
        Unauthentic::Signature(_) => Problem::unauthenticated("statement.unsigned", says, SIGN_AGAIN),
        Unauthentic::Fork(_) => Problem::unauthenticated("statement.fork", says, SIGN_AGAIN),
        Unauthentic::Founders(..) => Problem::unauthenticated("statement.unsigned", says, "let more founders sign"),
    }
}

/// Something signed for another ledger. It leaves nothing.
pub(crate) fn other_ledger() -> Problem {
    Problem::refused(
        "statement.other_ledger",
        "signed for another ledger than this one",
        "compare the genesis digest in your trust.json with this ledger's",
    )
}

/// A command that is not one to decide. It leaves nothing.
pub(crate) fn inadmissible(why: &Inadmissible) -> Problem {
    let says = why.to_string();
    match why {
        Inadmissible::Genesis | Inadmissible::Founding(_) | Inadmissible::Key(_) | Inadmissible::LogKey(_) => {
            Problem::malformed("command.not_accepted", says, "found a ledger with `countersign init`")
        }
        Inadmissible::OtherLedger => other_ledger(),
        Inadmissible::Stranger => {
            Problem::unauthenticated("principal.unknown", says, "sign with a key that this ledger's roster lists")
        }
        Inadmissible::Spent(index) => {
            Problem::refused("command.spent", says, "it counts once; sign another one if you mean it again")
                .see_entry(*index)
        }
        Inadmissible::UnknownObject => {
            Problem::not_found("object.unknown", says, "check the id; what was just recorded can be asked for at once")
        }
        Inadmissible::MissingBlob => {
            Problem::not_found("blob.missing", says, "send the package, and the document it names, with the command")
        }
        Inadmissible::OtherPackage => {
            Problem::refused("package.other", says, "assemble the package again for this ledger and this change")
        }
        Inadmissible::NoChange => Problem::refused("nothing.new", says, "there is nothing to do"),
        Inadmissible::Ended(entry) => {
            let message = format!("the change has ended: entry {entry} closed it, and nothing more is said about it");
            Problem::refused(
                "change.ended",
                message,
                "ask for it again as another change, with `countersign change new …`",
            )
            .see_entry(*entry)
        }
        Inadmissible::NewerRules(_) => {
            Problem::unavailable("rules.unknown", says, "let an operator start a newer version of this service", 60)
        }
        Inadmissible::Lifetime { .. } => Problem::malformed(
            "credential.lifetime",
            says,
            "compare your clock with the ledger's and set right whichever is wrong; then sign in again",
        ),
        Inadmissible::Bounds(_) => Problem::malformed("command.bounds", says, "correct that field and sign again"),
    }
}

/// Openings that do not fit what was signed.
pub(crate) fn opening(why: &SignedError) -> Problem {
    Problem::malformed("openings.differ", why.to_string(), "send exactly the openings of the parts, in their order")
}

/// A command the writer gave no verdict on.
pub(crate) fn submit(why: &SubmitError) -> Problem {
    let says = why.to_string();
    match why {
        SubmitError::Busy => Problem::too_many("busy", says, 1),
        SubmitError::DiskFull => Problem::unavailable("ledger.disk_full", says, "free disk space, then ask again", 5),
        SubmitError::Clock(_) => Problem::unavailable(
            "ledger.clock",
            says,
            "let an operator set Governance's clock right, or accept it as the message says; nothing was recorded",
            60,
        ),
        SubmitError::Unknown => Problem::unavailable("unknown", says, "ask again with the same command", 1),
        SubmitError::Stopped(_) => {
            tracing::warn!(%why, "governance: a command came after the ledger's end");
            Problem::unavailable("ledger.stopped", "the ledger takes no commands now", "ask again in a moment", 2)
        }
        SubmitError::Begun | SubmitError::Refused(_) => {
            tracing::error!(%why, "governance: a first leaf was submitted to a running ledger");
            Problem::internal()
        }
    }
}

/// Texts that could not be sealed or a blob that could not be kept: nothing was submitted.
pub(crate) fn storage(why: &ledger::LedgerError) -> Problem {
    match why {
        ledger::LedgerError::TooLarge { .. } => Problem::malformed(
            "openings.too_large",
            "the texts of one command hold at most 60,000 bytes together",
            "shorten them and sign again",
        ),
        ledger::LedgerError::Erased(_) => Problem::refused(
            "subject.erased",
            "a text is about somebody whose texts were erased",
            "leave that text out and sign again",
        ),
        error => {
            tracing::error!(%error, "governance: a text or blob could not be stored");
            Problem::internal()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Digest, Instant};

    fn said(problem: &Problem) -> (u16, &'static str, Option<u64>) {
        assert!(!problem.body().error.message.is_empty() && !problem.body().error.next.is_empty());
        (problem.status().as_u16(), problem.code(), problem.body().error.entry)
    }

    #[test]
    fn what_the_writer_did_not_decide() {
        for (why, status, code) in [
            (SubmitError::Busy, 429, "busy"),
            (SubmitError::DiskFull, 503, "ledger.disk_full"),
            (SubmitError::Clock("it jumped".to_owned()), 503, "ledger.clock"),
            (SubmitError::Unknown, 503, "unknown"),
            (SubmitError::Stopped("it closed".to_owned()), 503, "ledger.stopped"),
            (SubmitError::Begun, 500, "internal"),
            (SubmitError::Refused("no".to_owned()), 500, "internal"),
        ] {
            assert_eq!(said(&submit(&why)), (status, code, None));
        }
    }

    #[test]
    fn what_is_not_its_authors() {
        let person = model::PersonId([1; 16]);
        for (why, status, code) in [
            (Unauthentic::OtherLedger(Digest::ZERO), 409, "statement.other_ledger"),
            (Unauthentic::Stranger(person), 401, "principal.unknown"),
            (Unauthentic::UnknownService, 401, "principal.unknown"),
            (Unauthentic::UnknownConsole, 401, "principal.unknown"),
            (Unauthentic::Signature(SignedError::Mismatch), 401, "statement.unsigned"),
            (Unauthentic::Fork(3), 401, "statement.fork"),
            (Unauthentic::Founders(1, 2), 401, "statement.unsigned"),
        ] {
            assert_eq!(said(&unauthentic(&why)), (status, code, None));
        }
    }

    #[test]
    fn what_is_not_one_to_decide() {
        for (why, status, code, see_entry) in [
            (Inadmissible::Genesis, 400, "command.not_accepted", None),
            (Inadmissible::Founding("no".into()), 400, "command.not_accepted", None),
            (Inadmissible::OtherLedger, 409, "statement.other_ledger", None),
            (Inadmissible::Stranger, 401, "principal.unknown", None),
            (Inadmissible::Spent(7), 409, "command.spent", Some(7)),
            (Inadmissible::UnknownObject, 404, "object.unknown", None),
            (Inadmissible::MissingBlob, 404, "blob.missing", None),
            (Inadmissible::OtherPackage, 409, "package.other", None),
            (Inadmissible::NoChange, 409, "nothing.new", None),
            (Inadmissible::Ended(9), 409, "change.ended", Some(9)),
            (Inadmissible::NewerRules(7), 503, "rules.unknown", None),
            (Inadmissible::Bounds("the port"), 400, "command.bounds", None),
            (
                Inadmissible::Lifetime { bounds: "at most 24 h", expires: Instant::EPOCH, now: Instant::EPOCH },
                400,
                "credential.lifetime",
                None,
            ),
        ] {
            assert_eq!(said(&inadmissible(&why)), (status, code, None), "no leaf records it");
            assert_eq!(inadmissible(&why).body().error.see_entry, see_entry);
        }
    }

    #[test]
    fn what_could_not_be_stored() {
        let large = ledger::LedgerError::TooLarge { what: "the payload", size: 60_001, limit: 60_000 };
        assert_eq!(said(&storage(&large)), (400, "openings.too_large", None));
        let erased = ledger::LedgerError::Erased(model::Id([1; 16]));
        assert_eq!(said(&storage(&erased)), (409, "subject.erased", None));
        assert_eq!(said(&storage(&ledger::LedgerError::Unsealed)), (500, "internal", None));
    }
}
