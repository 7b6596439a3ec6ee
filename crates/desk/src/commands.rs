//! The same by command line.

use crate::Fingerprint;
use client::shell_word;
use signed::Reconciled;
use view::{ChangeView, Way};

/// The command lines that take a change on from where it stands, each naming the package that it is
/// shown with: pasted later, when there is another one, it is refused. `dir` is the data directory
/// as a word of a shell; `KEY`, `WHY` and `FILE` are for the reader to write.
pub fn commands(view: &ChangeView, dir: &str) -> Vec<String> {
    ways(view, dir).into_iter().map(|(_, command)| command).collect()
}

/// The same, each with the way that it goes; none: it says nothing about the change.
pub fn ways<'a>(view: &'a ChangeView, dir: &str) -> Vec<(Option<&'a Way>, String)> {
    let good = view.warrant.as_ref().is_some_and(|warrant| warrant.standing == "good");
    let export = good.then(|| format!("countersign warrant export {0} --out {0}.warrant --dir {dir}", view.id));
    let ways = view.ways.iter().map(|way| (Some(way), command(view, way, dir)));
    export.map(|export| (None, export)).into_iter().chain(ways).collect()
}

fn command(view: &ChangeView, way: &Way, dir: &str) -> String {
    // What it replaces is not in force any more: it is written again from what is.
    if way.from_in_force {
        let name = way.name.map(|name| format!("--name {name} ")).unwrap_or_default();
        let kind = view.kind;
        let reason = if way.says_why { " --reason WHY" } else { "" };
        return format!("countersign change new --kind {kind} {name}--document FILE{reason} --key KEY --dir {dir}");
    }
    // A copy is another change: there is nothing of it to compare yet.
    if way.verb == "new" {
        let of = if way.revises { format!(" --change {}", view.id) } else { String::new() };
        let reason = if way.says_why { " --reason WHY" } else { "" };
        return format!("countersign change new --from {}{of}{reason} --key KEY --dir {dir}", view.id);
    }
    let package = shell_word(&Fingerprint::of(&view.package).to_string());
    let reason = if way.verb == "reject" { " --reason WHY" } else { "" };
    let of = way.of.map(|of| format!(" --of {of}")).unwrap_or_default();
    let outcome = match way.outcome {
        Some(Reconciled::AsBase) => " --outcome as-base",
        Some(Reconciled::AsPlanned) => " --outcome as-planned",
        None => "",
    };
    let verb = &way.verb;
    format!("countersign change {verb} {}{of}{outcome} --package {package}{reason} --key KEY --dir {dir}", view.id)
}
