//! What an `open` brings along: the package, the texts of its parts, the governing document it names.

use super::openings::{openings, subjects};
use crate::openings::{Bound, Texts};
use crate::problems;
use control::{State, Unsound};
use model::{CommandId, Digest, Id, canon};
use service_shell::Problem;
use wire::{DocumentUpload, PackageUpload};

/// Longest governing document, bytes of its canonical form.
const DOCUMENT_MAX: usize = 256 << 10;

/// A governing blob: its object name and canonical bytes.
pub(crate) type Blob = (&'static str, Vec<u8>);

/// Checks what came with the word that opens a change. The blobs are to be kept before the leaf that
/// names them.
///
/// # Errors
/// Whatever is missing, is not what was signed for, or does not hold together.
pub(super) fn uploads(
    state: &State,
    named: &Digest,
    upload: Option<PackageUpload>,
    document: Option<DocumentUpload>,
) -> Result<(Texts, Vec<Blob>), Problem> {
    let upload = upload.ok_or_else(|| {
        Problem::not_found("blob.missing", "the package of the change was not sent", "send it in `package`")
    })?;
    let package = upload.package;
    let bytes = canonical("package", &package)?;
    if Digest::of_object("package", &bytes) != *named {
        return Err(Problem::malformed(
            "package.differs",
            "the package sent is not the one that was signed for",
            "sign the digest of the package you send",
        ));
    }
    if package.ledger != state.ledger {
        return Err(problems::other_ledger());
    }
    let mut blobs = vec![("package", bytes)];
    let mut joining = vec![];
    if let Some(named) = package.body.references().first() {
        let (blob, document) = named_document(named, document)?;
        joining = people(&document);
        blobs.push(blob);
    } else if document.is_some() {
        return Err(Problem::malformed(
            "document.not_named",
            "the package names no document",
            "leave `document` out, or send the package that names it",
        ));
    }
    let bound = Bound { to: CommandId(package.nonce.0), parts: package.parts };
    subjects(state, &bound.parts, &joining)?;
    openings(&state.ledger, &bound.to, &bound.parts, &upload.openings)?;
    Ok((Texts { bound, openings: upload.openings }, blobs))
}

/// Checks the document that came with the word that publishes it.
///
/// # Errors
/// As of one that a package names.
pub(super) fn published(
    object: &'static str,
    digest: Digest,
    document: Option<DocumentUpload>,
) -> Result<Vec<Blob>, Problem> {
    named_document(&(object, digest), document).map(|(blob, _)| vec![blob])
}

fn named_document(
    (object, digest): &(&'static str, Digest),
    document: Option<DocumentUpload>,
) -> Result<(Blob, DocumentUpload), Problem> {
    let document = document.ok_or_else(|| {
        let next = "send it in `document`, along with the word that names it";
        Problem::not_found("blob.missing", "the document that is named was not sent", next)
    })?;
    let (found, bytes) = checked(&document)?;
    if found != *object || Digest::of_object(object, &bytes) != *digest {
        return Err(Problem::malformed(
            "document.differs",
            "the document sent is not the one that is named",
            "name the digest of the document you send, and sign that",
        ));
    }
    Ok(((*object, bytes), document))
}

/// A document that holds together by itself, in its canonical form.
fn checked(document: &DocumentUpload) -> Result<Blob, Problem> {
    let (blob, sound) = match document {
        DocumentUpload::Roster(roster) => {
            (("roster", canonical("document", roster)?), roster.check().map_err(Unsound::from))
        }
        DocumentUpload::Setting(setting) => (("settings", canonical("document", setting)?), setting.check()),
        DocumentUpload::Config(config) => (("config", canonical("document", config)?), config.check()),
        DocumentUpload::Retention(policy) => (("retention", canonical("document", policy)?), policy.check()),
    };
    if blob.1.len() > DOCUMENT_MAX {
        return Err(Problem::malformed(
            "document.too_large",
            format!("a governing document has at most {} KiB", DOCUMENT_MAX >> 10),
            "shorten it",
        ));
    }
    sound.map_err(|why| {
        Problem::malformed("document.unsound", format!("the document does not hold together: {why}"), "correct it")
    })?;
    Ok(blob)
}

/// Whom a document brings in: texts of the package may be about them.
fn people(document: &DocumentUpload) -> Vec<Id> {
    match document {
        DocumentUpload::Roster(roster) => roster.people.iter().map(|person| person.id.into()).collect(),
        DocumentUpload::Setting(_) | DocumentUpload::Config(_) | DocumentUpload::Retention(_) => vec![],
    }
}

fn canonical(what: &str, object: &impl serde::Serialize) -> Result<Vec<u8>, Problem> {
    canon::to_vec(object).map_err(|error| {
        let next = "write it in the profile countersign-json/1";
        Problem::malformed("package.not_canonical", format!("the {what}: {error}"), next)
    })
}
