//! Why steps of a change did not go well: the code, and what their executors found.

use crate::output;
use client::GovernanceClient;
use model::{Digest, Service};
use view::{CauseText, ChangeView, StepView};

/// A step that was refused, or whose outcome is not known.
pub struct Cause {
    /// Its place in the plan, from 1.
    step: usize,
    /// Executor and action.
    what: String,
    /// Stable code.
    code: String,
    /// The entry that records it.
    entry: Option<u64>,
    /// What the executor found; none where it cannot be read now, or was erased.
    text: Option<CauseText>,
    /// The engine that it is about, as one word of a command.
    engine: Option<String>,
    /// Whether the step only looked, so that no process of it has printed anything.
    is_check: bool,
}

impl Cause {
    fn of((step, view): (usize, &StepView)) -> Option<Self> {
        let what = format!("{}: {}", view.executor.title(), view.action);
        let (code, entry, is_check) = (view.trouble.clone()?, view.trouble_entry, view.is_check);
        Some(Self { step, what, code, entry, text: None, engine: None, is_check })
    }

    /// In one line.
    pub fn line(&self) -> String {
        let found = self.text.as_ref().and_then(|text| text.found.as_deref());
        let found = found.map(|found| format!(": {found}")).unwrap_or_default();
        format!("step {} ({}) did not succeed, {}{found}", self.step, self.what, self.code)
    }
}

/// Those of a change, with what its reader may read of them.
pub async fn read(governance: &GovernanceClient, ledger: &Digest, view: &ChangeView) -> Vec<Cause> {
    let mut causes: Vec<_> = (1..).zip(&view.steps).filter_map(Cause::of).collect();
    if let Some(engine) = view.engine.filter(|_| !causes.is_empty()) {
        // Without names its id does.
        let named = governance.names().await.ok().and_then(|names| names.engines.get(&engine).cloned());
        let engine = client::shell_word(&named.unwrap_or_else(|| engine.to_string()));
        for cause in causes.iter_mut().filter(|cause| view.steps[cause.step - 1].executor == Service::Engine) {
            cause.engine = Some(engine.clone());
        }
    }
    for cause in &mut causes {
        if let Some(entry) = cause.entry {
            // Where the entry cannot be had the code stands alone, and the entry is named.
            cause.text = governance.entry("control", entry).await.ok().and_then(|entry| entry.cause(ledger));
        }
    }
    causes
}

/// Prints them, each with the last lines of what its process said.
pub fn print(causes: &[Cause]) {
    for cause in causes {
        crate::print_line!("\n{}", cause.line());
        if let Some(text) = &cause.text {
            for line in &text.output {
                crate::print_line!("  | {}", output::cell(line));
            }
        }
        // What never ran has printed nothing, and then the log is another's.
        let printed = cause.text.as_ref().is_some_and(|text| !text.output.is_empty());
        match &cause.engine {
            Some(engine) if cause.is_check => {
                crate::print_line!("  nothing was started; what serves there: countersign engine show {engine}");
            }
            Some(engine) if printed => crate::print_line!("  all that it printed: countersign engine logs {engine}"),
            _ => {}
        }
        if let Some(entry) = cause.entry {
            crate::print_line!("  all of it: countersign audit show {entry}");
        }
    }
}
