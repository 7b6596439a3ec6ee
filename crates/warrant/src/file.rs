//! The file: the control log up to a checkpoint, and the governing blobs that it names.

use crate::WarrantError;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use control::Blobs;
use model::{ChangeId, Digest};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use tlog::tile::{FULL_WIDTH, decode_bundle, encode_bundle};

/// Most bytes of a warrant file (64 MiB).
pub const MAX_BYTES: u64 = 64 << 20;
/// The only format there is.
const FORMAT: u32 = 1;

/// A warrant file as it is written: one JSON object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarrantFile {
    /// Number of the format.
    pub format: u32,
    pub change: ChangeId,
    /// The ledger that it says it is of, by the digest of its genesis.
    pub ledger: Digest,
    /// A signed checkpoint of the control log.
    pub checkpoint: String,
    /// The entries that it covers: bundles of 256 as in `tlog-tiles`, the last one shorter, in base64.
    pub bundles: Vec<String>,
    /// Governing blobs that the entries name.
    pub blobs: Vec<Blob>,
}

/// A governing blob.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blob {
    /// What it is: `package`, `roster` or `settings`.
    pub object: String,
    /// Its bytes in base64.
    pub bytes: String,
}

/// The blobs of a file by their digests, which are computed from the bytes.
pub(crate) struct Held(BTreeMap<(String, Digest), Vec<u8>>);

impl Blobs for Held {
    fn get(&self, object: &str, digest: &Digest) -> Option<Vec<u8>> {
        self.0.get(&(object.to_owned(), *digest)).cloned()
    }
}

impl WarrantFile {
    /// Of a change, from a copy of the log that was verified up to this checkpoint.
    ///
    /// # Errors
    /// [`WarrantError::TooLarge`], and [`WarrantError::Unreadable`] for entries that no log has.
    pub fn new(
        change: ChangeId,
        ledger: Digest,
        checkpoint: String,
        entries: &[Vec<u8>],
        blobs: &[(&'static str, Vec<u8>)],
    ) -> Result<Self, WarrantError> {
        let bundle = |entries: &[Vec<u8>]| encode_bundle(entries).map(|bytes| STANDARD.encode(bytes));
        let bundles = entries.chunks(usize::from(FULL_WIDTH)).map(bundle).collect::<Result<_, _>>();
        let bundles = bundles.map_err(|error| WarrantError::Unreadable(error.to_string()))?;
        let blob = |(object, bytes): &(&'static str, Vec<u8>)| Blob {
            object: (*object).to_owned(),
            bytes: STANDARD.encode(bytes),
        };
        let blobs = blobs.iter().map(blob).collect();
        Ok(Self { format: FORMAT, change, ledger, checkpoint, bundles, blobs })
    }

    /// The bytes of the file.
    ///
    /// # Errors
    /// [`WarrantError::TooLarge`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, WarrantError> {
        let bytes = serde_json::to_vec(self).map_err(|error| WarrantError::Unreadable(error.to_string()))?;
        let length = bytes.len() as u64;
        if length > MAX_BYTES { Err(WarrantError::TooLarge { bytes: length, most: MAX_BYTES }) } else { Ok(bytes) }
    }

    /// Reads a file; nothing of it is believed yet.
    ///
    /// # Errors
    /// [`WarrantError::Truncated`], [`WarrantError::Unreadable`], [`WarrantError::TooLarge`].
    pub fn parse(bytes: &[u8]) -> Result<Self, WarrantError> {
        let length = bytes.len() as u64;
        if length > MAX_BYTES {
            return Err(WarrantError::TooLarge { bytes: length, most: MAX_BYTES });
        }
        let file: Self = serde_json::from_slice(bytes).map_err(|error| {
            let why = error.to_string();
            if error.is_eof() { WarrantError::Truncated(why) } else { WarrantError::Unreadable(why) }
        })?;
        if file.format != FORMAT {
            let why = format!("it has format {}, this build reads format {FORMAT}", file.format);
            return Err(WarrantError::Unreadable(why));
        }
        Ok(file)
    }

    /// The `size` entries that the checkpoint covers.
    pub(crate) fn entries(&self, size: u64) -> Result<Vec<Vec<u8>>, WarrantError> {
        let full = u64::from(FULL_WIDTH);
        let needed = size.div_ceil(full);
        if (self.bundles.len() as u64) < needed {
            let why = format!("its checkpoint covers {needed} bundles of entries, {} are there", self.bundles.len());
            return Err(WarrantError::Truncated(why));
        }
        if self.bundles.len() as u64 > needed {
            return Err(WarrantError::Unreadable("it holds more entries than its checkpoint covers".to_owned()));
        }
        let mut entries = vec![];
        for (index, bundle) in (0..).zip(&self.bundles) {
            let width = u16::try_from(full.min(size - index * full)).unwrap_or(FULL_WIDTH);
            let decoded = decode_bundle(&base64(bundle)?, width);
            entries.extend(decoded.map_err(|error| WarrantError::Unreadable(error.to_string()))?);
        }
        Ok(entries)
    }

    pub(crate) fn held(&self) -> Result<Held, WarrantError> {
        let mut held = BTreeMap::new();
        for blob in &self.blobs {
            let bytes = base64(&blob.bytes)?;
            held.insert((blob.object.clone(), Digest::of_object(&blob.object, &bytes)), bytes);
        }
        Ok(Held(held))
    }
}

fn base64(text: &str) -> Result<Vec<u8>, WarrantError> {
    STANDARD.decode(text).map_err(|error| WarrantError::Unreadable(error.to_string()))
}
