//! The pure core: what is decided, from nothing but the state and the command.
//!
//! [`decide`] maps (state, now, command) to a verdict and effects; [`apply`] folds the leaf that
//! records them into the state. Every service, the console and a stranger's verifier run the same
//! two functions over the same leaves ([`Replayer`]), so none of them has to believe the server.

// The worlds of the tests name this crate; what a test has registered is seen by its own build alone.
#[cfg(test)]
extern crate self as control;
#[cfg(test)]
#[allow(dead_code, unused_imports, clippy::unwrap_used, missing_docs, reason = "what the tests below have no use for")]
#[path = "../tests/it/world/mod.rs"]
mod world;

mod action;
mod ahead;
mod apply;
mod asked;
mod authority;
mod blobs;
mod body;
mod brake;
mod change;
mod closed;
mod command;
mod config;
mod decide;
mod decided;
mod due;
mod effect;
mod event;
mod executor;
mod explain;
mod grant;
mod granted;
mod guard;
mod in_the_way;
mod inadmissible;
mod keep;
mod kind;
mod leaf;
mod log_key;
mod named;
mod over_quota;
mod package;
mod past;
mod plan;
mod planning;
mod principal;
mod reach;
mod read_scope;
mod record;
mod refusal;
mod replay;
mod retention;
mod row;
mod rules;
mod settings;
mod state;
mod subject;
mod unsound;
mod verb;
mod viewer;
mod waits;
mod warrant;

pub use action::{
    Action, EngineAction, IntegrationAction, Kept, NodeAction, Placing, PlatformAction, StepWords, Switch,
};
pub use ahead::Signatures;
pub use apply::apply;
pub use asked::Asked;
pub use authority::{Unauthentic, check_authority};
pub use blobs::{Blobs, GOVERNING};
pub use body::Body;
pub use brake::{BRAKE_STATEMENTS_MAX, Brake, NotBrake, braked, check_brake};
pub use change::{Approval, Attached, Change, Intent, Observed, Revoked, Run, Scheduled, StepState, Trouble};
pub use closed::{Closed, ClosedStep};
pub use command::{ClockAct, Command, Login, SessionCommand, references};
pub use config::{Config, Merged, SecretValue, Value, is_host, is_value};
pub use decide::{decide, decide_under};
pub use decided::Decided;
pub use due::{Awaited, DueObservation, DueStep, awaited, due_certificates, due_observations, due_starts, due_steps};
pub use effect::{Effect, EngineEvent, GrantEvent, RosterEvent};
pub use event::{About, ChangeEvent, EventName, Flagged, Party, StepEvent};
pub use executor::Executor;
pub use explain::{Explanation, SlotView, blocked, explain, who_may};
pub use grant::{Cap, Grant, Price, Quota, Terms, UsedUp};
pub use granted::{CapAt, cap_at, due_ends, enforcers, next_end, quota_at};
pub use guard::{Check, GUARDS, Guard, Guards, OBSERVATION_MAX_MS, Opening, Signing, StatementContext};
pub use in_the_way::in_the_way;
pub use inadmissible::Inadmissible;
pub use keep::{KeepRule, NeededFor};
pub use kind::{
    Answer, Answers, Case, Detail, Field, Foreseen, FormError, Governs, Input, Item, Kind, KindTable, OnStack,
    Presence, Replaces, Review, ReviewWhen, Slot, UNCHECKED_AFTER_MS, Way, Words, fits, foreseen, governs,
    kind_replacing, kinds_on_stack, lease_kind, override_kind, part_ready, quota_kind, requirement, roles_title,
    roster_body, secrets_named,
};
pub use leaf::{LEAF_MAX_BYTES, LEAF_PREFIX, Leaf, LeafError, Verdict};
pub use log_key::{log_keys, trusted_log_keys};
pub use named::{Committed, Named, named, opens};
pub use over_quota::{over_quota, quota_left, serves, used_of};
pub use package::{Package, Window, package_references};
pub use past::{PastWord, PastWords};
pub use plan::{EngineFact, Fact, Needs, Plan, Step};
pub use planning::plan;
pub use principal::Principal;
pub use reach::{can_fill, reaches};
pub use read_scope::{ReadScope, concerns, visible};
pub use record::{EndedChanges, NoRecord};
pub use refusal::{Allowed, MissingVariable, NoLease, OverLimit, QuotaLimit, Refusal};
pub use replay::{Broken, Replayer};
pub use retention::{AuditRule, BillingRule, ClosingStatement, DataEnd, DataRule, ExportFormat, ExportRule, Retention};
pub use row::{Actor, Fragment, Row, actor, counted_words, restart_words, rows};
pub use rules::{RULES_MAX, knows as knows_rules};
pub use settings::{Document, Envelope, Setting, TenantTerm, TenantTerms};
pub use state::{
    Certified, Content, Engine, HOSTS_MAX, Published, Regressed, Rehearsed, Restarted, Session, SharedMap, Since,
    State, Tenant, Waiting, Whose, side_ports,
};
pub use subject::{Lock, Subject};
pub use unsound::Unsound;
pub use verb::{Covers, Object, Speaker, VERBS, VerbRow, verb_row};
pub use viewer::Viewer;
pub use waits::waiting_of;
pub use warrant::{Standing, Used, Warrant, Warranted};
