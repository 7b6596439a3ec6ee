//! Client themes, fetched from Platform Services by their digest to be looked at before they are bound.
//!
//! Neither that service nor the wire is believed: every byte is read against the digest, and the files are judged again as
//! whoever wears them judges them.

use crate::page::refused::RefusalNotice;
use crate::scratch::ScratchRoom;
use client::{ClientError, Http, HttpOptions, PlatformClient};
use model::Digest;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use storefront::ThemeFiles;
use theme::Faults;
use tokio::sync::Semaphore;

/// Largest archive of a theme: its files, its manifest, and what a tar adds to each of them.
const ARCHIVE_MAX: u64 = theme::MAX_BYTES + (8 << 20);
/// Longest wait until it is here, milliseconds.
const FETCH_MS: u64 = 10_000;
/// Most that are kept in memory, those looked at last.
const KEPT_MAX: usize = 3;

/// What looking at an archive found. A digest that is no theme's never becomes one, so that answer is kept, too.
pub(crate) type Looked = Result<Arc<ThemeFiles>, RefusalNotice>;

/// The themes that were looked at last.
pub(crate) struct Themes {
    room: ScratchRoom,
    platform: PlatformClient,
    kept: Mutex<VecDeque<(Digest, Looked)>>,
    /// One is fetched at a time.
    fetches: Semaphore,
}

impl Themes {
    pub(crate) fn new(room: ScratchRoom, platform: &str) -> Self {
        let answer_max_bytes = usize::try_from(ARCHIVE_MAX).unwrap_or(usize::MAX);
        let options = HttpOptions { timeout_ms: FETCH_MS, answer_max_bytes };
        let platform = PlatformClient::new(Http::with(platform, options));
        Self { room, platform, kept: Mutex::default(), fetches: Semaphore::new(1) }
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<(Digest, Looked)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self, digest: &Digest) -> Option<Looked> {
        self.kept().iter().find(|(known, _)| known == digest).map(|(_, looked)| looked.clone())
    }

    /// The theme of this digest; the request for it goes with what `sign` makes of it.
    ///
    /// # Errors
    /// When it cannot be fetched now, or is no theme.
    pub(crate) async fn get(&self, digest: Digest, sign: impl FnOnce(String) -> Option<String>) -> Looked {
        if let Some(looked) = self.known(&digest) {
            return looked;
        }
        let _one = self.fetches.acquire().await;
        if let Some(looked) = self.known(&digest) {
            return looked;
        }
        let looked = self.fetch(digest, sign).await?;
        let mut kept = self.kept();
        kept.truncate(KEPT_MAX - 1);
        kept.push_front((digest, looked.clone()));
        looked
    }

    /// What a look found; an error: nothing could be looked at.
    async fn fetch(
        &self,
        digest: Digest,
        sign: impl FnOnce(String) -> Option<String>,
    ) -> Result<Looked, RefusalNotice> {
        let scratch = self.room.scratch().map_err(|error| unread(&error))?;
        let tar = scratch.path("theme.tar");
        let mut file = tokio::fs::File::create(&tar).await.map_err(|error| unread(&error))?;
        let signed = sign(PlatformClient::download_request(&digest));
        let platform = signed.map_or_else(|| self.platform.clone(), |signed| self.platform.signed(signed));
        platform.download_file(&digest, &mut file).await.map_err(unreachable)?;
        let look = move || {
            let looked = unpacked(&tar, &scratch.path("unpacked"), &digest);
            drop(scratch);
            looked
        };
        tokio::task::spawn_blocking(look).await.map_err(|error| unread(&error))?
    }
}

fn unpacked(tar: &std::path::Path, to: &std::path::Path, digest: &Digest) -> Result<Looked, RefusalNotice> {
    let (tree, _, found) = match artifact::unpack(tar, to) {
        Ok(unpacked) => unpacked,
        Err(error @ artifact::ArtifactError::Io { .. }) => return Err(unread(&error)),
        Err(error) => return Err(changed(error.to_string())),
    };
    if found != *digest {
        return Err(changed(format!("it is {}", found.short())));
    }
    let files = ThemeFiles::read(&tree).map_err(|error| unread(&error))?;
    Ok(files.map(Arc::new).map_err(|faults| refused(&faults)))
}

/// What is wrong with what should be a theme, fault by fault.
pub(crate) fn refused(faults: &Faults) -> RefusalNotice {
    let count = faults.faults.len() + faults.more;
    let message = format!("this is no client theme: {count} fault{}", if count == 1 { "" } else { "s" });
    let mut lines: Vec<_> = faults.faults.iter().map(ToString::to_string).collect();
    lines.extend((faults.more > 0).then(|| format!("and {} more", faults.more)));
    RefusalNotice {
        faults: lines,
        ..RefusalNotice::new("theme.refused", message, "mend what is listed, then pack it again")
    }
}

fn changed(why: String) -> RefusalNotice {
    let message = format!("what Platform Services gave is not what was published: {why}");
    RefusalNotice::new("theme.changed", message, "publish the same theme again, which replaces it")
}

fn unreachable(error: ClientError) -> RefusalNotice {
    match error {
        ClientError::Problem(detail, _) => RefusalNotice::new(&detail.code, detail.message, detail.next),
        error => RefusalNotice::new("theme.unreachable", error.to_string(), "look at the sources, then open it again"),
    }
}

fn unread(error: &dyn std::error::Error) -> RefusalNotice {
    tracing::warn!(%error, "console: a theme cannot be looked at");
    RefusalNotice::new("theme.unreadable", "the theme could not be read here now", "open its page again")
}
