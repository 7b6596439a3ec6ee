//! Who sits at the command line: key, replica, services.

use super::Context;
use super::serve::founded;
use crate::cli::Who;
use crate::clock;
use crate::error::{CliError, file};
use crate::home::{SERVING, Serving, read_json, write_private};
use crate::output;
use crate::ports::Ports;
use client::{GovernanceClient, Http, PlatformClient, Signer};
use desk::{Desk, DeskError};
use follower::Follower;
use model::{Digest, Service};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use warrant::ssh;

/// The tokens of `demo.json`.
#[derive(Deserialize)]
struct DemoTokens {
    read: String,
}

#[derive(Deserialize)]
struct DemoFile {
    tokens: DemoTokens,
}

/// A credential kept between two commands, for this user only.
#[derive(Serialize, Deserialize)]
struct Kept {
    ledger: Digest,
    key: Digest,
    token: String,
}

/// Ports of the installation of this directory, as `serve` wrote them down. None are guessed: what
/// answers on the default ones may be another ledger's.
pub fn ports(context: &Context) -> Result<Ports, CliError> {
    founded(&context.home)?;
    if !context.home.join(SERVING).exists() {
        return Err(CliError::NeverServed(output::word(context.home.path())));
    }
    Ok(context.home.read_json::<Serving>(SERVING)?.ports)
}

/// Governance of this directory's ledger, asked which ledger it is before anything else.
pub async fn governance(context: &Context) -> Result<GovernanceClient, CliError> {
    let url = ports(context)?.url(Service::Governance);
    let governance = GovernanceClient::new(Http::new(&url));
    let (theirs, ours) = (governance.ledger().await?.genesis, context.home.trust(None)?.genesis);
    if theirs == ours {
        return Ok(governance);
    }
    let dir = output::word(context.home.path());
    Err(DeskError::Refused {
        code: "ledger.other",
        message: format!(
            "the Governance at {url} is of the ledger {}, not of {} in {dir}",
            theirs.short(),
            ours.short()
        ),
        next: format!("start this one on ports of its own: `countersign serve --dir {dir} --base-port N`"),
    }
    .into())
}

/// Governance, with the best credential for reading there is: `COUNTERSIGN_TOKEN`, the demo's read
/// token, the last one a key of this user signed in with.
pub async fn reader(context: &Context) -> Result<GovernanceClient, CliError> {
    let governance = governance(context).await?;
    let set = std::env::var("COUNTERSIGN_TOKEN").ok();
    let demo = || context.home.read_json::<DemoFile>("demo.json").ok().map(|demo| demo.tokens.read);
    let kept = || newest_kept(&context.home.join("cli"));
    match set.or_else(demo).or_else(kept) {
        Some(token) => Ok(governance.bearer(token)),
        None => Ok(governance),
    }
}

fn newest_kept(dir: &Path) -> Option<String> {
    let files = std::fs::read_dir(dir)
        .ok()?
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().ends_with(".session.json"));
    let newest = files.max_by_key(|entry| entry.metadata().and_then(|meta| meta.modified()).ok())?;
    read_json::<Kept>(&newest.path()).ok().map(|kept| kept.token)
}

/// The signer behind `--key` or `--agent`.
pub fn signer(who: &Who) -> Result<Signer, CliError> {
    if let Some(path) = &who.key {
        return Ok(Signer::from_file(path)?);
    }
    let public =
        who.agent.as_ref().ok_or_else(|| CliError::Usage("who signs? `--key FILE` or `--agent KEY.pub`".to_owned()))?;
    let socket = std::env::var_os("SSH_AUTH_SOCK").map(PathBuf::from);
    let socket =
        socket.ok_or_else(|| CliError::Usage("SSH_AUTH_SOCK is not set: no ssh-agent runs here".to_owned()))?;
    let text = std::fs::read_to_string(public).map_err(file(public))?;
    let why = |error: ssh_key::Error| CliError::Content { path: public.clone(), why: error.to_string() };
    Ok(Signer::from_agent(&socket, ssh_key::PublicKey::from_openssh(text.trim()).map_err(why)?))
}

/// A desk for a signer: replica in `cli/replica`, which every command of this directory shares, so
/// that a hold gets through while another terminal follows a run. Not signed in.
pub async fn unsigned_desk(context: &Context, who: &Who) -> Result<Desk, CliError> {
    let governance = governance(context).await?;
    let signer = signer(who)?;
    let trust = context.home.trust(None)?;
    let platform = PlatformClient::new(Http::new(ports(context)?.url(Service::Platform)));
    let replica = context.home.create_dir("cli/replica")?;
    let follower = Follower::open_shared(&replica, &trust, governance.clone())?;
    Ok(Desk::open(governance, platform, follower, signer, clock::now).await?)
}

/// The same, signed in (a kept credential is used again).
pub async fn desk(context: &Context, who: &Who) -> Result<Desk, CliError> {
    let key = ssh::key_id(&signer(who)?.public()?)?;
    let desk = unsigned_desk(context, who).await?;
    let path = context.home.join(format!("cli/{}.session.json", key.short()));
    if let Ok(kept) = read_json::<Kept>(&path) {
        let good = {
            let state = desk.follower().state();
            let hash = Digest::of_bytes(kept.token.as_bytes());
            (kept.ledger, kept.key) == (state.ledger, key)
                && state.session(&hash, desk.now().plus_millis(60_000)).is_some()
        };
        if good {
            return Ok(desk.with_token(&kept.token));
        }
    }
    let token = desk.credential(model::Scope::Person, 12 * 3_600_000).await?;
    let ledger = desk.follower().state().ledger;
    let kept = serde_json::to_vec(&Kept { ledger, key, token: token.clone() });
    let why = |error: serde_json::Error| CliError::Content { path: path.clone(), why: error.to_string() };
    write_private(&path, &kept.map_err(why)?)?;
    Ok(desk.with_token(&token))
}
