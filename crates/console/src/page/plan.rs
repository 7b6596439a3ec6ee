//! A plan as a reader sees it: what holds before and after, in words, whatever it is about.

use super::ask::{in_force, pretty};
use super::fact::FactRow;
use super::moment::Moment;
use super::past::{self, Past};
use crate::scene::Scene;
use control::{Change, Detail, Fact, Plan, Setting, governs};
use model::{Digest, SettingName};
use signed::Served;
use signed::{Person, Roster};

/// A governed document before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Documents {
    /// What it is.
    pub title: &'static str,
    /// The document that is replaced; none: it is not the one in force any more.
    pub before: Option<String>,
    /// The document that replaces it.
    pub after: String,
}

/// What a plan says besides its steps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanFacts {
    /// What holds before and after.
    pub facts: Vec<FactRow>,
    /// A governed document.
    pub documents: Option<Documents>,
    /// What it would have meant for what was decided before.
    pub past: Option<Past>,
    /// What else is to be known.
    pub notes: Vec<String>,
}

fn row(name: impl Into<String>, before: impl Into<String>, after: impl Into<String>) -> FactRow {
    FactRow { name: name.into(), before: before.into(), after: after.into() }
}

fn served(scene: &Scene, generation: u64, serving: Option<&Served>) -> String {
    let name =
        |serving: &Served| format!("{}, side {}", scene.names().artifact(&serving.bundle.artifact), serving.side);
    let serving = serving.map_or_else(|| "nothing serves".to_owned(), name);
    format!("generation {generation}: {serving}")
}

/// What a fact is about, and what it says.
fn words(scene: &Scene, fact: &Fact) -> (String, String) {
    let short = |digest: &Digest| format!("sha256 {}", digest.short());
    match fact {
        Fact::Engine { engine, generation, serving } => {
            (scene.names().engine(engine), served(scene, *generation, serving.as_ref()))
        }
        Fact::Bindings { engine, digest } => (format!("Bindings of {}", scene.names().engine(engine)), short(digest)),
        Fact::Roster { digest } => ("Roster".to_owned(), short(digest)),
        Fact::Setting { name, digest } => (name.title().to_owned(), short(digest)),
    }
}

/// The facts of the base, each beside what it becomes.
fn facts(scene: &Scene, plan: &Plan) -> Vec<FactRow> {
    let after: Vec<_> = plan.after.iter().map(|fact| words(scene, fact)).collect();
    let beside = |fact: &Fact| {
        let (name, before) = words(scene, fact);
        let becomes = after.iter().find(|(known, _)| *known == name).map(|(_, text)| text.clone());
        let unchanged = becomes.as_ref().is_none_or(|text| *text == before);
        row(name, before, if unchanged { "stays the same".to_owned() } else { becomes.unwrap_or_default() })
    };
    plan.base.iter().map(beside).collect()
}

/// What one person's entry says.
fn entry(scene: &Scene, person: Option<&Person>) -> String {
    let Some(person) = person else { return "not on the roster".to_owned() };
    let names = scene.names();
    let roles: Vec<_> = person.roles.iter().map(|role| role.title()).collect();
    let mut parts = vec![if roles.is_empty() { "no role".to_owned() } else { roles.join(" + ") }];
    let keys: Vec<_> = person.keys.iter().map(|key| key.id.short()).collect();
    parts.push(format!("key {}", keys.join(", ")));
    let sees = person.tenants.as_ref().map(|tenants| tenants.iter().map(|id| names.tenant(id)).collect::<Vec<_>>());
    parts.push(match sees {
        None => "sees every tenant".to_owned(),
        Some(tenants) if tenants.is_empty() => "sees no tenant".to_owned(),
        Some(tenants) => format!("sees {}", tenants.join(", ")),
    });
    let deputy = |deputy: &signed::Deputy| {
        format!("deputy {} until {}", names.person(&deputy.person), Moment::of(deputy.until).text)
    };
    parts.extend(person.deputies.iter().map(deputy));
    parts.join("; ")
}

/// Who joins, who leaves, who changes; then what else differs.
fn people(scene: &Scene, base: &Roster, next: &Roster) -> Vec<FactRow> {
    let ids = base.people.iter().chain(next.people.iter().filter(|person| base.person(&person.id).is_none()));
    let mut rows = vec![];
    for id in ids.map(|person| person.id) {
        let (before, after) = (base.person(&id), next.person(&id));
        let what = match (before, after) {
            (None, Some(_)) => "joins",
            (Some(_), None) => "leaves",
            (before, after) if before != after => "changes",
            _ => continue,
        };
        rows.push(row(format!("{} {what}", scene.names().person(&id)), entry(scene, before), entry(scene, after)));
    }
    rows.extend(machines(base, next));
    rows
}

fn machines(base: &Roster, next: &Roster) -> Vec<FactRow> {
    let names = |roster: &Roster| {
        roster.machines.iter().map(|machine| format!("{} (key {})", machine.name, machine.key.id.short())).collect()
    };
    let nodes = |roster: &Roster| roster.nodes.iter().map(|node| node.name.to_string()).collect();
    let services = |roster: &Roster| {
        let node = |entry: &signed::ServiceEntry| {
            entry.node.and_then(|id| roster.node(&id)).map(|node| format!(" on {}", node.name))
        };
        let key = |entry: &signed::ServiceEntry| {
            format!("{}{} (key {})", entry.service.title(), node(entry).unwrap_or_default(), entry.key.short())
        };
        roster.services.iter().map(key).collect()
    };
    let console = |roster: &Roster| roster.console.iter().map(|key| format!("key {}", key.short())).collect();
    let rest: [(&str, [Vec<String>; 2]); 5] = [
        ("Nodes", [nodes(base), nodes(next)]),
        ("Services", [services(base), services(next)]),
        ("Machines", [names(base), names(next)]),
        ("Console", [console(base), console(next)]),
        ("Log keys", [base.log_keys.clone(), next.log_keys.clone()]),
    ];
    let differ = rest.into_iter().filter(|(_, [before, after])| before != after);
    differ.map(|(what, [before, after])| only(what, &before, &after)).collect()
}

/// What only one of two lists has.
fn only(what: &str, before: &[String], after: &[String]) -> FactRow {
    let lacks = |one: &[String], other: &[String]| {
        let gone: Vec<_> = one.iter().filter(|known| !other.contains(known)).cloned().collect();
        if gone.is_empty() { "none of it".to_owned() } else { gone.join(", ") }
    };
    row(what, lacks(before, after), lacks(after, before))
}

/// What of a document the viewer may see.
fn seen(scene: &Scene, setting: &Setting) -> Setting {
    let mut setting = setting.clone();
    if let (Setting::TenantTerms(terms), true) = (&mut setting, scene.is_narrowed()) {
        terms.tenants.retain(|terms| scene.state.tenants.contains_key(&terms.tenant));
    }
    setting
}

fn roster(scene: &Scene, base: &Digest, next: &Roster, out: &mut PlanFacts) {
    if scene.state.roster_digest == *base {
        out.facts.extend(people(scene, &scene.state.roster, next));
    } else {
        out.notes.push(
            "The roster it replaces is not in force any more, so who joins and who leaves is not shown beside it; \
             the entries of this change say it."
                .to_owned(),
        );
    }
}

fn settings(scene: &Scene, (name, base): (SettingName, &Digest), setting: &Setting, out: &mut PlanFacts) {
    let stands = scene.state.settings.get(&name) == Some(base);
    out.documents = Some(Documents {
        title: name.title(),
        before: stands.then(|| pretty(&in_force(&scene.state, name))),
        after: pretty(&seen(scene, setting)),
    });
    if let (Setting::Kinds(next), true) = (setting, stands) {
        out.facts.extend(past::differences(&scene.state.kinds, next));
    }
    if scene.is_narrowed() {
        out.notes.push("Of documents about tenants only what concerns yours is shown.".to_owned());
    }
}

fn detail(scene: &Scene, change: &Change, detail: &Detail, out: &mut PlanFacts) {
    let open = !change.has_ended(&scene.state, scene.now);
    match detail {
        Detail::Roster { base, next } => roster(scene, base, next, out),
        Detail::Setting { name, base, next } => {
            settings(scene, (*name, base), next, out);
            out.past = open.then(|| past::decided(scene, next)).flatten();
        }
        Detail::Becomes { name, before, after } => out.facts.push(row(name, before, after)),
        Detail::HoldsFor { for_ms, tenant } => {
            let (time, whose) = (super::age(*for_ms), scene.names().tenant(tenant));
            let revoked = change.revoked.map_or_else(String::new, |by| {
                format!("; {} revoked it at {}", scene.names().person(&by.person), Moment::of(by.at).text)
            });
            out.notes.push(format!("It holds for {time} from its run, for {whose}, and ends by itself{revoked}."));
        }
        Detail::Note(fragments) => out.notes.push(scene.names().text(fragments)),
    }
}

/// What a change's plan says besides its steps.
pub fn facts_of(scene: &Scene, change: &Change, plan: Option<&Plan>) -> PlanFacts {
    let mut out = PlanFacts { facts: plan.map(|plan| facts(scene, plan)).unwrap_or_default(), ..PlanFacts::default() };
    for one in governs(change.kind).details(&scene.state, change) {
        detail(scene, change, &one, &mut out);
    }
    let unchecked = plan.map(|plan| plan.unchecked.as_slice()).unwrap_or_default();
    if !unchecked.is_empty() {
        out.notes.push(unchecked_note(unchecked));
    }
    let lost = plan.map(|plan| plan.loses_reach.as_slice()).unwrap_or_default();
    if !lost.is_empty() {
        let kinds: Vec<_> = lost.iter().map(|kind| kind.title()).collect();
        out.notes.push(format!(
            "Once it is in force nobody could ask for, approve and run these any more: {}. Another roster change can \
             bring people for them.",
            kinds.join(", ")
        ));
    }
    out
}

/// What it means that services were not observed.
pub fn unchecked_note(unchecked: &[model::Service]) -> String {
    let names: Vec<_> = unchecked.iter().map(|service| service.title()).collect();
    format!(
        "Unchecked: {} did not answer, so what it would have been asked is not checked before. It is read and the \
         change reviewed afterwards.",
        names.join(" and ")
    )
}
