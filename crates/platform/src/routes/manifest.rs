//! What a release that is held says of itself.

use super::PlatformContext;
use super::artifacts::{broken, digest, not_held, sight};
use artifact::{ArtifactError, FileEntry, Manifest, Program};
use axum::Json;
use axum::extract::{Path, Query, State};
use follower::Asking;
use model::{Digest, Token};
use serde::{Deserialize, Serialize};
use service_shell::{Problem, ProblemBody};

/// Files of an answer where nothing else is asked for.
const FILES: usize = 100;
/// Most files of one answer.
const FILES_MAX: usize = 1_000;

/// A manifest, with a piece of its list of files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ManifestView {
    /// Its digest.
    #[schema(value_type = String)]
    pub artifact: Digest,
    /// Product.
    #[schema(value_type = String)]
    pub product: Token,
    /// Version.
    #[schema(value_type = String)]
    pub version: Token,
    /// What starts, what it needs and allows, and when it counts as healthy; absent where the package is files alone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<Object>)]
    pub program: Option<Program>,
    /// How many files it has in all.
    pub files_total: u64,
    /// Bytes of all of them together.
    pub bytes_total: u64,
    /// A piece of them, sorted by path: path, mode, size and SHA-256 of each.
    #[schema(value_type = Vec<Object>)]
    pub files: Vec<FileEntry>,
    /// `after` of the next piece; absent in the last one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<u64>,
}

impl ManifestView {
    fn of(artifact: Digest, manifest: &Manifest, after: usize, limit: usize) -> Self {
        let files: Vec<_> = manifest.files.iter().skip(after).take(limit).cloned().collect();
        let end = after.saturating_add(files.len());
        Self {
            artifact,
            product: manifest.product.clone(),
            version: manifest.version.clone(),
            program: manifest.program.clone(),
            files_total: manifest.files.len() as u64,
            bytes_total: manifest.total_bytes(),
            next: (end < manifest.files.len()).then_some(end as u64),
            files,
        }
    }
}

/// Which files are asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PieceQuery {
    /// How many files to pass by: `next` of the answer before; absent: none.
    after: Option<usize>,
    /// Most files, 1 to 1000; absent: 100.
    limit: Option<usize>,
}

/// What a release that is held says of itself: what starts, what it needs and allows, when it counts as healthy, and its
/// files, a piece at a time. Who may have it listed may read it: it is there for whoever asks where it is for any tenant.
/// Its digest fixes every byte of it; whether the files are still those, `verify` looks.
#[utoipa::path(get, path = "/v1/artifacts/{digest}/manifest", tag = "artifacts",
    params(("digest" = String, Path, description = "Digest of the artifact's manifest"),
        PieceQuery),
    responses((status = 200, body = ManifestView),
        (status = 400, body = ProblemBody, description = "`manifest.limit`"), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody),
        (status = 500, body = ProblemBody)))]
pub(super) async fn manifest(
    State(context): State<PlatformContext>,
    Path(id): Path<String>,
    Query(piece): Query<PieceQuery>,
    asking: Asking,
) -> Result<Json<ManifestView>, Problem> {
    let id = digest(&id)?;
    let limit = piece.limit.unwrap_or(FILES);
    if !(1..=FILES_MAX).contains(&limit) {
        let next = "ask for the next files with `after`";
        return Err(Problem::malformed("manifest.limit", format!("`limit` is 1 to {FILES_MAX}"), next));
    }
    let sight = sight(&context, &asking)?;
    // What may not be shown is answered as what is not there.
    if !sight.shows_kept(&context.follower.state(), &id) {
        return Err(not_held(&id));
    }
    match context.manifests.of(&context.shelf.store, id).await {
        Ok(manifest) => Ok(Json(ManifestView::of(id, &manifest, piece.after.unwrap_or(0), limit))),
        Err(ArtifactError::Unknown(_)) => Err(not_held(&id)),
        Err(error @ ArtifactError::Io { .. }) => Err(broken(&error)),
        Err(error) => Err(Problem::refused(
            "artifact.changed",
            format!("the archive of {} that is kept here is not what was published: {error}", id.short()),
            "publish the same artifact again, which replaces it",
        )),
    }
}
