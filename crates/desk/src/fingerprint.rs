//! The beginning of a digest, as people compare it.

use model::Digest;
use std::{fmt, str::FromStr};

/// Fewest digits that say anything.
const DIGITS_MIN: usize = 16;
/// All digits of a digest.
const DIGITS_MAX: usize = 64;
/// Digits that are shown: 128 bits, so that nobody finds a second package that looks the same.
const DIGITS_SHOWN: usize = 32;

/// The first digits of a digest: 16 to 64, lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint(String);

/// A text that is no fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint is 16 to 64 hexadecimal digits, spaces between them allowed: copy it from the change's page")]
pub struct FingerprintError;

impl Fingerprint {
    /// As it is shown: the first 16 bytes.
    pub fn of(digest: &Digest) -> Self {
        let mut digits = digest.to_string();
        digits.truncate(DIGITS_SHOWN);
        Self(digits)
    }

    /// Whether a digest begins like this.
    pub fn begins(&self, digest: &Digest) -> bool {
        digest.to_string().starts_with(&self.0)
    }
}

impl fmt::Display for Fingerprint {
    /// `6bd7 81c2 …`: in groups of four.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.char_indices().try_for_each(|(place, digit)| {
            let gap = if place > 0 && place % 4 == 0 { " " } else { "" };
            write!(f, "{gap}{digit}")
        })
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    /// A whole digest, or its beginning, spaced or not.
    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let digits: String = text.chars().filter(|c| *c != ' ').take(DIGITS_MAX + 1).collect();
        let good = (DIGITS_MIN..=DIGITS_MAX).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
        if good { Ok(Self(digits.to_ascii_lowercase())) } else { Err(FingerprintError) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fingerprint, FingerprintError};
    use model::Digest;

    #[test]
    fn what_is_shown_is_read_back_and_means_this_digest_alone() {
        for seed in 0..32 {
            let (digest, other) = (Digest::of_bytes(&[seed]), Digest::of_bytes(&[seed + 1]));
            let shown = Fingerprint::of(&digest);
            assert_eq!(shown.to_string().len(), 39);
            for text in [
                shown.to_string(),
                digest.to_string(),
                digest.to_string().to_uppercase(),
                digest.to_string()[..16].to_owned(),
            ] {
                let read: Fingerprint = text.parse().unwrap();
                assert!(read.begins(&digest) && !read.begins(&other), "{text}");
            }
            assert_eq!(shown.to_string().parse(), Ok(shown));
        }
    }

    #[test]
    fn too_little_too_much_and_other_letters_are_refused() {
        for text in [
            "",
            "6bd781c26bd781c",
            "6bd7 81c2 6bd7 81c",
            "6bd7 81c2 6bd7 81cg",
            &"0".repeat(65),
            "6bd781c2-6bd781c2",
            "6bd781c2\u{a0}6bd781c2",
        ] {
            assert_eq!(text.parse::<Fingerprint>(), Err(FingerprintError), "{text}");
        }
    }
}
