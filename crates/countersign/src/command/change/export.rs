//! `change export`: what people signed of a change, byte by byte, by this machine's own verified copy of
//! the ledger. The plan and the requirement are derived: of a revision that is over they are made again.

use crate::command::verify::OfflineBlobs;
use crate::command::{Context, bound, who};
use crate::error::{CliError, file};
use crate::find::ChangeRef;
use crate::given::given;
use crate::output;
use control::{Change, Replayer};
use model::{ChangeId, Digest, canon};
use serde::Serialize;
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use view::{BoundThing, Names};

/// One document that people signed the digest of.
#[derive(Serialize)]
struct Document {
    object: &'static str,
    digest: Digest,
    file: PathBuf,
    #[serde(skip)]
    bytes: Vec<u8>,
}

/// What was written.
#[derive(Serialize)]
struct Exported {
    change: ChangeId,
    revision: u32,
    documents: Vec<Document>,
    /// What the package binds, by name where Governance tells them.
    bound: Vec<BoundThing>,
}

pub async fn run(context: &Context, change: &ChangeRef, revision: Option<u32>, out: &Path) -> Result<(), CliError> {
    let copy = who::copy(context).await?;
    if let Some(outage) = &copy.outage {
        output::note(&format_args!(
            "{outage}; this is from this machine's verified copy of the ledger: {} entries",
            copy.state.size
        ));
    }
    let id = change.among(copy.state.change_ids())?;
    let known = copy.follower.change(&copy.state, &id).map_err(|error| desk::no_record(error, &id))?;
    let wanted = revision.unwrap_or(known.revision);
    let exported = if wanted == known.revision {
        known
    } else {
        let replayed = replayed(context, copy.state.size, &id, wanted)?;
        let none =
            || CliError::unknown(format!("change {id} has no revision {wanted}; its newest is {}", known.revision));
        Cow::Owned(replayed.ok_or_else(none)?)
    };
    let documents = documents(&exported, out)?;
    let names = match &copy.outage {
        Some(_) => Names::default(),
        None => who::reader(context).await?.names().await.unwrap_or_default().checked(&copy.state),
    };
    let bound = BoundThing::of_change(&copy.state, &names, &exported);
    std::fs::create_dir_all(out).map_err(given(out))?;
    for document in &documents {
        std::fs::write(&document.file, &document.bytes).map_err(given(&document.file))?;
    }
    let exported = Exported { change: id, revision: wanted, documents, bound };
    if context.json {
        output::json(&exported);
    } else {
        print(&exported);
    }
    Ok(())
}

fn print(exported: &Exported) {
    crate::print_line!("change       {}, revision {}", exported.change, exported.revision);
    for (label, text) in bound::lines(&exported.bound) {
        crate::print_line!("{label:<12} {text}");
    }
    for document in &exported.documents {
        crate::print_line!("{:<12} {}  {}", document.object, document.digest, document.file.display());
    }
    if exported.documents.len() == 1 {
        crate::print_line!("nobody has signed a plan of this revision: it was not sealed");
    }
    crate::print_line!("\ncheck a digest, which is what `seal`, `approve` and `run` have signed:");
    for document in &exported.documents {
        let (object, name) = (document.object, output::word(&document.file));
        crate::print_line!("  (printf 'countersign/{object}/v1\\0'; cat {name}) | sha256sum");
    }
}

/// The package, and what was signed with it: nothing more before it is sealed.
fn documents(change: &Change, out: &Path) -> Result<Vec<Document>, CliError> {
    let evidence = change.evidence_list();
    let evidence = (!evidence.is_empty()).then_some(&evidence);
    let all = [
        Some(document("package", &change.package, out)),
        change.plan.as_ref().map(|plan| document("plan", plan, out)),
        change.requirement.as_ref().map(|requirement| document("requirement", requirement, out)),
        evidence.map(|list| document("evidence", list, out)),
    ];
    all.into_iter().flatten().collect()
}

fn document(object: &'static str, value: &impl Serialize, out: &Path) -> Result<Document, CliError> {
    let bytes = canon::to_vec(value).map_err(signed::SignedError::from).map_err(desk::DeskError::from)?;
    let digest = Digest::of_object(object, &bytes);
    Ok(Document { object, digest, file: out.join(format!("{object}.json")), bytes })
}

/// The change as it stood last in a revision that is over; none where there is no such revision.
fn replayed(context: &Context, size: u64, id: &ChangeId, revision: u32) -> Result<Option<Change>, CliError> {
    let dir = context.home.join("cli/replica");
    let trust = context.home.trust(None)?;
    let mut replayer = Replayer::new(&trust, OfflineBlobs::at(dir.join("blobs"), ".blob"));
    let mut found = None;
    for leaf in follower::replica_leaves(&dir)?.take(usize::try_from(size).unwrap_or(usize::MAX)) {
        let leaf = leaf.map_err(file(&dir))?;
        replayer.push(&leaf).map_err(|broken| CliError::unknown(broken.to_string()))?;
        let Some(change) = replayer.state().changes.get(id) else { continue };
        if change.revision > revision {
            break;
        }
        if change.revision == revision && change.last + 1 == replayer.state().size {
            found = Some(change.clone());
        }
    }
    Ok(found)
}
