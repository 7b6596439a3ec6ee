//! Whom a change that was run waits for, because a service does not answer.

use control::Change;
use model::Service;
use std::collections::BTreeSet;

/// The services that are to carry out what is left of a change.
pub fn executors_left(change: &Change) -> BTreeSet<Service> {
    let steps = change.plan.iter().flat_map(|plan| plan.steps.iter().enumerate());
    let left = steps.filter(|(n, _)| change.steps.get(*n).is_none_or(|step| step.done.is_none()));
    left.map(|(_, step)| step.executor()).collect()
}

/// That a change waits for whom of its executors is silent; none: all of them answer.
pub fn waits_for_silent(silent: &[Service]) -> Option<String> {
    let names: Vec<_> = silent.iter().map(|service| service.title()).collect();
    let (verb, whom) = if names.len() == 1 { ("does", "it is") } else { ("do", "they are") };
    let all = names.join(" and ");
    (!names.is_empty()).then(|| format!("{all} {verb} not answer: the change waits, and goes on once {whom} live"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_silent_is_named_and_nobody_else() {
        assert_eq!(waits_for_silent(&[]), None);
        let one = waits_for_silent(&[Service::Engine]).unwrap();
        assert_eq!(one, "Engine Runtime does not answer: the change waits, and goes on once it is live");
        let two = waits_for_silent(&[Service::Node, Service::Engine]).unwrap();
        assert!(two.starts_with("Node Runtime and Engine Runtime do not answer"), "{two}");
    }
}
