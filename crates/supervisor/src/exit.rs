//! How a child ended.

use model::Instant;
use serde::{Deserialize, Serialize};
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

/// sysexits(3) `EX_CONFIG`: the child will not start as things are. It has written the cause, and
/// starting it again would only say the same.
pub const EX_CONFIG: i32 = 78;

/// The last end of a child.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastExit {
    /// `exit code N`, `signal N`, or why it could not be started.
    pub how: String,
    pub at: Instant,
    /// The last lines it wrote, oldest first; at most five.
    pub last_lines: Vec<String>,
}

pub(crate) fn words(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "unknown".to_owned(),
    }
}
