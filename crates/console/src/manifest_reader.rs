//! What a release says of itself, asked of Platform Services when somebody looks at it, and shown only once the whole of it
//! has the digest that people sign: whoever answers is not believed.

use crate::app::App;
use crate::manifests::ManifestSeen;
use crate::page::held::Keeping;
use crate::page::refused::RefusalNotice;
use artifact::{ArtifactError, Manifest, ManifestPiece, Pieces};
use client::ClientError;
use model::{Digest, Service};
use std::sync::Arc;
use std::time::Duration;

/// Longest wait for one answer, milliseconds: a page waits for it.
const ANSWER_MS: u64 = 5_000;
/// Longest that a whole manifest is read, page or no page.
const WHOLE_WITHIN: Duration = Duration::from_secs(60);
/// With which code Platform Services says that it keeps no archive of this digest.
pub(crate) const NOT_HELD: &str = "artifact.not_found";

impl App {
    /// What a release says of itself; who looks may see it, which the caller has asked. What takes longer than a page waits is
    /// read on, for who looks again.
    ///
    /// # Errors
    /// Why it is not known now.
    pub(crate) async fn manifest(self: &Arc<Self>, digest: &Digest) -> Result<Arc<ManifestSeen>, RefusalNotice> {
        if let Some(known) = self.manifests.get(digest) {
            return Ok(known);
        }
        if !self.sources.answers(Service::Platform) {
            return Err(silent("it does not answer"));
        }
        let read = async {
            let turn = Arc::clone(&self.manifests.reading).lock_owned().await;
            let (app, digest) = (Arc::clone(self), *digest);
            let read = tokio::spawn(async move {
                let _turn = turn;
                app.read_manifest(digest).await
            });
            read.await.unwrap_or_else(|_| Err(silent("the reading of it broke off")))
        };
        tokio::time::timeout(Duration::from_millis(ANSWER_MS), read).await.unwrap_or_else(|_| Err(being_read()))
    }

    async fn read_manifest(&self, digest: Digest) -> Result<Arc<ManifestSeen>, RefusalNotice> {
        if let Some(known) = self.manifests.get(&digest) {
            return Ok(known);
        }
        let whole = tokio::time::timeout(WHOLE_WITHIN, self.whole(digest)).await;
        let seen = Arc::new(ManifestSeen::from(whole.map_err(|_| silent("it did not answer in time"))??));
        self.manifests.keep(digest, Arc::clone(&seen));
        Ok(seen)
    }

    async fn whole(&self, digest: Digest) -> Result<Manifest, RefusalNotice> {
        let mut pieces = Pieces::of(digest);
        while let Some(path) = pieces.next() {
            let piece = self.piece(&path).await?;
            pieces.take(piece).map_err(|error| another(&error))?;
        }
        pieces.verified().map_err(|error| another(&error))
    }

    /// Whether its archive is still there, as Platform Services says now.
    pub(crate) async fn keeping(&self, digest: &Digest) -> Keeping {
        match self.piece(&format!("/v1/artifacts/{digest}/manifest?limit=1")).await {
            Ok(_) => Keeping::Held,
            Err(refused) if refused.code == NOT_HELD => Keeping::Gone,
            Err(_) => Keeping::Unknown,
        }
    }

    async fn piece(&self, path: &str) -> Result<ManifestPiece, RefusalNotice> {
        let Some(http) = self.http(Service::Platform).map(|http| http.within(ANSWER_MS)) else {
            return Err(silent("this console knows no address of it"));
        };
        let signed = self.asking(Service::Platform, format!("GET {path}"), None);
        let mut known_there = signed.is_some();
        let mut answer = signed.map_or_else(|| http.clone(), |http| http.within(ANSWER_MS)).get(path).await;
        // Where this console's signature is not known, what is everybody's is shown.
        if let Err(ClientError::Problem(_, 401)) = answer {
            known_there = false;
            answer = http.get(path).await;
        }
        answer.map_err(|error| match error {
            // Whoever is not known there is told the same of what it may not see.
            ClientError::Problem(detail, _) if detail.code == NOT_HELD && !known_there => {
                silent("it does not know this console, and tells it of nothing that is one tenant's")
            }
            error => not_known(error),
        })
    }
}

fn silent(why: &str) -> RefusalNotice {
    let message = format!("Platform Services did not say what it is made of: {why}");
    RefusalNotice::new("platform.unreachable", message, "look at the sources, then open this page again")
}

fn being_read() -> RefusalNotice {
    let message = "Platform Services has not said all of it yet, and nothing of it is shown before that was compared with the digest";
    RefusalNotice::new("manifest.being_read", message, "open this page again in a moment")
}

/// What is told of an answer that does not have the digest.
fn another(error: &ArtifactError) -> RefusalNotice {
    tracing::warn!(%error, "console: Platform Services answered with another manifest than was asked for");
    let message = "Platform Services answered with another manifest than this digest names; nothing of it is shown";
    let next = "sign for nothing on the word of that service, and have whoever runs it look at it; publishing the same package again replaces what it keeps";
    RefusalNotice::new("manifest.another", message, next)
}

fn not_known(error: ClientError) -> RefusalNotice {
    match error {
        ClientError::Problem(detail, _) if detail.code == NOT_HELD => {
            let message = "Platform Services holds no archive of it now, so its files are not known here";
            RefusalNotice::new(NOT_HELD, message, "publish the same package again")
        }
        ClientError::Problem(detail, _) => RefusalNotice::new(&detail.code, detail.message, detail.next),
        error => silent(&error.to_string()),
    }
}
