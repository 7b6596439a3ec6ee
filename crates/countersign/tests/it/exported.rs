//! What people signed is to be had, byte by byte, whatever became of it since.

use crate::plane::Plane;
use model::Digest;
use serde_json::Value;

/// The digests in the newest approval of a change.
fn signed(plane: &Plane, entry: u64) -> Value {
    plane.entry(entry)["leaf"]["command"]["signed"]["statement"]["act"]["approve"]["binding"].clone()
}

impl Plane {
    /// Exports a revision; the bytes of each document.
    fn export(&self, change: &str, revision: Option<&str>, out: &str) -> Vec<(String, Vec<u8>)> {
        let mut args = vec!["change", "export", change, "--out", out, "--json"];
        args.extend(revision.into_iter().flat_map(|revision| ["--revision", revision]));
        let exported = self.cli(&args).ok().json();
        let documents = exported["documents"].as_array().unwrap().iter();
        documents
            .map(|document| {
                let text = |field: &str| document[field].as_str().unwrap().to_owned();
                let bytes = std::fs::read(self.home.path().join(text("file"))).unwrap();
                assert_eq!(Digest::of_object(&text("object"), &bytes).to_string(), text("digest"));
                (text("object"), bytes)
            })
            .collect()
    }
}

#[test]
fn package_plan_and_requirement_are_had_as_they_were_signed_of_a_revision_that_is_over_too() {
    let plane = Plane::serving();
    let engine = plane.engine();
    let (old, new) = (plane.publish("2026.02"), plane.publish("2026.03.1"));
    let change = plane.draft(&["--kind", "deployment", "--engine", engine, "--artifact", &old]);
    let draft = plane.export(&change, None, "draft");
    assert_eq!(
        draft.iter().map(|(object, _)| object.as_str()).collect::<Vec<_>>(),
        ["package"],
        "nothing is signed yet"
    );
    plane.by("ada", &["change", "seal", &change]).ok();
    let approved = plane.by("ben", &["change", "approve", &change]).ok().json()["entry"].as_u64().unwrap();
    let binding = signed(&plane, approved);
    let read = plane.token("ada", model::Scope::Read);

    let first = plane.export(&change, None, "first");
    for (object, bytes) in &first {
        assert_eq!(binding[object], Digest::of_object(object, bytes).to_string(), "{object}: {binding}");
        let route = format!("{}/v1/changes/{change}/{object}", plane.url("governance"));
        let served = crate::wire::get(&route, Some(&read));
        assert_eq!(&served, bytes, "{object}");
    }
    assert_eq!(first.len(), 3);

    // Another revision: what was signed before is made again.
    plane.draft(&["--change", &change, "--kind", "deployment", "--engine", engine, "--artifact", &new]);
    plane.by("ada", &["change", "seal", &change]).ok();
    let second = plane.export(&change, None, "second");
    assert!(first.iter().zip(&second).take(2).all(|(one, other)| one.1 != other.1), "package and plan are others");
    assert_eq!(plane.export(&change, Some("1"), "again"), first);
    assert_eq!(plane.export(&change, Some("2"), "newest"), second);
    let none = plane.cli(&["change", "export", &change, "--revision", "7", "--out", "none"]);
    assert!(none.code == 5 && none.stderr.contains("has no revision 7; its newest is 2"), "{none:?}");
}
