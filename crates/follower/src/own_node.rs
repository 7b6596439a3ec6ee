//! Which production node a service is: it acts for that one and for no other.

use crate::ReadyCheck;
use control::State;
use model::{Instant, NodeId, Token};
use signed::{NodeEntry, Roster};

/// The node a service acts for, looked up in the roster of its own verified state at each use.
///
/// Without a name it is the only node of the roster; of several, none is guessed: two machines that
/// both took themselves for the first would both act.
#[derive(Debug, Clone, Default)]
pub struct OwnNode(Option<Token>);

impl OwnNode {
    /// By its name in the roster, as `prod-node-01`; absent: the only one.
    pub fn named(name: Option<Token>) -> Self {
        Self(name)
    }

    /// Its entry; none when the roster does not say which one it is.
    pub fn entry<'a>(&self, roster: &'a Roster) -> Option<&'a NodeEntry> {
        match (&self.0, roster.nodes.as_slice()) {
            (Some(name), nodes) => nodes.iter().find(|node| node.name == *name),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }

    /// Whether this is it.
    pub fn is(&self, state: &State, node: &NodeId) -> bool {
        self.entry(&state.roster).is_some_and(|own| own.id == *node)
    }

    /// The check for `/readyz`: whether it is known which node this is. None before there is a roster.
    pub fn check(&self, state: &State, since: Instant) -> Option<ReadyCheck> {
        let listed = || {
            let names: Vec<_> = state.roster.nodes.iter().map(|node| node.name.as_str()).collect();
            names.join(", ")
        };
        let (ok, why) = match (self.entry(&state.roster), &self.0) {
            _ if !state.is_founded() => return None,
            (Some(own), _) => (true, format!("acts for {}", own.name)),
            (None, Some(name)) => {
                (false, format!("the roster lists no node {name}, only {}: set `node` in the configuration", listed()))
            }
            (None, None) => {
                (false, format!("the roster lists {}: say which one this is as `node` in the configuration", listed()))
            }
        };
        Some(ReadyCheck { name: "node", ok, why, since })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(names: &[&str]) -> State {
        let entry = |(n, name): (u8, &&str)| NodeEntry { id: NodeId([n; 16]), name: name.parse().unwrap() };
        let nodes = (1..).zip(names).map(entry).collect();
        let empty = State::empty();
        State { size: 1, roster: Roster { nodes, ..empty.roster.clone() }, ..empty }
    }

    fn named(name: &str) -> OwnNode {
        OwnNode::named(Some(name.parse().unwrap()))
    }

    #[test]
    fn it_is_the_one_that_is_named_or_the_only_one_and_is_never_guessed() {
        let (one, two) = (state(&["prod-node-01"]), state(&["prod-node-01", "prod-node-02"]));
        let (first, second) = (NodeId([1; 16]), NodeId([2; 16]));
        assert!(OwnNode::default().is(&one, &first) && named("prod-node-01").is(&one, &first));
        assert!(!OwnNode::default().is(&two, &first) && !OwnNode::default().is(&two, &second));
        assert!(named("prod-node-02").is(&two, &second) && !named("prod-node-02").is(&two, &first));
        assert!(!named("prod-node-03").is(&two, &first));
    }

    #[test]
    fn a_service_that_does_not_know_which_node_it_is_says_what_to_do() {
        let two = state(&["prod-node-01", "prod-node-02"]);
        let why = |own: OwnNode| own.check(&two, Instant::EPOCH).map(|check| (check.ok, check.why)).unwrap();
        assert_eq!(why(named("prod-node-02")), (true, "acts for prod-node-02".to_owned()));
        for own in [OwnNode::default(), named("prod-node-03")] {
            let (ok, why) = why(own);
            assert!(!ok && why.contains("prod-node-01, prod-node-02") && why.contains("`node`"), "{why}");
        }
        assert_eq!(OwnNode::default().check(&State::empty(), Instant::EPOCH), None);
    }
}
