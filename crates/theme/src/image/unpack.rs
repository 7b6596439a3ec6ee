//! What is packed inside an image, unpacked and counted, and never kept.

use crate::bytes::Wrong;
use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};

/// Most bytes that the images of one theme unpack to in all: it bounds what judging them costs, too.
const MAX_UNPACKED: u64 = 2 << 30;
/// Bytes that are unpacked at a time.
const STEP: usize = 32 << 10;

/// How much more the images of a theme may unpack to.
pub(crate) struct Room(u64);

impl Default for Room {
    fn default() -> Self {
        Self(MAX_UNPACKED)
    }
}

impl Room {
    fn take(&mut self, bytes: usize, at: usize) -> Result<(), Wrong> {
        let left = self.0.checked_sub(bytes as u64).ok_or_else(|| {
            let why = format!("the images of a theme unpack to at most {} GiB; scale them down", MAX_UNPACKED >> 30);
            Wrong::new(at, "theme.limit", why)
        })?;
        self.0 = left;
        Ok(())
    }
}

/// One zlib stream (RFC 1950), fed piece by piece.
pub(super) struct Unpack {
    state: Box<InflateState>,
    step: Vec<u8>,
    /// Where it begins.
    at: usize,
    most: u64,
    counted: u64,
    ended: bool,
}

impl Unpack {
    /// A stream that begins here and unpacks to no more than so many bytes.
    pub(super) fn new(at: usize, most: u64) -> Self {
        // Its own checksum is not asked: each part of a PNG has one, and this one costs most of the time.
        let state = InflateState::new_boxed(DataFormat::ZLibIgnoreChecksum);
        Self { state, step: vec![0; STEP], at, most, counted: 0, ended: false }
    }

    /// Unpacks a piece that stands at this byte. What follows the end of the stream is passed over, as browsers do.
    pub(super) fn feed(&mut self, at: usize, mut piece: &[u8], room: &mut Room) -> Result<(), Wrong> {
        while !self.ended {
            let done = inflate(&mut self.state, piece, &mut self.step, MZFlush::None);
            piece = piece.get(done.bytes_consumed..).unwrap_or_default();
            self.counted += done.bytes_written as u64;
            room.take(done.bytes_written, at)?;
            if self.counted > self.most {
                let why = "this unpacks to far more than the image says it needs; export it again";
                return Err(Wrong::new(self.at, "image.size", why));
            }
            match done.status {
                Ok(MZStatus::StreamEnd) => self.ended = true,
                // The next piece has what is missing.
                Ok(_) if piece.is_empty() && done.bytes_written < STEP => return Ok(()),
                Err(MZError::Buf) if piece.is_empty() => return Ok(()),
                Ok(_) => {}
                Err(_) => return Err(Wrong::broken(at)),
            }
        }
        Ok(())
    }

    /// That the stream has ended, with no less than so many bytes.
    pub(super) fn finish(&self, least: u64) -> Result<(), Wrong> {
        if self.ended && self.counted >= least { Ok(()) } else { Err(Wrong::broken(self.at)) }
    }
}
