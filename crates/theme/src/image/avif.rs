//! AVIF (ISO/IEC 23008-12 as AV1 uses it): boxes down to `ispe`, which holds the size.

use crate::bytes::{Bytes, Wrong};
use crate::picture::Picture;

/// A box: its name, where what it holds begins, and where it ends.
struct Boxed {
    name: [u8; 4],
    inner: usize,
    end: usize,
}

pub(super) fn read(bytes: Bytes) -> Result<Picture, Wrong> {
    let first = boxed(bytes, 0, bytes.len())?;
    match (&first.name, &bytes.tag(first.inner)?) {
        (b"ftyp", b"avif") => {}
        (b"ftyp", b"avis") => {
            let why = "an AVIF that moves is not allowed; export its first frame, or a WebP";
            return Err(Wrong::new(first.inner, "image.frames", why));
        }
        _ => return Err(Wrong::broken(4)),
    }
    let meta = inside(bytes, first.end, bytes.len(), *b"meta")?;
    // `meta` is a box with four bytes of version and flags before what it holds.
    let properties = inside(bytes, meta.inner + 4, meta.end, *b"iprp")?;
    let container = inside(bytes, properties.inner, properties.end, *b"ipco")?;
    let (mut picture, mut at) = (None::<Picture>, container.inner);
    while at < container.end {
        let property = boxed(bytes, at, container.end)?;
        if &property.name == b"ispe" {
            let place = property.inner + 4;
            let found = Picture::still(bytes.u32_be(place)?, bytes.u32_be(place + 4)?, place);
            picture = Some(picture.map_or(found, |picture| picture.and(found)));
        }
        at = property.end;
    }
    picture.ok_or_else(|| Wrong::broken(container.inner))
}

/// The first box of this name between two places.
fn inside(bytes: Bytes, from: usize, to: usize, name: [u8; 4]) -> Result<Boxed, Wrong> {
    let mut at = from;
    while at < to {
        let found = boxed(bytes, at, to)?;
        if found.name == name {
            return Ok(found);
        }
        at = found.end;
    }
    Err(Wrong::broken(from))
}

fn boxed(bytes: Bytes, at: usize, to: usize) -> Result<Boxed, Wrong> {
    let (length, name) = (bytes.size_be(at)?, bytes.tag(at + 4)?);
    let (inner, end) = match length {
        0 => (at + 8, to),
        1 if bytes.u32_be(at + 8)? == 0 => (at + 16, at.saturating_add(bytes.size_be(at + 12)?)),
        length => (at + 8, at.saturating_add(length)),
    };
    if inner > end || end > to { Err(Wrong::broken(at)) } else { Ok(Boxed { name, inner, end }) }
}
