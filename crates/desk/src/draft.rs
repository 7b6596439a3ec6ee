//! Opening a change: the package is built from answers, and signed by who asks.

use crate::change::{refused, unobserved};
use crate::{Desk, DeskError, RosterOrder, text};
use client::{parts, random_bytes, random_nonce};
use control::{Answer, Answers, Body, FormError, Package, Refusal, Setting, State, Window, governs, roster_body};
use model::{ChangeId, CommandId, KindName, SettingName, Status};
use signed::{Act, REASON};
use std::time::Duration;
use view::Names;
use wire::{DocumentUpload, PackageUpload};

/// How long executors may take to observe a draft.
const OBSERVE_WITHIN: Duration = Duration::from_secs(30);
/// The same where one that stays silent for a minute may be left out.
const LEFT_OUT_WITHIN: Duration = Duration::from_secs(75);

/// What a new draft asks for.
#[derive(Debug, Clone)]
pub struct DraftOrder {
    pub kind: KindName,
    /// The answers to the questions of the kind's form.
    pub answers: Answers,
    /// A line that says what it is.
    pub title: Option<String>,
    pub reason: Option<String>,
    /// When it may be run.
    pub window: Option<Window>,
    /// The open change that it ends and replaces once it is sealed.
    pub supersedes: Option<ChangeId>,
    /// The change to revise; absent: a new one.
    pub change: Option<ChangeId>,
}

/// What is opened: what decides, the document it puts in force, and the names it brings.
struct Opened {
    body: Body,
    document: Option<DocumentUpload>,
    names: Vec<(model::PersonId, String)>,
}

impl DraftOrder {
    /// A new change of a kind, without title, reason or window.
    pub fn new(kind: KindName, answers: Answers) -> Self {
        Self { kind, answers, title: None, reason: None, window: None, supersedes: None, change: None }
    }
}

fn form(error: FormError) -> DeskError {
    match error {
        FormError::Refused(refusal) => refused(&refusal, &Names::default()),
        FormError::Missing(name) => {
            let why = format!("the {name} (`--{name}`) is missing, and nothing serves that it could be kept from");
            DeskError::Form(why)
        }
        error => DeskError::Form(error.to_string()),
    }
}

/// Whether an order says why, where its kind must: a draft without a reason could never be sealed.
fn says_why(state: &State, order: &DraftOrder) -> Result<(), DeskError> {
    let needed = state.kinds.kind(order.kind).is_some_and(|row| row.reason_required);
    if !needed || order.reason.is_some() {
        return Ok(());
    }
    Err(reason_missing(order.kind))
}

/// With what a change of this kind is not opened while nobody says why it is asked for.
pub fn reason_missing(kind: KindName) -> DeskError {
    DeskError::Refused {
        code: Refusal::ReasonMissing {}.code(),
        message: format!("a change of the kind `{}` is not opened without a reason", kind.title()),
        next: "say why, then ask again; on the command line with `--reason WHY`".to_owned(),
    }
}

/// The package of an order, with the texts that explain it.
fn package(state: &State, order: &DraftOrder, opened: &Opened) -> Result<PackageUpload, DeskError> {
    let subject = governs(opened.body.kind()).subject(state, &opened.body);
    let subject = subject.map_err(|why| DeskError::Unknown(why.to_string()))?;
    let nonce = random_nonce();
    let whose = subject.tenants.first().map(|tenant| (*tenant).into());
    let mut texts = vec![];
    for (about, body) in [("title", &order.title), (REASON, &order.reason)] {
        texts.extend(body.as_ref().map(|body| text(about, whose, body)).transpose()?);
    }
    for (person, name) in &opened.names {
        texts.push(text("name", Some((*person).into()), name)?);
    }
    let (parts, openings) = parts(&state.ledger, &CommandId(nonce.0), texts)?;
    let package = Package {
        ledger: state.ledger,
        nonce,
        change: order.change.unwrap_or_else(|| ChangeId(random_bytes())),
        body: opened.body.clone(),
        window: order.window,
        supersedes: order.supersedes,
        parts,
    };
    Ok(PackageUpload { package, openings })
}

impl Desk {
    /// Opens a draft and waits until every executor has observed it.
    ///
    /// # Errors
    /// When it is refused, or an executor stays silent.
    pub async fn draft(&self, order: &DraftOrder) -> Result<ChangeId, DeskError> {
        let change = self.open_draft(order).await?;
        self.observed(&change).await?;
        Ok(change)
    }

    /// Opens a draft; it is recorded when this answers, and not observed yet.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn open_draft(&self, order: &DraftOrder) -> Result<ChangeId, DeskError> {
        self.follower.sync().await?;
        let edited = {
            let state = self.follower.state();
            RosterOrder::edited(&state, &order.answers, self.now())?
        };
        if let Some(next) = edited {
            return self.open_roster(order, next).await;
        }
        let body = governs(order.kind).body(&self.follower.state(), self.now(), &order.answers).map_err(form)?;
        self.open_body(order, Opened { body, document: None, names: vec![] }).await
    }

    /// Opens a change of a governed document; the answers of the order are not asked.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn open_setting(&self, order: &DraftOrder, setting: Setting) -> Result<ChangeId, DeskError> {
        self.follower.sync().await?;
        let digest = setting.digest().map_err(signed::SignedError::from)?;
        let named: (SettingName, _) = (setting.name(), digest);
        let answers =
            Answers::default().with("name", Answer::Setting(named.0)).with("document", Answer::Digest(named.1));
        let body = governs(order.kind).body(&self.follower.state(), self.now(), &answers).map_err(form)?;
        self.open_body(order, Opened { body, document: Some(DocumentUpload::Setting(setting)), names: vec![] }).await
    }

    /// Opens a change of the roster; the answers of the order are not asked.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn open_roster(&self, order: &DraftOrder, roster: RosterOrder) -> Result<ChangeId, DeskError> {
        let RosterOrder { base, next, mut possessions, names } = roster;
        // In the order of the keys' ids, as the rule wants them.
        possessions.sort_by_key(|possession| possession.key);
        let canon = signed::SignedError::from;
        let base = base.digest().map_err(canon)?;
        let body = roster_body(base, next.digest().map_err(canon)?, possessions);
        self.open_body(order, Opened { body, document: Some(DocumentUpload::Roster(next)), names }).await
    }

    /// Opens a new change that asks for the same as `from`, which may have ended.
    ///
    /// # Errors
    /// When it is unknown or refused.
    pub async fn open_copy(&self, order: &DraftOrder, from: &ChangeId) -> Result<ChangeId, DeskError> {
        self.follower.sync().await?;
        let (body, document) = {
            let state = self.follower.state();
            let change = self.found(&state, from)?;
            let document = change.document.clone().map(|document| match document {
                control::Document::Roster(roster) => DocumentUpload::Roster(roster),
                control::Document::Setting(setting) => DocumentUpload::Setting(setting),
            });
            (change.package.body.clone(), document)
        };
        self.open_body(order, Opened { body, document, names: vec![] }).await
    }

    async fn open_body(&self, order: &DraftOrder, opened: Opened) -> Result<ChangeId, DeskError> {
        self.follower.sync().await?;
        let upload = {
            let state = self.follower.state();
            says_why(&state, order)?;
            package(&state, order, &opened)?
        };
        let change = upload.package.change;
        let package = upload.package.digest().map_err(signed::SignedError::from)?;
        let beside = |submission: &mut wire::Submission| {
            submission.package = Some(upload);
            submission.document = opened.document;
        };
        self.sign_and_submit_with(Act::Open { change, package }, vec![], beside).await?;
        Ok(change)
    }

    /// Waits until every executor has observed a draft, or those that may be left out have been
    /// silent for long enough.
    ///
    /// # Errors
    /// When an executor stays silent; the draft stands all the same.
    pub async fn observed(&self, id: &ChangeId) -> Result<(), DeskError> {
        let kind = self.found(&self.follower.state(), id)?.kind;
        let left_out = !governs(kind).may_be_unchecked().is_empty();
        let within = if left_out { LEFT_OUT_WITHIN } else { OBSERVE_WITHIN };
        let waiting = self.until(within, "every executor to observe the draft", |state| {
            // One that has ended meanwhile is observed by nobody any more.
            let Some(change) = state.changes.get(id) else { return Some(()) };
            let silent = unobserved(change);
            let spared = !silent.is_empty()
                && silent.iter().all(|service| governs(kind).may_be_unchecked().contains(service))
                && control::plan(state, change, self.now()).is_ok();
            (change.status != Status::Draft || silent.is_empty() || spared).then_some(())
        });
        waiting.await.map_err(|error| match error {
            DeskError::Late { within_s, .. } => {
                let silent = self.follower.state().changes.get(id).map(unobserved).unwrap_or_default();
                let silent: Vec<_> = silent.iter().map(|service| service.title()).collect();
                let silent = silent.join(" and ");
                let what = format!("{silent} to observe the draft {id}, which stands (`countersign change show {id}`)");
                DeskError::Late { what, within_s }
            }
            other => other,
        })
    }
}
