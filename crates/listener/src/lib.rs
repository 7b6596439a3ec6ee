//! The accept loop of every HTTP/1.1 listener: places for connections, a share for each peer, deadlines, and an
//! orderly end.
//!
//! A connection is *waiting* while none of its requests is in progress: idle, or in the middle of a head. Whoever
//! waits never keeps anybody out: when places are short, the connection that has waited longest is closed for the
//! new one, of the same peer first when that peer has its whole share. So half-sent requests, however many, cost
//! other visitors nothing.

mod limits;
mod places;
mod request;
mod serve;
mod stream;

pub use limits::Limits;
pub use serve::serve;
