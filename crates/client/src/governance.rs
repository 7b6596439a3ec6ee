//! Governance (8080), typed.

use crate::{ClientError, EntryQuery, Http};
use control::Viewer;
use model::{AckLevel, ChangeId, Digest, PersonId, Service};
use view::{ChangeView, EngineView, EntryPage, EntryView, Explained, Names, PersonView};
use wire::{Event, EventRecorded, LedgerInfo, Recorded, SessionRequest, Submission};

/// A client of Governance.
#[derive(Debug, Clone)]
pub struct GovernanceClient {
    http: Http,
}

impl GovernanceClient {
    /// At this base URL.
    pub fn new(http: Http) -> Self {
        Self { http: http.of(Service::Governance) }
    }

    /// The transport.
    pub fn http(&self) -> &Http {
        &self.http
    }

    /// With a bearer token.
    pub fn bearer(&self, token: impl Into<String>) -> Self {
        Self { http: self.http.clone().bearer(token) }
    }

    /// For the console: as this viewer may see it.
    pub fn viewer(&self, viewer: impl Into<Viewer>) -> Self {
        Self { http: self.http.clone().viewer(viewer.into()) }
    }

    /// Which ledger it is.
    ///
    /// # Errors
    /// As [`Http::get`].
    pub async fn ledger(&self) -> Result<LedgerInfo, ClientError> {
        self.http.get("/v1/ledger").await
    }

    /// Submits a command and waits until it is as durable as `ack` says. A refusal is a
    /// [`ClientError::Problem`] with the refusal's code and the leaf that records it.
    ///
    /// # Errors
    /// As [`Http::post`].
    pub async fn submit(&self, submission: &Submission, ack: AckLevel) -> Result<Recorded, ClientError> {
        self.http.post(&format!("/v1/commands?ack={ack}"), submission).await
    }

    /// Opens a session (a bearer credential).
    ///
    /// # Errors
    /// As [`Http::post`].
    pub async fn login(&self, request: &SessionRequest) -> Result<Recorded, ClientError> {
        self.http.post("/v1/sessions", request).await
    }

    /// Sends events.
    ///
    /// # Errors
    /// As [`Http::post`].
    pub async fn events(&self, events: &[Event]) -> Result<Vec<EventRecorded>, ClientError> {
        self.http.post("/v1/events", events).await
    }

    /// The newest signed checkpoint of a log (`control`, `events`); waits up to 25 s for one that
    /// covers more than `beyond` entries, and answers the newest either way.
    ///
    /// # Errors
    /// As [`Http::get_bytes`].
    pub async fn checkpoint(&self, log: &str, beyond: u64) -> Result<String, ClientError> {
        let bytes = self.http.get_bytes(&format!("/v1/checkpoints/{log}?beyond={beyond}")).await?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// A file of the tlog-tiles layout, as `tile/entries/000.p/7` under `/log/<log>/`.
    ///
    /// # Errors
    /// As [`Http::get_bytes`].
    pub async fn tile(&self, log: &str, path: &str) -> Result<Vec<u8>, ClientError> {
        Ok(self.http.get_bytes(&format!("/log/{log}/{path}")).await?.to_vec())
    }

    /// A governing blob, canonical bytes; the caller checks the digest.
    ///
    /// # Errors
    /// As [`Http::get_bytes`].
    pub async fn blob(&self, object: &str, digest: &Digest) -> Result<Vec<u8>, ClientError> {
        Ok(self.http.get_bytes(&format!("/v1/blobs/{object}/{digest}")).await?.to_vec())
    }

    /// What ids are called (for who may read it).
    ///
    /// # Errors
    /// As [`Http::get`].
    pub async fn names(&self) -> Result<Names, ClientError> {
        self.http.get("/v1/names").await
    }

    /// The people of the roster.
    ///
    /// # Errors
    /// As [`Http::get`].
    pub async fn people(&self) -> Result<Vec<PersonView>, ClientError> {
        self.http.get("/v1/people").await
    }

    /// The engines.
    ///
    /// # Errors
    /// As [`Http::get`].
    pub async fn engines(&self) -> Result<Vec<EngineView>, ClientError> {
        self.http.get("/v1/engines").await
    }

    /// The changes, newest first.
    ///
    /// # Errors
    /// As [`Http::get`].
    pub async fn changes(&self) -> Result<Vec<ChangeView>, ClientError> {
        self.http.get("/v1/changes").await
    }

    /// The next page of those that have ended: those that had before a leaf.
    ///
    /// # Errors
    /// As [`Http::get`].
    pub async fn changes_ended_before(&self, leaf: u64) -> Result<Vec<ChangeView>, ClientError> {
        self.http.get(&format!("/v1/changes?ended_before={leaf}")).await
    }

    /// One change.
    ///
    /// # Errors
    /// As [`Http::get`].
    pub async fn change(&self, id: &ChangeId) -> Result<ChangeView, ClientError> {
        self.http.get(&format!("/v1/changes/{id}")).await
    }

    /// What a person can do about a change, and what they lack.
    ///
    /// # Errors
    /// As [`Http::get`].
    pub async fn explain(&self, id: &ChangeId, person: &PersonId) -> Result<Explained, ClientError> {
        self.http.get(&format!("/v1/changes/{id}/explain?person={person}")).await
    }

    /// A page of entries, newest first: rows older than `before` (a cursor), headlines or all.
    ///
    /// # Errors
    /// As [`Http::get`].
    pub async fn entries(&self, query: &EntryQuery) -> Result<EntryPage, ClientError> {
        self.http.get(&query.path()).await
    }

    /// One entry.
    ///
    /// # Errors
    /// As [`Http::get`].
    pub async fn entry(&self, log: &str, index: u64) -> Result<EntryView, ClientError> {
        self.http.get(&format!("/v1/entries/{log}/{index}")).await
    }
}
