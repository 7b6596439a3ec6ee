//! Certificates: what was published is looked at, every byte, and what it is goes into the ledger.

use crate::shelf::Shelf;
use artifact::{ArtifactError, Manifest};
use control::due_certificates;
use follower::Follower;
use model::{Digest, Resource, Token};
use signed::{Certificate, Report};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// What was told is looked at again after so long, should the ledger not have heard of it; and what cannot be looked at
/// now.
const AGAIN_AFTER: Duration = Duration::from_secs(15);

/// Looks at whatever was published and is not certified, until the follower or the reports end.
pub(crate) async fn keep(follower: Follower, shelf: Shelf, told: mpsc::Sender<Report>) {
    let mut news = follower.changed();
    let mut uploads = shelf.uploaded.subscribe();
    let mut tried: BTreeMap<Digest, Instant> = BTreeMap::new();
    loop {
        news.borrow_and_update();
        uploads.borrow_and_update();
        let (state, now) = (follower.state(), Instant::now());
        let due = due_certificates(&state);
        tried.retain(|digest, at| now < *at + AGAIN_AFTER && due.iter().any(|(due, _)| due == digest));
        for (digest, resource) in due {
            // Until its bytes are here there is nothing to look at; they may come after the word that publishes it.
            if tried.contains_key(&digest) || !shelf.store.archive_path(&digest).is_file() {
                continue;
            }
            let Some(known) = state.resources.get(&digest) else { continue };
            let said = (known.product.clone(), known.version.clone());
            tried.insert(digest, Instant::now());
            if let Some(report) = look(&shelf, digest, resource, said).await
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

/// What an archive is found to be; none when that cannot be said now.
async fn look(shelf: &Shelf, digest: Digest, resource: Resource, said: (Token, Token)) -> Option<Report> {
    let store = shelf.store.clone();
    let found = tokio::task::spawn_blocking(move || match resource {
        Resource::Artifact => store.verify(&digest).map(|manifest| program(manifest, said)),
        _ => store.tree(&digest).and_then(|(tree, manifest)| theme(&tree, manifest, said)),
    });
    let report = |found: Result<Certificate, &str>| match found {
        Ok(certificate) => Report::Certified { digest, certificate },
        Err(code) => Report::NotCertified { digest, code: code.parse().expect("each code is a token") },
    };
    match found.await {
        Ok(Ok(found)) => Some(report(found)),
        Ok(Err(error)) => {
            tracing::warn!(%digest, %error, "platform: what was published cannot be certified now");
            None
        }
        Err(error) => {
            tracing::error!(%digest, %error, "platform: the look at what was published broke off");
            None
        }
    }
}

fn program(manifest: Manifest, said: (Token, Token)) -> Result<Certificate, &'static str> {
    let Some(program) = manifest.program else { return Err("manifest.no_program") };
    let (product, version) = (manifest.product, manifest.version);
    if (&product, &version) != (&said.0, &said.1) {
        return Err("manifest.another_name");
    }
    Ok(Certificate::Artifact { product, version, profile: program.profile })
}

fn theme(
    tree: &std::path::Path,
    manifest: Manifest,
    said: (Token, Token),
) -> Result<Result<Certificate, &'static str>, ArtifactError> {
    if manifest.program.is_some() {
        return Ok(Err("manifest.a_program"));
    }
    if (&manifest.product, &manifest.version) != (&said.0, &said.1) {
        return Ok(Err("manifest.another_name"));
    }
    let paths = manifest.files.iter().map(|file| file.path.to_string());
    let read = |path: &str, most: u64| -> Result<Vec<u8>, ArtifactError> {
        use std::io::Read as _;
        let path = tree.join(path);
        let mut bytes = vec![];
        let io = |source| ArtifactError::Io { path: path.clone(), source };
        std::fs::File::open(&path).map_err(io)?.take(most).read_to_end(&mut bytes).map_err(io)?;
        Ok(bytes)
    };
    Ok(match theme::check(paths, read)? {
        Ok(_) => Ok(Certificate::Theme { product: manifest.product, version: manifest.version }),
        Err(faults) => {
            tracing::warn!(%faults, "platform: what was published as a theme is none");
            Err("theme.unacceptable")
        }
    })
}
