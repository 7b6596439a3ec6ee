//! Full tiles and bundles as files in the layout of C2SP tlog-tiles, for any static file server.
//! Derived: made again when missing. Partial ones are never stored (they are rendered on request).

use crate::{LedgerError, Log, disk, log::Shared};
use std::{fs, ops::Range, os::unix::fs::DirBuilderExt as _, path::Path, sync::Arc};
use tlog::tile::{FULL_WIDTH, TilePath};

/// Most tiles still written once the log is closed: what is left is made by the next start.
const LAST_TILES: u32 = 256;

/// Writes what each newly published checkpoint completes, until the log is closed; without a directory it only keeps a
/// segment at hand.
pub(crate) fn run(shared: Arc<Shared>, dir: Option<&Path>) {
    let log = Log(shared);
    let (mut done, mut left) = (0, LAST_TILES);
    while let Some(size) = log.0.covered.wait(done) {
        log.0.tail.prepare();
        if let Some(dir) = dir
            && let Err(error) = grow(&log, dir, done..size, &mut left)
        {
            // They are derived: the next start makes what is missing.
            tracing::warn!(%error, "ledger: tiles cannot be written; they are still served from memory");
        }
        done = size;
    }
}

/// Writes the tiles that are full at the end of `sizes` and were not at its start.
fn grow(log: &Log, dir: &Path, sizes: Range<u64>, left: &mut u32) -> Result<(), LedgerError> {
    let full = u64::from(FULL_WIDTH);
    let mut each = full;
    for level in 0.. {
        if sizes.end / each == 0 {
            break;
        }
        for index in sizes.start / each..sizes.end / each {
            if log.0.covered.is_closed() {
                let Some(fewer) = left.checked_sub(1) else { return Ok(()) };
                *left = fewer;
            }
            // A long backlog of tiles must not keep the writer short of space.
            log.0.tail.prepare();
            put(log, dir, &TilePath::Hash { level, index, width: FULL_WIDTH })?;
            if level == 0 {
                put(log, dir, &TilePath::Entries { index, width: FULL_WIDTH })?;
            }
        }
        each = each.saturating_mul(full);
    }
    Ok(())
}

fn put(log: &Log, dir: &Path, tile: &TilePath) -> Result<(), LedgerError> {
    let path = dir.join(tile.to_string());
    if path.exists() {
        return Ok(());
    }
    if let (Some(bytes), Some(parent)) = (log.tile(tile)?, path.parent()) {
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(parent);
        made.map_err(LedgerError::io("create", parent))?;
        disk::put(&dir.join("tile.new"), &path, &bytes, 0o600).map_err(LedgerError::io("write", &path))?;
    }
    Ok(())
}
