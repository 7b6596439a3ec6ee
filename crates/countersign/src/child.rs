//! What `serve` starts: the five services, and the console beside them.

use model::Service;
use std::fmt;
use std::str::FromStr;

/// One child of the supervisor. The console is no source and no executor, so it is no [`Service`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Child {
    Service(Service),
    Console,
}

const CONSOLE: &str = "console";

impl Child {
    /// Every child, in the order they are started.
    pub fn all() -> impl Iterator<Item = Self> {
        Service::ALL.iter().copied().map(Self::Service).chain([Self::Console])
    }

    /// As a person reads it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Service(service) => service.title(),
            Self::Console => "Console",
        }
    }
}

impl fmt::Display for Child {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(service) => service.fmt(f),
            Self::Console => f.pad(CONSOLE),
        }
    }
}

impl FromStr for Child {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == CONSOLE {
            return Ok(Self::Console);
        }
        text.parse().map(Self::Service).map_err(|error: model::UnknownWord| format!("{error}, {CONSOLE}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_child_is_known_by_its_word() {
        for child in Child::all() {
            assert_eq!(child.to_string().parse(), Ok(child));
        }
        assert_eq!(Child::all().count(), Service::ALL.len() + 1);
        assert!("shop".parse::<Child>().unwrap_err().ends_with(", console"));
    }
}
