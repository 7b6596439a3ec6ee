//! `version`.

use super::Context;
use crate::output;
use serde_json::json;

pub fn run(context: &Context) {
    let version = env!("CARGO_PKG_VERSION");
    if context.json {
        output::json(&json!({"version": version, "rules": control::RULES_MAX, "leaf": "countersign/leaf/v1"}));
    } else {
        crate::print_line!("countersign {version}, rules {}, leaf format countersign/leaf/v1", control::RULES_MAX);
    }
}
