//! Filling the words of a row in. Only our own templates are ever read for braces; what is filled in
//! is a fragment of its own and is never read again.

use super::{Actor, Fragment};
use crate::event::Flagged;
use crate::kind::roles_title;
use model::{
    ChangeId, Digest, EngineId, Instant, KindName, LeaseClass, NodeId, PersonId, Resource, Role, Service, SettingName,
    TenantId, Token,
};
use signed::Counted;

/// What a template may name.
#[derive(Debug, Default)]
pub(super) struct Context {
    pub(super) actor: Option<Actor>,
    pub(super) kind: Option<KindName>,
    pub(super) engine: Option<EngineId>,
    pub(super) node: Option<NodeId>,
    pub(super) tenant: Option<TenantId>,
    /// Something published, and of what sort it is.
    pub(super) resource: Option<(Resource, Digest)>,
    /// A class of AI leases, and the tenant that asked for it.
    pub(super) flagged: Option<Flagged>,
    /// Cycles that were used.
    pub(super) cycles: Option<u64>,
    pub(super) service: Option<Service>,
    pub(super) people: Vec<PersonId>,
    pub(super) behalf: Option<PersonId>,
    pub(super) roles: Vec<Role>,
    pub(super) change: Option<ChangeId>,
    pub(super) until: Option<Instant>,
    pub(super) code: Option<Token>,
    pub(super) blocked: Option<Token>,
    pub(super) items: Vec<Token>,
    pub(super) setting: Option<SettingName>,
    pub(super) counted: Option<Counted>,
    /// How often what serves was started again, and how often that failed.
    pub(super) restarts: Option<(u32, u32)>,
}

impl Context {
    /// The fragments of a template, in one pass.
    pub(super) fn fill(&self, template: &'static str) -> Vec<Fragment> {
        let mut fragments = vec![];
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            if !before.is_empty() {
                fragments.push(Fragment::text(before));
            }
            fragments.extend(self.named(name));
            rest = after;
        }
        if !rest.is_empty() {
            fragments.push(Fragment::text(rest));
        }
        fragments
    }

    fn named(&self, name: &str) -> Vec<Fragment> {
        let one = |fragment: Option<Fragment>| fragment.into_iter().collect();
        let text = |words: Option<String>| one(words.map(Fragment::Text));
        match name {
            "engine" => one(self.engine.map(Fragment::Engine)),
            "tenant" => one(self.tenant.map(Fragment::Tenant)),
            "node" => one(self.node.map(Fragment::Node)),
            "resource" => one(self.resource.map(|(_, digest)| Fragment::Resource(digest))),
            "sort" => text(self.resource.map(|(resource, _)| resource.title().to_owned())),
            "class" => text(self.flagged.as_ref().map(|flagged| flagged.class.title().to_owned())),
            "shape" => text(self.flagged.as_ref().map(|flagged| shape(flagged.class).to_owned())),
            "asker" => match self.flagged.as_ref().and_then(|flagged| flagged.asked_by) {
                Some(tenant) => vec![Fragment::Tenant(tenant)],
                None => self.people(),
            },
            "cycles" => text(self.cycles.map(|cycles| cycles.to_string())),
            "other" => one(self.change.map(Fragment::Change)),
            "behalf" => one(self.behalf.map(Fragment::Person)),
            "until" => one(self.until.map(Fragment::Instant)),
            "kind" => text(self.kind.map(|kind| kind.title().to_owned())),
            "service" => text(self.service.map(|service| service.title().to_owned())),
            "setting" => text(self.setting.map(|name| name.title().to_owned())),
            "slot" => text(Some(roles_title(&self.roles))),
            "code" => text(self.code.as_ref().map(ToString::to_string)),
            "items" => text(Some(self.items.iter().map(Token::as_str).collect::<Vec<_>>().join(", "))),
            "counted" => text(self.counted.map(|counted| counted_words(&counted))),
            "restarts" => text(self.restarts.map(|(count, failed)| restart_words(count, failed))),
            "on" => self.on(),
            "for" => {
                self.behalf.map(|of| vec![Fragment::text(" in place of "), Fragment::Person(of)]).unwrap_or_default()
            }
            "people" => self.people(),
            "blocked" => text(self.blocked.as_ref().map(blocked_words)),
            _ => vec![],
        }
    }

    /// ` for POD Engine Alpha`, ` for Northwind Studio`, or nothing.
    fn on(&self) -> Vec<Fragment> {
        let what = self.engine.map(Fragment::Engine).or_else(|| self.tenant.map(Fragment::Tenant));
        what.map(|what| vec![Fragment::text(" for "), what]).unwrap_or_default()
    }

    /// `A`, `A and B`, `A, B and C`; without any, who is behind the leaf.
    fn people(&self) -> Vec<Fragment> {
        if self.people.is_empty() {
            return self.actor.clone().map(Fragment::Actor).into_iter().collect();
        }
        let last = self.people.len() - 1;
        let mut fragments = vec![];
        for (position, person) in self.people.iter().enumerate() {
            match position {
                0 => {}
                _ if position == last => fragments.push(Fragment::text(" and ")),
                _ => fragments.push(Fragment::text(", ")),
            }
            fragments.push(Fragment::Person(*person));
        }
        fragments
    }
}

/// How a class of leases is called in a sentence, where its title names what it is made of.
fn shape(class: LeaseClass) -> &'static str {
    match class {
        LeaseClass::Worker => "worker",
        LeaseClass::Analyst => "analyst",
        LeaseClass::Hybrid => "hybrid",
    }
}

fn blocked_words(code: &Token) -> String {
    if code.as_str() == "placement.insufficient" {
        " while provisioning is blocked on node placement".to_owned()
    } else {
        format!(" while its open deployment is blocked ({code})")
    }
}

/// `it was started again 3 times`, `2 tries to start it again failed`, or both.
pub fn restart_words(count: u32, failed: u32) -> String {
    let times = |n: u32| if n == 1 { "once".to_owned() } else { format!("{n} times") };
    let tries = if failed == 1 { "a try".to_owned() } else { format!("{failed} tries") };
    match (count, failed) {
        (_, 0) => format!("it was started again {} within a minute", times(count)),
        (0, _) => format!("{tries} to start it again failed within a minute"),
        _ => format!("it was started again {} within a minute, and {tries} to do so failed", times(count)),
    }
}

/// `20 of 200 requests in a minute failed; 99 of 100 were answered within 40 ms (before: 20 ms)`.
pub fn counted_words(counted: &Counted) -> String {
    let before = counted.p99_before_ms.map(|ms| format!(" (before: {ms} ms)")).unwrap_or_default();
    format!(
        "{} of {} requests in a minute failed; 99 of 100 were answered within {} ms{before}",
        counted.errors, counted.requests, counted.p99_ms
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::EventName;
    use crate::governs;
    use std::collections::BTreeSet;

    /// What stands in braces in a text, where it is a lower-case word.
    fn names(text: &str) -> BTreeSet<&str> {
        let name = |after: &'_ str| after.split_once('}').map(|(name, _)| name.len());
        let word = |name: &&str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
        let starts = text.match_indices('{').map(|(at, _)| &text[at + 1..]);
        starts.filter_map(|after| name(after).map(|end| &after[..end])).filter(word).collect()
    }

    /// `{on}` brings its own ` for`, `{for}` its own ` in place of`.
    #[test]
    fn no_sentence_doubles_the_word_that_a_name_brings_with_it() {
        let of = |kind: KindName| EventName::ALL.iter().filter_map(move |event| governs(kind).words(*event));
        let own = KindName::ALL.iter().copied().flat_map(of).flat_map(|words| [words.title, words.sentence]);
        for text in own.chain(include_str!("words.rs").lines()) {
            for doubled in ["for{on}", "for {on}", "for{for}", "of{for}", " {on}", " {for}"] {
                assert!(!text.contains(doubled), "{text}");
            }
        }
    }

    #[test]
    fn every_name_in_the_words_of_rows_is_filled_in() {
        let person = PersonId([1; 16]);
        let whole = Context {
            actor: Some(Actor::Clock),
            kind: Some(KindName::Deployment),
            engine: Some(EngineId([1; 16])),
            node: Some(NodeId([1; 16])),
            tenant: Some(TenantId([1; 16])),
            resource: Some((Resource::Theme, Digest::ZERO)),
            flagged: Some(Flagged { class: LeaseClass::Hybrid, asked_by: None }),
            cycles: Some(1),
            service: Some(Service::Node),
            people: vec![person],
            behalf: Some(person),
            roles: vec![Role::FinanceReviewer],
            change: Some(ChangeId([1; 16])),
            until: Some(Instant::EPOCH),
            code: "code".parse().ok(),
            blocked: "code".parse().ok(),
            items: "item".parse().into_iter().collect(),
            setting: Some(SettingName::Rules),
            counted: Some(Counted { requests: 1, errors: 0, p99_ms: 1, p99_before_ms: None }),
            restarts: Some((1, 0)),
        };
        let of = |kind: KindName| EventName::ALL.iter().filter_map(move |event| governs(kind).words(*event));
        let own = KindName::ALL.iter().copied().flat_map(of).flat_map(|words| [words.title, words.sentence]);
        let texts: Vec<_> = own.chain([include_str!("words.rs")]).collect();
        let all: BTreeSet<_> = texts.iter().flat_map(|text| names(text)).collect();
        assert!(all.len() > 10, "{all:?}");
        for name in all {
            assert_ne!(whole.named(name), [], "{{{name}}} is filled in by nothing");
        }
    }
}
