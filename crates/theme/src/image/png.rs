//! PNG (W3C PNG, third edition): chunks from `IHDR` to `IEND`, and nothing behind.

use crate::bytes::{Bytes, Wrong};
use crate::picture::Picture;

/// Reads the PNG that begins at `start` and fills the rest of the bytes.
pub(super) fn read(bytes: Bytes, start: usize) -> Result<Picture, Wrong> {
    let mut at = start + 8;
    if bytes.size_be(at)? != 13 || &bytes.tag(at + 4)? != b"IHDR" {
        return Err(Wrong::broken(at));
    }
    let mut picture = Picture::still(bytes.u32_be(at + 8)?, bytes.u32_be(at + 12)?, at + 8);
    loop {
        let (length, name) = (bytes.size_be(at)?, bytes.tag(at + 4)?);
        bytes.slice(at + 8, length.checked_add(4).ok_or_else(|| Wrong::broken(at))?)?;
        match &name {
            b"acTL" => picture.frames = bytes.u32_be(at + 8)?,
            b"IEND" if at + 12 + length == bytes.len() => return Ok(picture),
            b"IEND" => {
                let why = "something is hidden behind the end of the image; export it again";
                return Err(Wrong::new(at + 12 + length, "file.damaged", why));
            }
            _ => {}
        }
        at += 12 + length;
    }
}
