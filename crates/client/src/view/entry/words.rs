//! The words of a row: fixed sentences, with the names of one leaf put in.

use crate::Names;
use crate::names::listed;
use control::{Command, Effect, Leaf, Principal, State, Verdict};
use model::ChangeId;

/// What the sentences of one row take their names from.
pub(super) struct Words<'a> {
    pub(super) state: &'a State,
    pub(super) names: &'a Names,
    pub(super) leaf: &'a Leaf,
    pub(super) change: Option<ChangeId>,
    pub(super) effect: Option<&'a Effect>,
}

/// A sentence of this program with what `value` answers in place of each `{word}`. It is read once,
/// from left to right, and what was put in is not read again: names are chosen by people, and a name
/// may look like a place to put another one in.
fn filled(sentence: &'static str, value: impl Fn(&str) -> Option<String>) -> String {
    let (mut out, mut rest) = (String::new(), sentence);
    while let Some((before, from)) = rest.split_once('{') {
        out.push_str(before);
        if let Some((text, after)) = from.split_once('}').and_then(|(word, after)| Some((value(word)?, after))) {
            out.push_str(&text);
            rest = after;
        } else {
            out.push('{');
            rest = from;
        }
    }
    out + rest
}

impl Words<'_> {
    /// A sentence with its names.
    pub(super) fn of(&self, sentence: &'static str) -> String {
        filled(sentence, |word| self.value(word))
    }

    /// What stands in place of a word; none: it is no place of a name.
    fn value(&self, word: &str) -> Option<String> {
        Some(match word {
            "engine" => self.engine(),
            "tenant" => self.leaf.tags.first().map(|tenant| self.names.tenant(tenant)).unwrap_or_default(),
            "node" => self.node().unwrap_or_else(|| "the node".to_owned()),
            "kind" => self.known().map(|change| change.kind.title().to_owned()).unwrap_or_default(),
            "artifact" => self.artifact(),
            "service" => self.service().to_owned(),
            "slot" => self.slot().to_owned(),
            "blocked" => self.blocked().to_owned(),
            "people" => self.people(),
            "verb" => verb(&self.leaf.command).to_owned(),
            "refusal" => self.refusal(),
            _ => return None,
        })
    }

    fn known(&self) -> Option<&control::Change> {
        self.state.changes.get(&self.change?)
    }

    fn engine(&self) -> String {
        match (self.known(), self.effect, &self.leaf.command) {
            (Some(change), _, _) => self.names.engine(&change.package.engine),
            (None, Some(Effect::EngineRegistered { engine } | Effect::RouteSwitched { engine, .. }), _) => {
                self.names.engine(engine)
            }
            (None, _, Command::Signed { statement, .. }) => match &statement.act {
                warrant::Act::RegisterEngine { engine, .. } => self.names.engine(engine),
                _ => "the ledger".to_owned(),
            },
            _ => "the ledger".to_owned(),
        }
    }

    fn node(&self) -> Option<String> {
        self.state.roster.node(&self.known()?.package.node).map(|node| node.name.to_string())
    }

    fn artifact(&self) -> String {
        match self.effect {
            Some(Effect::ArtifactPublished { artifact }) => self.names.artifact(artifact),
            _ => self.known().map(|change| self.names.artifact(&change.package.bundle.artifact)).unwrap_or_default(),
        }
    }

    fn service(&self) -> &'static str {
        match &self.leaf.command {
            Command::Receipt { receipt, .. } => receipt.service.title(),
            _ => "",
        }
    }

    fn slot(&self) -> &'static str {
        match self.effect {
            Some(Effect::ApprovalRecorded { slot, .. } | Effect::ApprovalWithdrawn { slot, .. }) => slot.title(),
            _ => "",
        }
    }

    /// Said of a staged rollback only while it is so.
    fn blocked(&self) -> &'static str {
        let now = self.leaf.now;
        let waits = self.known().and_then(|change| self.state.open_deployment(&change.package.engine, now));
        match waits.and_then(|deployment| control::blocked(self.state, deployment, now)) {
            Some(control::Refusal::PlacementInsufficient { .. }) => " while provisioning is blocked on node placement",
            _ => "",
        }
    }

    /// The people a row names: for an approval all who filled a slot, else who signed.
    fn people(&self) -> String {
        if let (Some(Effect::ChangeApproved { .. }), Some(change)) = (self.effect, self.known()) {
            let slots = change.requirement.iter().flat_map(|requirement| requirement.slots.iter());
            let people: Vec<_> = slots
                .filter_map(|slot| change.approvals.get(slot))
                .map(|approval| self.names.person(&approval.person))
                .collect();
            if !people.is_empty() {
                return listed(&people);
            }
        }
        actor(self.names, self.leaf)
    }

    fn refusal(&self) -> String {
        let Verdict::Refused(refusal) = &self.leaf.verdict else { return String::new() };
        let (message, next) = refusal.message(&|person| self.names.person(person));
        format!("{}. To go on: {next}.", capital(&message))
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn verb(command: &Command) -> &'static str {
    match command {
        Command::Signed { statement, .. } => statement.act.verb(),
        Command::Receipt { .. } => "receipt",
        Command::Session(_) => "draft",
        Command::Genesis { .. } => "genesis",
        Command::Clock { .. } => "clock",
    }
}

/// Who did it, as far as it is a person or a service.
pub(super) fn actor(names: &Names, leaf: &Leaf) -> String {
    match &leaf.command {
        Command::Signed { statement, .. } => names.person(&statement.person),
        Command::Receipt { receipt, .. } => receipt.service.title().to_owned(),
        Command::Session(session) => match &session.principal {
            Principal::Person(person) => names.person(person),
            Principal::Console { .. } => "the console".to_owned(),
        },
        Command::Genesis { .. } => "the founders".to_owned(),
        Command::Clock { .. } => "the ledger's clock".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn what_is_put_in_is_not_read_again() {
        let value = |word: &str| match word {
            "tenant" => Some("{people} & {node}".to_owned()),
            "people" => Some("{tenant}".to_owned()),
            _ => None,
        };
        assert_eq!(filled("{tenant}: {people}{people}.", value), "{people} & {node}: {tenant}{tenant}.");
        assert_eq!(filled("a { b {unknown} {", value), "a { b {unknown} {", "what is no place of a name stays");
        assert_eq!(filled("", value), "");
    }
}
