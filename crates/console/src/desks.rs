//! The personas of a demonstration: their key files are read here, never by Governance.

use crate::clock;
use client::{GovernanceClient, Http, PlatformClient, Signer};
use desk::{Desk, DeskError};
use follower::Follower;
use model::{Digest, Instant, PersonId, Role};
use serde::Deserialize;
use signed::ssh;
use std::collections::HashMap;
use std::path::PathBuf;

/// A desk is opened again after this, milliseconds (11 h): its credential ends after 12.
const DESK_MS: i64 = 11 * 3_600_000;

/// A persona.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Persona {
    pub(crate) name: String,
    /// Pseudonym.
    pub(crate) person: PersonId,
    pub(crate) roles: Vec<Role>,
    key_file: PathBuf,
}

/// What is read of `demo.json`.
#[derive(Deserialize)]
struct DemoFile {
    personas: Vec<Persona>,
}

/// Desks by person, opened when first needed.
pub(crate) struct Desks {
    dir: Option<PathBuf>,
    governance: String,
    platform: String,
    follower: Option<Follower>,
    open: tokio::sync::Mutex<HashMap<PersonId, (Instant, Desk)>>,
}

impl Desks {
    pub(crate) fn new(dir: Option<PathBuf>, governance: String, platform: String, follower: Option<Follower>) -> Self {
        Self { dir, governance, platform, follower, open: tokio::sync::Mutex::default() }
    }

    /// Whether this is a demonstration: it was started as one, and its ledger, once it is read, says so.
    pub(crate) fn is_demo(&self) -> bool {
        let says_so = |follower: &Follower| {
            let state = follower.state();
            state.demo || !state.is_founded()
        };
        self.dir.is_some() && self.follower.as_ref().is_none_or(says_so)
    }

    /// Read again each time: the demonstration writes it once its world is built.
    fn file(&self) -> Option<DemoFile> {
        let bytes = std::fs::read(self.dir.as_ref().filter(|_| self.is_demo())?.join("demo.json")).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Who can be chosen.
    pub(crate) fn cast(&self) -> Vec<Persona> {
        self.file().map(|file| file.personas).unwrap_or_default()
    }

    /// Whether a person's key is here.
    pub(crate) fn has(&self, person: &PersonId) -> bool {
        self.cast().iter().any(|persona| persona.person == *person)
    }

    /// A persona's name.
    pub(crate) fn name(&self, person: &PersonId) -> Option<String> {
        self.cast().into_iter().find(|persona| persona.person == *person).map(|persona| persona.name)
    }

    /// The key that this console signs with for a person; none: it holds none of theirs.
    pub(crate) fn key(&self, person: &PersonId) -> Option<Digest> {
        let persona = self.cast().into_iter().find(|persona| persona.person == *person)?;
        let public = Signer::from_file(&persona.key_file).ok()?.public().ok()?;
        ssh::key_id(&public).ok()
    }

    /// A persona's desk, signed in.
    ///
    /// # Errors
    /// When the person is no persona, the ledger cannot be verified now, or the sign-in is refused.
    pub(crate) async fn signed_in_desk(&self, person: &PersonId) -> Result<Desk, DeskError> {
        let now = clock::now();
        let mut open = self.open.lock().await;
        if let Some((since, desk)) = open.get(person)
            && now.millis_since(*since) < DESK_MS
        {
            return Ok(desk.clone());
        }
        let nobody = || DeskError::Unknown("this console does not hold that person's key".to_owned());
        let persona = self.cast().into_iter().find(|persona| persona.person == *person).ok_or_else(nobody)?;
        let follower = self.follower.clone().ok_or_else(nobody)?;
        let desk = Desk::open(
            GovernanceClient::new(Http::new(&self.governance)),
            PlatformClient::new(Http::new(&self.platform)),
            follower,
            Signer::from_file(&persona.key_file)?,
            clock::now,
        )
        .await?
        .sign_in()
        .await?;
        open.insert(*person, (now, desk.clone()));
        Ok(desk)
    }
}
