//! The full offline check: entries, then checkpoints against them, then tile files.

use super::{Entries, Report, tile_files::TileFiles, walk::Walk};
use crate::{Damage, scan::CHECKPOINTS};
use std::path::{Path, PathBuf};
use tlog::{Tree, checkpoint::Checkpoint, note::VerifierKey, tile::FULL_WIDTH};

pub(crate) struct Check<'a> {
    dir: &'a Path,
    origin: &'a str,
    keys: &'a [VerifierKey],
    tree: Tree,
    tiles: TileFiles,
    damage: Vec<Damage>,
    /// The largest checkpoint there was before the entries were read.
    begun_at: u64,
    checkpoints: u64,
    checkpoint: Option<(u64, String)>,
}

impl<'a> Check<'a> {
    pub(crate) fn new(dir: &'a Path, origin: &'a str, keys: &'a [VerifierKey]) -> Self {
        Self {
            dir,
            origin,
            keys,
            tree: Tree::new(),
            tiles: TileFiles::new(dir),
            damage: Vec::new(),
            begun_at: 0,
            checkpoints: 0,
            checkpoint: None,
        }
    }

    pub(crate) fn run(mut self, entries: Entries) -> Report {
        self.begun_at = largest(self.dir);
        self.entries(entries);
        self.checkpoints();
        self.tiles.compare_rest(&self.tree, &mut self.damage);
        Report {
            size: self.tree.size(),
            root: self.tree.root(),
            checkpoints: self.checkpoints,
            checkpoint: self.checkpoint,
            tiles: self.tiles.compared(),
            damage: self.damage,
        }
    }

    fn entries(&mut self, entries: Entries) {
        let mut bundle = Vec::with_capacity(FULL_WIDTH.into());
        for read in entries {
            match read {
                // Behind a gap no tree can be built; the gap itself was named.
                Ok((index, entry)) if index == self.tree.size() => {
                    self.tree.push(tlog::leaf_hash(&entry.leaf));
                    bundle.push(entry.leaf);
                    if bundle.len() == usize::from(FULL_WIDTH) {
                        self.tiles.compare_bundle(index / u64::from(FULL_WIDTH), &bundle, &mut self.damage);
                        bundle.clear();
                    }
                }
                Ok(_) => {}
                Err(damage) => self.damage.push(damage),
            }
        }
    }

    fn checkpoints(&mut self) {
        for read in Walk::new(self.dir, CHECKPOINTS) {
            match read {
                Err(damage) => self.damage.push(damage),
                // Signed while we read, over entries that came after those we read.
                Ok(frame) if frame.first > self.begun_at.max(self.tree.size()) => break,
                Ok(frame) => {
                    let note = match &frame.entries[..] {
                        [entry] => String::from_utf8_lossy(&entry.leaf).into_owned(),
                        _ => String::new(),
                    };
                    match self.wrong(frame.first, &note) {
                        None => {
                            self.checkpoints += 1;
                            self.checkpoint = Some((frame.first, note));
                        }
                        Some(why) => self.report(frame.file, frame.offset, frame.first, why),
                    }
                }
            }
        }
    }

    /// Why this is no checkpoint over these entries.
    fn wrong(&self, size: u64, note: &str) -> Option<String> {
        let opened = match Checkpoint::open(note, self.keys, self.origin) {
            Ok(opened) => opened,
            Err(error) => return Some(format!("the checkpoint does not verify: {error}")),
        };
        if opened.size != size {
            return Some(format!("the checkpoint is for {} entries, its frame says {size}", opened.size));
        }
        match self.tree.root_at(size) {
            None => {
                Some(format!("a checkpoint was signed for {size} entries, but only {} can be read", self.tree.size()))
            }
            Some(root) if root != opened.root => {
                Some(format!("the checkpoint for {size} entries was signed over other entries"))
            }
            Some(_) => None,
        }
    }

    fn report(&mut self, file: PathBuf, offset: u64, index: u64, why: String) {
        self.damage.push(Damage { file, offset, index, why, unfinished: false });
    }
}

/// The largest tree size that a stored checkpoint is for, by its frame alone; 0 without any.
pub(crate) fn largest(dir: &Path) -> u64 {
    Walk::new(dir, CHECKPOINTS).filter_map(Result::ok).map(|frame| frame.first).max().unwrap_or_default()
}
