//! Certificates: what was published is looked at, every byte, and what it is goes into the ledger.

use crate::shelf::{Found, Looks, Shelf, looks};
use artifact::{ArtifactError, ArtifactStore, Manifest};
use control::due_certificates;
use follower::Follower;
use model::{Digest, Resource, Token};
use signed::{Certificate, Report};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// What was told is told again after so long, should the ledger not have heard of it.
const AGAIN_AFTER: Duration = Duration::from_secs(15);
/// An archive that cannot be certified as it lies here is read again after so long, where it looks as it did: a disk may
/// have failed once. One that looks otherwise is read at once.
const READ_AGAIN_AFTER: Duration = Duration::from_secs(600);

/// What was found when an archive was last read whole.
struct Tried {
    at: Instant,
    /// What it looked like.
    looks: Looks,
    /// What was told of it; none: it could not be certified.
    told: Option<Report>,
}

/// What is done about an archive now.
enum Next {
    Wait,
    Tell(Report),
    Read,
}

/// Looks at whatever was published and is not certified, until the follower or the reports end.
pub(crate) async fn keep(follower: Follower, shelf: Shelf, told: mpsc::Sender<Report>) {
    let mut news = follower.changed();
    let mut uploads = shelf.uploaded.subscribe();
    let mut tried: BTreeMap<Digest, Tried> = BTreeMap::new();
    loop {
        news.borrow_and_update();
        uploads.borrow_and_update();
        let state = follower.state();
        let due = due_certificates(&state);
        tried.retain(|digest, _| due.iter().any(|(due, _)| due == digest));
        for (digest, resource) in due {
            let Some(known) = state.resources.get(&digest) else { continue };
            let said = (known.product.clone(), known.version.clone());
            if let Some(report) = one(&shelf, &mut tried, digest, resource, said).await
                && told.send(report).await.is_err()
            {
                return;
            }
        }
        tokio::select! {
            changed = news.changed() => if changed.is_err() { return },
            changed = uploads.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(AGAIN_AFTER) => {}
        }
    }
}

/// What is to be told of one now, if anything. Until its bytes are here there is nothing to look at; they may come after
/// the word that publishes it.
async fn one(
    shelf: &Shelf,
    tried: &mut BTreeMap<Digest, Tried>,
    digest: Digest,
    resource: Resource,
    said: (Token, Token),
) -> Option<Report> {
    let path = shelf.store.archive_path(&digest);
    let looks = tokio::task::spawn_blocking(move || looks(&path)).await.ok().flatten();
    looks?;
    let now = Instant::now();
    let told = match tried.get(&digest).map_or(Next::Read, |tried| tried.next(looks, now)) {
        Next::Wait => return None,
        Next::Tell(report) => Some(report),
        Next::Read => look(shelf, digest, resource, said).await,
    };
    tried.insert(digest, Tried { at: now, looks, told: told.clone() });
    told
}

impl Tried {
    fn next(&self, looks: Looks, now: Instant) -> Next {
        let since = now.saturating_duration_since(self.at);
        match &self.told {
            _ if looks != self.looks => Next::Read,
            Some(report) if since >= AGAIN_AFTER => Next::Tell(report.clone()),
            None if since >= READ_AGAIN_AFTER => Next::Read,
            _ => Next::Wait,
        }
    }
}

/// What an archive is found to be; none when that cannot be said as it lies here. What its manifest says is judged first,
/// so that nothing is read of what is refused by it. An archive that is damaged is told as every look tells it.
async fn look(shelf: &Shelf, digest: Digest, resource: Resource, said: (Token, Token)) -> Option<Report> {
    let _looking = shelf.looking().await;
    let store = shelf.store.clone();
    let judged = blocking(digest, move || Ok(judge(store.manifest(&digest)?, resource, &said))).await;
    if let Some(Err(code)) = judged {
        return Some(refused(digest, code));
    }
    // Also where the manifest cannot be read: this finds the same, and tells it.
    match shelf.look(digest).await {
        Found::Whole => {}
        Found::Missing => return None,
        Found::Changed(why) | Found::Unreadable(why) => {
            tracing::warn!(%digest, why, "platform: what was published cannot be certified as it lies here");
            return None;
        }
    }
    let certificate = judged?.ok()?;
    if matches!(certificate, Certificate::Theme { .. }) {
        let store = shelf.store.clone();
        if let Err(code) = blocking(digest, move || theme(&store, digest)).await? {
            return Some(refused(digest, code));
        }
    }
    Some(Report::Certified { digest, certificate })
}

async fn blocking<T: Send + 'static>(
    digest: Digest,
    work: impl FnOnce() -> Result<T, ArtifactError> + Send + 'static,
) -> Option<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(worked)) => Some(worked),
        Ok(Err(error)) => {
            tracing::warn!(%digest, %error, "platform: what was published cannot be read now");
            None
        }
        Err(error) => {
            tracing::error!(%digest, %error, "platform: the look at what was published broke off");
            None
        }
    }
}

fn refused(digest: Digest, code: &str) -> Report {
    Report::NotCertified { digest, code: code.parse().expect("each code is a token") }
}

/// What something may be certified as by what its manifest says, or why it never will.
fn judge(manifest: Manifest, resource: Resource, said: &(Token, Token)) -> Result<Certificate, &'static str> {
    let (files, bytes) = (manifest.files.len(), manifest.total_bytes());
    let Manifest { product, version, program, .. } = manifest;
    let another_name = (&product, &version) != (&said.0, &said.1);
    match (resource, program) {
        (Resource::Artifact, None) => Err("manifest.no_program"),
        (of, Some(_)) if of != Resource::Artifact => Err("manifest.a_program"),
        _ if another_name => Err("manifest.another_name"),
        (_, Some(program)) => Ok(Certificate::Artifact { product, version, profile: program.profile }),
        (_, None) if files > theme::MAX_FILES || bytes > theme::MAX_BYTES => Err("theme.unacceptable"),
        (_, None) => Ok(Certificate::Theme { product, version }),
    }
}

/// Whether the files are those of a theme. They are few and small, so they are read where they lie in their archive, and
/// nothing is unpacked.
fn theme(store: &ArtifactStore, digest: Digest) -> Result<Result<(), &'static str>, ArtifactError> {
    let files = store.contents(&digest, theme::MAX_BYTES)?;
    let read = |path: &str, most: u64| -> Result<Vec<u8>, ArtifactError> {
        let bytes = files.get(path).map(Vec::as_slice).unwrap_or_default();
        Ok(bytes[..bytes.len().min(usize::try_from(most).unwrap_or(usize::MAX))].to_vec())
    };
    Ok(match theme::check(files.keys().cloned(), read)? {
        Ok(_) => Ok(()),
        Err(faults) => {
            tracing::warn!(%faults, "platform: what was published as a theme is none");
            Err("theme.unacceptable")
        }
    })
}

#[cfg(test)]
mod tests;
