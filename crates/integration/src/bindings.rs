//! `bindings.json`: what each engine is bound to outside. Read again at each question, so that what
//! is said is what is there.

use crate::IntegrationError;
use model::{Digest, EngineId, Token, canon};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Largest file that is read, bytes.
const BYTES_MAX: u64 = 16 << 20;

/// One thing an engine is bound to outside.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// What it is, as `dns.cname`.
    #[schema(value_type = String)]
    pub kind: Token,
    /// Its name, as `shop.example.com`.
    #[schema(value_type = String)]
    pub name: Token,
    /// Its value, as `edge.example.net`.
    #[schema(value_type = String)]
    pub value: Token,
}

/// The file.
#[derive(Debug, Clone)]
pub(crate) struct Bindings(PathBuf);

/// An engine's bindings as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) bindings: BTreeSet<Binding>,
    pub(crate) digest: Digest,
}

impl Bindings {
    pub(crate) fn of(dir: &Path) -> Self {
        Self(dir.join("bindings.json"))
    }

    fn all(&self) -> Result<BTreeMap<EngineId, BTreeSet<Binding>>, IntegrationError> {
        let bad = |why: String| IntegrationError::Bindings { path: self.0.clone(), why };
        match std::fs::metadata(&self.0) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(bad(error.to_string())),
            Ok(meta) if meta.len() > BYTES_MAX => return Err(bad(format!("it is above {BYTES_MAX} bytes"))),
            Ok(_) => {}
        }
        let bytes = std::fs::read(&self.0).map_err(|error| bad(error.to_string()))?;
        serde_json::from_slice(&bytes).map_err(|error| bad(error.to_string()))
    }

    /// The bindings of an engine, now.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn read(&self, engine: &EngineId) -> Result<Read, IntegrationError> {
        let bindings = self.all()?.remove(engine).unwrap_or_default();
        let canonical = canon::to_vec(&bindings).expect("bindings are tokens, which always have a canonical form");
        let digest = Digest::of_object("bindings", &canonical);
        Ok(Read { bindings, digest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGINE: EngineId = EngineId([1; 16]);

    fn digest(dir: &Path, text: &str) -> Digest {
        std::fs::write(dir.join("bindings.json"), text).unwrap();
        Bindings::of(dir).read(&ENGINE).unwrap().digest
    }

    #[test]
    fn nothing_on_disk_is_the_empty_set() {
        let dir = tempfile::tempdir().unwrap();
        let read = Bindings::of(dir.path()).read(&ENGINE).unwrap();
        assert_eq!((read.bindings.len(), read.digest), (0, Digest::of_object("bindings", b"[]")));
    }

    #[test]
    fn the_digest_is_of_the_set_whatever_its_order() {
        let dir = tempfile::tempdir().unwrap();
        let one = r#"{"kind":"dns.cname","name":"shop.example.com","value":"a.example.net"}"#;
        let two = r#"{"kind":"dns.cname","name":"www.example.com","value":"a.example.net"}"#;
        let at = |list: String| format!(r#"{{"{ENGINE}":[{list}]}}"#);
        let both = digest(dir.path(), &at(format!("{one},{two}")));
        assert_eq!(both, digest(dir.path(), &at(format!("{two},{one},{one}"))));
        assert_ne!(both, digest(dir.path(), &at(one.to_owned())));
        let other = EngineId([2; 16]);
        assert_eq!(Bindings::of(dir.path()).read(&other).unwrap().bindings.len(), 0, "of that engine alone");
    }

    #[test]
    fn the_page_shows_the_set_as_it_is_hashed() {
        const MARK: &str = "<!-- example: bindings -->\n";
        let dir = tempfile::tempdir().unwrap();
        let listed = r#"{"kind":"dns.cname","name":"www.example.com","value":"edge.example.net"},{"kind":"dns.cname","name":"shop.example.com","value":"edge.example.net"}"#;
        std::fs::write(dir.path().join("bindings.json"), format!(r#"{{"{ENGINE}":[{listed}]}}"#)).unwrap();
        let read = Bindings::of(dir.path()).read(&ENGINE).unwrap();
        let json = String::from_utf8(canon::to_vec(&read.bindings).unwrap()).unwrap();
        let block = format!("{MARK}```text\n{json}\ndigest {}\n```", read.digest);
        let page = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/formats.md");
        let text = std::fs::read_to_string(&page).unwrap();
        let (before, rest) = text.split_once(MARK).expect("docs/formats.md shows bindings");
        let end = rest[3..].find("```").expect("a fenced block follows") + 6;
        if std::env::var_os("UPDATE").is_some() {
            return std::fs::write(&page, format!("{before}{block}{}", &rest[end..])).unwrap();
        }
        assert_eq!(format!("{MARK}{}", &rest[..end]), block, "run with UPDATE=1 to write the page again");
        let shown = rest.lines().nth(1).unwrap();
        assert_eq!(Digest::of_object("bindings", shown.as_bytes()), read.digest, "from the page's bytes alone");
    }

    #[test]
    fn a_damaged_file_is_named_and_not_taken_for_the_empty_set() {
        let dir = tempfile::tempdir().unwrap();
        for text in ["", "{", r#"{"x":[]}"#, r"[]"] {
            std::fs::write(dir.path().join("bindings.json"), text).unwrap();
            assert!(Bindings::of(dir.path()).read(&ENGINE).is_err(), "{text}");
        }
    }
}
