//! A key that nobody holds founds nothing, whichever way it comes.

use crate::manners::refuses;
use crate::plane::{PEOPLE, Plane};
use serde_json::Value;
use std::fs;

/// An ed25519 key of small order: under it one constant signature fits every message.
const NOBODY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// Its id.
const NOBODY_ID: &str = "abd8e41648a402bc0999d4aa53f4d80283e8a95a1592994cf4b0c78a47228823";
/// That signature, as `ssh-keygen -Y sign -n countersign` would write it.
const CONSTANT: &str = "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAALY291bnRlcnNpZ24AAAAAAAAABnNoYTUxMgAAAFMAAAALc3NoLWVkMjU1MTkAAABAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==";

#[test]
fn a_key_that_nobody_holds_is_refused_before_anything_is_written() {
    let plane = Plane::with_keys();
    let honest = fs::read(plane.key("di.pub")).unwrap();
    fs::write(plane.key("di.pub"), NOBODY).unwrap();
    refuses(plane.init(&PEOPLE, &[]), 2, &["the key of di", "nobody holds this key", "countersign key new"]);
    fs::write(plane.key("di.pub"), honest).unwrap();
    let service = plane.key("engine.pub");
    fs::write(&service, format!("01{}", "00".repeat(31))).unwrap();
    for name in ["engine", "console"] {
        let given = format!("{name}:{}", service.display());
        refuses(plane.init(&PEOPLE, &["--service", &given]), 2, &["engine.pub", "nobody holds this key"]);
    }
    assert!(!plane.dir().exists(), "nothing is written");
}

#[test]
fn a_founder_whom_nobody_is_does_not_found_with_a_constant_signature() {
    let plane = Plane::with_keys();
    plane.init(&PEOPLE, &["--need", "1"]).ok();
    // Written into the genesis behind the command that checks it.
    let path = plane.dir().join("genesis.json");
    let mut draft: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let nobody = &mut draft["genesis"]["roster"]["people"][3];
    let person = nobody["id"].as_str().unwrap().to_owned();
    nobody["keys"] = serde_json::json!([{"id": NOBODY_ID, "openssh": NOBODY}]);
    fs::write(&path, draft.to_string()).unwrap();
    let signature = serde_json::json!({"person": person, "key": NOBODY_ID, "signature": CONSTANT});
    let signatures = plane.dir().join("genesis.signatures");
    fs::create_dir(&signatures).unwrap();
    fs::write(signatures.join("nobody.json"), signature.to_string()).unwrap();
    let refused = plane.cli(&["init", "finish"]);
    refuses(refused, 70, &["the signature does not match"]);
    // An honest founder's signature does not help: nobody stands in the roster.
    fs::remove_file(signatures.join("nobody.json")).unwrap();
    plane.cli(&["init", "sign", "--key", plane.key("ada").to_str().unwrap()]).ok();
    refuses(plane.cli(&["init", "finish"]), 70, &["nobody holds this key"]);
    assert!(!plane.dir().join("trust.json").exists(), "nothing is founded");
}
