//! GIF 87a and 89a: every block up to the trailer, because each frame counts.

use crate::bytes::{Bytes, Wrong};
use crate::image::markup;
use crate::picture::Picture;

pub(super) fn read(bytes: Bytes) -> Result<Picture, Wrong> {
    let mut picture = Picture::still(bytes.u16_le(6)?.into(), bytes.u16_le(8)?.into(), 6);
    let mut frames = 0_u32;
    let mut at = 13 + table(bytes.u8(10)?);
    loop {
        match bytes.u8(at)? {
            0x2c => {
                let frame = Picture::still(bytes.u16_le(at + 5)?.into(), bytes.u16_le(at + 7)?.into(), at + 5);
                picture = picture.and(frame);
                frames = frames.saturating_add(1);
                // Its own colours, then the smallest code size, then its data.
                at = behind_data(bytes, at + 11 + table(bytes.u8(at + 9)?))?;
            }
            0x21 => {
                let end = behind_data(bytes, at + 2)?;
                // A comment, or a text that old programs wrote over the image.
                if matches!(bytes.u8(at + 1)?, 0xfe | 0x01) {
                    markup::none_in(at, &data(bytes, at + 2, end))?;
                }
                at = end;
            }
            0x3b if at + 1 == bytes.len() && frames > 0 => return Ok(Picture { frames, ..picture }),
            _ => return Err(Wrong::broken(at)),
        }
    }
}

/// Bytes of the table of colours that these flags announce.
fn table(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// The data of the blocks that end here, put together.
fn data(bytes: Bytes, mut at: usize, end: usize) -> Vec<u8> {
    let mut data = Vec::new();
    while at < end {
        let length = bytes.u8(at).map_or(0, usize::from);
        data.extend_from_slice(bytes.slice(at + 1, length).unwrap_or_default());
        at += 1 + length;
    }
    data
}

/// Behind blocks of data, each with its length before it; a block of none ends them.
fn behind_data(bytes: Bytes, mut at: usize) -> Result<usize, Wrong> {
    loop {
        let length = usize::from(bytes.u8(at)?);
        at += 1 + length;
        if length == 0 {
            return Ok(at);
        }
    }
}
