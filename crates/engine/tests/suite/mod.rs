pub mod life;
pub mod place;
pub mod service;
pub mod watch;
