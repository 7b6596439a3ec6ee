//! Golden files: reviewed as text, written again with `UPDATE=1`.

use std::{fs, path::Path};

/// Compares with `tests/golden/{name}`.
#[track_caller]
pub fn check(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, text).unwrap();
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(known, text, "{name} differs; if that is meant, run again with UPDATE=1 and review the difference");
}
