//! How many bytes the pixels of a PNG come to once they are unpacked (W3C PNG, third edition, sections 7 and 8).

use crate::bytes::{Bytes, Wrong};

/// First column and row of each pass of an interlaced image, and the steps to the next ones.
const PASSES: [[u32; 4]; 7] =
    [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];

/// How pixels are written.
pub(super) struct Pixels {
    bits: u64,
    interlaced: bool,
}

impl Pixels {
    /// What some editors pack behind the last row, and browsers pass over.
    pub(super) const SLACK: u64 = 64 << 10;

    /// Reads depth, colours and order, which stand behind the size.
    pub(super) fn read(bytes: Bytes, at: usize) -> Result<Self, Wrong> {
        let depth = bytes.u8(at)?;
        let channels = match bytes.u8(at + 1)? {
            0 | 3 => 1,
            2 => 3,
            4 => 2,
            6 => 4,
            _ => return Err(Wrong::broken(at + 1)),
        };
        let order = bytes.u8(at + 4)?;
        if !matches!(depth, 1 | 2 | 4 | 8 | 16) || order > 1 {
            return Err(Wrong::broken(at));
        }
        Ok(Self { bits: u64::from(depth) * channels, interlaced: order == 1 })
    }

    /// Bytes of an image or a frame of this size: each row has one byte before it that says how it is filtered.
    pub(super) fn unpacked(&self, width: u32, height: u32) -> u64 {
        let rows = |width: u32, height: u32| match width {
            0 => 0,
            _ => u64::from(height) * (1 + (u64::from(width) * self.bits).div_ceil(8)),
        };
        if !self.interlaced {
            return rows(width, height);
        }
        let pass = |[x, y, across, down]: [u32; 4]| {
            rows(width.saturating_sub(x).div_ceil(across), height.saturating_sub(y).div_ceil(down))
        };
        PASSES.into_iter().map(pass).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_with_their_filter_and_passes_without_columns_are_empty() {
        let pixels = |bits, interlaced| Pixels { bits, interlaced };
        assert_eq!(pixels(32, false).unpacked(30, 20), 20 * 121);
        assert_eq!(pixels(1, false).unpacked(9, 2), 2 * 3);
        assert_eq!(pixels(8, true).unpacked(1, 1), 2);
        assert_eq!(pixels(8, true).unpacked(8, 8), 64 + 15);
    }
}
