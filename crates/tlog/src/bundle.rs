//! Entry bundles: up to 256 entries, each after its length (`tlog-tiles`, "Log entries").

use crate::TlogError;
use crate::tile::FULL_WIDTH;

/// The bytes served at `tile/entries/…`: each entry as big-endian 16-bit length and bytes.
///
/// # Errors
/// [`TlogError::BadTileWidth`] for none or more than 256 entries, [`TlogError::EntryTooLong`].
pub fn encode_bundle(entries: &[impl AsRef<[u8]>]) -> Result<Vec<u8>, TlogError> {
    if entries.is_empty() || entries.len() > usize::from(FULL_WIDTH) {
        return Err(TlogError::BadTileWidth(entries.len()));
    }
    let mut bundle = Vec::new();
    for entry in entries.iter().map(AsRef::as_ref) {
        let length = u16::try_from(entry.len()).map_err(|_| TlogError::EntryTooLong(entry.len()))?;
        bundle.extend_from_slice(&length.to_be_bytes());
        bundle.extend_from_slice(entry);
    }
    Ok(bundle)
}

/// The entries of a bundle `width` (1 to 256) wide. Their content is only trustworthy once each
/// entry's leaf hash was found in a verified tile.
///
/// # Errors
/// [`TlogError::BadTileWidth`], or [`TlogError::BadBundle`] unless the bytes hold exactly `width` entries.
pub fn decode_bundle(bundle: &[u8], width: u16) -> Result<Vec<Vec<u8>>, TlogError> {
    if !(1..=FULL_WIDTH).contains(&width) {
        return Err(TlogError::BadTileWidth(width.into()));
    }
    let bad = || TlogError::BadBundle { width };
    let mut rest = bundle;
    let mut entries = Vec::with_capacity(width.into());
    for _ in 0..width {
        let (length, after) = rest.split_first_chunk().ok_or_else(bad)?;
        let (entry, after) = after.split_at_checked(u16::from_be_bytes(*length).into()).ok_or_else(bad)?;
        entries.push(entry.to_vec());
        rest = after;
    }
    if rest.is_empty() { Ok(entries) } else { Err(bad()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_gives_back_its_entries() {
        let entries = [b"first".to_vec(), Vec::new(), vec![7; 65_535]];
        let bundle = encode_bundle(&entries).unwrap();
        assert_eq!(&bundle[..9], b"\x00\x05first\x00\x00");
        assert_eq!(decode_bundle(&bundle, 3).unwrap(), entries);
    }

    #[test]
    fn each_refusal() {
        assert_eq!(encode_bundle(&[] as &[Vec<u8>]), Err(TlogError::BadTileWidth(0)));
        assert_eq!(encode_bundle(&vec![b"x"; 257]), Err(TlogError::BadTileWidth(257)));
        assert_eq!(encode_bundle(&[vec![0; 65_536]]), Err(TlogError::EntryTooLong(65_536)));
        let bundle = encode_bundle(&[b"ab", b"cd"]).unwrap();
        for width in [1, 3, 256] {
            assert_eq!(decode_bundle(&bundle, width), Err(TlogError::BadBundle { width }));
        }
        for width in [0, 257] {
            assert_eq!(decode_bundle(&bundle, width), Err(TlogError::BadTileWidth(width.into())));
        }
        for cut in 0..bundle.len() {
            assert!(decode_bundle(&bundle[..cut], 2).is_err());
        }
    }
}
