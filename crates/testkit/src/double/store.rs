//! Governing blobs in memory.

use control::Blobs;
use model::Digest;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Blobs by object and digest.
#[derive(Debug, Default)]
pub struct Store(Mutex<BTreeMap<(String, Digest), Vec<u8>>>);

impl Store {
    /// Adds one: its object name and canonical bytes.
    pub fn put(&self, (object, bytes): (&str, Vec<u8>)) {
        let digest = Digest::of_object(object, &bytes);
        self.0.lock().unwrap().insert((object.to_owned(), digest), bytes);
    }
}

impl Blobs for Store {
    fn get(&self, object: &str, digest: &Digest) -> Option<Vec<u8>> {
        self.0.lock().unwrap().get(&(object.to_owned(), *digest)).cloned()
    }
}
