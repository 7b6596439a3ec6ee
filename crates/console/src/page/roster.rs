//! The roster: who may fill which slot, with which keys, and which services there are.

use super::panel::{Notice, Panel};
use super::{ask, link};
use crate::scene::Scene;
use model::{Digest, NodeId, PersonId, Service};
use tlog::note::VerifierKey;
use view::PersonView;

/// A key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// Its id, short.
    pub id: String,
    /// Suspended: it signs nothing any more.
    pub suspended: bool,
    /// One person has asked that it be suspended.
    pub asked: bool,
    /// Where it is suspended; none: it is, or it is no key of a person or a machine identity.
    pub suspend: Option<String>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// Pseudonym.
    pub id: String,
    pub name: String,
    pub roles: String,
    pub keys: Vec<KeyRow>,
    /// Tenants whose matters they may read; none: every tenant's.
    pub tenants: Option<String>,
    /// Who may act in their place now or later.
    pub deputies: Vec<String>,
    /// Whether this is who looks.
    pub you: bool,
}

/// A machine identity, or a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyHolder {
    pub name: String,
    pub key: KeyRow,
}

/// Services on one node, or on none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The node's name, or that they are on none.
    pub title: String,
    pub services: Vec<KeyHolder>,
}

/// The page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterPage {
    pub panel: Panel,
    /// Why there is nothing to show.
    pub notice: Option<Notice>,
    pub people: Vec<PersonRow>,
    /// Pipelines and agents.
    pub machines: Vec<KeyHolder>,
    /// Services, by node.
    pub places: Vec<Place>,
    /// Where another roster is asked for.
    pub asks: Vec<(String, &'static str)>,
    /// Where it is asked for as a whole.
    pub whole: Option<(String, &'static str)>,
    /// How keys and people are changed by command line.
    pub commands: Vec<String>,
}

fn key(scene: &Scene, holder: &PersonId, id: &Digest) -> KeyRow {
    let active = scene.state.since.key_is_active(id);
    let asked = scene.state.suspensions.get(id);
    KeyRow {
        id: id.short(),
        suspended: !active,
        asked: asked.is_some_and(|asked| asked.stands(&scene.state, scene.now)),
        suspend: active.then(|| link::suspend(holder, id)),
    }
}

fn person(scene: &Scene, view: PersonView) -> PersonRow {
    let known = scene.state.roster.person(&view.id);
    let names = scene.names();
    let tenants = known.and_then(|known| known.tenants.as_ref()).map(|tenants| {
        let tenants: Vec<_> = tenants.iter().map(|tenant| names.tenant(tenant)).collect();
        if tenants.is_empty() { "none".to_owned() } else { tenants.join(", ") }
    });
    let deputies = known.map(|known| known.deputies.as_slice()).unwrap_or_default();
    let deputies = deputies.iter().filter(|deputy| scene.now <= deputy.until);
    PersonRow {
        id: view.id.to_string(),
        name: view.name,
        roles: view.roles.iter().map(|role| role.title()).collect::<Vec<_>>().join(" + "),
        keys: known
            .map(|known| known.keys.iter().map(|one| key(scene, &known.id, &one.id)).collect())
            .unwrap_or_default(),
        tenants,
        deputies: deputies.map(|deputy| names.person(&deputy.person)).collect(),
        you: scene.viewer.as_ref().is_some_and(|viewer| viewer.person() == Some(&view.id)),
    }
}

fn place(scene: &Scene, title: String, node: Option<&NodeId>) -> Place {
    let here = scene.state.roster.services.iter().filter(|entry| entry.node.as_ref() == node);
    let service = |entry: &signed::ServiceEntry| KeyHolder {
        name: entry.service.title().to_owned(),
        key: KeyRow {
            id: entry.key.short(),
            suspended: scene.state.distrusted.contains_key(&entry.key),
            asked: false,
            suspend: None,
        },
    };
    Place { title, services: here.map(service).collect() }
}

fn standing(name: &str, id: String) -> KeyHolder {
    KeyHolder { name: name.to_owned(), key: KeyRow { id, suspended: false, asked: false, suspend: None } }
}

/// The keys that the ledger's log is signed with, each by the id that `log-key ls` shows.
fn log(scene: &Scene) -> Place {
    let id = |key: &String| key.parse::<VerifierKey>().map(|key| format!("{:08x}", key.id())).unwrap_or_default();
    let keys = scene.state.roster.log_keys.iter().map(|key| standing("Log key", id(key)));
    Place { title: "The ledger's log".to_owned(), services: keys.collect() }
}

fn places(scene: &Scene) -> Vec<Place> {
    let nodes = scene.state.roster.nodes.iter().map(|node| place(scene, node.name.to_string(), Some(&node.id)));
    let mut everywhere = place(scene, "For all nodes".to_owned(), None);
    let console = scene.state.roster.console.iter().map(|key| standing("Console", key.short()));
    everywhere.services.extend(console);
    std::iter::once(everywhere).chain(nodes).chain([log(scene)]).filter(|place| !place.services.is_empty()).collect()
}

/// The page.
pub fn of(scene: &Scene, dir: &str) -> RosterPage {
    let roster = &scene.state.roster;
    let machine = |machine: &signed::Machine| KeyHolder {
        name: machine.name.to_string(),
        key: key(scene, &machine.id, &machine.key.id),
    };
    let kind = super::kinds::of_roster(&scene.state);
    RosterPage {
        panel: Panel::of(scene, Service::Governance),
        notice: Notice::of(scene, Service::Governance),
        people: PersonView::all(&scene.state, scene.names()).into_iter().map(|view| person(scene, view)).collect(),
        machines: roster.machines.iter().map(machine).collect(),
        places: places(scene),
        asks: kind.map(|kind| ask::ways_of(kind, &super::answered::Answered::new())).unwrap_or_default(),
        whole: kind.map(|kind| (link::ask(kind, &[]), kind.title())),
        commands: vec![
            format!("countersign person ls --dir {dir}"),
            format!("countersign person invite NAME --role ROLE --dir {dir}"),
            format!("countersign person suspend NAME --key KEY --dir {dir}"),
            format!("countersign machine ls --dir {dir}"),
            format!("countersign machine suspend NAME --key KEY --dir {dir}"),
            format!("countersign node ls --dir {dir}"),
            format!("countersign log-key ls --dir {dir}"),
        ],
    }
}
