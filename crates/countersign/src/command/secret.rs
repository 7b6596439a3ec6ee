//! `secret put`, `secret ls`: the vault of the node whose Engine Runtime runs here.

use super::{Context, listing, who};
use crate::cli::SecretCommand;
use crate::error::{CliError, file};
use crate::find::Book;
use crate::given::given;
use crate::output;
use client::{Http, VaultClient, once_known};
use engine::{SECRET_MAX, SecretView, SecretsView, is_secret};
use model::{NodeId, Service, TenantId};
use serde_json::json;
use std::io::{ErrorKind, IsTerminal as _, Read};
use std::path::Path;

pub async fn run(context: &Context, command: SecretCommand) -> Result<(), CliError> {
    match command {
        SecretCommand::Put { file, tenant, engine, node, who } => {
            let secret = read(file.as_deref())?;
            let (desk, token) = who::signed_in(context, &who).await?;
            let book = who::book(&desk).await?;
            let whose = whose(&book, tenant.as_deref(), engine.as_deref())?;
            let of_engine = engine.and_then(|engine| Some(book.state.engines.get(&book.engine(&engine).ok()?)?.node));
            let (vault, view) = vault(context, &book, node.as_deref(), of_engine, token).await?;
            let kept: SecretView = vault.put(&whose, secret).await?;
            if context.json {
                output::json(
                    &json!({"secret": kept.secret, "tenant": kept.tenant, "masked": kept.masked, "at": kept.at, "node": view.node}),
                );
                return Ok(());
            }
            let node = view.node.map(|node| format!(" on {node}")).unwrap_or_default();
            crate::print_line!("deposited {}{node} for {}", kept.masked, book.names.tenant(&whose));
            crate::print_line!("secret  {}", kept.secret);
            crate::print_line!("\na config names it so:\n  [secrets]\n  NAME = \"{}\"", kept.secret);
        }
        SecretCommand::Ls { node, list, who } => {
            let (desk, token) = who::signed_in(context, &who).await?;
            let book = who::book(&desk).await?;
            let (_, view) = vault(context, &book, node.as_deref(), None, token).await?;
            for name in &view.damaged {
                output::note(&format_args!("warning: the secret {name} cannot be opened; deposit it again"));
            }
            listing::print(
                context,
                list,
                view.secrets,
                |kept| json!(kept),
                &[
                    ("SECRET", &|kept| kept.secret.to_string()),
                    ("FOR", &|kept| book.names.tenant(&kept.tenant)),
                    ("ENDS IN", &|kept| kept.masked.clone()),
                    ("SINCE", &|kept| kept.at.to_string()),
                ],
            );
        }
    }
    Ok(())
}

/// The tenant whose engines alone are given it.
fn whose(book: &Book, tenant: Option<&str>, engine: Option<&str>) -> Result<TenantId, CliError> {
    if let Some(tenant) = tenant {
        return book.tenant(tenant);
    }
    if let Some(engine) = engine {
        let engine = book.engine(engine)?;
        let known = book.state.engines.get(&engine).map(|known| known.tenant);
        return known.ok_or_else(|| CliError::unknown(format!("no engine `{engine}`")));
    }
    let mut tenants = book.state.tenants.keys();
    if let (Some(only), None) = (tenants.next(), tenants.next()) {
        return Ok(*only);
    }
    let way = "a secret is one tenant's; say whose: `--tenant NAME`, or `--engine NAME`";
    Err(CliError::Usage(way.to_owned()))
}

/// The vault of a node, once it is known to be that node's: a secret goes to no other.
async fn vault(
    context: &Context,
    book: &Book,
    node: Option<&str>,
    of_engine: Option<NodeId>,
    token: String,
) -> Result<(VaultClient, SecretsView), CliError> {
    let nodes = &book.state.roster.nodes;
    let wanted = match (node, of_engine, nodes.as_slice()) {
        (Some(node), ..) => book.node(node)?,
        (None, Some(node), _) => node,
        (None, None, [only]) => only.id,
        (None, None, _) => return Err(CliError::Usage("there are several nodes; say which: `--node NAME`".to_owned())),
    };
    let url = who::ports(context)?.url(Service::Engine);
    let vault = VaultClient::new(Http::new(url).bearer(token));
    let view: SecretsView = once_known(|| vault.all(), |error| Some(error)).await?;
    let wanted = nodes.iter().find(|known| known.id == wanted).map(|known| &known.name);
    if view.node.as_ref() == wanted {
        return Ok((vault, view));
    }
    let name = |node: Option<&model::Token>| node.map_or_else(|| "no node".to_owned(), ToString::to_string);
    Err(CliError::State {
        code: "node.other",
        message: format!(
            "the Engine Runtime of this directory acts for {}, not for {}",
            name(view.node.as_ref()),
            name(wanted)
        ),
        next: "nothing was sent; run this on the machine of that node, or name this one".to_owned(),
    })
}

/// What is no file may be the secret itself, typed where a file is named: it is not said again.
fn unopened(path: &Path, error: std::io::Error) -> CliError {
    if error.kind() != ErrorKind::NotFound {
        return given(path)(error);
    }
    CliError::Given {
        code: "secret.no_file",
        message: "there is no file of the name that was given".to_owned(),
        next: "name the file that holds the secret, or pipe it in; never type the secret itself as an argument, which \
               others on this machine can read: one that was is to be replaced where it came from"
            .to_owned(),
    }
}

/// The secret, without one line end at its end. No more is read than shows that it is too long.
fn read(path: Option<&Path>) -> Result<String, CliError> {
    let most = SECRET_MAX as u64 + 3;
    let mut bytes = Vec::new();
    let path = match path {
        Some(path) => {
            let opened = std::fs::File::open(path).map_err(|error| unopened(path, error))?;
            opened.take(most).read_to_end(&mut bytes).map_err(given(path))?;
            path.display().to_string()
        }
        None if std::io::stdin().is_terminal() => {
            let way = "a secret is not typed where the screen shows it: name the file that holds it, or pipe it in";
            return Err(CliError::Usage(way.to_owned()));
        }
        None => {
            std::io::stdin().lock().take(most).read_to_end(&mut bytes).map_err(file("standard input"))?;
            "standard input".to_owned()
        }
    };
    let one = bytes.strip_suffix(b"\n").map_or(&bytes[..], |rest| rest.strip_suffix(b"\r").unwrap_or(rest));
    match std::str::from_utf8(one) {
        Ok(text) if is_secret(text) => Ok(text.to_owned()),
        // Nothing of it is said.
        _ => Err(CliError::Given {
            code: "secret.unfit",
            message: format!(
                "what {path} holds is no secret: it is one line of printable ASCII, of 1 to 16,384 characters"
            ),
            next: "encode it, as with `base64 -w0`, and let the program decode it".to_owned(),
        }),
    }
}
