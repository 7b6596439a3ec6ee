//! Who may not, is told by name what is missing and what would unblock it; and each refusal is a leaf.

use crate::plane::{PEOPLE, Plane, Ran};
use crate::shop;
use serde_json::{Value, json};

impl Plane {
    /// Entries in the control log.
    pub fn control_size(&self) -> u64 {
        let (_, body) = shop::get(&format!("{}/v1/ledger", self.url("governance"))).expect("governance answers");
        serde_json::from_str::<Value>(&body).unwrap()["control_size"].as_u64().unwrap()
    }

    /// One entry of the control log.
    pub fn entry(&self, index: u64) -> Value {
        self.cli(&["audit", "show", &index.to_string(), "--json"]).ok().json()
    }

    /// The newest entry.
    pub fn newest(&self) -> Value {
        self.entry(self.control_size() - 1)
    }

    /// Lets everybody sign in: what they are then refused stands alone in the ledger.
    pub fn all_signed_in(&self) {
        for (name, _) in PEOPLE {
            let unknown = self.by(name, &["change", "seal", &"00".repeat(16)]);
            assert_eq!(unknown.code, 5, "{unknown:?}");
            assert!(unknown.stderr.contains("name.unknown"), "{unknown:?}");
        }
    }

    /// The entries from `before` on that are not the ledger's own clock.
    fn since(&self, before: u64) -> Vec<Value> {
        let entries = (before..self.control_size()).map(|index| self.entry(index));
        entries.filter(|entry| entry["leaf"]["command"].get("clock").is_none()).collect()
    }

    /// Demands that `refused` was refused with `code`, in these words, and left exactly one leaf
    /// that says so and that the answer names. Answers its index.
    pub fn recorded(&self, before: u64, refused: Ran, code: &str, words: &[&str]) -> u64 {
        let refused = refused.refused(code);
        for word in words {
            assert!(refused.stderr.contains(word), "`{word}` is not said: {}", refused.stderr);
        }
        let since = self.since(before);
        let [entry] = &since[..] else { panic!("{} leaves: {since:?}", since.len()) };
        assert_eq!(entry["rows"][0]["refused"], code, "{entry}");
        assert!(entry["leaf"]["effects"].as_array().unwrap().is_empty(), "{entry}");
        let index = entry["index"].as_u64().unwrap();
        let error: Value = serde_json::from_str(refused.stderr.lines().last().unwrap()).unwrap();
        assert_eq!(error["error"]["entry"], index, "{error}");
        index
    }
}

#[test]
fn each_refusal_is_by_name_and_leaves_one_leaf() {
    let plane = Plane::serving();
    let engine = plane.engine();
    let (old, new) = (plane.publish("2026.02"), plane.publish("2026.03.1"));
    let change = plane.draft(&["--kind", "deployment", "--engine", engine, "--artifact", &old]);
    plane.all_signed_in();
    let refused = |who: &str, args: &[&str], code: &str, words: &[&str]| {
        let size = plane.control_size();
        plane.recorded(size, plane.by(who, args), code, words)
    };

    refused("cy", &["change", "seal", &change], "role.missing", &["Governance Operator"]);
    plane.by("ada", &["change", "seal", &change]).ok();
    let sealed = plane.newest()["leaf"]["command"]["signed"]["statement"]["act"]["seal"]["binding"].clone();
    refused("ada", &["change", "approve", &change], "approve.author", &["another person must"]);
    let wrong = &["change", "approve", &change, "--slot", "finance-reviewer"];
    refused("di", wrong, "role.missing", &["ask a Finance Reviewer"]);
    plane.by("ben", &["change", "approve", &change]).ok();
    let twice = &["change", "approve", &change, "--slot", "governance-operator"];
    refused("ben", twice, "approve.same_person", &["a second person must fill the other slot"]);
    refused("ben", &["change", "run", &change], "run.slots_open", &["Finance Reviewer"]);

    // Other bytes: the revision rises, approvals are void, and what was signed for revision 1 is stale.
    let revised = plane.draft(&["--kind", "deployment", "--engine", engine, "--artifact", &new, "--change", &change]);
    assert_eq!(revised, change);
    let view = plane.cli(&["change", "show", &change, "--json"]).ok().json();
    assert_eq!((&view["revision"], &view["slots"][0]["person"]), (&Value::from(2), &Value::Null), "{view}");
    refused("cy", &["change", "approve", &change], "change.status", &[]);
    plane.by("ada", &["change", "seal", &change]).ok();
    let size = plane.control_size();
    let stale = plane.signed_by_openssh("cy", &json!({"approve": {"binding": sealed, "slot": 1}}));
    let (status, answer) = plane.submit(&stale);
    assert_eq!((status, &answer["error"]["code"]), (409, &"change.revision_stale".into()), "{answer}");
    assert!(answer["error"]["next"].as_str().is_some_and(|next| !next.is_empty()), "{answer}");
    let [leaf] = &plane.since(size)[..] else { panic!("one leaf") };
    assert_eq!(
        (&leaf["index"], &leaf["rows"][0]["refused"]),
        (&answer["error"]["entry"], &"change.revision_stale".into())
    );

    let rollback = plane.draft(&["--kind", "rollback", "--engine", engine, "--reason", "errors", "--artifact", &old]);
    let size = plane.control_size();
    plane.by("ada", &["change", "seal", &rollback]).refused("engine.nothing_serves");
    assert_eq!(plane.control_size(), size, "the desk itself saw that it cannot be planned");
    plane.verified();
}

#[test]
fn a_word_for_another_ledger_leaves_nothing_here() {
    let (here, mut there) = (Plane::serving(), Plane::empty());
    // The same people with the same keys, so that nothing but the ledger differs.
    there.founded_with_keys_of(&here);
    there.serve();
    for plane in [&here, &there] {
        plane.all_signed_in();
    }
    // What stands in the other ledger, taken out of it whole.
    let tenant = there.by("ada", &["tenant", "new", "Acme"]).ok().json();
    assert!(tenant["tenant"].is_string());
    let entry = there.newest();
    let copied = json!({"command": entry["leaf"]["command"], "openings": entry["openings"]});
    let (status, again) = there.submit(&copied);
    assert_eq!((status, &again["index"]), (200, &entry["index"]), "there it is good: {again}");

    let before = here.control_size();
    let fresh = there.signed_by_openssh("ada", &json!({"hold": {"change": "00".repeat(16), "revision": 1}}));
    for foreign in [&copied, &fresh] {
        let (status, answer) = here.submit(foreign);
        assert_eq!((status, &answer["error"]["code"]), (409, &"statement.other_ledger".into()), "{answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains("another ledger"), "{answer}");
        assert!(answer["error"]["next"].as_str().unwrap().contains("trust.json"), "{answer}");
        assert!(answer["error"].get("entry").is_none(), "{answer}");
    }
    // What nobody here signed, and what is about nothing, leave none either.
    let mut forged = here.signed_by_openssh("ada", &json!({"hold": {"change": "00".repeat(16), "revision": 1}}));
    let (status, unknown) = here.submit(&forged);
    assert_eq!((status, &unknown["error"]["code"]), (404, &"object.unknown".into()), "{unknown}");
    forged["command"]["signed"]["statement"]["person"] = here.person("ben").0.into();
    let (status, forged) = here.submit(&forged);
    assert_eq!(status, 401, "{forged}");
    assert_eq!(here.control_size(), before);
    here.verified();
}

#[test]
fn a_repeat_is_answered_from_the_first_and_summed() {
    let mut plane = Plane::serving();
    let engine = plane.engine();
    let artifact = plane.publish("2026.02");
    let change = plane.draft(&["--kind", "deployment", "--engine", engine, "--artifact", &artifact]);
    plane.by("ada", &["change", "seal", &change]).ok();
    let refuse = || plane.by("ada", &["change", "approve", &change]).refused("approve.author");
    let at = |refused: &Ran| {
        let error: Value = serde_json::from_str(&refused.stderr).unwrap();
        error["error"]["entry"].as_u64().expect("the entry is named")
    };
    // A minute of the ledger may end between two words; the next one is then whole.
    let first = loop {
        let first = at(&refuse());
        let size = plane.control_size();
        if at(&refuse()) == first && at(&refuse()) == first {
            assert_eq!(plane.control_size(), size, "no further leaf");
            break first;
        }
    };
    // The count is written down when its minute is over, and at the latest when the server ends.
    plane.stop();
    plane.serve();
    let clock = (first..plane.control_size()).map(|index| plane.entry(index)["leaf"]["command"]["clock"].clone());
    let sums: Vec<_> = clock.filter(|clock| clock["act"]["refusals"]["first"] == first).collect();
    assert_eq!(sums.len(), 1, "{sums:?}");
    assert_eq!(sums[0]["act"]["refusals"]["count"], 2);
    plane.verified();
}
