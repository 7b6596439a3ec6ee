//! A theme while it is worn: checked once more, then held in memory as it is served.

use crate::{BoundTheme, ServedFile, StorefrontError, ThemeFiles};
use model::Digest;
use std::collections::BTreeMap;

/// A theme that is worn.
#[derive(Clone, Debug)]
pub(crate) struct Worn {
    pub(crate) digest: Digest,
    /// Style sheets as pages link them, in their order.
    pub(crate) sheets: Vec<String>,
    files: BTreeMap<String, ServedFile>,
}

impl Worn {
    /// Reads every file of the theme. One that is none, or not wholly one, is not worn: who certified it may have had
    /// other rules, and what stands in a page is this process's own affair.
    pub(crate) fn load(bound: &BoundTheme) -> Result<Self, StorefrontError> {
        let checked = ThemeFiles::read(&bound.dir)?;
        let ThemeFiles { summary, files } =
            checked.map_err(|faults| StorefrontError::Theme { dir: bound.dir.clone(), faults })?;
        let base = base(bound.digest);
        let sheets = summary.sheets.iter().map(|path| format!("{base}/{}", in_url(path))).collect();
        Ok(Self { digest: bound.digest, sheets, files })
    }

    /// The file of this path, if `digest` is how addresses name this theme.
    pub(crate) fn file(&self, digest: &str, path: &str) -> Option<&ServedFile> {
        (digest == self.digest.short()).then(|| self.files.get(path)).flatten()
    }
}

/// Where the files of a theme are served. The digest is in the path, so that what is behind an address never changes.
fn base(digest: Digest) -> String {
    format!("/theme/{}", digest.short())
}

/// A path as it stands in an address: what is no plain letter, digit or mark as `%XX`.
pub(crate) fn in_url(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    path.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_in_an_address_is_plain() {
        assert_eq!(in_url("fonts/Acme Sans [wght]ü.woff2"), "fonts/Acme%20Sans%20%5Bwght%5D%C3%BC.woff2");
    }
}
