//! What the form of a publication sent, read as it comes: nothing of a file is taken before its form is found to be a page's
//! of this session, and who sent it may publish here.

use super::super::sent::Sent;
use crate::app::App;
use crate::multipart::{Broken, Multipart, Part};
use crate::page::refused::RefusalNotice;
use crate::scratch::{Scratch, ScratchRoom};
use crate::viewer::Visit;
use artifact::MAX_ARCHIVE;
use axum::extract::Request;
use model::{Resource, Service};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Largest document that is pasted, in bytes: what is refused is kept for the page that shows it again.
pub(super) const PASTED_MAX: usize = 48 << 10;
/// Largest other text, in bytes.
const TEXT_MAX: usize = 4 << 10;
/// Longest name of a file that is shown, in characters.
const FILE_NAME_MAX: usize = 100;

/// A file that was sent.
pub(super) enum SentFile {
    /// Of a packed artifact or theme.
    Archive(Upload),
    /// Of a document.
    Text { name: String, text: String },
}

/// A packed file on this console's disk; gone with this, and only then is its place another's.
pub(super) struct Upload {
    scratch: Scratch,
    /// Below the file: what stands first is given back first.
    _place: OwnedSemaphorePermit,
}

impl Upload {
    /// Takes a place for it; none is left: as many are being read, hashed or sent on as may be at once.
    fn begin(places: &Arc<Semaphore>, room: &ScratchRoom) -> Result<Self, RefusalNotice> {
        let busy = |_| {
            let message = "as many files are being taken as this console takes at once";
            RefusalNotice::new("busy", message, "send it again in a moment").at("file")
        };
        let place = Arc::clone(places).try_acquire_owned().map_err(busy)?;
        let scratch = room.scratch().map_err(|error| unwritten(&error))?;
        Ok(Self { scratch, _place: place })
    }

    /// As it was sent.
    pub(super) fn tar(&self) -> PathBuf {
        self.scratch.path("upload.tar")
    }

    /// Where it may be unpacked.
    pub(super) fn unpacked(&self) -> PathBuf {
        self.scratch.path("unpacked")
    }
}

/// A form that was read.
pub(super) struct Received {
    pub(super) what: Resource,
    pub(super) sent: Sent,
    pub(super) file: Option<SentFile>,
}

/// Why a form was not read to its end.
pub(super) enum Unread {
    /// It is not of a page of this session; with what it carries to prove that it is.
    Foreign(String),
    /// It does not say what it publishes.
    Nothing,
    /// This is wrong with it.
    Refused(Resource, RefusalNotice, Sent),
}

/// What publishing rests on.
pub(super) fn needs(what: Resource) -> &'static [Service] {
    match what {
        Resource::Artifact | Resource::Theme => &[Service::Governance, Service::Platform],
        Resource::Config | Resource::Retention => &[Service::Governance],
    }
}

fn broken(why: Broken) -> RefusalNotice {
    RefusalNotice::new("upload.broken_off", why.to_string(), "choose the file again, then send the form again")
}

fn too_large(field: &'static str, most: u64) -> RefusalNotice {
    let message = format!("this is larger than the {most} bytes that are taken");
    RefusalNotice::new("body.too_large", message, "make it smaller").at(field)
}

fn unwritten(error: &std::io::Error) -> RefusalNotice {
    tracing::warn!(%error, "console: an upload cannot be kept");
    RefusalNotice::new("upload.not_kept", "the file could not be kept here while it is read", "send it again")
        .at("file")
}

/// Reads a form. Its token comes first, then what it publishes, then the other texts, and the file at last.
pub(super) async fn receive(app: &App, visit: &Visit, request: Request) -> Result<Received, Unread> {
    let (head, body) = request.into_parts();
    let mut form = Multipart::of(&head.headers, body).map_err(|_| Unread::Foreign(String::new()))?;
    let csrf = text_of(&mut form, "csrf").await.unwrap_or_default();
    if !visit.session.accepts(&csrf) {
        return Err(Unread::Foreign(csrf));
    }
    let what = text_of(&mut form, "what").await.and_then(|what| what.parse().ok()).ok_or(Unread::Nothing)?;
    let mut pairs = vec![];
    match rest(app, visit, what, &mut form, &mut pairs).await {
        Ok(file) => Ok(Received { what, sent: Sent::of(pairs), file }),
        Err(refused) => Err(Unread::Refused(what, refused, Sent::of(pairs))),
    }
}

/// The next part, where it is this text.
async fn text_of(form: &mut Multipart, name: &str) -> Option<String> {
    let part = form.next().await.ok().flatten().filter(|part| part.name == name && part.file.is_none());
    part.as_ref()?;
    form.text(TEXT_MAX).await.ok().flatten()
}

async fn rest(
    app: &App,
    visit: &Visit,
    what: Resource,
    form: &mut Multipart,
    pairs: &mut Vec<(String, String)>,
) -> Result<Option<SentFile>, RefusalNotice> {
    if let Some(blocked) = app.scene(visit.viewer.clone()).blocked(needs(what)) {
        return Err(RefusalNotice::new(blocked.code, blocked.why, "look at the sources; nothing was sent"));
    }
    let mut file = None;
    while let Some(part) = form.next().await.map_err(broken)? {
        match part {
            Part { file: Some(name), .. } if file.is_none() => file = taken(app, what, &name, form).await?,
            Part { file: None, name } => {
                let (field, most) = if name == "document" { ("document", PASTED_MAX) } else { ("name", TEXT_MAX) };
                let text = form.text(most).await.map_err(broken)?.ok_or_else(|| too_large(field, most as u64))?;
                pairs.push((name, text));
            }
            Part { .. } => return Err(broken(Broken::Shape)),
        }
    }
    Ok(file)
}

/// The file, if one was chosen.
async fn taken(app: &App, what: Resource, name: &str, form: &mut Multipart) -> Result<Option<SentFile>, RefusalNotice> {
    match what {
        Resource::Artifact | Resource::Theme => archive(app, form).await,
        Resource::Config | Resource::Retention => {
            let most = document::MAX_BYTES;
            let read = form.text(usize::try_from(most).unwrap_or(usize::MAX)).await.map_err(broken)?;
            let why = format!("this is no text, or larger than the {most} bytes that are taken");
            let text =
                read.ok_or_else(|| RefusalNotice::new("body.too_large", why, "choose another file").at("file"))?;
            let shown: String = name.chars().filter(|c| !c.is_control()).take(FILE_NAME_MAX).collect();
            Ok((!text.is_empty()).then_some(SentFile::Text { name: shown, text }))
        }
    }
}

async fn archive(app: &App, form: &mut Multipart) -> Result<Option<SentFile>, RefusalNotice> {
    let upload = Upload::begin(&app.uploads, &app.room)?;
    let mut file = tokio::fs::File::create(upload.tar()).await.map_err(|error| unwritten(&error))?;
    let mut length = 0;
    while let Some(piece) = form.piece().await.map_err(broken)? {
        length += piece.len() as u64;
        if length > MAX_ARCHIVE {
            return Err(too_large("file", MAX_ARCHIVE));
        }
        file.write_all(&piece).await.map_err(|error| unwritten(&error))?;
    }
    file.flush().await.map_err(|error| unwritten(&error))?;
    Ok((length > 0).then_some(SentFile::Archive(upload)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_given_back_with_the_file_and_not_before() {
        let dir = tempfile::tempdir().unwrap();
        let (room, places) = (ScratchRoom::open(dir.path()).unwrap(), Arc::new(Semaphore::new(1)));
        let left = || std::fs::read_dir(dir.path().join("scratch")).unwrap().count();
        let read = SentFile::Archive(Upload::begin(&places, &room).ok().unwrap());
        let SentFile::Archive(upload) = read else { panic!("another file") };
        std::fs::write(upload.tar(), "a").unwrap();
        // Hashed, unpacked and sent on: whoever still holds it holds the place.
        let sent_on = Arc::new(upload);
        let hashed = Arc::clone(&sent_on);
        drop(sent_on);
        assert_eq!(Upload::begin(&places, &room).err().map(|refused| refused.code).as_deref(), Some("busy"));
        assert_eq!((left(), places.available_permits()), (1, 0));
        drop(hashed);
        assert_eq!((left(), places.available_permits()), (0, 1));
    }
}
