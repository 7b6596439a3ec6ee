//! What a verification answers: never a boolean.

use serde::Serialize;
use std::fmt;

/// The answers of any verification. Only the first two let anything through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Everything checked holds, and independent witnesses saw the same log.
    Verified,
    /// Everything checked holds, but no witness vouches that others see the same log.
    VerifiedThisServerOnly,
    /// The bytes are those that were hashed and signed for by the log. Who said what, and whether it was
    /// allowed, was not looked at: nobody asked.
    Intact,
    /// The log does not cover it yet; asking again later can answer.
    NotYet,
    /// Nothing could be concluded: nothing to check, truncated data or newer rules.
    Inconclusive {
        /// What is missing, and what to do.
        why: String,
        /// Index of the first entry that could not be checked.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<u64>,
    },
    /// Something contradicts: tampered, forked or forged.
    Failed {
        /// Index of the first entry that contradicts.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<u64>,
        /// What contradicts what.
        why: String,
    },
}

impl Verdict {
    /// The exit code of commands that verify: 0 verified (against this server alone included),
    /// 1 failed, 3 inconclusive, 4 not yet, 7 intact and no more. 2 stays free for wrong usage.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Verified | Self::VerifiedThisServerOnly => 0,
            Self::Failed { .. } => 1,
            Self::Inconclusive { .. } => 3,
            Self::NotYet => 4,
            Self::Intact => 7,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verified => f.write_str("verified"),
            Self::VerifiedThisServerOnly => f.write_str("verified against this server only (no witness)"),
            Self::Intact => f.write_str("intact, not verified: only hashes and the log's own signatures were checked"),
            Self::NotYet => f.write_str("not yet: the log does not cover this yet; ask again later"),
            Self::Inconclusive { why, at: Some(at) } => write!(f, "inconclusive at {at}: {why}"),
            Self::Inconclusive { why, at: None } => write!(f, "inconclusive: {why}"),
            Self::Failed { at: Some(at), why } => write!(f, "FAILED at {at}: {why}"),
            Self::Failed { at: None, why } => write!(f, "FAILED: {why}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_verified_answers_exit_with_zero() {
        let inconclusive = Verdict::Inconclusive { why: "nothing to check".into(), at: None };
        let failed = Verdict::Failed { at: Some(7), why: "leaf 7 was altered".into() };
        let all =
            [Verdict::Verified, Verdict::VerifiedThisServerOnly, failed.clone(), inconclusive.clone(), Verdict::NotYet];
        assert_eq!(all.map(|verdict| verdict.exit_code()), [0, 0, 1, 3, 4]);
        assert_eq!(Verdict::Intact.exit_code(), 7);
        assert!(Verdict::Intact.to_string().starts_with("intact, not verified"));
        assert_eq!(failed.to_string(), "FAILED at 7: leaf 7 was altered");
        assert_eq!(inconclusive.to_string(), "inconclusive: nothing to check");
        assert_eq!(Verdict::VerifiedThisServerOnly.to_string(), "verified against this server only (no witness)");
        let json = serde_json::to_string(&failed).unwrap();
        assert_eq!(json, r#"{"verdict":"failed","at":7,"why":"leaf 7 was altered"}"#);
        assert_eq!(
            serde_json::to_string(&inconclusive).unwrap(),
            r#"{"verdict":"inconclusive","why":"nothing to check"}"#
        );
    }
}
