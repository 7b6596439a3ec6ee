//! What a change of the roster is asked for with: one thing that changes, or the whole next roster.

use super::{Field, Input, Way};

const fn way(word: &'static str, title: &'static str, asks: &'static [&'static str]) -> Way {
    Way { word, title, asks }
}

const fn field(name: &'static str, label: &'static str, help: &'static str, input: Input) -> Field {
    Field { name, label, help, required: false, input }
}

const WAYS: &[Way] = &[
    way("leave", "A person leaves", &["person"]),
    way("remove-key", "A key is removed", &["person-key"]),
    way("give-roles", "A person gets roles", &["person", "roles"]),
    way("take-roles", "A person loses roles", &["person", "roles"]),
    way("add-deputy", "A person gets a deputy", &["person", "deputy", "deputy-until"]),
    way("remove-deputy", "A person loses a deputy", &["person", "deputy"]),
    way("only-tenants", "A person sees only these tenants", &["person", "tenants"]),
    way("more-tenants", "A person sees more tenants", &["person", "tenants"]),
    way("every-tenant", "A person sees every tenant", &["person"]),
    way("add-node", "A node joins", &["node-name", "node-key", "engine-key"]),
    way("service-key", "A service gets another key", &["service", "new-key"]),
    way("add-machine", "A machine identity joins", &["machine-name", "proof"]),
    way("remove-machine", "A machine identity leaves", &["machine"]),
];

/// The ways that only take away.
pub(super) const TAKES: &[&str] =
    &["leave", "remove-key", "take-roles", "remove-deputy", "only-tenants", "remove-machine"];

pub(super) const FORM: &[Field] = &[
    field("edit", "What changes", "One thing; everything else stays as it is in force.", Input::Way(WAYS)),
    field("person", "Person", "Whose entry changes; they decide nothing about it.", Input::Person),
    field("person-key", "Key", "It never returns, under any name.", Input::PersonKey),
    field("roles", "Roles", "Roles that are given, or taken.", Input::Roles),
    field("deputy", "Deputy", "Who may approve in their place; they decide nothing about it either.", Input::Person),
    field(
        "deputy-until",
        "Until",
        "From now on until then the deputy may approve in their place; it ends by itself.",
        Input::Time,
    ),
    field("tenants", "Tenants", "Whose matters they may read: no others, or these too.", Input::Tenants),
    field("node-name", "Node", "A short name without spaces, as prod-node-02.", Input::Token),
    field(
        "node-key",
        "Key of its Node Runtime",
        "The public half, as `key new --service` writes it there.",
        Input::Digest,
    ),
    field("engine-key", "Key of its Engine Runtime", "The public half, likewise.", Input::Digest),
    field(
        "service",
        "Service",
        "Whose key it is now; what it signs is worth nothing once the other is in force.",
        Input::ServiceKey,
    ),
    field("new-key", "Its new key", "The public half, as `key new --service` writes it there.", Input::Digest),
    field("machine-name", "Name", "A short name without spaces, as ci.release.", Input::Token),
    field("proof", "Proof of its key", "What `key prove` printed where the key of the machine is.", Input::Proof),
    field("machine", "Machine identity", "Its key never returns, under any name.", Input::Machine),
    field(
        "document",
        "New roster",
        "The whole roster that replaces the one in force, as JSON: for what no question here asks; it goes alone.",
        Input::Document,
    ),
];
