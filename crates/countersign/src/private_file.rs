//! Files that are hardly meant for anybody else, by their names: keys, passwords, and what a database leaves beside itself.
//! What is packed is kept in clear, and handed to everybody who may read of its tenant.

use crate::error::CliError;
use crate::given::given;
use artifact::{Source, SourceFile};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// Names of files and directories that hold keys or passwords.
const NAMES: [&str; 8] = [".ssh", ".gnupg", ".aws", ".netrc", ".pgpass", ".git-credentials", "id_rsa", "id_dsa"];
/// How such names begin.
const BEGINNINGS: [&str; 3] = [".env", "id_ecdsa", "id_ed25519"];
/// How such names end.
const ENDINGS: [&str; 10] =
    [".key", ".p12", ".pfx", ".kdbx", ".dump", ".sqlite-wal", ".sqlite-shm", ".sqlite3-wal", ".sqlite3-shm", ".db-wal"];
/// How much of a `.pem` is looked at: keys stand at the beginning, and most such files hold certificates alone.
const PEM_BYTES: u64 = 64 << 10;
/// Most files that are named at once.
const SHOWN: usize = 5;

/// Refuses files whose names say that they hold keys, passwords or a database's own records, unless they are `included` by
/// their names or paths.
///
/// # Errors
/// When there is such a file; and when one that has to be looked into cannot be read.
pub fn refuse(files: &[SourceFile], included: &[String]) -> Result<(), CliError> {
    let mut found = vec![];
    for one in files {
        if is_private(one)? && !is_included(one.path.as_str(), included) {
            found.push(one.path.as_str());
        }
    }
    let Some(first) = found.first() else { return Ok(()) };
    let mut shown: Vec<_> = found.iter().take(SHOWN).map(|path| format!("`{path}`")).collect();
    if found.len() > SHOWN {
        shown.push(format!("{} more", found.len() - SHOWN));
    }
    Err(CliError::State {
        code: "package.private_file",
        message: format!(
            "{} may hold what is nobody else's to read, by name; a package is kept in clear, and everybody who may \
             read of its tenant gets it",
            shown.join(", ")
        ),
        next: format!(
            "leave it out (`leave_out = [\"{first}\"]` in countersign.toml, or `--leave-out '{first}'`), deposit a secret \
             with `countersign secret put …`, or pack it all the same with `include = [\"{first}\"]` or `--include '{first}'`"
        ),
    })
}

fn is_included(path: &str, included: &[String]) -> bool {
    included.iter().map(|name| name.trim_end_matches('/')).any(|name| {
        let below = |rest: &str| rest.is_empty() || rest.starts_with('/');
        path.strip_prefix(name).is_some_and(below) || (!name.contains('/') && path.split('/').any(|part| part == name))
    })
}

fn is_private(one: &SourceFile) -> Result<bool, CliError> {
    let own = one.path.as_str().rsplit('/').next().unwrap_or_default();
    if own.to_ascii_lowercase().ends_with(".pem") {
        let Source::File(path) = &one.source else { return Ok(false) };
        return has_key(path);
    }
    Ok(one.path.as_str().split('/').any(is_private_name))
}

fn is_private_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let begins = |begin: &&str| name.starts_with(begin) && Path::new(&name).extension().is_none_or(|end| end != "pub");
    NAMES.contains(&name.as_str())
        || BEGINNINGS.iter().any(begins)
        || ENDINGS.iter().any(|end| name.len() > end.len() && name.ends_with(end))
}

fn has_key(path: &Path) -> Result<bool, CliError> {
    let mut begin = vec![];
    let opened = File::open(path).map_err(given(path))?;
    opened.take(PEM_BYTES).read_to_end(&mut begin).map_err(given(path))?;
    Ok(String::from_utf8_lossy(&begin).contains("PRIVATE KEY-----"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_hold_keys_are_known_and_others_are_left_alone() {
        for name in [
            ".env",
            ".env.local",
            ".ENV",
            "id_rsa",
            "id_ed25519",
            "id_ed25519_work",
            "tls.key",
            "shop.sqlite-wal",
            ".ssh",
        ] {
            assert!(is_private_name(name), "{name}");
        }
        for name in
            ["env", "environment.py", "id_ed25519.pub", "monkey", "key", ".key", "id_map.py", "shop.sqlite", "keys.py"]
        {
            assert!(!is_private_name(name), "{name}");
        }
    }

    #[test]
    fn a_file_is_included_by_its_name_its_path_or_a_directory_above() {
        let included = |name: &str| is_included("conf/test/.env", &[name.to_owned()]);
        for name in [".env", "conf/test/.env", "conf/", "test", "conf/test"] {
            assert!(included(name), "{name}");
        }
        for name in ["env", "con", "test/.env", ".en"] {
            assert!(!included(name), "{name}");
        }
    }
}
