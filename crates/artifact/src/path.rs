//! Names of files inside an artifact.

use crate::{ArtifactError, text::is_plain};
use serde::{Deserialize, Deserializer, Serialize};
use std::{fmt, path::PathBuf, str::FromStr};

/// Longest path, in bytes.
pub const MAX_PATH: usize = 1_024;
/// Longest name between two slashes, in bytes: what Linux file systems keep.
const MAX_SEGMENT: usize = 255;
/// Name of the manifest inside archive and tree; no other file may take it.
pub(crate) const MANIFEST: &str = "manifest.json";

/// A strictly relative path: names of any script joined by `/`, never `.` or `..`, without control characters and
/// without backslashes, and never the manifest's own name. It stands in canonical JSON as it is, byte for byte: it is
/// not brought into a normal form, because a program asks for its files by their bytes.
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

/// Whether a name needs no extension: ustar (POSIX.1-2017, pax, "ustar Interchange Format") keeps 100 bytes of name and
/// 155 of prefix, in ASCII.
pub(crate) fn fits_ustar(path: &str) -> bool {
    let short = path.len() <= 100 || path.match_indices('/').any(|(at, _)| at <= 155 && path.len() - at - 1 <= 100);
    path.is_ascii() && short
}

/// Why a text is no path, and what to do.
fn fault(text: &str) -> Option<&'static str> {
    let is_manifest = text == MANIFEST || text.strip_prefix(MANIFEST).is_some_and(|rest| rest.starts_with('/'));
    let rules = [
        (text.is_empty(), "it has no name; give it one"),
        (text.len() > MAX_PATH, "it is longer than 1,024 bytes; shorten the names of its directories"),
        (text.starts_with('/'), "it begins with /; name it from the directory that is packed"),
        (
            text.split('/').any(|name| matches!(name, "" | "." | "..")),
            "it holds `..`, `.` or an empty name; name it from the directory that is packed",
        ),
        (text.split('/').any(|name| name.len() > MAX_SEGMENT), "one of its names is longer than 255 bytes; shorten it"),
        (text.contains('\\'), "it holds a backslash, which other systems read as a separator; rename it"),
        (
            !is_plain(text),
            "it holds a control character, or one that reorders what is shown, and cannot be written into the manifest; \
             rename it",
        ),
        (is_manifest, "this name is the manifest's own; rename it, or put it into a directory"),
    ];
    rules.into_iter().find_map(|(broken, why)| broken.then_some(why))
}

impl FromStr for FilePath {
    type Err = ArtifactError;
    fn from_str(text: &str) -> Result<Self, ArtifactError> {
        match fault(text) {
            None => Ok(Self(text.to_owned())),
            Some(why) => Err(ArtifactError::path(text, why)),
        }
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
    fn what_could_leave_the_root_or_mislead_a_reader_is_refused_with_the_reason() {
        for (text, why) in [
            ("", "no name"),
            ("/etc/passwd", "begins with /"),
            ("a//b", "empty name"),
            ("../a", "`..`"),
            ("a/../b", "`..`"),
            ("./a", "`.`"),
            ("a/", "empty name"),
            ("a\\b", "backslash"),
            ("a\0", "control"),
            ("a\nb", "control"),
            ("a\u{2028}b", "control"),
            ("a\u{202e}gpj.exe", "reorders"),
            ("manifest.json", "manifest's own"),
            ("manifest.json/x", "manifest's own"),
            (&"x".repeat(256), "255 bytes"),
            (&"d/".repeat(600), "1,024 bytes"),
        ] {
            let said = text.parse::<FilePath>().unwrap_err().to_string();
            assert!(said.contains(why) && !said.contains('\n') && !said.contains('\u{202e}'), "{text:?}: {said}");
        }
        assert_eq!("bin/store-front".parse::<FilePath>().unwrap().parents().collect::<Vec<_>>(), ["bin"]);
    }

    #[test]
    fn a_name_may_be_of_any_script_and_keeps_its_bytes() {
        for text in
            ["a b.txt", "Über uns/größe (1).html", "e\u{301}", "写真/猫.jpg", "[id].js", "x/manifest.json", "~$a#%"]
        {
            assert_eq!(text.parse::<FilePath>().unwrap().as_str(), text);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn what_is_said_to_fit_a_ustar_header_fits_one(text in "[a-z]{1,90}(/[a-zé]{1,90}){0,3}") {
            prop_assert!(!fits_ustar(&text) || tar::Header::new_ustar().set_path(&text).is_ok());
        }
    }
}
