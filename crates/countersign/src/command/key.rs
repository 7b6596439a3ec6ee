//! `key new`, `key prove`.

use super::person::Invitation;
use super::{Context, who};
use crate::cli::{KeyCommand, Who};
use crate::document_file;
use crate::error::CliError;
use crate::given::{given, writable};
use crate::home::write_private;
use crate::output;
use model::{Digest, PersonId};
use serde_json::json;
use signed::{Challenge, KeyProof, Possession, ServiceKey, ssh};
use ssh_key::LineEnding;
use std::path::{Path, PathBuf};

pub async fn run(context: &Context, command: KeyCommand) -> Result<(), CliError> {
    match command {
        KeyCommand::New { file, comment, service } => make(context, &file, &comment, service),
        KeyCommand::Prove { invitation, person, ledger, who } => {
            let (ledger, person) = match (ledger, person.as_deref()) {
                (Some(ledger), Some(person)) => (ledger, whole(person)?),
                (_, person) => whose(context, invitation.as_deref(), person).await?,
            };
            prove(ledger, person, &who)
        }
    }
}

/// A person of a ledger that is not here, so that no name leads to them.
fn whole(person: &str) -> Result<PersonId, CliError> {
    let why =
        |_| CliError::Usage(format!("--person {person}: with `--ledger` it is the whole id, as the page shows it"));
    person.parse().map_err(why)
}

/// For whom a key is proven, and in which ledger.
async fn whose(
    context: &Context,
    invitation: Option<&Path>,
    person: Option<&str>,
) -> Result<(Digest, PersonId), CliError> {
    if let Some(path) = invitation {
        let invitation: Invitation =
            document_file::json(path, "what `countersign person invite …` or `machine invite …` printed")?;
        return Ok((invitation.ledger, invitation.person));
    }
    let person =
        person.ok_or_else(|| CliError::Usage("say for whom: `--invitation FILE` or `--person NAME`".to_owned()))?;
    let person = match person.parse() {
        Ok(whole) => whole,
        Err(_) => who::read_book(context).await?.person(person)?,
    };
    Ok((context.home.trust(None)?.genesis, person))
}

fn prove(ledger: Digest, person: PersonId, who: &Who) -> Result<(), CliError> {
    let signer = who::signer(who)?;
    let openssh = signer.public()?;
    let key = ssh::key_id(&openssh)?;
    let signature = signer.sign(&Challenge { ledger, person, key }.message()?)?;
    // It is a file for somebody else, so it is JSON either way.
    output::json(&KeyProof { ledger, person, openssh, possession: Possession { key, signature } });
    Ok(())
}

fn make(context: &Context, path: &Path, comment: &str, service: bool) -> Result<(), CliError> {
    let public = if service { new_service(path)? } else { new(path, comment)? };
    if context.json {
        output::json(&json!({"key": path, "public": public_path(path), "value": public}));
    } else {
        crate::print_line!("private key  {}  (mode 0600, keep it)", path.display());
        crate::print_line!("public key   {}", public_path(path).display());
    }
    Ok(())
}

fn public_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".pub");
    PathBuf::from(name)
}

fn refuse_existing(path: &Path) -> Result<(), CliError> {
    writable(path)?;
    if path.exists() || public_path(path).exists() {
        let shown = path.display();
        return Err(CliError::Usage(format!("{shown} or {shown}.pub is there already; choose another name")));
    }
    Ok(())
}

/// Makes a person's key; answers the public half in OpenSSH form.
pub fn new(path: &Path, comment: &str) -> Result<String, CliError> {
    refuse_existing(path)?;
    let mut key = ssh::private_key(&client::random_bytes());
    key.set_comment(comment);
    let bad = |error: ssh_key::Error| CliError::Usage(format!("cannot write this key: {error}"));
    let private = key.to_openssh(LineEnding::LF).map_err(bad)?;
    let public = key.public_key().to_openssh().map_err(bad)?;
    write_private(path, private.as_bytes())?;
    std::fs::write(public_path(path), format!("{public}\n")).map_err(given(public_path(path)))?;
    Ok(public)
}

fn new_service(path: &Path) -> Result<String, CliError> {
    refuse_existing(path)?;
    let secret = Digest(client::random_bytes());
    let public = ServiceKey::from_secret(secret.as_bytes()).public().to_string();
    write_private(path, format!("{secret}\n").as_bytes())?;
    std::fs::write(public_path(path), format!("{public}\n")).map_err(given(public_path(path)))?;
    Ok(public)
}
