//! `warrant …`: export it, check it offline, use it.

use super::{Context, who};
use crate::cli::{CheckArgs, Compared, WarrantCommand, Who};
use crate::clock;
use crate::error::CliError;
use crate::find::ChangeRef;
use crate::given::{given, writable};
use crate::home::write_private;
use crate::output;
use control::governs;
use follower::FollowerError;
use model::{ChangeId, Digest};
use serde::Serialize;
use serde_json::json;
use signed::{Act, Trust};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use warrant::{Checked, Intended, MAX_BYTES, WarrantError, WarrantFile, check, stands};

pub async fn run(context: &Context, command: WarrantCommand) -> Result<(), CliError> {
    match command {
        WarrantCommand::Export { change, out } => export(context, &change, &out).await,
        WarrantCommand::Check(args) => checked(context, args).await,
        WarrantCommand::Use { change, compared, who } => spend(context, &change, &compared, &who).await,
    }
}

async fn export(context: &Context, change: &ChangeRef, out: &Path) -> Result<(), CliError> {
    let copy = who::copy(context).await?;
    let id = change.among(copy.state.change_ids())?;
    stands(&warrant_of(&copy, &id)?, clock::now())?;
    let copied = copy.follower.copied(MAX_BYTES).await.map_err(|error| match error {
        FollowerError::TooLong { bytes, most_bytes } => WarrantError::TooLarge { bytes, most: most_bytes }.into(),
        error => CliError::from(error),
    })?;
    let copied = copied.ok_or(WarrantError::Missing(id))?;
    let trust = context.home.trust(None)?;
    let written = WarrantFile::new(id, trust.genesis, copied.checkpoint, &copied.entries, &copied.blobs)?;
    // Who exports sees what a checker will see.
    let proven = check(&written, &trust)?;
    writable(out)?;
    write_private(out, &written.to_bytes()?)?;
    if let Some(outage) = &copy.outage {
        output::note(&format_args!("the copy here could not be brought up to date: {outage}"));
    }
    if context.json {
        output::json(&json!({"change": id, "file": out, "until": proven.until, "as_of": proven.as_of}));
    } else {
        crate::print_line!("wrote {}", out.display());
        crate::print_line!("good until {}, as of entry {}", proven.until, proven.as_of - 1);
    }
    Ok(())
}

/// Whether use and revocation were looked for beyond the file.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum UseChecked {
    /// Nobody was asked.
    NotChecked,
    /// In this ledger, brought up to date: neither up to this size.
    NotUsed { as_of: u64 },
}

async fn checked(context: &Context, args: CheckArgs) -> Result<(), CliError> {
    let trust = pinned(context, args.trust.as_deref())?;
    let intended = intended(&args.compared)?;
    let proven = check(&WarrantFile::parse(&read(&args.warrant)?)?, &trust)?;
    proven.allows(clock::now(), &intended)?;
    let used = if args.ask { ask(context, &trust.genesis, &proven.change).await? } else { UseChecked::NotChecked };
    if context.json {
        let compared = json!({"digest": intended.digest.is_some(), "target": intended.target.is_some()});
        output::json(&json!({"warrant": "good", "proven": proven, "compared": compared, "use": used}));
    } else {
        print(&proven, &intended, &used);
    }
    Ok(())
}

fn pinned(context: &Context, named: Option<&Path>) -> Result<Trust, CliError> {
    let path = context.home.trust_path();
    if named.is_none() && !path.exists() {
        return Err(CliError::State {
            code: "trust.missing",
            message: format!("nothing is pinned here: {} is not there", path.display()),
            next: "say whom you trust: `--trust FILE`".to_owned(),
        });
    }
    context.home.trust(named)
}

/// Looks in the own copy of the same ledger, which must be brought up to date for this.
async fn ask(context: &Context, ledger: &Digest, id: &ChangeId) -> Result<UseChecked, CliError> {
    let copy = who::copy(context).await?;
    if let Some(outage) = copy.outage {
        return Err(outage);
    }
    if copy.state.ledger != *ledger {
        return Err(WarrantError::OtherLedger(*ledger).into());
    }
    stands(&warrant_of(&copy, id)?, clock::now().max(copy.state.last))?;
    Ok(UseChecked::NotUsed { as_of: copy.state.size })
}

/// The warrant of a change, whether or not its time is over.
fn warrant_of(copy: &who::Copy, id: &ChangeId) -> Result<control::Warrant, CliError> {
    let open = copy.state.changes.get(id).map(|change| change.warrant.clone());
    let warrant = open.or_else(|| copy.state.closed.get(id).map(|closed| closed.warrant.clone()));
    warrant.flatten().ok_or_else(|| WarrantError::Missing(*id).into())
}

/// A file, as far as a warrant may be long: what is longer is refused by its reader.
fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    let mut bytes = vec![];
    let opened = File::open(path).map_err(given(path))?;
    opened.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(given(path))?;
    Ok(bytes)
}

fn intended(compared: &Compared) -> Result<Intended, CliError> {
    Ok(Intended { digest: digest(compared)?, target: compared.target.clone() })
}

/// What would be carried out, as named or as a file holds it.
fn digest(args: &Compared) -> Result<Option<Digest>, CliError> {
    if let Some(path) = &args.file {
        return Ok(Some(Digest::of_bytes(&std::fs::read(path).map_err(given(path))?)));
    }
    let Some(text) = &args.digest else { return Ok(None) };
    let digits = text.strip_prefix("sha256:").unwrap_or(text);
    let wrong = |_| CliError::Usage("a digest is `sha256:` and 64 hexadecimal digits".to_owned());
    digits.parse().map(Some).map_err(wrong)
}

fn print(proven: &Checked, intended: &Intended, used: &UseChecked) {
    let compared = |compared: bool| if compared { "as asked" } else { "not compared" };
    crate::print_line!("good         until {}", proven.until);
    crate::print_line!("change       {}", proven.change);
    crate::print_line!("target       {}  ({})", proven.target, compared(intended.target.is_some()));
    crate::print_line!("digest       sha256:{}  ({})", proven.digest, compared(intended.digest.is_some()));
    for author in &proven.authors {
        crate::print_line!("asked for by person {author}");
    }
    for approved in &proven.approved {
        let by = approved.signed_by.map(|by| format!(", signed by {by}")).unwrap_or_default();
        let roles = control::roles_title(&approved.roles);
        crate::print_line!("approved by  person {}{by} as {roles} (entry {})", approved.person, approved.entry);
    }
    crate::print_line!("run by       person {} at {} (entry {})", proven.run_by, proven.run_at, proven.run_entry);
    crate::print_line!("decided      {} entries again, the last of {}", proven.as_of, proven.as_of_time);
    match used {
        UseChecked::NotChecked => crate::print_line!("use          not checked; nor was a revocation after that entry"),
        UseChecked::NotUsed { as_of } => {
            crate::print_line!("use          neither used nor revoked up to entry {} of the ledger", as_of - 1);
        }
    }
}

async fn spend(context: &Context, change: &ChangeRef, compared: &Compared, who: &Who) -> Result<(), CliError> {
    let intended = intended(compared)?;
    let desk = who::unsigned_desk(context, who).await?;
    let id = {
        let state = desk.follower().state();
        let id = change.among(state.change_ids())?;
        let known = desk.follower().change(&state, &id).ok();
        // Where there is no warrant, the ledger says why it cannot be used.
        if let Some(warranted) = known.and_then(|known| governs(known.kind).warranted(&known.package.body)) {
            intended.is_of(&warranted)?;
        }
        id
    };
    let index = desk.sign_and_submit_about(&id, |change, revision| Act::Use { change, revision }, None, None).await?;
    if context.json {
        output::json(&json!({"change": id, "said": "used", "entry": index}));
    } else {
        crate::print_line!("used {id}; carry it out now, it is good once");
        crate::print_line!("entry {index}");
    }
    Ok(())
}
