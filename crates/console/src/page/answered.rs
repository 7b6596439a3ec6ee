//! What a form was answered with.

use std::collections::BTreeMap;

/// What is written or given: by field.
pub type Answered = BTreeMap<String, String>;
