//! What bodies look like, for the OpenAPI document. The types that are read and written are
//! [`wire`]'s, which know nothing of OpenAPI; a test compares the two.

#![allow(dead_code, reason = "these types only describe others")]

use serde_json::Value;
use utoipa::ToSchema;

/// The text that a part commits to, with its salt.
#[derive(ToSchema)]
pub(crate) struct OpeningBody {
    /// 32 random bytes, hexadecimal.
    salt: String,
    /// Texts by field, as `text`.
    #[schema(value_type = std::collections::HashMap<String, String>)]
    body: Value,
}

/// One command with what explains it and what governs it.
#[derive(ToSchema)]
pub(crate) struct SubmissionBody {
    /// `{"signed": {"statement", "signature"}}` or `{"receipt": {"receipt", "signature"}}`.
    #[schema(value_type = Object)]
    command: Value,
    /// Openings of the command's own parts, in their order.
    #[schema(required = false)]
    openings: Vec<OpeningBody>,
    /// The package that an `open` names.
    #[schema(required = false)]
    package: PackageUploadBody,
    /// The governing document that the package names: `{"roster": …}` or `{"setting": …}`.
    #[schema(required = false, value_type = Object)]
    document: Value,
}

/// A package with the openings of its parts.
#[derive(ToSchema)]
pub(crate) struct PackageUploadBody {
    /// The package.
    #[schema(value_type = Object)]
    package: Value,
    /// Openings of its parts, in their order.
    #[schema(required = false)]
    openings: Vec<OpeningBody>,
}

/// Where an accepted command stands.
#[derive(ToSchema)]
pub(crate) struct RecordedBody {
    /// Index of the leaf in the control log.
    index: u64,
    /// RFC 6962 hash of the leaf, hexadecimal.
    leaf_hash: String,
    /// The writer's stamp, as `2026-03-08T18:18:00.000Z`.
    now: String,
    /// What changed.
    #[schema(value_type = Vec<Object>)]
    effects: Vec<Value>,
}

/// An event of another system.
#[derive(ToSchema)]
pub(crate) struct EventBody {
    /// The sender's id of it; the same (source, id) within 48 h is the same event.
    id: String,
    /// Who sends, as `ci.build`; not a part of this installation.
    source: String,
    /// What kind of event, as `pipeline.finished`.
    kind: String,
    /// `reported`: every other category is for what is decided here.
    category: String,
    /// `info`, `low`, `medium`, `high` or `critical`.
    severity: String,
    /// When it happened, by the sender's clock.
    #[schema(required = false)]
    occurred: String,
    /// The tenant it concerns.
    #[schema(required = false)]
    tenant: String,
    /// One line.
    title: String,
    /// A sentence or two.
    #[schema(required = false)]
    description: String,
}

/// Where an event stands.
#[derive(ToSchema)]
pub(crate) struct EventRecordedBody {
    /// Index of the entry in the events log.
    index: u64,
    /// RFC 6962 hash of the entry, hexadecimal.
    leaf_hash: String,
}

/// The kinds of governed change in force: the governed document `kinds`.
#[derive(ToSchema)]
pub(crate) struct KindsBody {
    /// A row a kind, as `docs/formats.md` has it.
    #[schema(value_type = Vec<Object>)]
    kinds: Vec<Value>,
}

/// Which ledger this is.
#[derive(ToSchema)]
pub(crate) struct LedgerBody {
    /// Origin of both logs.
    origin: String,
    /// Genesis digest.
    genesis: String,
    /// Verifier key of the control log.
    control_vkey: String,
    /// Verifier key of the events log.
    events_vkey: String,
    /// Entries in the control log.
    control_size: u64,
    /// Entries in the events log.
    events_size: u64,
    /// Whether it is a demonstration.
    demo: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{ChangeId, Digest, Instant};
    use signed::Opening;
    use std::collections::BTreeSet;
    use utoipa::openapi::RefOr;
    use utoipa::openapi::schema::Schema;
    use wire::{Event, EventRecorded, LedgerInfo, PackageUpload, Recorded, Submission};

    fn fields<T: utoipa::PartialSchema>() -> BTreeSet<String> {
        let RefOr::T(Schema::Object(object)) = T::schema() else { panic!("no object") };
        object.properties.keys().cloned().collect()
    }

    /// The fields of a value that leaves none out.
    fn written(value: &impl serde::Serialize) -> BTreeSet<String> {
        serde_json::to_value(value).unwrap().as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn what_is_described_is_what_is_read_and_written() {
        let (leaf_hash, now) = (Digest::ZERO, Instant::EPOCH);
        let opening = Opening { salt: Digest::ZERO, body: signed::PartBody::new() };
        assert_eq!(fields::<OpeningBody>(), written(&opening));
        assert_eq!(fields::<RecordedBody>(), written(&Recorded { index: 0, leaf_hash, now, effects: vec![] }));
        assert_eq!(fields::<EventRecordedBody>(), written(&EventRecorded { index: 0, leaf_hash }));
        let event: Event = serde_json::from_value(serde_json::json!({
            "id": "1", "source": "ci", "kind": "built", "category": "reported", "severity": "low", "occurred": now,
            "tenant": "01010101010101010101010101010101", "title": "built", "description": "well",
        }))
        .unwrap();
        assert_eq!(fields::<EventBody>(), written(&event));
        let text = String::new;
        let (origin, control_vkey, events_vkey) = (text(), text(), text());
        let (control_size, events_size, genesis, demo) = (0, 0, Digest::ZERO, false);
        let info = LedgerInfo { origin, genesis, control_vkey, events_vkey, control_size, events_size, demo };
        assert_eq!(fields::<LedgerBody>(), written(&info));
        assert_eq!(fields::<KindsBody>(), written(&control::KindTable::standard()));

        let package = control::Package {
            ledger: Digest::ZERO,
            nonce: model::Nonce([1; 16]),
            change: ChangeId([2; 16]),
            body: control::Body::External {
                target: "ci".parse().unwrap(),
                digest: Digest::ZERO,
                slot: vec![model::Role::SupportAuditor],
            },
            window: None,
            supersedes: None,
            parts: vec![],
        };
        let upload = PackageUpload { package, openings: vec![opening.clone()] };
        assert_eq!(fields::<PackageUploadBody>(), written(&upload));
        let submission = Submission {
            command: control::Command::Clock { act: control::ClockAct::Settle {} },
            openings: vec![opening],
            package: Some(upload),
            document: Some(wire::DocumentUpload::Setting(control::Setting::Rules { number: 0 })),
        };
        assert_eq!(fields::<SubmissionBody>(), written(&submission));
    }
}
