//! Names of files inside an artifact.

use crate::ArtifactError;
use serde::{Deserialize, Deserializer, Serialize};
use std::{fmt, path::PathBuf, str::FromStr};

/// Longest path, in characters.
pub const MAX_PATH: usize = 200;
/// Name of the manifest inside archive and tree; no other file may take it.
pub(crate) const MANIFEST: &str = "manifest.json";

/// A strictly relative path: segments of `A-Z a-z 0-9 . _ @ + -` joined by `/`, never `.` or `..`,
/// and never the manifest's own name. It always fits a ustar header, so no extension header is needed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct FilePath(String);

impl FilePath {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Every directory above the file, the outermost first.
    pub(crate) fn parents(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').map(|(at, _)| &self.0[..at])
    }

    /// The file below `root`.
    pub fn below(&self, root: &std::path::Path) -> PathBuf {
        root.join(&self.0)
    }
}

/// ustar (POSIX.1-2017, pax, "ustar Interchange Format") keeps 100 bytes of name and 155 of prefix.
fn fits_ustar(path: &str) -> bool {
    path.len() <= 100 || path.match_indices('/').any(|(at, _)| at <= 155 && path.len() - at - 1 <= 100)
}

impl FromStr for FilePath {
    type Err = ArtifactError;
    fn from_str(text: &str) -> Result<Self, ArtifactError> {
        let segment = |s: &str| {
            !matches!(s, "" | "." | "..") && s.bytes().all(|c| c.is_ascii_alphanumeric() || b"._@+-".contains(&c))
        };
        let good = text.len() <= MAX_PATH && text != MANIFEST && text.split('/').all(segment) && fits_ustar(text);
        if good { Ok(Self(text.to_owned())) } else { Err(ArtifactError::Path(text.chars().take(MAX_PATH).collect())) }
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for FilePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_could_leave_the_root_is_refused() {
        for text in [
            "",
            "/etc/passwd",
            "a//b",
            "../a",
            "a/../b",
            "./a",
            "a/",
            "a\\b",
            "a b",
            "a\0",
            "manifest.json",
            &"x".repeat(101),
            &"d/".repeat(101),
        ] {
            assert!(text.parse::<FilePath>().is_err(), "{text:?}");
        }
        assert_eq!("bin/store-front".parse::<FilePath>().unwrap().parents().collect::<Vec<_>>(), ["bin"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_accepted_path_fits_a_ustar_header(text in "[a-z]{1,90}(/[a-z]{1,90}){0,3}") {
            if let Ok(path) = text.parse::<FilePath>() {
                prop_assert!(tar::Header::new_ustar().set_path(path.as_str()).is_ok());
            }
        }
    }
}
