//! The one typed client: console, CLI, services and tests speak to the services through it. Its bodies are
//! [`wire`]'s.

mod body;
mod brake;
mod console;
mod engine;
mod entry_query;
mod error;
mod governance;
mod http;
mod once_known;
mod platform;
mod random;
mod shell;
mod signer;

pub use brake::BrakeClient;
pub use console::{Challenge, ChallengeAnswer, ChallengeRequest, ConsoleClient, ONCE_PATH, OneTimeUrl};
pub use engine::VaultClient;
pub use entry_query::{EntryQuery, percent_encoded};
pub use error::{Asked, ClientError};
pub use governance::GovernanceClient;
pub use http::{Http, HttpOptions, VIEWER_HEADER};
pub use once_known::once_known;
pub use platform::PlatformClient;
pub use random::{random_bytes, random_command, random_nonce, random_opening, random_token};
pub use shell::shell_word;
pub use signer::{NewCredential, Signer, StatementDraft, console_login, parts};
