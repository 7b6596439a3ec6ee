//! Who ended a change that did not take effect, and why.

use crate::output;
use client::GovernanceClient;
use model::Digest;
use view::ChangeView;

/// Prints what the entry that ended it says, with what its reader may read of the reason.
pub async fn print(governance: &GovernanceClient, ledger: &Digest, view: &ChangeView) {
    let Some(entry) = view.ended_otherwise() else { return };
    let ending = governance.entry("control", entry).await.ok().and_then(|entry| entry.ending(&view.id, ledger));
    if let Some(ending) = ending {
        output::quoted("ended       ", &ending.sentence);
        if let Some(reason) = ending.reason {
            output::quoted("because     ", &reason);
        }
    }
    crate::print_line!("             all of it: countersign audit show {entry}");
}
