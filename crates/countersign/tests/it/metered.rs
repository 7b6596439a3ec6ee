//! AI leases at a real Platform Services: killed again and again with 64 callers at it, and lied to.

mod callers;
mod caps;
mod checks;
mod killed;
mod lies;
mod stage;
