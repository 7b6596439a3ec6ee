//! The key that the log is signed with is replaced, with everything running.

use crate::plane::{EXE, Plane, Ran, get, until};
use serde_json::Value;

impl Plane {
    /// The ids of the keys under the newest checkpoint that is served.
    fn signers(&self) -> Vec<String> {
        let (_, note) = get(&format!("{}/v1/checkpoints/control", self.url("governance"))).unwrap();
        let note = tlog::note::Note::parse(&note).unwrap();
        note.signatures.iter().map(|line| format!("{:08x}", line.key_id)).collect()
    }

    fn log_keys(&self) -> Vec<String> {
        let listed = self.cli(&["log-key", "ls", "--json"]).ok().json();
        listed.as_array().unwrap().iter().map(|key| key["id"].as_str().unwrap().to_owned()).collect()
    }

    /// What `audit verify` says under a pin.
    fn verdict(&self, trust: &str, more: &[&str]) -> Value {
        let args = [&["audit", "verify", "--trust", trust, "--json"][..], more].concat();
        self.cli(&args).json()
    }
}

#[test]
fn a_log_key_takes_the_place_of_another_and_everybody_goes_on() {
    let mut plane = Plane::serving();
    let engine = plane.engine();
    let path = |name: &str| plane.home.path().join(name).display().to_string();
    let (old, new, proof) = (path("old-trust.json"), path("new-trust.json"), path("log.possession"));
    std::fs::copy(plane.dir().join("trust.json"), &old).unwrap();
    let [founding] = <[String; 1]>::try_from(plane.log_keys()).unwrap();
    let only = plane.by("ada", &["log-key", "remove", &founding, "--reason", "stolen"]);
    assert_ne!(only.code, 0, "a log without a key: {only:?}");

    std::fs::write(&proof, plane.cli(&["log-key", "new"]).ok().stdout).unwrap();
    assert_eq!(plane.signers(), std::slice::from_ref(&founding), "a key that no roster lists signs nothing");
    plane.rostered(&["log-key", "add", "--possession", &proof, "--reason", "the next key"], "cy");
    until("both keys to sign", || plane.signers().len() == 2);
    let fresh = plane.log_keys()[1].clone();

    plane.rostered(&["log-key", "remove", &founding, "--reason", "stolen"], "di");
    until("the new key to sign alone", || plane.signers() == [fresh.clone()]);
    std::fs::remove_file(plane.dir().join("governance/keys/log.key")).unwrap();
    plane.stop();
    plane.serve();
    plane.two_deployed(engine);

    std::fs::write(&new, plane.cli(&["log-key", "trust"]).ok().stdout).unwrap();
    plane.stop();
    for trust in [&old, &new] {
        let answer = plane.verdict(trust, &[]);
        assert_eq!(answer["verdict"]["verdict"], "verified_this_server_only", "{trust}: {answer}");
        assert_eq!(answer["heads"]["passed_by"], Value::Null, "{trust}: {answer}");
        let answer = plane.verdict(trust, &["--hashes-only"]);
        assert_eq!(answer["verdict"]["verdict"], "intact", "{trust}: {answer}");
        let replica = plane.dir().join("engine/replica").display().to_string();
        let args = ["audit", "verify", "--trust", trust, "--json", "--dir", &replica];
        let answer = Ran::of(std::process::Command::new(EXE).args(args).output().unwrap());
        assert_eq!(answer.code, 0, "{trust}: {answer:?}");
    }
}
