//! The five services: the sources of the page and the executors of a plan.

use crate::words::{UnknownWord, words};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

words! {
    /// One of the five services, each its own process, key and trust domain.
    Service {
        Governance = "governance", "Governance";
        Platform = "platform", "Platform Services";
        Node = "node", "Node Runtime";
        Engine = "engine", "Engine Runtime";
        Integration = "integration", "Integration Control";
    }
}

impl Service {
    /// The port it listens on by default (loopback).
    pub fn port(self) -> u16 {
        match self {
            Self::Governance => 8080,
            Self::Platform => 8090,
            Self::Node => 8082,
            Self::Engine => 8083,
            Self::Integration => 8084,
        }
    }
}
