//! Signing on the person's own side: with a key file or by an ssh-agent.

use crate::{ClientError, random_command, random_token, shell_word};
use control::Command;
use model::{Digest, Instant, PersonId, Scope, Token};
use signed::{
    Act, ConsoleLogin, LoginRequest, Opening, Part, Roster, Seen, ServiceKey, SignedError, Statement, commit, ssh,
};
use ssh_key::{HashAlg, LineEnding, PrivateKey, PublicKey, SshSig};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use wire::{SessionRequest, Submission};

/// Somebody's key, here or in an agent.
pub enum Signer {
    /// A private key in memory.
    Key(Box<PrivateKey>),
    /// An agent at this socket that holds the private half of this key.
    Agent(std::path::PathBuf, Box<PublicKey>),
}

/// What a person is about to say.
#[derive(Debug, Clone)]
pub struct StatementDraft {
    pub ledger: Digest,
    pub person: PersonId,
    pub act: Act,
    /// Texts that explain it: (about, subject, opening).
    pub texts: Vec<(Token, Option<model::Id>, Opening)>,
    /// Worthless after.
    pub not_after: Instant,
    /// What the signer's own client verified.
    pub seen: Seen,
}

/// A fresh credential: the token (the client keeps it) and what is sent.
pub struct NewCredential {
    /// The bearer token.
    pub token: String,
    /// The request to open it.
    pub request: SessionRequest,
}

impl Signer {
    /// From a private key file in OpenSSH form, without passphrase.
    ///
    /// # Errors
    /// When it cannot be read, is not ed25519, needs a passphrase, is a public key, or can be read by
    /// other users (as OpenSSH refuses such a key).
    pub fn from_file(path: &Path) -> Result<Self, ClientError> {
        let bad = |why: String| ClientError::Key(format!("the key {} cannot be used: {why}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
        if PublicKey::from_openssh(text.trim()).is_ok() {
            let private = shell_word(&path.with_extension("").display().to_string());
            let other = "name the private one it belongs to, or sign by an agent: `--agent KEY.pub`".to_owned();
            let beside = format!("name the private one beside it: `--key {private}`");
            let next = if path.extension().is_some_and(|extension| extension == "pub") { beside } else { other };
            return Err(bad(format!("it is a public key; {next}")));
        }
        let key = PrivateKey::from_openssh(&text).map_err(|error| bad(error.to_string()))?;
        if key.is_encrypted() {
            return Err(bad("it has a passphrase; add it to an ssh-agent (`ssh-add`) and use `--agent`".to_owned()));
        }
        let meta = std::fs::metadata(path).map_err(|error| bad(error.to_string()))?;
        let mode = meta.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let file = shell_word(&path.display().to_string());
            return Err(bad(format!(
                "it can be read by others (mode {mode:04o}), so it may be theirs already; if not, `chmod 600 {file}`"
            )));
        }
        Ok(Self::Key(Box::new(key)))
    }

    /// From an agent that holds the private half of this public key.
    pub fn from_agent(socket: &Path, public: PublicKey) -> Self {
        Self::Agent(socket.to_owned(), Box::new(public))
    }

    /// The public key in OpenSSH form.
    ///
    /// # Errors
    /// When it has none, or is of another algorithm than ed25519.
    pub fn public(&self) -> Result<String, ClientError> {
        let key = match self {
            Self::Key(key) => key.public_key(),
            Self::Agent(_, key) => key,
        };
        let text = key.to_openssh().map_err(|error| ClientError::Key(error.to_string()))?;
        ssh::normalise(&text).map_err(|error| ClientError::Key(error.to_string()))
    }

    /// Whose key this is on a roster: a person's, or a machine identity's.
    ///
    /// # Errors
    /// When it is nobody's.
    pub fn person(&self, roster: &Roster) -> Result<PersonId, ClientError> {
        let id = ssh::key_id(&self.public()?)?;
        let person = roster.people.iter().find(|person| person.keys.iter().any(|key| key.id == id));
        let machine = roster.machines.iter().find(|machine| machine.key.id == id);
        person
            .map(|person| person.id)
            .or(machine.map(|machine| machine.id))
            .ok_or_else(|| ClientError::Key("this key is not on the ledger's roster".to_owned()))
    }

    /// Signs a message in our namespace.
    ///
    /// # Errors
    /// When the key or the agent cannot.
    pub fn sign(&self, message: &[u8]) -> Result<String, ClientError> {
        match self {
            Self::Key(key) => Ok(ssh::sign(key, message)?),
            Self::Agent(socket, public) => agent_sign(socket, public, message),
        }
    }

    /// Makes, signs and wraps a statement.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn sign_statement(&self, draft: StatementDraft) -> Result<Submission, ClientError> {
        let command = random_command();
        let (parts, openings) = parts(&draft.ledger, &command, draft.texts)?;
        let statement = Statement {
            ledger: draft.ledger,
            command,
            person: draft.person,
            key: ssh::key_id(&self.public()?)?,
            act: draft.act,
            parts,
            not_after: draft.not_after,
            seen: draft.seen,
        };
        let signature = self.sign(&statement.bytes()?)?;
        Ok(Submission { command: Command::Signed { statement, signature }, openings, package: None, document: None })
    }

    /// Makes a credential and signs the request for it.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn login(
        &self,
        ledger: Digest,
        person: PersonId,
        scope: Scope,
        expires: Instant,
    ) -> Result<NewCredential, ClientError> {
        let (token, hash) = random_token();
        let login = LoginRequest { ledger, person, key: ssh::key_id(&self.public()?)?, token: hash, scope, expires };
        let signature = self.sign(&login.message()?)?;
        Ok(NewCredential { token, request: SessionRequest::Person { login, signature } })
    }
}

/// Makes a credential to read with and signs the request for it with the console's own key.
///
/// # Errors
/// When it has no canonical form.
pub fn console_login(key: &ServiceKey, ledger: Digest, expires: Instant) -> Result<NewCredential, SignedError> {
    let (token, hash) = random_token();
    let login = ConsoleLogin { ledger, key: key.public(), token: hash, expires };
    let signature = login.sign(key)?;
    Ok(NewCredential { token, request: SessionRequest::Console { login, signature } })
}

/// Commits to texts under a command id or, for packages, under the nonce in its place.
///
/// # Errors
/// When a text has no canonical form.
pub fn parts(
    ledger: &Digest,
    command: &model::CommandId,
    texts: Vec<(Token, Option<model::Id>, Opening)>,
) -> Result<(Vec<Part>, Vec<Opening>), SignedError> {
    let (mut parts, mut openings) = (vec![], vec![]);
    for (position, (about, subject, opening)) in texts.into_iter().enumerate() {
        parts.push(Part { about, subject, commitment: commit(ledger, command, position, &opening)? });
        openings.push(opening);
    }
    Ok((parts, openings))
}

fn agent_sign(socket: &Path, public: &PublicKey, message: &[u8]) -> Result<String, ClientError> {
    let bad = |why: String| ClientError::Key(format!("the ssh-agent at {} cannot sign: {why}", socket.display()));
    let blob = SshSig::signed_data(ssh::NAMESPACE, HashAlg::Sha512, message).map_err(|error| bad(error.to_string()))?;
    let mut agent = ssh_agent_client_rs::Client::connect(socket).map_err(|error| bad(error.to_string()))?;
    let signature = agent.sign(public, &blob).map_err(|error| bad(error.to_string()))?;
    let sig = SshSig::new(public.key_data().clone(), ssh::NAMESPACE, HashAlg::Sha512, signature);
    let pem = sig.and_then(|sig| sig.to_pem(LineEnding::LF)).map_err(|error| bad(error.to_string()))?;
    Ok(ssh::from_armour(&pem)?)
}
