//! What a step does, as a reader is told.

use super::{Action, EngineAction, IntegrationAction, NodeAction, PlatformAction};
use crate::{EngineFact, Fragment};
use model::Digest;
use signed::Served;

type Text = Vec<Fragment>;

/// A step in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepWords {
    /// What is done.
    pub sentence: Text,
    /// What is there before.
    pub before: Text,
    /// What is there afterwards.
    pub after: Text,
}

fn text(words: impl Into<String>) -> Fragment {
    Fragment::Text(words.into())
}

fn plain(words: impl Into<String>) -> Text {
    vec![text(words)]
}

/// What only looks changes nothing.
fn checked(sentence: Text) -> StepWords {
    StepWords { sentence, before: plain("is looked at"), after: plain("nothing is changed") }
}

fn moved(sentence: Text, before: Text, after: Text) -> StepWords {
    StepWords { sentence, before, after }
}

fn generation(generation: u64, serves: Text) -> Text {
    [plain(format!("generation {generation}: ")), serves].concat()
}

fn served(served: Option<&Served>) -> Text {
    match served {
        None => plain("nothing serves"),
        Some(served) => vec![Fragment::Resource(served.bundle.artifact), text(format!(", side {}", served.side))],
    }
}

fn serving(base: Option<&EngineFact>) -> Text {
    let serving = base.and_then(|base| base.serving);
    serving.map_or_else(|| plain("nothing serves"), |serving| vec![Fragment::Resource(serving.bundle.artifact)])
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn named(before: &str, artifact: &Digest, after: impl Into<String>) -> Text {
    vec![text(before), Fragment::Resource(*artifact), text(after)]
}

fn node(action: &NodeAction) -> StepWords {
    match action {
        NodeAction::CheckCapacity { memory_mib } => checked(plain(format!("{memory_mib} MiB are free on the node"))),
        NodeAction::Place { artifact, memory_mib, side, .. } => moved(
            named("fetch, verify and keep ", artifact, format!(", reserve {memory_mib} MiB")),
            plain(format!("side {side}: free")),
            plain(format!("side {side}: {memory_mib} MiB reserved")),
        ),
        NodeAction::Unplace { side } => moved(
            plain("give the reservation back"),
            plain(format!("side {side}: reserved")),
            plain(format!("side {side}: free")),
        ),
    }
}

fn engine(action: &EngineAction, base: Option<&EngineFact>) -> StepWords {
    match action {
        EngineAction::Check { generation: now, serving, secrets } => {
            let there = (!secrets.is_empty())
                .then(|| plain(format!("; deposited on the node: {}", counted(secrets.len(), "secret"))));
            checked([generation(*now, served(serving.as_ref())), there.unwrap_or_default()].concat())
        }
        EngineAction::Start { bundle, side, port, memory_mib, start_within_ms } => moved(
            named(
                "start ",
                &bundle.artifact,
                format!(" with {memory_mib} MiB and probe it, for {} s at most", start_within_ms / 1_000),
            ),
            plain(format!("side {side}: stopped")),
            plain(format!("side {side}: healthy on port {port}")),
        ),
        EngineAction::Stop { side } => {
            moved(plain("drain and stop"), plain(format!("side {side}: runs")), plain(format!("side {side}: stopped")))
        }
        EngineAction::Switch { generation: now, next, serving: to } => moved(
            plain("visitors are led to the next generation, if the one before is still in service"),
            generation(*now, serving(base)),
            generation(*next, served(to.as_ref())),
        ),
        EngineAction::Soak { generation: now, serving, soak_ms } => {
            let serves = generation(*now, vec![Fragment::Resource(serving.bundle.artifact)]);
            let certified = [serves.clone(), plain(", certified")].concat();
            moved(plain(format!("it stays healthy for {} s", soak_ms / 1_000)), serves, certified)
        }
    }
}

impl Action {
    /// In words; `base` is the engine as the plan found it.
    pub fn words(&self, base: Option<&EngineFact>) -> StepWords {
        match self {
            Self::Platform(PlatformAction::CheckHeld { bundle }) => {
                let theme =
                    if bundle.theme.is_some() { " and its theme are held and whole" } else { " is held and whole" };
                checked(vec![Fragment::Resource(bundle.artifact), text(theme)])
            }
            Self::Node { action, .. } => node(action),
            Self::Engine { action, .. } => engine(action, base),
            Self::Integration { action: IntegrationAction::CheckBindings { bindings }, .. } => {
                let digest = plain(format!("sha256 {}", bindings.short()));
                moved(plain("DNS and certificate bindings are as planned"), digest.clone(), digest)
            }
        }
    }
}
