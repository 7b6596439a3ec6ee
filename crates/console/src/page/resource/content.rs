//! What something published holds, a line a fact.

use crate::page::deployment::Fact;
use control::{Config, Content, Published};
use model::{Profile, Range};
use std::borrow::Cow;

fn fact(name: impl Into<Cow<'static, str>>, text: impl Into<String>) -> Fact {
    Fact { name: name.into(), text: text.into(), href: None, iso: None }
}

/// Seconds where they are whole, else milliseconds.
fn duration(ms: i64) -> String {
    if ms % 1_000 == 0 { format!("{} s", ms / 1_000) } else { format!("{ms} ms") }
}

fn between(range: &Range, unit: &str) -> String {
    let Range { least, usual, most } = range;
    if least == most { format!("{usual} {unit}") } else { format!("{usual} {unit}, between {least} and {most}") }
}

pub(super) fn profile(profile: &Profile) -> Vec<Fact> {
    let ports: Vec<_> = profile.outbound.iter().map(u16::to_string).collect();
    let ports = if ports.is_empty() { "nothing".to_owned() } else { format!("port {} of any host", ports.join(", ")) };
    let mut facts = vec![
        fact("Made for", format!("engines of runtime {}", profile.runtime)),
        fact("Memory", between(&profile.memory_mib, "MiB")),
        fact("Storage", format!("{} MiB, as the program declares, not enforced", profile.storage_mib)),
        fact("Healthy within", between(&profile.start_within_ms, "ms")),
        fact("May connect to", ports),
    ];
    facts.extend(profile.needs.iter().map(|need| {
        let must = if need.required { "required" } else { "optional" };
        let secret = if need.secret { ", a secret" } else { "" };
        let bounds = need.bounds.map(|bounds| format!(", {} to {}", bounds.least, bounds.most)).unwrap_or_default();
        fact(format!("Reads {}", need.key), format!("{must}{secret}{bounds}"))
    }));
    facts
}

fn config(config: &Config) -> Vec<Fact> {
    let value = |value: &control::Value| fact(value.key.to_string(), value.value.clone());
    let secret = |secret: &control::SecretValue| {
        fact(secret.key.to_string(), format!("a secret, by reference {}", secret.secret))
    };
    let place = |port: &u16| fact("May connect to", format!("port {port} of any host"));
    let host = |host: &model::Token| fact("Answers as", host.to_string());
    let limits = [
        config.memory_mib.map(|mib| fact("Memory", format!("{mib} MiB"))),
        config.start_within_ms.map(|ms| fact("Healthy within", duration(ms.into()))),
        config.soak_ms.map(|ms| fact("Soaks for", format!("{} at least", duration(ms)))),
    ];
    let values = config.values.iter().map(value).chain(config.secrets.iter().map(secret));
    let reach = config.outbound.iter().map(place).chain(config.hosts.iter().map(host));
    values.chain(reach).chain(limits.into_iter().flatten()).collect()
}

/// What the ledger has of it.
pub fn of(known: &Published) -> Vec<Fact> {
    match &known.content {
        Content::Artifact(Some(known)) => profile(known),
        Content::Artifact(None) | Content::Theme => vec![],
        Content::Config(known) => config(known),
        Content::Retention(policy) => policy.rules().into_iter().map(|(about, says)| fact(about, says)).collect(),
    }
}

/// Why it shows nothing.
pub fn nothing(known: &Published) -> &'static str {
    match known.content {
        Content::Artifact(_) => "What it needs and allows is known once Platform Services has certified it.",
        Content::Config(_) => "It sets nothing: an engine gets what its program usually takes.",
        Content::Theme | Content::Retention(_) => "",
    }
}
