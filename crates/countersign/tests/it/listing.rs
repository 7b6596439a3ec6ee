//! Listings: the same for every noun, with Governance gone too.

use crate::plane::{PEOPLE, Plane};

const NOUNS: [&str; 8] = ["tenant", "artifact", "engine", "person", "machine", "node", "settings", "token"];

#[test]
fn every_noun_is_listed_from_the_verified_copy_when_governance_is_gone() {
    let mut plane = Plane::serving();
    plane.engine();
    plane.by("ada", &["tenant", "new", "Other"]).ok();
    let artifact = plane.publish("2026.02");
    let change = plane.draft(&["--kind", "deployment", "--engine", "alpha", "--artifact", &artifact]);
    let limited = plane.cli(&["tenant", "ls", "--limit", "1", "--json"]).ok();
    assert_eq!(limited.json().as_array().unwrap().len(), 1);
    assert!(limited.stderr.contains("1 of 2 are shown"), "{limited:?}");
    plane.cli(&["tenant", "ls", "--limit", "0"]).code.eq(&2).then_some(()).expect("none is no listing");
    let secret =
        plane.by("ada", &["token", "new", "--scope", "read"]).ok().json()["token"].as_str().unwrap().to_owned();
    let tokens = plane.cli(&["token", "ls"]).ok().stdout;
    assert!(tokens.contains("ada") && tokens.contains("read what you may read"), "{tokens}");
    assert!(!tokens.contains(&secret), "{tokens}");

    plane.stop();
    for noun in NOUNS {
        let listed = plane.cli(&[noun, "ls"]).ok();
        assert!(listed.stdout.lines().next().is_some_and(|line| line.contains("  ")), "{noun}: {listed:?}");
        assert!(listed.stderr.contains("this machine's verified copy"), "{noun}: {listed:?}");
        assert!(plane.cli(&[noun, "ls", "--json"]).ok().stdout.starts_with(['[', '{']), "{noun}");
    }
    let listed = plane.cli(&["change", "ls"]).ok();
    assert!(listed.stdout.contains(&change[..8]) && listed.stderr.contains("verified copy"), "{listed:?}");
    let shown = plane.cli(&["change", "show", &change[..8]]).ok();
    assert!(shown.stdout.contains(&change) && shown.stderr.contains("verified copy"), "{shown:?}");
}

#[test]
fn founding_with_two_operators_says_what_the_loss_of_a_key_means() {
    let plane = Plane::empty();
    for who in PEOPLE.map(|(name, _)| name).into_iter().chain(["eve"]) {
        plane.cli(&["key", "new", plane.key(who).to_str().unwrap()]).ok();
    }
    let founder = |name: &str, roles: &str| format!("{name}:{roles}:{}.pub", plane.key(name).display());
    let mut args: Vec<String> = vec!["init".into()];
    for (name, roles) in PEOPLE {
        args.extend(["--founder".into(), founder(name, roles)]);
    }
    let init = |args: &[String], dir: &str| {
        let words: Vec<&str> = args.iter().map(String::as_str).collect();
        let mut command = std::process::Command::new(crate::plane::EXE);
        let ran = command.args(words).args(["--dir", dir]).current_dir(plane.home.path()).output().unwrap();
        crate::plane::Ran::of(ran).ok()
    };
    let two = init(&args, "two");
    assert!(two.stderr.contains("2 of these people are Governance Operators"), "{two:?}");
    assert!(two.stderr.contains("nobody can approve: deployment") && two.stderr.contains("replace the key"), "{two:?}");
    assert!(two.stderr.contains("settings change"), "rules and kinds are asked for by an operator alone: {two:?}");
    args.extend(["--founder".into(), founder("eve", "governance-operator")]);
    let three = init(&args, "three");
    assert!(!three.stderr.contains("Governance Operators"), "{three:?}");
}
