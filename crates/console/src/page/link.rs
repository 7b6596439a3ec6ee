//! Addresses of pages, with what they hold encoded.

use model::{ChangeId, Digest, EngineId, KindName, PersonId};
use std::fmt::Write as _;

/// Where a key is suspended.
pub const SUSPEND: &str = "/roster/suspend";

/// The stream that keeps pages current.
pub const LIVE: &str = "/live";

/// An entry's page.
pub fn entry(log: &str, index: u64) -> String {
    format!("/entries/{log}/{index}")
}

/// An entry of the control log.
pub fn control(index: u64) -> String {
    entry("control", index)
}

/// A change's page.
pub fn change(id: &ChangeId) -> String {
    format!("/changes/{id}")
}

/// An engine's page.
pub fn engine(id: &EngineId) -> String {
    format!("/engines/{id}")
}

/// Where a change of a kind is asked for, with some answers given.
pub fn ask(kind: KindName, answers: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = std::iter::once(("kind", kind.word())).chain(answers.iter().copied()).collect();
    query("/changes/new", &pairs)
}

/// Where a release is recalled.
pub const RECALL: &str = "/releases/recall";

/// Where this release is recalled.
pub fn recall(artifact: &Digest) -> String {
    query(RECALL, &[("artifact", &artifact.to_string())])
}

/// Where the key of a person or a machine identity is suspended.
pub fn suspend(holder: &PersonId, key: &Digest) -> String {
    query(SUSPEND, &[("person", &holder.to_string()), ("key", &key.to_string())])
}

/// `path?name=value&…` of what is not empty.
pub fn query(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut out = path.to_owned();
    let mut mark = '?';
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = write!(out, "{mark}{name}={}", client::percent_encoded(value));
        mark = '&';
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_query_holds_only_what_is_set_and_encodes_it() {
        assert_eq!(super::query("/", &[("a", ""), ("q", "dns drift & \"é\"")]), "/?q=dns%20drift%20%26%20%22%C3%A9%22");
        assert_eq!(super::query("/", &[]), "/");
    }
}
