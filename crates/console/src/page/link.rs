//! Addresses of pages, with what they hold encoded.

use model::{ChangeId, Digest, EngineId, KindName, PersonId, Resource, TenantId};
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

/// A tenant's page.
pub fn tenant(id: &TenantId) -> String {
    format!("{TENANTS}/{id}")
}

/// An AI lease's page, by the change that granted it.
pub fn lease(id: &ChangeId) -> String {
    format!("/leases/{id}")
}

/// Where a change of a kind is asked for, with some answers given.
pub fn ask(kind: KindName, answers: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = std::iter::once(("kind", kind.word())).chain(answers.iter().copied()).collect();
    query("/changes/new", &pairs)
}

/// The tenants.
pub const TENANTS: &str = "/tenants";

/// Where a tenant is registered.
pub const NEW_TENANT: &str = "/tenants/new";

/// Where an engine is registered.
pub const NEW_ENGINE: &str = "/engines/new";

/// What is published.
pub const RESOURCES: &str = "/resources";

/// Where something is published.
pub const PUBLISH: &str = "/resources/new";

/// The page of something published.
pub fn resource(digest: &Digest) -> String {
    format!("{RESOURCES}/{digest}")
}

/// Where something of this sort is published.
pub fn publish(resource: Resource) -> String {
    query(PUBLISH, &[("what", resource.word())])
}

/// A page that shows the shop in a theme.
pub fn preview(theme: &Digest) -> String {
    format!("{RESOURCES}/{theme}/preview")
}

/// Where something published is recalled.
pub const RECALL: &str = "/resources/recall";

/// Where this is recalled.
pub fn recall(digest: &Digest) -> String {
    query(RECALL, &[("digest", &digest.to_string())])
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
