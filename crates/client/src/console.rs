//! The console (8088), typed: its two JSON routes, by which a person's key signs a browser in.

use crate::{ClientError, Http, Signer};
use model::{Digest, Instant, PersonId, Token};
use serde::{Deserialize, Serialize};
use signed::ConsoleSignIn;

/// `POST /v1/sign-in/challenges`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChallengeRequest {
    /// Which key is going to answer: its id, as the roster lists it.
    pub key: Digest,
}

/// What the console wants signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// 32 random bytes, good once.
    pub challenge: Digest,
    /// Genesis digest of the ledger this console follows.
    pub ledger: Digest,
    /// What this console calls itself: the origin a browser uses.
    pub console: Token,
    /// Whose key it is on this console's roster.
    pub person: PersonId,
    /// Until when it can be answered.
    pub expires: Instant,
}

/// `POST /v1/sign-in`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChallengeAnswer {
    /// What was signed.
    pub statement: ConsoleSignIn,
    /// The SSH signature over it.
    pub signature: String,
}

/// Where a browser is signed in, once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneTimeUrl {
    /// The address; who opens it first can sign in.
    pub url: String,
    /// Until when.
    pub expires: Instant,
}

impl std::fmt::Debug for OneTimeUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OneTimeUrl").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// Path of a one-time URL; the secret follows it, 64 hexadecimal digits.
pub const ONCE_PATH: &str = "/sign-in/once/";

/// A client of the console.
#[derive(Debug, Clone)]
pub struct ConsoleClient {
    http: Http,
}

impl ConsoleClient {
    /// At this base URL.
    pub fn new(http: Http) -> Self {
        Self { http }
    }

    /// What to sign with this key.
    ///
    /// # Errors
    /// As [`Http::post`]; also when the key is on no roster there.
    pub async fn challenge(&self, key: Digest) -> Result<Challenge, ClientError> {
        self.http.post("/v1/sign-in/challenges", &ChallengeRequest { key }).await
    }

    /// Shows the signed challenge.
    ///
    /// # Errors
    /// As [`Http::post`]; also when it is refused.
    pub async fn sign_in(&self, answer: &ChallengeAnswer) -> Result<OneTimeUrl, ClientError> {
        self.http.post("/v1/sign-in", answer).await
    }
}

impl Signer {
    /// Signs what a console asked for. Whether it is the ledger and the console that the person
    /// means, the caller has checked.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn answer(&self, asked: &Challenge) -> Result<ChallengeAnswer, ClientError> {
        let statement = ConsoleSignIn {
            ledger: asked.ledger,
            console: asked.console.clone(),
            challenge: asked.challenge,
            person: asked.person,
            key: signed::ssh::key_id(&self.public()?)?,
            expires: asked.expires,
        };
        let signature = self.sign(&statement.message()?)?;
        Ok(ChallengeAnswer { statement, signature })
    }
}
