//! The roster: who may fill which slot.

use super::panel::{Notice, Panel};
use crate::scene::Scene;
use client::view::PersonView;
use model::Service;

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// Pseudonym.
    pub id: String,
    /// Name.
    pub name: String,
    /// Roles.
    pub roles: String,
    /// Ids of their keys.
    pub keys: Vec<String>,
    /// Whether this is who looks.
    pub you: bool,
}

/// Everyone.
pub fn of(scene: &Scene) -> (Panel, Option<Notice>, Vec<PersonRow>) {
    let row = |view: PersonView| {
        let keys = scene.state.roster.person(&view.id).map(|person| person.keys.as_slice()).unwrap_or_default();
        PersonRow {
            id: view.id.to_string(),
            name: view.name,
            roles: view.roles.iter().map(|role| role.title()).collect::<Vec<_>>().join(" + "),
            keys: keys.iter().map(|key| key.id.short()).collect(),
            you: scene.viewer.as_ref().is_some_and(|viewer| viewer.person() == Some(&view.id)),
        }
    };
    let rows: Vec<_> = PersonView::all(&scene.state, scene.names()).into_iter().map(row).collect();
    (Panel::of(scene, Service::Governance), Notice::of(scene, Service::Governance), rows)
}
