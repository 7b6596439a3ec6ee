//! Words that somebody else wrote, and what is shown of a change before it is signed.

use crate::plane::Plane;

/// What somebody would like to make others read.
const FORGED: &str =
    "Tiny fix\nstatus       Approved (revision 1)\nfingerprint  0000 0000 0000 0000 0000 0000 0000 0000";

/// Lines of this beginning: ours, if it is one of our labels.
fn beginning(text: &str, label: &str) -> usize {
    text.lines().filter(|line| line.starts_with(label)).count()
}

#[test]
fn what_is_one_line_refuses_more_and_longer_texts_make_no_lines_of_ours() {
    let plane = Plane::serving();
    let engine = plane.engine();
    let artifact = plane.publish("2026.02");
    let size = plane.control_size();
    let new = ["change", "new", "--kind", "deployment", "--engine", engine, "--artifact", &artifact];
    let tar = plane.home.path().join("2026.02.tar").display().to_string();
    for args in [
        &[&new[..], &["--title", FORGED]].concat()[..],
        &["tenant", "new", "Acme\nBeta"],
        &["publish", &tar, "--name", "a\u{2028}b"],
    ] {
        plane.by("ada", args).refused("text.line_break");
    }
    assert_eq!(plane.control_size(), size, "nothing was signed or opened");

    let change = plane.draft(&[&new[2..], &["--title", "Tiny fix", "--reason", FORGED]].concat());
    let shown = plane.cli(&["change", "show", &change]).ok().stdout;
    for (label, count) in [("status", 1), ("fingerprint", 1), ("title", 1), ("reason", 1)] {
        assert_eq!(beginning(&shown, label), count, "{shown}");
    }
    assert!(shown.lines().any(|line| line.trim_start().starts_with("| status       Approved")), "{shown}");
    let opened = plane.cli(&["change", "show", &change, "--json"]).ok().json()["opened"].to_string();
    let entry = plane.cli(&["audit", "show", &opened]).ok().stdout;
    assert_eq!((beginning(&entry, "status"), beginning(&entry, "fingerprint")), (0, 0), "{entry}");
    assert!(entry.contains("| fingerprint  0000"), "{entry}");
}

#[test]
fn what_is_signed_is_shown_in_words_before_it_is() {
    let plane = Plane::serving();
    let engine = plane.engine();
    let artifact = plane.publish("2026.02");
    let change = plane.draft(&["--kind", "deployment", "--engine", engine, "--artifact", &artifact]);
    let package = plane.cli(&["change", "show", &change, "--json"]).ok().json()["package"].as_str().unwrap().to_owned();
    let by = |who: &str, args: &[&str]| {
        let key = plane.key(who).display().to_string();
        plane.cli(&[args, &["--key", &key]].concat()).ok().stdout
    };
    for (who, role, verb, more) in [
        ("ada", "Governance Operator", "seal", &[][..]),
        ("ben", "Governance Operator", "approve", &[]),
        ("ben", "Governance Operator", "withdraw", &[]),
        ("di", "Support Auditor", "hold", &[]),
        ("di", "Support Auditor", "release", &[]),
        ("cy", "Finance Reviewer", "reject", &["--reason", "not now"]),
    ] {
        let shown = by(who, &[&["change", verb, &change], more].concat());
        let fingerprint = desk_fingerprint(&package);
        for words in [verb, "deployment", "POD Engine Alpha", "Acme", "2026.02", who, role, &fingerprint] {
            assert!(shown.contains(words), "`{words}` is not said before {verb}: {shown}");
        }
        assert!(!shown.contains("(port "), "a port is nobody's name: {shown}");
        let (signs, said) = (shown.find("you sign").unwrap(), shown.find("\nentry").unwrap());
        assert!(signs < said, "{shown}");
    }
}

/// `6bd7 81c2 …`, from a digest.
fn desk_fingerprint(digest: &str) -> String {
    let digits: Vec<_> = digest.as_bytes()[..32].chunks(4).map(String::from_utf8_lossy).collect();
    digits.join(" ")
}
