//! `person …`: who is on the roster. Each change of it is a governed change.

use super::{Context, asking, listing, who};
use crate::cli::{Asking, DeputyCommand, ListArgs, PersonCommand, PersonKeyCommand, RoleCommand};
use crate::clock;
use crate::document_file;
use crate::error::CliError;
use crate::find::Book;
use crate::given::content;
use crate::output;
use desk::{Desk, RosterDraft, RosterOrder};
use model::{Digest, PersonId, Role};
use serde::{Deserialize, Serialize};
use serde_json::json;
use signed::{Deputy, KeyProof, Person, PersonKey};
use std::path::Path;

/// What a colleague is given: they answer it with a proof that they hold a key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invitation {
    /// The ledger, by the digest of its genesis.
    pub ledger: Digest,
    /// Who they will be.
    pub person: PersonId,
    pub name: String,
    /// Roles they shall have.
    pub roles: Vec<Role>,
}

pub async fn run(context: &Context, command: PersonCommand) -> Result<(), CliError> {
    match command {
        PersonCommand::Ls(args) => list(context, args).await,
        PersonCommand::Roster => {
            // A document is what a program reads: it is JSON either way.
            output::json(&who::copy(context).await?.said().state.roster);
            Ok(())
        }
        PersonCommand::Invite { name, roles } => invite(context, name, roles),
        PersonCommand::Add { name, roles, tenants, possession, asking } => {
            let (desk, book) = at(context, &asking).await?;
            let proof = proof(&possession, &book.state.ledger)?;
            let tenants: Vec<_> = tenants.iter().map(|text| book.tenant(text)).collect::<Result<_, _>>()?;
            let tenants = Some(tenants).filter(|tenants| !tenants.is_empty());
            let mut next = RosterOrder::of(&book.state.roster);
            let (person, openssh) = (proof.person, proof.openssh);
            next.join(RosterDraft { person, name, roles, tenants, openssh }, proof.possession)?;
            asking::roster(context, &desk, &asking, next).await
        }
        PersonCommand::Remove { person, asking } => {
            edit(context, &asking, &person, |next, person, _| Ok(next.leave(person)?)).await
        }
        PersonCommand::Role { role } => match role {
            RoleCommand::Add { person, role, asking } => {
                edit(context, &asking, &person, |next, person, _| Ok(next.give(person, role)?)).await
            }
            RoleCommand::Remove { person, role, asking } => {
                edit(context, &asking, &person, |next, person, _| Ok(next.take(person, role)?)).await
            }
        },
        PersonCommand::Key { key } => keys(context, key).await,
        PersonCommand::Suspend { person, of_key, reason, who } => {
            let desk = who::desk(context, &who).await?;
            let book = who::book(&desk).await?;
            let person = book.person(&person)?;
            let key = book.key(&person, of_key.as_deref())?;
            suspend(context, &desk, (person, key), reason.as_deref()).await
        }
        PersonCommand::Deputy { deputy } => deputies(context, deputy).await,
    }
}

async fn at(context: &Context, asking: &Asking) -> Result<(Desk, Book), CliError> {
    let desk = who::desk(context, &asking.who).await?;
    let book = who::book(&desk).await?;
    Ok((desk, book))
}

/// Asks for the roster in force with one entry edited.
async fn edit(
    context: &Context,
    asking: &Asking,
    person: &str,
    edit: impl FnOnce(&mut RosterOrder, &PersonId, &Book) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let (desk, book) = at(context, asking).await?;
    let person = book.person(person)?;
    let mut next = RosterOrder::of(&book.state.roster);
    edit(&mut next, &person, &book)?;
    asking::roster(context, &desk, asking, next).await
}

fn invite(context: &Context, name: String, roles: Vec<Role>) -> Result<(), CliError> {
    let ledger = context.home.trust(None)?.genesis;
    // It is a file for somebody else, so it is JSON either way.
    output::json(&Invitation { ledger, person: PersonId(client::random_bytes()), name, roles });
    if !context.json {
        output::note(&"they answer it with: countersign key prove --invitation FILE --key THEIR_KEY");
    }
    Ok(())
}

/// A proof from a file, checked before anything is signed.
pub fn proof(path: &Path, ledger: &Digest) -> Result<KeyProof, CliError> {
    let proof: KeyProof = document_file::json(path, "what `countersign key prove …` printed")?;
    if proof.ledger != *ledger {
        return Err(content(path, "it is for another ledger than this one", "ask for a proof for this one"));
    }
    let broken = |error| content(path, format!("the proof does not hold ({error})"), "ask for another");
    proof.verify().map_err(broken)?;
    Ok(proof)
}

async fn keys(context: &Context, command: PersonKeyCommand) -> Result<(), CliError> {
    match command {
        PersonKeyCommand::Add { person, possession, asking } => {
            let add = |next: &mut RosterOrder, person: &PersonId, book: &Book| {
                let proof = proof(&possession, &book.state.ledger)?;
                if proof.person != *person {
                    let next = "they prove it with `countersign key prove --person ID …`";
                    return Err(content(&possession, "it is for another person", next));
                }
                Ok(next.add_key(person, &proof.openssh, proof.possession)?)
            };
            edit(context, &asking, &person, add).await
        }
        PersonKeyCommand::Remove { person, id, asking } => {
            let remove = |next: &mut RosterOrder, person: &PersonId, book: &Book| {
                let key = book.key(person, Some(&id))?;
                Ok(next.remove_key(person, &key)?)
            };
            edit(context, &asking, &person, remove).await
        }
    }
}

async fn deputies(context: &Context, command: DeputyCommand) -> Result<(), CliError> {
    match command {
        DeputyCommand::Add { person, deputy, from, until, asking } => {
            let add = |next: &mut RosterOrder, of: &PersonId, book: &Book| {
                let person = book.person(&deputy)?;
                let from = from.map_or_else(clock::now, |from| from.0);
                Ok(next.add_deputy(of, Deputy { person, from, until: until.0 })?)
            };
            edit(context, &asking, &person, add).await
        }
        DeputyCommand::Remove { person, deputy, asking } => {
            let remove = |next: &mut RosterOrder, of: &PersonId, book: &Book| {
                Ok(next.remove_deputy(of, &book.person(&deputy)?)?)
            };
            edit(context, &asking, &person, remove).await
        }
    }
}

/// Suspends the key of a person or of a machine identity, or asks for it.
pub async fn suspend(
    context: &Context,
    desk: &Desk,
    (holder, key): (PersonId, Digest),
    reason: Option<&str>,
) -> Result<(), CliError> {
    let index = desk.suspend(holder, key, reason).await?;
    suspended(context, desk, &key, index);
    Ok(())
}

fn suspended(context: &Context, desk: &Desk, key: &Digest, index: u64) {
    let done = !desk.follower().state().since.key_is_active(key);
    if context.json {
        output::json(&json!({"key": key, "suspended": done, "entry": index}));
    } else if done {
        crate::print_line!(
            "suspended the key {}; only a roster change brings its holder another\nentry {index}",
            key.short()
        );
    } else {
        crate::print_line!("asked to suspend the key {}; a second person says the same\nentry {index}", key.short());
    }
}

async fn list(context: &Context, args: ListArgs) -> Result<(), CliError> {
    let book = who::listed(context).await?;
    let (state, names) = (&book.state, &book.names);
    let active = |key: &PersonKey| state.since.key_is_active(&key.id);
    let as_json = |person: &Person| {
        let key = |key: &PersonKey| json!({"id": key.id, "active": active(key)});
        let keys: Vec<_> = person.keys.iter().map(key).collect();
        json!({
            "id": person.id, "name": names.person(&person.id), "roles": person.roles, "tenants": person.tenants,
            "keys": keys, "deputies": person.deputies,
        })
    };
    let key = |key: &PersonKey| format!("{}{}", key.id.short(), if active(key) { "" } else { " (suspended)" });
    let sees = |person: &Person| match &person.tenants {
        None => "every tenant".to_owned(),
        Some(tenants) => tenants.iter().map(|tenant| names.tenant(tenant)).collect::<Vec<_>>().join(", "),
    };
    let deputy = |deputy: &Deputy| format!("{} until {}", names.person(&deputy.person), deputy.until);
    listing::print(
        context,
        args,
        state.roster.people.clone(),
        as_json,
        &[
            ("PERSON", &|person| names.person(&person.id)),
            ("ROLES", &|person| person.roles.iter().map(|role| role.word()).collect::<Vec<_>>().join(", ")),
            ("SEES", &sees),
            ("KEYS", &|person| person.keys.iter().map(key).collect::<Vec<_>>().join(", ")),
            ("DEPUTIES", &|person| person.deputies.iter().map(deputy).collect::<Vec<_>>().join(", ")),
            ("ID", &|person| person.id.short()),
        ],
    );
    Ok(())
}
