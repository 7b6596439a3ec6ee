//! What serves and ends again and again, or does not answer, is said wherever somebody looks.

use crate::plane::{Plane, get, signal, until};
use serde_json::Value;

impl Plane {
    fn serving_pid(&self) -> Option<u32> {
        let (_, body) = self.seen("engine", "/v1/engines")?;
        let engine = serde_json::from_str::<Value>(&body).ok()?["engines"][0].clone();
        let side = engine["sides"].as_array()?.iter().find(|side| side["side"] == engine["serving_side"])?.clone();
        side["running"].as_bool().filter(|running| *running)?;
        u32::try_from(side["pid"].as_u64()?).ok()
    }
}

#[test]
fn an_engine_that_ends_again_and_again_or_hangs_is_seen_in_status_listing_readiness_and_metrics() {
    let plane = Plane::serving();
    let engine = plane.engine();
    let change = plane.approved_deployment(engine, &plane.publish("2026.02"));
    plane.by("ben", &["change", "run", &change]).ok();
    let listed = plane.cli(&["engine", "ls"]).ok().stdout;
    assert!(listed.contains("HEALTH") && listed.contains("  up  "), "{listed}");
    for _ in 0..3 {
        let pid = plane.serving_pid().unwrap();
        signal(pid, "KILL");
        until("it to be started again", || plane.serving_pid().is_some_and(|now| now != pid));
    }
    let ready = get(&format!("{}/readyz", plane.url("engine"))).unwrap();
    // Whoever asks learns how many; which, and why, is told to who may read of them.
    assert!(ready.0 == 503 && ready.1.contains("one engine is in trouble"), "{ready:?}");
    assert!(!ready.1.contains("again and again"), "{ready:?}");
    let status = plane.cli(&["status"]);
    assert!(status.code == 8 && status.stdout.contains("countersign engine ls"), "{status:?}");
    let listed = plane.cli(&["engine", "ls"]).ok().stdout;
    assert!(listed.contains("3 restarts") && listed.contains("it ends again and again"), "{listed}");
    let json = plane.cli(&["engine", "ls", "--json"]).ok().json();
    assert_eq!((&json[0]["observed"]["restarts"], &json[0]["observed"]["up"]), (&3.into(), &false.into()), "{json}");
    let (_, metrics) = get(&format!("{}/metrics", plane.url("engine"))).unwrap();
    let id = json[0]["id"].as_str().unwrap();
    assert!(
        metrics.contains(&format!("engine_process_restarts_total{{service=\"engine\",engine=\"{id}\"}} 3")),
        "{metrics}"
    );

    // One that hangs is down from its first probe without an answer on.
    signal(plane.serving_pid().unwrap(), "STOP");
    let down = || plane.cli(&["engine", "ls", "--json"]).ok().json()[0]["observed"]["down_since"].is_string();
    until("it to be down", down);
    let (_, metrics) = get(&format!("{}/metrics", plane.url("engine"))).unwrap();
    assert!(metrics.contains("countersign_engine_up{"), "{metrics}");
    let listed = plane.cli(&["engine", "ls"]).ok().stdout;
    assert!(listed.contains("down since 20") || listed.contains("again and again"), "{listed}");
}
