//! JPEG (ITU-T T.81): segments up to the frame header.

use crate::bytes::{Bytes, Wrong};
use crate::picture::Picture;

pub(super) fn read(bytes: Bytes) -> Result<Picture, Wrong> {
    let mut at = 2;
    loop {
        if bytes.u8(at)? != 0xff {
            return Err(Wrong::broken(at));
        }
        // Any number of fill bytes may stand before a marker.
        let marker = bytes.u8(at + 1)?;
        if marker == 0xff {
            at += 1;
            continue;
        }
        match marker {
            0x01 | 0xd0..=0xd7 => at += 2,
            // Baseline, extended and progressive: what browsers show.
            0xc0..=0xc2 => {
                let (height, width) = (bytes.u16_be(at + 5)?, bytes.u16_be(at + 7)?);
                return Ok(Picture::still(width.into(), height.into(), at + 5));
            }
            0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                let why = "this form of JPEG is shown by no browser; export it as an ordinary JPEG";
                return Err(Wrong::new(at, "file.damaged", why));
            }
            // Data or the end before any frame header.
            0x00 | 0xd8..=0xda => return Err(Wrong::broken(at)),
            _ => at += 2 + usize::from(bytes.u16_be(at + 2)?.max(2)),
        }
    }
}
