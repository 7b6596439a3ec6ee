//! The environment of a confined process. Its values may be secrets, so they are never shown.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// What every process gets.
const BASE: [(&str, &str); 3] =
    [("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), ("LANG", "C.UTF-8"), ("TZ", "UTC")];

/// Variables by name, over `PATH`, `LANG` and `TZ`. It travels by pipe, never in the process table.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Sets a variable, in place of an earlier one of that name.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.insert(key.into(), value.into());
        self
    }

    /// What a variable is set to here.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// All there is.
    pub(crate) fn all(&self) -> BTreeMap<&str, &str> {
        let own = self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        BASE.into_iter().chain(own).collect()
    }

    /// A name or value that no process can be given.
    pub(crate) fn fault(&self) -> Option<&str> {
        let bad =
            |(key, value): (&String, &String)| key.is_empty() || key.contains(['=', '\0']) || value.contains('\0');
        self.0.iter().find(|pair| bad(*pair)).map(|(key, _)| key.as_str())
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_never_shown_and_a_variable_takes_the_place_of_what_every_process_gets() {
        let environment = Environment::default().with("SECRET", "hunter2").with("TZ", "Europe/Berlin");
        assert_eq!(format!("{environment:?}"), r#"{"SECRET", "TZ"}"#);
        assert_eq!((environment.all()["TZ"], environment.all()["LANG"]), ("Europe/Berlin", "C.UTF-8"));
        assert_eq!(environment.fault(), None);
        assert_eq!(environment.with("A=B", "x").fault(), Some("A=B"));
    }
}
