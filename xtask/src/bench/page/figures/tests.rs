use serde_json::{Value, json};

use super::{Error, Figures, thousands};

fn written() -> Value {
    let page =
        json!({"parts": [{"path": "/", "bytes": 9_000}, {"path": "/assets/htmx.js", "bytes": 14_000}], "foreign": []});
    json!({
        "events": 100_000, "rows": 100_123, "filled_ms": 12_000, "browser": "156.0",
        "loads": [{"what": "first paints", "load": 0.5}],
        "signed_in": page, "anonymous": page,
        "fcp_ms": [900, 800, 700, 600, 500], "fcp_applied_ms": [2_000],
        "arrivals": [{"width": 390, "shifts": [{"at_ms": 10, "value": 0.01, "by_hand": false}]}],
        "delays": {"pill_ms": [100, 110], "row_ms": [150, 180]},
        "interactions": [{"name": "compact rows", "ms": 40}],
        "served": [{"path": "/", "bytes": 9_000, "ms": vec![2; 300]}, {"path": "/?q=a", "bytes": 9_000, "ms": [400]}],
    })
}

fn missed(value: &Value) -> Vec<String> {
    let figures = Figures::read(&value.to_string()).unwrap();
    figures.goals().into_iter().filter(|goal| !goal.is_met()).map(|goal| goal.name).collect()
}

#[test]
fn good_figures_meet_every_goal_and_each_is_printed() {
    assert!(missed(&written()).is_empty());
    let figures = Figures::read(&written().to_string()).unwrap();
    let lines = figures.lines().join("\n");
    for words in
        ["100,000 events", "23.0 KB on the wire", "900 800 700 600 500", "worst 40 ms (compact rows 40)", "/?q=a"]
    {
        assert!(lines.contains(words), "{words}\n{lines}");
    }
}

#[test]
fn each_goal_is_missed_by_its_own_figure_alone() {
    for (at, bad, name) in [
        ("/anonymous/parts/0/bytes", json!(47_000), "first page"),
        ("/signed_in/foreign", json!(["https://fonts.example/a.woff2"]), "third parties"),
        ("/fcp_ms", json!([1_001, 1_001, 1_001, 500, 500]), "contentful paint"),
        ("/arrivals/0/shifts/0/value", json!(0.03), "layout shift"),
        ("/delays/row_ms/1", json!(1_100), "in sight"),
        ("/served/0/ms/299", json!(21), ""),
        ("/served/0/ms", json!([vec![2.0; 296], vec![21.0; 4]].concat()), "server time"),
    ] {
        let mut value = written();
        *value.pointer_mut(at).unwrap() = bad;
        let missed = missed(&value);
        assert!(missed.iter().all(|said| said.contains(name)), "{at}: {missed:?}");
        assert_eq!(missed.len(), usize::from(!name.is_empty()), "{at}: {missed:?}");
    }
}

#[test]
fn a_figure_that_is_missing_or_rests_on_too_little_is_no_figure() {
    for at in ["events", "signed_in", "fcp_ms", "arrivals", "served", "interactions"] {
        let mut value = written();
        value.as_object_mut().unwrap().remove(at);
        assert!(matches!(Figures::read(&value.to_string()), Err(Error::Figures(_))), "{at}");
    }
    for (at, few) in [
        ("/fcp_ms", json!([900])),
        ("/served/0/ms", json!([2])),
        ("/arrivals", json!([])),
        ("/delays/row_ms", json!([])),
    ] {
        let mut value = written();
        *value.pointer_mut(at).unwrap() = few;
        assert!(matches!(Figures::read(&value.to_string()), Err(Error::Figures(_))), "{at}");
    }
    assert!(Figures::read("").is_err());
}

#[test]
fn large_numbers_are_grouped() {
    assert_eq!([7, 1_000, 100_123, 1_234_567].map(thousands), ["7", "1,000", "100,123", "1,234,567"]);
}
