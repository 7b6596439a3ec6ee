//! Values that look like secrets are not published by oversight: what is in the ledger is there for good, for every reader.

use crate::DeskError;
use control::{Config, Published, State};
use model::{TenantId, Token};

/// Words that the name of a secret is made of.
const WORDS: [&str; 9] =
    ["SECRET", "TOKEN", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "PRIVATE", "APIKEY", "ACCESSKEY"];
/// Such words that stand within others, too, and count where they stand alone between `_`.
const ALONE: [&str; 2] = ["PASS", "PWD"];
/// Such words of which there are public ones: they do not count where `PUBLIC` stands alone between `_`, too.
const KEYS: [&str; 2] = ["KEY", "KEYS"];

/// Refuses a value under a name that a published program declares a secret, or that reads like one, unless it is among
/// those `said` to be for everybody.
///
/// # Errors
/// Naming the first such variable; never its value.
pub(crate) fn check(
    config: &Config,
    state: &State,
    tenant: Option<TenantId>,
    said: &[String],
) -> Result<(), DeskError> {
    for key in config.values.iter().map(|value| &value.key) {
        if said.iter().any(|said| said == key.as_str()) {
            continue;
        }
        let why = match declared(state, tenant, key) {
            Some(program) => format!("{program} declares it a secret"),
            None if reads_like_a_secret(key.as_str()) => "its name reads like a secret's".to_owned(),
            None => continue,
        };
        return Err(DeskError::ReadableSecret { key: key.clone(), why });
    }
    Ok(())
}

/// The published program that declares this variable a secret: one that may be bound together with such a config.
fn declared(state: &State, tenant: Option<TenantId>, key: &Token) -> Option<String> {
    let together = |known: &&Published| known.whose.meets(tenant.as_ref());
    let known = state.resources.iter().map(|(_, known)| known).filter(together);
    let mut secret = known.filter(|known| {
        known.profile().is_some_and(|profile| profile.needs.iter().any(|need| need.secret && need.key == *key))
    });
    let known = secret.next()?;
    // Whoever publishes for a tenant, or for all, need not see what is published for another one.
    let is_seen = known.whose.covers(tenant.as_ref());
    Some(if is_seen { format!("{} {}", known.product, known.version) } else { "a program".to_owned() })
}

fn reads_like_a_secret(key: &str) -> bool {
    let alone = |words: &[&str]| key.split('_').any(|part| words.contains(&part));
    WORDS.iter().any(|word| key.contains(word)) || alone(&ALONE) || alone(&KEYS) && !alone(&["PUBLIC"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_known_and_others_are_left_alone() {
        for key in
            ["SECRET_KEY", "API_TOKEN", "DB_PASSWORD", "STRIPE_KEY", "KEY", "APIKEY", "DB_PASS", "MYSECRET", "DB_PWD"]
        {
            assert!(reads_like_a_secret(key), "{key}");
        }
        for key in ["WORKERS", "MONKEY", "PUBLIC_KEY", "PASSENGERS", "KEYBOARD", "STRIPE_PUBLIC_KEY", "BYPASS"] {
            assert!(!reads_like_a_secret(key), "{key}");
        }
        for key in ["PUBLIC_DB_PASSWORD", "PUBLIC_PASS", "PUBLIC_TOKEN", "PUBLICATION_KEY"] {
            assert!(reads_like_a_secret(key), "nothing but a key is public because its name says so: {key}");
        }
    }

    #[test]
    fn the_page_of_what_is_bound_names_every_word() {
        let page = include_str!("../../../docs/bound.md");
        let (_, rest) = page.split_once("whose name reads like one:").unwrap();
        let (said, _) = rest.split_once("Where everybody may read it").unwrap();
        let said: Vec<_> = said.split(|c: char| !c.is_ascii_uppercase()).collect();
        for word in WORDS.iter().chain(&ALONE).chain(&KEYS) {
            assert!(said.contains(word), "docs/bound.md does not name {word}");
        }
    }
}
