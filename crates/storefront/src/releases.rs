//! The two releases that come with the product, so that a demo can pack real artifacts offline.

/// One file of a release: its path inside the artifact and its bytes.
pub type ReleaseFile = (&'static str, &'static [u8]);

/// Every shipped release, oldest first: its version and its files.
pub fn releases() -> Vec<(&'static str, Vec<ReleaseFile>)> {
    vec![
        (
            "2026.02",
            vec![
                ("release.json", include_bytes!("../releases/2026.02/release.json").as_slice()),
                ("style.css", include_bytes!("../releases/2026.02/style.css").as_slice()),
            ],
        ),
        (
            "2026.03.1",
            vec![
                ("release.json", include_bytes!("../releases/2026.03.1/release.json").as_slice()),
                ("style.css", include_bytes!("../releases/2026.03.1/style.css").as_slice()),
            ],
        ),
    ]
}
