//! Who sits at the command line: key, replica, services.

use super::Context;
use crate::cli::Who;
use crate::clock;
use crate::error::CliError;
use crate::find::{Book, ChangeRef};
use crate::given::{content, given};
use crate::home::{SERVING, Serving, founded, read_json, write_private};
use crate::output;
use crate::ports::Ports;
use client::{GovernanceClient, Http, HttpOptions, PlatformClient, Signer};
use control::State;
use desk::{Desk, DeskError};
use follower::Follower;
use model::{ChangeId, Digest, Service};
use serde::{Deserialize, Serialize};
use signed::ssh;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use view::Names;

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

/// Governance, with the best credential for reading there is: see [`credential`].
pub async fn reader(context: &Context) -> Result<GovernanceClient, CliError> {
    let governance = governance(context).await?;
    Ok(match credential(context, &governance).await {
        Some(token) => governance.bearer(token),
        None => governance,
    })
}

/// The best credential for reading there is: `COUNTERSIGN_TOKEN`, the demo's read token, the last one a key of this user
/// signed in with.
pub async fn credential(context: &Context, governance: &GovernanceClient) -> Option<String> {
    let set = std::env::var("COUNTERSIGN_TOKEN").ok();
    let demo = || context.home.read_json::<DemoFile>("demo.json").ok().map(|demo| demo.tokens.read);
    if let Some(token) = set.or_else(demo) {
        return Some(token);
    }
    let kept = kept(&context.home.join("cli"));
    for token in &kept {
        // One whose owner has left the roster or reads nothing, as a machine identity, or whose time is over, is
        // passed by.
        let of_no_use = |error: &client::ClientError| matches!(error.code(), Some("token.unknown" | "reader.unknown"));
        let dead = governance.bearer(token).people().await.is_err_and(|error| of_no_use(&error));
        if !dead {
            return Some(token.clone());
        }
    }
    kept.into_iter().next()
}

/// A client of a service that shows what is not everybody's, with the best credential for reading there is: see
/// [`credential`]. With Governance gone it answers all the same.
pub async fn reading(context: &Context, service: Service, options: HttpOptions) -> Result<Http, CliError> {
    let ports = ports(context)?;
    let http = Http::with(ports.url(service), options).of(service);
    let governance = GovernanceClient::new(Http::new(ports.url(Service::Governance)));
    Ok(match credential(context, &governance).await {
        Some(token) => http.bearer(token),
        None => http,
    })
}

/// The credentials kept here, newest first.
fn kept(dir: &Path) -> Vec<String> {
    let files = std::fs::read_dir(dir).into_iter().flatten().filter_map(Result::ok);
    let mut files: Vec<_> =
        files.filter(|entry| entry.file_name().to_string_lossy().ends_with(".session.json")).collect();
    files.sort_by_key(|entry| std::cmp::Reverse(entry.metadata().and_then(|meta| meta.modified()).ok()));
    files.iter().filter_map(|entry| read_json::<Kept>(&entry.path()).ok()).map(|kept| kept.token).collect()
}

/// The signer of a private key file that was named.
pub fn key_file(path: &Path) -> Result<Signer, CliError> {
    std::fs::File::open(path).map_err(given(path))?;
    Ok(Signer::from_file(path)?)
}

/// The signer behind `--key` or `--agent`.
pub fn signer(who: &Who) -> Result<Signer, CliError> {
    if let Some(path) = &who.key {
        return key_file(path);
    }
    let public =
        who.agent.as_ref().ok_or_else(|| CliError::Usage("who signs? `--key FILE` or `--agent KEY.pub`".to_owned()))?;
    let socket = std::env::var_os("SSH_AUTH_SOCK").map(PathBuf::from);
    let no_agent = || CliError::State {
        code: "agent.missing",
        message: "SSH_AUTH_SOCK is not set: no ssh-agent runs here".to_owned(),
        next: "start one and `ssh-add` the key, or name its private file: `--key FILE`".to_owned(),
    };
    let socket = socket.ok_or_else(no_agent)?;
    let text = std::fs::read_to_string(public).map_err(given(public))?;
    let why = |error: ssh_key::Error| content(public, error, "name a public key, as `countersign key new …` writes it");
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
    Ok(signed_in(context, who).await?.0)
}

/// The same, and the credential, for a service that the desk does not speak to.
pub async fn signed_in(context: &Context, who: &Who) -> Result<(Desk, String), CliError> {
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
            return Ok((desk.with_token(&kept.token), kept.token));
        }
    }
    // A machine identity acts by what it signs, and is given nothing but to read.
    let person = desk.follower().state().roster.person(&desk.person()).is_some();
    let scope = if person { model::Scope::Person } else { model::Scope::Read };
    let token = desk.credential(scope, 12 * 3_600_000).await?;
    let ledger = desk.follower().state().ledger;
    let kept = serde_json::to_vec(&Kept { ledger, key, token: token.clone() });
    let why = |error: serde_json::Error| CliError::Content { path: path.clone(), why: error.to_string() };
    write_private(&path, &kept.map_err(why)?)?;
    Ok((desk.with_token(&token), token))
}

/// What is known at a desk: its verified state, and what ids are called.
pub async fn book(desk: &Desk) -> Result<Book, CliError> {
    Ok(Book { names: desk.names().await?, state: desk.follower().state() })
}

/// This machine's own verified copy of the ledger, read without a key.
pub struct Copy {
    pub state: Arc<State>,
    pub follower: Follower,
    /// Why it could not be brought up to date just now.
    pub outage: Option<CliError>,
}

/// The own copy, brought up to date where Governance answers, else as it was.
pub async fn copy(context: &Context) -> Result<Copy, CliError> {
    founded(&context.home)?;
    let trust = context.home.trust(None)?;
    let replica = context.home.create_dir("cli/replica")?;
    let open = |governance| Follower::open_shared(&replica, &trust, governance);
    let outage = match governance(context).await {
        Ok(governance) => {
            let follower = open(governance)?;
            match follower.sync().await.map_err(CliError::from) {
                Ok(_) => return Ok(Copy { state: follower.state(), follower, outage: None }),
                Err(error) => error,
            }
        }
        Err(error) => error,
    };
    if !outage.is_outage() {
        return Err(outage);
    }
    let follower = open(GovernanceClient::new(Http::new(ports(context)?.url(Service::Governance))))?;
    let state = follower.state();
    if state.is_founded() { Ok(Copy { state, follower, outage: Some(outage) }) } else { Err(outage) }
}

impl Copy {
    /// The same, and where it could not be brought up to date, a note of from when it is.
    pub fn said(self) -> Self {
        if self.outage.is_some() {
            let (size, last) = (self.state.size, self.state.last);
            output::note(&format_args!(
                "Governance does not answer; this is from this machine's verified copy of the ledger: {size} entries, the newest of {last}"
            ));
        }
        self
    }
}

/// What a listing shows: as [`read_book`], and with Governance gone the own verified copy, with ids for names.
pub async fn listed(context: &Context) -> Result<Book, CliError> {
    let copy = copy(context).await?.said();
    let names = match copy.outage {
        Some(_) => Names::default(),
        None => reader(context).await?.names().await?,
    };
    Ok(Book { names, state: copy.state })
}

/// What is known without a key: the own verified copy, and names, each compared with what was signed.
pub async fn read_book(context: &Context) -> Result<Book, CliError> {
    let copy = copy(context).await?;
    if let Some(outage) = copy.outage {
        return Err(outage);
    }
    Ok(Book { names: reader(context).await?.names().await?.checked(&copy.state), state: copy.state })
}

/// The change that is meant: by the own copy, which knows all there ever were; where that cannot be used, by
/// Governance, page by page to the oldest.
pub async fn change(context: &Context, change: &ChangeRef) -> Result<ChangeId, CliError> {
    if let Some(id) = change.whole() {
        return Ok(id);
    }
    if let Some(copy) = copy(context).await.ok().filter(|copy| copy.outage.is_none()) {
        return change.among(copy.state.change_ids());
    }
    let governance = reader(context).await?;
    let page = async |before| {
        let page = match before {
            Some(leaf) => governance.changes_ended_before(leaf).await?,
            None => governance.changes().await?,
        };
        Ok(page.into_iter().map(|view| (view.id, view.ended)).collect())
    };
    change.among_pages(page).await
}
