//! The credentials of the processes that were started here, sealed beside the secrets: a record of an engine that is
//! rebuilt gives its process the one it has.

use crate::vault::{Sealing, Vault};
use crate::{EngineError, credential::Credential, file};
use model::{EngineId, Side};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A credential as it lies on disk.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    engine: EngineId,
    side: Side,
    sealed: Sealing,
}

impl Vault {
    /// Keeps what a process is started with, in place of the side's last one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn keep_credential(&self, engine: EngineId, side: Side, of: &Credential) -> Result<(), EngineError> {
        if self.credential(engine, side).as_ref() == Some(of) {
            return Ok(());
        }
        let sealed = self.seal(&place(engine, side), of.secret().as_bytes())?;
        file::write(&self.credential_file(engine, side), &Kept { engine, side, sealed })
    }

    /// What the last process of a side was started with; none where there was none, or this vault cannot open it.
    pub(crate) fn credential(&self, engine: EngineId, side: Side) -> Option<Credential> {
        let path = self.credential_file(engine, side);
        let opened =
            file::read::<Kept>(&path).map(|kept| kept.and_then(|kept| self.unseal(&place(engine, side), &kept.sealed)));
        let opened = opened.inspect_err(|error| tracing::warn!(%error, "engine: a kept credential cannot be read"));
        Some(Credential::kept(String::from_utf8(opened.ok()??).ok()?))
    }

    fn credential_file(&self, engine: EngineId, side: Side) -> PathBuf {
        self.credentials_dir().join(format!("{engine}-{side}.json"))
    }
}

/// What it is sealed for: taken elsewhere, it does not open.
fn place(engine: EngineId, side: Side) -> Vec<u8> {
    format!("countersign/credential/v1\0{engine}{side}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use durable_file::Mended;
    use std::fs;

    #[test]
    fn it_is_kept_sealed_for_its_engine_and_side() {
        let dir = tempfile::tempdir().unwrap();
        let (vault, engine, first) =
            (Vault::open(dir.path(), Mended::default()).unwrap(), EngineId([1; 16]), Credential::random());
        assert!(vault.credential(engine, Side::Blue).is_none());
        vault.keep_credential(engine, Side::Blue, &first).unwrap();
        let kept = |side| Vault::open(dir.path(), Mended::default()).unwrap().credential(engine, side);
        assert_eq!((kept(Side::Blue), kept(Side::Green)), (Some(first.clone()), None));
        let file = fs::read_to_string(vault.credential_file(engine, Side::Blue)).unwrap();
        assert!(!file.contains(first.secret()), "it lies in the open");
        // Another side's, another vault's, a damaged one: none of them opens.
        fs::copy(vault.credential_file(engine, Side::Blue), vault.credential_file(engine, Side::Green)).unwrap();
        assert_eq!(kept(Side::Green), None);
        fs::write(vault.credential_file(engine, Side::Blue), "{").unwrap();
        assert_eq!(kept(Side::Blue), None);
        let next = Credential::random();
        vault.keep_credential(engine, Side::Blue, &next).unwrap();
        assert_eq!(kept(Side::Blue), Some(next));
        fs::remove_file(dir.path().join("vault.key")).unwrap();
        assert_eq!(kept(Side::Blue), None);
        assert_eq!(vault.all().unwrap().secrets, [], "it is no secret that anybody deposited");
    }
}
