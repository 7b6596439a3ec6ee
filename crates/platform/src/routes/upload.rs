//! Taking an archive in.

use super::PlatformContext;
use super::artifacts::{broken, digest};
use crate::open::{self, BrokenOff, TooSlow};
use crate::room::{Coming, NoRoom, no_room};
use crate::shelf::KEPT_MAX;
use artifact::{ArtifactError, MAX_ARCHIVE};
use axum::body::{Body, HttpBody as _};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use model::Digest;
use service_shell::{Bearer, Problem, ProblemBody};

impl PlatformContext {
    /// Room for an archive of so many bytes, if there is some: by number, of the disk, and among what nobody has published.
    async fn has_room(&self, id: Digest, bytes: u64) -> Result<Option<Coming>, Problem> {
        let (shelf, state) = (self.shelf.clone(), self.follower.state());
        let look = move || -> Result<_, ArtifactError> {
            let kept = shelf.store.list()?;
            if kept.len() >= KEPT_MAX && !kept.contains(&id) {
                return Ok(Err(full()));
            }
            if let Err(error) = shelf.room.leaves_enough(bytes) {
                let path = shelf.store.archive_path(&id);
                return Ok(Err(refusal(&ArtifactError::Io { path, source: error })));
            }
            if state.resources.contains_key(&id) {
                return Ok(Ok(None));
            }
            // One that is replaced takes no more than before.
            let others = kept.iter().filter(|kept| **kept != id && !state.resources.contains_key(*kept));
            let lying = || Ok(others.filter_map(|kept| Some(shelf.store.kept(kept).ok()?.0)).sum());
            Ok(shelf.room.hold(bytes, lying)?.map(Some).map_err(without_room))
        };
        tokio::task::spawn_blocking(look).await.map_err(|error| broken(&error))?.map_err(|error| broken(&error))?
    }
}

fn full() -> Problem {
    Problem::refused(
        "artifacts.full",
        format!("{KEPT_MAX} artifacts are held, which is the most"),
        "`countersign artifact prune` says what nothing needs, and when it goes; `keep_unneeded` in its configuration says how long it stays",
    )
}

fn without_room(why: NoRoom) -> Problem {
    match why {
        NoRoom::Disk { .. } => Problem::new(
            StatusCode::INSUFFICIENT_STORAGE,
            "disk.no_room",
            why.to_string(),
            "make room on that disk, then publish it again; `countersign artifact prune` says what of the artifacts nothing needs, and when it goes",
        ),
        NoRoom::Unpublished { .. } => Problem::refused(
            "uploads.full",
            why.to_string(),
            "publish what was uploaded, or wait: what nobody has published an hour after it came goes by itself",
        ),
    }
}

/// Keeps a packed artifact whose contents have exactly this digest. Inert until a change names it. Only who may publish it
/// sends it, one at a time each, and at 64 KiB a second at least.
#[utoipa::path(put, path = "/v1/artifacts/{digest}/tar", tag = "artifacts",
    params(("digest" = String, Path, description = "Digest of the artifact's manifest")),
    request_body(content = Vec<u8>, content_type = "application/x-tar"),
    responses((status = 204), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody), (status = 409, body = ProblemBody), (status = 413, body = ProblemBody),
        (status = 408, body = ProblemBody, description = "`upload.too_slow`"),
        (status = 503, body = ProblemBody, description = "`upload.in_progress`, `busy`"), (status = 507, body = ProblemBody, description = "`disk.no_room`")))]
pub(super) async fn upload(
    State(context): State<PlatformContext>,
    Path(id): Path<String>,
    bearer: Bearer,
    body: Body,
) -> Result<StatusCode, Problem> {
    let id = digest(&id)?;
    let person = context.follower.publisher_of(bearer, (context.clock)())?;
    let place = context.shelf.uploads.take(person)?;
    let looking = context.shelf.looking().await;
    // What is not announced may be as large as any.
    let coming = context.has_room(id, body.size_hint().exact().unwrap_or(MAX_ARCHIVE)).await?;
    let (reader, feed) = open::reader(body);
    let (store, mut reader) = (context.shelf.store.clone(), context.shelf.room.sparing(reader));
    let receive = tokio::task::spawn_blocking(move || {
        let (_place, _looking, _coming) = (place, looking, coming);
        store.receive(&mut reader, &id)
    });
    let ((), received) = tokio::join!(feed, receive);
    match received.map_err(|error| broken(&error))? {
        Ok(_) => {
            context.shelf.received(&id);
            Ok(StatusCode::NO_CONTENT)
        }
        Err(error) => Err(refusal(&error)),
    }
}

fn refusal(error: &ArtifactError) -> Problem {
    let next = "pack the artifact again and upload it under the digest that prints";
    match error {
        ArtifactError::Io { source, .. } => match no_room(source) {
            Some(why) => {
                tracing::warn!(%error, "platform: an upload was not taken, for want of room");
                without_room(why)
            }
            None if source.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<TooSlow>) => {
                tracing::warn!(%error, "platform: an upload was broken off, because it held its place for too little");
                let next = "send it again on a better way, as from this machine itself";
                Problem::new(StatusCode::REQUEST_TIMEOUT, "upload.too_slow", TooSlow.to_string(), next)
            }
            None if source.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<BrokenOff>) => {
                tracing::warn!(%error, "platform: an upload did not arrive whole");
                Problem::malformed("upload.broken_off", "the archive did not arrive whole", "send it again")
            }
            None => broken(error),
        },
        ArtifactError::Identity { .. } => Problem::refused("artifact.other", error.to_string(), next),
        ArtifactError::Limit(_) => {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body.too_large", error.to_string(), next)
        }
        _ => Problem::malformed("artifact.not_acceptable", error.to_string(), next),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse as _;
    use std::io;

    #[test]
    fn a_full_disk_is_told_from_an_upload_that_broke_off_or_was_too_slow_and_from_a_disk_that_fails() {
        let disk = NoRoom::Disk { free: 0, kept: 1 };
        let own = io::Error::from_raw_os_error(5);
        for (source, status) in [
            (io::Error::other(disk), StatusCode::INSUFFICIENT_STORAGE),
            (io::ErrorKind::StorageFull.into(), StatusCode::INSUFFICIENT_STORAGE),
            (own, StatusCode::INTERNAL_SERVER_ERROR),
            (io::Error::other(TooSlow), StatusCode::REQUEST_TIMEOUT),
            (open::broken_off("it has trailers".to_owned()), StatusCode::BAD_REQUEST),
        ] {
            let problem = refusal(&ArtifactError::Io { path: "a.tar".into(), source });
            assert_eq!(problem.into_response().status(), status);
        }
    }
}
