//! `person`: who is on the roster.

use super::{ListArgs, Who};
use crate::when::Future;
use clap::{Args, Subcommand};
use model::Role;
use std::path::PathBuf;

/// `person`.
#[derive(Debug, Subcommand)]
pub enum PersonCommand {
    /// List them: name, roles, the tenants they may see, keys, deputies.
    Ls(ListArgs),
    /// Print the whole roster in force, as JSON: what `change new --kind roster-change --document FILE` replaces.
    Roster,
    /// Print an invitation for a colleague, who answers it with `key prove`.
    Invite {
        /// Their name.
        name: String,
        /// A role they shall have; may be given several times.
        #[arg(long = "role", required = true)]
        roles: Vec<Role>,
    },
    /// Ask for a roster on which somebody is.
    Add {
        /// Their name.
        name: String,
        /// A role they shall have; may be given several times.
        #[arg(long = "role", required = true)]
        roles: Vec<Role>,
        /// A tenant they may see: a name, or an id (default: all).
        #[arg(long = "tenant")]
        tenants: Vec<String>,
        /// Their proof that they hold their key, from `key prove`.
        #[arg(long, value_name = "FILE")]
        possession: PathBuf,
        #[command(flatten)]
        asking: Asking,
    },
    /// Ask for a roster on which somebody is not any more.
    Remove {
        /// Who: a name, or an id.
        person: String,
        #[command(flatten)]
        asking: Asking,
    },
    /// Give and take roles.
    Role {
        /// What to do.
        #[command(subcommand)]
        role: RoleCommand,
    },
    /// Add and remove keys.
    Key {
        /// What to do.
        #[command(subcommand)]
        key: PersonKeyCommand,
    },
    /// Suspend a key, at once: your own, or another's together with a second person.
    Suspend {
        /// Whose key: a name, or an id.
        person: String,
        /// Which key (default: the only one): the beginning of its id, as `person ls` prints it.
        #[arg(long, value_name = "ID")]
        of_key: Option<String>,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
        #[command(flatten)]
        who: Who,
    },
    /// Deputies: who may approve for whom, and until when.
    Deputy {
        /// What to do.
        #[command(subcommand)]
        deputy: DeputyCommand,
    },
}

/// `person role`.
#[derive(Debug, Subcommand)]
pub enum RoleCommand {
    /// Ask for a roster that gives a role.
    Add {
        /// Who: a name, or an id.
        person: String,
        /// The role.
        role: Role,
        #[command(flatten)]
        asking: Asking,
    },
    /// Ask for a roster that takes a role.
    Remove {
        /// Who: a name, or an id.
        person: String,
        /// The role.
        role: Role,
        #[command(flatten)]
        asking: Asking,
    },
}

/// `person key`.
#[derive(Debug, Subcommand)]
pub enum PersonKeyCommand {
    /// Ask for a roster that lists one more key.
    Add {
        /// Whose: a name, or an id.
        person: String,
        /// The proof that they hold it, from `key prove --person`.
        #[arg(long, value_name = "FILE")]
        possession: PathBuf,
        #[command(flatten)]
        asking: Asking,
    },
    /// Ask for a roster without a key; it never returns.
    Remove {
        /// Whose: a name, or an id.
        person: String,
        /// The beginning of its id, as `person ls` prints it.
        id: String,
        #[command(flatten)]
        asking: Asking,
    },
}

/// `person deputy`.
#[derive(Debug, Subcommand)]
pub enum DeputyCommand {
    /// Ask for a roster on which somebody may approve for another.
    Add {
        /// For whom: a name, or an id.
        person: String,
        /// Who may: a name, or an id.
        deputy: String,
        /// From when on (default: now).
        #[arg(long, value_name = "TIME")]
        from: Option<Future>,
        /// Until when: `2w`, `2026-03-22`.
        #[arg(long, value_name = "TIME")]
        until: Future,
        #[command(flatten)]
        asking: Asking,
    },
    /// Ask for a roster on which they may not any more.
    Remove {
        /// For whom: a name, or an id.
        person: String,
        /// Who may not any more: a name, or an id.
        deputy: String,
        #[command(flatten)]
        asking: Asking,
    },
}

/// Who asks for a governed change, and why.
#[derive(Debug, Args)]
pub struct Asking {
    /// A line that says what it is.
    #[arg(long)]
    pub title: Option<String>,
    /// Why.
    #[arg(long)]
    pub reason: Option<String>,
    #[command(flatten)]
    pub who: Who,
}
