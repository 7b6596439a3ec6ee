//! Invitations as pages show them: to who invites, and to who is invited.

use super::field::{FieldRow, Widget};
use super::kinds;
use super::link;
use super::moment::Moment;
use crate::invitations::{Invitation, InvitedTo, pasted};
use crate::scene::Scene;
use client::shell_word;
use control::Slot;
use model::{Digest, PersonId, Role};
use std::collections::BTreeMap;

/// The form by which somebody is invited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InviteForm {
    /// Whose key it shall be, where they are on the roster.
    pub(crate) person: Option<(String, String)>,
    pub(crate) fields: Vec<FieldRow>,
}

/// The form for somebody new, or for another key of `person`; `written` is what stands in it.
pub(crate) fn form(scene: &Scene, person: Option<&PersonId>, written: &BTreeMap<String, String>) -> InviteForm {
    let value = |name: &str| written.get(name).cloned().unwrap_or_default();
    let names = scene.names();
    let person = person.map(|person| (person.to_string(), names.person(person)));
    if person.is_some() {
        return InviteForm { person, fields: vec![] };
    }
    let roles = Role::ALL.iter().map(|role| (role.word().to_owned(), role.title().to_owned()));
    let tenants = scene.state.tenants.keys().map(|id| (id.to_string(), names.tenant(id)));
    let mut fields = vec![
        FieldRow::new("name", "Name", Widget::Text)
            .required(true)
            .value(&value("name"))
            .help("Who they are, to be called so from the entry that puts them on the roster."),
        FieldRow::new("roles", "Roles they shall have", Widget::Checks).value(&value("roles")).choices(roles),
        FieldRow::new("tenants", "Tenants they shall see", Widget::Checks)
            .value(&value("tenants"))
            .choices(tenants)
            .help("None ticked: every tenant, those that come later among them."),
    ];
    fields.retain(|field| !field.is_checks() || !field.choices.is_empty());
    InviteForm { person, fields }
}

/// Who must countersign a change of the roster, in words.
pub(crate) fn countersigners(scene: &Scene) -> String {
    let row = kinds::of_roster(&scene.state).and_then(|kind| scene.state.kinds.kind(kind));
    let slots: Vec<_> = row.map(|row| row.slots.iter().map(Slot::title).collect()).unwrap_or_default();
    format!("{} people must countersign ({}), each of them another one than who asks", slots.len(), slots.join(" + "))
}

/// What an invitation is into, in words.
fn into(scene: &Scene, invitation: &Invitation) -> (String, Vec<(&'static str, String)>) {
    let names = scene.names();
    match &invitation.into {
        InvitedTo::Key => (names.person(&invitation.person), vec![("What", "one more key of theirs".to_owned())]),
        InvitedTo::Roster { name, roles, tenants } => {
            let roles: Vec<_> = roles.iter().map(|role| role.title()).collect();
            let sees = tenants.as_ref().map(|all| all.iter().map(|id| names.tenant(id)).collect::<Vec<_>>().join(", "));
            let sees = sees.unwrap_or_else(|| "every tenant".to_owned());
            (name.clone(), vec![("Roles", roles.join(" + ")), ("Sees", sees)])
        }
    }
}

/// An invitation as who was invited sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InvitationPage {
    /// The ledger's name.
    pub(crate) origin: String,
    /// Who invites.
    pub(crate) inviter: String,
    /// Who is invited.
    pub(crate) name: String,
    /// Into what.
    pub(crate) facts: Vec<(&'static str, String)>,
    /// Command lines that print a proof.
    pub(crate) commands: Vec<String>,
    /// Until when it can be answered.
    pub(crate) until: Moment,
    /// The key it was answered with, once it was.
    pub(crate) key: Option<String>,
    /// Who must countersign.
    pub(crate) countersigners: String,
}

/// As who was invited sees it, of what its inviter may see.
pub(crate) fn of(scene: &Scene, invitation: &Invitation, ledger: &Digest, origin: &str) -> InvitationPage {
    let (name, mut facts) = into(scene, invitation);
    facts.push(("Ledger", format!("{origin} ({})", ledger.short())));
    InvitationPage {
        origin: origin.to_owned(),
        inviter: scene.viewer.as_ref().map(|viewer| viewer.name.clone()).unwrap_or_default(),
        name,
        facts,
        commands: pasted::commands(ledger, &invitation.person),
        until: Moment::of(invitation.expires),
        key: invitation.answer.as_ref().map(|answer| answer.proof.possession.key.short()),
        countersigners: countersigners(scene),
    }
}

/// An invitation as its inviter sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnInvitation {
    /// What its forms call it.
    pub(crate) id: String,
    /// Who is invited.
    pub(crate) name: String,
    /// Into what.
    pub(crate) facts: Vec<(&'static str, String)>,
    /// Until when it can be answered.
    pub(crate) until: Moment,
    /// The key it was answered with, and when.
    pub(crate) answer: Option<(String, Moment)>,
    /// The draft that was opened with it.
    pub(crate) change: Option<String>,
    /// The command line that asks for the change with the proof; where this console holds no key of theirs.
    pub(crate) command: Option<String>,
}

fn command(invitation: &Invitation, name: &str, dir: &str) -> Option<String> {
    let proof = &invitation.answer.as_ref()?.proof;
    let json = shell_word(&serde_json::to_string(proof).ok()?);
    let file = format!("{}.proof", proof.possession.key.short());
    let asks = match &invitation.into {
        InvitedTo::Key => format!("person key add {}", invitation.person),
        InvitedTo::Roster { roles, tenants, .. } => {
            let roles = roles.iter().map(|role| format!(" --role {}", role.word()));
            let tenants = tenants.iter().flatten().map(|tenant| format!(" --tenant {tenant}"));
            format!("person add {}{}", shell_word(name), roles.chain(tenants).collect::<String>())
        }
    };
    Some(format!(
        "printf '%s\\n' {json} > {file} && countersign {asks} --possession {file} --reason WHY --key KEY --dir {dir}"
    ))
}

/// As its inviter sees it.
pub(crate) fn own(scene: &Scene, invitation: &Invitation, dir: &str) -> OwnInvitation {
    let (name, facts) = into(scene, invitation);
    let answer = invitation.answer.as_ref();
    OwnInvitation {
        id: invitation.id.to_string(),
        facts,
        until: Moment::of(invitation.expires),
        answer: answer.map(|answer| (answer.proof.possession.key.short(), Moment::of(answer.at))),
        change: invitation.change.as_ref().map(link::change),
        command: command(invitation, &name, dir),
        name,
    }
}
