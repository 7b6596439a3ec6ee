//! What can go wrong in a storefront.

use std::{net::SocketAddr, path::PathBuf};

/// Why the shop does not start, or could not answer.
#[derive(Debug, thiserror::Error)]
pub enum StorefrontError {
    /// A file of the release or of the data directory cannot be used.
    #[error("`{}`: {source}", path.display())]
    Io {
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A file is readable and not what it should be.
    #[error("`{}` is not usable: {what}; correct it and start again", path.display())]
    Content {
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The environment names a theme or an artifact in half, or not as it is written.
    #[error("`{name}` {what}; start the shop through Engine Runtime, or set the variable")]
    Environment {
        name: &'static str,
        /// What is wrong.
        what: &'static str,
    },
    /// What is to be worn is no theme.
    #[error("the theme in `{}` is not worn: {faults}", dir.display())]
    Theme {
        dir: PathBuf,
        /// Each fault with its file and place.
        #[source]
        faults: theme::Faults,
    },
    /// The port is taken or not allowed.
    #[error("cannot listen on {listen}: {source}; stop what uses the port or choose another")]
    Listen {
        listen: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The listener failed.
    #[error("serving failed: {0}")]
    Serve(#[source] std::io::Error),
    /// The system gave no random bytes.
    #[error("no random bytes for a new cart: {0}")]
    Random(getrandom::Error),
    /// The cart holds as much as a cart may hold.
    #[error("a cart holds at most {0}; remove something first")]
    CartFull(&'static str),
    /// The shop keeps as many carts as it may keep.
    #[error("this shop keeps at most {0} carts; try again later")]
    TooManyCarts(usize),
}
