//! The themes that come with the product, so that a demo can publish real ones offline.

use crate::ReleaseFile;

/// One shipped theme.
#[derive(Clone, Debug)]
pub struct ShippedTheme {
    /// What it is published as, for example `acme-native`.
    pub product: &'static str,
    /// Version, for example `2026.03`.
    pub version: &'static str,
    /// Its files by path.
    pub files: Vec<ReleaseFile>,
}

/// Names a file below `themes/` twice: as its path in the theme, and as its bytes.
macro_rules! files {
    ($folder:literal: $($path:literal),+ $(,)?) => {
        vec![$(($path, include_bytes!(concat!("../themes/", $folder, "/", $path)).as_slice())),+]
    };
}

/// Every shipped theme, oldest first.
pub fn themes() -> Vec<ShippedTheme> {
    let product = "acme-native";
    let older = files!("acme-native/2026.02":
        "theme.css", "brand/seal.png", "brand/paper.png", "fonts/fraunces-latin.woff2", "fonts/OFL.txt");
    let newer = files!("acme-native/2026.03":
        "theme.css", "cart.css", "brand/mark.png", "brand/waves.webp", "fonts/bricolage-grotesque-latin.woff2",
        "fonts/figtree-latin.woff2", "fonts/OFL-bricolage-grotesque.txt", "fonts/OFL-figtree.txt");
    vec![
        ShippedTheme { product, version: "2026.02", files: older },
        ShippedTheme { product, version: "2026.03", files: newer },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeMap, convert::Infallible};

    #[test]
    fn what_is_shipped_is_a_theme_without_a_file_too_many() {
        for shipped in themes() {
            let files: BTreeMap<_, _> = shipped.files.iter().copied().collect();
            let paths = files.keys().map(|path| (*path).to_owned());
            let checked = theme::check(paths, |path, _| Ok::<_, Infallible>(files[path].to_vec())).unwrap();
            let summary = checked.unwrap_or_else(|faults| panic!("{}: {faults}", shipped.version));
            assert!(summary.fonts > 0 && summary.images > 1 && summary.unused.is_empty(), "{summary:?}");
        }
    }
}
