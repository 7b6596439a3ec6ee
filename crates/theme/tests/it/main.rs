//! What is a theme and what is not.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod assets;
mod attacks;
mod honest;
mod limits;
mod made;
mod never_panics;
mod packed;
