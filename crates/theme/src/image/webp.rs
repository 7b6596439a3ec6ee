//! WebP (RFC 9649): a RIFF of chunks, still or moving.

use crate::bytes::{Bytes, Wrong};
use crate::picture::Picture;

pub(super) fn read(bytes: Bytes) -> Result<Picture, Wrong> {
    let length = bytes.size_le(4)?;
    if length.checked_add(8) != Some(bytes.len()) {
        return Err(Wrong::broken(4));
    }
    let (mut picture, mut frames, mut at) = (None::<Picture>, 0_u32, 12);
    while at < bytes.len() {
        let (name, length) = (bytes.tag(at)?, bytes.size_le(at + 4)?);
        bytes.slice(at + 8, length)?;
        let found = match &name {
            b"VP8X" => Some(Picture::still(u24(bytes, at + 12)? + 1, u24(bytes, at + 15)? + 1, at + 12)),
            b"VP8 " => Some(lossy(bytes, at + 8)?),
            b"VP8L" => Some(lossless(bytes, at + 8)?),
            b"ANMF" => {
                frames = frames.saturating_add(1);
                Some(Picture::still(u24(bytes, at + 14)? + 1, u24(bytes, at + 17)? + 1, at + 14))
            }
            _ => None,
        };
        picture = match (picture, found) {
            (Some(one), Some(other)) => Some(one.and(other)),
            (one, other) => one.or(other),
        };
        // Chunks begin at even places.
        at += 8 + length + length % 2;
    }
    let picture = picture.ok_or_else(|| Wrong::broken(12))?;
    Ok(Picture { frames: frames.max(1), ..picture })
}

fn u24(bytes: Bytes, at: usize) -> Result<u32, Wrong> {
    Ok(u32::from(bytes.u16_le(at)?) | u32::from(bytes.u8(at + 2)?) << 16)
}

fn lossy(bytes: Bytes, at: usize) -> Result<Picture, Wrong> {
    if bytes.slice(at + 3, 3)? != [0x9d, 0x01, 0x2a] {
        return Err(Wrong::broken(at + 3));
    }
    let side = |at| Ok::<u32, Wrong>(u32::from(bytes.u16_le(at)? & 0x3fff));
    Ok(Picture::still(side(at + 6)?, side(at + 8)?, at + 6))
}

fn lossless(bytes: Bytes, at: usize) -> Result<Picture, Wrong> {
    if bytes.u8(at)? != 0x2f {
        return Err(Wrong::broken(at));
    }
    let sides = bytes.u32_le(at + 1)?;
    Ok(Picture::still((sides & 0x3fff) + 1, (sides >> 14 & 0x3fff) + 1, at + 1))
}
