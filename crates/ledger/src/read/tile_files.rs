//! Comparing the tile files on disk with what the entries give.

use crate::{Damage, log::covered};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use tlog::{
    Tree,
    tile::{FULL_WIDTH, TilePath, encode_bundle},
};

/// Deepest directory below the log's: level, and the groups of a 64-bit index.
const DEPTH: usize = 10;

pub(crate) struct TileFiles {
    dir: PathBuf,
    /// Every file there was at the start: what is written while we read may be of later entries.
    files: Vec<PathBuf>,
    compared: u64,
}

impl TileFiles {
    pub(crate) fn new(dir: &Path) -> Self {
        let mut files = Vec::new();
        let top = dir.join("tile");
        if top.exists() {
            collect(&top, DEPTH, &mut files);
        }
        Self { dir: dir.to_owned(), files, compared: 0 }
    }

    pub(crate) fn compared(&self) -> u64 {
        self.compared
    }

    /// Compares a full bundle, if it is on disk.
    pub(crate) fn compare_bundle(&mut self, index: u64, leaves: &[Vec<u8>], damage: &mut Vec<Damage>) {
        let tile = TilePath::Entries { index, width: FULL_WIDTH };
        match fs::read(self.dir.join(tile.to_string())) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            read => self.compare(&tile, read, encode_bundle(leaves).ok(), damage),
        }
    }

    /// Compares every hash tile on disk, and names files that are no tile of this log. Bundles
    /// within the tree were compared on the way.
    pub(crate) fn compare_rest(&mut self, tree: &Tree, damage: &mut Vec<Damage>) {
        for path in std::mem::take(&mut self.files) {
            let name = path.strip_prefix(&self.dir).ok().and_then(Path::to_str).unwrap_or_default();
            match name.parse::<TilePath>() {
                Ok(tile) if !tile.is_partial() && covered(&tile).is_some_and(|end| end <= tree.size()) => {
                    if let TilePath::Hash { level, index, width } = tile {
                        self.compare(&tile, fs::read(&path), tree.tile(level, index, width), damage);
                    }
                }
                _ => {
                    let why = "the entries do not give a full tile of this name".to_owned();
                    damage.push(Damage { file: path, offset: 0, index: tree.size(), why, unfinished: false });
                }
            }
        }
    }

    fn compare(&mut self, tile: &TilePath, read: io::Result<Vec<u8>>, want: Option<Vec<u8>>, damage: &mut Vec<Damage>) {
        self.compared += 1;
        let file = self.dir.join(tile.to_string());
        // The first entry below the tile.
        let index = covered(tile).map_or(0, |end| end - end / (tile.index() + 1));
        let mut name = |offset: usize, why: String| {
            damage.push(Damage { file: file.clone(), offset: offset as u64, index, why, unfinished: false });
        };
        match (read, want) {
            (Err(error), _) => name(0, format!("the file cannot be read: {error}")),
            (Ok(have), Some(want)) if have == want => {}
            (Ok(have), want) => {
                let same = have.iter().zip(want.unwrap_or_default()).take_while(|(have, want)| **have == *want).count();
                name(same, "the tile differs from what the entries give".to_owned());
            }
        }
    }
}

fn collect(dir: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(items) = fs::read_dir(dir) else {
        // Named as a file that is no tile.
        files.push(dir.to_owned());
        return;
    };
    for path in items.filter_map(Result::ok).map(|item| item.path()) {
        if path.is_dir() && depth > 0 {
            collect(&path, depth - 1, files);
        } else {
            files.push(path);
        }
    }
}
