//! What is checked before anything stands before the writer: pure functions of what was sent.

mod ack;
mod events;
mod login;
mod openings;
mod package;
mod registration;
mod submission;

pub(crate) use ack::{AckQuery, ack};
pub(crate) use events::{CheckedEvent, event, events};
pub(crate) use login::login;
pub(crate) use openings::{openings, subjects};
pub(crate) use registration::{registers, registration};
pub(crate) use submission::{Checked, submission};
