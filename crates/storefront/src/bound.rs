//! What a shop is bound to besides its release, as Engine Runtime tells it by environment.

use crate::StorefrontError;
use model::Digest;
use std::{ffi::OsString, path::PathBuf};

/// Directory of the unpacked theme.
pub const THEME_DIR: &str = "COUNTERSIGN_THEME_DIR";
/// Digest of the theme, 64 hexadecimal digits.
pub const THEME: &str = "COUNTERSIGN_THEME";
/// Digest of the artifact this process was started from, 64 hexadecimal digits.
pub const ARTIFACT: &str = "COUNTERSIGN_ARTIFACT";
/// Host names that the shop answers under beside its address, separated by commas.
pub const HOSTS: &str = "COUNTERSIGN_HOSTS";
/// A line that every page shows above its content, at most [`NOTICE_CHARS`] characters of text; none when it is empty.
pub const NOTICE: &str = "SHOP_NOTICE";
/// Longest notice.
pub const NOTICE_CHARS: usize = 200;

/// What a shop is bound to. Nothing of it has to be: then the shop looks as its release does.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Bound {
    /// Repeated by `/healthz`, so that a probe can compare it with what it started.
    pub artifact: Option<Digest>,
    pub theme: Option<BoundTheme>,
    /// The host names that its config binds to it.
    pub hosts: Vec<String>,
    /// What the engine's config says to every visitor.
    pub notice: Option<String>,
}

/// A theme to wear.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BoundTheme {
    /// The directory it is unpacked in; read once at start, never written.
    pub dir: PathBuf,
    /// Its digest, as people signed it.
    pub digest: Digest,
}

impl Bound {
    /// Reads the environment of this process.
    pub fn from_env() -> Result<Self, StorefrontError> {
        Self::read(|name| std::env::var_os(name))
    }

    fn read(get: impl Fn(&str) -> Option<OsString>) -> Result<Self, StorefrontError> {
        let wrong = |name: &'static str, what| StorefrontError::Environment { name, what };
        let digest = |name| {
            let parsed = |text: OsString| text.to_str().and_then(|text| text.parse().ok());
            get(name)
                .map(|text| parsed(text).ok_or(wrong(name, "is not a digest of 64 hexadecimal digits")))
                .transpose()
        };
        let theme = match (get(THEME_DIR), digest(THEME)?) {
            (Some(dir), Some(digest)) => Some(BoundTheme { dir: dir.into(), digest }),
            (None, None) => None,
            (Some(_), None) => return Err(wrong(THEME, "is missing beside COUNTERSIGN_THEME_DIR")),
            (None, Some(_)) => return Err(wrong(THEME_DIR, "is missing beside COUNTERSIGN_THEME")),
        };
        let notice = get(NOTICE).filter(|text| !text.is_empty());
        let notice = notice.map(|text| text.into_string().map_err(|_| wrong(NOTICE, "is not UTF-8"))).transpose()?;
        if notice.as_ref().is_some_and(|text| text.chars().count() > NOTICE_CHARS) {
            return Err(wrong(NOTICE, "is longer than 200 characters"));
        }
        let hosts = get(HOSTS).map(|text| text.into_string().map_err(|_| wrong(HOSTS, "is not UTF-8"))).transpose()?;
        let hosts = hosts.iter().flat_map(|text| text.split(',')).filter(|host| !host.is_empty());
        let hosts = hosts.map(str::to_owned).collect();
        Ok(Self { artifact: digest(ARTIFACT)?, theme, hosts, notice })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &[(&str, &str)]) -> Result<Bound, String> {
        let get = |name: &str| set.iter().find(|(set, _)| *set == name).map(|(_, text)| OsString::from(text));
        Bound::read(get).map_err(|error| error.to_string())
    }

    #[test]
    fn a_theme_is_both_its_directory_and_its_digest_or_none() {
        let (theme, artifact) = ("a".repeat(64), "b".repeat(64));
        let all = read(&[(THEME_DIR, "/srv/theme"), (THEME, &theme), (ARTIFACT, &artifact)]).unwrap();
        assert_eq!(all.artifact, Some(artifact.parse().unwrap()));
        assert_eq!(all.theme, Some(BoundTheme { dir: "/srv/theme".into(), digest: theme.parse().unwrap() }));
        assert_eq!(read(&[]).unwrap(), Bound::default());
        assert_eq!(read(&[(NOTICE, "Closed on Monday")]).unwrap().notice.as_deref(), Some("Closed on Monday"));
        assert_eq!(read(&[(NOTICE, "")]).unwrap().notice, None);
        assert_eq!(read(&[(HOSTS, "a.example,b.example")]).unwrap().hosts, ["a.example", "b.example"]);
        for (set, says) in [
            (vec![(NOTICE, &*"x".repeat(NOTICE_CHARS + 1))], "`SHOP_NOTICE` is longer than 200 characters"),
            (vec![(THEME_DIR, "/srv/theme")], "`COUNTERSIGN_THEME` is missing beside COUNTERSIGN_THEME_DIR"),
            (vec![(THEME, &*theme)], "`COUNTERSIGN_THEME_DIR` is missing beside COUNTERSIGN_THEME"),
            (vec![(THEME_DIR, "/srv/theme"), (THEME, "abc")], "`COUNTERSIGN_THEME` is not a digest"),
            (vec![(ARTIFACT, "")], "`COUNTERSIGN_ARTIFACT` is not a digest"),
        ] {
            let told = read(&set).unwrap_err();
            assert!(told.contains(says), "{told}");
        }
    }
}
