//! What is wrong with a package, or with a directory that was to be one: it is whoever made it who mends it.

use super::exit::{EXIT_OTHER, EXIT_REFUSED, EXIT_USAGE};
use super::theirs;
use artifact::ArtifactError;

/// What to do where something is no package as `artifact pack` writes it.
const PACK: &str = "pack the directory that it was made from: `countersign artifact pack DIR`";

/// Exit code of it.
pub fn exit_code(error: &ArtifactError) -> u8 {
    match error {
        ArtifactError::Io { source, .. } if !theirs::is_theirs(source) => EXIT_OTHER,
        ArtifactError::NoProgram(_) | ArtifactError::Unknown(_) => EXIT_REFUSED,
        _ => EXIT_USAGE,
    }
}

/// The same in words: its code, what is wrong, and what to do next.
pub fn told(error: &ArtifactError) -> (&'static str, String, String) {
    let said = error.to_string();
    match error {
        ArtifactError::Io { source, .. } if theirs::is_theirs(source) => {
            (theirs::UNREADABLE, said, theirs::next(source).to_owned())
        }
        ArtifactError::Io { .. } => ("other", said, "the message has the cause".to_owned()),
        ArtifactError::Kind(_)
        | ArtifactError::Canon(_)
        | ArtifactError::Archive(_)
        | ArtifactError::Manifest(_)
        | ArtifactError::Extra(_)
        | ArtifactError::Duplicate(_)
        | ArtifactError::Missing(_)
        | ArtifactError::Changed { .. } => ("package.unfit", error.damage(), PACK.to_owned()),
        // What is wrong, and what to do.
        ArtifactError::Path { .. }
        | ArtifactError::Link { .. }
        | ArtifactError::Limit(_)
        | ArtifactError::Identity { .. }
        | ArtifactError::NoProgram(_)
        | ArtifactError::Unknown(_) => {
            let (message, next) = said.rsplit_once("; ").unwrap_or((said.as_str(), PACK));
            ("package.unfit", message.to_owned(), next.to_owned())
        }
    }
}
