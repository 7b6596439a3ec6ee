//! `machine …`: pipelines and agents on the roster. Each change of it is a governed change.

use super::person::{Invitation, proof, suspend};
use super::{Context, asking, listing, who};
use crate::cli::{ListArgs, MachineCommand};
use crate::error::CliError;
use crate::output;
use desk::RosterOrder;
use model::PersonId;
use serde_json::json;
use signed::Machine;

pub async fn run(context: &Context, command: MachineCommand) -> Result<(), CliError> {
    match command {
        MachineCommand::Ls(args) => list(context, args).await,
        MachineCommand::Invite { name } => {
            let (ledger, person) = (context.home.trust(None)?.genesis, PersonId(client::random_bytes()));
            output::json(&Invitation { ledger, person, name: name.to_string(), roles: vec![] });
            if !context.json {
                output::note(&"it answers with: countersign key prove --invitation FILE --key ITS_KEY");
            }
            Ok(())
        }
        MachineCommand::Add { name, possession, asking } => {
            let desk = who::desk(context, &asking.who).await?;
            let roster = desk.follower().state().roster.clone();
            let proof = proof(&possession, &desk.follower().state().ledger)?;
            let mut next = RosterOrder::of(&roster);
            next.join_machine(proof.person, name, &proof.openssh, proof.possession)?;
            asking::roster(context, &desk, &asking, next).await
        }
        MachineCommand::Remove { machine, asking } => {
            let desk = who::desk(context, &asking.who).await?;
            let book = who::book(&desk).await?;
            let mut next = RosterOrder::of(&book.state.roster);
            next.leave_machine(&book.machine(&machine)?)?;
            asking::roster(context, &desk, &asking, next).await
        }
        MachineCommand::Suspend { machine, reason, who } => {
            let desk = who::desk(context, &who).await?;
            let (machine, key) = who::book(&desk).await?.machine_key(&machine)?;
            suspend(context, &desk, (machine, key), reason.as_deref()).await
        }
    }
}

async fn list(context: &Context, args: ListArgs) -> Result<(), CliError> {
    let state = who::copy(context).await?.said().state;
    let active = |machine: &Machine| state.since.key_is_active(&machine.key.id);
    let as_json = |machine: &Machine| {
        let key = json!({"id": machine.key.id, "active": active(machine)});
        json!({"id": machine.id, "name": machine.name, "key": key})
    };
    let suspended = |machine: &Machine| if active(machine) { "" } else { " (suspended)" };
    listing::print(
        context,
        args,
        state.roster.machines.clone(),
        as_json,
        &[
            ("MACHINE", &|machine| machine.name.to_string()),
            ("KEY", &|machine| format!("{}{}", machine.key.id.short(), suspended(machine))),
            ("ID", &|machine| machine.id.short()),
        ],
    );
    Ok(())
}
