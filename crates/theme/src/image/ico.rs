//! ICO: a list of pictures, each a PNG or a bitmap.

use crate::bytes::{Bytes, Wrong};
use crate::image::png;
use crate::image::unpack::Room;
use crate::picture::Picture;

/// Most pictures in one file.
const MAX_PICTURES: u16 = 32;
/// Most pixels along a side of each.
const MAX_ICON_SIDE: u32 = 1_024;

pub(super) fn read(bytes: Bytes, room: &mut Room) -> Result<Picture, Wrong> {
    let count = bytes.u16_le(4)?;
    if !(1..=MAX_PICTURES).contains(&count) {
        let why = format!("an icon holds 1 to {MAX_PICTURES} pictures; export it again");
        return Err(Wrong::new(4, "image.size", why));
    }
    let mut picture = None::<Picture>;
    for index in 0..usize::from(count) {
        let entry = 6 + 16 * index;
        let (length, at) = (bytes.size_le(entry + 8)?, bytes.size_le(entry + 12)?);
        let data = bytes.slice(at, length)?;
        let packed = data.starts_with(b"\x89PNG\r\n\x1a\n");
        let found = if packed {
            Picture::still(bytes.u32_be(at + 16)?, bytes.u32_be(at + 20)?, at + 16)
        } else {
            // A bitmap's height counts its picture and its mask.
            Picture::still(bytes.u32_le(at + 4)?, bytes.u32_le(at + 8)? / 2, at + 4)
        };
        if found.width > MAX_ICON_SIDE || found.height > MAX_ICON_SIDE {
            let why = format!("a picture of an icon is at most {MAX_ICON_SIDE} pixels a side; scale it down");
            return Err(Wrong::new(found.at, "image.size", why));
        }
        let found = if packed {
            let within = png::read(Bytes(data), 0, room).map_err(|wrong| Wrong { at: at + wrong.at, ..wrong })?;
            Picture { at: at + within.at, ..within }
        } else {
            found
        };
        picture = Some(picture.map_or(found, |picture| picture.and(found)));
    }
    picture.ok_or_else(|| Wrong::broken(4))
}
