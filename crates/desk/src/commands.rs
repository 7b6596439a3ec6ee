//! The same by command line.

use crate::Fingerprint;
use client::shell_word;
use model::Status;
use view::ChangeView;

/// The command lines that decide a change where it stands, each naming the package that it is
/// shown with: pasted later, when there is another one, it is refused. `dir` is the data directory
/// as a word of a shell; `KEY` and `WHY` are for the reader to write.
pub fn commands(view: &ChangeView, dir: &str) -> Vec<String> {
    let good = view.warrant.as_ref().is_some_and(|warrant| warrant.standing == "good");
    let verbs: &[&str] = match view.status {
        Status::Draft => &["seal", "cancel"],
        Status::AwaitingApproval => &["approve", "reject"],
        Status::Approved => &["run", "hold"],
        Status::Executing => &["hold"],
        Status::Effective if good => &["revoke"],
        _ => &[],
    };
    let package = shell_word(&Fingerprint::of(&view.package).to_string());
    let command = |verb: &&str| {
        let reason = if *verb == "reject" { " --reason WHY" } else { "" };
        format!("countersign change {verb} {} --package {package}{reason} --key KEY --dir {dir}", view.id)
    };
    let export = good.then(|| format!("countersign warrant export {0} --out {0}.warrant --dir {dir}", view.id));
    export.into_iter().chain(verbs.iter().map(command)).collect()
}
