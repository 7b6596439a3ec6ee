//! What a change asks for, from the very bytes that are hashed: one way for every kind.

use super::Context;
use super::past::{self, Words};
use crate::output;
use crate::when;
use control::{Change, Detail, Document, State, governs};
use follower::Follower;
use model::{ChangeId, PersonId};
use serde_json::Value;
use signed::{Person, Roster};
use std::fmt::Write as _;
use view::Names;

/// What of a body is said elsewhere: the engine, its node and its release have lines of their own.
const SAID: [&str; 3] = ["engine", "node", "bundle"];

/// Lines of (label, text): the fields of the body, and what a document would change. `words` are those of
/// [`words`], which the same document was asked for with.
pub fn lines(state: &State, names: &Names, change: &Change, words: Option<&Words>) -> Vec<(String, String)> {
    let mut lines = vec![];
    // On the wire a body is an object with one key, its kind.
    if let Ok(Value::Object(body)) = serde_json::to_value(&change.package.body) {
        body.values().for_each(|value| flatten("", value, &mut lines));
    }
    lines.retain(|(label, _)| !SAID.iter().any(|said| label == said || label.starts_with(&format!("{said}."))));
    lines.retain(|(label, _)| !label.starts_with("possessions"));
    for line in &mut lines {
        worded(line, names);
    }
    match &change.document {
        // Who joins and who leaves is told beside the roster that it replaces, and no later one.
        Some(Document::Roster(next)) if replaces_current(state, change) => {
            lines.extend(roster(&state.roster, next, names));
        }
        Some(Document::Roster(_)) => {
            let text = "the roster it replaces is not in force any more: the entries of this change say who joined and who left";
            lines.push(("roster".to_owned(), text.to_owned()));
        }
        Some(Document::Setting(setting)) => {
            lines.push(("document".to_owned(), serde_json::to_string(setting).unwrap_or_default()));
            let words = words.filter(|_| change.run.is_none());
            lines.extend(words.map(|words| past::lines(state, names, setting, words)).unwrap_or_default());
        }
        None => {}
    }
    lines
}

/// Whether the roster in force is the one that a change of the roster starts from.
fn replaces_current(state: &State, change: &Change) -> bool {
    let details = governs(change.kind).details(state, change);
    details.iter().all(|detail| !matches!(detail, Detail::Roster { base, .. } if *base != state.roster_digest))
}

/// What of the past a change's document makes matter, for [`lines`]; none: it has no such document.
pub async fn words(context: &Context, follower: &Follower, change: Option<&Change>) -> Option<Words> {
    match change.and_then(|change| change.document.as_ref()) {
        Some(Document::Setting(setting)) => Some(past::words(context, follower, setting).await),
        _ => None,
    }
}

/// What a field holds as a person reads it: a duration with its unit; a tenant, an engine or a change by name.
fn worded((label, text): &mut (String, String), names: &Names) {
    if let Some((what, ms)) = label.strip_suffix("_ms").zip(text.parse().ok()) {
        (*label, *text) = (what.to_owned(), when::duration(ms));
        return;
    }
    let called = match label.rsplit('.').next() {
        Some("tenant" | "asked_by") => text.parse().ok().map(|tenant| names.tenant(&tenant)),
        Some("proven_on") => text.parse().ok().map(|engine| names.engine(&engine)),
        Some("raises") => text.parse().ok().map(|change| titled(names, &change)),
        _ => None,
    };
    if let Some(called) = called {
        *text = format!("{called} ({text})");
    }
}

/// A change by its title, else by what it is about.
fn titled(names: &Names, change: &ChangeId) -> String {
    names.titles.get(change).map_or_else(|| names.change(change), |title| output::cell(title))
}

/// Each value below with the path that leads to it.
fn flatten(path: &str, value: &Value, lines: &mut Vec<(String, String)>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| flatten(&below(key), value, lines)),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let items: Vec<_> = items.iter().filter_map(Value::as_str).collect();
            lines.push((path.to_owned(), items.join(", ")));
        }
        Value::Array(items) => {
            (0..).zip(items).for_each(|(n, value): (usize, _)| flatten(&below(&n.to_string()), value, lines));
        }
        Value::String(text) => lines.push((path.to_owned(), text.clone())),
        other => lines.push((path.to_owned(), other.to_string())),
    }
}

/// Who joins, who leaves, whose entry differs, and which services.
fn roster(base: &Roster, next: &Roster, names: &Names) -> Vec<(String, String)> {
    let name = |id: &PersonId| format!("{} ({})", names.person(id), id.short());
    let mut lines = vec![];
    let mut say = |label: &str, text: String| lines.push((label.to_owned(), text));
    for person in &next.people {
        match base.person(&person.id) {
            None => say("joins", format!("{}: {}", name(&person.id), entry(person, names))),
            Some(before) if before != person => {
                say("before", format!("{}: {}", name(&person.id), entry(before, names)));
                say("after", format!("{}: {}", name(&person.id), entry(person, names)));
            }
            Some(_) => {}
        }
    }
    base.people
        .iter()
        .filter(|person| next.person(&person.id).is_none())
        .for_each(|gone| say("leaves", name(&gone.id)));
    for node in next.nodes.iter().filter(|node| !base.nodes.contains(node)) {
        say("node joins", format!("{} ({})", node.name, node.id.short()));
    }
    for node in base.nodes.iter().filter(|node| !next.nodes.contains(node)) {
        say("node leaves", format!("{} ({})", node.name, node.id.short()));
    }
    for machine in next.machines.iter().filter(|machine| !base.machines.contains(machine)) {
        say("machine joins", format!("{} ({}); key {}", machine.name, machine.id.short(), machine.key.id.short()));
    }
    for machine in base.machines.iter().filter(|machine| !next.machines.contains(machine)) {
        say("machine leaves", format!("{} ({})", machine.name, machine.id.short()));
    }
    for service in next.services.iter().filter(|entry| !base.services.contains(entry)) {
        say("service key", format!("{} {}", service.service.title(), service.key));
    }
    for key in next.log_keys.iter().filter(|key| !base.log_keys.contains(key)) {
        say("log key joins", key.clone());
    }
    for key in base.log_keys.iter().filter(|key| !next.log_keys.contains(key)) {
        say("log key leaves", key.clone());
    }
    if let Some(key) = next.console.filter(|key| base.console != Some(*key)) {
        say("console key", key.to_string());
    }
    lines
}

fn entry(person: &Person, names: &Names) -> String {
    let roles: Vec<_> = person.roles.iter().map(|role| role.title()).collect();
    let keys: Vec<_> = person.keys.iter().map(|key| key.id.short()).collect();
    let mut text = format!("{}; keys {}", roles.join(" and "), keys.join(", "));
    let sees = person.tenants.as_ref().map(|tenants| tenants.iter().map(|id| names.tenant(id)).collect::<Vec<_>>());
    let _ = match sees {
        None => write!(text, "; sees every tenant"),
        Some(tenants) if tenants.is_empty() => write!(text, "; sees no tenant"),
        Some(tenants) => write!(text, "; sees {}", tenants.join(", ")),
    };
    for deputy in &person.deputies {
        let _ = write!(text, "; deputy {} {} to {}", names.person(&deputy.person), deputy.from, deputy.until);
    }
    text
}
