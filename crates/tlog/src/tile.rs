//! Where tiles live and how wide they are (`tlog-tiles`, "Merkle Tree").

pub use crate::bundle::{decode_bundle, encode_bundle};

use crate::TlogError;
use crate::wire::decimal;
use std::{fmt, str::FromStr};

/// Hashes in a full tile, entries in a full bundle.
pub const FULL_WIDTH: u16 = 256;

/// Highest level a path may name. Trees of 64-bit size need levels 0 to 7 only.
pub const MAX_LEVEL: u8 = 63;

/// Lowest tile index that no tree of 64-bit size reaches.
const INDEX_LIMIT: u64 = 1 << 56;

/// A path below the log's prefix at which a tile or an entry bundle is served.
///
/// Written `tile/<level>/<index>[.p/<width>]` and `tile/entries/<index>[.p/<width>]`, the index in
/// groups of three digits, all but the last after an `x`. `width` is 1 to 256; 256 is a full tile
/// and is not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TilePath {
    /// Hashes of the tree.
    Hash {
        /// 0 holds leaf hashes; each level up spans 256 times as many entries.
        level: u8,
        /// Number of the tile within its level.
        index: u64,
        /// Hashes it holds, 1 to 256.
        width: u16,
    },
    /// The entries under the tile of level 0 with the same index and width.
    Entries {
        /// Number of the bundle.
        index: u64,
        /// Entries it holds, 1 to 256.
        width: u16,
    },
}

impl TilePath {
    /// Number of the tile within its level.
    pub fn index(&self) -> u64 {
        match *self {
            Self::Hash { index, .. } | Self::Entries { index, .. } => index,
        }
    }

    /// Hashes or entries it holds, 1 to 256.
    pub fn width(&self) -> u16 {
        match *self {
            Self::Hash { width, .. } | Self::Entries { width, .. } => width,
        }
    }

    /// Whether its bytes depend on how far the tree had grown.
    pub fn is_partial(&self) -> bool {
        self.width() != FULL_WIDTH
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hash { level, .. } => write!(f, "tile/{level}/")?,
            Self::Entries { .. } => f.write_str("tile/entries/")?,
        }
        let digits = self.index().to_string();
        let padded = format!("{digits:0>width$}", width = digits.len().div_ceil(3) * 3);
        let (high, last) = padded.split_at(padded.len() - 3);
        for start in (0..high.len()).step_by(3) {
            write!(f, "x{}/", &high[start..start + 3])?;
        }
        f.write_str(last)?;
        if self.is_partial() { write!(f, ".p/{}", self.width()) } else { Ok(()) }
    }
}

impl FromStr for TilePath {
    type Err = TlogError;

    /// Accepts exactly what [`fmt::Display`] writes for a tile that a tree can have.
    fn from_str(text: &str) -> Result<Self, TlogError> {
        parse(text).filter(|path| path.to_string() == text).ok_or(TlogError::BadTilePath)
    }
}

/// Reads the numbers; that groups are complete and zeros minimal is left to the comparison above.
fn parse(text: &str) -> Option<TilePath> {
    let (kind, rest) = text.strip_prefix("tile/")?.split_once('/')?;
    let (groups, width) = match rest.split_once(".p/") {
        Some((groups, width)) => (groups, u16::try_from(decimal(width)?).ok()?),
        None => (rest, FULL_WIDTH),
    };
    let digits: String = groups.split('/').map(|group| group.strip_prefix('x').unwrap_or(group)).collect();
    let minimal = match digits.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    let index = decimal(minimal).filter(|index| *index < INDEX_LIMIT)?;
    if !(1..=FULL_WIDTH).contains(&width) {
        return None;
    }
    if kind == "entries" {
        return Some(TilePath::Entries { index, width });
    }
    let level = u8::try_from(decimal(kind)?).ok().filter(|level| *level <= MAX_LEVEL)?;
    Some(TilePath::Hash { level, index, width })
}

/// Width of the partial tile at the right edge of `level` in a tree of `size` entries: 0 to 255;
/// with 0 there is none and none may be served.
pub fn partial_width(size: u64, level: u8) -> u16 {
    let complete = size.checked_shr(u32::from(level) * 8).unwrap_or(0);
    u16::from(complete.to_le_bytes()[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specification_s_examples() {
        let path = TilePath::Hash { level: 3, index: 1_234_067, width: 256 };
        assert_eq!(path.to_string(), "tile/3/x001/x234/067");
        assert_eq!("tile/3/x001/x234/067".parse(), Ok(path));
        let path = TilePath::Entries { index: 273, width: 112 };
        assert_eq!(path.to_string(), "tile/entries/273.p/112");
        assert_eq!([0, 1, 2, 3].map(|level| partial_width(70_000, level)), [112, 17, 1, 0]);
        assert_eq!([0, 1].map(|level| partial_width(256, level)), [0, 1]);
        assert_eq!([7, 8, 63].map(|level| partial_width(u64::MAX, level)), [255, 0, 0]);
    }

    #[test]
    fn every_other_spelling_is_refused() {
        for bad in [
            "",
            "tile",
            "tile/0",
            "tile/0/",
            "tile/0/0",
            "tile/0/00",
            "tile/0/0000",
            "tile/0/x000/001",
            "tile/0/x00/001",
            "tile/0/001/002",
            "tile/0/x001",
            "tile/0/x001/x002",
            "tile/0/X001/002",
            "tile/00/000",
            "tile/64/000",
            "tile/256/000",
            "tile/-1/000",
            "tile/+1/000",
            "tile/data/000",
            "tile/Entries/000",
            "/tile/0/000",
            "tile/0/000/",
            "tile//000",
            "tile/0/000.p",
            "tile/0/000.p/",
            "tile/0/000.p/0",
            "tile/0/000.p/01",
            "tile/0/000.p/256",
            "tile/0/000.p/257",
            "tile/0/000.p/+1",
            "tile/0/000.p/1/",
            "tile/0/000.p/1.p/1",
            "tile/0/../000",
            "tile/0/٠٠٠",
            "tile/0/000 ",
            "tile/0/000\n",
            "tile/0/x072/x057/x594/x037/x927/936",
            "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        ] {
            assert_eq!(bad.parse::<TilePath>(), Err(TlogError::BadTilePath), "{bad:?}");
        }
        assert!("tile/0/x072/x057/x594/x037/x927/935".parse::<TilePath>().is_ok());
    }
}
