//! `publish`, and what every publishing command has in common.

use super::{Context, acceptable, who};
use crate::cli::{DocumentArgs, Who};
use crate::error::CliError;
use crate::find::Book;
use crate::output;
use desk::{Edition, Publication};
use model::{Resource, TenantId};
use serde_json::{Value, json};
use std::path::Path;

pub async fn run(context: &Context, tar: &Path, name: &str, tenant: Option<&str>, who: &Who) -> Result<(), CliError> {
    let desk = who::desk(context, who).await?;
    let tenant = whose(&who::book(&desk).await?, tenant)?;
    let resource = acceptable::resource(context, tar)?;
    let published = desk.publish(tar, name, tenant).await?;
    said(context, &who::book(&desk).await?, resource, name, &published);
    Ok(())
}

/// Whose engines alone may be bound to it.
pub fn whose(book: &Book, tenant: Option<&str>) -> Result<Option<TenantId>, CliError> {
    tenant.map(|tenant| book.tenant(tenant)).transpose()
}

/// What a document is published as.
pub fn edition(args: &DocumentArgs, tenant: Option<TenantId>) -> Edition<'_> {
    Edition { product: args.product.clone(), version: args.version.clone(), name: args.name.as_deref(), tenant }
}

/// What a document is called.
pub fn called(args: &DocumentArgs) -> String {
    args.name.clone().unwrap_or_else(|| format!("{} {}", args.product, args.version))
}

/// Says that it is published, for whom, and by which digest packages name it.
pub fn said(context: &Context, book: &Book, resource: Resource, name: &str, published: &Publication) {
    let (what, digest) = (resource.word(), published.digest);
    if context.json {
        let mut said = json!({"entry": published.index, "tenants": published.tenants, "recalled": published.recalled});
        said[what] = Value::String(digest.to_string());
        output::json(&said);
        return;
    }
    match published.index {
        Some(_) => crate::print_line!("published {name}"),
        None => crate::print_line!("the same was published before, and is not published again as {name}"),
    }
    crate::print_line!("{what:<9} {digest}");
    let tenants: Vec<_> = published.tenants.iter().map(|tenant| book.names.tenant(tenant)).collect();
    if tenants.is_empty() {
        crate::print_line!("for       any engine");
    } else {
        crate::print_line!("for       {} alone", tenants.join(", "));
    }
    if let Some(index) = published.index {
        crate::print_line!("entry     {index}");
    }
    if let Some(index) = published.recalled {
        crate::print_line!(
            "recalled  since entry {index}, and it stays so: no plan may name it until a settings change lifts that"
        );
    }
}
