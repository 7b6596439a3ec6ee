//! What an image is to whoever shows it.

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
}
