//! What was published of one sort, and where it serves.

use super::{Context, held, listing, who};
use crate::cli::ListArgs;
use crate::error::CliError;
use crate::find::Book;
use crate::output;
use control::Published;
use model::{Digest, Resource};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Lists it, newest first.
pub async fn list(context: &Context, args: ListArgs, resource: Resource) -> Result<(), CliError> {
    let book = who::listed(context).await?;
    let damaged = if resource.is_archive() { held::damaged(context, &book.state).await } else { BTreeMap::new() };
    let of = book.state.resources.iter().filter(|(_, known)| known.content.resource() == resource);
    let mut all: Vec<_> = of.collect();
    all.sort_by_key(|(_, known)| std::cmp::Reverse(known.index));
    let tenants = |known: &Published| {
        let tenants: Vec<_> = known.whose.tenants().iter().map(|tenant| book.names.tenant(tenant)).collect();
        if tenants.is_empty() { "any".to_owned() } else { tenants.join(", ") }
    };
    listing::print(
        context,
        args,
        all,
        |(digest, known)| {
            let mut row = as_json(&book, digest, known);
            row["damaged"] = json!(damaged.get(*digest));
            row
        },
        &[
            ("NAME", &|(digest, _)| book.names.resource(&book.state, digest)),
            ("VERSION", &|(_, known)| known.version.to_string()),
            ("FOR", &|(_, known)| tenants(known)),
            ("SERVES ON", &|(digest, _)| serves_on(&book, digest).join(", ")),
            ("DIGEST", &|(digest, _)| digest.short()),
            ("", &|(digest, known)| kept(&book, digest, known, &damaged)),
        ],
    );
    Ok(())
}

/// Everything about one but its content.
pub fn as_json(book: &Book, digest: &Digest, known: &Published) -> Value {
    let recalled = book.state.recalled.contains_key(digest);
    json!({
        known.content.resource().word(): digest, "name": book.names.resource(&book.state, digest),
        "product": known.product, "version": known.version, "tenants": known.whose.tenants(), "entry": known.index,
        "certified": known.certified, "refused": known.refused.as_ref().map(|(code, _)| code), "recalled": recalled,
        "serves_on": serves_on(book, digest),
    })
}

/// The engines that are bound to it now.
pub fn serves_on(book: &Book, digest: &Digest) -> Vec<String> {
    let bound =
        book.state.engines.iter().filter(|(_, engine)| {
            engine.bundle().is_some_and(|bundle| bundle.parts().any(|(_, part)| part == *digest))
        });
    bound.map(|(id, _)| book.names.engine(id)).collect()
}

/// Whether a plan may name it.
pub fn standing(book: &Book, digest: &Digest, known: &Published) -> String {
    match (book.state.recalled.contains_key(digest), known.certified, &known.refused) {
        (true, ..) => "recalled".to_owned(),
        (_, Some(_), _) => "certified".to_owned(),
        (_, None, Some((code, _))) => format!("not certified: {code}"),
        (_, None, None) => "not certified yet".to_owned(),
    }
}

/// The same, and what is wrong with an archive that cannot be certified because it is damaged.
pub fn kept(book: &Book, digest: &Digest, known: &Published, damaged: &BTreeMap<Digest, String>) -> String {
    match damaged.get(digest) {
        Some(why) => {
            format!("not certified: its archive is damaged ({}); publish the same again", output::cell(why))
        }
        None => standing(book, digest, known),
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
    let tenants: Vec<_> = known.whose.tenants().iter().map(|tenant| book.names.tenant(tenant)).collect();
    if !tenants.is_empty() {
        crate::print_line!("for        {} alone", tenants.join(", "));
    }
    let serves_on = serves_on(book, digest);
    if !serves_on.is_empty() {
        crate::print_line!("serves on  {}", serves_on.join(", "));
    }
}
