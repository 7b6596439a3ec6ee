//! Images: what they would cost a browser to show, from their heads, before anything is decompressed.

mod avif;
mod gif;
mod ico;
mod jpeg;
mod png;
mod webp;

use crate::bytes::{Bytes, Wrong};
use crate::kind::Kind;
use crate::picture::{MAX_FRAMES, MAX_PIXELS, MAX_SIDE, Picture};

/// Reads the head of an image and holds what it says against the limits.
pub(crate) fn check(kind: Kind, bytes: &[u8]) -> Result<Picture, Wrong> {
    let bytes = Bytes(bytes);
    let picture = match kind {
        Kind::Png => png::read(bytes, 0),
        Kind::Jpeg => jpeg::read(bytes),
        Kind::Gif => gif::read(bytes),
        Kind::Webp => webp::read(bytes),
        Kind::Avif => avif::read(bytes),
        _ => ico::read(bytes),
    }?;
    let Picture { width, height, frames, at } = picture;
    if width == 0 || height == 0 {
        return Err(Wrong::new(at, "image.size", "an image has no width or no height; export it again"));
    }
    if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        let why = format!(
            "an image of {width} × {height} would fill the memory of who looks at it; scale it down to at most \
             {MAX_SIDE} a side and {} million pixels",
            MAX_PIXELS / 1_000_000
        );
        return Err(Wrong::new(at, "image.size", why));
    }
    if frames > MAX_FRAMES {
        let why = format!("an image moves through more than {MAX_FRAMES} frames; shorten it");
        return Err(Wrong::new(at, "image.frames", why));
    }
    Ok(picture)
}
