//! JPEG (ITU-T T.81): every segment from the first marker to the end, and behind it no more than further such images.

use crate::bytes::{Bytes, Wrong};
use crate::image::markup;
use crate::picture::Picture;

/// Reads the image, and those that phones and cameras append to it (CIPA DC-007: a preview, a map of brightness), each by
/// the same rules, with zeros between them. What else an app appends, as a film, is refused: nobody sees it in a shop.
pub(super) fn read(bytes: Bytes) -> Result<Picture, Wrong> {
    let (mut picture, mut at) = one(bytes, 0)?;
    while at < bytes.len() {
        match bytes.u8(at)? {
            0 => at += 1,
            0xff if bytes.slice(at, 3).is_ok_and(|begin| begin == b"\xff\xd8\xff") => {
                let (other, end) = one(bytes, at)?;
                (picture, at) = (picture.and(other), end);
            }
            _ => {
                let why = "something is hidden behind the end of the image; export it again";
                return Err(Wrong::new(at, "file.damaged", why));
            }
        }
    }
    Ok(picture)
}

/// One image that begins here, and where it ends.
fn one(bytes: Bytes, start: usize) -> Result<(Picture, usize), Wrong> {
    let (mut picture, mut at) = (None::<Picture>, start + 2);
    loop {
        if bytes.u8(at)? != 0xff {
            return Err(Wrong::broken(at));
        }
        let marker = bytes.u8(at + 1)?;
        match marker {
            // Any number of fill bytes may stand before a marker.
            0xff => at += 1,
            0x01 | 0xd0..=0xd7 => at += 2,
            0xd9 => return picture.map(|picture| (picture, at + 2)).ok_or_else(|| Wrong::broken(at)),
            0x00 | 0xd8 => return Err(Wrong::broken(at)),
            0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                let why = "this form of JPEG is shown by no browser; export it as an ordinary JPEG";
                return Err(Wrong::new(at, "file.damaged", why));
            }
            0xc0..=0xc2 if picture.is_some() => {
                let why = "the image says twice how large it is; export it again";
                return Err(Wrong::new(at, "file.damaged", why));
            }
            0xda if picture.is_none() => return Err(Wrong::broken(at)),
            _ => {
                let end = at + 2 + usize::from(bytes.u16_be(at + 2)?.max(2));
                match marker {
                    // Baseline, extended and progressive: what browsers show.
                    0xc0..=0xc2 => {
                        let (height, width) = (bytes.u16_be(at + 5)?, bytes.u16_be(at + 7)?);
                        picture = Some(Picture::still(width.into(), height.into(), at + 5));
                    }
                    0xfe => markup::none_in(at + 4, bytes.slice(at + 4, end - at - 4)?)?,
                    _ => {}
                }
                at = if marker == 0xda { behind_scan(bytes, end)? } else { end };
            }
        }
    }
}

/// The next marker behind packed pixels: a byte 255 among them has a zero behind it, or is a mark to start again from.
fn behind_scan(bytes: Bytes, mut at: usize) -> Result<usize, Wrong> {
    loop {
        if bytes.u8(at)? == 0xff && !matches!(bytes.u8(at + 1)?, 0x00 | 0xd0..=0xd7) {
            return Ok(at);
        }
        at += 1;
    }
}
