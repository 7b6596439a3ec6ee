//! Which executable this is: a state is only taken over from the very code that folded it.

use model::Digest;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io;
use std::sync::OnceLock;

/// SHA-256 over the product's version and the bytes of the running executable; none where they cannot be
/// read. Read once.
pub(crate) fn identity() -> Option<Digest> {
    static IDENTITY: OnceLock<Option<Digest>> = OnceLock::new();
    *IDENTITY.get_or_init(|| match hash() {
        Ok(digest) => Some(digest),
        Err(error) => {
            tracing::debug!(%error, "follower: the running executable cannot be read: no state is stored or taken over");
            None
        }
    })
}

fn hash() -> io::Result<Digest> {
    // On Linux this is what runs, also when its file has been replaced since.
    let mut file = File::open("/proc/self/exe").or_else(|_| File::open(std::env::current_exe()?))?;
    let mut hasher = Sha256::new();
    hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
    io::copy(&mut file, &mut hasher)?;
    Ok(Digest(hasher.finalize().into()))
}
