//! `key new`.

use super::Context;
use crate::cli::KeyCommand;
use crate::error::{CliError, file};
use crate::home::write_private;
use crate::output;
use model::Digest;
use serde_json::json;
use ssh_key::LineEnding;
use std::path::{Path, PathBuf};
use warrant::{ServiceKey, ssh};

pub fn run(context: &Context, command: KeyCommand) -> Result<(), CliError> {
    let KeyCommand::New { file: path, comment, service } = command;
    let public = if service { new_service(&path)? } else { new(&path, &comment)? };
    if context.json {
        output::json(&json!({"key": path, "public": public_path(&path), "value": public}));
    } else {
        crate::say!("private key  {}  (mode 0600, keep it)", path.display());
        crate::say!("public key   {}", public_path(&path).display());
    }
    Ok(())
}

fn public_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".pub");
    PathBuf::from(name)
}

fn refuse_existing(path: &Path) -> Result<(), CliError> {
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
    std::fs::write(public_path(path), format!("{public}\n")).map_err(file(public_path(path)))?;
    Ok(public)
}

fn new_service(path: &Path) -> Result<String, CliError> {
    refuse_existing(path)?;
    let secret = Digest(client::random_bytes());
    let public = ServiceKey::from_secret(secret.as_bytes()).public().to_string();
    write_private(path, format!("{secret}\n").as_bytes())?;
    std::fs::write(public_path(path), format!("{public}\n")).map_err(file(public_path(path)))?;
    Ok(public)
}
