//! View models: what each page shows, as pure functions of a [`crate::scene::Scene`].

pub mod action;
pub mod answered;
pub mod ask;
pub mod banner;
pub mod bound;
pub mod catalogue;
pub(crate) mod cause;
pub mod change;
pub mod chip;
pub mod coverage;
pub mod deployment;
pub(crate) mod ending;
pub mod engine;
pub mod entry;
pub mod fact;
pub mod field;
pub mod form;
pub mod frame;
pub mod guardrail;
pub mod health;
pub(crate) mod held;
pub(crate) mod invitation;
pub mod kinds;
pub mod lease;
pub(crate) mod lease_use;
pub mod link;
pub mod moment;
pub mod newest;
pub mod output;
pub mod panel;
pub mod past;
pub mod plan;
pub(crate) mod quota;
pub mod readiness;
pub(crate) mod recorded;
pub(crate) mod refused;
pub mod required;
pub mod resource;
pub mod retirement;
pub mod rollback;
pub mod roster;
pub mod step;
pub mod tenant;
pub mod timeline;
pub mod trace;
pub mod ways_out;
pub mod who_may;
pub(crate) mod zone;

/// How long ago, in one unit.
pub fn age(ms: i64) -> String {
    let seconds = ms.max(0) / 1_000;
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// `01`, as the page numbers its items.
pub fn number(n: usize) -> String {
    format!("{n:02}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_age_has_one_unit() {
        let ages = [-5, 47_000, 18 * 60_000, 5 * 3_600_000, 3 * 86_400_000].map(super::age);
        assert_eq!(ages, ["0 s", "47 s", "18 min", "5 h", "3 days"]);
    }
}
