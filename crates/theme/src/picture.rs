//! What an image is to whoever shows it.

use crate::bytes::Wrong;

/// Most pixels along one side.
pub const MAX_SIDE: u32 = 8_192;
/// Most pixels of one frame: 64 MiB once it is decompressed.
pub const MAX_PIXELS: u64 = 16_000_000;
/// Most frames of an image that moves.
pub const MAX_FRAMES: u32 = 120;

/// Size of an image, as its head says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) frames: u32,
    /// The byte where the size stands.
    pub(crate) at: usize,
}

impl Picture {
    pub(crate) fn still(width: u32, height: u32, at: usize) -> Self {
        Self { width, height, frames: 1, at }
    }

    /// The larger of both, side by side: several pictures in one file.
    pub(crate) fn and(self, other: Self) -> Self {
        let larger = self.width >= other.width && self.height >= other.height;
        let (width, height) = (self.width.max(other.width), self.height.max(other.height));
        let at = if larger { self.at } else { other.at };
        Self { width, height, frames: self.frames.max(other.frames), at }
    }

    /// Holds it against the limits.
    pub(crate) fn check(&self) -> Result<(), Wrong> {
        let Self { width, height, frames, at } = *self;
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
        Ok(())
    }
}
