//! Images: what they would cost a browser to show. Sizes are read from their heads, before anything is unpacked; a PNG is
//! then unpacked within what its size needs.

mod avif;
mod gif;
mod ico;
mod jpeg;
mod markup;
mod pixels;
mod png;
pub(crate) mod unpack;
mod webp;

use crate::bytes::{Bytes, Wrong};
use crate::image::unpack::Room;
use crate::kind::Kind;
use crate::picture::Picture;

/// Reads an image and holds what it says against the limits. `room` is what the images of the theme may still unpack to.
pub(crate) fn check(kind: Kind, bytes: &[u8], room: &mut Room) -> Result<Picture, Wrong> {
    let bytes = Bytes(bytes);
    let picture = match kind {
        Kind::Png => png::read(bytes, 0, room),
        Kind::Jpeg => jpeg::read(bytes),
        Kind::Gif => gif::read(bytes),
        Kind::Webp => webp::read(bytes),
        Kind::Avif => avif::read(bytes),
        _ => ico::read(bytes, room),
    }?;
    picture.check()?;
    Ok(picture)
}
