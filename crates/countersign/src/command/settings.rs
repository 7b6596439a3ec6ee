//! `settings …`: the documents that rule the ledger.

use super::{Context, asking, change, listing, who};
use crate::cli::SettingsCommand;
use crate::error::CliError;
use crate::given::content;
use crate::output;
use control::{Setting, State};
use model::{Digest, SettingName};
use serde_json::json;

pub async fn run(context: &Context, command: SettingsCommand) -> Result<(), CliError> {
    match command {
        SettingsCommand::Ls(args) => {
            let state = who::copy(context).await?.said().state;
            let rows: Vec<_> = state.settings.iter().map(|(name, digest)| (*name, *digest)).collect();
            let as_json = |(name, digest): &(SettingName, Digest)| json!({"name": name, "digest": digest});
            listing::print(
                context,
                args,
                rows,
                as_json,
                &[
                    ("NAME", &|(name, _)| name.to_string()),
                    ("DOCUMENT", &|(name, _)| name.title().to_owned()),
                    ("DIGEST", &|(_, digest)| digest.short()),
                ],
            );
        }
        SettingsCommand::Show { name } => {
            // A document is what a program reads: it is JSON either way.
            output::json(&in_force(&who::copy(context).await?.state, name)?);
        }
        SettingsCommand::Change { name, file, asking } => {
            let next = change::document(&file)?;
            if next.name() != name {
                let (file, is) = (file.display(), next.name());
                return Err(CliError::Usage(format!("{file} is the document `{is}`, not `{name}`")));
            }
            let again = "write it from what `countersign settings show …` prints";
            next.check().map_err(|why| content(file, why, again))?;
            let desk = who::desk(context, &asking.who).await?;
            asking::setting(context, &desk, &asking, next).await?;
        }
    }
    Ok(())
}

/// The document as the own verified state has it; its digest is the one in force.
fn in_force(state: &State, name: SettingName) -> Result<Setting, CliError> {
    let setting = match name {
        SettingName::Rules => Setting::Rules { number: state.rules },
        SettingName::Kinds => Setting::Kinds(state.kinds.clone()),
        SettingName::Recalls => Setting::Recalls { digests: state.recalled.keys().copied().collect() },
        SettingName::TenantTerms => Setting::TenantTerms(state.terms.clone()),
    };
    let in_force = state.settings.get(&name) == setting.digest().ok().as_ref();
    let why = || CliError::State {
        code: "setting.unreadable",
        message: format!("the document `{name}` that is in force has more in it than this countersign knows"),
        next: "use the version that wrote it".to_owned(),
    };
    if in_force { Ok(setting) } else { Err(why()) }
}
