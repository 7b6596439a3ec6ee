//! A change as people carry it through who do not give up: each looks where it stands and says the
//! next word, again when nobody heard it.

use crate::plane::{PATIENCE, Plane};
use serde_json::Value;
use std::time::Instant;

/// What is asked for.
#[derive(Debug, Clone)]
pub enum Order {
    /// Another release, by its artifact.
    Deploy(String),
    /// The last certified one.
    Rollback,
}

impl Plane {
    /// Carries a new change to its end; `meanwhile` is called between any two looks. Answers the
    /// change as it ended.
    ///
    /// Panics when it ends otherwise than effective, when it does not say what it waits for, or
    /// when it waits for ever.
    pub fn carry(&mut self, engine: &str, order: &Order, mut meanwhile: impl FnMut(&mut Self)) -> Value {
        // Changes of before are known by their ids; governance is there when a round begins.
        let before: Vec<Value> = self.changes().expect("governance answers").iter().map(|c| c["id"].clone()).collect();
        let deadline = Instant::now() + 3 * PATIENCE;
        loop {
            meanwhile(self);
            let changes = self.changes();
            let change = changes.as_ref().map(|all| all.iter().find(|change| !before.contains(&change["id"])));
            assert!(Instant::now() < deadline, "it still waits: {change:?}\n{}", self.logs());
            match change {
                // Governance is away.
                None => {}
                Some(None) => self.open(engine, order),
                Some(Some(change)) => match change["status"].as_str().unwrap() {
                    "effective" => return change.clone(),
                    status => self.advance(change, status, order),
                },
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }

    fn changes(&self) -> Option<Vec<Value>> {
        let listed = self.cli(&["change", "ls", "--json"]);
        // An answer from the own copy, while Governance is away, is told on standard error.
        (listed.code == 0 && listed.stderr.is_empty()).then(|| listed.json().as_array().unwrap().clone())
    }

    fn open(&self, engine: &str, order: &Order) {
        let mut args = vec!["change", "new", "--engine", engine, "--reason", "as the soak says", "--kind"];
        match order {
            Order::Deploy(artifact) => args.extend(["deployment", "--artifact", artifact]),
            Order::Rollback => args.push("rollback"),
        }
        self.try_by("ada", &args);
    }

    /// Says the next word; nobody may have heard it, then it is said again at the next look.
    fn advance(&self, change: &Value, status: &str, order: &Order) {
        let id = change["id"].as_str().unwrap();
        let third = if matches!(order, Order::Rollback) { "di" } else { "cy" };
        match status {
            // It says which observation it waits for; those who observe come by themselves.
            "draft" if !change["blocked"].is_null() => {
                assert!(change["blocked"]["next"].is_string(), "it does not say what it waits for: {change}");
            }
            "draft" => self.try_by("ada", &["change", "seal", id]),
            "awaiting-approval" => {
                let slots = change["slots"].as_array().unwrap();
                let open = slots.iter().find(|slot| slot["person"].is_null()).expect("an open slot is named");
                let who = if open["roles"] == serde_json::json!(["governance-operator"]) { "ben" } else { third };
                self.try_by(who, &["change", "approve", id]);
            }
            "approved" => self.try_by("ben", &["change", "run", id, "--no-wait"]),
            "executing" => {
                let steps = change["steps"].as_array().unwrap();
                let waits = steps.iter().any(|step| step["state"] == "due" || step["state"] == "intended");
                assert!(waits, "it does not say which step it waits for: {change}");
            }
            other => panic!("it ended as {other}: {change:#}\n{}", self.logs()),
        }
    }

    /// Says something that may find nobody, or find itself said already; nothing else may go wrong.
    fn try_by(&self, who: &str, args: &[&str]) {
        let said = self.by(who, args);
        // Unreachable, or refused because an earlier try was heard after all.
        assert!([0, 5, 6].contains(&said.code), "{args:?}: {said:?}");
    }
}
