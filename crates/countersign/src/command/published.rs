//! What was published of one sort, and where it serves.

use super::{Context, listing, who};
use crate::cli::ListArgs;
use crate::error::CliError;
use crate::find::Book;
use control::Published;
use model::{Digest, Resource};
use serde_json::{Value, json};

/// Lists it, newest first.
pub async fn list(context: &Context, args: ListArgs, resource: Resource) -> Result<(), CliError> {
    let book = who::listed(context).await?;
    let of = book.state.resources.iter().filter(|(_, known)| known.content.resource() == resource);
    let mut all: Vec<_> = of.collect();
    all.sort_by_key(|(_, known)| std::cmp::Reverse(known.index));
    let tenant = |known: &Published| known.tenant.map_or_else(|| "any".to_owned(), |tenant| book.names.tenant(&tenant));
    listing::print(
        context,
        args,
        all,
        |(digest, known)| as_json(&book, digest, known),
        &[
            ("NAME", &|(digest, _)| book.names.resource(&book.state, digest)),
            ("VERSION", &|(_, known)| known.version.to_string()),
            ("FOR", &|(_, known)| tenant(known)),
            ("SERVES ON", &|(digest, _)| serves_on(&book, digest).join(", ")),
            ("DIGEST", &|(digest, _)| digest.short()),
            ("", &|(digest, known)| standing(&book, digest, known)),
        ],
    );
    Ok(())
}

/// Everything about one but its content.
pub fn as_json(book: &Book, digest: &Digest, known: &Published) -> Value {
    let recalled = book.state.recalled.contains(digest);
    json!({
        known.content.resource().word(): digest, "name": book.names.resource(&book.state, digest),
        "product": known.product, "version": known.version, "tenant": known.tenant, "entry": known.index,
        "certified": known.certified, "refused": known.refused.as_ref().map(|(code, _)| code), "recalled": recalled,
        "serves_on": serves_on(book, digest),
    })
}

/// The engines that are bound to it now.
pub fn serves_on(book: &Book, digest: &Digest) -> Vec<String> {
    let bound = book.state.engines.iter().filter(|(_, engine)| {
        engine.bundle().is_some_and(|bundle| {
            [Some(bundle.artifact), bundle.config, bundle.theme, bundle.retention].contains(&Some(*digest))
        })
    });
    bound.map(|(id, _)| book.names.engine(id)).collect()
}

/// Whether a plan may name it.
pub fn standing(book: &Book, digest: &Digest, known: &Published) -> String {
    match (book.state.recalled.contains(digest), known.certified, &known.refused) {
        (true, ..) => "recalled".to_owned(),
        (_, Some(_), _) => "certified".to_owned(),
        (_, None, Some((code, _))) => format!("not certified: {code}"),
        (_, None, None) => "not certified yet".to_owned(),
    }
}

/// The lines that begin what is shown of one.
pub fn print(book: &Book, digest: &Digest, known: &Published) {
    crate::print_line!("{}", book.names.resource(&book.state, digest));
    crate::print_line!("digest     {digest}");
    crate::print_line!(
        "published  {} {}, entry {}, {}",
        known.product,
        known.version,
        known.index,
        standing(book, digest, known)
    );
    if let Some(tenant) = known.tenant {
        crate::print_line!("for        {} alone", book.names.tenant(&tenant));
    }
    let serves_on = serves_on(book, digest);
    if !serves_on.is_empty() {
        crate::print_line!("serves on  {}", serves_on.join(", "));
    }
}
