//! Exit codes, as the last lines of `countersign --help` say.

/// Exit code of a ledger that is not what it claims to be.
pub const EXIT_FAILED: u8 = 1;
/// Exit code when what the person gave is wrong: the words, or a file that they named.
pub const EXIT_USAGE: u8 = 2;
/// Exit code when nothing can be concluded.
pub const EXIT_INCONCLUSIVE: u8 = 3;
/// Exit code of every other error (`EX_SOFTWARE` of sysexits.h).
pub const EXIT_OTHER: u8 = 70;
/// Exit code of a refusal by a rule of the ledger.
pub const EXIT_REFUSED: u8 = 5;
/// Exit code of a refusal to start (`EX_CONFIG` of sysexits.h); the supervisor does not try again.
pub const EXIT_CONFIG: u8 = 78;
/// Exit code when a service answers and is not ready. 7 is a verdict's ([`tlog::Verdict::exit_code`]).
pub const EXIT_NOT_READY: u8 = 8;
/// Exit code when a service does not answer.
pub const EXIT_UNREACHABLE: u8 = 6;
