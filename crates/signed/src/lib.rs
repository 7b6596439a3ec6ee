//! What people and services sign, and how anyone checks it. Pure: bytes in, verdict out.
//!
//! A *statement* is a person's signed word, a *receipt* a service's. Both are canonical objects
//! bound to one ledger by its genesis digest, so that what was signed for another ledger, or for
//! a copy of this one that went its own way, is worth nothing here.

mod act;
mod ask;
mod console_ask;
mod console_sign_in;
mod error;
mod genesis;
mod login;
mod part;
mod possession;
mod receipt;
mod roster;
mod service_ask;
pub mod ssh;
mod statement;
mod trust;

pub use act::{Act, Binding, EngineProfile, Reconciled, Verb};
pub use console_ask::{CONSOLE_ASK, ConsoleAsk};
pub use console_sign_in::ConsoleSignIn;
pub use error::SignedError;
pub use genesis::{FirstSetting, FounderSignature, Genesis};
pub use login::{ConsoleLogin, LoginRequest};
pub use part::{BODY_MAX_BYTES, ONE_LINE, Opening, PARTS_MAX, Part, PartBody, REASON, commit, event_command};
pub use possession::{Challenge, KeyProof, LogKeyChallenge, Possession};
pub use receipt::{
    Certificate, Counted, JournalHead, Observation, Outcome, Placed, Receipt, Report, Served, ServiceKey, StepRef,
    step_key,
};
pub use roster::{Deputy, Machine, NodeEntry, Person, PersonKey, Roster, ServiceEntry, log_key_id};
pub use service_ask::{SERVICE_ASK, ServiceAsk};
pub use statement::{NOT_AFTER_MAX_MS, Seen, Statement};
pub use trust::Trust;
