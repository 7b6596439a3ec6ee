//! `publish`.

use super::{Context, who};
use crate::cli::Who;
use crate::error::CliError;
use crate::output;
use serde_json::json;
use std::path::Path;

pub async fn run(context: &Context, tar: &Path, name: &str, who: &Who) -> Result<(), CliError> {
    let desk = who::desk(context, who).await?;
    let published = desk.publish(tar, name).await?;
    if context.json {
        output::json(&json!({"artifact": published.artifact, "entry": published.index}));
    } else {
        match published.index {
            Some(_) => crate::print_line!("published {name}"),
            None => crate::print_line!("{name} was published before"),
        }
        crate::print_line!("artifact  {}", published.artifact);
        if let Some(index) = published.index {
            crate::print_line!("entry     {index}");
        }
    }
    Ok(())
}
